//===----------------------------------------------------------------------===//
// Runs chains of kernels band by band where they need too much memory.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/BandPasses.h"

#include "ArenaPlan.h"
#include "BandPlan.h"
#include "dialects/HW/IR/KnownTargets.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Pass/PassManager.h"
#include "nnc/CostModel/ScheduleCost.h"
#include "nnc/Transforms/Passes.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_SPLITKERNELSPASS
#include "nnc/Transforms/BandPasses.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

/// Kernels before and behind the one at the peak that may run in bands with it.
static constexpr size_t mostBeside = 14;
/// Regions that are split one after the other.
static constexpr int mostRegions = 24;
/// What splitting must save at least, as a share of the memory.
static constexpr double leastGain = 0.01;
/// Numbers of bands that are tried.
static constexpr int64_t bandCounts[] = {2,  3,  4,  5,  6,  8,  10,
                                         12, 16, 20, 24, 32, 48, 64};

namespace {
struct Choice {
  std::unique_ptr<BandRegion> region;
  BandPlan plan;
  double addedUs = 0;
};

class KernelSplitter {
public:
  KernelSplitter(func::FuncOp function, hw::TargetAttr target, int64_t threads,
                 int64_t budget)
      : function(function), model(target, threads), budget(budget) {}

  /// True if something has been split.
  bool run();

private:
  void annotate();
  bool splitAt(const ArenaPeak &peak);
  void consider(const BandSchedule &schedule, size_t first, size_t last);
  bool isBetter(const BandPlan &plan, double addedUs) const;
  void tell(const Choice &choice, const ArenaPeak &before);

  func::FuncOp function;
  CostModel model;
  int64_t budget;
  DenseSet<Operation *> bands; ///< Kernels that are the result of splitting.
  std::optional<Choice> best;
  int64_t before = 0; ///< Bytes at the peak.
};
} // namespace

void KernelSplitter::annotate() {
  int64_t order = 0;
  ScheduleCost cost = estimateSchedule(function, model);
  for (auto &[kernel, own] : cost.kernels) {
    kernel.setCostAttr(own.getAttr(function.getContext()));
    kernel.setOrder(order++);
  }
}

/// Within the budget the fastest, else the smallest.
bool KernelSplitter::isBetter(const BandPlan &plan, double addedUs) const {
  if (!best)
    return double(plan.peak) <= double(before) * (1 - leastGain);
  bool fits = plan.peak <= budget, bestFits = best->plan.peak <= budget;
  if (fits != bestFits)
    return fits;
  if (fits)
    return addedUs < best->addedUs;
  return plan.peak < best->plan.peak;
}

void KernelSplitter::consider(const BandSchedule &schedule, size_t first,
                              size_t last) {
  auto region = std::make_unique<BandRegion>(schedule, first, last);
  if (!region->isValid())
    return;
  double us = 0;
  for (size_t i = first; i <= last; ++i)
    us += schedule.us[i];
  std::optional<Choice> own;
  for (int64_t count : bandCounts) {
    std::optional<BandPlan> plan = region->plan(count);
    if (!plan || !isBetter(*plan, plan->us - us))
      continue;
    best.emplace();
    best->addedUs = plan->us - us;
    best->plan = std::move(*plan);
    own.emplace();
  }
  if (own)
    best->region = std::move(region);
}

bool KernelSplitter::splitAt(const ArenaPeak &peak) {
  BandSchedule schedule(function, bands);
  schedule.launchUs = double(model.getTarget().getLaunchUs());
  auto position = size_t(schedule.lifetimes.getPosition(peak.kernel));
  if (!schedule.canSplit[position])
    return false;
  best.reset();
  before = peak.bytes;
  size_t count = schedule.canSplit.size();
  for (size_t first = position + 1; first-- > 0;) {
    if (!schedule.canSplit[first] || position - first > mostBeside)
      break;
    for (size_t last = position; last < count && schedule.canSplit[last] &&
                                 last - position <= mostBeside;
         ++last)
      consider(schedule, first, last);
  }
  if (!best)
    return false;
  tell(*best, peak);
  applyBandPlan(*best->region, best->plan, bands);
  return true;
}

void KernelSplitter::tell(const Choice &choice, const ArenaPeak &peak) {
  ArrayRef<nn::KernelOp> kernels = choice.region->getKernels();
  nn::KernelOp first = kernels.front(), last = kernels.back();
  remark::passed(
      peak.kernel->getLoc(),
      remark::RemarkOpts::name("Split").category("nnc-split-kernels"))
      << llvm::formatv("kernels '{0}' to '{1}' run band by band",
                       first.getName(), last.getName())
             .str()
      << remark::metric("Before", peak.bytes)
      << remark::metric("After", choice.plan.peak)
      << remark::metric("Kernels", int64_t(kernels.size()))
      << remark::metric("Steps", int64_t(choice.plan.steps.size()))
      << remark::metric("AddedNanoseconds", int64_t(choice.addedUs * 1000));
}

bool KernelSplitter::run() {
  annotate();
  for (int i = 0; i < mostRegions; ++i) {
    std::optional<ArenaPeak> peak = findArenaPeak(function);
    if (!peak || peak->bytes <= budget || !peak->kernel || !splitAt(*peak))
      break;
    annotate();
  }
  return !bands.empty();
}

namespace {
struct SplitKernels : nnc::impl::SplitKernelsPassBase<SplitKernels> {
  using SplitKernelsPassBase::SplitKernelsPassBase;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (budget <= 0 || !function->hasAttr(nn::NNDialect::entryAttrName))
      return;
    hw::TargetAttr machine = hw::findTarget(function, target);
    if (!machine)
      return signalPassFailure();
    std::optional<ArenaPeak> peak = findArenaPeak(function);
    if (!peak || peak->bytes <= budget)
      return;
    if (!KernelSplitter(function, machine, threads, budget).run())
      return;
    OpPassManager again(func::FuncOp::getOperationName());
    OrderKernelsPassOptions order;
    order.budget = budget;
    again.addPass(createOrderKernelsPass(order));
    if (failed(runPipeline(again, function)))
      signalPassFailure();
  }
};
} // namespace
