//===----------------------------------------------------------------------===//
// What shape functions ask of numbers: operands that hold one, and bounds.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_NN_IR_SCALAROPERANDS_H
#define NNC_DIALECTS_NN_IR_SCALAROPERANDS_H

#include "nnc/Interfaces/ShapeOpInterface.h"

namespace mlir::nnc::nn {

/// The number in an integer tensor of one element; fails for other shapes.
/// `what` names the operand in messages, as it does below.
FailureOr<Dim> readScalar(DimBuilder &dims, Value tensor, const Twine &what);

/// Fails unless `tensor` is known to have exactly one element.
LogicalResult requireOneElement(DimBuilder &dims, Value tensor,
                                const Twine &what);

/// Fail if the bound is surely broken; checked in the run if it is not known.
LogicalResult requireAtLeast(DimBuilder &dims, Dim dim, int64_t bound,
                             const Twine &what);
LogicalResult requireAtMost(DimBuilder &dims, Dim dim, Dim bound,
                            const Twine &what);

/// Fails unless 0 <= axis < rank.
LogicalResult requireAxis(DimBuilder &dims, int64_t axis, int64_t rank);

/// Fails unless the tensor has that rank.
LogicalResult requireRank(DimBuilder &dims, Value tensor, int64_t rank,
                          const Twine &what);

} // namespace mlir::nnc::nn

#endif // NNC_DIALECTS_NN_IR_SCALAROPERANDS_H
