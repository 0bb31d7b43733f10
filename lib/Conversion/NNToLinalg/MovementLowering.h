//===----------------------------------------------------------------------===//
// What the lowerings of data movement share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_CONVERSION_NNTOLINALG_MOVEMENTLOWERING_H
#define NNC_LIB_CONVERSION_NNTOLINALG_MOVEMENTLOWERING_H

#include "LoweringBuilder.h"
#include "dialects/NN/IR/MovementUtils.h"

namespace mlir::nnc {

/// True if a dimension is known to be 0.
bool isSurelyEmpty(ArrayRef<Dim> shape);

/// `shape` elements of `input` from `offsets` in `steps`, as a view.
Value extractSlice(LoweringBuilder &b, Value input, ArrayRef<Dim> offsets,
                   ArrayRef<Dim> shape, ArrayRef<Dim> steps);

/// `output` with `part` written at `offsets`.
Value insertSlice(LoweringBuilder &b, Value part, Value output,
                  ArrayRef<Dim> offsets);

/// The parts of populateNNMovementToLinalgPatterns.
void populateNNGatherToLinalgPatterns(const TypeConverter &converter,
                                      RewritePatternSet &patterns);
void populateNNPadToLinalgPatterns(const TypeConverter &converter,
                                   RewritePatternSet &patterns);

} // namespace mlir::nnc

#endif // NNC_LIB_CONVERSION_NNTOLINALG_MOVEMENTLOWERING_H
