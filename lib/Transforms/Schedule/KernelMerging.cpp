//===----------------------------------------------------------------------===//
// Two kernels as one.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "KernelMerging.h"

#include "dialects/NN/IR/HostScalars.h"
#include "mlir/Analysis/SliceAnalysis.h"
#include "nnc/Analysis/ScheduleLifetimes.h"
#include "llvm/ADT/SetVector.h"

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

nn::KernelOp mlir::nnc::mergeKernels(OpResult made, nn::KernelOp consumer) {
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
  SmallVector<Value> yielded = cloneBody(builder, producer, mapping);
  mapping.map(made, yielded[made.getResultNumber()]);
  yielded[made.getResultNumber()] = cloneBody(builder, consumer, mapping)[0];
  nn::YieldOp::create(builder, loc, yielded);
  for (auto [from, to] : llvm::zip(results, merged.getResults()))
    from.replaceAllUsesWith(to);
  consumer.erase();
  producer.erase();
  return merged;
}
