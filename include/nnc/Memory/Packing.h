//===----------------------------------------------------------------------===//
// The storage problem with a given capacity, by branch and bound. For the
// compiler; the runtime places by first fit alone.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_MEMORY_PACKING_H
#define NNC_MEMORY_PACKING_H

#include "nnc/Memory/Storage.h"

#include <functional>
#include <vector>

namespace nncmem {

struct PackingOptions {
  int64_t capacity = 0; ///< In bytes.
  /// Nodes of the search tree, of all attempts together. The result depends on
  /// the problem, the capacity and this, unless the time limit cuts it off.
  int64_t nodes = 10000000;
  double timeLimit = 0; ///< In seconds; 0 for none.
  /// Called about once a second with the nodes so far.
  std::function<void(int64_t)> onProgress;
};

struct Packing {
  /// One a buffer if `isFound`.
  std::vector<int64_t> offsets;
  bool isFound = false;
  /// There is no placement within the capacity: the whole tree was searched.
  bool isRefuted = false;
  bool isCutOff = false; ///< The time limit ended the search.
  int64_t nodes = 0;
};

/// Looks for a placement that ends within the capacity. The problem must have
/// passed `check`.
Packing pack(const Problem &problem, const PackingOptions &options);

} // namespace nncmem

#endif // NNC_MEMORY_PACKING_H
