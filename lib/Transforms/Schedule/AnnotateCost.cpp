//===----------------------------------------------------------------------===//
// Predicts the cost of every kernel and of the function.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "dialects/HW/IR/KnownTargets.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "nnc/CostModel/AnnotatedCosts.h"
#include "nnc/CostModel/ScheduleCost.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_ANNOTATECOSTPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

namespace {
struct AnnotateCost : nnc::impl::AnnotateCostPassBase<AnnotateCost> {
  using AnnotateCostPassBase::AnnotateCostPassBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    hw::TargetAttr machine = hw::findTarget(function, target);
    if (!machine)
      return signalPassFailure();
    if (threads < 1) {
      function.emitError("expects 1 thread or more, but got ")
          << int64_t(threads);
      return signalPassFailure();
    }
    ScheduleCost cost =
        estimateSchedule(function, CostModel(machine, threads, carbon));
    for (auto &[kernel, own] : cost.kernels)
      kernel.setCostAttr(own.getAttr(&getContext()));
    if (cost.kernels.empty())
      return;
    function->setAttr(totalCostAttrName, cost.total);
    std::string name = machine.getName().str();
    if (!machine.getValidated())
      name += " (not validated)";
    function->setAttr(predictedForAttrName,
                      StringAttr::get(&getContext(), name));
    if (!cost.memoryOverTime.empty())
      function->setAttr(
          memoryOverTimeAttrName,
          DenseI64ArrayAttr::get(&getContext(), cost.memoryOverTime));
  }
};
} // namespace
