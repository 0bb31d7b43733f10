//===----------------------------------------------------------------------===//
// The global memory of the emulated GPU: which addresses are allocated.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TARGET_GPUEMULATOR_DEVICEMEMORY_H
#define NNC_TARGET_GPUEMULATOR_DEVICEMEMORY_H

#include <cstdint>
#include <map>
#include <string>

namespace nncgpu {

/// Addresses are those of the host. Not thread-safe while it changes.
class DeviceMemory {
public:
  /// What `cuMemAlloc` promises: "suitably aligned for any kind of variable",
  /// which is 256 bytes. Blocks get no more than that, so that code that needs
  /// more is found.
  static constexpr uint64_t alignment = 256;

  struct Block {
    uint64_t begin = 0, bytes = 0;
    /// False for what the host owns and only lends.
    bool owned = false;

    uint64_t end() const { return begin + bytes; }
  };

  DeviceMemory() = default;
  ~DeviceMemory();
  DeviceMemory(const DeviceMemory &) = delete;
  DeviceMemory &operator=(const DeviceMemory &) = delete;

  /// Memory full of 0xff bytes; 0 if there is none.
  uint64_t allocate(uint64_t bytes);
  /// Makes host memory accessible to kernels: pinned memory, variables.
  void lend(uint64_t address, uint64_t bytes);
  /// False if no block begins there.
  bool free(uint64_t address);

  /// The block that holds the address; null if none does.
  const Block *find(uint64_t address) const;
  /// Whether `bytes` bytes from `address` on lie in one block.
  bool contains(uint64_t address, uint64_t bytes) const;
  /// Where an address lies, for messages: "4 bytes behind the block of 16 bytes
  /// at 0x…".
  std::string describe(uint64_t address) const;

  /// Bytes of all owned blocks.
  uint64_t used() const { return usedBytes; }

private:
  std::map<uint64_t, Block> blocks;
  uint64_t usedBytes = 0;
};

} // namespace nncgpu

#endif // NNC_TARGET_GPUEMULATOR_DEVICEMEMORY_H
