//===----------------------------------------------------------------------===//
// Which of many changes to make for what is needed.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/Knapsack.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace mlir::nnc;

/// All that gain anything, if that is enough in spite of rounding.
static std::optional<std::vector<size_t>>
takeAll(llvm::ArrayRef<KnapsackItem> items, double need) {
  std::vector<size_t> taken;
  double sum = 0;
  for (size_t i = 0; i < items.size(); ++i)
    if (items[i].gain > 0) {
      taken.push_back(i);
      sum += items[i].gain;
    }
  return sum >= need ? std::optional(std::move(taken)) : std::nullopt;
}

std::optional<std::vector<size_t>>
mlir::nnc::chooseLeastLoss(llvm::ArrayRef<KnapsackItem> items, double need) {
  if (!(need > 0))
    return std::vector<size_t>();
  constexpr size_t buckets = 2000;
  constexpr double never = std::numeric_limits<double>::infinity();
  // The least loss of the items so far for a gain of so many buckets or more.
  std::vector<double> least(buckets + 1, never);
  least[0] = 0;
  std::vector<std::vector<bool>> taken(items.size(),
                                       std::vector<bool>(buckets + 1, false));
  for (size_t i = 0; i < items.size(); ++i) {
    double share = std::floor(items[i].gain / need * double(buckets));
    size_t gain = size_t(std::clamp(share, 0.0, double(buckets)));
    if (gain == 0)
      continue;
    for (size_t have = buckets; have > 0; --have) {
      size_t before = have > gain ? have - gain : 0;
      double loss = least[before] + items[i].loss;
      if (loss < least[have]) {
        least[have] = loss;
        taken[i][have] = true;
      }
    }
  }
  if (least[buckets] == never)
    return takeAll(items, need);
  std::vector<size_t> chosen;
  size_t have = buckets;
  for (size_t i = items.size(); i-- > 0 && have > 0;)
    if (taken[i][have]) {
      chosen.push_back(i);
      double share = std::floor(items[i].gain / need * double(buckets));
      size_t gain = size_t(std::clamp(share, 0.0, double(buckets)));
      have = have > gain ? have - gain : 0;
    }
  std::reverse(chosen.begin(), chosen.end());
  return chosen;
}
