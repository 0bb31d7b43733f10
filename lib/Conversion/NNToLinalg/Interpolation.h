//===----------------------------------------------------------------------===//
// Weights and weighted sums of interpolation.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_CONVERSION_NNTOLINALG_INTERPOLATION_H
#define NNC_LIB_CONVERSION_NNTOLINALG_INTERPOLATION_H

#include "ScalarBuilder.h"

namespace mlir::nnc {

/// What is read along one axis of a tensor: places (index) and their weights;
/// one place without a weight is taken as it is.
struct AxisReads {
  int64_t axis;
  SmallVector<Value, 4> places, weights;
};

/// The weights of the elements around `x` (a float): two from floor(x) on for
/// `linear`, four from floor(x) - 1 on for `cubic` (Keys' convolution with its
/// coefficient).
SmallVector<Value> interpolationWeights(ScalarBuilder &s,
                                        nn::Interpolation mode, Value x,
                                        double coefficient);

/// Takes the weight of elements outside of 0 … last away and gives it to the
/// others; `base` is floor(x).
void excludeOutside(ScalarBuilder &s, Value base, Value last,
                    MutableArrayRef<Value> weights);

/// The weighted sum, in `type`, of the elements of `tensor` at `indices` with
/// the axes of `reads` replaced. With a null type there is one read an axis,
/// and the element is returned as it is.
Value sumReads(ScalarBuilder &s, Value tensor, MutableArrayRef<Value> indices,
               ArrayRef<AxisReads> reads, Type type, bool isUnsigned);

} // namespace mlir::nnc

#endif // NNC_LIB_CONVERSION_NNTOLINALG_INTERPOLATION_H
