//===----------------------------------------------------------------------===//
// Running consecutive kernels band by band: in which steps, for how much memory
// and time.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_SCHEDULE_BANDPLAN_H
#define NNC_LIB_TRANSFORMS_SCHEDULE_BANDPLAN_H

#include "RowBands.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "nnc/Analysis/ScheduleLifetimes.h"

namespace mlir::nnc {

/// What plans are made from. It does not follow changes of the function.
struct BandSchedule {
  BandSchedule(func::FuncOp function, const DenseSet<Operation *> &bands);

  func::FuncOp function;
  ScheduleLifetimes lifetimes;
  DenseMap<Value, int64_t> outputs;
  /// By kernel: predicted microseconds, and whether it can compute bands.
  SmallVector<double> us;
  SmallVector<bool> canSplit;
  double launchUs = 0;
};

/// A kernel of a region computes some rows.
struct BandStep {
  unsigned kernel; ///< Of the region.
  int64_t number;  ///< Of the band.
  RowBand rows;
};

struct BandPlan {
  SmallVector<BandStep> steps;
  double us = 0;
  /// The largest sum of results alive while the region runs, in bytes.
  int64_t peak = 0;
};

/// Kernels that stand one behind the other. What others use of their results is
/// there as a whole, its rows computed once; of what they alone use, a band has
/// the rows that it needs, so that those that two bands need are computed
/// twice.
class BandRegion {
public:
  /// Kernels `first` to `last` of the schedule, which all can be split.
  BandRegion(const BandSchedule &schedule, size_t first, size_t last);

  /// False if the kernels can't be run one band after the other.
  bool isValid() const { return valid; }

  /// Steps for about `count` bands; nullopt if that is impossible.
  std::optional<BandPlan> plan(int64_t count) const;

  ArrayRef<nn::KernelOp> getKernels() const { return kernels; }
  /// True if kernels outside use the result, or the caller.
  bool isKept(unsigned kernel) const { return kept[kernel]; }
  /// The kernel of the region that makes what `value` is or is a view of.
  std::optional<unsigned> findMaker(Value value) const;

private:
  friend class BandPlanner;
  void findUses(Value value, unsigned maker);

  const BandSchedule &schedule;
  size_t first;
  bool valid = true;
  SmallVector<nn::KernelOp> kernels;
  DenseMap<Operation *, unsigned> numbers;
  SmallVector<bool> kept;      ///< Used outside.
  SmallVector<bool> continued; ///< Used inside.
  SmallVector<int64_t> alignments;
  SmallVector<int64_t> inPlace; ///< The input that may be overwritten, or -1.
};

/// Puts the kernels of `plan` in the place of those of `region`, which are
/// erased. Adds the new ones to `bands`. The order of kernels has to be
/// numbered anew.
void applyBandPlan(const BandRegion &region, const BandPlan &plan,
                   DenseSet<Operation *> &bands);

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_SCHEDULE_BANDPLAN_H
