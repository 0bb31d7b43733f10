//===----------------------------------------------------------------------===//
// The solver for weights of few values, against trying all of them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/Hessian.h"
#include "nnc/Compression/WeightGrid.h"
#include "gtest/gtest.h"

#include <algorithm>
#include <cmath>
#include <random>

using namespace mlir;
using namespace mlir::nnc;

namespace {
/// Whole numbers from -limit to limit.
struct WholeNumbers : WeightRule {
  explicit WholeNumbers(float limit) : limit(limit) {}
  float choose(int64_t, int64_t, float wanted) override {
    return std::clamp(std::nearbyint(wanted), -limit, limit);
  }
  float limit;
};

/// What it is asked to look at.
struct GroupRecorder : WholeNumbers {
  using WholeNumbers::WholeNumbers;
  int64_t getGroup() const override { return 2; }
  void lookAt(int64_t begin, int64_t end, llvm::ArrayRef<int64_t> inputs,
              llvm::ArrayRef<float>, llvm::ArrayRef<double> factor) override {
    ranges.emplace_back(begin, end);
    size = int64_t(inputs.size());
    for (double number : factor)
      EXPECT_GT(number, 0);
  }
  std::vector<std::pair<int64_t, int64_t>> ranges;
  int64_t size = 0;
};

class HessianTest : public ::testing::Test {
protected:
  /// Rows whose numbers depend on each other.
  Hessian makeHessian(int64_t size, int64_t rows) {
    std::vector<float> data(rows * size);
    for (int64_t row = 0; row < rows; ++row) {
      float common = draw();
      for (int64_t i = 0; i < size; ++i)
        data[row * size + i] = draw() + 2 * common;
    }
    Hessian hessian(size);
    hessian.add(&context, data.data(), rows);
    return hessian;
  }
  std::vector<float> makeWeight(int64_t count, float scale) {
    std::vector<float> weight(count);
    for (float &number : weight)
      number = scale * draw();
    return weight;
  }
  float draw() { return distribution(engine); }

  static std::vector<float> subtract(const std::vector<float> &a,
                                     const std::vector<float> &b) {
    std::vector<float> result(a.size());
    for (size_t i = 0; i < a.size(); ++i)
      result[i] = a[i] - b[i];
    return result;
  }

  /// The least error that whole numbers within `limit` can have.
  double findLeast(const Hessian &hessian, const std::vector<float> &weight,
                   int limit) {
    std::vector<float> tried(weight.size(), float(-limit));
    double least = INFINITY;
    while (true) {
      least = std::min(least, hessian.measure(subtract(tried, weight), 1));
      size_t i = 0;
      for (; i < tried.size() && tried[i] == float(limit); ++i)
        tried[i] = float(-limit);
      if (i == tried.size())
        return least;
      ++tried[i];
    }
  }

  MLIRContext context{MLIRContext::Threading::DISABLED};
  std::mt19937 engine{7};
  std::normal_distribution<float> distribution;
};
} // namespace

TEST_F(HessianTest, SumsProductsOfRows) {
  const float rows[] = {1, 2, 3, 4};
  Hessian hessian(2);
  hessian.add(&context, rows, 1);
  hessian.add(&context, rows + 2, 1);
  EXPECT_EQ(hessian.countRows(), 2);
  EXPECT_EQ(hessian.get(0, 0), 10);
  EXPECT_EQ(hessian.get(0, 1), 14);
  EXPECT_EQ(hessian.get(1, 0), 14);
  EXPECT_EQ(hessian.get(1, 1), 20);
  EXPECT_EQ(hessian.getMeanDiagonal(), 15);
  // (1 2) (1 3)^T = 7 and (3 4) (1 3)^T = 15.
  EXPECT_DOUBLE_EQ(hessian.measure({1, 3}, 1), 49 + 225);
}

TEST_F(HessianTest, IsNearTheBestAndBetterThanTheNearest) {
  double solved = 0, nearest = 0, least = 0;
  for (int round = 0; round < 20; ++round) {
    Hessian hessian = makeHessian(6, 40);
    std::vector<float> weight = makeWeight(6, 1), result = weight,
                       rounded = weight;
    WholeNumbers rule(2);
    WeightSolverOptions options;
    options.damping = 1e-6;
    options.ordersByActivity = round % 2;
    ASSERT_FALSE(llvm::errorToBool(
        solveWeights(&context, hessian, 1, result, rule, options)));
    for (float &number : rounded)
      number = rule.choose(0, 0, number);
    double own = hessian.measure(subtract(result, weight), 1),
           best = findLeast(hessian, weight, 2);
    EXPECT_GE(own, best * (1 - 1e-6));
    solved += own;
    nearest += hessian.measure(subtract(rounded, weight), 1);
    least += best;
  }
  EXPECT_LT(solved, nearest / 2);
  EXPECT_LT(solved, 4 * least);
}

TEST_F(HessianTest, ColumnsAndBlocksDoNotMatter) {
  // More inputs than a block; each column as if it were alone.
  constexpr int64_t size = 150, outputs = 3;
  Hessian hessian = makeHessian(size, 400);
  std::vector<float> weight = makeWeight(size * outputs, 2), all = weight;
  WholeNumbers rule(3);
  ASSERT_FALSE(
      llvm::errorToBool(solveWeights(&context, hessian, outputs, all, rule)));
  for (int64_t column = 0; column < outputs; ++column) {
    std::vector<float> own(size);
    for (int64_t i = 0; i < size; ++i)
      own[i] = weight[i * outputs + column];
    ASSERT_FALSE(
        llvm::errorToBool(solveWeights(&context, hessian, 1, own, rule)));
    for (int64_t i = 0; i < size; ++i)
      EXPECT_EQ(own[i], all[i * outputs + column]);
  }
}

