//===----------------------------------------------------------------------===//
// nnc cost tokens: what a prompt and an answer cost on a machine that does
// nothing else (D. Narayanan et al., "Cheaply Estimating Inference Efficiency
// Metrics for Autoregressive Transformer Models", 2023: idealized runtime).
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "CostCurves.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <map>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

namespace {
/// Microseconds and microjoules of a run at some sizes, and straight lines
/// between them.
class Curve {
public:
  void add(int64_t at, const PredictedRun &run) {
    points[at] = {run.totals.predictedUs, run.totals.energyUj};
  }
  double getUs(int64_t at) const { return interpolate(at, &Point::us); }
  /// -1 if it is not known.
  double getEnergy(int64_t at) const {
    for (const auto &[size, point] : points)
      if (point.energyUj < 0)
        return -1;
    return interpolate(at, &Point::energyUj);
  }
  llvm::json::Array toJson() const {
    llvm::json::Array list;
    for (const auto &[size, point] : points)
      list.push_back(llvm::json::Array{size, point.us});
    return list;
  }

private:
  struct Point {
    double us, energyUj;
  };
  double interpolate(int64_t at, double Point::*field) const {
    auto above = points.lower_bound(at);
    if (above == points.end())
      return std::prev(above)->second.*field;
    if (above->first == at || above == points.begin())
      return above->second.*field;
    auto below = std::prev(above);
    double share =
        double(at - below->first) / double(above->first - below->first);
    return below->second.*field +
           share * (above->second.*field - below->second.*field);
  }

  std::map<int64_t, Point> points;
};

/// What is asked, and what a model takes.
struct Request {
  int64_t prompt = 0, output = 0;
  /// Names of dimensions: tokens of a run, and tokens that it remembers of the
  /// runs before; empty if it has none.
  std::string sequence, past;

  /// With a cache and runs of any length, the prompt is one run.
  bool hasPrefill() const { return !sequence.empty(); }
};

struct Answer {
  Curve prefill, step;
  PredictedRun last;
  double prefillUs = 0, decodeUs = 0, energyUj = 0;
};
} // namespace

static int readTokens(const Arguments &arguments, Request &request) {
  constexpr int64_t most = 1 << 20;
  for (auto [name, count] : {std::pair("prompt", &request.prompt),
                             std::pair("output", &request.output)}) {
    nncio::Result<int64_t> given = arguments.getInt(name, 128, 1, most);
    if (!given)
      return reportError(given.error(), nncrun::ExitUsage);
    *count = *given;
  }
  request.sequence = arguments.get("sequence");
  request.past = arguments.get("past");
  if (request.sequence.empty() && request.past.empty())
    return reportError("nnc cost tokens: expected --sequence=NAME, the "
                       "dimension of the tokens of a run, --past=NAME, that of "
                       "those of earlier runs, or both",
                       nncrun::ExitUsage);
  return nncrun::ExitDone;
}

/// 1, 2, 4, …: sizes between two, these included.
static std::vector<int64_t> listSizes(int64_t from, int64_t to) {
  std::vector<int64_t> sizes = {from};
  for (int64_t size = 1; size < to; size *= 2)
    if (size > from)
      sizes.push_back(size);
  if (to > from)
    sizes.push_back(to);
  return sizes;
}

/// Predicts a run at each size; `makeSizes` gives its dimensions.
static int trace(const Arguments &arguments, ArrayRef<int64_t> at,
                 function_ref<DimSizes(int64_t)> makeSizes, Curve &curve,
                 PredictedRun &last) {
  for (int64_t size : at) {
    if (int code = predictRun(arguments, makeSizes(size), last))
      return code;
    if (last.totals.predictedUs < 0)
      return reportError("nnc cost tokens: the time depends on dynamic "
                         "dimensions; fix them with --dim",
                         nncrun::ExitUsage);
    curve.add(size, last);
  }
  return nncrun::ExitDone;
}

/// Adds a token's run that sees `tokens` before it.
static void addStep(const Curve &curve, int64_t tokens, double &us,
                    double &energy) {
  us += curve.getUs(tokens);
  double own = curve.getEnergy(tokens);
  energy = energy < 0 || own < 0 ? -1 : energy + own;
}

