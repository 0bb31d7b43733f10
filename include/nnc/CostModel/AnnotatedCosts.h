//===----------------------------------------------------------------------===//
// The predictions that a module carries.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COSTMODEL_ANNOTATEDCOSTS_H
#define NNC_COSTMODEL_ANNOTATEDCOSTS_H

#include "dialects/NN/IR/NNOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "nnc/CostModel/CostReport.h"

namespace mlir::nnc {

/// Discardable attributes of a function: its `#hw.total`; the bytes of results
/// that are alive at each kernel; the machine, with a word where no prediction
/// for it has been compared with a measurement.
inline constexpr StringLiteral totalCostAttrName = "hw.total";
inline constexpr StringLiteral memoryOverTimeAttrName = "hw.memory_over_time";
inline constexpr StringLiteral predictedForAttrName = "hw.predicted_for";

/// What `nnc-annotate-cost` has left in a module.
struct AnnotatedCosts {
  std::string target; ///< Empty if nothing has been predicted.
  CostTotals totals;
  std::vector<CostRow> rows;
  std::vector<nn::KernelOp> kernels; ///< Of each row.
};
AnnotatedCosts readAnnotatedCosts(ModuleOp module);

} // namespace mlir::nnc

#endif // NNC_COSTMODEL_ANNOTATEDCOSTS_H
