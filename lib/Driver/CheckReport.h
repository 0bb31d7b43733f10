//===----------------------------------------------------------------------===//
// What nnc check has found, as text and as JSON.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DRIVER_CHECKREPORT_H
#define NNC_LIB_DRIVER_CHECKREPORT_H

#include "Compile.h"
#include "CostReport.h"

#include <map>

namespace mlir::nnc::driver {

/// What a model holds.
struct ModelFacts {
  nncrun::Signature signature;
  /// Ops by name.
  std::map<std::string, int64_t> histogram;
  int64_t parameters = 0;
  int64_t weightBytes = 0;
  int64_t flops = 0;
  /// Ops whose FLOPs depend on dynamic dimensions.
  int64_t unknownFlops = 0;
  /// Symbolic dimensions of the inputs that have no value.
  std::vector<std::string> freeDims;
};

/// What it will cost on a target, by prediction.
struct CostFacts {
  std::string target;
  int threads = 1;
  CostTotals totals;
  int64_t kernels = 0;
  /// Of the largest entry, in bytes; scratch is that of one thread.
  int64_t arenaBytes = 0;
  int64_t scratchBytes = 0;
  /// The run decides the last two.
  bool isDynamic = false;
  /// Tensors whose size depends on data, which no total holds.
  int64_t pools = 0;
  /// " at batch=8" if dimensions with a bound were taken to be at it.
  std::string bounds;
};

struct CheckReport {
  std::optional<ModelFacts> facts; ///< None if it could not be imported.
  std::optional<CostFacts> cost;   ///< None if it could not be lowered.
  std::vector<std::string> errors;
  std::optional<int64_t> budget; ///< In bytes.
  bool budgetHasWeights = false;
  /// Why the budget is not met; empty if it is, or the reason is not known.
  std::string unmet;

  /// What the budget is compared with, in bytes; -1 if unknown.
  int64_t neededBytes() const;
  /// nullopt without a budget, or if what is needed is not known.
  std::optional<bool> fits() const;
  /// " batch=N --dim time=N": what is left to fix; empty if nothing has a name.
  std::string dimHint() const;
};

/// To stdout. What is not known is left out, or said to be unknown.
void printReport(const CheckReport &report);

/// {"version": 1, "supported", "errors", "inputs", "outputs", "ops",
/// "parameters", "weight_bytes", "flops", "ops_of_unknown_flops",
/// "free_dims", "cost": {"target", "threads", "kernels", "predicted_us",
/// "bytes", "arena_bytes", "arena_lower_bound_bytes", "scratch_bytes",
/// "peak_bytes",
/// "tensors_of_unknown_size", "at_bounds"}, "memory_budget", "fits"}. What
/// could not be found out is absent, or null where one number is unknown.
std::string reportJson(const CheckReport &report);

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_CHECKREPORT_H
