//===----------------------------------------------------------------------===//
// Merges element-wise kernels into the kernels that make their operands.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "KernelMerging.h"
#include "nnc/Transforms/Passes.h"

#include "dialects/HW/IR/KnownTargets.h"
#include "dialects/NN/IR/HostScalars.h"
#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/IR/Remarks.h"
#include "nnc/Analysis/ScheduleLifetimes.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_MERGEELEMENTWISEPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

/// Arithmetic operations an element above which a kernel is a contraction: its
/// loops, not memory, take the time. Normalizations do about ten.
static constexpr int64_t contractionFlops = 16;

namespace {
/// What a kernel that takes an epilogue is chosen by; the greatest is best.
enum class Weight { Elementwise, Light, Contraction };

/// A kernel result that an element-wise kernel could be computed with, and what
/// that is predicted to bring; null: none.
struct Producer {
  OpResult made;
  MergeForecast forecast;
};

class ElementwiseMerger {
public:
  ElementwiseMerger(func::FuncOp function, const CostModel &model,
                    unsigned maxInputs)
      : function(function), model(model), maxInputs(maxInputs) {}

  void run();

private:
  void runOnBlock(Block &block);
  bool canTake(nn::KernelOp consumer, OpResult made);
  Producer findProducer(nn::KernelOp consumer);

  func::FuncOp function;
  const CostModel &model;
  unsigned maxInputs;
};
} // namespace

static remark::RemarkOpts getRemarkOpts() {
  return remark::RemarkOpts::name("MergeElementwise")
      .category("nnc-merge-elementwise");
}

/// True if all that the kernel does is element-wise, and it does something.
static bool isElementwise(nn::KernelOp kernel) {
  if (kernel->getNumResults() != 1)
    return false;
  bool works = false;
  for (Operation &op : kernel.getBody().front().without_terminator()) {
    if (isa<ScalarOpInterface>(op))
      works = true;
    else if (op.getNumResults() != 1 ||
             (isa<RankedTensorType>(op.getResult(0).getType()) &&
              !nn::isHostTensor(op.getResult(0))))
      return false;
  }
  return works;
}

/// Unknown work counts as light.
static Weight getWeight(OpResult made) {
  auto kernel = cast<nn::KernelOp>(made.getOwner());
  if (isElementwise(kernel))
    return Weight::Elementwise;
  auto type = cast<RankedTensorType>(made.getType());
  if (!type.hasStaticShape())
    return Weight::Light;
  int64_t flops = 0;
  for (Operation &op : kernel.getBody().front())
    if (auto cost = dyn_cast<CostOpInterface>(op))
      flops += cost.getFlops().value_or(0);
  return flops / contractionFlops >= std::max<int64_t>(type.getNumElements(), 1)
             ? Weight::Contraction
             : Weight::Light;
}

/// True if `consumer` may be computed where `made` is.
bool ElementwiseMerger::canTake(nn::KernelOp consumer, OpResult made) {
  auto producer = dyn_cast<nn::KernelOp>(made.getOwner());
  // A kernel of no ops copies what must not be computed in place.
  if (!producer || producer->getBlock() != consumer->getBlock() ||
      llvm::hasSingleElement(producer.getBody().front()) ||
      !haveSameShape(made, consumer->getResult(0)) ||
      !canMoveTo(made, consumer))
    return false;
  llvm::SmallDenseSet<Value> inputs(producer.getInputs().begin(),
                                    producer.getInputs().end());
  inputs.insert(consumer.getInputs().begin(), consumer.getInputs().end());
  if (inputs.size() - 1 > maxInputs)
    return false;
  bool needsTemporary = !isElementwise(producer);
  return !needsTemporary || llvm::none_of(getResultDims(made), dependsOnData);
}

/// True if `a` should take the consumer rather than `b`. Element-wise producers
/// come first, since a contraction with its epilogue takes no more; then what
/// saves more time, by weight where that is not predicted; of equals the last,
/// so that what it waits for is long done.
static bool isBetter(const Producer &a, const Producer &b) {
  auto rank = [](const Producer &producer) {
    Weight weight = getWeight(producer.made);
    return weight == Weight::Elementwise ? int(Weight::Contraction) + 1
                                         : int(weight);
  };
  constexpr int elementwise = int(Weight::Contraction) + 1;
  int ranks[] = {rank(a), rank(b)};
  bool isLast = b.made.getOwner()->isBeforeInBlock(a.made.getOwner());
  if (ranks[0] == elementwise || ranks[1] == elementwise)
    return ranks[0] != ranks[1] ? ranks[0] == elementwise : isLast;
  // Gains are a launch and some traffic: closer ones are the same.
  constexpr double indistinctUs = 0.1;
  double gain = a.forecast.getGainUs() - b.forecast.getGainUs();
  if (std::abs(gain) > indistinctUs)
    return gain > 0;
  return ranks[0] != ranks[1] ? ranks[0] > ranks[1] : isLast;
}

/// What `consumer` should be computed with.
Producer ElementwiseMerger::findProducer(nn::KernelOp consumer) {
  Producer best;
  for (Value input : consumer.getInputs()) {
    auto made = dyn_cast<OpResult>(input);
    if (!made || !canTake(consumer, made))
      continue;
    Producer producer{made, forecastMerge(model, made, consumer)};
    if (!producer.forecast.pays()) {
      remark::missed(consumer.getLoc(), getRemarkOpts())
          << consumer.getName().str() + " stays a kernel: with " +
                 cast<nn::KernelOp>(made.getOwner()).getName().str() + " " +
                 producer.forecast.describe();
      continue;
    }
    if (!best.made || isBetter(producer, best))
      best = producer;
  }
  return best;
}

static void remarkMerged(const Producer &producer, nn::KernelOp consumer) {
  auto kernel = cast<nn::KernelOp>(producer.made.getOwner());
  Location loc =
      FusedLoc::get(kernel.getContext(), {kernel.getLoc(), consumer.getLoc()});
  remark::passed(loc, getRemarkOpts())
      << consumer.getName().str() + " is computed with " +
             kernel.getName().str() + ": " + producer.forecast.describe();
}

void ElementwiseMerger::runOnBlock(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(block)) {
    auto kernel = dyn_cast<nn::KernelOp>(op);
    if (!kernel) {
      for (Region &region : op.getRegions())
        for (Block &inner : region)
          runOnBlock(inner);
      continue;
    }
    while (isElementwise(kernel)) {
      Producer producer = findProducer(kernel);
      if (!producer.made)
        break;
      remarkMerged(producer, kernel);
      kernel = mergeKernels(producer.made, kernel);
    }
  }
}

void ElementwiseMerger::run() {
  for (Block &block : function.getBody())
    runOnBlock(block);
}

namespace {
struct MergeElementwise
    : nnc::impl::MergeElementwisePassBase<MergeElementwise> {
  using MergeElementwisePassBase::MergeElementwisePassBase;

  void runOnOperation() override {
    if (!getOperation()->hasAttr(nn::NNDialect::entryAttrName))
      return;
    hw::TargetAttr machine = hw::findTarget(getOperation(), target);
    if (!machine)
      return signalPassFailure();
    ElementwiseMerger(getOperation(), CostModel(machine), maxInputs).run();
  }
};
} // namespace
