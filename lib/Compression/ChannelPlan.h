//===----------------------------------------------------------------------===//
// How many channels go of each group.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_COMPRESSION_CHANNELPLAN_H
#define NNC_LIB_COMPRESSION_CHANNELPLAN_H

#include "dialects/HW/IR/HWDialect.h"
#include "nnc/Compression/ChannelGroups.h"

namespace mlir::nnc {

/// A group in the order in which its channels go.
struct ChannelOrder {
  const ChannelGroups::Group *group = nullptr;
  /// Classes, the first to go first; those that are not named stay.
  SmallVector<unsigned> classes;
  /// What is lost once i of them have gone, as a share of the energy of what
  /// reads them; empty where that is not known.
  std::vector<double> losses;
  /// How many go.
  int64_t removed = 0;
};

/// How many of `all` channels go so that `removed` at most do, and of many
/// those that are left are a multiple of `align`.
int64_t alignRemoved(int64_t all, int64_t removed, int64_t align);

/// Decides `removed` where losses are known, so that together least is lost in
/// the predicted time that is left if `share` of all their channels went;
/// others stay. Steps are taken one by one where they save most time for what
/// they lose (the greedy solution of the knapsack, as losses grow faster and
/// faster).
void spreadChannels(func::FuncOp function, const ChannelGroups &groups,
                    MutableArrayRef<ChannelOrder> orders, double share,
                    int64_t align, hw::TargetAttr target);

} // namespace mlir::nnc

#endif // NNC_LIB_COMPRESSION_CHANNELPLAN_H
