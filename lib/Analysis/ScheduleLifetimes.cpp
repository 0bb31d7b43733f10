//===----------------------------------------------------------------------===//
// When the memory of a kernel's result is in use.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Analysis/ScheduleLifetimes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "nnc/Interfaces/ElementTypes.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::nnc;

bool mlir::nnc::isView(Operation *op) {
  return isa_and_nonnull<nn::ReshapeOp, tensor::CastOp>(op);
}

bool mlir::nnc::isStretchView(Operation *op) {
  return isa_and_nonnull<tensor::ExtractSliceOp, tensor::ConcatOp>(op);
}

int64_t mlir::nnc::getStaticBytes(RankedTensorType type) {
  return type.getNumElements() *
         nncio::elementBytes(*toElementType(type.getElementType()));
}

std::optional<int64_t> mlir::nnc::findStretch(Operation *op) {
  auto slice = dyn_cast<tensor::ExtractSliceOp>(op);
  if (!slice || !slice.getSourceType().hasStaticShape() ||
      !slice.getType().hasStaticShape() ||
      slice.getType().getRank() != slice.getSourceType().getRank() ||
      !slice.hasUnitStride() ||
      llvm::any_of(slice.getStaticOffsets(), ShapedType::isDynamic))
    return std::nullopt;
  ArrayRef<int64_t> from = slice.getSourceType().getShape();
  ArrayRef<int64_t> to = slice.getType().getShape();
  // All of the axes behind the first that is not one place of the result.
  size_t axis = 0;
  int64_t place = 0;
  for (; axis < from.size() && to[axis] == 1; ++axis)
    place = place * from[axis] + slice.getStaticOffsets()[axis];
  for (size_t i = axis; i < from.size(); ++i) {
    if (i > axis && from[i] != to[i])
      return std::nullopt;
    place = place * from[i] + slice.getStaticOffsets()[i];
  }
  return place *
         nncio::elementBytes(*toElementType(slice.getType().getElementType()));
}

std::optional<JoinedPart> mlir::nnc::getJoinedPart(OpResult result) {
  tensor::ConcatOp whole;
  for (Operation *user : result.getUsers())
    if (auto join = dyn_cast<tensor::ConcatOp>(user))
      if (join.getType().hasStaticShape() &&
          (!whole || whole->getNumOperands() < join->getNumOperands()))
        whole = join;
  if (!whole)
    return std::nullopt;
  JoinedPart part{whole, 0};
  for (Value before : whole.getInputs()) {
    if (before == result)
      break;
    part.offset += getStaticBytes(cast<RankedTensorType>(before.getType()));
  }
  return part;
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
      isStretchView(user) ||
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
  if (std::optional<JoinedPart> part = getJoinedPart(result))
    for (Value other : part->whole->getOperands()) {
      names.insert(other);
      if (Operation *maker = other.getDefiningOp())
        interval.first = std::min(interval.first, begins.lookup(maker));
    }
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
