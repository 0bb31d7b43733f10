//===----------------------------------------------------------------------===//
// What passes on graphs share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_GRAPH_GRAPHUTILS_H
#define NNC_LIB_TRANSFORMS_GRAPH_GRAPHUTILS_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Value.h"

namespace mlir::nnc {

/// Gives a result the type `type`, which says more than its own. Uses that may
/// not see another type get a `tensor.cast`.
void narrowType(OpResult result, RankedTensorType type);

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_GRAPH_GRAPHUTILS_H
