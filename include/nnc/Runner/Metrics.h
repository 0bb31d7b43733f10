//===----------------------------------------------------------------------===//
// How good outputs are.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_RUNNER_METRICS_H
#define NNC_RUNNER_METRICS_H

#include "nnc/DataIO/Tensor.h"

#include <optional>

namespace nncrun {

enum class Metric { Top1, Perplexity, CrossEntropy, Agreement, Kl, Sqnr };

/// "top1", "perplexity", "cross-entropy", "agreement", "kl" or "sqnr".
std::optional<Metric> parseMetric(const std::string &name);
/// True for what is held against labels, not against another model.
bool isByLabels(Metric metric);
/// By how much `value` is worse than `reference`: points (hundredths) of top1
/// and agreement, percent of perplexity, nats of cross-entropy and kl, dB of
/// sqnr. Negative if it is better.
double getLoss(Metric metric, double reference, double value);

/// Collects one metric over any number of outputs. A row is the last axis.
class MetricSum {
public:
  explicit MetricSum(Metric metric) : metric(metric) {}

  /// Against one label a row, for top1, perplexity and cross-entropy; the last
  /// two skip negative labels. Gives a message if they do not fit, empty if all
  /// is well.
  std::string addLabels(const nncio::Tensor &output,
                        const std::vector<int64_t> &labels);
  /// Against what the original model gives, for agreement, kl and sqnr.
  std::string addExpected(const nncio::Tensor &output,
                          const nncio::Tensor &expected);

  /// top1: the share of right rows; cross-entropy: the mean negative
  /// log-likelihood of the labels under the softmax of each row; perplexity:
  /// exp of that; agreement: the share of rows with the same largest element;
  /// kl: the mean divergence KL(original || this) of the rows' softmax, in
  /// nats; sqnr: dB.
  double value() const;
  /// "top1 443/450 (98.44 %)".
  std::string text() const;

private:
  Metric metric;
  int64_t rows = 0;
  int64_t hits = 0;
  /// Sums of negative log-likelihoods, or of signal and noise.
  double sum = 0;
  double noise = 0;
};

/// Rows of `tensor`: its elements by the length of its last axis.
int64_t countRows(const nncio::Tensor &tensor);

} // namespace nncrun

#endif // NNC_RUNNER_METRICS_H
