//===----------------------------------------------------------------------===//
// Ops that say which entries of their dimensions go together.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_INTERFACES_PRUNABLEOPINTERFACE_H
#define NNC_INTERFACES_PRUNABLEOPINTERFACE_H

#include "mlir/IR/OpDefinition.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir::nnc {

/// Entries of one dimension, in runs: run i has the `repeat` entries from
/// `begin + i * repeat`.
struct DimRun {
  Value value;
  int64_t dim;
  int64_t begin = 0;
  int64_t repeat = 1;
};

/// Run i of `a` goes with run i of `b`, for each i below `count`: all entries
/// of both stay or all go. Equal sizes are runs of 1; a part of a larger
/// dimension begins elsewhere; a dimension that is one of several factors of
/// another has longer runs there.
struct DimCoupling {
  DimRun a, b;
  int64_t count;
};

/// The entries that are left of dimensions that lose some.
class KeptEntries {
public:
  void set(Value value, int64_t dim, SmallVector<int64_t> entries) {
    lists[{value, dim}] = std::move(entries);
  }
  /// In increasing order; null: all.
  const SmallVector<int64_t> *find(Value value, int64_t dim) const {
    auto found = lists.find({value, dim});
    return found == lists.end() ? nullptr : &found->second;
  }
  /// How many are left.
  int64_t count(Value value, int64_t dim) const;
  /// How many of those below `entry` are left.
  int64_t countBelow(Value value, int64_t dim, int64_t entry) const;
  bool empty() const { return lists.empty(); }

private:
  DenseMap<std::pair<Value, int64_t>, SmallVector<int64_t>> lists;
};

} // namespace mlir::nnc

#include "nnc/Interfaces/PrunableOpInterface.h.inc"

#endif // NNC_INTERFACES_PRUNABLEOPINTERFACE_H
