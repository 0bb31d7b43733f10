//===----------------------------------------------------------------------===//
// What products with matrices of few blocks cost.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COSTMODEL_SPARSE_H
#define NNC_COSTMODEL_SPARSE_H

#include "nnc/CostModel/Tiling.h"

namespace mlir::nnc {

/// A `kern.sparse`, as far as its time depends on it.
struct SparseShape {
  int64_t rows;    ///< ShapedType::kDynamic counts as a middle size.
  int64_t columns; ///< Of the result.
  int64_t steps;   ///< Of the depth.
  int64_t blocks;  ///< That are stored.
  int64_t blockColumns;
  int64_t dot = 1; ///< Elements of the depth in a step.

  static SparseShape get(kern::SparseOp op);
};

/// How to cut it: wide blocks by as many rows as registers hold sums, narrow
/// ones by as many vectors of rows.
hw::TilingAttr chooseSparseTiling(hw::TargetAttr target,
                                  const SparseShape &shape, Type sumType);

/// Cycles of one core: those of the blocks, and beside them those of turning
/// rows around and of finishing sums.
TilingCost predictSparse(hw::TargetAttr target, const SparseShape &shape,
                         Type sumType, hw::TilingAttr tiling);

} // namespace mlir::nnc

#endif // NNC_COSTMODEL_SPARSE_H
