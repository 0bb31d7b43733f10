//===----------------------------------------------------------------------===//
// Merges element-wise kernels into the kernels that make their operands.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
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
  nn::KernelOp merge(OpResult made, nn::KernelOp consumer);

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

/// The sizes of the dynamic dimensions of one of a kernel's results.
static OperandRange getResultDims(OpResult result) {
  auto kernel = cast<nn::KernelOp>(result.getOwner());
  auto count = [](Value value) {
    return cast<RankedTensorType>(value.getType()).getNumDynamicDims();
  };
  int64_t begin = 0;
  for (OpResult other :
       kernel->getResults().take_front(result.getResultNumber()))
    begin += count(other);
  return kernel.getResultDims().slice(begin, count(result));
}

static bool haveSameShape(OpResult a, OpResult b) {
  return cast<RankedTensorType>(a.getType()).getShape() ==
             cast<RankedTensorType>(b.getType()).getShape() &&
         llvm::equal(getResultDims(a), getResultDims(b));
}

/// True if the elements of a tensor that a kernel makes decide the size: then
/// no kernel can have a temporary of that size.
static bool dependsOnData(Value size) {
  SetVector<Operation *> slice;
  BackwardSliceOptions options;
  options.inclusive = true;
  options.omitUsesFromAbove = false;
  options.filter = [](Operation *op) { return !isa<nn::KernelOp>(op); };
  if (size.getDefiningOp() && failed(getBackwardSlice(size, &slice, options)))
    return true;
  return llvm::any_of(slice, [](Operation *op) {
    return op->getNumRegions() ||
           (isa<tensor::ExtractOp>(op) && getKernelResult(op->getOperand(0)));
  });
}

/// True if `kernel` can be computed where `place`, an op after it in its block,
/// stands: nothing but `place` uses result `made`, and nothing before `place`
/// uses another.
static bool canMoveTo(OpResult made, Operation *place) {
  if (!llvm::all_of(made.getUsers(),
                    [&](Operation *user) { return user == place; }))
    return false;
  for (OpResult other : made.getOwner()->getResults()) {
    if (other == made)
      continue;
    for (Operation *user : other.getUsers()) {
      Operation *around = place->getBlock()->findAncestorOpInBlock(*user);
      if (!around || !place->isBeforeInBlock(around))
        return false;
    }
  }
  return true;
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

/// Clones a kernel's body behind that of another; returns what it yields.
static SmallVector<Value> appendBody(OpBuilder &builder, nn::KernelOp kernel,
                                     IRMapping &mapping) {
  for (auto [input, argument] :
       llvm::zip(kernel.getInputs(), kernel.getBody().getArguments()))
    mapping.map(argument, mapping.lookup(input));
  Block &body = kernel.getBody().front();
  for (Operation &op : body.without_terminator())
    builder.clone(op, mapping);
  return llvm::map_to_vector(
      body.getTerminator()->getOperands(),
      [&](Value value) { return mapping.lookup(value); });
}

/// One kernel in `consumer`'s place that does both; its results are the
/// producer's, `made` replaced by the consumer's.
nn::KernelOp ElementwiseMerger::merge(OpResult made, nn::KernelOp consumer) {
  auto producer = cast<nn::KernelOp>(made.getOwner());
  OpBuilder builder(consumer);
  Location loc = builder.getFusedLoc({producer.getLoc(), consumer.getLoc()});
  llvm::SetVector<Value> inputs(producer.getInputs().begin(),
                                producer.getInputs().end());
  for (Value input : consumer.getInputs())
    if (input != made)
      inputs.insert(input);
  SmallVector<OpResult> results(producer->getResults());
  results[made.getResultNumber()] = consumer->getResult(0);
  SmallVector<Type> types;
  SmallVector<Value> dims;
  for (OpResult result : results) {
    types.push_back(result.getType());
    llvm::append_range(dims, getResultDims(result));
  }
  auto merged = nn::KernelOp::create(
      builder, loc, types, producer.getNameAttr(), consumer.getOrderAttr(),
      inputs.getArrayRef(), dims, /*slots=*/ArrayAttr(),
      /*cost=*/hw::CostAttr());
  Block &body = merged.getBody().emplaceBlock();
  IRMapping mapping;
  for (Value input : inputs)
    mapping.map(input, body.addArgument(input.getType(), loc));
  builder.setInsertionPointToEnd(&body);
  SmallVector<Value> yielded = appendBody(builder, producer, mapping);
  mapping.map(made, yielded[made.getResultNumber()]);
  yielded[made.getResultNumber()] = appendBody(builder, consumer, mapping)[0];
  nn::YieldOp::create(builder, loc, yielded);
  remark::passed(loc, remark::RemarkOpts::name("MergeElementwise")
                          .category("nnc-merge-elementwise"))
      << consumer.getName() << " is computed with " << producer.getName();
  for (auto [from, to] : llvm::zip(results, merged.getResults()))
    from.replaceAllUsesWith(to);
  consumer.erase();
  producer.erase();
  return merged;
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
      kernel = merge(made, kernel);
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
