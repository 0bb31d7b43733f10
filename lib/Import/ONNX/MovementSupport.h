//===----------------------------------------------------------------------===//
// What the imports of operators that move data share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_IMPORT_ONNX_MOVEMENTSUPPORT_H
#define NNC_LIB_IMPORT_ONNX_MOVEMENTSUPPORT_H

#include "NodeBinder.h"

namespace mlir::nnc::onnximport {

/// The elements of an integer tensor of rank 0 or 1, as numbers or, where they
/// are known only at run time, as index values. Reports one whose length is not
/// fixed; `what` names the elements.
FailureOr<SmallVector<Dim>> readElements(NodeBinder &node, Value tensor,
                                         const Twine &what);

/// A rank-0 i64 tensor of a number or index value.
Value makeScalarIndex(NodeBinder &node, Dim dim);

/// The tensor's only element as a tensor of rank 0; reports another count.
Value reshapeToScalar(NodeBinder &node, Value tensor, const Twine &what);

/// For each axis of `rank` what of `values` the `axes` give it; `none` for an
/// axis that none names. Axes below 0 count from the end. Reports constant axes
/// that are out of range or come twice.
FailureOr<SmallVector<Dim>> spreadByAxis(NodeBinder &node, int64_t rank,
                                         ArrayRef<Dim> axes,
                                         ArrayRef<Dim> values, Dim none);

/// The numbers in `dims`, if all are.
std::optional<SmallVector<int64_t>> getNumbers(ArrayRef<Dim> dims);

/// Numbers as dimensions.
SmallVector<Dim> toDims(ArrayRef<int64_t> numbers);

} // namespace mlir::nnc::onnximport

#endif // NNC_LIB_IMPORT_ONNX_MOVEMENTSUPPORT_H
