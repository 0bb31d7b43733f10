//===----------------------------------------------------------------------===//
// --quantize for weights alone.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "WeightOptions.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "nnc/Compression/WeightOnly.h"
#include "nnc/Compression/WeightPasses.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

const std::vector<nncrun::OptionSpec> &driver::weightOptions() {
  static const std::vector<nncrun::OptionSpec> options = {
      {"quantize", "FORM",
       "int8-weights, int4-weights, int3-weights, int2-weights, fp8-weights, "
       "bf16 or fp16: weights of products in fewer bits, where that is "
       "predicted to pay"},
      {"quantize-group", "N",
       "weights that share a scale, 0 for all of a column (32; of 8 bits 0)"},
      {"calibration", "SPEC",
       "data that decides how weights are rounded: a folder of "
       "test_data_set_N or INPUT=@FILE for each input"}};
  return options;
}

int driver::checkWeightOptions(const Arguments &arguments) {
  if (!arguments.has("quantize")) {
    for (const char *name : {"calibration", "quantize-group"})
      if (arguments.has(name))
        return reportError("--" + std::string(name) +
                               " is of use with --quantize only",
                           nncrun::ExitUsage);
    return nncrun::ExitDone;
  }
  std::optional<WeightFormat> format =
      parseWeightFormat(arguments.get("quantize"));
  if (!format)
    return reportError("--quantize expects int8-weights, int4-weights, "
                       "int3-weights, int2-weights, fp8-weights, bf16 or fp16, "
                       "but found '" +
                           arguments.get("quantize") + "'",
                       nncrun::ExitUsage);
  nncio::Result<int64_t> group =
      arguments.getInt("quantize-group", -1, 0, int64_t(1) << 31);
  if (!group)
    return reportError(group.error(), nncrun::ExitUsage);
  if (*group >= 0 && !format->hasScales())
    return reportError("--quantize-group is of formats with scales, not of " +
                           arguments.get("quantize"),
                       nncrun::ExitUsage);
  return nncrun::ExitDone;
}

int driver::quantizeModuleWeights(const Arguments &arguments, ModuleOp module,
                                  CompileRequest &request) {
  if (!arguments.has("quantize"))
    return nncrun::ExitDone;
  if (detectPhase(module) > Phase::Graph)
    return reportError("--quantize: the weights of a module whose kernels are "
                       "formed are in use; compile the model",
                       nncrun::ExitUsage);
  if (int code = lowerModule(module, Phase::Graph, request))
    return code;
  QuantizeWeightsPassOptions options;
  options.format = arguments.get("quantize");
  nncio::Result<int64_t> group =
      arguments.getInt("quantize-group", -1, 0, int64_t(1) << 31);
  options.group = group ? *group : -1;
  for (const std::string &spec : arguments.getAll("calibration"))
    options.data.push_back(spec);
  options.target = request.compiler.target;
  options.threads = request.compiler.threads;
  if (options.data.empty() && !StringRef(options.format).ends_with("16"))
    std::fprintf(stderr, "nnc: no --calibration: weights are rounded by their "
                         "own squared error\n");
  PassManager manager(module.getContext());
  manager.addPass(createQuantizeWeightsPass(std::move(options)));
  manager.addPass(createCanonicalizerPass());
  manager.addPass(createCSEPass());
  if (failed(manager.run(module)))
    return reportError("the weights could not be brought into fewer bits",
                       nncrun::ExitInput);
  return nncrun::ExitDone;
}
