//===----------------------------------------------------------------------===//
// Rows that a product makes for itself.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_KERN_TRANSFORMS_ROWPRODUCER_H
#define NNC_DIALECTS_KERN_TRANSFORMS_ROWPRODUCER_H

#include "LoopBuilder.h"

namespace mlir::nnc::kern {

/// Computes the left operand of a product in the product's units: each makes
/// the rows that it multiplies in its own scratch, so that they never leave the
/// second-level cache. Rows are those of the operand with all axes but the last
/// as one; units share none.
class RowProducer {
public:
  virtual ~RowProducer() = default;

  virtual Value getNumUnits() = 0;
  /// The first row of a unit and, a constant if it is the same for all units,
  /// how many there are.
  virtual std::pair<Value, Value> getRows(Value unit) = 0;
  /// The most rows that a unit has.
  virtual Value getMostRows() = 0;
  /// Writes the rows of `unit` to `target`, [most rows, depth].
  virtual void emit(Value unit, Value target) = 0;
};

} // namespace mlir::nnc::kern

#endif // NNC_DIALECTS_KERN_TRANSFORMS_ROWPRODUCER_H
