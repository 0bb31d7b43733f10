//===----------------------------------------------------------------------===//
// Prints what has been predicted.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "mlir/IR/Remarks.h"
#include "mlir/Support/FileUtilities.h"
#include "nnc/CostModel/AnnotatedCosts.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/ToolOutputFile.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_PRINTCOSTPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

/// A number, or a dash for what is not known.
static std::string cell(double value) {
  return value < 0 ? "-" : llvm::formatv("{0:F2}", value).str();
}
static std::string cell(int64_t value) {
  return value < 0 ? "-" : std::to_string(value);
}

static void printText(const AnnotatedCosts &costs, raw_ostream &stream) {
  const char *line = "{0,12} {1,12} {2,12} {3,14} {4,12} {5,8}  {6}\n";
  stream << "predicted for " << costs.target << "\n"
         << llvm::formatv(line, "us", "from", "to", "flops", "bytes", "bound",
                          "kernel");
  for (const CostRow &row : costs.rows)
    stream << llvm::formatv(line, cell(row.us), cell(row.lowUs),
                            cell(row.highUs), cell(row.flops), cell(row.bytes),
                            row.bound, row.name);
  const CostTotals &totals = costs.totals;
  stream << llvm::formatv(line, cell(totals.predictedUs), cell(totals.lowUs),
                          cell(totals.highUs), cell(totals.flops),
                          cell(totals.bytes), "", "in all")
         << "peak bytes " << cell(totals.peakBytes) << ", constant bytes "
         << cell(totals.weightBytes) << "\n"
         << "first run " << cell(totals.firstUs)
         << " us; modelled, never measured: " << cell(totals.energyUj)
         << " uJ, " << cell(totals.co2Ug) << " ug of CO2\n";
}

static void remarkCosts(const AnnotatedCosts &costs) {
  for (auto [kernel, row] : llvm::zip(costs.kernels, costs.rows))
    remark::analysis(
        kernel->getLoc(),
        remark::RemarkOpts::name("Cost").category("nnc-print-cost"))
        << llvm::formatv("predicted to take {0} us, bound by {1}", cell(row.us),
                         row.bound)
               .str()
        << remark::metric("Us", cell(row.us))
        << remark::metric("Flops", cell(row.flops))
        << remark::metric("Bytes", cell(row.bytes));
}

namespace {
struct PrintCost : nnc::impl::PrintCostPassBase<PrintCost> {
  using PrintCostPassBase::PrintCostPassBase;

  void runOnOperation() override {
    markAllAnalysesPreserved();
    if (format != "text" && format != "json" && format != "remarks") {
      getOperation()->emitError("expects format text, json or remarks, but got "
                                "'")
          << format << "'";
      return signalPassFailure();
    }
    AnnotatedCosts costs = readAnnotatedCosts(getOperation());
    if (costs.target.empty()) {
      getOperation()->emitError(
          "has no predictions; run nnc-annotate-cost before nnc-print-cost");
      return signalPassFailure();
    }
    if (format == "remarks")
      return remarkCosts(costs);
    if (output == "-")
      return print(costs, llvm::errs());
    std::string message;
    auto file = openOutputFile(output, &message);
    if (!file) {
      getOperation()->emitError(message);
      return signalPassFailure();
    }
    print(costs, file->os());
    file->keep();
  }

private:
  void print(const AnnotatedCosts &costs, raw_ostream &stream) {
    if (format == "text")
      printText(costs, stream);
    else
      stream << llvm::formatv(
          "{0:2}\n",
          makeCostReport(costs.target, costs.totals, costs.rows, {}));
  }
};
} // namespace
