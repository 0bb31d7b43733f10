//===----------------------------------------------------------------------===//
// What quantization may cost, and must bring.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "PrecisionLimits.h"

#include "CostReport.h"
#include "MemoryBudget.h"
#include "nnc/Compression/Evaluate.h"
#include "nnc/DataIO/DataSpec.h"
#include "nnc/Reference/Interpreter.h"
#include "nnc/Runner/Progress.h"
#include "llvm/Support/FormatVariadic.h"

#include <cstdio>
#include <map>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

const std::vector<nncrun::OptionSpec> &driver::precisionLimitOptions() {
  static const std::vector<nncrun::OptionSpec> options = {
      {"max-latency", "TIME",
       "the longest that a run may be predicted to take: 2ms, 500us; products "
       "that lose most and are not needed for it stay as they are"},
      {"max-size", "SIZE", "the same for bytes of weights: 4MiB, 600KB"}};
  return options;
}

/// "2ms", "500us", "0.1s" in microseconds.
static std::optional<double> parseMicroseconds(StringRef text) {
  double factor = 0, number = 0;
  if (text.consume_back("us"))
    factor = 1;
  else if (text.consume_back("ms"))
    factor = 1e3;
  else if (text.consume_back("s"))
    factor = 1e6;
  if (factor == 0 || text.trim().getAsDouble(number) || !(number > 0))
    return std::nullopt;
  return number * factor;
}

static int reportUsage(const std::string &message) {
  return reportError(message, nncrun::ExitUsage);
}

int driver::readPrecisionLimits(const Arguments &arguments, bool quantizes,
                                PrecisionLimits &limits) {
  if (arguments.has("max-latency")) {
    limits.maxUs = parseMicroseconds(arguments.get("max-latency"));
    if (!limits.maxUs)
      return reportUsage("--max-latency expects a time such as 2ms or 500us, "
                         "but found '" +
                         arguments.get("max-latency") + "'");
  }
  if (arguments.has("max-size")) {
    std::optional<int64_t> bytes = parseSize(arguments.get("max-size"));
    if (!bytes)
      return reportUsage("--max-size expects a size such as 4MiB or 600KB, but "
                         "found '" +
                         arguments.get("max-size") + "'");
    limits.maxBytes = double(*bytes);
  }
  bool isLimited = limits.maxUs || limits.maxBytes;
  if (!quantizes)
    return isLimited ? reportUsage("--max-latency and --max-size choose what "
                                   "to quantize: expected --quantize=int8")
                     : nncrun::ExitDone;
  return readJudge(arguments, isLimited, limits.judge);
}

namespace {
/// One search for products that stay as they are.
class Search {
public:
  Search(const PrecisionLimits &limits, const CompileRequest &compile,
         ModuleOp module, QuantizationOptions &options)
      : limits(limits), compile(compile), module(module), options(options),
        progress("judging the original") {}

  int run();

private:
  int prepare();
  int predict(ModuleOp changed, CostTotals &totals);
  int findNeeds(ArrayRef<QuantizedLayer> plans, MixedPrecisionGoal &goal);
  int choose(ArrayRef<QuantizedLayer> plans, ArrayRef<LayerSensitivity> losses,
             MixedPrecisionGoal &goal);
  int verify(const llvm::StringSet<> &kept, std::string &unmet);
  OwningOpRef<ModuleOp> quantizeCopy(const llvm::StringSet<> &kept,
                                     std::string &problem);
  llvm::Expected<double> judgeKept(const llvm::StringSet<> &kept);

  const PrecisionLimits &limits;
  const CompileRequest &compile;
  ModuleOp module;
  QuantizationOptions &options;
  nncrun::Progress progress;
  std::optional<Judge> judge;
  /// What choices have lost, by the number of products that stay.
  std::map<size_t, Comparison> judged;
};
} // namespace

/// Names of `options.keep` and of `kept` stay as they are. Null after an error.
OwningOpRef<ModuleOp> Search::quantizeCopy(const llvm::StringSet<> &kept,
                                           std::string &problem) {
  OwningOpRef<ModuleOp> copy = module.clone();
  QuantizationOptions own = options;
  own.isSilent = true;
  for (const auto &name : kept)
    own.keep.insert(name.getKey());
  auto layers = quantize(findEntry(*copy), own);
  if (!layers) {
    problem = llvm::toString(layers.takeError());
    return {};
  }
  return copy;
}

llvm::Expected<double> Search::judgeKept(const llvm::StringSet<> &kept) {
  progress.tell("judging a choice of products");
  std::string problem;
  OwningOpRef<ModuleOp> copy = quantizeCopy(kept, problem);
  if (!copy)
    return llvm::createStringError(problem);
  llvm::Expected<Comparison> comparison = judge->judge(*copy);
  if (!comparison)
    return comparison.takeError();
  judged[kept.size()] = *comparison;
  return comparison->loss;
}

int Search::prepare() { return createJudge(limits.judge, module, judge); }

/// Time and weights of all of the module.
int Search::predict(ModuleOp changed, CostTotals &totals) {
  OwningOpRef<ModuleOp> copy = changed.clone();
  CompileRequest request = compile;
  request.compress = nullptr;
  request.compiler.afterPhase = nullptr;
  ArtifactInfo info;
  if (int code = predictArtifact(*copy, request, info))
    return code;
  totals = sumCosts(info, int(compile.compiler.threads));
  if (limits.maxUs && totals.predictedUs < 0)
    return reportError("--max-latency: the time of the model is not known; fix "
                       "its dimensions by --dim",
                       nncrun::ExitUsage);
  return nncrun::ExitDone;
}

