//===----------------------------------------------------------------------===//
// Writes kern ops as loops over vectors.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Expand.h"

#include "dialects/HW/IR/KnownTargets.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::nnc::kern {
#define GEN_PASS_DEF_KERNEXPANDPASS
#include "dialects/Kern/Transforms/Passes.h.inc"
} // namespace mlir::nnc::kern

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::kern;

static LogicalResult expand(EpilogueOpInterface op, hw::TargetAttr target) {
  if (!op.getTilingAttr())
    return op->emitOpError("expects a tiling; run the pass that chooses it");
  OpBuilder builder(op);
  return llvm::TypeSwitch<Operation *, LogicalResult>(op.getOperation())
      .Case([&](GemmOp gemm) { return expandGemm(builder, gemm, target); })
      .Case([&](ConvOp conv) { return expandConv(builder, conv, target); })
      .Case([&](DepthwiseOp depthwise) {
        return expandDepthwise(builder, depthwise, target);
      })
      .Case([&](WinogradOp winograd) {
        return expandWinograd(builder, winograd, target);
      })
      .Default([](Operation *other) {
        return other->emitOpError("has no expansion for CPUs");
      });
}

namespace {
struct Expand : kern::impl::KernExpandPassBase<Expand> {
  using KernExpandPassBase::KernExpandPassBase;

  void runOnOperation() override {
    hw::TargetAttr machine = hw::findTarget(getOperation(), target);
    if (!machine)
      return signalPassFailure();
    SmallVector<EpilogueOpInterface> ops;
    getOperation().walk([&](EpilogueOpInterface op) { ops.push_back(op); });
    for (EpilogueOpInterface op : ops) {
      if (failed(expand(op, machine)))
        return signalPassFailure();
      op->erase();
    }
  }
};
} // namespace
