//===----------------------------------------------------------------------===//
// When the memory of a kernel's result is in use.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Analysis/ScheduleLifetimes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::nnc;

bool mlir::nnc::isView(Operation *op) {
  return isa_and_nonnull<nn::ReshapeOp, tensor::CastOp>(op);
}

OpResult mlir::nnc::getKernelResult(Value value) {
  while (isView(value.getDefiningOp()))
    value = value.getDefiningOp()->getOperand(0);
  return value.getDefiningOp<nn::KernelOp>() ? cast<OpResult>(value)
                                             : OpResult();
}

ScheduleLifetimes::ScheduleLifetimes(func::FuncOp function) {
  number(function.getBody());
}

void ScheduleLifetimes::number(Region &region) {
  for (Block &block : region)
    for (Operation &op : block) {
      begins[&op] = positions;
      if (auto kernel = dyn_cast<nn::KernelOp>(op)) {
        kernels.push_back(kernel);
        ++positions;
      } else if (isa<nn::LaunchOp>(op)) {
        ++positions;
      } else {
        for (Region &nested : op.getRegions())
          number(nested);
      }
      ends[&op] = positions;
    }
}

static bool isLoop(Operation *op) {
  auto branch = dyn_cast<RegionBranchOpInterface>(op);
  return branch && branch.hasLoop();
}

namespace {
/// A value that may be the memory of an operand, and whether it gets it by
/// going round a loop.
struct Flow {
  Value target;
  bool isBackEdge;
};
} // namespace

/// Adds the inputs of `successor` that take `operand`'s value.
static void addFlows(OpOperand &operand, OperandRange operands,
                     RegionSuccessor successor, bool isBackEdge,
                     SmallVectorImpl<Flow> &flows) {
  unsigned begin = operands.getBeginOperandIndex();
  unsigned number = operand.getOperandNumber();
  ValueRange inputs = successor.getSuccessorInputs();
  if (number >= begin && number - begin < operands.size() &&
      number - begin < inputs.size())
    flows.push_back({inputs[number - begin], isBackEdge});
}

/// Where the memory of an operand may be found under another name.
static SmallVector<Flow> getFlows(OpOperand &operand) {
  SmallVector<Flow> flows;
  Operation *user = operand.getOwner();
  if ((isView(user) && operand.getOperandNumber() == 0) ||
      (isa<arith::SelectOp>(user) && operand.getOperandNumber() > 0)) {
    flows.push_back({user->getResult(0), false});
    return flows;
  }
  SmallVector<RegionSuccessor> successors;
  SmallVector<Attribute> unknown(user->getNumOperands());
  if (auto branch = dyn_cast<RegionBranchOpInterface>(user)) {
    branch.getEntrySuccessorRegions(unknown, successors);
    for (RegionSuccessor successor : successors)
      addFlows(operand, branch.getEntrySuccessorOperands(successor), successor,
               /*isBackEdge=*/false, flows);
  } else if (auto end = dyn_cast<RegionBranchTerminatorOpInterface>(user);
             end && isa<RegionBranchOpInterface>(user->getParentOp())) {
    bool inLoop = isLoop(user->getParentOp());
    end.getSuccessorRegions(unknown, successors);
    for (RegionSuccessor successor : successors)
      addFlows(operand, end.getSuccessorOperands(successor), successor,
               inLoop && !successor.isParent(), flows);
  }
  return flows;
}

ScheduleLifetimes::Interval
ScheduleLifetimes::getLifetime(OpResult result) const {
  int64_t position = begins.lookup(result.getOwner());
  Interval interval{position, position};
  Operation *home = result.getOwner()->getParentOp();
  SetVector<Value> names;
  names.insert(result);
  for (size_t i = 0; i < names.size(); ++i)
    for (OpOperand &use : names[i].getUses()) {
      Operation *user = use.getOwner();
      interval.last = std::max(interval.last, begins.lookup(user));
      // A loop reads what comes from outside until its last iteration.
      for (Operation *around = user->getParentOp();
           around && !around->isAncestor(home); around = around->getParentOp())
        if (isLoop(around))
          interval.last = std::max(interval.last, ends.lookup(around));
      for (Flow flow : getFlows(use)) {
        names.insert(flow.target);
        if (!flow.isBackEdge)
          continue;
        Operation *loop = user->getParentOp();
        interval.first = std::min(interval.first, begins.lookup(loop));
        interval.last = std::max(interval.last, ends.lookup(loop));
      }
    }
  return interval;
}
