//===----------------------------------------------------------------------===//
// Transposed convolutions as convolutions whose channels become places.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_GRAPH_DECOMPOSECONVTRANSPOSE_H
#define NNC_LIB_TRANSFORMS_GRAPH_DECOMPOSECONVTRANSPOSE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::nnc {

/// Replaces the transposed convolutions of a function that have a constant
/// filter `[C, F / group, kernel...]` and padding that is known by a
/// convolution of stride 1 with F * strides channels, which a transposition
/// brings to places. Others stay: those dilated with a stride, those with fewer
/// than four inputs to one of several groups, those that cut off more than a
/// window.
void decomposeConvTransposes(func::FuncOp function);

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_GRAPH_DECOMPOSECONVTRANSPOSE_H
