//===----------------------------------------------------------------------===//
// What a report shows of a compiled model, and the page that shows it.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DRIVER_REPORTDATA_H
#define NNC_LIB_DRIVER_REPORTDATA_H

#include "Compile.h"
#include "nnc/CostModel/CostReport.h"
#include "llvm/Support/JSON.h"

namespace mlir::nnc::driver {

/// A module of the schedule phase as
///
///   {"inputs": [{"name", "type"}], "outputs": [{"name", "type", "kernel"}],
///    "kernels": [{"name", "nodes", "ops", "results": ["1x8xf32"],
///      "reads": [{"kernel" or "input": index, "type"}], "weight_bytes",
///      "predicted_us", "lo_us", "hi_us", "flops", "bytes", "bound"}],
///    "slots": [{"kernel", "first", "last", "offset", "bytes"}],
///    "memory": [bytes alive at each kernel],
///    "target": {"name", "validated", "gflops", "dram_gbps", …}}
///
/// Kernels stand in the order of the schedule; what is not known is null.
llvm::json::Object describeSchedule(ModuleOp module,
                                    const TargetOptions &target);

/// Lets `request` hand over the first module that reaches the schedule. Keeps
/// what is called after phases already.
void watchSchedule(CompileRequest &request, llvm::json::Object &schedule);

/// Gives kernels of a schedule "measured_us" by the JSON of `nnc bench
/// --report`, whose first result counts. Returns an exit code.
int addMeasurements(const std::string &path, llvm::json::Object &schedule);

/// A page that needs nothing but itself, with the data of `schedule` and what
/// is said beside it.
std::string makeHtmlReport(const std::string &model,
                           llvm::json::Object schedule,
                           const CostTotals &totals, llvm::json::Array remarks);

/// Whether `path` asks for a page rather than for JSON.
bool isHtmlPath(llvm::StringRef path);

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_REPORTDATA_H
