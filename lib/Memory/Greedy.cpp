//===----------------------------------------------------------------------===//
// First-fit placement, in order of decreasing size or in the best of several
// orders.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Memory/FirstFit.h"
#include "lib/Memory/HeapSort.h"

#include <string.h>

using namespace nncmem;

size_t nncmem::workBytes(size_t count) {
  return count * (sizeof(Placed) + 2 * sizeof(uint32_t) + 2 * sizeof(int64_t));
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

int64_t nncmem::firstFit(const Problem &problem, const uint32_t *order,
                         int64_t *offsets, Placed *placed) {
  int64_t arena = 0;
  size_t count = 0;
  for (size_t k = 0; k < problem.count; ++k) {
    const Buffer &b = problem.buffers[order[k]];
    int64_t offset = b.size == 0 ? 0 : findGap(b, placed, count);
    offsets[order[k]] = offset;
    if (b.size == 0)
      continue;
    if (offset + b.size > arena)
      arena = offset + b.size;
    size_t position = findPosition(placed, count, offset);
    memmove(placed + position + 1, placed + position,
            (count - position) * sizeof(Placed));
    placed[position] = {offset, offset + b.size, b.first, b.last};
    ++count;
  }
  return arena;
}

int64_t nncmem::placeOneMore(const Problem &placed, const int64_t *offsets,
                             const Buffer &buffer, void *memory) {
  Work work(memory, placed.count);
  size_t count = 0;
  for (size_t i = 0; i < placed.count; ++i) {
    const Buffer &b = placed.buffers[i];
    if (b.size != 0)
      work.placed[count++] = {offsets[i], offsets[i] + b.size, b.first, b.last};
  }
  heapSort(work.placed, count, [](const Placed &a, const Placed &b) {
    return a.offset < b.offset;
  });
  return buffer.size == 0 ? 0 : findGap(buffer, work.placed, count);
}

static int64_t lifeOf(const Buffer &b) { return int64_t(b.last) - b.first; }

namespace {
/// What is placed first; ties by the other measures, then by index.
enum class Order { Size, Life, Area, Birth };
constexpr Order orders[] = {Order::Size, Order::Life, Order::Area,
                            Order::Birth};
} // namespace

/// Does `x` go before `y`?
static bool precedes(Order order, const Buffer &x, const Buffer &y,
                     bool byIndex) {
  if (order == Order::Birth && x.first != y.first)
    return x.first < y.first;
  if (order == Order::Life && lifeOf(x) != lifeOf(y))
    return lifeOf(x) > lifeOf(y);
  if (order == Order::Area) {
    // Of numbers too large for int64_t too.
    double areaX = double(x.size) * double(lifeOf(x) + 1),
           areaY = double(y.size) * double(lifeOf(y) + 1);
    if (areaX != areaY)
      return areaX > areaY;
  }
  if (x.size != y.size)
    return x.size > y.size;
  if (lifeOf(x) != lifeOf(y))
    return lifeOf(x) > lifeOf(y);
  return byIndex;
}

static void sortBy(Order kind, const Problem &problem, uint32_t *order) {
  const Buffer *buffers = problem.buffers;
  for (size_t i = 0; i < problem.count; ++i)
    order[i] = static_cast<uint32_t>(i);
  heapSort(order, problem.count, [=](uint32_t a, uint32_t b) {
    return precedes(kind, buffers[a], buffers[b], a < b);
  });
}

int64_t nncmem::greedyBySize(const Problem &problem, int64_t *offsets,
                             void *memory) {
  Work work(memory, problem.count);
  sortBy(Order::Size, problem, work.order);
  return firstFit(problem, work.order, offsets, work.placed);
}

/// Moves those that end above `bound` in front, in their order; where none did,
/// nothing changes.
static void promote(const Problem &problem, const int64_t *offsets,
                    int64_t bound, Work &work) {
  size_t front = 0;
  auto isHigh = [&](uint32_t i) {
    return problem.buffers[i].size != 0 &&
           offsets[i] + problem.buffers[i].size > bound;
  };
  for (size_t k = 0; k < problem.count; ++k)
    if (isHigh(work.order[k]))
      work.spare[front++] = work.order[k];
  for (size_t k = 0; k < problem.count; ++k)
    if (!isHigh(work.order[k]))
      work.spare[front++] = work.order[k];
  memcpy(work.order, work.spare, problem.count * sizeof(uint32_t));
}

int64_t nncmem::bestFit(const Problem &problem, int32_t rounds,
                        int64_t *offsets, void *memory) {
  int64_t bound = lowerBound(problem, memory);
  int64_t best = greedyBySize(problem, offsets, memory);
  Work work(memory, problem.count);
  for (Order kind : orders) {
    if (best <= bound)
      return best;
    sortBy(kind, problem, work.order);
    for (int32_t round = 0; round < rounds && best > bound; ++round) {
      int64_t arena = firstFit(problem, work.order, work.offsets, work.placed);
      if (arena < best) {
        best = arena;
        memcpy(offsets, work.offsets, problem.count * sizeof(int64_t));
      }
      promote(problem, work.offsets, bound, work);
    }
  }
  return best;
}
