//===----------------------------------------------------------------------===//
// Weights in few bits, in panels.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_SCHEDULE_PACKNARROWWEIGHTS_H
#define NNC_LIB_TRANSFORMS_SCHEDULE_PACKNARROWWEIGHTS_H

#include "dialects/Kern/IR/KernNarrow.h"
#include "dialects/NN/IR/NNOps.h"

namespace mlir::nnc {

/// Brings the constants of `op`, which has a tiling, in `kernel`, into panels.
/// False if one of its operands is no constant; nothing is changed then.
bool packNarrow(kern::NarrowGemmOp op, nn::KernelOp kernel);

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_SCHEDULE_PACKNARROWWEIGHTS_H
