//===----------------------------------------------------------------------===//
// Predicted costs as functions of dimensions, and of tokens.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DRIVER_COSTCURVES_H
#define NNC_LIB_DRIVER_COSTCURVES_H

#include "Compile.h"
#include "nnc/CostModel/CostReport.h"

namespace mlir::nnc::driver {

/// Sizes of symbolic dimensions, by name.
using DimSizes = std::vector<std::pair<std::string, int64_t>>;

/// What is predicted of a run.
struct PredictedRun {
  std::string target; ///< With a word where nothing has been compared.
  CostTotals totals;
  /// Of the machine, in GB/s by all threads; 0 where it is not known.
  double memoryGbps = 0;
  std::vector<CostRow> rows;
};

/// Compiles a model, the second operand of `arguments`, as far as costs are
/// annotated, with the dimensions that --dim and `sizes` give. Returns an exit
/// code.
int predictRun(const Arguments &arguments, const DimSizes &sizes,
               PredictedRun &run);

/// nnc cost sweep: costs at sizes of dimensions, and the polynomials that go
/// through them. Returns an exit code.
int sweepCosts(const Arguments &arguments);

/// nnc cost tokens: prompt and output of a decoder. Returns an exit code.
int predictTokens(const Arguments &arguments);

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_COSTCURVES_H
