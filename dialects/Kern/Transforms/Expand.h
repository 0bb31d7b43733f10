//===----------------------------------------------------------------------===//
// The expansions of the kern ops.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_KERN_TRANSFORMS_EXPAND_H
#define NNC_DIALECTS_KERN_TRANSFORMS_EXPAND_H

#include "LoopBuilder.h"
#include "dialects/Kern/IR/KernDialect.h"

namespace mlir::nnc::kern {

/// Each writes `op`, on memrefs and with a tiling, as loops in front of it.
/// Fails with a diagnostic if it can't.
LogicalResult expandGemm(OpBuilder &builder, GemmOp op, hw::TargetAttr target);
LogicalResult expandConv(OpBuilder &builder, ConvOp op, hw::TargetAttr target);
LogicalResult expandDepthwise(OpBuilder &builder, DepthwiseOp op,
                              hw::TargetAttr target);
LogicalResult expandWinograd(OpBuilder &builder, WinogradOp op,
                             hw::TargetAttr target);

} // namespace mlir::nnc::kern

#endif // NNC_DIALECTS_KERN_TRANSFORMS_EXPAND_H
