//===----------------------------------------------------------------------===//
// Exact products of bytes as kern ops.
//
// With u the unsigned rows, w the signed columns and z the rows' zero point,
//   sum (u - z) w = sum u w - z sum w,
// so the kernel multiplies as the machine does, and the epilogue subtracts a
// number a column, known here but for a zero point of the run.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Convolution.h"

#include "dialects/NN/IR/NNConstants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::nnc;

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// The tensor without a sign: bytes are bytes to a kernel.
static Value dropSign(OpBuilder &b, Value tensor) {
  RankedTensorType type = typeOf(tensor);
  if (type.getElementType().isSignlessInteger())
    return tensor;
  return tensor::BitcastOp::create(b, tensor.getLoc(),
                                   type.clone(b.getI8Type()), tensor);
}

/// Sums of a constant's elements, one for each index of dimension `axis`.
static std::optional<SmallVector<int64_t>> sumColumns(Value constant,
                                                      int64_t axis) {
  nncio::Result<nncio::Tensor> tensor = nn::getConstantTensor(constant);
  if (!tensor)
    return std::nullopt;
  ArrayRef<int64_t> shape = typeOf(constant).getShape();
  int64_t inner = llvm::product_of(shape.drop_front(axis + 1));
  SmallVector<int64_t> sums(shape[axis], 0);
  for (int64_t i = 0; i < tensor->size(); ++i)
    sums[i / inner % shape[axis]] += tensor->getInt(i);
  return sums;
}

namespace {
/// The columns and the rows' zero point of a product.
class ByteOperands {
public:
  /// Of columns along dimension `axis` of `columns`. Fails where they are not
  /// known, have a zero point of their own or the rows have several.
  static std::optional<ByteOperands> match(nn::KernelOp kernel, Value rows,
                                           Value columns, int64_t axis,
                                           Value rowsZero, Value columnsZero) {
    ByteOperands operands;
    operands.kernel = kernel;
    operands.isSigned = typeOf(rows).getElementType().isSignlessInteger();
    Value constant = findConstant(columns, kernel);
    if (!constant || columnsZero ||
        !typeOf(columns).getElementType().isSignlessInteger() ||
        !typeOf(columns).hasStaticShape())
      return std::nullopt;
    operands.zero = rowsZero;
    if (rowsZero && typeOf(rowsZero).getRank() != 0)
      return std::nullopt;
    Value knownZero = rowsZero ? findConstant(rowsZero, kernel) : Value();
    if (knownZero) {
      nncio::Result<nncio::Tensor> number = nn::getConstantTensor(knownZero);
      if (!number)
        return std::nullopt;
      operands.number = number->getInt(0);
    } else if (!rowsZero) {
      operands.number = 0;
    }
    std::optional<SmallVector<int64_t>> sums = sumColumns(constant, axis);
    if (!sums)
      return std::nullopt;
    operands.sums = std::move(*sums);
    return operands;
  }

  /// Completes `op`, a kern op with a plain epilogue.
  template <typename OpTy>
  void apply(PatternRewriter &b, OpTy op) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(op);
    op.setFlips(isSigned);
    bool isPadded = false;
    if constexpr (!std::is_same_v<OpTy, kern::GemmOp>)
      isPadded = llvm::any_of(op.getPads(), [](int64_t pad) { return pad; });
    int64_t rank = cast<ShapedType>(op.getInit().getType()).getRank();
    AffineMap column = AffineMap::get(rank, 0, b.getAffineDimExpr(rank - 1)),
              none = AffineMap::get(rank, 0, b.getContext());
    Block &body = op.getEpilogue().front();
    Location loc = op.getLoc();
    SmallVector<Attribute> maps;
    auto add = [&](Value extra, AffineMap map) {
      op.getExtrasMutable().append(extra);
      maps.push_back(AffineMapAttr::get(map));
      return body.addArgument(getElementTypeOrSelf(extra.getType()), loc);
    };
    int64_t offset = isSigned ? 128 : 0;
    Value columns, runZero;
    if (!number || *number + offset)
      columns = add(createSums(b, number ? *number + offset : 1), column);
    std::optional<int64_t> padding;
    if (!number || (isPadded && *number))
      padding = maps.size();
    if (!number)
      runZero = add(dropSign(b, zero), none);
    else if (padding)
      add(createZero(b), none);
    if constexpr (!std::is_same_v<OpTy, kern::GemmOp>)
      if (isPadded && padding)
        op.setPaddingExtra(*padding);
    op.setExtraMapsAttr(b.getArrayAttr(maps));
    if (!columns)
      return;
    b.setInsertionPointToStart(&body);
    if (runZero)
      columns = multiply(b, loc, columns, runZero, offset);
    Value sum = body.getArgument(0);
    Value exact = arith::SubIOp::create(b, loc, sum, columns);
    sum.replaceAllUsesExcept(exact, exact.getDefiningOp());
  }

private:
  /// The sums of columns times a zero point of the run.
  Value multiply(OpBuilder &b, Location loc, Value columns, Value runZero,
                 int64_t offset) const {
    Type i32 = b.getI32Type();
    Value wide = isSigned ? Value(arith::ExtSIOp::create(b, loc, i32, runZero))
                          : Value(arith::ExtUIOp::create(b, loc, i32, runZero));
    Value more =
        arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(int32_t(offset)));
    wide = arith::AddIOp::create(b, loc, wide, more);
    return arith::MulIOp::create(b, loc, columns, wide);
  }

  Value createSums(PatternRewriter &b, int64_t factor) {
    // Modulo 2^32, as sums are.
    std::vector<int64_t> products;
    for (int64_t sum : sums)
      products.push_back(int32_t(uint32_t(sum) * uint32_t(factor)));
    return createKernelInput(b, kernel,
                             nncio::Tensor::fromInts(nncio::ElementType::I32,
                                                     {int64_t(sums.size())},
                                                     products));
  }

  Value createZero(PatternRewriter &b) {
    return createKernelInput(
        b, kernel,
        nncio::Tensor::fromInts(nncio::ElementType::I8, {},
                                {int64_t(int8_t(*number))}));
  }

  nn::KernelOp kernel;
  bool isSigned = false;
  Value zero;
  /// The zero point, where it is known.
  std::optional<int64_t> number;
  SmallVector<int64_t> sums;
};