static int predict(const Arguments &arguments, const Request &request,
                   Answer &answer) {
  int64_t all = request.prompt + request.output - 1;
  bool hasCache = !request.past.empty();
  if (request.hasPrefill()) {
    auto whole = [&](int64_t size) {
      DimSizes sizes = {{request.sequence, size}};
      if (hasCache)
        sizes.emplace_back(request.past, 0);
      return sizes;
    };
    // Without a cache each token is a run over all before it.
    if (int code =
            trace(arguments, listSizes(1, hasCache ? request.prompt : all),
                  whole, answer.prefill, answer.last))
      return code;
    addStep(answer.prefill, request.prompt, answer.prefillUs, answer.energyUj);
  }
  if (hasCache) {
    auto next = [&](int64_t size) {
      DimSizes sizes = {{request.past, size}};
      if (request.hasPrefill())
        sizes.emplace_back(request.sequence, 1);
      return sizes;
    };
    int64_t first = request.hasPrefill() ? request.prompt : 0;
    if (int code = trace(arguments, listSizes(first, std::max(first, all - 1)),
                         next, answer.step, answer.last))
      return code;
    if (!request.hasPrefill())
      for (int64_t i = 0; i < request.prompt; ++i)
        addStep(answer.step, i, answer.prefillUs, answer.energyUj);
  }
  // The first token of the answer comes with the prompt.
  for (int64_t tokens = request.prompt; tokens < all; ++tokens)
    addStep(hasCache ? answer.step : answer.prefill,
            hasCache ? tokens : tokens + 1, answer.decodeUs, answer.energyUj);
  return nncrun::ExitDone;
}

static double perSecond(int64_t tokens, double us) {
  return us > 0 ? double(tokens) / us * 1e6 : 0;
}

static void printTokens(const Request &request, const Answer &answer) {
  double us = answer.prefillUs + answer.decodeUs;
  llvm::outs() << llvm::formatv(
      "predicted for {0}, on a machine that does nothing else\n"
      "prompt  {1,8} tokens  {2,12:F1} us  {3,10:F1} tokens/s\n"
      "output  {4,8} tokens  {5,12:F1} us  {6,10:F1} tokens/s  the first with "
      "the prompt\n"
      "all                      {7,12:F1} us  {8,10:F2} us per token\n",
      answer.last.target, request.prompt, answer.prefillUs,
      perSecond(request.prompt, answer.prefillUs), request.output,
      answer.decodeUs, perSecond(request.output - 1, answer.decodeUs), us,
      us / double(request.prompt + request.output));
  if (answer.energyUj >= 0)
    llvm::outs() << llvm::formatv("energy {0:F1} uJ per token (modelled)\n",
                                  answer.energyUj /
                                      double(request.prompt + request.output));
  if (answer.last.memoryGbps > 0 && answer.last.totals.weightBytes > 0)
    llvm::outs() << llvm::formatv(
        "weights {0} bytes: {1:F1} us for each run if they come from memory\n",
        answer.last.totals.weightBytes,
        double(answer.last.totals.weightBytes) / answer.last.memoryGbps * 1e-3);
}

static std::string tokensJson(const Request &request, const Answer &answer) {
  double us = answer.prefillUs + answer.decodeUs;
  double tokens = double(request.prompt + request.output);
  auto known = [](double value) {
    return value < 0 ? llvm::json::Value(nullptr) : llvm::json::Value(value);
  };
  return llvm::formatv(
             "{0:2}\n",
             llvm::json::Value(llvm::json::Object{
                 {"version", 1},
                 {"target", answer.last.target},
                 {"prompt_tokens", request.prompt},
                 {"output_tokens", request.output},
                 {"prefill_us", answer.prefillUs},
                 {"decode_us", answer.decodeUs},
                 {"total_us", us},
                 {"us_per_token", us / tokens},
                 {"prefill_tokens_per_s",
                  perSecond(request.prompt, answer.prefillUs)},
                 {"decode_tokens_per_s",
                  request.output > 1 ? llvm::json::Value(perSecond(
                                           request.output - 1, answer.decodeUs))
                                     : llvm::json::Value(nullptr)},
                 {"modelled_energy_uj_per_token",
                  known(answer.energyUj < 0 ? -1 : answer.energyUj / tokens)},
                 {"weight_bytes",
                  known(double(answer.last.totals.weightBytes))},
                 {"prefill_points", answer.prefill.toJson()},
                 {"decode_points", answer.step.toJson()}}))
      .str();
}

int driver::predictTokens(const Arguments &arguments) {
  Request request;
  if (int code = readTokens(arguments, request))
    return code;
  Answer answer;
  if (int code = predict(arguments, request, answer))
    return code;
  if (arguments.get("report") != "-")
    printTokens(request, answer);
  llvm::outs().flush();
  return arguments.has("report")
             ? writeText(arguments.get("report"), tokensJson(request, answer))
             : int(nncrun::ExitDone);
}
