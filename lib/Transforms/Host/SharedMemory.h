//===----------------------------------------------------------------------===//
// A fixed arena with the memory that the units of a kernel share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_HOST_SHAREDMEMORY_H
#define NNC_LIB_TRANSFORMS_HOST_SHAREDMEMORY_H

#include "nnc/Analysis/ScheduleLifetimes.h"
#include "nnc/Memory/Storage.h"

namespace mlir::nnc {

/// The slots of an entry function whose arena the compiler has placed, and
/// beside them what single launches need while they run: that is known only
/// once kernels are loops.
class SharedMemory {
public:
  explicit SharedMemory(func::FuncOp entry);

  /// Asks for `bytes` while `launch` runs. They get the lowest offset at which
  /// no slot lies that is alive then.
  void add(nn::LaunchOp launch, int64_t bytes);

  /// Where the arena is larger than it need be, places slots and blocks anew,
  /// all together; if that is better, launches get the new slots.
  void finish();

  /// The offset of what `launch` has asked for; nullopt if it has not.
  std::optional<int64_t> getOffset(nn::LaunchOp launch) const;
  /// Bytes of the arena with all that was placed.
  int64_t getArenaBytes() const { return arenaBytes; }
  /// The largest sum of slots alive at one time with what a launch shares then.
  int64_t getLowerBound() const { return lowerBound; }

private:
  void addSlot(OpResult result, nn::SlotAttr slot);
  /// `before`: where the slots were.
  void updateLaunches(ArrayRef<int64_t> before);

  func::FuncOp entry;
  ScheduleLifetimes lifetimes;
  /// Slots first, then blocks.
  std::vector<nncmem::Buffer> buffers;
  std::vector<int64_t> offsets;
  size_t numSlots = 0;
  /// Places in `buffers`: of slots by index, of blocks by launch.
  DenseMap<int64_t, size_t> slots;
  DenseMap<Operation *, size_t> blocks;
  int64_t arenaBytes = 0;
  int64_t lowerBound = 0;
};

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_HOST_SHAREDMEMORY_H
