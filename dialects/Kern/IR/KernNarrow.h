//===----------------------------------------------------------------------===//
// Products with matrices that are stored in few bits.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_KERN_IR_KERNNARROW_H
#define NNC_DIALECTS_KERN_IR_KERNNARROW_H

#include "dialects/Kern/IR/KernDialect.h"

#define GET_OP_CLASSES
#include "dialects/Kern/IR/KernNarrowOps.h.inc"

namespace mlir::nnc::kern {

/// Rows of a tile of `tiling` that are multiplied with codes as they are
/// widened: their sums of a group need registers beside the others.
int64_t getDirectRows(hw::TilingAttr tiling, hw::TargetAttr target);

/// Rows of a unit up to which codes are widened again for each tile; with more
/// a panel is widened once, in memory.
int64_t getMostDirectRows(hw::TilingAttr tiling, hw::TargetAttr target);

} // namespace mlir::nnc::kern

#endif // NNC_DIALECTS_KERN_IR_KERNNARROW_H
