//===----------------------------------------------------------------------===//
// How good a model is on data.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/Evaluate.h"

using namespace mlir;
using namespace mlir::nnc;

llvm::Expected<nncrun::MetricSum>
mlir::nnc::scoreOutputs(nncrun::Metric metric, ArrayRef<nncio::Tensor> outputs,
                        ArrayRef<nncio::Tensor> expected,
                        ArrayRef<int64_t> labels) {
  nncrun::MetricSum sum(metric);
  bool byLabels = nncrun::isByLabels(metric);
  if (!byLabels && expected.size() != outputs.size())
    return llvm::createStringError("expected the original's outputs for %zu "
                                   "sets, but found %zu",
                                   outputs.size(), expected.size());
  for (auto [index, output] : llvm::enumerate(outputs)) {
    std::string problem;
    if (byLabels) {
      // The last set takes all that are left, so that too many are noticed.
      size_t rows = size_t(nncrun::countRows(output));
      bool isLast = index + 1 == outputs.size();
      ArrayRef<int64_t> own =
          isLast ? labels : labels.take_front(std::min(rows, labels.size()));
      labels = labels.drop_front(own.size());
      problem = sum.addLabels(output, own.vec());
    } else {
      problem = sum.addExpected(output, expected[index]);
    }
    if (!problem.empty())
      return llvm::createStringError(problem);
  }
  return sum;
}

llvm::Expected<std::vector<nncio::Tensor>>
mlir::nnc::computeOutputs(ModuleOp module, const Evaluation &evaluation) {
  llvm::Expected<Observer> observer = Observer::create(module, {});
  if (!observer)
    return observer.takeError();
  std::vector<nncio::Tensor> outputs;
  for (const nncrun::SampleSet &set : evaluation.data.sets) {
    llvm::Expected<nncrun::Tensors> all =
        observer->compute(set, evaluation.data.batch);
    if (!all)
      return all.takeError();
    if (evaluation.output >= all->size())
      return llvm::createStringError("expected an output of number %zu, but "
                                     "the model has %zu",
                                     evaluation.output, all->size());
    outputs.push_back((*all)[evaluation.output]);
  }
  return outputs;
}

llvm::Expected<Judge> Judge::create(ModuleOp original, Evaluation evaluation) {
  Judge judge;
  judge.evaluation = std::move(evaluation);
  const Evaluation &own = judge.evaluation;
  bool isKnown = !nncrun::isByLabels(own.metric);
  for (const nncrun::SampleSet &set : own.data.sets)
    isKnown &= own.output < set.expected.size();
  if (isKnown) {
    for (const nncrun::SampleSet &set : own.data.sets)
      judge.expected.push_back(set.expected[own.output]);
  } else {
    auto outputs = computeOutputs(original, own);
    if (!outputs)
      return outputs.takeError();
    judge.expected = std::move(*outputs);
  }
  auto sum =
      scoreOutputs(own.metric, judge.expected, judge.expected, own.labels);
  if (!sum)
    return sum.takeError();
  judge.original = sum->value();
  return judge;
}

llvm::Expected<Comparison> Judge::judge(ModuleOp changed) const {
  auto outputs = computeOutputs(changed, evaluation);
  if (!outputs)
    return outputs.takeError();
  auto sum =
      scoreOutputs(evaluation.metric, *outputs, expected, evaluation.labels);
  if (!sum)
    return sum.takeError();
  double value = sum->value();
  double loss = evaluation.metric == nncrun::Metric::Sqnr
                    ? -value
                    : nncrun::getLoss(evaluation.metric, original, value);
  return Comparison{original, value, loss};
}
