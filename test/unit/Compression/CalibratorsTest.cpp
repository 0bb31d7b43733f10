//===----------------------------------------------------------------------===//
// Histograms, and ranges of distributions whose best range is known.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/Calibrators.h"
#include "gtest/gtest.h"

#include <cmath>
#include <random>

using namespace mlir::nnc;

static Histogram fill(llvm::ArrayRef<float> numbers) {
  Histogram histogram;
  // In pieces, as batches come.
  for (size_t i = 0; i < numbers.size(); i += 1000)
    histogram.add(numbers.slice(i, std::min<size_t>(1000, numbers.size() - i)));
  return histogram;
}

template <typename Distribution>
static std::vector<float> draw(Distribution distribution, size_t count) {
  std::mt19937 random(1);
  std::vector<float> numbers(count);
  for (float &number : numbers)
    number = float(distribution(random));
  return numbers;
}

/// Both signs of exponentially distributed numbers of scale 1.
static std::vector<float> drawLaplace(size_t count) {
  std::vector<float> numbers = draw(std::exponential_distribution<>(1), count);
  for (size_t i = 0; i < count; i += 2)
    numbers[i] = -numbers[i];
  return numbers;
}

//===----------------------------------------------------------------------===//
// Histogram
//===----------------------------------------------------------------------===//

TEST(HistogramTest, DoublesItsRangeWithoutLoss) {
  Histogram histogram;
  histogram.add({1.0f, 1.5f});
  histogram.add({-1000.0f, 3000.0f});
  histogram.add({1.25f});
  EXPECT_EQ(histogram.getTotal(), 5u);
  EXPECT_EQ(histogram.getMin(), -1000);
  EXPECT_EQ(histogram.getMax(), 3000);
  EXPECT_LE(int64_t(histogram.getCounts().size()), Histogram::maxBins);
  uint64_t near = 0;
  for (size_t i = 0; i < histogram.getCounts().size(); ++i)
    if (std::fabs(histogram.getCenter(i)) < 2 * histogram.getWidth() + 1.5)
      near += histogram.getCounts()[i];
  EXPECT_EQ(near, 3u);
}

TEST(HistogramTest, DoesNotDependOnTheOrderOfBatches) {
  std::vector<float> numbers = draw(std::normal_distribution<>(3, 50), 5000);
  std::vector<float> reversed(numbers.rbegin(), numbers.rend());
  Histogram a = fill(numbers), b = fill(reversed);
  // Widths are powers of two that only grow.
  while (a.getWidth() < b.getWidth() || b.getWidth() < a.getWidth())
    FAIL() << a.getWidth() << " and " << b.getWidth();
  auto countBelow = [](const Histogram &histogram, double end) {
    uint64_t count = 0;
    for (size_t i = 0; i < histogram.getCounts().size(); ++i)
      if (histogram.getCenter(i) < end)
        count += histogram.getCounts()[i];
    return count;
  };
  for (double end : {-100.0, 0.0, 64.0, 128.0})
    EXPECT_EQ(countBelow(a, end), countBelow(b, end));
}

TEST(HistogramTest, TakesConstantsTinyAndHugeNumbers) {
  Histogram zero = fill(std::vector<float>(10, 0.0f));
  EXPECT_EQ(zero.getTotal(), 10u);
  EXPECT_EQ(zero.getMax(), 0);
  Histogram wide = fill({1e-38f, 3e38f, -3e38f, 1e-45f});
  EXPECT_EQ(wide.getTotal(), 4u);
  EXPECT_LE(int64_t(wide.getCounts().size()), Histogram::maxBins);
  Histogram bad = fill({1.0f, NAN, INFINITY});
  EXPECT_TRUE(bad.empty());
}

TEST(HistogramTest, IsRestoredOrRefused) {
  Histogram histogram = fill(draw(std::normal_distribution<>(0, 1), 1000));
  Histogram copy;
  ASSERT_TRUE(Histogram::restore(histogram.getWidth(), histogram.getFirst(),
                                 histogram.getCounts(), histogram.getMin(),
                                 histogram.getMax(), copy));
  EXPECT_EQ(copy.findQuantile(0.3), histogram.findQuantile(0.3));
  EXPECT_FALSE(Histogram::restore(0, 0, {1}, 0, 1, copy));
  EXPECT_FALSE(Histogram::restore(1, 0, {}, 0, 1, copy));
  EXPECT_FALSE(Histogram::restore(1, 0, {1}, 2, 1, copy));
  EXPECT_FALSE(Histogram::restore(1, 0, {0}, 0, 1, copy));
  EXPECT_FALSE(
      Histogram::restore(1, 0, std::vector<uint64_t>(3000, 1), 0, 1, copy));
}

//===----------------------------------------------------------------------===//
// Calibrators
//===----------------------------------------------------------------------===//

