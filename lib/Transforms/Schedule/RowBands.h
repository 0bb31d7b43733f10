//===----------------------------------------------------------------------===//
// Which rows of their inputs kernels read for some rows of their result.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_SCHEDULE_ROWBANDS_H
#define NNC_LIB_TRANSFORMS_SCHEDULE_ROWBANDS_H

#include "dialects/NN/IR/NNOps.h"
#include "nnc/Interfaces/RowBandOpInterface.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::nnc {

/// The outermost axis of more than one place: a band of rows along it is one
/// stretch of memory. nullopt if there is none, or sizes are not known.
std::optional<int64_t> findRowAxis(Value tensor);

/// All rows of a tensor that has a row axis.
RowBand getAllRows(Value tensor);

/// Bytes of a row.
int64_t getRowBytes(Value tensor);

/// What a kernel reads for a band of its result.
struct KernelBand {
  struct Input {
    unsigned number;
    std::optional<RowBand> band; ///< nullopt: all of it.
  };
  RowBand result;
  /// An input may be there several times, with different bands.
  SmallVector<Input> inputs;
  /// The ops of the body that make bands, and those that stay as they are.
  DenseMap<Operation *, RowBand> bands;
  DenseSet<Operation *> wholes;
};

/// nullopt if the kernel can't compute `result`, a band of its only result.
std::optional<KernelBand> analyzeBand(nn::KernelOp kernel, RowBand result);

/// Multiples at which bands of the kernel's result begin and end.
int64_t getBandAlignment(nn::KernelOp kernel, int64_t axis);

/// The rows of the operand of `view`, a reshape, that hold rows of its result,
/// which `band` becomes as far as rows of one are no rows of the other.
RowBand getViewedRows(nn::ReshapeOp view, RowBand &band);

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_SCHEDULE_ROWBANDS_H
