//===----------------------------------------------------------------------===//
// Which rounds count.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Runner/QuietRounds.h"

#include "nnc/Runner/Calibration.h"

#include <gtest/gtest.h>

using namespace nncrun;
using Values = std::vector<double>;

TEST(QuietRounds, allWithoutRounds) {
  Rounds rounds;
  EXPECT_EQ(rounds.keepQuiet({3, 1}), Values({3, 1}));
  EXPECT_EQ(rounds.bestSpeed(), 0);
  rounds.next(0, 7);
  EXPECT_EQ(rounds.keepQuiet({}), Values());
}

TEST(QuietRounds, dropsBothSidesOfASlowPoint) {
  Rounds rounds;
  rounds.next(0, 100);
  rounds.next(1, 99);
  rounds.next(3, 98);
  rounds.next(4, 60);
  rounds.next(6, 100);
  rounds.next(7, 97.5);
  EXPECT_EQ(rounds.keepQuiet({1, 2, 3, 4, 5, 6, 7}), Values({1, 2, 3, 7}));
  EXPECT_EQ(rounds.bestSpeed(), 100);
}

TEST(QuietRounds, keepsHalfOfADisturbedMeasurement) {
  Rounds rounds;
  rounds.next(0, 100);
  for (size_t i = 1; i <= 4; ++i)
    rounds.next(i, 50 - double(i));
  EXPECT_EQ(rounds.keepQuiet({1, 2, 3, 4}), Values({1, 2}));
}

TEST(QuietRounds, calibrationTakesMilliseconds) {
  double begin = nnc_now_ms();
  double speed = nnc_calibrate();
  double spent = nnc_now_ms() - begin;
  EXPECT_GT(speed, 0.01);
  EXPECT_GT(spent, 0.5);
}
