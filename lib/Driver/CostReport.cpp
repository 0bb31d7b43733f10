//===----------------------------------------------------------------------===//
// The cost of a compiled model by prediction.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "CostReport.h"
#include "MemoryBudget.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

/// Negative stands for unknown, which sums keep.
template <typename T>
static void addKnown(T &sum, T value) {
  sum = sum < 0 || value < 0 ? T(-1) : sum + value;
}

CostTotals driver::sumCosts(const ArtifactInfo &info, int threads) {
  CostTotals totals;
  totals.lowUs = totals.highUs = 0;
  for (const ArtifactKernel &kernel : info.kernels) {
    addKnown(totals.predictedUs, kernel.us);
    addKnown(totals.flops, kernel.flops);
    addKnown(totals.bytes, kernel.bytes);
    addKnown(totals.lowUs, kernel.lowUs);
    addKnown(totals.highUs, kernel.highUs);
  }
  for (const ArtifactEntry &entry : info.entries) {
    bool known = entry.arenaBytes >= 0 && entry.scratchBytes >= 0;
    if (!known || totals.peakBytes < 0)
      totals.peakBytes = -1;
    else
      totals.peakBytes = std::max(
          totals.peakBytes, entry.arenaBytes + entry.scratchBytes * threads);
    if (entry.arenaBytes < 0 || totals.arenaBytes < 0) {
      totals.arenaBytes = totals.arenaLowerBound = -1;
    } else if (entry.arenaBytes >= totals.arenaBytes) {
      totals.arenaBytes = entry.arenaBytes;
      totals.arenaLowerBound = entry.arenaLowerBound;
    }
  }
  totals.weightBytes = int64_t(info.weightsBytes);
  return totals;
}

static const char *boundName(int32_t bound) {
  switch (bound) {
  case NNCRT_BOUND_COMPUTE:
    return "compute";
  case NNCRT_BOUND_MEMORY:
    return "memory";
  case NNCRT_BOUND_LAUNCH:
    return "launch";
  default:
    return "unknown";
  }
}

std::vector<CostRow> driver::listCosts(const ArtifactInfo &info) {
  std::vector<CostRow> rows;
  for (const ArtifactKernel &kernel : info.kernels)
    rows.push_back({kernel.name, nncrun::splitLines(kernel.nodes), kernel.us,
                    kernel.lowUs, kernel.highUs, kernel.flops, kernel.bytes,
                    boundName(kernel.bound)});
  return rows;
}

std::string driver::costReportText(const ArtifactInfo &info, StringRef target,
                                   const CostTotals &totals,
                                   llvm::json::Array remarks) {
  return llvm::formatv(
      "{0:2}\n",
      makeCostReport(target, totals, listCosts(info), std::move(remarks)));
}

static int checkBudget(const MemoryBudget &budget, const CostTotals &totals) {
  int64_t needed = countBudgeted(totals, budget.includesWeights);
  if (needed < 0)
    return reportError("--memory-budget: the memory depends on dynamic "
                       "dimensions; fix them with --dim",
                       nncrun::ExitUsage);
  if (needed <= budget.bytes)
    return nncrun::ExitDone;
  return reportError("the memory budget is " + std::to_string(budget.bytes) +
                         " bytes, but the model needs " +
                         std::to_string(needed),
                     nncrun::ExitUnmet);
}

int driver::checkCosts(const Arguments &arguments, const ArtifactInfo &info,
                       const CostTotals &totals) {
  // The totals are those of the threads that are asked for.
  std::optional<MemoryBudget> budget;
  if (int code = readMemoryBudget(arguments, /*threads=*/1, budget))
    return code;
  if (budget)
    if (int code = checkBudget(*budget, totals))
      return code;
  int code = nncrun::ExitDone;
  for (const std::string &list : arguments.getAll("assert-cost")) {
    CostVerdict verdict = judgeCosts(list, totals, listCosts(info));
    // All that fail are told; wrong usage is the graver exit code.
    for (const std::string &failure : verdict.failures)
      reportError(failure, nncrun::ExitUnmet);
    for (const std::string &misuse : verdict.misuses)
      reportError("--assert-cost: " + misuse, nncrun::ExitUsage);
    if (!verdict.misuses.empty())
      code = nncrun::ExitUsage;
    else if (!verdict.failures.empty() && code == nncrun::ExitDone)
      code = nncrun::ExitUnmet;
  }
  return code;
}
