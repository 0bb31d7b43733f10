//===----------------------------------------------------------------------===//
// What a whole schedule costs.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/CostModel/ScheduleCost.h"

#include "nnc/Analysis/ScheduleLifetimes.h"
#include "llvm/ADT/DenseSet.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::nnc;

namespace {
/// Walks the kernels in order.
class ScheduleCounter {
public:
  ScheduleCounter(func::FuncOp function, const CostModel &model)
      : function(function), model(model), lifetimes(function) {}

  ScheduleCost run();

private:
  void countWork();
  void countMemory();
  double getDistance(Value operand, size_t position) const;
  void addTotals();

  func::FuncOp function;
  const CostModel &model;
  ScheduleLifetimes lifetimes;
  ScheduleCost result;
  /// Bytes that kernels before each one have touched: constants and results.
  SmallVector<double> touched;
  /// All of a run, and the most that is alive at a time.
  double touchedInAll = 0, peak = 0;
  /// Of a run whose constants are nowhere but in memory.
  double firstUs = 0;
  int64_t weightBytes = 0;
  DenseMap<Value, size_t> producers;
};
} // namespace

/// The tensor behind views.
static Value getSource(Value value) {
  while (isView(value.getDefiningOp()) || isStretchView(value.getDefiningOp()))
    value = value.getDefiningOp()->getOperand(0);
  return value;
}

void ScheduleCounter::countWork() {
  llvm::DenseSet<Value> weights;
  for (nn::KernelOp kernel : lifetimes.getKernels()) {
    SmallVector<Operation *> ops;
    for (Operation &op : kernel.getBody().front())
      ops.push_back(&op);
    KernelCost cost;
    cost.work = countKernelWork(ops, model.getTarget());
    touched.push_back(touchedInAll);
    touchedInAll += double(cost.work.outputBytes.value_or(0)) +
                    double(cost.work.insideBytes);
    for (const KernelOperand &operand : cost.work.operands)
      if (operand.isWeight) {
        touchedInAll += double(operand.bytes.value_or(0));
        if (weights.insert(getSource(operand.value)).second)
          weightBytes += operand.bytes.value_or(0);
      }
    for (Value value : kernel.getResults())
      producers[value] = result.kernels.size();
    result.kernels.emplace_back(kernel, std::move(cost));
  }
}

/// Bytes of results alive at each kernel, by the lifetimes that storage is
/// assigned by.
void ScheduleCounter::countMemory() {
  size_t count = result.kernels.size();
  SmallVector<int64_t> changes(count + 1, 0);
  for (auto &[kernel, cost] : result.kernels)
    for (OpResult value : kernel->getResults()) {
      auto type = cast<RankedTensorType>(value.getType());
      if (!type.hasStaticShape() || !cost.work.outputBytes)
        return;
      int64_t all = 0;
      for (Type each : kernel->getResultTypes())
        all += cast<RankedTensorType>(each).getNumElements();
      int64_t bytes =
          all ? *cost.work.outputBytes * type.getNumElements() / all : 0;
      ScheduleLifetimes::Interval life = lifetimes.getLifetime(value);
      changes[std::min<size_t>(life.first, count)] += bytes;
      changes[std::min<size_t>(life.last + 1, count)] -= bytes;
    }
  int64_t alive = 0;
  for (size_t i = 0; i < count; ++i) {
    alive += changes[i];
    result.memoryOverTime.push_back(alive);
    peak = std::max(peak, double(alive));
  }
}

double ScheduleCounter::getDistance(Value operand, size_t position) const {
  Value source = getSource(operand);
  // Constants, and what the caller gives, were touched one run ago.
  if (isConstantTensor(source))
    return touchedInAll;
  auto producer = producers.find(source);
  if (producer == producers.end() || producer->second >= position)
    return touchedInAll;
  return touched[position] - touched[producer->second];
}

void ScheduleCounter::addTotals() {
  int64_t flops = 0, bytes = 0, unknown = 0;
  double us = 0, variance = 0, energy = 0, co2 = 0;
  bool flopsKnown = true, bytesKnown = true, energyKnown = true;
  for (auto &[kernel, cost] : result.kernels) {
    flopsKnown &= cost.work.flops.has_value();
    flops += cost.work.flops.value_or(0);
    bytesKnown &= cost.bytes.has_value();
    bytes += cost.bytes.value_or(0);
    energyKnown &= cost.energyUj.has_value();
    energy += cost.energyUj.value_or(0);
    co2 += cost.co2Ug.value_or(0);
    if (!cost.us) {
      ++unknown;
      continue;
    }
    us += *cost.us;
    double half = (*cost.highUs - *cost.lowUs) / 2;
    variance += half * half;
  }
  // Errors of kernels are half by chance, and half of the machine's mood.
  double half = 0;
  for (auto &[kernel, cost] : result.kernels)
    if (cost.us)
      half += (*cost.highUs - *cost.lowUs) / 2;
  half = (half + std::sqrt(variance)) / 2;
  auto known = [](bool is, double value) {
    return is ? std::optional<hw::Number>(value) : std::nullopt;
  };
  auto count = [](bool is, int64_t value) {
    return is ? std::optional<int64_t>(value) : std::nullopt;
  };
  bool timed = unknown == 0;
  result.total = hw::TotalAttr::get(
      function.getContext(), model.getThreads(), result.kernels.size(), unknown,
      count(flopsKnown, flops), count(bytesKnown, bytes),
      count(bytesKnown, weightBytes),
      count(!result.memoryOverTime.empty() || result.kernels.empty(),
            int64_t(peak)),
      known(timed, us), known(timed, std::max(0.0, us - half)),
      known(timed, us + half), known(timed, firstUs),
      known(energyKnown, energy), known(energyKnown, co2));
}

ScheduleCost ScheduleCounter::run() {
  countWork();
  countMemory();
  for (size_t i = 0; i < result.kernels.size(); ++i) {
    KernelCost &cost = result.kernels[i].second;
    auto distance = [&](Value operand) { return getDistance(operand, i); };
    Surroundings around;
    around.operandDistance = distance;
    // Results go where others lay before: the arena is used again and again.
    around.resultDistance = std::min(touchedInAll, peak);
    auto cold = [&](Value operand) {
      return isConstantTensor(operand) ? std::numeric_limits<double>::max()
                                       : getDistance(operand, i);
    };
    Surroundings first = around;
    first.operandDistance = cold;
    firstUs += model.estimate(cost.work, first).us.value_or(0);
    cost = model.estimate(std::move(cost.work), around);
  }
  addTotals();
  return std::move(result);
}

ScheduleCost mlir::nnc::estimateSchedule(func::FuncOp function,
                                         const CostModel &model) {
  return ScheduleCounter(function, model).run();
}
