//===----------------------------------------------------------------------===//
// First fit in a given order, for the solvers of the storage problem.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_MEMORY_FIRSTFIT_H
#define NNC_LIB_MEMORY_FIRSTFIT_H

#include "nnc/Memory/Storage.h"

namespace nncmem {

/// A buffer that has its place. They are kept in order of offset.
struct Placed {
  int64_t offset;
  int64_t end;
  int32_t first;
  int32_t last;
};

/// What searching keeps beside the best offsets, in the caller's working
/// memory.
struct Work {
  Placed *placed;
  uint32_t *order;
  uint32_t *spare;  ///< The next order.
  int64_t *offsets; ///< Of the order that is tried.
  int64_t *kept;    ///< Of the order that search goes on from.

  Work(void *memory, size_t count)
      : placed(static_cast<Placed *>(memory)),
        order(reinterpret_cast<uint32_t *>(placed + count)),
        spare(order + count),
        offsets(reinterpret_cast<int64_t *>(order + 2 * count)),
        kept(offsets + count) {}
};

/// Places all in this order, each at the lowest offset at which it meets no
/// placed one, and returns the bytes of the arena. `placed` has room for all.
int64_t firstFit(const Problem &problem, const uint32_t *order,
                 int64_t *offsets, Placed *placed);

} // namespace nncmem

#endif // NNC_LIB_MEMORY_FIRSTFIT_H