struct ConvertMatMulInteger : OpRewritePattern<nn::MatMulIntegerOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::MatMulIntegerOp op,
                                PatternRewriter &rewriter) const override {
    auto kernel = op->getParentOfType<nn::KernelOp>();
    if (!kernel || typeOf(op.getLhs()).getRank() < 2 ||
        typeOf(op.getRhs()).getRank() != 2)
      return rewriter.notifyMatchFailure(op, "is no product with a matrix");
    std::optional<ByteOperands> bytes =
        ByteOperands::match(kernel, op.getLhs(), op.getRhs(), /*axis=*/1,
                            op.getLhsZeroPoint(), op.getRhsZeroPoint());
    if (!bytes)
      return rewriter.notifyMatchFailure(op, "has factors of the run");
    Value destination = createDestination(rewriter, op);
    if (!destination)
      return rewriter.notifyMatchFailure(op, "has a shape that is not known");
    auto gemm = kern::GemmOp::create(
        rewriter, op.getLoc(), TypeRange(op.getType()),
        dropSign(rewriter, op.getLhs()), op.getRhs(), ValueRange(), destination,
        kern::RhsLayout::Rows, 0, rewriter.getArrayAttr({}), hw::TilingAttr());
    Type i32 = rewriter.getI32Type();
    buildPlainEpilogue(rewriter, op.getLoc(), gemm.getEpilogue(), i32, i32);
    bytes->apply(rewriter, gemm);
    rewriter.replaceOp(op, gemm);
    return success();
  }
};

struct ConvertConvInteger : OpRewritePattern<nn::ConvIntegerOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::ConvIntegerOp op,
                                PatternRewriter &rewriter) const override {
    auto kernel = op->getParentOfType<nn::KernelOp>();
    if (!kernel || !op.getChannelsLast())
      return rewriter.notifyMatchFailure(op, "has no channels last");
    RankedTensorType filter = typeOf(op.getFilter());
    if (!filter.hasStaticShape() || filter.getNumElements() == 0 ||
        ShapedType::isDynamic(op.getType().getShape().back()))
      return rewriter.notifyMatchFailure(op, "has no known channels");
    FailureOr<ConvAttrs> attrs = getConvAttrs(
        rewriter, op.getLoc(),
        {op.getInput(), op.getFilter(), /*bias=*/{}, int64_t(op.getGroup()),
         nn::WindowAttrs{op.getStrides(), op.getDilations(), op.getPads(),
                         op.getAutoPad(), /*ceilMode=*/false,
                         op.getChannelsLast()}});
    if (failed(attrs))
      return rewriter.notifyMatchFailure(op, "has a padding of the run");
    std::optional<ByteOperands> bytes =
        ByteOperands::match(kernel, op.getInput(), op.getFilter(), /*axis=*/0,
                            op.getInputZeroPoint(), op.getFilterZeroPoint());
    if (!bytes)
      return rewriter.notifyMatchFailure(op, "has a filter of the run");
    Value destination = createDestination(rewriter, op);
    if (!destination)
      return rewriter.notifyMatchFailure(op, "has a shape that is not known");
    Value input = dropSign(rewriter, createConvInput(rewriter, op));
    // The code of larger windows would be too long.
    constexpr int64_t mostTaps = 64;
    bool depthwise = isDepthwise(op, input) && attrs->kernel.size() <= 2 &&
                     llvm::product_of(attrs->kernel) <= mostTaps;
    Operation *created =
        createConvolution(rewriter, op, input, *attrs, destination, depthwise);
    Type i32 = rewriter.getI32Type();
    buildPlainEpilogue(rewriter, op.getLoc(), created->getRegion(0), i32, i32);
    llvm::TypeSwitch<Operation *>(created)
        .Case<kern::ConvOp, kern::DepthwiseOp, kern::GemmOp>(
            [&](auto kernOp) { bytes->apply(rewriter, kernOp); });
    rewriter.replaceOp(op, created);
    return success();
  }
};
} // namespace

void mlir::nnc::populateNNBytesToKernPatterns(RewritePatternSet &patterns) {
  patterns.add<ConvertConvInteger, ConvertMatMulInteger>(patterns.getContext());
}
