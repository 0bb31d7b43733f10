//===----------------------------------------------------------------------===//
// Ops that are linear in constant weights.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_INTERFACES_WEIGHTEDOPINTERFACE_H
#define NNC_INTERFACES_WEIGHTEDOPINTERFACE_H

#include "mlir/IR/OpDefinition.h"
#include <optional>

namespace mlir::nnc {

/// Where an op has its weight, and which dimensions of the weight are channels.
struct WeightedChannels {
  OpOperand *data = nullptr;
  OpOperand *weight = nullptr;
  Value bias;             ///< Null where there is none.
  bool takesBias = false; ///< Whether there could be one.
  /// The channels of the result: its dimension, and the same of the weight.
  /// Absent where the weight has no such dimension.
  struct Dims {
    int64_t tensor, weight;
  };
  std::optional<Dims> result;
  /// The channels of the data. Where the op reads beyond the data, it reads
  /// zeros.
  std::optional<Dims> input;
};

} // namespace mlir::nnc

#include "nnc/Interfaces/WeightedOpInterface.h.inc"

#endif // NNC_INTERFACES_WEIGHTEDOPINTERFACE_H
