//===----------------------------------------------------------------------===//
// When the memory of a kernel's result is in use, through views, branches and
// loops.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_ANALYSIS_SCHEDULELIFETIMES_H
#define NNC_ANALYSIS_SCHEDULELIFETIMES_H

#include "dialects/NN/IR/NNOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir::nnc {

/// Positions count the kernels of a schedule, or the launches of them, in
/// textual order, those of regions included. An op of the host reads at the
/// position of the kernel after it.
///
/// What enters a loop from outside is in use to the loop's end; what a loop
/// hands to its next iteration is in use all through the loop. The arms of a
/// branch have positions of their own, so that they share memory. A tensor that
/// is joined from parts is in use from its first part on.
class ScheduleLifetimes {
public:
  explicit ScheduleLifetimes(func::FuncOp function);

  /// First and last position, inclusive.
  struct Interval {
    int64_t first;
    int64_t last;
  };

  /// All kernels in order.
  ArrayRef<nn::KernelOp> getKernels() const { return kernels; }
  /// In which interval the bytes of a kernel's result must be kept.
  Interval getLifetime(OpResult result) const;
  /// Where an op of the function stands.
  int64_t getPosition(Operation *op) const { return begins.lookup(op); }

private:
  void number(Region &region);

  SmallVector<nn::KernelOp> kernels;
  int64_t positions = 0;
  /// Positions before an op, and after it with its regions.
  DenseMap<Operation *, int64_t> begins, ends;
};

/// The kernel result whose memory `value` is, looking through views; null if it
/// is the memory of something else.
OpResult getKernelResult(Value value);

/// True for ops whose result is the memory of their first operand, all of it.
bool isView(Operation *op);

/// True for ops of a schedule that give a stretch of their operand's memory, or
/// join stretches that lie one behind the other: `tensor.extract_slice` and
/// `tensor.concat` along an axis before which all dimensions are 1.
bool isStretchView(Operation *op);

/// The first byte of its operand that a `tensor.extract_slice` gives, if what
/// it gives is one stretch of the operand's memory and of known place.
std::optional<int64_t> findStretch(Operation *slice);

/// Where a kernel result lies in a tensor that it is a part of.
struct JoinedPart {
  Operation *whole; ///< The `tensor.concat` of all parts.
  int64_t offset;   ///< In bytes.
};

/// nullopt for results that are no part. Of several tensors that a result is
/// joined in, the one with the most parts is the whole.
std::optional<JoinedPart> getJoinedPart(OpResult result);

/// Bytes in memory of a tensor of known shape.
int64_t getStaticBytes(RankedTensorType type);

} // namespace mlir::nnc

#endif // NNC_ANALYSIS_SCHEDULELIFETIMES_H