TEST(CalibratorsTest, NamesAreReadAsTheyAreWritten) {
  for (Calibrator calibrator : allCalibrators)
    EXPECT_EQ(parseCalibrator(stringifyCalibrator(calibrator)), calibrator);
  EXPECT_FALSE(parseCalibrator("best"));
}

TEST(CalibratorsTest, ZeroIsExact) {
  for (RealRange range : {RealRange{-0.3, 2.1}, RealRange{0.5, 2},
                          RealRange{-5, -1}, RealRange{0, 0}}) {
    ByteScale scale = makeByteScale(range);
    EXPECT_EQ(roundToBytes(0, scale), 0);
    EXPECT_GE(scale.zeroPoint, 0);
    EXPECT_LE(scale.zeroPoint, 255);
    EXPECT_GT(scale.scale, 0);
  }
  // Half to even, and saturated.
  ByteScale unit{1, 0};
  EXPECT_EQ(roundToBytes(2.5, unit), 2);
  EXPECT_EQ(roundToBytes(3.5, unit), 4);
  EXPECT_EQ(roundToBytes(-7, unit), 0);
  EXPECT_EQ(roundToBytes(300, unit), 255);
}

TEST(CalibratorsTest, UniformNumbersKeepTheirRange) {
  Histogram histogram =
      fill(draw(std::uniform_real_distribution<>(0, 1), 200000));
  RealRange range = findRange(histogram, Calibrator::MSE);
  EXPECT_EQ(range.low, 0);
  EXPECT_NEAR(range.high, 1, 0.01);
  // A step of 1/255: its square over 12.
  EXPECT_NEAR(estimateError(histogram, {0, 1}), 1 / (255.0 * 255 * 12), 1e-7);
}

/// The ends with the least error of 256 levels, in standard deviations of a
/// Gauss and scales of a Laplace distribution (Banner et al. 2019).
TEST(CalibratorsTest, LeastErrorOfKnownDistributions) {
  Histogram gauss = fill(draw(std::normal_distribution<>(0, 1), 1000000));
  RealRange range = findRange(gauss, Calibrator::MSE);
  EXPECT_NEAR(range.high, 3.92, 0.25);
  EXPECT_NEAR(range.low, -3.92, 0.25);
  Histogram laplace = fill(drawLaplace(1000000));
  range = findRange(laplace, Calibrator::MSE);
  EXPECT_NEAR(range.high, 9.89, 0.8);
  EXPECT_NEAR(range.low, -9.89, 0.8);
}

TEST(CalibratorsTest, ThereIsNoBetterRangeOnAGrid) {
  std::vector<float> numbers = draw(std::student_t_distribution<>(3), 100000);
  for (float &number : numbers)
    number = std::max(number, -0.5f);
  Histogram histogram = fill(numbers);
  RealRange best = findRange(histogram, Calibrator::MSE);
  double least = estimateError(histogram, best);
  for (int i = 1; i <= 40; ++i)
    for (int j = 1; j <= 10; ++j) {
      RealRange other{-0.5 * j / 10, histogram.getMax() * i / 40};
      EXPECT_LE(least, 1.02 * estimateError(histogram, other))
          << other.low << " to " << other.high;
    }
}

TEST(CalibratorsTest, PercentileLeavesOutAShare) {
  Histogram histogram =
      fill(draw(std::uniform_real_distribution<>(-1, 3), 100000));
  RealRange range = findRange(histogram, Calibrator::Percentile, 0.99);
  EXPECT_NEAR(range.low, -0.96, 0.01);
  EXPECT_NEAR(range.high, 2.96, 0.01);
  EXPECT_NEAR(countOutside(histogram, range), 0.02, 0.003);
}

TEST(CalibratorsTest, OutliersDoNotDecide) {
  std::vector<float> numbers = draw(std::normal_distribution<>(0, 1), 100000);
  numbers.push_back(500);
  Histogram histogram = fill(numbers);
  EXPECT_EQ(findRange(histogram, Calibrator::MinMax).high, 500);
  EXPECT_LT(findRange(histogram, Calibrator::Percentile).high, 10);
  EXPECT_LT(findRange(histogram, Calibrator::Entropy).high, 150);
  EXPECT_LT(findRange(histogram, Calibrator::MSE).high, 450);
}

TEST(CalibratorsTest, ConstantsHaveARange) {
  for (Calibrator calibrator : allCalibrators) {
    RealRange range =
        findRange(fill(std::vector<float>(100, 2.0f)), calibrator);
    EXPECT_EQ(range.low, 0);
    EXPECT_NEAR(range.high, 2, 0.01);
    range = findRange(fill(std::vector<float>(100, 0.0f)), calibrator);
    EXPECT_EQ(range.low, 0);
    EXPECT_EQ(range.high, 0);
  }
}
