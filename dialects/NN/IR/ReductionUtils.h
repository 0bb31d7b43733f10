//===----------------------------------------------------------------------===//
// What reductions and normalizations share: axes, positions, arithmetic on
// numbers.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_NN_IR_REDUCTIONUTILS_H
#define NNC_DIALECTS_NN_IR_REDUCTIONUTILS_H

#include "nnc/DataIO/Tensor.h"
#include "nnc/Interfaces/ShapeOpInterface.h"
#include "llvm/ADT/SmallBitVector.h"

namespace mlir::nnc::nn {

/// The set of `axes` of a tensor of `rank`; fails for one out of range or named
/// twice.
FailureOr<llvm::SmallBitVector> getAxisSet(ArrayRef<int64_t> axes, int64_t rank,
                                           DimBuilder &dims);

/// Reports an axis that a tensor of `rank` has not.
LogicalResult checkAxis(int64_t axis, int64_t rank, DimBuilder &dims);

/// `shape` with 1 on the axes of `reduced`.
std::vector<int64_t> getKeptShape(const std::vector<int64_t> &shape,
                                  const llvm::SmallBitVector &reduced);

/// For each element of a tensor of `shape`, calls `function` with its row-major
/// position and that of its group: the elements that differ only on the axes of
/// `reduced`.
void forEachInGroup(
    const std::vector<int64_t> &shape, const llvm::SmallBitVector &reduced,
    function_ref<void(int64_t element, int64_t group)> function);

/// `factor` operations for each element of the tensor; nullopt if dynamic or
/// above int64_t.
std::optional<int64_t> countOperations(Value tensor, int64_t factor);

/// NaN if one of the two is.
double maximum(double a, double b);
double minimum(double a, double b);

} // namespace mlir::nnc::nn

#endif // NNC_DIALECTS_NN_IR_REDUCTIONUTILS_H
