//===----------------------------------------------------------------------===//
// Polynomials through counts: exact, of least degree, and none where none is.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/CostModel/Polynomial.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace mlir::nnc;

namespace {

using Points = std::vector<std::vector<int64_t>>;

std::string fit(const Points &points, const std::vector<int64_t> &values,
                const std::vector<std::string> &names) {
  std::optional<Polynomial> found = Polynomial::fit(points, values);
  return found ? found->print(names) : "none";
}

TEST(PolynomialTest, FindsTheLeastDegree) {
  Points points = {{1}, {2}, {3}, {5}, {8}};
  EXPECT_EQ(fit(points, {7, 7, 7, 7, 7}, {"T"}), "7");
  EXPECT_EQ(fit(points, {0, 0, 0, 0, 0}, {"T"}), "0");
  EXPECT_EQ(fit(points, {3, 5, 7, 11, 17}, {"T"}), "2*T + 1");
  EXPECT_EQ(fit(points, {-1, 2, 7, 23, 62}, {"T"}), "T^2 - 2");
  EXPECT_EQ(fit(points, {1, 3, 6, 15, 36}, {"T"}), "1/2*T^2 + 1/2*T");
  EXPECT_EQ(fit(points, {-1, -8, -27, -125, -512}, {"T"}), "-T^3");
}

TEST(PolynomialTest, IsExactForLargeCounts) {
  Points points;
  std::vector<int64_t> values;
  for (int64_t size : {128, 1024, 4096, 65536}) {
    points.push_back({size});
    values.push_back(1000000007 * size * size + 3);
  }
  EXPECT_EQ(fit(points, values, {"T"}), "1000000007*T^2 + 3");
}

TEST(PolynomialTest, TakesSeveralVariables) {
  Points points;
  std::vector<int64_t> values;
  for (int64_t batch : {1, 2, 3})
    for (int64_t tokens : {4, 8, 16}) {
      points.push_back({batch, tokens});
      values.push_back(2 * batch * tokens + 5 * batch + 1);
    }
  EXPECT_EQ(fit(points, values, {"B", "T"}), "2*B*T + 5*B + 1");
}

TEST(PolynomialTest, HasNoneWithoutConfirmation) {
  // Two points say nothing of a line, and what is rounded up is no polynomial.
  EXPECT_EQ(fit({{1}, {2}}, {1, 2}, {"T"}), "none");
  EXPECT_EQ(fit({{1}}, {1}, {"T"}), "none");
  EXPECT_EQ(fit({}, {}, {"T"}), "none");
  EXPECT_EQ(fit({{1}, {2}, {3}, {4}, {5}, {6}}, {1, 1, 2, 2, 3, 3}, {"T"}),
            "none");
  // The same point again confirms nothing, or contradicts.
  EXPECT_EQ(fit({{1}, {1}, {2}}, {1, 1, 2}, {"T"}), "T");
  EXPECT_EQ(fit({{1}, {1}, {2}}, {1, 3, 2}, {"T"}), "none");
}

} // namespace
