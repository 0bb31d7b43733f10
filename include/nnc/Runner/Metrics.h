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

enum class Metric { Top1, Perplexity, Agreement, Sqnr };

std::optional<Metric> parseMetric(const std::string &name);

/// Collects one metric over any number of outputs. A row is the last axis.
class MetricSum {
public:
  explicit MetricSum(Metric metric) : metric(metric) {}

  /// Against one label a row, for top1 and perplexity; perplexity skips
  /// negative labels. Gives a message if they do not fit, empty if all is well.
  std::string addLabels(const nncio::Tensor &output,
                        const std::vector<int64_t> &labels);
  /// Against what the original model gives, for agreement and sqnr.
  std::string addExpected(const nncio::Tensor &output,
                          const nncio::Tensor &expected);

  /// top1: the share of right rows; perplexity: exp of the mean negative
  /// log-likelihood of the labels under the softmax of each row; agreement: the
  /// share of rows with the same largest element; sqnr: dB.
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
