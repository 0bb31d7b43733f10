//===----------------------------------------------------------------------===//
// Paddings of exporters become those of convolutions.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Recompose.h"

#include "dialects/NN/IR/NNConstants.h"
#include "dialects/NN/IR/WindowUtils.h"

using namespace mlir;
using namespace mlir::nnc;

/// More is left to the op, which checks sizes.
static constexpr int64_t mostPadding = int64_t(1) << 30;

/// True if what the op adds are zeros.
static bool addsZeros(nn::PadOp pad) {
  if (pad.getMode() != nn::PadMode::Constant)
    return false;
  return !pad.getValue() || getScalarNumber(pad.getValue()) == 0.0;
}

namespace {
/// A convolution of what was padded with zeros: its own padding is larger by
/// that.
struct FoldPadIntoConv : OpRewritePattern<nn::ConvOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::ConvOp op,
                                PatternRewriter &rewriter) const override {
    auto pad = op.getInput().getDefiningOp<nn::PadOp>();
    if (!pad || !addsZeros(pad))
      return rewriter.notifyMatchFailure(op, "is not of added zeros");
    if (op.getAutoPad() != nn::AutoPad::NotSet)
      return rewriter.notifyMatchFailure(op, "derives its own padding");
    nncio::Result<nncio::Tensor> added = nn::getConstantTensor(pad.getPads());
    int64_t rank = rankedTypeOf(op.getInput()).getRank();
    if (!added || added->size() != 2 * rank)
      return rewriter.notifyMatchFailure(op, "the padding is of the run");
    int64_t first = nn::getFirstSpatialAxis(op.getChannelsLast());
    int64_t spatial = op.getStrides().size();
    SmallVector<int64_t> pads(op.getPads());
    for (int64_t i = 0; i < 2 * rank; ++i) {
      int64_t count = added->getInt(i), axis = i % rank;
      bool isSpatial = axis >= first && axis < first + spatial;
      if (isSpatial && count >= 0 && count <= mostPadding)
        pads[(i < rank ? 0 : spatial) + axis - first] += count;
      else if (count != 0)
        return rewriter.notifyMatchFailure(
            op, "the padding cuts, or adds along another axis");
    }
    rewriter.modifyOpInPlace(op, [&] {
      op.getInputMutable().assign(pad.getInput());
      op.setPads(pads);
      op->setLoc(rewriter.getFusedLoc({pad.getLoc(), op.getLoc()}));
    });
    return success();
  }
};
} // namespace

void mlir::nnc::populateRecomposePadPatterns(RewritePatternSet &patterns) {
  patterns.add<FoldPadIntoConv>(patterns.getContext());
}
