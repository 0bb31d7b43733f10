//===----------------------------------------------------------------------===//
// nnc eval: quality on data.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Compile.h"
#include "nnc/DataIO/DataSpec.h"
#include "nnc/Runner/Batches.h"
#include "nnc/Runner/Metrics.h"

#include <cstdio>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;

namespace {
/// One evaluation.
struct Evaluation {
  nncrun::Metric metric = nncrun::Metric::Top1;
  std::vector<nncrun::SampleSet> samples;
  /// Empty without --labels.
  std::vector<int64_t> labels;
  size_t output = 0;
  int64_t limit = 0;
};
} // namespace

static int readLabels(const Arguments &arguments, Evaluation &evaluation) {
  if (!arguments.has("labels"))
    return nncrun::ExitDone;
  std::string text = arguments.get("labels");
  // "NAME=@FILE" is taken too, as for other data.
  size_t at = text.find("=@");
  nncio::Result<nncio::Tensor> labels = nncio::loadTensorFile(
      at == std::string::npos ? text : text.substr(at + 2));
  if (!labels)
    return reportError("--labels: " + labels.error(), nncrun::ExitInput);
  if (nncio::isFloat(labels->type()) ||
      labels->type() == nncio::ElementType::String)
    return reportError("--labels: expected integers", nncrun::ExitInput);
  evaluation.labels = labels->toInts();
  return nncrun::ExitDone;
}

static int readOptions(const Arguments &arguments,
                       const nncrun::Signature &signature,
                       Evaluation &evaluation) {
  if (int code = readLabels(arguments, evaluation))
    return code;
  bool labelled = arguments.has("labels");
  std::string name = arguments.has("metric")
                         ? arguments.get("metric")
                         : (labelled ? "top1" : "agreement");
  std::optional<nncrun::Metric> metric = nncrun::parseMetric(name);
  if (!metric)
    return reportError("--metric expects top1, perplexity, cross-entropy, "
                       "agreement, kl or sqnr, but found '" +
                           name + "'",
                       nncrun::ExitUsage);
  evaluation.metric = *metric;
  // Without labels, the original model's choice stands for them.
  if (*metric == nncrun::Metric::Top1 && !labelled)
    evaluation.metric = nncrun::Metric::Agreement;
  if (nncrun::isByLabels(evaluation.metric) && !labelled)
    return reportError("--metric " + name + " needs --labels",
                       nncrun::ExitUsage);
  if (arguments.has("output")) {
    int index = signature.findOutput(arguments.get("output"));
    if (index < 0)
      return reportError("the model has no output '" + arguments.get("output") +
                             "'",
                         nncrun::ExitUsage);
    evaluation.output = size_t(index);
  }
  nncio::Result<int64_t> limit = arguments.getInt("batch", 64, 1, 1 << 20);
  if (!limit)
    return reportError(limit.error(), nncrun::ExitUsage);
  evaluation.limit = *limit;
  if (!arguments.has("data"))
    return reportError("nnc eval: expected --data SPEC", nncrun::ExitUsage);
  auto samples = nncrun::loadSamples(arguments.getAll("data"), signature);
  if (!samples)
    return reportError("--data: " + samples.error(), nncrun::ExitInput);
  evaluation.samples = std::move(*samples);
  return nncrun::ExitDone;
}

/// What the original model gives for samples of which no file says it: the
/// reference interpreter's outputs for --original, or for MODEL itself.
static int findExpected(const Arguments &arguments, Evaluation &evaluation) {
  bool complete = !arguments.has("original");
  for (const nncrun::SampleSet &set : evaluation.samples)
    complete &= !set.expected.empty();
  if (complete)
    return nncrun::ExitDone;
  std::string path = arguments.has("original") ? arguments.get("original")
                                               : arguments.operands[0];
  Session session;
  OwningOpRef<ModuleOp> module;
  if (int code = loadModule(session, path, arguments, module))
    return code;
  auto original = makeReferenceExecutable(*module);
  if (!original)
    return reportError(original.error(), nncrun::ExitInput);
  for (nncrun::SampleSet &set : evaluation.samples) {
    auto run = nncrun::runBatches(**original, set.inputs, evaluation.limit);
    if (!run)
      return reportError("original model: " + run.error(), nncrun::ExitInput);
    set.expected = std::move(run->outputs);
  }
  return nncrun::ExitDone;
}

static int evaluate(nncrun::Executable &executable,
                    const Evaluation &evaluation) {
  nncrun::MetricSum sum(evaluation.metric);
  std::vector<double> milliseconds;
  int64_t batch = 0;
  size_t nextLabel = 0;
  bool byLabels = nncrun::isByLabels(evaluation.metric);
  for (const nncrun::SampleSet &set : evaluation.samples) {
    auto run = nncrun::runBatches(executable, set.inputs, evaluation.limit);
    if (!run)
      return reportError(run.error(), nncrun::ExitInput);
    const nncio::Tensor &output = run->outputs[evaluation.output];
    std::string problem;
    if (byLabels) {
      // The last set takes all that are left, so that too many are noticed.
      ArrayRef<int64_t> labels(evaluation.labels);
      labels = labels.drop_front(std::min(nextLabel, labels.size()));
      if (&set != &evaluation.samples.back())
        labels = labels.take_front(size_t(nncrun::countRows(output)));
      nextLabel += labels.size();
      problem = sum.addLabels(output, labels.vec());
    } else {
      problem = sum.addExpected(output, set.expected[evaluation.output]);
    }
    if (!problem.empty())
      return reportError(problem, nncrun::ExitInput);
    llvm::append_range(milliseconds, run->milliseconds);
    batch = run->batch;
  }
  std::printf("%s\nlatency median %.3f ms (%zu runs of %lld samples)\n",
              sum.text().c_str(), nncrun::median(milliseconds),
              milliseconds.size(), static_cast<long long>(batch));
  return nncrun::ExitDone;
}

static int runEval(const Arguments &arguments) {
  OpenedModel opened;
  if (int code = openModel(arguments.operands[0], arguments, opened))
    return code;
  if (opened.executable->signature().outputs.empty())
    return reportError("the model has no outputs", nncrun::ExitInput);
  Evaluation evaluation;
  if (int code =
          readOptions(arguments, opened.executable->signature(), evaluation))
    return code;
  if (!nncrun::isByLabels(evaluation.metric))
    if (int code = findExpected(arguments, evaluation))
      return code;
  return evaluate(*opened.executable, evaluation);
}

Command driver::getEvalCommand() {
  static const CommandSpec spec = {
      "eval",
      "MODEL",
      1,
      1,
      "Tells how good a model is on data. The first axis of the data counts "
      "samples. Without labels the outputs are held against those of the "
      "original model.",
      "nnc eval model.onnx --data images=@x.npy --labels y.npy --metric top1",
      {{"data", "SPEC", "a folder of test_data_set_N, or INPUT=@FILE for each"},
       {"metric", "NAME",
        "top1, perplexity, cross-entropy, agreement, kl or sqnr (top1 with "
        "labels)"},
       {"labels", "FILE", "the right class of each row, integers"},
       {"original", "MODEL", "the model to agree with"},
       {"output", "NAME", "the output to judge (the first)"},
       {"batch", "N", "samples a run where the model allows any number (64)"},
       {"reference", nullptr, "compute by the reference interpreter"},
       {"threads", "N", "threads of a run (1)"},
       dimOption,
       shapeOption}};
  return {&spec, runEval};
}
