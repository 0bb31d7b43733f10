//===----------------------------------------------------------------------===//
// The expansion of products with matrices in few bits.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_KERN_TRANSFORMS_EXPANDNARROWGEMM_H
#define NNC_DIALECTS_KERN_TRANSFORMS_EXPANDNARROWGEMM_H

#include "dialects/Kern/IR/KernNarrow.h"

namespace mlir::nnc::kern {

/// Writes `op`, on memrefs, packed and with a tiling, as loops in front of it.
/// Fails with a diagnostic if it can't.
LogicalResult expandNarrowGemm(OpBuilder &builder, NarrowGemmOp op,
                               hw::TargetAttr target);

} // namespace mlir::nnc::kern

#endif // NNC_DIALECTS_KERN_TRANSFORMS_EXPANDNARROWGEMM_H
