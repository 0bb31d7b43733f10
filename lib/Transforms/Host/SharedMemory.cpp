//===----------------------------------------------------------------------===//
// A fixed arena with the memory that the units of a kernel share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "SharedMemory.h"

#include "nnc/Interfaces/ElementTypes.h"
#include "nnc/Runtime/nncrt.h"
#include "nnc/Transforms/Passes.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::nnc;

static int64_t alignSize(int64_t bytes) {
  return int64_t(llvm::alignTo(uint64_t(bytes), NNCRT_ALIGNMENT));
}

SharedMemory::SharedMemory(func::FuncOp entry)
    : entry(entry), lifetimes(entry) {
  entry.walk([&](nn::LaunchOp launch) {
    for (auto [result, attr] :
         llvm::zip(launch->getResults(), launch.getSlots()))
      addSlot(result, cast<nn::SlotAttr>(attr));
  });
  numSlots = buffers.size();
  auto read = [&](StringRef name) {
    auto bytes = entry->getAttrOfType<IntegerAttr>(name);
    return bytes ? bytes.getInt() : 0;
  };
  arenaBytes = read(arenaBytesAttrName);
  lowerBound = read(arenaLowerBoundAttrName);
}

void SharedMemory::addSlot(OpResult result, nn::SlotAttr slot) {
  auto type = cast<RankedTensorType>(result.getType());
  if (slot.getKind() != nn::SlotClass::arena || !slot.getOffset() ||
      !type.hasStaticShape())
    return;
  int64_t bytes =
      alignSize(type.getNumElements() *
                nncio::elementBytes(*toElementType(type.getElementType())));
  auto [first, last] = lifetimes.getLifetime(result);
  auto [place, isNew] = slots.try_emplace(slot.getIndex(), buffers.size());
  int64_t offset = *slot.getOffset();
  if (isNew) {
    buffers.push_back({bytes, NNCRT_ALIGNMENT, int32_t(first), int32_t(last)});
    offsets.push_back(offset);
    return;
  }
  // Results in one place, one after the other, or parts of a whole.
  nncmem::Buffer &shared = buffers[place->second];
  int64_t &begin = offsets[place->second];
  int64_t end = std::max(begin + shared.size, offset + bytes);
  begin = std::min(begin, offset);
  shared.size = end - begin;
  shared.first = std::min(shared.first, int32_t(first));
  shared.last = std::max(shared.last, int32_t(last));
}

void SharedMemory::add(nn::LaunchOp launch, int64_t bytes) {
  auto position = int32_t(lifetimes.getPosition(launch));
  nncmem::Buffer block{alignSize(bytes), NNCRT_ALIGNMENT, position, position};
  nncmem::Problem problem{buffers.data(), numSlots};
  std::vector<int64_t> work(nncmem::workBytes(numSlots) / 8 + 1);
  int64_t offset =
      nncmem::placeOneMore(problem, offsets.data(), block, work.data());
  int64_t live = block.size;
  for (const nncmem::Buffer &slot : ArrayRef(buffers).take_front(numSlots))
    if (nncmem::lifetimesMeet(slot, block))
      live += slot.size;
  blocks[launch] = buffers.size();
  buffers.push_back(block);
  offsets.push_back(offset);
  arenaBytes = std::max(arenaBytes, offset + block.size);
  lowerBound = std::max(lowerBound, live);
}

void SharedMemory::finish() {
  nncmem::Problem problem{buffers.data(), buffers.size()};
  if (arenaBytes <= lowerBound || !nncmem::check(problem))
    return;
  std::vector<int64_t> again(buffers.size());
  std::vector<int64_t> work(nncmem::workBytes(buffers.size()) / 8 + 1);
  int64_t bytes = nncmem::solve(problem, again.data(), work.data());
  if (bytes >= arenaBytes)
    return;
  arenaBytes = bytes;
  std::swap(offsets, again);
  updateLaunches(again);
}

void SharedMemory::updateLaunches(ArrayRef<int64_t> before) {
  entry.walk([&](nn::LaunchOp launch) {
    SmallVector<Attribute> updated;
    for (auto slot : launch.getSlots().getAsRange<nn::SlotAttr>()) {
      auto place = slots.find(slot.getIndex());
      bool isPlaced = slot.getKind() == nn::SlotClass::arena &&
                      slot.getOffset() && place != slots.end();
      updated.push_back(
          isPlaced ? nn::SlotAttr::get(
                         slot.getContext(), slot.getKind(), slot.getIndex(),
                         *slot.getOffset() + offsets[place->second] -
                             before[place->second])
                   : slot);
    }
    launch.setSlotsAttr(ArrayAttr::get(launch.getContext(), updated));
  });
}

std::optional<int64_t> SharedMemory::getOffset(nn::LaunchOp launch) const {
  auto place = blocks.find(launch);
  if (place == blocks.end())
    return std::nullopt;
  return offsets[place->second];
}
