//===----------------------------------------------------------------------===//
// Options that make a model smaller while it is compiled.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Compression.h"

#include "JudgeOptions.h"
#include "Quantization.h"
#include "WeightOptions.h"

#include "dialects/HW/IR/KnownTargets.h"
#include "nnc/Compression/Recipe.h"
#include "nnc/DataIO/DataSpec.h"
#include "nnc/Reference/Interpreter.h"

#include <cstdio>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

const std::vector<nncrun::OptionSpec> &driver::compressionOptions() {
  static const std::vector<nncrun::OptionSpec> options = {
      {"prune", "STEP",
       "channel:FRACTION, block:SPARSITY[:RxC], nm:N:M, unstructured:SPARSITY "
       "or lowrank:ENERGY; several are done in order"},
      {"prune-method", "NAME",
       "how weights count: auto, magnitude, wanda or sparsegpt (auto: the last "
       "with --calibration, else the first)"},
      {"prune-align", "N", "channels are kept in multiples of N (16)"},
      {"prune-keep", "NAME", "leave nodes alone whose names contain NAME"},
      {"recipe", "FILE.yaml",
       "steps of compression with options of their own"}};
  return options;
}

namespace {
/// What the options ask for.
struct Request {
  Recipe recipe;
  std::vector<std::string> calibration;
  JudgeRequest judge;
};
} // namespace

static int reportUsage(const std::string &message) {
  return reportError(message, nncrun::ExitUsage);
}

/// The steps of --prune, or of --recipe.
static int readSteps(const Arguments &arguments, Recipe &recipe) {
  if (arguments.has("recipe")) {
    if (arguments.has("prune"))
      return reportUsage("--recipe has the steps; expected it without --prune");
    llvm::Expected<Recipe> loaded = Recipe::load(arguments.get("recipe"));
    if (!loaded)
      return reportError("--recipe: " + llvm::toString(loaded.takeError()),
                         nncrun::ExitInput);
    recipe = std::move(*loaded);
    for (const RecipeStep &step : recipe.steps)
      if (const std::string &name = step.quantize;
          !name.empty() && !isWeightForm(name) && !parseScheme(name))
        return reportScheme("--recipe: quantize", name);
    return nncrun::ExitDone;
  }
  nncio::Result<int64_t> align =
      arguments.getInt("prune-align", 16, 1, 1 << 20);
  if (!align)
    return reportUsage(align.error());
  for (const std::string &text : arguments.getAll("prune")) {
    RecipeStep step;
    step.prune = text;
    step.align = *align;
    step.keep = arguments.getAll("prune-keep");
    if (arguments.has("prune-method"))
      step.method = arguments.get("prune-method");
    if (llvm::Expected<PruneStep> made = makePruneStep(step); !made)
      return reportUsage("--prune: " + llvm::toString(made.takeError()));
    recipe.steps.push_back(std::move(step));
  }
  return nncrun::ExitDone;
}

static void tell(const StepOutcome &outcome) {
  if (!outcome.comparison)
    return;
  std::fprintf(stderr, "nnc: %s: %.6g where the original has %.6g, %s%.4g%s\n",
               outcome.name.c_str(), outcome.comparison->changed,
               outcome.comparison->original, "a loss of ",
               outcome.comparison->loss, outcome.isKept ? "" : "; taken back");
}

/// A step of a recipe that quantizes, on the module as earlier steps leave it.
static llvm::Error quantizeStep(ModuleOp module, const RecipeStep &step,
                                const Request &request, const DataSet *data,
                                const CompilerOptions &compiler) {
  auto fail = [&](const Twine &why) {
    return llvm::createStringError("quantize " + Twine(step.quantize) + ": " +
                                   why);
  };
  if (isWeightForm(step.quantize)) {
    if (!step.keep.empty())
      return fail("all products get such weights; expected it without 'keep'");
    QuantizeWeightsPassOptions options;
    options.format = step.quantize;
    options.group = -1;
    options.data.assign(request.calibration.begin(), request.calibration.end());
    options.target = compiler.target;
    options.threads = compiler.threads;
    if (failed(quantizeWeightsOf(module, options)))
      return fail("the weights could not be brought into fewer bits");
    return llvm::Error::success();
  }
  QuantizationOptions options;
  options.scheme = *parseScheme(step.quantize);
  options.target = compiler.target;
  options.threads = compiler.threads;
  CalibrationData calibration;
  if (options.scheme == QuantizationScheme::Int8) {
    if (!data)
      return fail("ranges are found on data: expected --calibration SPEC");
    llvm::Expected<CalibrationData> found = calibrate(module, *data, {});
    if (!found)
      return found.takeError();
    calibration = std::move(*found);
    options.calibration = &calibration;
  }
  func::FuncOp entry = findEntry(module);
  auto planned = planQuantization(entry, options);
  if (!planned)
    return planned.takeError();
  for (const QuantizedLayer &layer : *planned)
    if (llvm::any_of(step.keep, [&](const std::string &part) {
          return StringRef(layer.name).contains(part);
        }))
      options.keep.insert(layer.name);
  if (auto layers = quantize(entry, options); !layers)
    return layers.takeError();
  if (failed(runPhases(module, Phase::Import, Phase::Graph, compiler)))
    return fail("phase 'graph' failed");
  return llvm::Error::success();
}

/// All steps, and the verdict. Returns an exit code.
static int compress(ModuleOp module, const Request &request,
                    const CompilerOptions &compiler) {
  auto fail = [](llvm::Error error) {
    return reportError(llvm::toString(std::move(error)), nncrun::ExitInput);
  };
  hw::TargetAttr machine = hw::findTarget(module, compiler.target);
  if (!machine)
    return nncrun::ExitUsage;
  std::optional<DataSet> data;
  if (!request.calibration.empty()) {
    auto loaded = loadDataSet(request.calibration, module);
    if (!loaded)
      return fail(loaded.takeError());
    data = std::move(*loaded);
  }
  std::optional<Judge> judge;
  if (int code = createJudge(request.judge, module, judge))
    return code;
  const DataSet *known = data ? &*data : nullptr;
  auto outcomes =
      runRecipe(module, request.recipe, known, judge ? &*judge : nullptr,
                machine, [&](ModuleOp changed, const RecipeStep &step) {
                  return quantizeStep(changed, step, request, known, compiler);
                });
  if (!outcomes)
    return fail(outcomes.takeError());
  for (const StepOutcome &outcome : *outcomes)
    tell(outcome);
  return judge ? checkLoss(request.judge, *judge, module) : nncrun::ExitDone;
}

int driver::compressModule(const Arguments &arguments, ModuleOp module,
                           const CompileRequest &request) {
  Request asked;
  if (int code = readSteps(arguments, asked.recipe))
    return code;
  if (asked.recipe.steps.empty())
    return nncrun::ExitDone;
  bool isLimited = llvm::any_of(asked.recipe.steps, [](const RecipeStep &step) {
    return step.maxDrop.has_value();
  });
  if (int code = readJudge(arguments, isLimited, asked.judge))
    return code;
  asked.calibration = arguments.getAll("calibration");
  if (detectPhase(module) != Phase::Import)
    return reportUsage("weights can be taken out of models that have no "
                       "kernels yet: expected one of the import or graph "
                       "phase");
  if (failed(runPhases(module, Phase::Import, Phase::Graph, request.compiler)))
    return reportError("phase 'graph' failed", nncrun::ExitInput);
  return compress(module, asked, request.compiler);
}
