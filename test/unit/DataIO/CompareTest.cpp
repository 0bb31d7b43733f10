//===----------------------------------------------------------------------===//
// Tests of the comparison of tensors.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/DataIO/Compare.h"

#include "TestSupport.h"

#include <cmath>
#include <limits>

using namespace nncio;
using namespace nncio::test;

static const double infinity = std::numeric_limits<double>::infinity();
static const double notANumber = std::numeric_limits<double>::quiet_NaN();

static Tensor doubles(const std::vector<double> &values) {
  return Tensor::fromDoubles(ElementType::F64,
                             {static_cast<int64_t>(values.size())}, values);
}

static Tolerance tolerance(double rtol, double atol, double atolOfMax) {
  Tolerance result;
  result.rtol = rtol;
  result.atol = atol;
  result.atolOfMax = atolOfMax;
  return result;
}

TEST(Compare, EachToleranceCounts) {
  const Tensor expected = doubles({1, -100, 0});
  const Tensor actual = doubles({1.5, -101, 0.25});
  EXPECT_FALSE(compare(actual, expected, {}).ok);
  EXPECT_EQ(compare(actual, expected, {}).mismatches, 3);
  EXPECT_EQ(compare(actual, expected, tolerance(0.01, 0, 0)).mismatches, 2);
  EXPECT_EQ(compare(actual, expected, tolerance(0, 0.5, 0)).mismatches, 1);
  EXPECT_TRUE(compare(actual, expected, tolerance(0, 1, 0)).ok);
  EXPECT_TRUE(compare(actual, expected, tolerance(0, 0, 0.01)).ok);
  EXPECT_FALSE(compare(actual, expected, tolerance(0, 0, 0.0099)).ok);
  EXPECT_TRUE(compare(actual, expected, tolerance(0.005, 0.495, 0)).ok ==
              false);
  EXPECT_TRUE(compare(actual, expected, tolerance(0.005, 0.5, 0)).ok);
}

TEST(Compare, Statistics) {
  const Tensor expected =
      Tensor::fromDoubles(ElementType::F32, {2, 2}, {3, 4, 0, -2});
  const Tensor actual =
      Tensor::fromDoubles(ElementType::F32, {2, 2}, {3, 4.5, 0.25, -2});
  const CompareResult result = compare(actual, expected, {});
  EXPECT_EQ(result.elements, 4);
  EXPECT_EQ(result.mismatches, 2);
  EXPECT_EQ(result.worstIndex, 1);
  EXPECT_EQ(result.worstActual, 4.5);
  EXPECT_EQ(result.worstExpected, 4);
  EXPECT_EQ(result.maxAbs, 0.5);
  EXPECT_EQ(result.maxRel, 0.125);
  EXPECT_NEAR(result.sqnr, 10 * std::log10(29 / (0.25 + 0.0625)), 1e-9);
  EXPECT_EQ(result.text().find('\n'), std::string::npos);
  EXPECT_TRUE(contains(result.text(), "2 of 4 elements differ, worst at "
                                      "[0, 1]: found 4.5, expected 4"));
}

TEST(Compare, WorstIsFurthestOverTheLimit) {
  // Element 0 is further off, but within its relative tolerance.
  const CompareResult result =
      compare(doubles({1005, 1.5}), doubles({1000, 1}), tolerance(0.01, 0, 0));
  EXPECT_EQ(result.mismatches, 1);
  EXPECT_EQ(result.worstIndex, 1);
  const CompareResult passing = compare(
      doubles({1005, 1.005}), doubles({1000, 1}), tolerance(0.01, 0, 0));
  EXPECT_TRUE(passing.ok);
  EXPECT_EQ(passing.worstIndex, 0);
  const CompareResult later =
      compare(doubles({9, 1.5, 8}), doubles({9, 1, 1}), tolerance(0.01, 0, 0));
  EXPECT_EQ(later.worstIndex, 2);
}

TEST(Compare, NaNAndInfinity) {
  EXPECT_TRUE(compare(doubles({notANumber, infinity, -infinity, 1}),
                      doubles({notANumber, infinity, -infinity, 1}), {})
                  .ok);
  for (const auto &pair :
       std::vector<std::pair<double, double>>{{notANumber, 1},
                                              {1, notANumber},
                                              {infinity, 1},
                                              {1, infinity},
                                              {infinity, -infinity},
                                              {notANumber, infinity}}) {
    const CompareResult result =
        compare(doubles({2, pair.first}), doubles({2, pair.second}),
                tolerance(10, 10, 10));
    EXPECT_EQ(result.mismatches, 1) << pair.first << " " << pair.second;
    EXPECT_EQ(result.worstIndex, 1);
    EXPECT_EQ(result.maxAbs, infinity);
    EXPECT_EQ(result.sqnr, -infinity);
  }
}

