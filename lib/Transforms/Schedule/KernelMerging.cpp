//===----------------------------------------------------------------------===//
// Two kernels as one.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "KernelMerging.h"

#include "dialects/NN/IR/HostScalars.h"
#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "nnc/Analysis/ScheduleLifetimes.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::nnc;

OperandRange mlir::nnc::getResultDims(OpResult result) {
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

SmallVector<Operation *> mlir::nnc::getWork(nn::KernelOp kernel) {
  SmallVector<Operation *> work;
  for (Operation &op : kernel.getBody().front().without_terminator())
    if (llvm::any_of(op.getResults(), [](Value value) {
          return isa<RankedTensorType>(value.getType()) &&
                 !nn::isHostTensor(value);
        }))
      work.push_back(&op);
  return work;
}

Value mlir::nnc::getViewed(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(op))
      return value;
    value = op->getOperand(0);
  }
  return value;
}

Value mlir::nnc::getOutsideOf(Value value, nn::KernelOp kernel) {
  auto argument = dyn_cast<BlockArgument>(value);
  return argument && argument.getOwner() == &kernel.getBody().front()
             ? kernel.getInputs()[argument.getArgNumber()]
             : value;
}

void mlir::nnc::eraseUnusedViews(Operation *op) {
  while (op && op->use_empty()) {
    Operation *before =
        op->getNumOperands() ? op->getOperand(0).getDefiningOp() : nullptr;
    op->erase();
    op = before;
  }
}

void mlir::nnc::dropUnusedInputs(nn::KernelOp kernel) {
  Block &body = kernel.getBody().front();
  for (unsigned index = body.getNumArguments(); index-- > 0;) {
    if (!body.getArgument(index).use_empty())
      continue;
    body.eraseArgument(index);
    kernel.getInputsMutable().erase(index);
  }
}

bool mlir::nnc::haveSameShape(OpResult a, OpResult b) {
  return cast<RankedTensorType>(a.getType()).getShape() ==
             cast<RankedTensorType>(b.getType()).getShape() &&
         llvm::equal(getResultDims(a), getResultDims(b));
}

