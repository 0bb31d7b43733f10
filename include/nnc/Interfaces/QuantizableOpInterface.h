//===----------------------------------------------------------------------===//
// Ops that can be computed with small integers.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_INTERFACES_QUANTIZABLEOPINTERFACE_H
#define NNC_INTERFACES_QUANTIZABLEOPINTERFACE_H

#include "mlir/IR/OpDefinition.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace mlir::nnc {

/// A product of data by a constant weight.
struct QuantizedProduct {
  OpOperand *data = nullptr;
  OpOperand *weight = nullptr;
  /// Slices of the weight along this axis may have scales of their own: each
  /// gives one channel of the result, along `resultAxis` of that.
  int64_t weightAxis = 0, resultAxis = 0;
  /// Channels of the data: their axis there, and in the weight. A factor on one
  /// can move into the weight. Absent where the weight has no such axis.
  struct Axes {
    int64_t data, weight;
  };
  std::optional<Axes> channels;
};

} // namespace mlir::nnc

#include "nnc/Interfaces/QuantizableOpInterface.h.inc"

#endif // NNC_INTERFACES_QUANTIZABLEOPINTERFACE_H
