//===----------------------------------------------------------------------===//
// Running consecutive kernels band by band: in which steps, for how much memory
// and time.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "BandPlan.h"

#include "ArenaPlan.h"
#include "InPlace.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::nnc;

//===----------------------------------------------------------------------===//
// Schedule and region
//===----------------------------------------------------------------------===//

BandSchedule::BandSchedule(func::FuncOp function,
                           const DenseSet<Operation *> &bands)
    : function(function), lifetimes(function), outputs(getOutputs(function)) {
  for (nn::KernelOp kernel : lifetimes.getKernels()) {
    bool isPlain = kernel->getNumResults() == 1 && !bands.contains(kernel) &&
                   kernel->getBlock() == &function.getBody().front() &&
                   findRowAxis(kernel->getResult(0)) &&
                   !getJoinedPart(cast<OpResult>(kernel->getResult(0)));
    canSplit.push_back(isPlain &&
                       analyzeBand(kernel, getAllRows(kernel->getResult(0))));
    hw::CostAttr cost = kernel.getCostAttr();
    us.push_back(cost && cost.getUs() ? double(*cost.getUs()) : 1);
  }
}

BandRegion::BandRegion(const BandSchedule &schedule, size_t first, size_t last)
    : schedule(schedule), first(first) {
  for (size_t i = first; i <= last; ++i) {
    nn::KernelOp kernel = schedule.lifetimes.getKernels()[i];
    numbers[kernel] = kernels.size();
    kernels.push_back(kernel);
  }
  for (Operation *op = kernels.front(); op != kernels.back();
       op = op->getNextNode())
    valid &= isa<nn::KernelOp>(op) ||
             (isMemoryEffectFree(op) && op->getNumRegions() == 0);
  kept.resize(kernels.size());
  continued.resize(kernels.size());
  for (auto [number, kernel] : llvm::enumerate(kernels)) {
    Value result = kernel->getResult(0);
    findUses(result, number);
    alignments.push_back(getBandAlignment(kernel, *findRowAxis(result)));
    int64_t overwritten = -1;
    for (unsigned input = 0; input < kernel.getInputs().size(); ++input)
      if (overwritten < 0 && readsElementwise(kernel, input))
        overwritten = input;
    inPlace.push_back(overwritten);
  }
}

/// Who uses the result of `maker`, of which `value` is a view.
void BandRegion::findUses(Value value, unsigned maker) {
  for (Operation *user : value.getUsers()) {
    if (numbers.count(user))
      continued[maker] = true;
    else if (auto view = dyn_cast<nn::ReshapeOp>(user);
             view && view.getInput() == value && findRowAxis(view))
      findUses(view, maker);
    else
      kept[maker] = true;
  }
}

std::optional<unsigned> BandRegion::findMaker(Value value) const {
  while (auto view = value.getDefiningOp<nn::ReshapeOp>())
    value = view.getInput();
  auto known = numbers.find(value.getDefiningOp());
  if (known == numbers.end())
    return std::nullopt;
  return known->second;
}

//===----------------------------------------------------------------------===//
// Plan
//===----------------------------------------------------------------------===//

namespace mlir::nnc {
/// One plan: the steps from the last band's needs on, and what they take.
class BandPlanner {
public:
  BandPlanner(const BandRegion &region, int64_t count)
      : region(region), count(count), done(region.kernels.size()) {}

  bool run();
  BandPlan plan;

private:
  /// What a step reads: of a kernel of the region, or from outside.
  struct Read {
    std::optional<unsigned> maker;
    Value outside;
    bool isAll; ///< The maker's result as it is.
    unsigned input;
  };

  bool addBand(int64_t number);
  RowBand chooseRows(unsigned kernel, int64_t number);
  bool addNeeds(unsigned kernel, RowBand rows, SmallVector<Read> &reads);
  void countTime();
  void countMemory();
  void addOutside(const DenseMap<Value, int64_t> &lastReads);
  void addLife(int64_t bytes, int64_t begin, int64_t end);

  const BandRegion &region;
  int64_t count;
  SmallVector<int64_t> done;         ///< Rows of kept results that are there.
  DenseMap<unsigned, RowBand> needs; ///< By kernel, of the current band.
  SmallVector<SmallVector<Read>> reads; ///< By step.
  SmallVector<int64_t> changes;         ///< Of the memory, by step.
};
} // namespace mlir::nnc

/// The rows that a kernel computes for a band.
RowBand BandPlanner::chooseRows(unsigned kernel, int64_t number) {
  RowBand all = getAllRows(region.kernels[kernel]->getResult(0));
  auto need = needs.find(kernel);
  int64_t alignment = region.alignments[kernel];
  auto roundUp = [&](int64_t row) {
    return std::min<int64_t>(int64_t(llvm::alignTo(row, alignment)), all.end);
  };
  RowBand rows = all;
  if (!region.kept[kernel]) {
    if (need == needs.end())
      return {all.axis, 0, 0};
    rows.begin = need->second.begin / alignment * alignment;
    rows.end = roundUp(need->second.end);
    return rows;
  }
  rows.begin = rows.end = done[kernel];
  if (need != needs.end())
    rows.end = std::max(rows.end, need->second.end);
  else if (!region.continued[kernel])
    rows.end = std::max(
        rows.end, int64_t(llvm::divideCeil(all.end * (number + 1), count)));
  rows.end = number + 1 == count ? all.end : roundUp(rows.end);
  done[kernel] = rows.end;
  return rows;
}

