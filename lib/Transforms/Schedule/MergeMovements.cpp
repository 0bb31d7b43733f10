//===----------------------------------------------------------------------===//
// Merges kernels that move elements into the kernels that read them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "KernelMerging.h"
#include "nnc/Transforms/Passes.h"

#include "dialects/HW/IR/KnownTargets.h"
#include "mlir/IR/Remarks.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_MERGEMOVEMENTSPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

static remark::RemarkOpts getRemarkOpts() {
  return remark::RemarkOpts::name("MergeMovements")
      .category("nnc-merge-movements");
}

/// True for kernels of element-wise ops and movements with one result.
static bool isLight(nn::KernelOp kernel) {
  SmallVector<Operation *> work = getWork(kernel);
  return kernel->getNumResults() == 1 && !work.empty() &&
         llvm::all_of(work, [](Operation *op) {
           return isa<ScalarOpInterface, DataMovementOpInterface, nn::RangeOp>(
               op);
         });
}

/// True for kernels that read no tensor: what they make can be made anew
/// wherever it is read.
static bool makesNumbers(nn::KernelOp kernel) {
  return llvm::all_of(getWork(kernel),
                      [](Operation *op) { return isa<nn::RangeOp>(op); });
}

/// True if the kernel reads each element of `made` once, because it has the
/// shape of the result or because what reads it moves each to one place: then
/// nothing is computed anew where it is computed in the kernel.
static bool readsOnce(nn::KernelOp kernel, OpResult made) {
  if (makesNumbers(cast<nn::KernelOp>(made.getOwner())) ||
      haveSameShape(made, kernel->getResult(0)))
    return true;
  for (auto [input, argument] :
       llvm::zip(kernel.getInputs(), kernel.getBody().getArguments()))
    if (input == made)
      for (Operation *user : argument.getUsers()) {
        auto movement = dyn_cast<DataMovementOpInterface>(user);
        if (!movement || !movement.movesOnce())
          return false;
      }
  return true;
}

namespace {
struct MergeMovements : nnc::impl::MergeMovementsPassBase<MergeMovements> {
  using MergeMovementsPassBase::MergeMovementsPassBase;

  void runOnOperation() override {
    if (!getOperation()->hasAttr(nn::NNDialect::entryAttrName))
      return;
    hw::TargetAttr machine = hw::findTarget(getOperation(), target);
    if (!machine)
      return signalPassFailure();
    CostModel model(machine);
    SmallVector<nn::KernelOp> kernels;
    getOperation().walk(
        [&](nn::KernelOp kernel) { kernels.push_back(kernel); });
    // What is merged away comes before what it is merged into.
    for (nn::KernelOp kernel : kernels) {
      if (!isLight(kernel))
        continue;
      MergeForecast forecast;
      while (OpResult made = findProducer(kernel, model, forecast)) {
        auto producer = cast<nn::KernelOp>(made.getOwner());
        remark::passed(kernel.getLoc(), getRemarkOpts())
            << producer.getName().str() + " is done by " +
                   kernel.getName().str() + ": " + forecast.describe();
        kernel = mergeKernels(made, kernel);
        ++numMerged;
      }
    }
  }

private:
  /// What `kernel` should do itself, and what that is predicted to bring.
  OpResult findProducer(nn::KernelOp kernel, const CostModel &model,
                        MergeForecast &forecast) {
    for (Value input : kernel.getInputs()) {
      auto made = dyn_cast<OpResult>(input);
      auto producer =
          made ? dyn_cast<nn::KernelOp>(made.getOwner()) : nn::KernelOp();
      if (!producer || producer->getBlock() != kernel->getBlock() ||
          !isLight(producer) || !canMoveTo(made, kernel) ||
          !readsOnce(kernel, made) ||
          llvm::any_of(getResultDims(made), dependsOnData))
        continue;
      llvm::SmallDenseSet<Value> inputs(producer.getInputs().begin(),
                                        producer.getInputs().end());
      inputs.insert(kernel.getInputs().begin(), kernel.getInputs().end());
      if (inputs.size() - 1 > maxInputs)
        continue;
      forecast = forecastMerge(model, made, kernel);
      if (forecast.pays())
        return made;
      remark::missed(kernel.getLoc(), getRemarkOpts())
          << producer.getName().str() + " stays a kernel: with " +
                 kernel.getName().str() + " " + forecast.describe();
    }
    return {};
  }
};
} // namespace
