//===----------------------------------------------------------------------===//
// The cost of a compiled model by prediction: report, assertions, budgets.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DRIVER_COSTREPORT_H
#define NNC_LIB_DRIVER_COSTREPORT_H

#include "Commands.h"
#include "nnc/Target/CPU/Artifact.h"
#include "llvm/Support/JSON.h"

namespace mlir::nnc::driver {

/// Sums over the kernels; -1 where one is not known.
struct CostTotals {
  double predictedUs = 0;
  int64_t flops = 0;
  int64_t bytes = 0;
  /// Arena and scratch at the given number of threads, of the largest entry.
  int64_t peakBytes = 0;
  /// Of the entry with the largest arena: slots and what kernels share, and the
  /// largest sum of those alive at one time.
  int64_t arenaBytes = 0;
  int64_t arenaLowerBound = 0;
  int64_t weightBytes = 0;
};
CostTotals sumCosts(const ArtifactInfo &info, int threads);

/// The JSON of `nnc compile --report`: {"version": 1, "target", "totals",
/// "kernels", "remarks"}. `key` is made from the ONNX nodes of a kernel, so
/// that it survives renumbering.
std::string costReportText(const ArtifactInfo &info, StringRef target,
                           const CostTotals &totals, llvm::json::Array remarks);

/// "8MiB", "1.5GB", "4096": bytes. nullopt if it is none.
std::optional<int64_t> parseSize(StringRef text);

/// Checks --assert-cost and --memory-budget. Exit code 4 if one does not hold,
/// 2 if it can not be read or depends on dynamic dimensions.
int checkCosts(const Arguments &arguments, const CostTotals &totals);

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_COSTREPORT_H