bool BandPlanner::addNeeds(unsigned number, RowBand rows,
                           SmallVector<Read> &own) {
  nn::KernelOp kernel = region.kernels[number];
  std::optional<KernelBand> band = analyzeBand(kernel, rows);
  if (!band)
    return false;
  for (const KernelBand::Input &input : band->inputs) {
    Value value = kernel.getInputs()[input.number];
    std::optional<unsigned> maker = region.findMaker(value);
    own.push_back({maker, value, false, input.number});
    if (!maker)
      continue;
    RowBand part = input.band.value_or(getAllRows(value));
    if (part.axis != *findRowAxis(value))
      return false;
    own.back().isAll = value == region.kernels[*maker]->getResult(0);
    while (auto view = value.getDefiningOp<nn::ReshapeOp>()) {
      part = getViewedRows(view, part);
      value = view.getInput();
    }
    auto [known, isNew] = needs.try_emplace(*maker, part);
    known->second.begin = std::min(known->second.begin, part.begin);
    known->second.end = std::max(known->second.end, part.end);
  }
  return true;
}

bool BandPlanner::addBand(int64_t number) {
  needs.clear();
  size_t begin = plan.steps.size();
  for (unsigned kernel = region.kernels.size(); kernel-- > 0;) {
    RowBand rows = chooseRows(kernel, number);
    if (rows.size() <= 0)
      continue;
    SmallVector<Read> own;
    if (!addNeeds(kernel, rows, own))
      return false;
    plan.steps.push_back({kernel, number, rows});
    reads.push_back(std::move(own));
  }
  std::reverse(plan.steps.begin() + begin, plan.steps.end());
  std::reverse(reads.begin() + begin, reads.end());
  return true;
}

void BandPlanner::countTime() {
  for (const BandStep &step : plan.steps) {
    double launch = region.schedule.launchUs;
    double us = region.schedule.us[region.first + step.kernel];
    int64_t all = getAllRows(region.kernels[step.kernel]->getResult(0)).size();
    plan.us += launch + std::max(us - launch, 0.0) * double(step.rows.size()) /
                            double(all);
  }
}

void BandPlanner::addLife(int64_t bytes, int64_t begin, int64_t end) {
  bytes = int64_t(llvm::alignTo(uint64_t(bytes), 64));
  changes[begin] += bytes;
  changes[end + 1] -= bytes;
}

/// As storage will be assigned: without what other kernels share, and results
/// over operands as far as bands of the region are written over each other.
void BandPlanner::countMemory() {
  const BandSchedule &schedule = region.schedule;
  auto last = int64_t(plan.steps.size()) - 1;
  changes.assign(last + 2, 0);
  // The latest step of each kernel, and who reads it last.
  DenseMap<unsigned, int64_t> latest;
  SmallVector<int64_t> lastRead(last + 1), owner(last + 1);
  DenseMap<Value, int64_t> outside;
  for (int64_t step = 0; step <= last; ++step) {
    lastRead[step] = owner[step] = step;
    for (const Read &read : reads[step]) {
      if (read.maker)
        lastRead[latest.lookup(*read.maker)] = step;
      else if (OpResult made = getKernelResult(read.outside))
        outside[made] = step;
    }
    latest[plan.steps[step].kernel] = step;
  }
  DenseSet<unsigned> begun;
  latest.clear();
  for (int64_t step = 0; step <= last; ++step) {
    unsigned kernel = plan.steps[step].kernel;
    latest[kernel] = step;
    Value result = region.kernels[kernel]->getResult(0);
    if (region.kept[kernel]) {
      if (begun.insert(kernel).second && !schedule.outputs.count(result))
        addLife(getRowBytes(result) * getAllRows(result).size(), step, last);
      continue;
    }
    for (const Read &read : reads[step]) {
      if (!read.maker || int64_t(read.input) != region.inPlace[kernel] ||
          !read.isAll || region.kept[*read.maker])
        continue;
      int64_t made = latest.lookup(*read.maker);
      if (lastRead[made] == step &&
          plan.steps[made].rows == plan.steps[step].rows)
        owner[step] = owner[made];
    }
    if (owner[step] != step)
      lastRead[owner[step]] = std::max(lastRead[owner[step]], lastRead[step]);
  }
  for (int64_t step = 0; step <= last; ++step) {
    unsigned kernel = plan.steps[step].kernel;
    if (!region.kept[kernel] && owner[step] == step)
      addLife(getRowBytes(region.kernels[kernel]->getResult(0)) *
                  plan.steps[step].rows.size(),
              step, lastRead[step]);
  }
  addOutside(outside);
  int64_t bytes = 0;
  for (int64_t change : changes)
    plan.peak = std::max(plan.peak, bytes += change);
}

/// What was there before; `lastReads`: the last step that reads it.
void BandPlanner::addOutside(const DenseMap<Value, int64_t> &lastReads) {
  const BandSchedule &schedule = region.schedule;
  auto last = int64_t(plan.steps.size()) - 1;
  int64_t lastPosition = int64_t(region.first + region.kernels.size()) - 1;
  for (nn::KernelOp other :
       schedule.lifetimes.getKernels().take_front(region.first))
    for (OpResult result : other->getResults()) {
      auto life = schedule.lifetimes.getLifetime(result);
      if (life.last < int64_t(region.first) || schedule.outputs.count(result))
        continue;
      auto read = lastReads.find(result);
      int64_t end = life.last > lastPosition || read == lastReads.end()
                        ? last
                        : read->second;
      addLife(getStaticBytes(cast<RankedTensorType>(result.getType())), 0, end);
    }
}

bool BandPlanner::run() {
  for (int64_t number = 0; number < count; ++number)
    if (!addBand(number))
      return false;
  countTime();
  countMemory();
  return true;
}

std::optional<BandPlan> BandRegion::plan(int64_t count) const {
  BandPlanner planner(*this, count);
  if (!planner.run())
    return std::nullopt;
  return std::move(planner.plan);
}
