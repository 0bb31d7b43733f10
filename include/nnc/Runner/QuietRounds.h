//===----------------------------------------------------------------------===//
// Which parts of a measurement a busy machine has not disturbed.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_RUNNER_QUIETROUNDS_H
#define NNC_RUNNER_QUIETROUNDS_H

#include <cstddef>
#include <vector>

namespace nncrun {

/// Runs in rounds, between which the processor's speed is measured.
class Rounds {
public:
  /// Ends the open round after `runs` runs in all, at a `speed` in GFLOP/s, and
  /// opens another one. The first call, of 0 runs, opens the first round.
  void next(size_t runs, double speed);

  /// The values of quiet rounds, of one value a run: rounds before and after
  /// which the speed was within 3 % of the best one seen, and in any case the
  /// better half of all rounds.
  std::vector<double> keepQuiet(const std::vector<double> &values) const;

  /// In GFLOP/s of one thread; 0 before the first round.
  double bestSpeed() const;

private:
  std::vector<double> speeds;
  std::vector<size_t> ends;
};

} // namespace nncrun

#endif // NNC_RUNNER_QUIETROUNDS_H
