//===----------------------------------------------------------------------===//
// Data movements that cancel or join.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/MovementPatterns.h"

#include "dialects/NN/IR/NNOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

namespace {
struct JoinTransposes : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto before = op.getInput().getDefiningOp<TransposeOp>();
    if (!before)
      return rewriter.notifyMatchFailure(op, "is not of a transposition");
    SmallVector<int64_t> permutation;
    for (int64_t axis : op.getPermutation())
      permutation.push_back(before.getPermutation()[axis]);
    rewriter.replaceOpWithNewOp<TransposeOp>(op, op.getType(),
                                             before.getInput(), permutation);
    return success();
  }
};

struct RemoveTranspose : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(TransposeOp op,
                                PatternRewriter &rewriter) const override {
    for (auto [place, axis] : llvm::enumerate(op.getPermutation()))
      if (int64_t(place) != axis)
        return rewriter.notifyMatchFailure(op, "permutes axes");
    Value input = op.getInput();
    if (input.getType() != op.getType())
      input =
          tensor::CastOp::create(rewriter, op.getLoc(), op.getType(), input);
    rewriter.replaceOp(op, input);
    return success();
  }
};
} // namespace

void nn::populateMovementPatterns(RewritePatternSet &patterns) {
  patterns.add<JoinTransposes, RemoveTranspose>(patterns.getContext());
}
