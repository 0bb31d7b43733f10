//===----------------------------------------------------------------------===//
// --quantize for weights alone.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "WeightOptions.h"

#include "JudgeOptions.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "nnc/Compression/WeightOnly.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

const std::vector<nncrun::OptionSpec> &driver::weightOptions() {
  static const std::vector<nncrun::OptionSpec> options = {
      {"quantize-group", "N",
       "weights that share a scale, 0 for all of a column (32; of 8 bits 0)"}};
  return options;
}

bool driver::isWeightForm(const std::string &name) {
  return parseWeightFormat(name).has_value();
}

/// Brings the weights of a module of the graph phase into fewer bits.
LogicalResult
driver::quantizeWeightsOf(ModuleOp module,
                          const QuantizeWeightsPassOptions &options) {
  PassManager manager(module.getContext());
  manager.addPass(createQuantizeWeightsPass(options));
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  return manager.run(module);
}

static int applyQuantization(ModuleOp module,
                             const QuantizeWeightsPassOptions &options,
                             const JudgeRequest &limit) {
  std::optional<Judge> judge;
  if (limit.maxLoss)
    if (int code = createJudge(limit, module, judge))
      return code;
  if (failed(quantizeWeightsOf(module, options)))
    return reportError("the weights could not be brought into fewer bits",
                       nncrun::ExitInput);
  return judge ? checkLoss(limit, *judge, module) : nncrun::ExitDone;
}

int driver::addWeightQuantization(const Arguments &arguments,
                                  CompileRequest &request) {
  std::optional<WeightFormat> format =
      parseWeightFormat(arguments.get("quantize"));
  if (!format)
    return arguments.has("quantize-group")
               ? reportError("--quantize-group is of weights with scales: "
                             "expected --quantize=int4-weights or the like",
                             nncrun::ExitUsage)
               : nncrun::ExitDone;
  nncio::Result<int64_t> group =
      arguments.getInt("quantize-group", -1, 0, int64_t(1) << 31);
  if (!group)
    return reportError(group.error(), nncrun::ExitUsage);
  if (*group >= 0 && !format->hasScales())
    return reportError("--quantize-group is of formats with scales, not of " +
                           arguments.get("quantize"),
                       nncrun::ExitUsage);
  QuantizeWeightsPassOptions options;
  options.format = arguments.get("quantize");
  options.group = *group;
  for (const std::string &spec : arguments.getAll("calibration"))
    options.data.push_back(spec);
  options.target = request.compiler.target;
  options.threads = request.compiler.threads;
  if (options.data.empty() && !StringRef(options.format).ends_with("16"))
    std::fprintf(stderr, "nnc: no --calibration: weights are rounded by their "
                         "own squared error\n");
  JudgeRequest limit;
  if (int code = readJudge(arguments, /*isLimited=*/false, limit))
    return code;
  request.compress = [options, limit,
                      before = request.compress](ModuleOp module) {
    if (before)
      if (int code = before(module))
        return code;
    return applyQuantization(module, options, limit);
  };
  return nncrun::ExitDone;
}
