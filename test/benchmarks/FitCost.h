//===----------------------------------------------------------------------===//
// Fits the coefficients of the cost model to measurements.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TEST_BENCHMARKS_FITCOST_H
#define NNC_TEST_BENCHMARKS_FITCOST_H

#include "nnc/CostModel/Coefficients.h"

#include <array>
#include <vector>

namespace mlir::nnc {

/// A measured kernel: the terms of its prediction with all coefficients one,
/// and what it took, in microseconds.
struct FitSample {
  std::array<double, numCostTerms> terms;
  double measured;
  /// How much it counts.
  double weight;
};

/// Coefficients of least absolute relative error, each within a quarter and
/// four times of its nominal time: least squares on relative errors, weighted
/// anew from the errors until they settle, by coordinate descent; for each of
/// some overlaps, the best of which is taken. Terms that no sample has keep the
/// coefficient of `start`.
CostCoefficients fitCoefficients(const std::vector<FitSample> &samples,
                                 const CostCoefficients &start);

/// The prediction for terms whose coefficients are one.
double predictSample(const FitSample &sample, const CostCoefficients &with);

} // namespace mlir::nnc

#endif // NNC_TEST_BENCHMARKS_FITCOST_H
