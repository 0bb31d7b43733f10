//===----------------------------------------------------------------------===//
// Checks of a storage problem and of its solutions, and its lower bound.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Memory/Storage.h"

#include "lib/Memory/HeapSort.h"

using namespace nncmem;

const char *nncmem::errorText(Error error) {
  switch (error) {
  case Error::None:
    return "is fine";
  case Error::NegativeSize:
    return "has a negative size";
  case Error::ReversedLifetime:
    return "ends before it begins";
  case Error::BadAlignment:
    return "has an alignment that is not a power of two";
  case Error::Overflow:
    return "makes the sum of sizes overflow";
  case Error::TooMany:
    return "is one too many";
  case Error::NegativeOffset:
    return "has a negative offset";
  case Error::Unaligned:
    return "is not aligned";
  case Error::Overlap:
    return "overlaps another one that is alive at the same time";
  }
  return "is not known";
}

Outcome nncmem::check(const Problem &problem) {
  if (problem.count > maxBuffers)
    return {Error::TooMany, maxBuffers, 0};
  int64_t sum = 0;
  for (size_t i = 0; i < problem.count; ++i) {
    const Buffer &b = problem.buffers[i];
    if (b.size < 0)
      return {Error::NegativeSize, i, 0};
    if (b.first > b.last)
      return {Error::ReversedLifetime, i, 0};
    if (b.alignment <= 0 || (b.alignment & (b.alignment - 1)) != 0)
      return {Error::BadAlignment, i, 0};
    if (b.size != 0 && (__builtin_add_overflow(sum, b.size, &sum) ||
                        __builtin_add_overflow(sum, b.alignment - 1, &sum)))
      return {Error::Overflow, i, 0};
  }
  return {};
}

Outcome nncmem::verify(const Problem &problem, const int64_t *offsets) {
  for (size_t i = 0; i < problem.count; ++i) {
    const Buffer &b = problem.buffers[i];
    if (b.size == 0)
      continue;
    int64_t end;
    if (offsets[i] < 0)
      return {Error::NegativeOffset, i, 0};
    if (offsets[i] & (b.alignment - 1))
      return {Error::Unaligned, i, 0};
    if (__builtin_add_overflow(offsets[i], b.size, &end))
      return {Error::Overflow, i, 0};
    for (size_t j = 0; j < i; ++j) {
      const Buffer &c = problem.buffers[j];
      if (c.size != 0 && lifetimesMeet(b, c) && offsets[j] < end &&
          offsets[i] < offsets[j] + c.size)
        return {Error::Overlap, i, j};
    }
  }
  return {};
}

int64_t nncmem::peak(const Problem &problem, const int64_t *offsets) {
  int64_t result = 0;
  for (size_t i = 0; i < problem.count; ++i) {
    int64_t size = problem.buffers[i].size;
    if (size != 0 && offsets[i] + size > result)
      result = offsets[i] + size;
  }
  return result;
}

int64_t nncmem::lowerBound(const Problem &problem, void *work) {
  const Buffer *buffers = problem.buffers;
  size_t count = problem.count;
  auto *starts = static_cast<uint32_t *>(work);
  uint32_t *ends = starts + count;
  for (size_t i = 0; i < count; ++i)
    starts[i] = ends[i] = static_cast<uint32_t>(i);
  heapSort(starts, count, [buffers](uint32_t a, uint32_t b) {
    return buffers[a].first < buffers[b].first;
  });
  heapSort(ends, count, [buffers](uint32_t a, uint32_t b) {
    return buffers[a].last < buffers[b].last;
  });
  int64_t live = 0, most = 0;
  for (size_t i = 0, ended = 0; i < count; ++i) {
    const Buffer &born = buffers[starts[i]];
    for (; buffers[ends[ended]].last < born.first; ++ended)
      live -= buffers[ends[ended]].size;
    live += born.size;
    if (live > most)
      most = live;
  }
  return most;
}
