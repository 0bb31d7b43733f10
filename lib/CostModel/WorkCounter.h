//===----------------------------------------------------------------------===//
// Counts what a group of ops has to do, by kinds of ops.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_COSTMODEL_WORKCOUNTER_H
#define NNC_LIB_COSTMODEL_WORKCOUNTER_H

#include "dialects/Kern/IR/KernDialect.h"
#include "nnc/CostModel/KernelWork.h"
#include "nnc/Interfaces/CostOpInterface.h"
#include "nnc/Interfaces/ScalarOpInterface.h"

namespace mlir::nnc {

/// Elements of a vector in which arithmetic on `type` is done: that of 16 bits
/// and less is done in 32.
double countLanes(hw::TargetAttr target, Type type);

/// 0 for what is no tensor, or one of unknown size.
double countElements(Type type);

/// The value that stands for a block argument outside of its kernel.
Value getOutside(Value value);

/// Counts over the ops of one group.
class WorkCounter {
public:
  WorkCounter(ArrayRef<Operation *> ops, hw::TargetAttr target)
      : ops(ops), target(target), members(ops.begin(), ops.end()) {}

  KernelWork run();

private:
  void findOperands();
  void findResults();
  void countLookup(Operation *op);
  void count(Operation *op);
  void countContraction(kern::EpilogueOpInterface op);
  void countTiled(kern::EpilogueOpInterface op, const kern::Extents &extents,
                  Value packed);
  void countScores(kern::AttentionOp op);
  void countUntiled(Operation *op, int64_t flops);
  void countScalars(ScalarOpInterface op);
  void addRuns(double elements, double run, double lanes);
  void countMovement(Operation *op);
  bool countPool(Operation *op, const OpWork &own);
  bool countRecurrence(Operation *op, const OpWork &own);
  void countOther(Operation *op);
  void addFlops(std::optional<int64_t> flops);
  void addUnits(double units) { work.units = std::max(work.units, units); }
  /// Elements that an op without a tiling of its own shares out.
  void addUnitsOf(double operations);
  bool isInside(Value value) const;

  ArrayRef<Operation *> ops;
  hw::TargetAttr target;
  llvm::SmallPtrSet<Operation *, 16> members;
  KernelWork work;
};

} // namespace mlir::nnc

#endif // NNC_LIB_COSTMODEL_WORKCOUNTER_H
