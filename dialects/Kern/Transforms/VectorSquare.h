//===----------------------------------------------------------------------===//
// Squares of elements in registers.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_KERN_TRANSFORMS_VECTORSQUARE_H
#define NNC_DIALECTS_KERN_TRANSFORMS_VECTORSQUARE_H

#include "mlir/IR/Builders.h"

namespace mlir::nnc::kern {

/// Turns a square of as many vectors as each has elements, a power of two,
/// around: element j of result i is element i of row j.
SmallVector<Value> transposeSquare(OpBuilder &builder, Location loc,
                                   SmallVector<Value> rows);

} // namespace mlir::nnc::kern

#endif // NNC_DIALECTS_KERN_TRANSFORMS_VECTORSQUARE_H