/// The limits on time and size have to hold for the whole model as it becomes.
int Search::verify(const llvm::StringSet<> &kept, std::string &unmet) {
  unmet.clear();
  if (!limits.maxUs && !limits.maxBytes)
    return nncrun::ExitDone;
  std::string problem;
  OwningOpRef<ModuleOp> copy = quantizeCopy(kept, problem);
  CostTotals totals;
  if (int code = copy ? predict(*copy, totals)
                      : reportError(problem, nncrun::ExitInput))
    return code;
  if (limits.maxUs && totals.predictedUs > *limits.maxUs)
    unmet = llvm::formatv("--max-latency: {0:F1} us are predicted, more than "
                          "{1:F1}",
                          totals.predictedUs, *limits.maxUs);
  if (limits.maxBytes && double(totals.weightBytes) > *limits.maxBytes)
    unmet = llvm::formatv("--max-size: weights have {0} bytes, more than "
                          "{1:F0}",
                          totals.weightBytes, *limits.maxBytes);
  return nncrun::ExitDone;
}

/// What has to be saved, as if the whole model saved what its products do: the
/// sum of these is held against the model with all of them quantized.
int Search::findNeeds(ArrayRef<QuantizedLayer> plans,
                      MixedPrecisionGoal &goal) {
  if (!limits.maxUs && !limits.maxBytes)
    return nncrun::ExitDone;
  std::string problem;
  OwningOpRef<ModuleOp> all = quantizeCopy({}, problem);
  CostTotals before, after;
  if (!all)
    return reportError(problem, nncrun::ExitInput);
  if (int code = predict(module, before))
    return code;
  if (int code = predict(*all, after))
    return code;
  double us = 0, bytes = 0;
  for (const QuantizedLayer &plan : plans)
    if (plan.isQuantized) {
      us += std::max(plan.floatUs - plan.quantizedUs, 0.0);
      bytes += double(plan.floatBytes - plan.quantizedBytes);
    }
  auto scale = [](double needed, double saved, double ofProducts) {
    return saved > 0 ? needed / saved * ofProducts : needed;
  };
  if (limits.maxUs)
    goal.neededUs = scale(before.predictedUs - *limits.maxUs,
                          before.predictedUs - after.predictedUs, us);
  if (limits.maxBytes)
    goal.neededBytes =
        scale(double(before.weightBytes) - *limits.maxBytes,
              double(before.weightBytes - after.weightBytes), bytes);
  return nncrun::ExitDone;
}

/// Since savings do not quite add up, more is asked for until it is enough.
int Search::choose(ArrayRef<QuantizedLayer> plans,
                   ArrayRef<LayerSensitivity> losses,
                   MixedPrecisionGoal &goal) {
  constexpr int tries = 6;
  constexpr double more = 1.08;
  std::string unmet;
  for (int i = 0; i < tries; ++i) {
    std::string why;
    auto kept = chooseKept(plans, losses, goal, why);
    if (!kept)
      return reportError("--quantize: " + llvm::toString(kept.takeError()),
                         nncrun::ExitInput);
    if (!*kept)
      return reportError("--quantize: the limits can't be met: " +
                             (unmet.empty() ? why : unmet),
                         nncrun::ExitUnmet);
    if (int code = verify(**kept, unmet))
      return code;
    if (unmet.empty()) {
      for (const auto &name : **kept)
        options.keep.insert(name.getKey());
      if (auto found = judged.find((*kept)->size()); found != judged.end())
        std::fprintf(stderr,
                     "nnc: %.6g where the original has %.6g; %u products stay "
                     "as they are\n",
                     found->second.changed, found->second.original,
                     (*kept)->size());
      return nncrun::ExitDone;
    }
    goal.neededUs *= more;
    goal.neededBytes *= more;
  }
  return reportError("--quantize: the limits can't be met: " + unmet,
                     nncrun::ExitUnmet);
}

int Search::run() {
  if (int code = prepare())
    return code;
  auto plans = planQuantization(findEntry(module), options);
  if (!plans)
    return reportError("--quantize: " + llvm::toString(plans.takeError()),
                       nncrun::ExitInput);
  MixedPrecisionGoal goal;
  goal.maxLoss = limits.judge.maxLoss;
  goal.judge = [&](const llvm::StringSet<> &kept) { return judgeKept(kept); };
  if (int code = findNeeds(*plans, goal))
    return code;
  progress.tell("measuring what each product loses");
  constexpr int64_t samples = 32;
  auto losses = measureSensitivity(module, *plans,
                                   judge->getEvaluation().data.take(samples));
  if (!losses)
    return reportError("--eval: " + llvm::toString(losses.takeError()),
                       nncrun::ExitInput);
  return choose(*plans, *losses, goal);
}

int driver::meetLimits(const PrecisionLimits &limits,
                       const CompileRequest &compile, ModuleOp module,
                       QuantizationOptions &options) {
  if (!limits.any())
    return nncrun::ExitDone;
  return Search(limits, compile, module, options).run();
}
