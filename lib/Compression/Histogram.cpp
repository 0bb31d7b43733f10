//===----------------------------------------------------------------------===//
// How often numbers occur.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/Histogram.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>
#include <optional>

using namespace mlir::nnc;

static int64_t getBin(double number, double width) {
  return int64_t(std::floor(number / width));
}

void Histogram::doubleWidth() {
  int64_t last = first + int64_t(counts.size()) - 1;
  int64_t newFirst = first >> 1;
  std::vector<uint64_t> merged(size_t((last >> 1) - newFirst + 1), 0);
  for (size_t i = 0; i < counts.size(); ++i)
    merged[size_t(((first + int64_t(i)) >> 1) - newFirst)] += counts[i];
  counts = std::move(merged);
  first = newFirst;
  width *= 2;
}

/// Makes bins for all numbers of a range.
void Histogram::cover(double from, double to) {
  if (counts.empty()) {
    double span = std::max({to - from, std::fabs(from), std::fabs(to)});
    // The least normal number keeps the division below from overflowing.
    width = std::exp2(
        std::ceil(std::log2(std::max(span, 0x1p-110) / double(maxBins))));
    first = getBin(from, width);
    counts.assign(1, 0);
  }
  auto needed = [&] {
    int64_t begin = std::min(first, getBin(from, width));
    int64_t end =
        std::max(first + int64_t(counts.size()), getBin(to, width) + 1);
    return std::pair(begin, end);
  };
  while (needed().second - needed().first > maxBins)
    doubleWidth();
  auto [begin, end] = needed();
  counts.insert(counts.begin(), size_t(first - begin), 0);
  first = begin;
  counts.resize(size_t(end - begin), 0);
}

/// The least and the greatest of all numbers; nothing if one is not finite.
/// Lanes by hand, since comparisons may not change places.
static std::optional<std::pair<float, float>>
findEnds(llvm::ArrayRef<float> numbers) {
  constexpr size_t lanes = 16;
  float least[lanes], most[lanes], zeros[lanes];
  std::fill_n(least, lanes, INFINITY);
  std::fill_n(most, lanes, -INFINITY);
  std::fill_n(zeros, lanes, 0.0f);
  size_t i = 0;
  for (; i + lanes <= numbers.size(); i += lanes)
    for (size_t lane = 0; lane < lanes; ++lane) {
      float number = numbers[i + lane];
      least[lane] = number < least[lane] ? number : least[lane];
      most[lane] = number > most[lane] ? number : most[lane];
      // 0, or NaN of what is not finite.
      zeros[lane] += number * 0.0f;
    }
  for (; i < numbers.size(); ++i) {
    least[0] = std::min(least[0], numbers[i]);
    most[0] = std::max(most[0], numbers[i]);
    zeros[0] += numbers[i] * 0.0f;
  }
  float zero = 0;
  for (float one : zeros)
    zero += one;
  if (zero != 0 || std::isnan(zero))
    return std::nullopt;
  return std::pair(*std::min_element(least, least + lanes),
                   *std::max_element(most, most + lanes));
}

bool Histogram::add(llvm::ArrayRef<float> numbers) {
  if (numbers.empty())
    return true;
  std::optional<std::pair<float, float>> ends = findEnds(numbers);
  if (!ends)
    return false;
  auto [from, to] = *ends;
  low = total ? std::min(low, double(from)) : from;
  high = total ? std::max(high, double(to)) : to;
  cover(from, to);
  double scale = 1 / width;
  for (float number : numbers) {
    // Rounded down without a call.
    double bins = double(number) * scale;
    int64_t bin = int64_t(bins);
    bin -= double(bin) > bins;
    ++counts[size_t(bin - first)];
  }
  total += numbers.size();
  return true;
}

double Histogram::findQuantile(double share) const {
  double wanted = share * double(total), seen = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    double here = double(counts[i]);
    if (here > 0 && seen + here >= wanted) {
      double part = std::clamp((wanted - seen) / here, 0.0, 1.0);
      return std::clamp((double(first + int64_t(i)) + part) * width, low, high);
    }
    seen += here;
  }
  return high;
}

bool Histogram::restore(double width, int64_t first,
                        std::vector<uint64_t> counts, double low, double high,
                        Histogram &histogram) {
  if (!(width > 0) || !std::isfinite(width) || !(low <= high) ||
      !std::isfinite(low) || !std::isfinite(high) || counts.empty() ||
      counts.size() > size_t(maxBins) || std::abs(first) > (int64_t(1) << 40))
    return false;
  histogram.width = width;
  histogram.first = first;
  histogram.low = low;
  histogram.high = high;
  histogram.total = 0;
  for (uint64_t count : counts)
    histogram.total += count;
  histogram.counts = std::move(counts);
  return histogram.total > 0;
}
