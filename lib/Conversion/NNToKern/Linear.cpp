//===----------------------------------------------------------------------===//
// Products as kern ops.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Convolution.h"

#include "dialects/NN/IR/NNConstants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::nnc;

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// The tensor with leading axes of size 1 put before it.
static Value expandRank(OpBuilder &builder, Location loc, Value tensor,
                        int64_t rank) {
  RankedTensorType type = typeOf(tensor);
  int64_t added = rank - type.getRank();
  if (added <= 0)
    return tensor;
  SmallVector<int64_t> shape(added, 1);
  llvm::append_range(shape, type.getShape());
  SmallVector<ReassociationIndices> groups(type.getRank());
  for (int64_t axis = 0; axis < rank; ++axis)
    groups[std::max<int64_t>(axis - added, 0)].push_back(axis);
  return tensor::ExpandShapeOp::create(
      builder, loc, RankedTensorType::get(shape, type.getElementType()), tensor,
      groups);
}

namespace {
struct ConvertMatMul : OpRewritePattern<nn::MatMulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::MatMulOp op,
                                PatternRewriter &rewriter) const override {
    if (!op->getParentOfType<nn::KernelOp>())
      return rewriter.notifyMatchFailure(op, "is not in a kernel");
    int64_t lhsRank = typeOf(op.getLhs()).getRank(),
            rhsRank = typeOf(op.getRhs()).getRank();
    if (lhsRank < 2 || rhsRank < 2)
      return rewriter.notifyMatchFailure(op, "is a product with a vector");
    RankedTensorType type = op.getType();
    Type sumType = getSumType(type.getElementType());
    if (!sumType)
      return rewriter.notifyMatchFailure(op, "has no vector code for its type");
    Value destination = createDestination(rewriter, op);
    if (!destination)
      return rewriter.notifyMatchFailure(op, "has a shape that is not known");
    // A matrix for all batches makes rows of their axes.
    int64_t batch = rhsRank == 2 ? 0 : type.getRank() - 2;
    Value lhs = op.getLhs(), rhs = op.getRhs();
    if (batch) {
      lhs = expandRank(rewriter, op.getLoc(), lhs, type.getRank());
      rhs = expandRank(rewriter, op.getLoc(), rhs, type.getRank());
    }
    auto gemm = kern::GemmOp::create(
        rewriter, op.getLoc(), TypeRange(type), lhs, rhs, ValueRange(),
        destination, kern::RhsLayout::Rows, batch, rewriter.getArrayAttr({}),
        hw::TilingAttr());
    buildPlainEpilogue(rewriter, op.getLoc(), gemm.getEpilogue(), sumType,
                       type.getElementType());
    rewriter.replaceOp(op, gemm);
    return success();
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

Value mlir::nnc::findConstant(Value value, nn::KernelOp kernel) {
  if (auto argument = dyn_cast<BlockArgument>(value))
    if (argument.getOwner() == &kernel.getBody().front())
      value = kernel.getInputs()[argument.getArgNumber()];
  bool isConstant = value.getDefiningOp<nn::WeightOp>() ||
                    value.getDefiningOp<nn::ConstantOp>();
  return isConstant ? value : Value();
}

Value mlir::nnc::createKernelInput(PatternRewriter &rewriter,
                                   nn::KernelOp kernel,
                                   const nncio::Tensor &tensor) {
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(kernel);
  Value constant =
      nn::ConstantOp::create(rewriter, kernel.getLoc(),
                             nn::toAttribute(rewriter.getContext(), tensor));
  Block &body = kernel.getBody().front();
  rewriter.modifyOpInPlace(kernel,
                           [&] { kernel.getInputsMutable().append(constant); });
  return body.addArgument(constant.getType(), kernel.getLoc());
}

FailureOr<ConvAttrs> mlir::nnc::getConvAttrs(OpBuilder &builder, Location loc,
                                             const nn::ConvolutionView &conv) {
  DimBuilder dims(builder, loc);
  SmallVector<nn::WindowAxis> axes;
  if (failed(nn::resolveConvolution(conv, dims, axes)))
    return failure();
  ConvAttrs attrs;
  SmallVector<int64_t> after;
  for (const nn::WindowAxis &axis : axes) {
    std::optional<int64_t> kernel = axis.kernel.getConstant(),
                           before = axis.padBegin.getConstant(),
                           end = axis.padEnd.getConstant();
    if (!kernel || !before || !end)
      return failure();
    attrs.kernel.push_back(*kernel);
    attrs.pads.push_back(*before);
    after.push_back(*end);
  }
  llvm::append_range(attrs.pads, after);
  return attrs;
}

namespace {
struct ConvertConv : OpRewritePattern<nn::ConvOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::ConvOp op,
                                PatternRewriter &rewriter) const override {
    auto kernel = op->getParentOfType<nn::KernelOp>();
    if (!kernel || !op.getChannelsLast())
      return rewriter.notifyMatchFailure(op, "has no channels last");
    RankedTensorType type = op.getType(), filter = typeOf(op.getFilter());
    Type sumType = getSumType(type.getElementType());
    if (!sumType || !filter.hasStaticShape() || filter.getNumElements() == 0 ||
        ShapedType::isDynamic(type.getShape().back()))
      return rewriter.notifyMatchFailure(op, "has no known channels");
    if (!findConstant(op.getFilter(), kernel))
      return rewriter.notifyMatchFailure(op, "has a filter of the run");
    FailureOr<ConvAttrs> attrs = getConvAttrs(
        rewriter, op.getLoc(),
        {op.getInput(), op.getFilter(), op.getBias(), int64_t(op.getGroup()),
         nn::WindowAttrs{op.getStrides(), op.getDilations(), op.getPads(),
                         op.getAutoPad(), /*ceilMode=*/false,
                         op.getChannelsLast()}});
    Value destination = createDestination(rewriter, op);
    if (failed(attrs) || !destination)
      return rewriter.notifyMatchFailure(op, "has a padding of the run");
    Value input = createConvInput(rewriter, op);
    Operation *created = createConvolution(rewriter, op, input, *attrs,
                                           destination, isDepthwise(op, input));
    Region &epilogue = created->getRegion(0);
    buildPlainEpilogue(rewriter, op.getLoc(), epilogue, sumType,
                       type.getElementType());
    if (op.getBias())
      addBias(rewriter, cast<kern::EpilogueOpInterface>(created), op.getBias());
    rewriter.replaceOp(op, created);
    return success();
  }

private:
  /// Adds one number a feature, the last axis of the result, to the sums.
  static void addBias(OpBuilder &b, kern::EpilogueOpInterface op, Value bias) {
    OpBuilder::InsertionGuard guard(b);
    int64_t rank = cast<ShapedType>(op.getInit().getType()).getRank();
    op.getExtrasMutable().append(bias);
    op.setExtraMapsAttr(b.getArrayAttr(AffineMapAttr::get(
        AffineMap::get(rank, 0, b.getAffineDimExpr(rank - 1)))));
    Block &body = op.getEpilogue().front();
    Value sum = body.getArgument(0);
    Value element =
        body.addArgument(getElementTypeOrSelf(bias.getType()), bias.getLoc());
    b.setInsertionPointToStart(&body);
    if (element.getType() != sum.getType())
      element = arith::ExtFOp::create(b, op.getLoc(), sum.getType(), element);
    Value biased = arith::AddFOp::create(b, op.getLoc(), sum, element);
    sum.replaceAllUsesExcept(biased, biased.getDefiningOp());
  }
};
} // namespace

void mlir::nnc::populateNNLinearToKernPatterns(RewritePatternSet &patterns) {
  patterns.add<ConvertConv, ConvertMatMul>(patterns.getContext());
}
