//===----------------------------------------------------------------------===//
// Which parts of a measurement a busy machine has not disturbed.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Runner/QuietRounds.h"

#include "nnc/Runner/Calibration.h"

#include <algorithm>

using namespace nncrun;

void Rounds::next(size_t runs, double speed) {
  speeds.push_back(speed);
  ends.push_back(runs);
}

double Rounds::bestSpeed() const {
  return speeds.empty() ? 0 : *std::max_element(speeds.begin(), speeds.end());
}

std::vector<double> Rounds::keepQuiet(const std::vector<double> &values) const {
  // The slower end of each round.
  std::vector<double> slower;
  for (size_t i = 1; i < speeds.size(); ++i)
    slower.push_back(std::min(speeds[i - 1], speeds[i]));
  if (slower.empty())
    return values;
  std::vector<double> sorted = slower;
  std::sort(sorted.begin(), sorted.end());
  const double limit =
      std::min(NNC_CALIBRATION_SHARE * bestSpeed(), sorted[sorted.size() / 2]);
  std::vector<double> kept;
  for (size_t i = 0; i < slower.size(); ++i)
    for (size_t run = ends[i]; run < std::min(ends[i + 1], values.size());
         ++run)
      if (slower[i] >= limit)
        kept.push_back(values[run]);
  return kept;
}
