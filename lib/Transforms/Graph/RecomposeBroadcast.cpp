//===----------------------------------------------------------------------===//
// Does without the axes of length 1 that only line tensors up for a broadcast.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Recompose.h"

#include "dialects/NN/IR/NNConstants.h"

using namespace mlir;
using namespace mlir::nnc;

/// True if `op` puts axes of length 1 in front of its input's, and does nothing
/// else. Of several dynamic dimensions, types do not tell which is which.
static bool addsLeadingOnes(nn::ReshapeOp op) {
  ArrayRef<int64_t> from = rankedTypeOf(op.getInput()).getShape();
  ArrayRef<int64_t> to = op.getType().getShape();
  if (to.size() <= from.size() || to.take_back(from.size()) != from ||
      !llvm::all_of(to.drop_back(from.size()),
                    [](int64_t size) { return size == 1; }))
    return false;
  // With a 0 among them, the product of the sizes says nothing of the others.
  return llvm::count(from, ShapedType::kDynamic) <= 1 &&
         !llvm::is_contained(from, 0);
}

namespace {
/// An operand of an element-wise op needs no axes in front of its own: a
/// broadcast adds them.
struct BroadcastWithoutReshape : OpInterfaceRewritePattern<ScalarOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(ScalarOpInterface op,
                                PatternRewriter &rewriter) const override {
    int64_t rank = 0;
    for (Value result : op->getResults())
      rank = std::max(rank, rankedTypeOf(result).getRank());
    for (OpOperand &operand : op->getOpOperands()) {
      auto reshape = operand.get().getDefiningOp<nn::ReshapeOp>();
      // The rank of the result stays that of another operand.
      if (!reshape || !addsLeadingOnes(reshape) ||
          llvm::none_of(op->getOpOperands(), [&](OpOperand &other) {
            return &other != &operand && other.get() != operand.get() &&
                   rankedTypeOf(other.get()).getRank() == rank;
          }))
        continue;
      rewriter.modifyOpInPlace(op, [&] { operand.set(reshape.getInput()); });
      return success();
    }
    return rewriter.notifyMatchFailure(op, "reads nothing that is reshaped");
  }
};

/// What is picked by reshaped indices is picked by the indices and reshaped, if
/// the new axes come first.
struct GatherBeforeReshape : OpRewritePattern<nn::GatherOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::GatherOp op,
                                PatternRewriter &rewriter) const override {
    auto reshape = op.getIndices().getDefiningOp<nn::ReshapeOp>();
    if (op.getAxis() != 0 || !reshape || !addsLeadingOnes(reshape))
      return rewriter.notifyMatchFailure(op, "has no reshaped indices");
    ArrayRef<int64_t> shape = rankedTypeOf(op.getResult()).getShape();
    if (llvm::count(shape, ShapedType::kDynamic) > 1 ||
        llvm::is_contained(shape, 0))
      return rewriter.notifyMatchFailure(op, "has a shape to be computed");
    SmallVector<int64_t> sizes(shape);
    llvm::replace(sizes, ShapedType::kDynamic, int64_t(-1));
    Value picked = nn::GatherOp::create(rewriter, op.getLoc(), op.getInput(),
                                        reshape.getInput(), /*axis=*/0);
    rewriter.replaceOpWithNewOp<nn::ReshapeOp>(
        op, op.getResult().getType(), picked,
        nn::createIndexConstant(rewriter, op.getLoc(), sizes),
        /*allow_zero=*/false);
    return success();
  }
};
} // namespace

void mlir::nnc::populateRecomposeBroadcastPatterns(
    RewritePatternSet &patterns) {
  patterns.add<BroadcastWithoutReshape, GatherBeforeReshape>(
      patterns.getContext());
}
