//===----------------------------------------------------------------------===//
// The cost of a compiled model by prediction: report, assertions, budgets.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DRIVER_COSTREPORT_H
#define NNC_LIB_DRIVER_COSTREPORT_H

#include "Commands.h"
#include "nnc/CostModel/CostReport.h"
#include "nnc/Target/CPU/Artifact.h"
#include "llvm/Support/JSON.h"

namespace mlir::nnc::driver {

/// Sums over the kernels of an artifact. The interval is that of kernels whose
/// errors go the same way.
CostTotals sumCosts(const ArtifactInfo &info, int threads);

/// A row for each kernel.
std::vector<CostRow> listCosts(const ArtifactInfo &info);

/// The JSON of `nnc compile --report`.
std::string costReportText(const ArtifactInfo &info, StringRef target,
                           const CostTotals &totals, llvm::json::Array remarks);

/// Checks --assert-cost and --memory-budget. Exit code 4 if one does not hold,
/// 2 if it can not be read or depends on dynamic dimensions.
int checkCosts(const Arguments &arguments, const ArtifactInfo &info,
               const CostTotals &totals);

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_COSTREPORT_H
