//===----------------------------------------------------------------------===//
// Products as kern ops.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "NNToKern.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

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

void mlir::nnc::populateNNLinearToKernPatterns(RewritePatternSet &patterns) {
  patterns.add<ConvertMatMul>(patterns.getContext());
}
