//===----------------------------------------------------------------------===//
// What graph passes ask of constants.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_GRAPH_GRAPHCONSTANTS_H
#define NNC_LIB_TRANSFORMS_GRAPH_GRAPHCONSTANTS_H

#include "mlir/IR/Value.h"
#include "nnc/DataIO/Tensor.h"
#include "llvm/ADT/SmallVector.h"

#include <optional>

namespace mlir::nnc {

/// The tensor that `value` always is: a constant, or a few ops on constants
/// that have not been folded.
std::optional<nncio::Tensor> evaluateConstant(Value value);

/// How far each index of a tensor of shape `shape` moves in one of shape
/// `small`, which broadcasts to it.
SmallVector<int64_t> getBroadcastStrides(ArrayRef<int64_t> shape,
                                         ArrayRef<int64_t> small);

/// The place in the small tensor of element `i` of the large one.
int64_t getBroadcastPlace(int64_t i, ArrayRef<int64_t> shape,
                          ArrayRef<int64_t> strides);

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_GRAPH_GRAPHCONSTANTS_H