TEST_F(HessianTest, RulesSeeGroups) {
  Hessian hessian = makeHessian(5, 20);
  std::vector<float> weight = makeWeight(5, 1);
  GroupRecorder rule(1);
  ASSERT_FALSE(
      llvm::errorToBool(solveWeights(&context, hessian, 1, weight, rule)));
  std::vector<std::pair<int64_t, int64_t>> expected{{0, 2}, {2, 4}, {4, 5}};
  EXPECT_EQ(rule.ranges, expected);
  EXPECT_EQ(rule.size, 5);
}

TEST_F(HessianTest, InputsThatAreNeverThereDoNotMatter) {
  Hessian hessian(3);
  const float rows[] = {1, 0, 2, -1, 0, 1, 3, 0, 0};
  hessian.add(&context, rows, 3);
  std::vector<float> weight{0.3f, 0.7f, 1.2f};
  WholeNumbers rule(2);
  ASSERT_FALSE(
      llvm::errorToBool(solveWeights(&context, hessian, 1, weight, rule)));
  EXPECT_EQ(weight[1], 1);
  // Nothing is known at all: each to the nearest.
  Hessian empty(2);
  std::vector<float> other{0.4f, -1.6f};
  ASSERT_FALSE(
      llvm::errorToBool(solveWeights(&context, empty, 1, other, rule)));
  EXPECT_EQ(other, (std::vector<float>{0, -2}));
}

TEST_F(HessianTest, RefusesWhatIsNotPositive) {
  Hessian hessian(2);
  hessian.set(0, 0, 1);
  hessian.set(1, 1, 1);
  hessian.set(0, 1, 2);
  hessian.set(1, 0, 2);
  std::vector<float> weight{1, 1};
  WholeNumbers rule(2);
  llvm::Error error = solveWeights(&context, hessian, 1, weight, rule);
  ASSERT_TRUE(bool(error));
  EXPECT_NE(llvm::toString(std::move(error)).find("not positive"),
            std::string::npos);
}

//===----------------------------------------------------------------------===//
// Grids
//===----------------------------------------------------------------------===//

namespace {
double sumSquares(const WeightGrid &grid, const std::vector<float> &weight,
                  int64_t columns) {
  double sum = 0;
  for (size_t i = 0; i < weight.size(); ++i) {
    double miss = double(grid.choose(int64_t(i) / columns, int64_t(i) % columns,
                                     weight[i])) -
                  weight[i];
    sum += miss * miss;
  }
  return sum;
}
} // namespace

TEST_F(HessianTest, SearchIsNoWorseThanTheLargestWeight) {
  for (int64_t bits : {2, 3, 4, 8})
    for (bool hasZeroPoints : {false, true}) {
      WeightFormat format{WeightFormat::Kind::Integer, bits, 16, hasZeroPoints};
      std::vector<float> weight = makeWeight(40 * 3, 0.1f);
      WeightGrid plain(format, 40, 3), searched(format, 40, 3);
      plain.fitAll(&context, weight, {}, false);
      searched.fitAll(&context, weight, {}, true);
      EXPECT_EQ(plain.getGroups(), 3);
      EXPECT_LE(sumSquares(searched, weight, 3), sumSquares(plain, weight, 3))
          << bits << " bits";
    }
}

TEST_F(HessianTest, CodesStandForTheChosenValues) {
  for (WeightFormat format :
       {WeightFormat{WeightFormat::Kind::Integer, 4, 16, false},
        WeightFormat{WeightFormat::Kind::Integer, 4, 0, true},
        WeightFormat{WeightFormat::Kind::Integer, 8, 16, true},
        WeightFormat{WeightFormat::Kind::Float8, 8, 16, false}}) {
    constexpr int64_t depth = 37, columns = 2;
    std::vector<float> weight = makeWeight(depth * columns, 0.3f);
    weight[5] = 0;
    WeightGrid grid(format, depth, columns);
    grid.fitAll(&context, weight, {}, true);
    for (size_t i = 0; i < weight.size(); ++i)
      weight[i] =
          grid.choose(int64_t(i) / columns, int64_t(i) % columns, weight[i]);
    nncio::Tensor codes = grid.makeCodes(weight), scales = grid.makeScales(),
                  points = format.hasZeroPoints ? grid.makeZeroPoints()
                                                : nncio::Tensor();
    for (int64_t i = 0; i < depth * columns; ++i) {
      int64_t place = i / columns / grid.getGroupSize() * columns + i % columns;
      double point = format.hasZeroPoints ? points.getDouble(place) : 0;
      EXPECT_EQ(float((codes.getDouble(i) - point) * scales.getDouble(place)),
                weight[i]);
    }
  }
}

TEST_F(HessianTest, AGroupOfZerosStaysZero) {
  for (bool hasZeroPoints : {false, true}) {
    WeightGrid grid({WeightFormat::Kind::Integer, 4, 4, hasZeroPoints}, 4, 1);
    std::vector<float> weight(4, 0);
    grid.fitAll(&context, weight, {}, true);
    EXPECT_EQ(grid.choose(2, 0, 0), 0);
  }
}

TEST_F(HessianTest, ScalesAreNumbersOfHalfPrecision) {
  WeightGrid grid({WeightFormat::Kind::Integer, 4, 0, false}, 16, 4);
  std::vector<float> weight = makeWeight(64, 0.05f);
  grid.fitAll(&context, weight, {}, true);
  nncio::Tensor scales = grid.makeScales();
  for (int64_t i = 0; i < scales.size(); ++i) {
    float scale = float(scales.getDouble(i));
    EXPECT_EQ(nncio::halfToFloat(nncio::floatToHalf(scale)), scale);
  }
}
