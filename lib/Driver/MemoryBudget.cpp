//===----------------------------------------------------------------------===//
// --memory-budget: compiles so that it holds, or tells why it cannot.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "MemoryBudget.h"

#include "nnc/Transforms/ArenaNeed.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

/// Compilations at most: what kernels share and their scratch may change with
/// the order and the bands.
static constexpr int mostTries = 6;

const nncrun::OptionSpec driver::budgetIncludesOption = {
    "budget-includes", "weights", "let --memory-budget count the weights too"};

int driver::readMemoryBudget(const Arguments &arguments, int threads,
                             std::optional<MemoryBudget> &budget) {
  std::string includes = arguments.get("budget-includes");
  bool hasWeights = includes == "weights";
  if (arguments.has("budget-includes") && !hasWeights)
    return reportError("--budget-includes expects 'weights', but found '" +
                           includes + "'",
                       nncrun::ExitUsage);
  if (!arguments.has("memory-budget"))
    return hasWeights ? reportError("--budget-includes is of use with "
                                    "--memory-budget",
                                    nncrun::ExitUsage)
                      : nncrun::ExitDone;
  std::optional<int64_t> bytes = parseSize(arguments.get("memory-budget"));
  if (!bytes)
    return reportError("--memory-budget expects a size such as 8MiB, but "
                       "found '" +
                           arguments.get("memory-budget") + "'",
                       nncrun::ExitUsage);
  budget = MemoryBudget{*bytes, threads, hasWeights};
  return nncrun::ExitDone;
}

int64_t driver::countBudgeted(const CostTotals &totals, bool includesWeights) {
  if (totals.peakBytes < 0 || !includesWeights)
    return totals.peakBytes;
  return totals.peakBytes + totals.weightBytes;
}

namespace {
struct Attempt {
  CostTotals totals;
  int64_t needed = -1; ///< Bytes that the budget is for; -1 if not known.
  std::optional<ArenaNeed> need;

  /// Bytes that are needed beside results.
  int64_t besides() const { return need ? needed - need->bytes : 0; }
};
} // namespace

static int tryOnce(ModuleOp module, const CompileRequest &request,
                   const MemoryBudget &budget, Attempt &attempt) {
  CompileRequest own = request;
  own.compiler.afterPhase = [&](Phase phase, ModuleOp lowered) {
    if (phase == Phase::Schedule)
      attempt.need = findArenaNeed(lowered);
  };
  OwningOpRef<ModuleOp> copy(module.clone());
  ArtifactInfo info;
  if (int code = predictArtifact(*copy, own, info))
    return code;
  attempt.totals = sumCosts(info, budget.threads);
  attempt.needed = countBudgeted(attempt.totals, budget.includesWeights);
  return nncrun::ExitDone;
}

static std::string joinNodes(const ArenaNeed::Tensor &tensor) {
  std::string text;
  for (const std::string &node : tensor.nodes)
    text += (text.empty() ? "" : ", ") + node;
  return text.empty() ? "" : " (" + text + ")";
}

/// The lower bound, what is alive at the peak, and what would help.
static std::string explain(const ArenaNeed &need, int64_t budget,
                           int64_t besides) {
  constexpr size_t mostTensors = 8;
  std::string text = "; alive at one time, in kernel '" + need.kernel + "': ";
  size_t shown = std::min(need.tensors.size(), mostTensors);
  for (size_t i = 0; i < shown; ++i) {
    const ArenaNeed::Tensor &tensor = need.tensors[i];
    text += (i == 0 ? "" : ", ") + std::to_string(tensor.bytes) +
            " bytes of '" + tensor.kernel + "'" + joinNodes(tensor);
  }
  if (size_t more = need.tensors.size() - shown)
    text += " and " + std::to_string(more) + " more";
  if (need.lowerBound < 0)
    return text + "; kernels in branches and loops keep their order: a smaller "
                  "batch or smaller inputs (--dim, --shape) would help";
  text += "; no order or recomputation of kernels needs less than " +
          std::to_string(need.lowerBound) + " bytes for results";
  if (need.lowerBound + besides > budget)
    return text + ": smaller inputs or a smaller batch (--dim, --shape) would "
                  "help";
  return text + ", and none was found within the budget: more memory, smaller "
                "inputs or a smaller batch (--dim, --shape) would help";
}

static bool isMet(const Attempt &attempt, const MemoryBudget &budget) {
  return attempt.needed < 0 || !attempt.need || attempt.needed <= budget.bytes;
}

/// Compiles for a smaller and smaller arena until the budget holds or nothing
/// helps; `best` is the attempt that needs the least.
static int search(const MemoryBudget &budget, ModuleOp module,
                  CompileRequest &request, Attempt &best) {
  int64_t before = -1;
  for (int i = 0; i < mostTries; ++i) {
    Attempt attempt;
    if (int code = tryOnce(module, request, budget, attempt))
      return code;
    int64_t needed = attempt.needed;
    bool isLast = isMet(attempt, budget) || attempt.need->lowerBound < 0;
    int64_t besides = attempt.besides();
    if (i == 0 || isMet(attempt, budget) || needed < best.needed)
      best = std::move(attempt);
    if (isLast)
      return nncrun::ExitDone;
    int64_t own = budget.bytes - besides;
    // What kernels share is less where they run band by band.
    int64_t &arena = request.compiler.arenaBudget;
    if (arena > 0 && arena <= own)
      own = arena - (needed - budget.bytes);
    if (arena == 0)
      own = std::max(own, budget.bytes / 2);
    // Another choice of bands where this one leads nowhere.
    if (needed == before)
      own = std::min(own, arena - arena / 5);
    before = needed;
    if (own <= 0)
      return nncrun::ExitDone;
    arena = own;
  }
  return nncrun::ExitDone;
}

int driver::fitMemoryBudget(const MemoryBudget &budget, ModuleOp module,
                            CompileRequest &request, std::string &unmet) {
  unmet.clear();
  // Of a schedule the order is decided.
  if (detectPhase(module) > Phase::Graph)
    return nncrun::ExitDone;
  Attempt attempt;
  if (int code = search(budget, module, request, attempt))
    return code;
  if (isMet(attempt, budget))
    return nncrun::ExitDone;
  int64_t besides = attempt.besides();
  unmet = "the memory budget is " + std::to_string(budget.bytes) +
          " bytes, but the model needs " + std::to_string(attempt.needed) +
          ": " + std::to_string(attempt.need->bytes) + " for results and " +
          std::to_string(besides) + " besides" +
          (budget.includesWeights
               ? ", " + std::to_string(attempt.totals.weightBytes) +
                     " of them weights"
               : "") +
          explain(*attempt.need, budget.bytes, besides);
  return nncrun::ExitDone;
}