TEST(Compare, ExtremeMagnitudes) {
  const CompareResult result =
      compare(doubles({1e300, 2e300}), doubles({1e300, 1e300}), {});
  EXPECT_NEAR(result.sqnr, 10 * std::log10(2.0), 1e-9);
  EXPECT_FALSE(
      compare(doubles({-1.7e308}), doubles({1.7e308}), tolerance(0.1, 0, 0))
          .ok);
  EXPECT_EQ(compare(doubles({0, 1}), doubles({0, 0}), {}).sqnr, -infinity);
  EXPECT_EQ(compare(doubles({0}), doubles({0}), {}).sqnr, infinity);
  EXPECT_EQ(compare(doubles({-0.0}), doubles({0.0}), {}).mismatches, 0);
}

TEST(Compare, IntegersAreExactWithoutTolerance) {
  const int64_t big = (int64_t(1) << 62) + 1;
  for (ElementType type : {ElementType::I64, ElementType::U64}) {
    const Tensor expected = Tensor::fromInts(type, {2}, {5, big});
    const Tensor actual = Tensor::fromInts(type, {2}, {5, big + 1});
    const CompareResult exact = compare(actual, expected, {});
    EXPECT_EQ(exact.mismatches, 1);
    EXPECT_EQ(exact.worstIndex, 1);
    EXPECT_EQ(exact.maxAbs, 1);
    EXPECT_EQ(exact.worstActualText, std::to_string(big + 1));
    EXPECT_TRUE(compare(actual, expected, tolerance(1e-6, 0, 0)).ok);
  }
  const Tensor low = Tensor::fromInts(ElementType::I64, {1}, {INT64_MIN});
  const Tensor high = Tensor::fromInts(ElementType::I64, {1}, {INT64_MAX});
  EXPECT_EQ(compare(low, high, {}).maxAbs, 0x1p64);
  const Tensor top = Tensor::fromInts(ElementType::U64, {1}, {-1});
  EXPECT_EQ(compare(top, top, {}).worstActualText, "18446744073709551615");
  EXPECT_FALSE(compare(Tensor::fromInts(ElementType::Bool, {1}, {1}),
                       Tensor::fromInts(ElementType::Bool, {1}, {0}), {})
                   .ok);
}

TEST(Compare, Strings) {
  const Tensor expected = Tensor::fromStrings({3}, {"a", "b", "c"});
  EXPECT_TRUE(compare(expected, expected, {}).ok);
  const CompareResult result = compare(
      Tensor::fromStrings({3}, {"a", "x", "y"}), expected, tolerance(9, 9, 9));
  EXPECT_EQ(result.mismatches, 2);
  EXPECT_EQ(result.worstIndex, 1);
  EXPECT_TRUE(contains(result.text(), "found 'x', expected 'b'"));
}

TEST(Compare, TypesAndShapesMustMatch) {
  const Tensor floats(ElementType::F32, {2, 3});
  const CompareResult type =
      compare(Tensor(ElementType::F16, {2, 3}), floats, {});
  EXPECT_FALSE(type.ok);
  EXPECT_EQ(type.text(), "expected type f32, but found f16");
  const CompareResult shape =
      compare(Tensor(ElementType::F32, {3, 2}), floats, {});
  EXPECT_FALSE(shape.ok);
  EXPECT_EQ(shape.text(), "expected shape 2x3, but found 3x2");
  EXPECT_FALSE(compare(Tensor(), Tensor(), {}).ok);
}

TEST(Compare, ScalarAndEmpty) {
  const Tensor scalar = Tensor::fromInts(ElementType::F32, {}, {3});
  EXPECT_TRUE(compare(scalar, scalar, {}).ok);
  EXPECT_EQ(compare(scalar, scalar, {}).worstIndex, 0);
  const Tensor none(ElementType::F32, {0, 4});
  const CompareResult result = compare(none, none, {});
  EXPECT_TRUE(result.ok);
  EXPECT_EQ(result.worstIndex, -1);
  EXPECT_TRUE(contains(result.text(), "0 elements agree"));
}
