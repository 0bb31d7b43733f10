//===----------------------------------------------------------------------===//
// The storage problem: buffers of known size and lifetime share one arena. The
// compiler solves it for fixed shapes, the runtime for shapes known at the run
// only, so this needs nothing but libc: callers bring all arrays.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_MEMORY_STORAGE_H
#define NNC_MEMORY_STORAGE_H

#include <stddef.h>
#include <stdint.h>

namespace nncmem {

/// A piece of memory, alive at the schedule positions first, …, last.
struct Buffer {
  int64_t size = 0;      ///< In bytes; 0 takes no room.
  int64_t alignment = 1; ///< Of the offset, in bytes; a power of two.
  int32_t first = 0;
  int32_t last = 0; ///< Inclusive.
};

/// An instance; the buffers belong to the caller.
struct Problem {
  const Buffer *buffers = nullptr;
  size_t count = 0;
};

enum class Error {
  None,
  NegativeSize,
  ReversedLifetime, ///< first > last
  BadAlignment,     ///< not a power of two
  Overflow,         ///< the sizes do not add up within int64_t
  TooMany,          ///< more than maxBuffers
  NegativeOffset,
  Unaligned,
  Overlap, ///< two buffers alive at the same time share bytes
};

/// What a check found; converts to true when all is well.
struct Outcome {
  Error error = Error::None;
  size_t buffer = 0; ///< The buffer at fault.
  size_t other = 0;  ///< For Overlap: the second one.
  explicit operator bool() const { return error == Error::None; }
};

inline constexpr size_t maxBuffers = 0x7fffffff;

/// A constant text for messages, such as "has a negative size".
const char *errorText(Error error);

/// Are the two alive at a common position?
inline bool lifetimesMeet(const Buffer &a, const Buffer &b) {
  return a.first <= b.last && b.first <= a.last;
}

/// Is the problem sane? Sizes are not negative, lifetimes are not reversed,
/// alignments are powers of two, and the sum of size + alignment - 1 fits into
/// int64_t, so that no sensible placement can overflow. O(n).
Outcome check(const Problem &problem);

/// Bytes of working memory, aligned to 8, that the functions below want for
/// `count` buffers; at most maxBuffers.
size_t workBytes(size_t count);

/// First fit in order of decreasing size (ties: longer lifetime, then index):
/// each buffer takes the lowest offset at which it meets no placed one.
/// Writes `count` offsets and returns the bytes of the arena. The problem must
/// have passed `check`. Depends on nothing but the problem. O(n²).
int64_t greedyBySize(const Problem &problem, int64_t *offsets, void *work);

/// Tries several orders of first fit, greedyBySize's first, and from each up to
/// `rounds` - 1 more in which those buffers go first that have come to end
/// above the lower bound. Stops at the lower bound. Never worse than
/// greedyBySize; may miss the optimum. Writes the best offsets and returns the
/// bytes of the arena. The problem must have passed `check`. Depends on nothing
/// but its arguments. O(rounds · n²).
int64_t bestFit(const Problem &problem, int32_t rounds, int64_t *offsets,
                void *work);

/// Improves the placement in `offsets`: up to `tries` times one buffer, that
/// ends above the lower bound or lives with one that does, goes to another
/// place in the order of first fit, and stays there unless that is worse. Stops
/// at the lower bound. Returns the bytes of the arena. The search over orders
/// by moves is that of TVM's memory planner (hill climbing, without its
/// annealing). The problem must have passed `check`, the offsets `verify`.
/// Depends on nothing but its arguments. O(tries · n²), far less where
/// lifetimes are short.
int64_t searchOrders(const Problem &problem, int64_t tries, int64_t *offsets,
                     void *work);

/// As the compiler places: bestFit, then searchOrders with a number of tries
/// that the number of buffers alone decides. Writes the offsets and returns the
/// bytes of the arena. The problem must have passed `check`.
int64_t solve(const Problem &problem, int64_t *offsets, void *work);

/// The lowest aligned offset at which `buffer` meets none of the placed ones.
/// The problem, with `buffer` as one more, must have passed `check`, the
/// offsets `verify`. O(n log n).
int64_t placeOneMore(const Problem &placed, const int64_t *offsets,
                     const Buffer &buffer, void *work);

/// Do live buffers keep apart, at aligned offsets that are not negative, ending
/// within int64_t? Buffers of size 0 may be anywhere. The problem must have
/// passed `check`. O(n²).
Outcome verify(const Problem &problem, const int64_t *offsets);

/// The end of the last byte in use: max of offset + size, in bytes. The offsets
/// must have passed `verify`.
int64_t peak(const Problem &problem, const int64_t *offsets);

/// No arena can be smaller than this: the maximum over all positions of the sum
/// of live sizes, in bytes. The problem must have passed `check`. O(n log n).
int64_t lowerBound(const Problem &problem, void *work);

} // namespace nncmem

#endif // NNC_MEMORY_STORAGE_H
