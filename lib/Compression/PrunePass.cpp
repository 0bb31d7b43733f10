//===----------------------------------------------------------------------===//
// The pass that prunes.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/PrunePasses.h"

#include "dialects/HW/IR/KnownTargets.h"
#include "nnc/Compression/Recipe.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_PRUNEPASS
#include "nnc/Compression/PrunePasses.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

namespace {
struct Prune : nnc::impl::PrunePassBase<Prune> {
  using PrunePassBase::PrunePassBase;

  void runOnOperation() override {
    hw::TargetAttr machine = hw::findTarget(getOperation(), target);
    if (!machine)
      return signalPassFailure();
    if (llvm::Error error = run(machine)) {
      getOperation()->emitError(llvm::toString(std::move(error)));
      signalPassFailure();
    }
  }

private:
  llvm::Error run(hw::TargetAttr machine) {
    RecipeStep given;
    given.prune = step;
    given.method = method;
    given.align = align;
    given.leastWeights = leastWeights;
    given.spread = spread;
    given.keep.assign(keep.begin(), keep.end());
    llvm::Expected<PruneStep> parsed = makePruneStep(given);
    if (!parsed)
      return parsed.takeError();
    parsed->masks = mask;
    if (data.empty())
      return prune(getOperation(), *parsed, nullptr, machine);
    std::vector<std::string> specs(data.begin(), data.end());
    llvm::Expected<DataSet> set = loadDataSet(specs, getOperation());
    if (!set)
      return set.takeError();
    return prune(getOperation(), *parsed, &*set, machine);
  }
};
} // namespace
