//===----------------------------------------------------------------------===//
// Memrefs over the raw pointers of a kernel.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_LOOPS_KERNELMEMREFS_H
#define NNC_LIB_TRANSFORMS_LOOPS_KERNELMEMREFS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

namespace mlir::nnc {

/// A contiguous memref of `type`, which has the identity layout, at `pointer`
/// (!llvm.ptr); `sizes` (i64) are its dynamic dimensions in order.
Value createMemRef(OpBuilder &builder, Location loc, MemRefType type,
                   Value pointer, ValueRange sizes);

/// The memory that `memref` is a view of.
Value getBase(Value memref);

/// Appends the ops that `values` are computed by, in order. False if one of
/// them touches memory or has regions: the values then do not follow from the
/// kernel's sizes alone.
bool getPureSlice(ValueRange values, SetVector<Operation *> &slice);

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_LOOPS_KERNELMEMREFS_H
