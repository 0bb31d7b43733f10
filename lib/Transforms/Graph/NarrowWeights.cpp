//===----------------------------------------------------------------------===//
// Matrices in few bits as products read them: codes before columns.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "NarrowWeights.h"

#include "dialects/NN/IR/NNConstants.h"
#include "dialects/NN/IR/NarrowWeights.h"
#include "dialects/NN/IR/WeightTransforms.h"

using namespace mlir;
using namespace mlir::nnc;

static RankedTensorType rankedTypeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// The constant with its axes permuted; one of rank 0 stays. Null if it is no
/// constant or has fewer axes.
static Value permuteConstant(OpBuilder &b, Value constant,
                             ArrayRef<int64_t> permutation) {
  RankedTensorType type = rankedTypeOf(constant);
  if (type.getRank() == 0)
    return constant;
  if (type.getRank() != int64_t(permutation.size()))
    return {};
  FailureOr<Value> result =
      nn::transformWeight(b, constant,
                          nn::RelayoutAttr::get(b.getContext(), type.getShape(),
                                                {}, {}, permutation));
  return failed(result) ? Value() : *result;
}

namespace {
/// Transposed matrices of columns by depth: the codes are transposed instead,
/// with the places of a group before the columns.
struct FoldNarrowTranspose : OpRewritePattern<nn::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getPermutation() != ArrayRef<int64_t>{1, 0} ||
        !llvm::all_of(op->getUses(), [](OpOperand &use) {
          return isa<nn::MatMulOp>(use.getOwner()) &&
                 use.getOperandNumber() == 1;
        }))
      return rewriter.notifyMatchFailure(op, "is not of products' matrices");
    Operation *maker = op.getInput().getDefiningOp();
    auto slice = dyn_cast_or_null<nn::SliceOp>(maker);
    if (slice)
      maker = slice.getInput().getDefiningOp();
    auto reshape = dyn_cast_or_null<nn::ReshapeOp>(maker);
    if (reshape)
      maker = reshape.getInput().getDefiningOp();
    auto dequantize = dyn_cast_or_null<nn::DequantizeOp>(maker);
    if (!dequantize || !op.getType().hasStaticShape() ||
        (slice && (slice.getAxes() != ArrayRef<int64_t>{1} || !reshape)))
      return rewriter.notifyMatchFailure(op, "is not of dequantized codes");
    RankedTensorType whole = dequantize.getType();
    bool hasGroups = whole.getRank() == 3;
    if (hasGroups != bool(reshape) || !whole.hasStaticShape() ||
        (hasGroups &&
         reshape.getType().getShape() !=
             ArrayRef<int64_t>{whole.getDimSize(0),
                               whole.getDimSize(1) * whole.getDimSize(2)}))
      return rewriter.notifyMatchFailure(op, "is reshaped in another way");
    SmallVector<int64_t> permutation =
        hasGroups ? SmallVector<int64_t>{1, 2, 0} : SmallVector<int64_t>{1, 0};
    SmallVector<Value> operands;
    for (Value operand : dequantize->getOperands()) {
      operands.push_back(permuteConstant(rewriter, operand, permutation));
      if (!operands.back())
        return rewriter.notifyMatchFailure(op, "is not of constants");
    }
    SmallVector<int64_t> shape;
    for (int64_t axis : permutation)
      shape.push_back(whole.getDimSize(axis));
    Location loc = dequantize.getLoc();
    Value matrix = nn::DequantizeOp::create(
        rewriter, loc, whole.clone(shape), operands[0], operands[1],
        operands.size() > 2 ? operands[2] : Value());
    if (hasGroups)
      matrix = nn::joinGroups(rewriter, loc, matrix);
    if (matrix.getType() != op.getType())
      matrix =
          nn::takeFirstRows(rewriter, loc, matrix, op.getType().getDimSize(0));
    rewriter.replaceOp(op, matrix);
    return success();
  }
};
} // namespace

void mlir::nnc::populateNarrowWeightPatterns(RewritePatternSet &patterns) {
  patterns.add<FoldNarrowTranspose>(patterns.getContext());
}
