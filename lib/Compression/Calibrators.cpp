//===----------------------------------------------------------------------===//
// Which range of numbers 8 bits should stand for.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/Calibrators.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace mlir::nnc;

static constexpr double numSteps = 255;

std::optional<Calibrator> mlir::nnc::parseCalibrator(llvm::StringRef name) {
  for (Calibrator calibrator : allCalibrators)
    if (stringifyCalibrator(calibrator) == name)
      return calibrator;
  return std::nullopt;
}

llvm::StringRef mlir::nnc::stringifyCalibrator(Calibrator calibrator) {
  switch (calibrator) {
  case Calibrator::MinMax:
    return "minmax";
  case Calibrator::Percentile:
    return "percentile";
  case Calibrator::Entropy:
    return "entropy";
  case Calibrator::MSE:
    return "mse";
  }
  return "";
}

ByteScale mlir::nnc::makeByteScale(RealRange range) {
  double low = std::min(range.low, 0.0), high = std::max(range.high, 0.0);
  ByteScale result;
  result.scale = float((high - low) / numSteps);
  // A tensor of zeros, or of numbers that no float divides.
  if (!(result.scale >= std::numeric_limits<float>::min()) ||
      !std::isfinite(result.scale))
    result.scale = 1;
  double zero = std::nearbyint(-low / double(result.scale));
  result.zeroPoint = int64_t(std::clamp(zero, 0.0, numSteps));
  return result;
}

double mlir::nnc::roundToBytes(double number, ByteScale scale) {
  double zero = double(scale.zeroPoint);
  double step = std::nearbyint(number / double(scale.scale)) + zero;
  return (std::clamp(step, 0.0, numSteps) - zero) * double(scale.scale);
}

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

double mlir::nnc::estimateError(const Histogram &histogram, RealRange range) {
  if (histogram.empty())
    return 0;
  ByteScale scale = makeByteScale(range);
  double zero = double(scale.zeroPoint), step = double(scale.scale);
  double low = -zero * step, high = (numSteps - zero) * step;
  double width = histogram.getWidth(), sum = 0;
  const std::vector<uint64_t> &counts = histogram.getCounts();
  for (size_t i = 0; i < counts.size(); ++i) {
    if (!counts[i])
      continue;
    double center = histogram.getCenter(i), error;
    if (center < low || center > high) {
      double beyond = center < low ? low - center : center - high;
      error = beyond * beyond;
    } else if (width >= step) {
      error = step * step / 12;
    } else {
      double change = center - roundToBytes(center, scale);
      error = change * change;
    }
    sum += double(counts[i]) * error;
  }
  return sum / double(histogram.getTotal());
}

double mlir::nnc::countOutside(const Histogram &histogram, RealRange range) {
  double sum = 0;
  const std::vector<uint64_t> &counts = histogram.getCounts();
  for (size_t i = 0; i < counts.size(); ++i) {
    double center = std::clamp(histogram.getCenter(i), histogram.getMin(),
                               histogram.getMax());
    if (center < range.low || center > range.high)
      sum += double(counts[i]);
  }
  return histogram.empty() ? 0 : sum / double(histogram.getTotal());
}

//===----------------------------------------------------------------------===//
// MSE
//===----------------------------------------------------------------------===//

/// The factor on one end with the least error: a grid from 0.02 to 1 in equal
/// ratios, then golden section around the best.
static double searchEnd(llvm::function_ref<double(double)> errorOf) {
  constexpr int points = 100;
  constexpr double least = 0.02;
  auto factorOf = [](int i) {
    return std::pow(least, 1 - double(i) / (points - 1));
  };
  int best = points - 1;
  double bestError = errorOf(1);
  for (int i = points - 2; i >= 0; --i)
    if (double error = errorOf(factorOf(i)); error < bestError) {
      bestError = error;
      best = i;
    }
  double from = factorOf(std::max(best - 1, 0));
  double to = factorOf(std::min(best + 1, points - 1));
  double bestFactor = factorOf(best);
  const double ratio = (std::sqrt(5.0) - 1) / 2;
  for (int i = 0; i < 12; ++i) {
    double a = to - ratio * (to - from), b = from + ratio * (to - from);
    double errorA = errorOf(a), errorB = errorOf(b);
    if (std::min(errorA, errorB) < bestError) {
      bestError = std::min(errorA, errorB);
      bestFactor = errorA < errorB ? a : b;
    }
    (errorA < errorB ? to : from) = errorA < errorB ? b : a;
  }
  return bestFactor;
}

