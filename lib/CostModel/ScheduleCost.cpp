//===----------------------------------------------------------------------===//
// What a whole schedule costs.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/CostModel/ScheduleCost.h"

#include "ReuseDistance.h"
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
  MemoryPiece getPlace(Value value, int64_t bytes) const;
  void countDistances();
  void addTotals();

  func::FuncOp function;
  const CostModel &model;
  ScheduleLifetimes lifetimes;
  ScheduleCost result;
  /// Of each kernel: how long ago its operands were touched, and the memory of
  /// its results.
  struct Distances {
    DenseMap<Value, double> operands;
    double result = 0;
  };
  std::vector<Distances> distances;
  /// The most that is alive at a time.
  double peak = 0;
  /// Of a run whose constants are nowhere but in memory.
  double firstUs = 0;
  int64_t weightBytes = 0;
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
    for (const KernelOperand &operand : cost.work.operands)
      if (operand.isWeight && weights.insert(getSource(operand.value)).second)
        weightBytes += operand.bytes.value_or(0);
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
      int64_t bytes = countBytes(type).value_or(0);
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

/// A place in the arena where one has been assigned, else a buffer of its own.
MemoryPiece ScheduleCounter::getPlace(Value value, int64_t bytes) const {
  Value source = getSource(value);
  if (auto kernel = source.getDefiningOp<nn::KernelOp>())
    if (ArrayAttr slots = kernel.getSlotsAttr()) {
      auto slot =
          cast<nn::SlotAttr>(slots[cast<OpResult>(source).getResultNumber()]);
      if (slot.getKind() == nn::SlotClass::arena && slot.getOffset())
        return {this, *slot.getOffset(), *slot.getOffset() + bytes};
    }
  return {source.getAsOpaquePointer(), 0, bytes};
}

/// The arm of a branch, or the body of a loop, that an op of the function is
/// in, the outermost; null for none.
static Region *getArm(Operation *op) {
  Region *arm = nullptr;
  for (Region *region = op->getParentRegion();
       !isa<func::FuncOp>(region->getParentOp());
       region = region->getParentRegion())
    arm = region;
  return arm;
}

/// Runs twice: the first run leaves in the caches what runs before leave. Of
/// the arms of a branch a run takes one.
void ScheduleCounter::countDistances() {
  ReuseDistances memory, beforeBranch;
  Region *last = nullptr;
  for (bool isWarm : {false, true})
    for (auto &[kernel, cost] : result.kernels) {
      Region *arm = getArm(kernel);
      if (arm && arm != last) {
        bool isOther = last && last->getParentOp() == arm->getParentOp();
        (isOther ? memory : beforeBranch) = isOther ? beforeBranch : memory;
      }
      last = arm;
      Distances own;
      for (const KernelOperand &operand : cost.work.operands)
        own.operands[operand.value] =
            memory.touch(getPlace(operand.value, operand.bytes.value_or(0)));
      // Scratch is one buffer for all kernels.
      memory.touch({&memory, 0, cost.work.insideBytes});
      bool isPlaced = true;
      for (OpResult value : kernel->getResults()) {
        auto type = cast<RankedTensorType>(value.getType());
        MemoryPiece place = getPlace(value, countBytes(type).value_or(0));
        own.result = std::max(own.result, memory.touch(place));
        isPlaced &= place.buffer != value.getAsOpaquePointer();
      }
      // Before storage is assigned: others lie there in turn.
      if (!isPlaced)
        own.result = std::min(own.result, peak);
      if (isWarm)
        distances.push_back(std::move(own));
    }
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
  countDistances();
  for (size_t i = 0; i < result.kernels.size(); ++i) {
    KernelCost &cost = result.kernels[i].second;
    auto distance = [&](Value operand) {
      return distances[i].operands.lookup(operand);
    };
    Surroundings around;
    around.operandDistance = distance;
    around.resultDistance = distances[i].result;
    auto cold = [&](Value operand) {
      return isConstantTensor(operand) ? std::numeric_limits<double>::max()
                                       : distance(operand);
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
