//===----------------------------------------------------------------------===//
// Makes one loop nest of a chain of element-wise operations in a kernel.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_FUSEELEMENTWISEPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

/// True if the producer of `operand` should be computed in the loops of its
/// consumer: nothing else uses it, and no element would be computed twice.
static bool isWorthFusing(OpOperand *operand) {
  auto producer = operand->get().getDefiningOp<linalg::GenericOp>();
  auto consumer = dyn_cast<linalg::GenericOp>(operand->getOwner());
  if (!producer || !consumer ||
      !llvm::all_of(operand->get().getUsers(),
                    [&](Operation *user) { return user == consumer; }))
    return false;
  // What accumulates in its output has to be there first.
  for (OpOperand &init : producer.getDpsInitsMutable())
    if (producer.payloadUsesValueFromOperand(&init))
      return false;
  for (OpOperand &use : producer->getUses()) {
    OpOperand *read = &consumer->getOpOperand(use.getOperandNumber());
    if (consumer.isDpsInit(read) ||
        (!consumer.getMatchingIndexingMap(read).isPermutation() &&
         !llvm::hasSingleElement(*producer.getBody())))
      return false;
  }
  return true;
}

namespace {
struct FuseElementwise : nnc::impl::FuseElementwisePassBase<FuseElementwise> {
  void runOnOperation() override {
    if (!getOperation()->hasAttr(kernelAttrName))
      return;
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, isWorthFusing);
    linalg::populateEraseUnusedOperandsAndResultsPatterns(patterns);
    tensor::CastOp::getCanonicalizationPatterns(patterns, &getContext());
    // What a loop carries must stay in the place that it came in.
    SmallVector<Operation *> ops;
    for (Operation &op : getOperation().getBody().front())
      if (isa<linalg::LinalgOp, tensor::CastOp>(op))
        ops.push_back(&op);
    GreedyRewriteConfig config;
    config.setStrictness(GreedyRewriteStrictness::ExistingAndNewOps);
    if (failed(applyOpPatternsGreedily(ops, std::move(patterns), config)))
      signalPassFailure();
  }
};
} // namespace
