//===----------------------------------------------------------------------===//
// Which kernel results share a slot of the arena, and how long slots live.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_SCHEDULE_ARENAPLAN_H
#define NNC_LIB_TRANSFORMS_SCHEDULE_ARENAPLAN_H

#include "nnc/Analysis/ScheduleLifetimes.h"
#include "nnc/Memory/Storage.h"

namespace mlir::nnc {

/// A place in the arena, of one kernel result, of several that are written one
/// over the other, or of the parts of a joined tensor.
struct ArenaSlot {
  SmallVector<Value, 1> results;
  int64_t first = 0;
  int64_t last = 0;
  /// In bytes: a number, or an index value.
  std::optional<int64_t> staticSize;
  Value size;
};

/// The slots of a function, results in the order of its kernels.
class ArenaPlan {
public:
  /// Gives `result` the slot of an operand that its kernel may overwrite, which
  /// is returned, or one of its own.
  OpResult add(OpResult result, const ScheduleLifetimes &lifetimes);

  SmallVector<ArenaSlot> slots;

  /// As a problem, sizes rounded up to cache lines. All sizes must be static.
  SmallVector<nncmem::Buffer> getBuffers() const;

private:
  size_t addSlot(OpResult result, const ScheduleLifetimes &lifetimes);

  /// By result, the number of its slot.
  DenseMap<Value, size_t> numbers;
  /// By the op that joins parts, the number of their slot.
  DenseMap<Operation *, size_t> wholes;
};

/// The kernel results that make `value`: one, or the parts of a joined tensor.
SmallVector<OpResult> getWrittenResults(Value value);

/// The results that `function` returns, or parts of them, each with the number
/// of the output. A result that is returned twice has the first one. Null
/// values, where the function returns what no kernel makes, are left out.
DenseMap<Value, int64_t> getOutputs(func::FuncOp function);

/// Bytes of a kernel result in the arena, rounded up; nullopt if not static.
std::optional<int64_t> getSlotBytes(OpResult result);

/// A slot that is alive where the arena is fullest.
struct AliveSlot {
  OpResult result; ///< The first in it.
  int64_t bytes;
  int64_t first; ///< Position from which on it is.
};

/// What is alive where the arena is fullest.
struct ArenaPeak {
  int64_t bytes = 0;
  SmallVector<AliveSlot> alive; ///< The largest first.
  nn::KernelOp kernel;          ///< That runs there.
};

/// The largest sum of slots alive at one time, in a function whose results all
/// have static sizes: what no placement can do without. nullopt for others.
std::optional<ArenaPeak> findArenaPeak(func::FuncOp function);

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_SCHEDULE_ARENAPLAN_H
