//===----------------------------------------------------------------------===//
// The shared memory of a block and what is known of each of its bytes.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TARGET_GPUEMULATOR_SHAREDMEMORY_H
#define NNC_LIB_TARGET_GPUEMULATOR_SHAREDMEMORY_H

#include "lib/Target/GPUEmulator/Clocks.h"

#include <memory>
#include <optional>
#include <vector>

namespace nncgpu {

/// An access of shared memory, by a thread or by an engine in its name.
struct SharedAccess {
  /// Who did it, and its time.
  uint32_t agent = 0;
  uint32_t time = 0;
  /// Whose knowledge counts: the thread that did or asked for it.
  uint32_t thread = 0;
  bool isWrite = false;
  bool isAtomic = false;
};

/// Two accesses that nothing orders, or a read of what nobody wrote.
struct SharedConflict {
  /// The offset of the first byte in question.
  uint32_t offset;
  /// The agent of the earlier access; nothing if the byte was never written.
  std::optional<uint32_t> other;
  bool otherWrites = false;
};

/// A window of 256 KiB at a multiple of 256 KiB: the low 18 bits of an address
/// are the offset, as in the descriptors of wgmma.
class SharedMemory {
public:
  static constexpr uint32_t windowBytes = 256 << 10;

  /// `window` is the memory; `bytes` of it belong to the block.
  void begin(uint8_t *window, uint32_t bytes);

  uint8_t *data() const { return window; }
  uint32_t bytes() const { return size; }
  bool holds(uint64_t address) const {
    return address - reinterpret_cast<uint64_t>(window) < windowBytes;
  }
  uint32_t offsetOf(uint64_t address) const {
    return uint32_t(address) & (windowBytes - 1);
  }

  /// Notes an access of [offset, offset + count), which must be in the block's
  /// part, and says what is wrong with it.
  std::optional<SharedConflict> note(const Clocks &clocks,
                                     const SharedAccess &access,
                                     uint32_t offset, uint32_t count);

  /// Bytes that hardware objects use, like barriers: ordinary accesses of them
  /// are conflicts that `note` does not find.
  void markWritten(uint32_t offset, uint32_t count);

private:
  struct Record {
    uint32_t writer = 0, writeTime = 0;
    uint32_t reader = 0, readTime = 0;
    /// Index + 1 in `manyReaders`, if several threads read since the write.
    uint32_t readers = 0;
    bool isAtomic = false;
    /// Bytes of the word have records of their own.
    bool isSplit = false;
  };

  std::optional<SharedConflict> noteRecord(const Clocks &clocks,
                                           const SharedAccess &access,
                                           Record &record, uint32_t offset);
  void noteReader(const Clocks &clocks, const SharedAccess &access,
                  Record &record);

  uint8_t *window = nullptr;
  uint32_t size = 0;
  /// One a word, one a byte.
  std::vector<Record> words, split;
  std::vector<VectorClock> manyReaders;
  std::vector<uint8_t> written;
};

} // namespace nncgpu

#endif // NNC_LIB_TARGET_GPUEMULATOR_SHAREDMEMORY_H
