//===----------------------------------------------------------------------===//
// --memory-budget: compiles so that it holds, or tells why it cannot.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DRIVER_MEMORYBUDGET_H
#define NNC_LIB_DRIVER_MEMORYBUDGET_H

#include "Compile.h"
#include "CostReport.h"

namespace mlir::nnc::driver {

struct MemoryBudget {
  int64_t bytes = 0;
  int threads = 1; ///< That scratch is counted for.
  bool includesWeights = false;
};

/// --budget-includes, for the commands that have --memory-budget.
extern const nncrun::OptionSpec budgetIncludesOption;

/// Reads --memory-budget and --budget-includes; nullopt without a budget.
/// Returns an exit code, after reporting what is wrong.
int readMemoryBudget(const Arguments &arguments, int threads,
                     std::optional<MemoryBudget> &budget);

/// What a budget is held against, in bytes; -1 if the run decides it.
int64_t countBudgeted(const CostTotals &totals, bool includesWeights);

/// Chooses for `request` how small the arena must be for the budget to hold;
/// nothing to do with dynamic dimensions. Lowers copies of `module`. Returns an
/// exit code if that fails. If the budget cannot be met, `unmet` tells so and
/// what takes the memory, else it stays empty.
int fitMemoryBudget(const MemoryBudget &budget, ModuleOp module,
                    CompileRequest &request, std::string &unmet);

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_MEMORYBUDGET_H
