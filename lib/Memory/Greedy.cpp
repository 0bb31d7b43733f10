//===----------------------------------------------------------------------===//
// First-fit placement in order of decreasing size.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Memory/Storage.h"

#include "lib/Memory/HeapSort.h"

#include <string.h>

using namespace nncmem;

namespace {
/// A buffer that has its place. They are kept in order of offset.
struct Placed {
  int64_t offset;
  int64_t end;
  int32_t first;
  int32_t last;
};
} // namespace

size_t nncmem::workBytes(size_t count) {
  return count * (sizeof(Placed) + sizeof(uint64_t));
}

/// The lowest offset of a gap for `b`.
static int64_t findGap(const Buffer &b, const Placed *placed, size_t count) {
  int64_t candidate = 0;
  for (size_t i = 0; i < count; ++i) {
    const Placed &p = placed[i];
    if (p.last < b.first || b.last < p.first || p.end <= candidate)
      continue;
    if (p.offset - candidate >= b.size)
      return candidate;
    // No overflow: `check` has reserved the padding.
    candidate = (p.end + b.alignment - 1) & ~(b.alignment - 1);
  }
  return candidate;
}

/// First of the placed ones with a higher offset.
static size_t findPosition(const Placed *placed, size_t count, int64_t offset) {
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (placed[middle].offset <= offset)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

int64_t nncmem::greedyBySize(const Problem &problem, int64_t *offsets,
                             void *work) {
  const Buffer *buffers = problem.buffers;
  auto *placed = static_cast<Placed *>(work);
  auto *order = reinterpret_cast<uint32_t *>(placed + problem.count);
  for (size_t i = 0; i < problem.count; ++i)
    order[i] = static_cast<uint32_t>(i);
  heapSort(order, problem.count, [buffers](uint32_t a, uint32_t b) {
    const Buffer &x = buffers[a], &y = buffers[b];
    if (x.size != y.size)
      return x.size > y.size;
    int64_t lifeX = int64_t(x.last) - x.first,
            lifeY = int64_t(y.last) - y.first;
    return lifeX != lifeY ? lifeX > lifeY : a < b;
  });

  int64_t arena = 0;
  size_t count = 0;
  for (size_t k = 0; k < problem.count; ++k) {
    const Buffer &b = buffers[order[k]];
    int64_t offset = b.size == 0 ? 0 : findGap(b, placed, count);
    offsets[order[k]] = offset;
    if (b.size == 0)
      continue;
    size_t position = findPosition(placed, count, offset);
    memmove(placed + position + 1, placed + position,
            (count - position) * sizeof(Placed));
    placed[position] = {offset, offset + b.size, b.first, b.last};
    ++count;
    if (offset + b.size > arena)
      arena = offset + b.size;
  }
  return arena;
}
