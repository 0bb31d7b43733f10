//===----------------------------------------------------------------------===//
// How long ago memory was touched: distinct bytes, pieces, places used again.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/CostModel/ReuseDistance.h"

#include <gtest/gtest.h>

using namespace mlir::nnc;

namespace {

const int a = 0, b = 0, c = 0;

TEST(ReuseDistanceTest, CountsDistinctBytes) {
  ReuseDistances memory;
  memory.touch({&a, 0, 100});
  memory.touch({&b, 0, 10});
  memory.touch({&b, 0, 10});
  memory.touch({&c, 0, 1});
  // Its own bytes and those of the two others, once each.
  EXPECT_EQ(memory.touch({&a, 0, 100}), 111);
  // It is the youngest now.
  EXPECT_EQ(memory.touch({&a, 0, 100}), 100);
  EXPECT_EQ(memory.touch({&b, 0, 10}), 111);
}

TEST(ReuseDistanceTest, LooksAtPieces) {
  ReuseDistances memory;
  memory.touch({&a, 0, 100});
  memory.touch({&b, 0, 50});
  // From the middle, which leaves two ends.
  EXPECT_EQ(memory.touch({&a, 20, 70}), 50 + 50);
  // Half of it is of the youngest piece; the other half was touched before the
  // rest of that, the 50 bytes and the upper end.
  EXPECT_EQ(memory.touch({&a, 10, 30}), 20 + (40 + 50 + 30) / 2.);
}

TEST(ReuseDistanceTest, PlacesOfOthersAreTheirs) {
  ReuseDistances memory;
  memory.touch({&a, 0, 64});
  memory.touch({&a, 0, 32});
  EXPECT_EQ(memory.touch({&a, 32, 64}), 32 + 32);
}

TEST(ReuseDistanceTest, WhatIsNewIsFarthest) {
  ReuseDistances memory;
  EXPECT_EQ(memory.touch({&a, 0, 8}), 8);
  EXPECT_EQ(memory.touch({&b, 0, 8}), 16);
  EXPECT_EQ(memory.touch({&c, 4, 4}), 0);
}

} // namespace
