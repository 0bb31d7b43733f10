//===----------------------------------------------------------------------===//
// Merges element-wise kernels into the kernels that make their operands.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "KernelMerging.h"
#include "nnc/Transforms/Passes.h"

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

class ElementwiseMerger {
public:
  ElementwiseMerger(func::FuncOp function, unsigned maxInputs)
      : function(function), maxInputs(maxInputs) {}

  void run();

private:
  void runOnBlock(Block &block);
  OpResult findProducer(nn::KernelOp consumer);

  func::FuncOp function;
  unsigned maxInputs;
};
} // namespace

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

/// The kernel result that `consumer` should be computed with. Element-wise
/// producers come first, since a contraction with its epilogue takes no more;
/// then the heaviest one, and of those the last, so that what it waits for is
/// long done.
OpResult ElementwiseMerger::findProducer(nn::KernelOp consumer) {
  OpResult best;
  auto rank = [](OpResult made) {
    Weight weight = getWeight(made);
    return weight == Weight::Elementwise ? int(Weight::Contraction) + 1
                                         : int(weight);
  };
  for (Value input : consumer.getInputs()) {
    auto made = dyn_cast<OpResult>(input);
    auto producer =
        made ? dyn_cast<nn::KernelOp>(made.getOwner()) : nn::KernelOp();
    // A kernel of no ops copies what must not be computed in place.
    if (!producer || producer->getBlock() != consumer->getBlock() ||
        llvm::hasSingleElement(producer.getBody().front()) ||
        !haveSameShape(made, consumer->getResult(0)) ||
        !canMoveTo(made, consumer))
      continue;
    llvm::SmallDenseSet<Value> inputs(producer.getInputs().begin(),
                                      producer.getInputs().end());
    inputs.insert(consumer.getInputs().begin(), consumer.getInputs().end());
    if (inputs.size() - 1 > maxInputs)
      continue;
    bool needsTemporary = !isElementwise(producer);
    if (needsTemporary && llvm::any_of(getResultDims(made), dependsOnData))
      continue;
    if (!best || rank(made) > rank(best) ||
        (rank(made) == rank(best) &&
         best.getOwner()->isBeforeInBlock(producer)))
      best = made;
  }
  return best;
}

static void remarkMerged(OpResult made, nn::KernelOp consumer) {
  auto producer = cast<nn::KernelOp>(made.getOwner());
  Location loc =
      FusedLoc::get(made.getContext(), {producer.getLoc(), consumer.getLoc()});
  remark::passed(loc, remark::RemarkOpts::name("MergeElementwise")
                          .category("nnc-merge-elementwise"))
      << consumer.getName() << " is computed with " << producer.getName();
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
      OpResult made = findProducer(kernel);
      if (!made)
        break;
      remarkMerged(made, kernel);
      kernel = mergeKernels(made, kernel);
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
    if (getOperation()->hasAttr(nn::NNDialect::entryAttrName))
      ElementwiseMerger(getOperation(), maxInputs).run();
  }
};
} // namespace
