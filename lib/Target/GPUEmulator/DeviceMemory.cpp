//===----------------------------------------------------------------------===//
// The global memory of the emulated GPU.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Target/GPUEmulator/DeviceMemory.h"

#include <cstdlib>
#include <cstring>

using namespace nncgpu;

/// Blocks begin this far behind a multiple of twice the alignment.
static constexpr uint64_t shift = DeviceMemory::alignment;

static void release(uint64_t address) {
  std::free(reinterpret_cast<void *>(address - shift));
}

DeviceMemory::~DeviceMemory() {
  for (const auto &[address, block] : blocks)
    if (block.owned)
      release(address);
}

uint64_t DeviceMemory::allocate(uint64_t bytes) {
  if (bytes > SIZE_MAX - 4 * alignment)
    return 0;
  uint64_t room =
      (bytes + shift + 2 * alignment) / (2 * alignment) * (2 * alignment);
  void *memory = std::aligned_alloc(2 * alignment, room);
  if (!memory)
    return 0;
  uint64_t begin = reinterpret_cast<uint64_t>(memory) + shift;
  // NaN in every float type.
  std::memset(reinterpret_cast<void *>(begin), 0xff, bytes);
  blocks[begin] = {begin, bytes, /*owned=*/true};
  usedBytes += bytes;
  return begin;
}

void DeviceMemory::lend(uint64_t address, uint64_t bytes) {
  blocks[address] = {address, bytes, /*owned=*/false};
}

bool DeviceMemory::free(uint64_t address) {
  auto it = blocks.find(address);
  if (it == blocks.end())
    return false;
  if (it->second.owned) {
    usedBytes -= it->second.bytes;
    release(address);
  }
  blocks.erase(it);
  return true;
}

const DeviceMemory::Block *DeviceMemory::find(uint64_t address) const {
  auto it = blocks.upper_bound(address);
  if (it == blocks.begin())
    return nullptr;
  const Block &block = std::prev(it)->second;
  return address < block.end() ? &block : nullptr;
}

bool DeviceMemory::contains(uint64_t address, uint64_t bytes) const {
  const Block *block = find(address);
  return block && bytes <= block->end() - address;
}

std::string DeviceMemory::describe(uint64_t address) const {
  auto after = blocks.upper_bound(address);
  if (after != blocks.begin()) {
    const Block &block = std::prev(after)->second;
    if (address < block.end())
      return "at byte " + std::to_string(address - block.begin) +
             " of a block of " + std::to_string(block.bytes);
    if (after == blocks.end() ||
        address - block.end() <= after->second.begin - address)
      return std::to_string(address - block.end()) +
             " bytes behind the end of a block of " +
             std::to_string(block.bytes);
  }
  if (after != blocks.end())
    return std::to_string(after->second.begin - address) +
           " bytes before a block of " + std::to_string(after->second.bytes);
  return "where nothing is allocated";
}
