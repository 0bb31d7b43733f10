//===----------------------------------------------------------------------===//
// Metrics against numbers worked out by hand.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Runner/Metrics.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace nncrun;
using nncio::ElementType;
using nncio::Tensor;

static Tensor rows(std::vector<int64_t> shape, std::vector<double> values) {
  return Tensor::fromDoubles(ElementType::F32, std::move(shape), values);
}

TEST(Metrics, top1CountsRowsAndTakesTheFirstOfEquals) {
  MetricSum sum(Metric::Top1);
  EXPECT_EQ(sum.addLabels(rows({3, 2}, {1, 0, 0, 1, 2, 2}), {0, 0, 0}), "");
  EXPECT_EQ(sum.text(), "top1 2/3 (66.67 %)");
}

TEST(Metrics, top1IgnoresNaN) {
  MetricSum sum(Metric::Top1);
  EXPECT_EQ(sum.addLabels(rows({1, 3}, {NAN, -1, -2}), {1}), "");
  EXPECT_EQ(sum.value(), 1);
}

TEST(Metrics, labelsMustFit) {
  MetricSum sum(Metric::Top1);
  EXPECT_NE(sum.addLabels(rows({2, 2}, {1, 0, 0, 1}), {0}), "");
  EXPECT_NE(sum.addLabels(rows({1, 2}, {1, 0}), {2}), "");
  EXPECT_NE(sum.addLabels(rows({1, 2}, {1, 0}), {-1}), "");
}

TEST(Metrics, perplexityOfEqualLogitsIsTheNumberOfClasses) {
  MetricSum sum(Metric::Perplexity);
  // The label -1 is skipped.
  EXPECT_EQ(
      sum.addLabels(rows({1, 3, 4}, std::vector<double>(12, 1000)), {0, -1, 3}),
      "");
  EXPECT_NEAR(sum.value(), 4, 1e-9);
  EXPECT_EQ(sum.text(), "perplexity 4.0000 (2 tokens)");
}

TEST(Metrics, agreementComparesTheLargest) {
  MetricSum sum(Metric::Agreement);
  EXPECT_EQ(
      sum.addExpected(rows({2, 2}, {1, 0, 0, 1}), rows({2, 2}, {9, 8, 9, 8})),
      "");
  EXPECT_EQ(sum.text(), "agreement 1/2 (50.00 %)");
  EXPECT_NE(sum.addExpected(rows({1, 2}, {1, 0}), rows({2, 1}, {1, 0})), "");
}

TEST(Metrics, sqnrInDecibels) {
  MetricSum sum(Metric::Sqnr);
  EXPECT_EQ(sum.addExpected(rows({2}, {10, 1}), rows({2}, {10, 0})), "");
  EXPECT_NEAR(sum.value(), 20, 1e-9);
  MetricSum exact(Metric::Sqnr);
  EXPECT_EQ(exact.addExpected(rows({1}, {2}), rows({1}, {2})), "");
  EXPECT_TRUE(std::isinf(exact.value()));
}

TEST(Metrics, emptyRowsCountNothing) {
  MetricSum sum(Metric::Top1);
  EXPECT_EQ(sum.addLabels(rows({0, 3}, {}), {}), "");
  EXPECT_EQ(sum.addLabels(rows({3, 0}, {}), {}), "");
  EXPECT_EQ(sum.text(), "top1 0/0 (0.00 %)");
}

TEST(Metrics, crossEntropyIsTheLogOfPerplexity) {
  MetricSum sum(Metric::CrossEntropy);
  EXPECT_EQ(sum.addLabels(rows({2, 4}, std::vector<double>(8, 3)), {0, -1}),
            "");
  EXPECT_NEAR(sum.value(), std::log(4), 1e-9);
  EXPECT_EQ(sum.text(), "cross-entropy 1.3863 nats (1 tokens)");
}

TEST(Metrics, divergenceOfDistributions) {
  MetricSum sum(Metric::Kl);
  // p = (1/2, 1/2), q = (1/4, 3/4): 1/2 log 2 + 1/2 log(2/3)
  EXPECT_EQ(
      sum.addExpected(rows({1, 2}, {0, std::log(3)}), rows({1, 2}, {5, 5})),
      "");
  // The numbers are of f32.
  EXPECT_NEAR(sum.value(), 0.5 * std::log(2) + 0.5 * std::log(2.0 / 3), 1e-7);
  MetricSum same(Metric::Kl);
  EXPECT_EQ(same.addExpected(rows({1, 2}, {1, 2}), rows({1, 2}, {2, 3})), "");
  EXPECT_NEAR(same.value(), 0, 1e-12);
}

TEST(Metrics, lossesPointTheSameWay) {
  EXPECT_NEAR(getLoss(Metric::Top1, 0.98, 0.97), 1, 1e-9);
  EXPECT_NEAR(getLoss(Metric::Perplexity, 5, 6), 20, 1e-9);
  EXPECT_NEAR(getLoss(Metric::Kl, 0, 0.25), 0.25, 1e-9);
  EXPECT_NEAR(getLoss(Metric::Sqnr, 40, 30), 10, 1e-9);
  EXPECT_LT(getLoss(Metric::CrossEntropy, 2, 1), 0);
  EXPECT_TRUE(isByLabels(Metric::CrossEntropy));
  EXPECT_FALSE(isByLabels(Metric::Kl));
  EXPECT_EQ(parseMetric("kl"), Metric::Kl);
  EXPECT_FALSE(parseMetric("guess"));
}
