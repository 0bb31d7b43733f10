//===----------------------------------------------------------------------===//
// Which of many changes to make for what is needed.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COMPRESSION_KNAPSACK_H
#define NNC_COMPRESSION_KNAPSACK_H

#include "llvm/ADT/ArrayRef.h"

#include <optional>
#include <vector>

namespace mlir::nnc {

/// What a change brings and costs; both are 0 or more.
struct KnapsackItem {
  double gain = 0, loss = 0;
};

/// The items, in order, of the least loss whose gains make `need` or more;
/// nullopt if all of them don't. Gains are counted in 2000ths of `need`,
/// rounded down, so that the need is always met; with that the answer is exact
/// (dynamic programming). What gains nothing is never taken.
std::optional<std::vector<size_t>>
chooseLeastLoss(llvm::ArrayRef<KnapsackItem> items, double need);

} // namespace mlir::nnc

#endif // NNC_COMPRESSION_KNAPSACK_H
