//===----------------------------------------------------------------------===//
// Which linalg ops of a kernel share one loop over work units.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_LOOPS_UNITGROUPS_H
#define NNC_LIB_TRANSFORMS_LOOPS_UNITGROUPS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::nnc {

/// How finely work is cut.
struct UnitSizes {
  /// What a unit costs at least, in additions.
  int64_t work = 20000;
  /// No kernel is worth more units: enough for any CPU's threads to get equal
  /// shares.
  int64_t most = 256;
  /// Units that are cut along the innermost dimension are multiples of this
  /// many elements: a cache line of the narrowest type, whole vectors of all.
  int64_t innermost = 64;

  /// A unit an iteration, for the threads of a GPU; of those there are fewer
  /// than 2^31.
  static UnitSizes finest() { return {1, INT32_MAX, 1}; }
  bool isFinest() const { return innermost == 1; }
};

/// How a linalg op touches a buffer.
struct UnitAccess {
  Value base; ///< The buffer behind all views.
  Value view;
  AffineMap map; ///< From loops to elements of `view`; null: any of them.
  bool writes;
};

/// A linalg op on buffers.
struct UnitMember {
  linalg::LinalgOp op;
  SmallVector<unsigned> loops; ///< Parallel ones of more than one iteration.
  SmallVector<UnitAccess> accesses;
  int64_t bodyCost = 1; ///< In additions, of one iteration.
};

/// Ops of one block, in order, whose first `depth` parallel loops run over the
/// same extents, such that iterations that differ in one of them touch
/// different elements wherever anything is written.
struct UnitGroup {
  SmallVector<UnitMember> members;
  unsigned depth = 0; ///< At least 1.
};

/// The groups of a block's own ops, with as many members as pays: sharing a
/// loop saves a barrier and keeps what the members exchange in cache, but the
/// common loops must be parallel enough. Between members of a group there are
/// only ops that touch no memory and allocations.
SmallVector<UnitGroup> formUnitGroups(Block &block, const UnitSizes &sizes);

/// Does a number depend on the kernel's sizes alone, so that the host can
/// compute it, and not on data?
bool isKnownEarly(Value number);

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_LOOPS_UNITGROUPS_H
