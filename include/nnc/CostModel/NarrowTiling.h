//===----------------------------------------------------------------------===//
// How products with matrices in few bits are cut.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COSTMODEL_NARROWTILING_H
#define NNC_COSTMODEL_NARROWTILING_H

#include "dialects/Kern/IR/KernNarrow.h"
#include "nnc/CostModel/Tiling.h"

namespace mlir::nnc {

/// The tiling for `op` on `target`, with its cycles by the model of other
/// products. A single row takes four vectors of columns, which hide the latency
/// of a multiply-add; several take what leaves registers for sums of groups.
TilingChoice chooseNarrowTiling(hw::TargetAttr target, kern::NarrowGemmOp op);

} // namespace mlir::nnc

#endif // NNC_COSTMODEL_NARROWTILING_H
