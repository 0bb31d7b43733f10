//===----------------------------------------------------------------------===//
// Runs passes and named pipelines on a module, as mlir-opt does.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "nnc/CostModel/AnnotatedCosts.h"
#include "nnc/InitAllDialects.h"
#include "nnc/InitAllPasses.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Support/WithColor.h"

#include <cstdlib>

using namespace mlir;
using namespace mlir::nnc;

static llvm::cl::opt<std::string> assertCost(
    "assert-cost",
    llvm::cl::desc("after the passes: exit code 4 unless the predicted cost "
                   "holds all of time<2ms,peak<8MiB,flops<2G"));

namespace {
/// Judges the predictions that the passes before have left. `isUnmet` tells an
/// assertion that does not hold from a pass that failed.
struct AssertCost : PassWrapper<AssertCost, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(AssertCost)
  explicit AssertCost(bool &isUnmet) : isUnmet(isUnmet) {}

  StringRef getName() const override { return "AssertCost"; }

  void runOnOperation() override {
    AnnotatedCosts costs = readAnnotatedCosts(getOperation());
    CostVerdict verdict;
    if (costs.target.empty())
      verdict.misuses.push_back("the module has no predictions; run "
                                "nnc-annotate-cost");
    else
      verdict = judgeCosts(assertCost, costs.totals, costs.rows);
    for (const std::string &misuse : verdict.misuses)
      getOperation()->emitError("--assert-cost: ") << misuse;
    for (const std::string &failure : verdict.failures)
      getOperation()->emitError(failure);
    isUnmet = verdict.misuses.empty() && !verdict.failures.empty();
    if (isUnmet || !verdict.misuses.empty())
      signalPassFailure();
  }

  bool &isUnmet;
};
} // namespace

/// As MlirOptMain, with one more pass at the end.
static int runWithAssertion(StringRef input, StringRef output,
                            DialectRegistry &registry) {
  std::string message;
  auto file = openInputFile(input, &message);
  auto written = file ? openOutputFile(output, &message) : nullptr;
  if (!written) {
    llvm::errs() << message << "\n";
    return EXIT_FAILURE;
  }
  bool isUnmet = false;
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();
  MlirOptMainConfig given = config;
  config.setPassPipelineSetupFn([&](PassManager &manager) {
    if (failed(given.setupPassPipeline(manager)))
      return failure();
    manager.addPass(std::make_unique<AssertCost>(isUnmet));
    return success();
  });
  LogicalResult done =
      MlirOptMain(written->os(), std::move(file), registry, config);
  if (succeeded(done))
    written->keep();
  return isUnmet ? 4 : asMainReturnCode(done);
}

/// As https://no-color.org asks: any text in NO_COLOR switches colors off.
static bool wantsColors(const llvm::raw_ostream &stream) {
  const char *no = std::getenv("NO_COLOR");
  return (!no || !*no) && stream.has_colors();
}

int main(int argc, char **argv) {
  llvm::WithColor::setAutoDetectFunction(wantsColors);
  DialectRegistry registry;
  registerAllDialects(registry);
  registerAllPasses();
  auto [input, output] = registerAndParseCLIOptions(
      argc, argv, "nnc optimizer driver\n", registry);
  if (!assertCost.empty())
    return runWithAssertion(input, output, registry);
  return asMainReturnCode(MlirOptMain(argc, argv, input, output, registry));
}
