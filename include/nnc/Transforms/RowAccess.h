//===----------------------------------------------------------------------===//
// How linalg ops on buffers walk along rows.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TRANSFORMS_ROWACCESS_H
#define NNC_TRANSFORMS_ROWACCESS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::nnc {

/// Do neighbouring iterations of `loop` touch neighbouring elements of every
/// operand, or the same one?
bool isContiguousAlong(linalg::LinalgOp op, unsigned loop);

/// Of the loops that are not among `outer`, is the last one that runs more than
/// once such a loop, and of the kind of the others? True if there is none.
bool isRowWise(linalg::LinalgOp op, ArrayRef<unsigned> outer);

} // namespace mlir::nnc

#endif // NNC_TRANSFORMS_ROWACCESS_H
