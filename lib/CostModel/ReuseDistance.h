//===----------------------------------------------------------------------===//
// How long ago a run has touched memory, in bytes.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_COSTMODEL_REUSEDISTANCE_H
#define NNC_LIB_COSTMODEL_REUSEDISTANCE_H

#include <cstdint>
#include <vector>

namespace mlir::nnc {

/// A piece of a buffer.
struct MemoryPiece {
  const void *buffer;
  int64_t begin, end;
};

/// All that has been touched, in the order of when it was last (R. Mattson et
/// al., "Evaluation techniques for storage hierarchies", 1970): a cache that
/// replaces the oldest holds what is younger than it is large.
class ReuseDistances {
public:
  /// Distinct bytes that have been touched since each byte of `piece` was, its
  /// own among them, on average; those that never were count as if all others
  /// had been since. Makes it the youngest.
  double touch(MemoryPiece piece);

private:
  /// The oldest first; none overlap.
  std::vector<MemoryPiece> pieces;
};

} // namespace mlir::nnc

#endif // NNC_LIB_COSTMODEL_REUSEDISTANCE_H
