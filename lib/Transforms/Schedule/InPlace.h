//===----------------------------------------------------------------------===//
// Which kernels may write their result over an operand.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_SCHEDULE_INPLACE_H
#define NNC_LIB_TRANSFORMS_SCHEDULE_INPLACE_H

#include "nnc/Analysis/ScheduleLifetimes.h"

namespace mlir::nnc {

/// The kernel result whose memory the only result of `kernel` may take, or
/// null. It ends its life as an input of `kernel`, under no other name, and has
/// the same type and dimensions. The body reads it element-wise: an element of
/// the result depends on the element at the same place and on no other, however
/// the work is cut into units. What lowering makes of the body is checked once
/// more when it is there, see `nnc-lower-kernel-abi`.
OpResult findOverwritable(nn::KernelOp kernel,
                          const ScheduleLifetimes &lifetimes);

/// Whether the body allows the only result of `kernel` to be written over the
/// input of this number, whatever else lives.
bool readsElementwise(nn::KernelOp kernel, unsigned number);

/// Whether the result of `kernel` may take the memory of `made`.
bool mayOverwrite(nn::KernelOp kernel, OpResult made,
                  const ScheduleLifetimes &lifetimes);

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_SCHEDULE_INPLACE_H