bool mlir::nnc::dependsOnData(Value size) {
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

bool mlir::nnc::canMoveTo(OpResult made, Operation *place) {
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

SmallVector<Value> mlir::nnc::cloneBody(OpBuilder &builder, nn::KernelOp kernel,
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

/// One kernel at the builder's place that does what `first` does and then what
/// `second` does, with these results of the two. Both are erased.
static nn::KernelOp joinBodies(OpBuilder &builder, nn::KernelOp first,
                               nn::KernelOp second,
                               ArrayRef<OpResult> results) {
  Location loc = builder.getFusedLoc({first.getLoc(), second.getLoc()});
  llvm::SetVector<Value> inputs(first.getInputs().begin(),
                                first.getInputs().end());
  for (Value input : second.getInputs())
    if (input.getDefiningOp() != first)
      inputs.insert(input);
  SmallVector<Type> types;
  SmallVector<Value> dims;
  for (OpResult result : results) {
    types.push_back(result.getType());
    llvm::append_range(dims, getResultDims(result));
  }
  auto joined = nn::KernelOp::create(
      builder, loc, types, first.getNameAttr(), second.getOrderAttr(),
      inputs.getArrayRef(), dims, /*slots=*/ArrayAttr(),
      /*cost=*/hw::CostAttr());
  Block &body = joined.getBody().emplaceBlock();
  IRMapping mapping;
  for (Value input : inputs)
    mapping.map(input, body.addArgument(input.getType(), loc));
  OpBuilder inner = OpBuilder::atBlockEnd(&body);
  for (nn::KernelOp kernel : {first, second})
    for (auto [result, value] :
         llvm::zip(kernel->getResults(), cloneBody(inner, kernel, mapping)))
      mapping.map(result, value);
  nn::YieldOp::create(inner, loc,
                      llvm::map_to_vector(results, [&](OpResult result) {
                        return mapping.lookup(Value(result));
                      }));
  for (auto [from, to] : llvm::zip(results, joined.getResults()))
    Value(from).replaceAllUsesWith(to);
  second.erase();
  first.erase();
  return joined;
}

/// The results of mergeKernels(made, consumer), in order.
static SmallVector<OpResult> getMergedResults(OpResult made,
                                              nn::KernelOp consumer) {
  SmallVector<OpResult> results;
  for (OpResult result : made.getOwner()->getResults()) {
    if (result == made)
      llvm::append_range(results, consumer->getResults());
    else
      results.push_back(result);
  }
  return results;
}

/// The results of mergeSiblings(first, second), in order.
static SmallVector<OpResult> getMergedResults(nn::KernelOp first,
                                              nn::KernelOp second) {
  SmallVector<OpResult> results;
  for (OpResult result : first->getResults())
    if (llvm::any_of(result.getUsers(),
                     [&](Operation *user) { return user != second; }))
      results.push_back(result);
  llvm::append_range(results, second->getResults());
  return results;
}

nn::KernelOp mlir::nnc::mergeKernels(OpResult made, nn::KernelOp consumer) {
  OpBuilder builder(consumer);
  return joinBodies(builder, cast<nn::KernelOp>(made.getOwner()), consumer,
                    getMergedResults(made, consumer));
}

nn::KernelOp mlir::nnc::mergeSiblings(nn::KernelOp first, nn::KernelOp second) {
  OpBuilder builder(first);
  return joinBodies(builder, first, second, getMergedResults(first, second));
}

/// Joins copies of the two with these results of theirs, and asks the model.
static MergeForecast forecast(const CostModel &model, nn::KernelOp first,
                              nn::KernelOp second, ArrayRef<OpResult> results) {
  MergeForecast answer;
  std::optional<double> firstUs = model.estimate(first).us,
                        secondUs = model.estimate(second).us;
  if (!firstUs || !secondUs)
    return answer;
  answer.apartUs = *firstUs + *secondUs;
  OpBuilder builder(second);
  IRMapping mapping;
  auto firstCopy = cast<nn::KernelOp>(builder.clone(*first, mapping));
  auto secondCopy = cast<nn::KernelOp>(builder.clone(*second, mapping));
  nn::KernelOp joined =
      joinBodies(builder, firstCopy, secondCopy,
                 llvm::map_to_vector(results, [&](OpResult result) {
                   return cast<OpResult>(mapping.lookup(Value(result)));
                 }));
  answer.togetherUs = model.estimate(joined).us;
  joined.erase();
  return answer;
}

MergeForecast mlir::nnc::forecastMerge(const CostModel &model, OpResult made,
                                       nn::KernelOp consumer) {
  return forecast(model, cast<nn::KernelOp>(made.getOwner()), consumer,
                  getMergedResults(made, consumer));
}

MergeForecast mlir::nnc::forecastSiblings(const CostModel &model,
                                          nn::KernelOp first,
                                          nn::KernelOp second) {
  return forecast(model, first, second, getMergedResults(first, second));
}

double MergeForecast::getGainUs() const {
  return apartUs && togetherUs ? *apartUs - *togetherUs : 0;
}

bool MergeForecast::pays() const {
  // Two predictions of equal work differ by this much in rounding and tiles.
  constexpr double indistinct = 0.02;
  return !apartUs || !togetherUs || *togetherUs <= *apartUs * (1 + indistinct);
}

std::string MergeForecast::describe() const {
  if (!apartUs || !togetherUs)
    return "not predicted, sizes are not known";
  return llvm::formatv("{0:f1} us instead of {1:f1}", *togetherUs, *apartUs)
      .str();
}

int64_t mlir::nnc::getTensorBytes(Value tensor) {
  auto type = cast<ShapedType>(tensor.getType());
  return type.getNumElements() *
         std::max(1u, type.getElementTypeBitWidth() / 8);
}

std::string mlir::nnc::explainHeavyWeights(int64_t bytes,
                                           hw::TargetAttr target) {
  int64_t cache = target.getL2Kib() * 1024;
  if (bytes <= cache / 2)
    return "";
  return llvm::formatv("weights of {0} bytes, which each unit would read, are "
                       "more than half of the second-level cache of {1}",
                       bytes, cache)
      .str();
}

/// The ops that `root` needs and that stand behind `first` in its block, added
/// to `needed`. False if one of them can't be computed earlier.
static bool collectNeeded(Operation *root, Operation *first,
                          llvm::SetVector<Operation *> &needed) {
  for (Value operand : root->getOperands()) {
    Operation *op = operand.getDefiningOp();
    if (!op || op == first || op->getBlock() != first->getBlock() ||
        op->isBeforeInBlock(first) || needed.contains(op))
      continue;
    if (isa<nn::KernelOp>(op) || op->getNumRegions() || !isMemoryEffectFree(op))
      return false;
    if (llvm::any_of(op->getOperands(), [&](Value value) {
          return value.getDefiningOp() == first;
        }))
      return false;
    if (!collectNeeded(op, first, needed))
      return false;
    needed.insert(op);
  }
  return true;
}

bool mlir::nnc::bringTogether(nn::KernelOp first, nn::KernelOp second) {
  llvm::SetVector<Operation *> needed;
  for (Operation *op = first->getNextNode(); op != second;
       op = op->getNextNode()) {
    // What the run checks, it checks before anything relies on it.
    if (!isa<nn::AssertOp>(op))
      continue;
    if (!collectNeeded(op, first, needed))
      return false;
    needed.insert(op);
  }
  if (!collectNeeded(second, first, needed))
    return false;
  for (Operation *op : needed)
    op->moveBefore(first);
  return true;
}
