//===----------------------------------------------------------------------===//
// What the schedule tells kernels about the dimensions of their operands.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_NN_IR_SAMEDIMS_H
#define NNC_DIALECTS_NN_IR_SAMEDIMS_H

#include "llvm/ADT/StringRef.h"

namespace mlir::nnc::nn {

/// A unit attribute of an element-wise op: every dynamic dimension of every
/// operand is the result's on that axis, so that none is 1 there by chance and
/// broadcast.
inline constexpr llvm::StringLiteral sameDimsAttrName = "nn.same_dims";

/// On a division of index values by max(d, 1): where d is 0 the tensor whose
/// dimension this is has no elements, and any number would do for it.
inline constexpr llvm::StringLiteral freeIfEmptyAttrName = "nn.free_if_empty";

} // namespace mlir::nnc::nn

#endif // NNC_DIALECTS_NN_IR_SAMEDIMS_H
