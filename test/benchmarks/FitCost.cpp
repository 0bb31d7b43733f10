//===----------------------------------------------------------------------===//
// Fits the coefficients of the cost model to measurements.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "FitCost.h"

#include <algorithm>
#include <cmath>

using namespace mlir::nnc;

/// Terms are nominal times of a machine that is known: what would be less than
/// a quarter or more than four times of them stands for something else.
static constexpr double least = 0.25, most = 4;

static bool isStart(unsigned term) {
  return term <= unsigned(CostTerm::ForkJoin);
}
static bool isReading(unsigned term) {
  return term >= unsigned(CostTerm::SecondCache);
}

/// By what a term counts, given which side is the longer one.
static std::array<double, numCostTerms> scaleTerms(const FitSample &sample,
                                                   const CostCoefficients &c) {
  double core = 0, reading = 0;
  for (unsigned i = 0; i < numCostTerms; ++i)
    if (isReading(i))
      reading += c.terms[i] * sample.terms[i];
    else if (!isStart(i))
      core += c.terms[i] * sample.terms[i];
  std::array<double, numCostTerms> scaled = sample.terms;
  for (unsigned i = 0; i < numCostTerms; ++i)
    if (!isStart(i) && isReading(i) == (core >= reading))
      scaled[i] *= c.overlap;
  return scaled;
}

double mlir::nnc::predictSample(const FitSample &sample,
                                const CostCoefficients &c) {
  std::array<double, numCostTerms> scaled = scaleTerms(sample, c);
  double sum = 0;
  for (unsigned i = 0; i < numCostTerms; ++i)
    sum += c.terms[i] * scaled[i];
  return sum;
}

static double getError(const std::vector<FitSample> &samples,
                       const CostCoefficients &c) {
  double sum = 0;
  for (const FitSample &sample : samples)
    sum += sample.weight *
           std::fabs(std::log(predictSample(sample, c) / sample.measured));
  return sum;
}

/// One round of least squares on relative errors: sides and weights as they
/// are with `c`.
static void improve(const std::vector<FitSample> &samples,
                    CostCoefficients &c) {
  size_t count = samples.size();
  std::vector<std::array<double, numCostTerms>> rows(count);
  std::vector<double> weights(count), rest(count);
  for (size_t s = 0; s < count; ++s) {
    rows[s] = scaleTerms(samples[s], c);
    double sum = 0;
    for (unsigned i = 0; i < numCostTerms; ++i) {
      rows[s][i] /= samples[s].measured;
      sum += c.terms[i] * rows[s][i];
    }
    rest[s] = 1 - sum;
    // What is too long counts by its ratio, as what is too short does.
    double error = std::fabs(std::log(std::max(sum, 1e-3)));
    weights[s] =
        samples[s].weight / std::max(error, 0.03) / std::max(1.0, sum * sum);
  }
  for (int sweep = 0; sweep < 200; ++sweep)
    for (unsigned i = 0; i < numCostTerms; ++i) {
      double along = 0, norm = 0;
      for (size_t s = 0; s < count; ++s) {
        along += weights[s] * rows[s][i] * rest[s];
        norm += weights[s] * rows[s][i] * rows[s][i];
      }
      if (norm < 1e-12)
        continue;
      double next = std::clamp(c.terms[i] + along / norm, least, most);
      double change = next - c.terms[i];
      c.terms[i] = next;
      for (size_t s = 0; s < count; ++s)
        rest[s] -= change * rows[s][i];
    }
}

CostCoefficients
mlir::nnc::fitCoefficients(const std::vector<FitSample> &samples,
                           const CostCoefficients &start) {
  CostCoefficients best = start;
  double leastError = INFINITY;
  for (double overlap : {0.0, 0.15, 0.3, 0.5, 0.7, 1.0}) {
    CostCoefficients c = start;
    c.overlap = overlap;
    for (int round = 0; round < 40; ++round) {
      improve(samples, c);
      if (double error = getError(samples, c); error < leastError) {
        leastError = error;
        best = c;
      }
    }
  }
  std::vector<double> ratios;
  for (const FitSample &sample : samples)
    ratios.push_back(sample.measured / predictSample(sample, best));
  std::sort(ratios.begin(), ratios.end());
  if (!ratios.empty()) {
    best.low = ratios[ratios.size() / 10];
    best.high = ratios[ratios.size() * 9 / 10];
  }
  return best;
}
