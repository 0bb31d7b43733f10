//===----------------------------------------------------------------------===//
// What a whole schedule costs: its kernels in order, what they leave in the
// caches for each other, and memory over time.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COSTMODEL_SCHEDULECOST_H
#define NNC_COSTMODEL_SCHEDULECOST_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "nnc/CostModel/KernelCost.h"

#include <vector>

namespace mlir::nnc {

struct ScheduleCost {
  std::vector<std::pair<nn::KernelOp, KernelCost>> kernels;
  /// Bytes of results that are alive while each kernel runs; empty if a size is
  /// not known.
  SmallVector<int64_t> memoryOverTime;
  hw::TotalAttr total;
};

/// Predicts all kernels of a function whose kernels have been formed; those in
/// loops count once, those of all branches too. In a run that is one of many,
/// so constants are in the caches that the run leaves them in.
ScheduleCost estimateSchedule(func::FuncOp function, const CostModel &model);

} // namespace mlir::nnc

#endif // NNC_COSTMODEL_SCHEDULECOST_H
