//===----------------------------------------------------------------------===//
// Two kernels as one.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_SCHEDULE_KERNELMERGING_H
#define NNC_LIB_TRANSFORMS_SCHEDULE_KERNELMERGING_H

#include "dialects/NN/IR/NNOps.h"
#include "mlir/IR/IRMapping.h"
#include "nnc/CostModel/KernelCost.h"

namespace mlir::nnc {

/// The ops of a kernel that compute or move tensors; others make scalars and
/// small constants for them.
SmallVector<Operation *> getWork(nn::KernelOp kernel);

/// What `value` is a view of: the same elements in the same order.
Value getViewed(Value value);

/// What an argument of the kernel's body stands for; other values stay.
Value getOutsideOf(Value value, nn::KernelOp kernel);

/// Erases `op`, which may be null, and what it alone reads, one operand each,
/// while nothing uses them.
void eraseUnusedViews(Operation *op);

/// Drops inputs that nothing in the kernel reads any more.
void dropUnusedInputs(nn::KernelOp kernel);

/// Clones a kernel's body to the builder's place, its inputs as `mapping` has
/// them; returns what it yields.
SmallVector<Value> cloneBody(OpBuilder &builder, nn::KernelOp kernel,
                             IRMapping &mapping);

/// The sizes of the dynamic dimensions of one of a kernel's results.
OperandRange getResultDims(OpResult result);

/// True if both have the same numbers as dimensions, or the same sizes of the
/// host.
bool haveSameShape(OpResult a, OpResult b);

/// True if the elements of a tensor that a kernel makes decide the size: then
/// no kernel can have a temporary of that size.
bool dependsOnData(Value size);

/// True if the kernel of `made` can be computed where `place`, an op after it
/// in its block, stands: nothing but `place` uses `made`, and nothing before
/// `place` uses another result.
bool canMoveTo(OpResult made, Operation *place);

/// One kernel in the place of `consumer` that does what the kernel of `made`
/// does and then that; its results are the producer's, with `made` replaced by
/// the consumer's. Both are erased. It has the
/// producer's name and no cost yet. `made` must pass canMoveTo.
nn::KernelOp mergeKernels(OpResult made, nn::KernelOp consumer);

/// Bytes of a tensor of known shape.
int64_t getTensorBytes(Value tensor);

/// Why units that make their own rows should not read weights of so many bytes,
/// or "": each of them reads all, so they must stay in the cache of its core.
std::string explainHeavyWeights(int64_t bytes, hw::TargetAttr target);

/// Moves what `second` needs in front of `first`, an earlier kernel of its
/// block, so that it could run right after that; with it what the run checks
/// between the two. False, and nothing is moved, if something needs what a
/// kernel makes: `second` itself may read results of `first`.
bool bringTogether(nn::KernelOp first, nn::KernelOp second);

/// One kernel in the place of `first` that does what both do. Its results are
/// those of `first` that others than `second` use, and all of `second`. Both
/// are erased; bringTogether must have succeeded.
nn::KernelOp mergeSiblings(nn::KernelOp first, nn::KernelOp second);

/// What the cost model says of two kernels that could be one.
struct MergeForecast {
  /// Microseconds of the two and of the one; nullopt where a size is not known.
  std::optional<double> apartUs, togetherUs;

  /// What the merge saves; nothing is saved by what is not predicted.
  double getGainUs() const;
  /// False if one kernel is predicted to take longer than two, by more than
  /// the model can tell apart.
  bool pays() const;
  /// "12.1 us instead of 15.0", or why there is no prediction.
  std::string describe() const;
};

/// Asks `model` about mergeKernels(made, consumer) on copies; nothing changes.
MergeForecast forecastMerge(const CostModel &model, OpResult made,
                            nn::KernelOp consumer);

/// The same about mergeSiblings(first, second).
MergeForecast forecastSiblings(const CostModel &model, nn::KernelOp first,
                               nn::KernelOp second);

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_SCHEDULE_KERNELMERGING_H
