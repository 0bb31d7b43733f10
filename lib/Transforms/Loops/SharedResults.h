//===----------------------------------------------------------------------===//
// Kernels whose result is written over an operand.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_LOOPS_SHAREDRESULTS_H
#define NNC_LIB_TRANSFORMS_LOOPS_SHAREDRESULTS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::nnc {

/// The number of the argument in whose place result `index` of a kernel
/// function on tensors is written, or -1.
int64_t getSharedArgument(func::FuncOp kernel, unsigned index);

/// Prepares a kernel function on tensors for a result in an argument's place.
/// Where the op that computes the result is seen to read each element of the
/// argument just before it writes that element, nothing changes. Else the
/// argument is copied to a temporary first and read from there, with a remark.
void protectSharedArguments(func::FuncOp kernel);

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_LOOPS_SHAREDRESULTS_H
