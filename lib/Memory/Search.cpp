//===----------------------------------------------------------------------===//
// Local search over the orders of first fit, for what greedy placement leaves.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Memory/FirstFit.h"
#include "lib/Memory/HeapSort.h"

#include <string.h>

using namespace nncmem;

namespace {
/// Marsaglia's xorshift: the same numbers everywhere.
class Random {
public:
  /// From [0, count).
  size_t below(size_t count) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return static_cast<size_t>(state % count);
  }

private:
  uint64_t state = 0x9e3779b97f4a7c15u;
};

/// How far a placement is from the bound; the lower the better.
struct Excess {
  int64_t arena = 0;
  /// Bytes above the bound, of all buffers together: tells apart orders that
  /// need the same arena.
  double sum = 0;

  bool isWorseThan(const Excess &other) const {
    return arena != other.arena ? arena > other.arena : sum > other.sum;
  }
};
} // namespace

static Excess tryOrder(const Problem &problem, const uint32_t *order,
                       int64_t bound, Work &work) {
  Excess excess;
  excess.arena = firstFit(problem, order, work.offsets, work.placed);
  for (size_t i = 0; i < problem.count; ++i) {
    int64_t end = work.offsets[i] + problem.buffers[i].size;
    if (problem.buffers[i].size != 0 && end > bound)
      excess.sum += double(end - bound);
  }
  return excess;
}

/// A position in the order of a buffer that ends above the bound, or of one
/// that is alive with such a one: any of those, from a random place on.
static size_t choose(const Problem &problem, const uint32_t *order,
                     const int64_t *offsets, int64_t bound, Random &random) {
  size_t count = problem.count, start = random.below(count), high = start;
  for (size_t i = 0; i < count; ++i) {
    size_t at = (start + i) % count;
    const Buffer &b = problem.buffers[order[at]];
    if (b.size == 0 || offsets[order[at]] + b.size <= bound)
      continue;
    high = at;
    break;
  }
  if (random.below(2))
    return high;
  start = random.below(count);
  for (size_t i = 0; i < count; ++i) {
    size_t at = (start + i) % count;
    if (lifetimesMeet(problem.buffers[order[at]], problem.buffers[order[high]]))
      return at;
  }
  return high;
}

/// Moves what is at `from` to `to`.
static void move(uint32_t *order, size_t from, size_t to) {
  uint32_t item = order[from];
  if (to < from)
    memmove(order + to + 1, order + to, (from - to) * sizeof(uint32_t));
  else
    memmove(order + from, order + from + 1, (to - from) * sizeof(uint32_t));
  order[to] = item;
}

int64_t nncmem::searchOrders(const Problem &problem, int64_t tries,
                             int64_t *offsets, void *memory) {
  int64_t best = peak(problem, offsets);
  if (problem.count < 2)
    return best;
  int64_t bound = lowerBound(problem, memory);
  Work work(memory, problem.count);
  for (size_t i = 0; i < problem.count; ++i)
    work.order[i] = static_cast<uint32_t>(i);
  // By offset: first fit then places nothing higher than it was.
  heapSort(work.order, problem.count, [offsets](uint32_t a, uint32_t b) {
    return offsets[a] != offsets[b] ? offsets[a] < offsets[b] : a < b;
  });
  Random random;
  Excess current = tryOrder(problem, work.order, bound, work);
  memcpy(work.kept, work.offsets, problem.count * sizeof(int64_t));
  for (int64_t i = 0; i < tries && best > bound; ++i) {
    size_t from = choose(problem, work.order, work.kept, bound, random);
    size_t to = random.below(problem.count);
    move(work.order, from, to);
    Excess next = tryOrder(problem, work.order, bound, work);
    if (next.isWorseThan(current)) {
      move(work.order, to, from);
      continue;
    }
    current = next;
    memcpy(work.kept, work.offsets, problem.count * sizeof(int64_t));
    if (current.arena < best) {
      best = current.arena;
      memcpy(offsets, work.offsets, problem.count * sizeof(int64_t));
    }
  }
  return best;
}

int64_t nncmem::solve(const Problem &problem, int64_t *offsets, void *memory) {
  constexpr int32_t rounds = 64;
  // Some tenths of a second where the bound is out of reach, else far less.
  constexpr int64_t comparisons = 200000000, mostTries = 20000;
  bestFit(problem, rounds, offsets, memory);
  auto count =
      static_cast<int64_t>(problem.count < 20000 ? problem.count + 1 : 20000);
  int64_t tries = comparisons / (count * count);
  return searchOrders(problem, tries < mostTries ? tries : mostTries, offsets,
                      memory);
}
