//===----------------------------------------------------------------------===//
// How good outputs are.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Runner/Metrics.h"

#include "nnc/Runner/Signature.h"

#include <cmath>
#include <cstdio>

using namespace nncrun;

static constexpr struct {
  Metric metric;
  const char *name;
} metricNames[] = {{Metric::Top1, "top1"},
                   {Metric::Perplexity, "perplexity"},
                   {Metric::CrossEntropy, "cross-entropy"},
                   {Metric::Agreement, "agreement"},
                   {Metric::Kl, "kl"},
                   {Metric::Sqnr, "sqnr"}};

std::optional<Metric> nncrun::parseMetric(const std::string &name) {
  for (const auto &row : metricNames)
    if (name == row.name)
      return row.metric;
  return std::nullopt;
}

bool nncrun::isByLabels(Metric metric) {
  return metric == Metric::Top1 || metric == Metric::Perplexity ||
         metric == Metric::CrossEntropy;
}

double nncrun::getLoss(Metric metric, double reference, double value) {
  switch (metric) {
  case Metric::Top1:
  case Metric::Agreement:
    return 100 * (reference - value);
  case Metric::Perplexity:
    return 100 * (value / reference - 1);
  case Metric::CrossEntropy:
  case Metric::Kl:
    return value - reference;
  case Metric::Sqnr:
    return reference - value;
  }
  return 0;
}

static int64_t rowWidth(const nncio::Tensor &tensor) {
  return tensor.rank() ? tensor.shape().back() : 1;
}

int64_t nncrun::countRows(const nncio::Tensor &tensor) {
  const int64_t width = rowWidth(tensor);
  return width ? tensor.size() / width : 0;
}

/// The first of the largest; NaN is never the largest.
static int64_t findTop(const nncio::Tensor &tensor, int64_t row) {
  const int64_t width = rowWidth(tensor);
  int64_t best = 0;
  double largest = -INFINITY;
  for (int64_t i = 0; i < width; ++i) {
    const double value = tensor.getDouble(row * width + i);
    if (value > largest) {
      largest = value;
      best = i;
    }
  }
  return best;
}

/// log of the sum of exp(row)
static double logSum(const nncio::Tensor &tensor, int64_t row) {
  const int64_t width = rowWidth(tensor);
  const double largest = tensor.getDouble(row * width + findTop(tensor, row));
  double sum = 0;
  for (int64_t i = 0; i < width; ++i)
    sum += std::exp(tensor.getDouble(row * width + i) - largest);
  return std::log(sum) + largest;
}

/// -log(softmax(row)[label])
static double negativeLogLikelihood(const nncio::Tensor &tensor, int64_t row,
                                    int64_t label) {
  return logSum(tensor, row) - tensor.getDouble(row * rowWidth(tensor) + label);
}

/// KL(softmax(expected row) || softmax(row))
static double divergence(const nncio::Tensor &tensor,
                         const nncio::Tensor &expected, int64_t row) {
  const int64_t width = rowWidth(tensor);
  const double own = logSum(tensor, row), wanted = logSum(expected, row);
  double sum = 0;
  for (int64_t i = row * width; i < (row + 1) * width; ++i) {
    const double logP = expected.getDouble(i) - wanted;
    sum += std::exp(logP) * (logP - (tensor.getDouble(i) - own));
  }
  return sum;
}

std::string MetricSum::addLabels(const nncio::Tensor &output,
                                 const std::vector<int64_t> &labels) {
  const int64_t count = countRows(output);
  if (static_cast<int64_t>(labels.size()) != count)
    return "expected " + std::to_string(count) + " labels for output " +
           shapeText(output.shape()) + ", but found " +
           std::to_string(labels.size());
  for (int64_t row = 0; row < count; ++row) {
    const int64_t label = labels[static_cast<size_t>(row)];
    if (label >= rowWidth(output) || (label < 0 && metric == Metric::Top1))
      return "label " + std::to_string(label) + " is outside of the " +
             std::to_string(rowWidth(output)) + " classes";
    if (label < 0)
      continue;
    ++rows;
    if (metric == Metric::Top1)
      hits += findTop(output, row) == label;
    else
      sum += negativeLogLikelihood(output, row, label);
  }
  return "";
}

std::string MetricSum::addExpected(const nncio::Tensor &output,
                                   const nncio::Tensor &expected) {
  if (output.shape() != expected.shape())
    return "the original model's output has shape " +
           shapeText(expected.shape()) + ", but this one's has " +
           shapeText(output.shape());
  if (metric == Metric::Agreement) {
    for (int64_t row = 0; row < countRows(output); ++row, ++rows)
      hits += findTop(output, row) == findTop(expected, row);
    return "";
  }
  if (metric == Metric::Kl) {
    for (int64_t row = 0; row < countRows(output); ++row, ++rows)
      sum += divergence(output, expected, row);
    return "";
  }
  for (int64_t i = 0; i < output.size(); ++i) {
    const double wanted = expected.getDouble(i);
    const double error = output.getDouble(i) - wanted;
    sum += wanted * wanted;
    noise += error * error;
  }
  return "";
}

double MetricSum::value() const {
  switch (metric) {
  case Metric::Top1:
  case Metric::Agreement:
    return rows ? double(hits) / double(rows) : 0;
  case Metric::Perplexity:
    return rows ? std::exp(sum / double(rows)) : INFINITY;
  case Metric::CrossEntropy:
  case Metric::Kl:
    return rows ? sum / double(rows) : INFINITY;
  case Metric::Sqnr:
    return noise == 0 ? INFINITY : 10 * std::log10(sum / noise);
  }
  return 0;
}

std::string MetricSum::text() const {
  char line[96];
  const long long count = rows;
  switch (metric) {
  case Metric::Perplexity:
    std::snprintf(line, sizeof(line), "perplexity %.4f (%lld tokens)", value(),
                  count);
    break;
  case Metric::CrossEntropy:
    std::snprintf(line, sizeof(line), "cross-entropy %.4f nats (%lld tokens)",
                  value(), count);
    break;
  case Metric::Kl:
    std::snprintf(line, sizeof(line), "kl %.6f nats (%lld rows)", value(),
                  count);
    break;
  case Metric::Sqnr:
    std::snprintf(line, sizeof(line), "sqnr %.2f dB", value());
    break;
  case Metric::Top1:
  case Metric::Agreement:
    std::snprintf(line, sizeof(line), "%s %lld/%lld (%.2f %%)",
                  metric == Metric::Top1 ? "top1" : "agreement",
                  static_cast<long long>(hits), count, 100 * value());
    break;
  }
  return line;
}