static RealRange findLeastError(const Histogram &histogram, RealRange all) {
  RealRange range = all;
  auto improve = [&](double RealRange::*end) {
    if (all.*end == 0)
      return;
    double factor = searchEnd([&](double factor) {
      RealRange tried = range;
      tried.*end = all.*end * factor;
      return estimateError(histogram, tried);
    });
    range.*end = all.*end * factor;
  };
  // Both together first: one end alone does not make steps of a symmetric
  // distribution much smaller.
  double both = searchEnd([&](double factor) {
    return estimateError(histogram, {all.low * factor, all.high * factor});
  });
  range = {all.low * both, all.high * both};
  for (int round = 0; round < 2; ++round) {
    improve(&RealRange::high);
    improve(&RealRange::low);
  }
  return range;
}

//===----------------------------------------------------------------------===//
// Entropy
//===----------------------------------------------------------------------===//

/// Kullback-Leibler divergence of a distribution that is cut off at both ends
/// from the same in `levels` levels. Both are normalized; nothing where the
/// second has lost a number that the first has.
static double divergence(llvm::ArrayRef<double> inside, double below,
                         double above, int64_t levels) {
  size_t count = inside.size();
  std::vector<double> cut(inside.begin(), inside.end()), coarse(count, 0);
  cut.front() += below;
  cut.back() += above;
  double total = 0, kept = 0;
  for (size_t i = 0; i < count; ++i)
    total += cut[i];
  for (int64_t level = 0; level < levels; ++level) {
    size_t from = size_t(double(level) * double(count) / double(levels));
    size_t to = size_t(double(level + 1) * double(count) / double(levels));
    double sum = 0;
    size_t used = 0;
    for (size_t i = from; i < to; ++i) {
      sum += inside[i];
      used += cut[i] > 0;
    }
    for (size_t i = from; i < to; ++i)
      if (cut[i] > 0)
        coarse[i] = sum / double(used);
    kept += sum;
  }
  if (total == 0 || kept == 0)
    return INFINITY;
  constexpr double least = 1e-9;
  double result = 0;
  for (size_t i = 0; i < count; ++i)
    if (cut[i] > 0) {
      double p = cut[i] / total, q = std::max(coarse[i] / kept, least);
      result += p * std::log(p / q);
    }
  return result;
}

static RealRange findLeastDivergence(const Histogram &histogram,
                                     RealRange all) {
  std::vector<double> bins(histogram.getCounts().begin(),
                           histogram.getCounts().end());
  constexpr int64_t levels = 128, candidates = 128;
  double width = histogram.getWidth();
  double most = std::max(-all.low, all.high);
  RealRange best = all;
  double bestDivergence = INFINITY;
  for (int64_t i = 1; i <= candidates; ++i) {
    double end = most * double(i) / double(candidates);
    RealRange range = {std::max(all.low, -end), std::min(all.high, end)};
    auto clampBin = [&](double number) {
      double bin = std::floor(number / width) - double(histogram.getFirst());
      return int64_t(std::clamp(bin, 0.0, double(bins.size()) - 1));
    };
    int64_t from = clampBin(range.low), to = clampBin(range.high) + 1;
    // Fewer bins than levels lose nothing, whatever is cut off.
    if (to - from < levels && i != candidates)
      continue;
    double below = 0, above = 0;
    for (int64_t bin = 0; bin < from; ++bin)
      below += bins[size_t(bin)];
    for (int64_t bin = to; bin < int64_t(bins.size()); ++bin)
      above += bins[size_t(bin)];
    double here = divergence(
        llvm::ArrayRef<double>(bins).slice(size_t(from), size_t(to - from)),
        below, above, levels);
    if (here < bestDivergence) {
      bestDivergence = here;
      best = range;
    }
  }
  return best;
}

RealRange mlir::nnc::findRange(const Histogram &histogram,
                               Calibrator calibrator, double share) {
  RealRange all = {std::min(histogram.getMin(), 0.0),
                   std::max(histogram.getMax(), 0.0)};
  if (histogram.empty() || all.low == all.high)
    return all;
  switch (calibrator) {
  case Calibrator::MinMax:
    return all;
  case Calibrator::Percentile:
    return {std::min(histogram.findQuantile(1 - share), 0.0),
            std::max(histogram.findQuantile(share), 0.0)};
  case Calibrator::Entropy:
    return findLeastDivergence(histogram, all);
  case Calibrator::MSE:
    return findLeastError(histogram, all);
  }
  return all;
}
