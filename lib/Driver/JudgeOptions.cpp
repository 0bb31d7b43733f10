//===----------------------------------------------------------------------===//
// Options for data that compression is guided and judged by.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "JudgeOptions.h"

#include "Compile.h"
#include "nnc/DataIO/DataSpec.h"

#include <cstdio>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

const nncrun::OptionSpec driver::calibrationOption = {
    "calibration", "SPEC",
    "data that shows what layers see: a folder of test_data_set_N, or "
    "INPUT=@FILE for each input; or a file of nnc calibrate"};

const std::vector<nncrun::OptionSpec> &driver::judgeOptions() {
  static const std::vector<nncrun::OptionSpec> options = {
      {"eval", "SPEC", "data to judge what is left of the model by"},
      {"eval-labels", "FILE",
       "the right class of each row of --eval, integers"},
      {"metric", "NAME",
       "top1, perplexity, cross-entropy, agreement, kl or sqnr (top1 with "
       "labels, else agreement)"},
      {"max-accuracy-drop", "X",
       "the most that the metric may lose: points, percent of perplexity, nats "
       "or dB; products that lose most keep their precision"}};
  return options;
}

static int reportUsage(const std::string &message) {
  return reportError(message, nncrun::ExitUsage);
}

int driver::readJudge(const Arguments &arguments, bool isLimited,
                      JudgeRequest &request) {
  request.eval = arguments.getAll("eval");
  if (arguments.has("max-accuracy-drop")) {
    nncio::Result<double> drop = arguments.getNumber("max-accuracy-drop", 0);
    if (!drop)
      return reportUsage(drop.error());
    request.maxLoss = *drop;
    isLimited = true;
  }
  if (isLimited && request.eval.empty())
    return reportUsage("a limit of what is lost, and a choice of products, "
                       "need data to judge by: expected --eval SPEC");
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
  if (request.maxLoss && request.metric == nncrun::Metric::Sqnr)
    return reportUsage("--max-accuracy-drop needs a metric that the original "
                       "model has too: expected top1, perplexity, "
                       "cross-entropy, agreement or kl in place of sqnr");
  return nncrun::ExitDone;
}

int driver::createJudge(const JudgeRequest &request, ModuleOp module,
                        std::optional<Judge> &judge) {
  if (request.eval.empty())
    return nncrun::ExitDone;
  llvm::Expected<DataSet> data = loadDataSet(request.eval, module);
  if (!data)
    return reportError("--eval: " + llvm::toString(data.takeError()),
                       nncrun::ExitInput);
  llvm::Expected<Judge> made = Judge::create(
      module, {std::move(*data), request.metric, request.labels, 0});
  if (!made)
    return reportError("--eval: " + llvm::toString(made.takeError()),
                       nncrun::ExitInput);
  judge = std::move(*made);
  return nncrun::ExitDone;
}

int driver::checkLoss(const JudgeRequest &request, const Judge &judge,
                      ModuleOp changed) {
  if (!request.maxLoss)
    return nncrun::ExitDone;
  llvm::Expected<Comparison> verdict = judge.judge(changed);
  if (!verdict)
    return reportError("--eval: " + llvm::toString(verdict.takeError()),
                       nncrun::ExitInput);
  if (verdict->loss <= *request.maxLoss)
    return nncrun::ExitDone;
  char text[160];
  std::snprintf(text, sizeof(text),
                "the compressed model loses %.4g, more than the %.4g of "
                "--max-accuracy-drop",
                verdict->loss, *request.maxLoss);
  return reportError(text, nncrun::ExitUnmet);
}
