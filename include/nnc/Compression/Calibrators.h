//===----------------------------------------------------------------------===//
// Which range of numbers 8 bits should stand for.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COMPRESSION_CALIBRATORS_H
#define NNC_COMPRESSION_CALIBRATORS_H

#include "nnc/Compression/Histogram.h"
#include "llvm/ADT/StringRef.h"

#include <optional>

namespace mlir::nnc {

/// Numbers beyond it are taken for its ends.
struct RealRange {
  double low = 0, high = 0;
};

/// `ui8` number q stands for (q - zeroPoint) * scale.
struct ByteScale {
  float scale = 1;
  int64_t zeroPoint = 0;
};

/// Covers the range and 0 by 255 steps, 0 exactly.
ByteScale makeByteScale(RealRange range);
/// What `number` becomes on the way to bytes and back, rounded half to even.
double roundToBytes(double number, ByteScale scale);

enum class Calibrator { MinMax, Percentile, Entropy, MSE };
inline constexpr Calibrator allCalibrators[] = {
    Calibrator::MinMax, Calibrator::Percentile, Calibrator::Entropy,
    Calibrator::MSE};

/// "minmax", "percentile", "entropy", "mse"; nullopt for other names.
std::optional<Calibrator> parseCalibrator(llvm::StringRef name);
llvm::StringRef stringifyCalibrator(Calibrator calibrator);

/// The range that a calibrator finds best:
/// - MinMax: all numbers.
/// - Percentile: leaves (1 - share) of the numbers out at each side that is not
///   0.
/// - Entropy: the magnitude at which the distribution of what is cut off and
///   put into 128 levels is most like that of what is only cut off
///   (Kullback-Leibler; Migacz 2017).
/// - MSE: the least expected square of what rounding and cutting off change;
///   ends are searched one after the other on a grid of 100, then by golden
///   section.
RealRange findRange(const Histogram &histogram, Calibrator calibrator,
                    double share = 0.9999);

/// The expected square of what bytes of that range change, of numbers that are
/// distributed evenly within a bin.
double estimateError(const Histogram &histogram, RealRange range);

/// The share of the numbers that lie outside.
double countOutside(const Histogram &histogram, RealRange range);

} // namespace mlir::nnc

#endif // NNC_COMPRESSION_CALIBRATORS_H
