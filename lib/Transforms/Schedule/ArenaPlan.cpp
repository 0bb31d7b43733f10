//===----------------------------------------------------------------------===//
// Which kernel results share a slot of the arena, and how long slots live.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ArenaPlan.h"

#include "InPlace.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "nnc/Interfaces/ElementTypes.h"

using namespace mlir;
using namespace mlir::nnc;

/// Slots start on a cache line, in bytes; as NNCRT_ALIGNMENT.
static constexpr int64_t slotAlignment = 64;

/// To whole cache lines, so that the bound is one that can be reached. Sizes
/// that can't be rounded are left for the check of the problem.
static int64_t roundUp(int64_t size) {
  return size > INT64_MAX - slotAlignment
             ? size
             : int64_t(llvm::alignTo(uint64_t(size), slotAlignment));
}

static std::optional<int64_t> getKnownBytes(Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (!type.hasStaticShape())
    return std::nullopt;
  return getStaticBytes(type);
}

std::optional<int64_t> mlir::nnc::getSlotBytes(OpResult result) {
  std::optional<int64_t> bytes = getKnownBytes(result);
  return bytes ? std::optional<int64_t>(roundUp(*bytes)) : std::nullopt;
}

OpResult ArenaPlan::add(OpResult result, const ScheduleLifetimes &lifetimes) {
  ScheduleLifetimes::Interval lifetime = lifetimes.getLifetime(result);
  OpResult made =
      findOverwritable(cast<nn::KernelOp>(result.getOwner()), lifetimes);
  auto known = made ? numbers.find(made) : numbers.end();
  if (known != numbers.end()) {
    size_t number = known->second;
    slots[number].results.push_back(result);
    slots[number].last = lifetime.last;
    numbers[result] = number;
    return made;
  }
  numbers[result] = addSlot(result, lifetimes);
  return {};
}

size_t ArenaPlan::addSlot(OpResult result, const ScheduleLifetimes &lifetimes) {
  std::optional<JoinedPart> part = getJoinedPart(result);
  if (part) {
    auto [whole, isNew] = wholes.try_emplace(part->whole, slots.size());
    if (!isNew) {
      slots[whole->second].results.push_back(result);
      return whole->second;
    }
  }
  auto [first, last] = lifetimes.getLifetime(result);
  ArenaSlot slot;
  slot.results = {result};
  slot.first = first;
  slot.last = last;
  slot.staticSize = getKnownBytes(part ? part->whole->getResult(0) : result);
  slots.push_back(slot);
  return slots.size() - 1;
}

SmallVector<nncmem::Buffer> ArenaPlan::getBuffers() const {
  SmallVector<nncmem::Buffer> buffers;
  for (const ArenaSlot &slot : slots)
    buffers.push_back({roundUp(*slot.staticSize), slotAlignment,
                       int32_t(slot.first), int32_t(slot.last)});
  return buffers;
}

SmallVector<OpResult> mlir::nnc::getWrittenResults(Value value) {
  if (OpResult result = getKernelResult(value))
    return {result};
  while (isView(value.getDefiningOp()))
    value = value.getDefiningOp()->getOperand(0);
  SmallVector<OpResult> results;
  if (auto join = value.getDefiningOp<tensor::ConcatOp>())
    for (Value part : join.getInputs())
      if (OpResult result = getKernelResult(part))
        results.push_back(result);
  return results;
}

DenseMap<Value, int64_t> mlir::nnc::getOutputs(func::FuncOp function) {
  DenseMap<Value, int64_t> outputs;
  for (OpOperand &operand :
       function.getBody().front().getTerminator()->getOpOperands())
    if (isa<RankedTensorType>(operand.get().getType()))
      for (OpResult value : getWrittenResults(operand.get()))
        outputs.try_emplace(value, operand.getOperandNumber());
  return outputs;
}

std::optional<ArenaPeak> mlir::nnc::findArenaPeak(func::FuncOp function) {
  ScheduleLifetimes lifetimes(function);
  DenseMap<Value, int64_t> outputs = getOutputs(function);
  ArenaPlan plan;
  for (nn::KernelOp kernel : lifetimes.getKernels())
    for (OpResult result : kernel->getResults()) {
      if (!getKnownBytes(result))
        return std::nullopt;
      if (!outputs.count(result))
        plan.add(result, lifetimes);
    }
  SmallVector<nncmem::Buffer> buffers = plan.getBuffers();
  if (!nncmem::check({buffers.data(), buffers.size()}))
    return std::nullopt;
  // What begins and ends at each position.
  std::vector<int64_t> changes(lifetimes.getKernels().size() + 2);
  for (const nncmem::Buffer &buffer : buffers) {
    changes[buffer.first] += buffer.size;
    changes[buffer.last + 1] -= buffer.size;
  }
  ArenaPeak peak;
  int64_t bytes = 0;
  size_t fullest = 0;
  for (size_t i = 0; i < changes.size(); ++i) {
    bytes += changes[i];
    if (bytes > peak.bytes) {
      peak.bytes = bytes;
      fullest = i;
    }
  }
  if (fullest < lifetimes.getKernels().size())
    peak.kernel = lifetimes.getKernels()[fullest];
  for (auto [slot, buffer] : llvm::zip(plan.slots, buffers))
    if (size_t(buffer.first) <= fullest && fullest <= size_t(buffer.last))
      peak.alive.push_back(
          {cast<OpResult>(slot.results.front()), buffer.size, slot.first});
  llvm::sort(peak.alive, [](const AliveSlot &a, const AliveSlot &b) {
    return std::make_tuple(-a.bytes, a.first, a.result.getResultNumber()) <
           std::make_tuple(-b.bytes, b.first, b.result.getResultNumber());
  });
  return peak;
}
