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
