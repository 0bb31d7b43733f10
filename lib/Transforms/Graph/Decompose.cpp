//===----------------------------------------------------------------------===//
// Replaces ops that stand for several others by their parts.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Decompose.h"
#include "DecomposeConvTranspose.h"
#include "nnc/Transforms/Passes.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_DECOMPOSEPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

void mlir::nnc::decomposeOps(
    Operation *root,
    llvm::function_ref<bool(DecomposableOpInterface)> unwanted) {
  SmallVector<DecomposableOpInterface> work;
  auto collect = [&](Operation *op) {
    auto whole = dyn_cast<DecomposableOpInterface>(op);
    if (whole && whole.hasParts() && unwanted(whole))
      work.push_back(whole);
  };
  root->walk(collect);
  while (!work.empty()) {
    DecomposableOpInterface whole = work.pop_back_val();
    OpBuilder builder(whole);
    Operation *before = whole->getPrevNode();
    SmallVector<Value> parts = whole.decompose(builder);
    for (auto [part, result] : llvm::zip(parts, whole->getResults())) {
      if (part.getType() != result.getType())
        part = tensor::CastOp::create(builder, whole.getLoc(), result.getType(),
                                      part);
      result.replaceAllUsesWith(part);
    }
    // Parts may stand for several others too.
    for (Operation *op = whole->getPrevNode(); op != before;
         op = op->getPrevNode())
      collect(op);
    whole.erase();
  }
}

namespace {
struct Decompose : nnc::impl::DecomposePassBase<Decompose> {
  using DecomposePassBase::DecomposePassBase;

  void runOnOperation() override {
    decomposeConvTransposes(getOperation());
    decomposeOps(getOperation(), [&](DecomposableOpInterface whole) {
      return all || !whole.hasKernel();
    });
  }
};
} // namespace
