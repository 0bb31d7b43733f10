//===----------------------------------------------------------------------===//
// The predictions that a module carries.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/CostModel/AnnotatedCosts.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "nnc/Analysis/NodeNames.h"

using namespace mlir;
using namespace mlir::nnc;

/// Adds up; what is not known makes the sum unknown.
template <typename T, typename U>
static void add(T &sum, const std::optional<U> &value) {
  sum = sum < 0 || !value ? T(-1) : sum + T(*value);
}

static CostRow makeRow(nn::KernelOp kernel) {
  CostRow row;
  row.name = kernel.getName().str();
  for (StringRef node : getNodeNames(kernel.getLoc()))
    row.nodes.push_back(node.str());
  hw::CostAttr cost = kernel.getCostAttr();
  if (!cost)
    return row;
  row.us = cost.getUs().value_or(hw::Number(-1));
  row.lowUs = cost.getLoUs().value_or(hw::Number(-1));
  row.highUs = cost.getHiUs().value_or(hw::Number(-1));
  row.flops = cost.getFlops().value_or(-1);
  row.bytes = cost.getBytes().value_or(-1);
  row.bound = hw::stringifyBound(cost.getBound()).str();
  return row;
}

AnnotatedCosts mlir::nnc::readAnnotatedCosts(ModuleOp module) {
  AnnotatedCosts costs;
  costs.totals.lowUs = costs.totals.highUs = 0;
  costs.totals.firstUs = costs.totals.energyUj = costs.totals.co2Ug = 0;
  costs.totals.arenaBytes = costs.totals.arenaLowerBound = -1;
  for (auto function : module.getOps<func::FuncOp>()) {
    auto total = function->getAttrOfType<hw::TotalAttr>(totalCostAttrName);
    if (!total)
      continue;
    if (auto name = function->getAttrOfType<StringAttr>(predictedForAttrName))
      costs.target = name.str();
    CostTotals &totals = costs.totals;
    add(totals.predictedUs, total.getUs());
    add(totals.lowUs, total.getLoUs());
    add(totals.highUs, total.getHiUs());
    add(totals.firstUs, total.getFirstUs());
    add(totals.energyUj, total.getEnergyUj());
    add(totals.co2Ug, total.getCo2Ug());
    add(totals.flops, total.getFlops());
    add(totals.bytes, total.getBytes());
    add(totals.weightBytes, total.getWeightBytes());
    int64_t peak = total.getPeakBytes().value_or(-1);
    totals.peakBytes = totals.peakBytes < 0 || peak < 0
                           ? -1
                           : std::max(totals.peakBytes, peak);
  }
  module.walk([&](nn::KernelOp kernel) {
    costs.kernels.push_back(kernel);
    costs.rows.push_back(makeRow(kernel));
  });
  return costs;
}
