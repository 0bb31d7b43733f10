//===----------------------------------------------------------------------===//
// How often numbers occur, in one pass over any amount of them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COMPRESSION_HISTOGRAM_H
#define NNC_COMPRESSION_HISTOGRAM_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <vector>

namespace mlir::nnc {

/// Counts in at most 2048 bins of one width, a power of two. Bin i holds the
/// numbers from i to i + 1 widths, whatever has come before, so that two bins
/// become one of twice the width, without loss, once the numbers need it.
class Histogram {
public:
  static constexpr int64_t maxBins = 2048;

  /// False, with nothing counted, if one of them is not finite.
  bool add(llvm::ArrayRef<float> numbers);

  bool empty() const { return total == 0; }
  double getWidth() const { return width; }
  /// The number of the first bin, and how often each one from there on occurs.
  int64_t getFirst() const { return first; }
  const std::vector<uint64_t> &getCounts() const { return counts; }
  uint64_t getTotal() const { return total; }
  double getMin() const { return low; }
  double getMax() const { return high; }
  /// The middle of the bin at `index` of getCounts.
  double getCenter(size_t index) const {
    return (double(first + int64_t(index)) + 0.5) * width;
  }

  /// The number below which `share` of all lie, from 0 to 1, within the range.
  double findQuantile(double share) const;

  /// From what the accessors have told; false if that is no histogram.
  static bool restore(double width, int64_t first, std::vector<uint64_t> counts,
                      double low, double high, Histogram &histogram);

private:
  void cover(double from, double to);
  void doubleWidth();

  double width = 0;
  int64_t first = 0;
  std::vector<uint64_t> counts;
  uint64_t total = 0;
  double low = 0, high = 0;
};

} // namespace mlir::nnc

#endif // NNC_COMPRESSION_HISTOGRAM_H
