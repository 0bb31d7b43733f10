//===----------------------------------------------------------------------===//
// The work an op does.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_INTERFACES_COSTOPINTERFACE_H
#define NNC_INTERFACES_COSTOPINTERFACE_H

#include "mlir/IR/OpDefinition.h"

#include <cstdint>
#include <optional>

namespace mlir::nnc {

/// Operations on elements, by kind.
struct OpWork {
  /// Additions, multiplications, comparisons and what else takes about as long.
  int64_t arithmetic = 0;
  /// Divisions and square roots.
  int64_t divisions = 0;
  /// Exponentials and other functions of many operations.
  int64_t functions = 0;
  /// Parts that must wait for each other: time steps of a recurrence.
  int64_t steps = 1;
};

} // namespace mlir::nnc

#include "nnc/Interfaces/CostOpInterface.h.inc"

#endif // NNC_INTERFACES_COSTOPINTERFACE_H
