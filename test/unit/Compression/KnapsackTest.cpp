//===----------------------------------------------------------------------===//
// The least loss for what is needed, against all choices.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/Knapsack.h"
#include "gtest/gtest.h"

#include <limits>
#include <random>

using namespace mlir::nnc;

/// By trying every choice; infinity if none is enough.
static double findLeastLoss(llvm::ArrayRef<KnapsackItem> items, double need) {
  double least = std::numeric_limits<double>::infinity();
  for (unsigned choice = 0; choice < 1u << items.size(); ++choice) {
    double gain = 0, loss = 0;
    for (size_t i = 0; i < items.size(); ++i)
      if (choice >> i & 1) {
        gain += items[i].gain;
        loss += items[i].loss;
      }
    if (gain >= need)
      least = std::min(least, loss);
  }
  return least;
}

TEST(KnapsackTest, IsAsGoodAsAllChoices) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<KnapsackItem> items(1 + random() % 10);
    double all = 0;
    for (KnapsackItem &item : items) {
      item = {double(random() % 1000) / 10, double(random() % 1000) / 1000};
      all += item.gain;
    }
    double need = all * double(random() % 110) / 100;
    std::optional<std::vector<size_t>> chosen = chooseLeastLoss(items, need);
    double least = findLeastLoss(items, need);
    if (!chosen) {
      EXPECT_TRUE(std::isinf(least));
      continue;
    }
    double gain = 0, loss = 0;
    for (size_t i : *chosen) {
      gain += items[i].gain;
      loss += items[i].loss;
    }
    EXPECT_GE(gain, need);
    // Rounding of gains may cost an item where a choice is just enough.
    EXPECT_LE(loss, least * 1.01 + 0.15);
  }
}

TEST(KnapsackTest, TakesNothingWithoutNeed) {
  EXPECT_EQ(chooseLeastLoss({{1, 1}}, 0)->size(), 0u);
  EXPECT_EQ(chooseLeastLoss({{1, 1}}, -3)->size(), 0u);
  EXPECT_EQ(chooseLeastLoss({}, 0)->size(), 0u);
}

TEST(KnapsackTest, AllTogetherAreEnoughInSpiteOfRounding) {
  std::vector<KnapsackItem> items(7, KnapsackItem{1, 1});
  EXPECT_EQ(chooseLeastLoss(items, 7)->size(), 7u);
  EXPECT_FALSE(chooseLeastLoss(items, 7.01));
}

TEST(KnapsackTest, PrefersLittleLoss) {
  std::vector<KnapsackItem> items = {{10, 5}, {6, 1.5}, {5, 1}, {0, 0}};
  EXPECT_EQ(*chooseLeastLoss(items, 10), (std::vector<size_t>{1, 2}));
  EXPECT_EQ(*chooseLeastLoss(items, 14.9), (std::vector<size_t>{0, 2}));
}
