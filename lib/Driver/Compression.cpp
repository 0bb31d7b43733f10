//===----------------------------------------------------------------------===//
// Options that make a model smaller while it is compiled.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Compression.h"

#include "dialects/HW/IR/KnownTargets.h"
#include "nnc/Compression/Recipe.h"
#include "nnc/DataIO/DataSpec.h"

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
      {"recipe", "FILE.yaml", "steps of compression with options of their own"},
      {"calibration", "SPEC",
       "data that shows what layers see: a folder of test_data_set_N, or "
       "INPUT=@FILE for each input"},
      {"eval", "SPEC", "data to judge what is left of the model by"},
      {"eval-labels", "FILE",
       "the right class of each row of --eval, integers"},
      {"metric", "NAME",
       "top1, perplexity, cross-entropy, agreement, kl or sqnr (top1 with "
       "labels, else agreement)"},
      {"max-accuracy-drop", "X",
       "the most that the metric may lose: points, percent of perplexity, nats "
       "or dB"}};
  return options;
}

namespace {
/// What the options ask for.
struct Request {
  Recipe recipe;
  std::vector<std::string> calibration, eval;
  std::vector<int64_t> labels;
  nncrun::Metric metric = nncrun::Metric::Agreement;
  std::optional<double> maxDrop;
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

/// How the result is judged.
static int readJudge(const Arguments &arguments, Request &request) {
  request.eval = arguments.getAll("eval");
  bool drops = arguments.has("max-accuracy-drop");
  if (drops) {
    nncio::Result<double> drop = arguments.getNumber("max-accuracy-drop", 0);
    if (!drop)
      return reportUsage(drop.error());
    request.maxDrop = *drop;
  }
  bool isLimited =
      drops || llvm::any_of(request.recipe.steps, [](const RecipeStep &step) {
        return step.maxDrop.has_value();
      });
  if (isLimited && request.eval.empty())
    return reportUsage("a limit of what is lost needs data to judge by: "
                       "expected --eval SPEC");
  if (arguments.has("eval-labels")) {
    nncio::Result<nncio::Tensor> labels =
        nncio::loadTensorFile(arguments.get("eval-labels"));
    if (!labels || nncio::isFloat(labels->type()))
      return reportError("--eval-labels: " +
                             (labels ? "expected integers" : labels.error()),
                         nncrun::ExitInput);
    request.labels = labels->toInts();
    request.metric = nncrun::Metric::Top1;
  }
  if (arguments.has("metric")) {
    auto metric = nncrun::parseMetric(arguments.get("metric"));
    if (!metric)
      return reportUsage("--metric expects top1, perplexity, cross-entropy, "
                         "agreement, kl or sqnr, but found '" +
                         arguments.get("metric") + "'");
    request.metric = *metric;
  }
  if (nncrun::isByLabels(request.metric) && request.labels.empty())
    return reportUsage("--metric " + arguments.get("metric") +
                       " needs --eval-labels");
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

/// All steps, and the verdict. Returns an exit code.
static int compress(ModuleOp module, const Request &request,
                    const std::string &target) {
  auto fail = [](llvm::Error error) {
    return reportError(llvm::toString(std::move(error)), nncrun::ExitInput);
  };
  hw::TargetAttr machine = hw::findTarget(module, target);
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
  if (!request.eval.empty()) {
    auto loaded = loadDataSet(request.eval, module);
    if (!loaded)
      return fail(loaded.takeError());
    auto made = Judge::create(
        module, {std::move(*loaded), request.metric, request.labels, 0});
    if (!made)
      return fail(made.takeError());
    judge = std::move(*made);
  }
  auto outcomes = runRecipe(module, request.recipe, data ? &*data : nullptr,
                            judge ? &*judge : nullptr, machine);
  if (!outcomes)
    return fail(outcomes.takeError());
  for (const StepOutcome &outcome : *outcomes)
    tell(outcome);
  if (!request.maxDrop)
    return nncrun::ExitDone;
  auto verdict = judge->judge(module);
  if (!verdict)
    return fail(verdict.takeError());
  if (verdict->loss > *request.maxDrop) {
    char text[160];
    std::snprintf(text, sizeof(text),
                  "the compressed model loses %.4g, more than the %.4g of "
                  "--max-accuracy-drop",
                  verdict->loss, *request.maxDrop);
    return reportError(text, nncrun::ExitUnmet);
  }
  return nncrun::ExitDone;
}

int driver::compressModule(const Arguments &arguments, ModuleOp module,
                           const CompileRequest &request) {
  Request asked;
  if (int code = readSteps(arguments, asked.recipe))
    return code;
  if (asked.recipe.steps.empty())
    return nncrun::ExitDone;
  if (int code = readJudge(arguments, asked))
    return code;
  asked.calibration = arguments.getAll("calibration");
  if (detectPhase(module) != Phase::Import)
    return reportUsage("weights can be taken out of models that have no "
                       "kernels yet: expected one of the import or graph "
                       "phase");
  if (failed(runPhases(module, Phase::Import, Phase::Graph, request.compiler)))
    return reportError("phase 'graph' failed", nncrun::ExitInput);
  return compress(module, asked, request.compiler.target);
}
