//===----------------------------------------------------------------------===//
// What the lowerings of contractions and windows share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_CONVERSION_NNTOLINALG_LINEARLOWERING_H
#define NNC_LIB_CONVERSION_NNTOLINALG_LINEARLOWERING_H

#include "LoweringBuilder.h"
#include "ReductionLowering.h"

namespace mlir::nnc {

inline RankedTensorType rankedTypeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType());
}

/// linalg.generic with one output whose loops in `parallel` are parallel, all
/// others reductions; so the output's map may be any function of the loops.
/// `maps` has one map an input and one for the output.
Value createLoops(LoweringBuilder &b, ValueRange inputs, Value output,
                  ArrayRef<AffineMap> maps, ArrayRef<unsigned> parallel,
                  LoweringBuilder::Body body);

/// One op for floats, another for integers.
template <typename FloatOp, typename IntOp>
Value createBinary(OpBuilder &builder, Location loc, Value x, Value y) {
  if (isa<FloatType>(x.getType()))
    return FloatOp::create(builder, loc, x, y);
  return IntOp::create(builder, loc, x, y);
}

/// `sum` + `x` * `y`, for floats or integers.
Value createMultiplyAdd(OpBuilder &builder, Location loc, Value x, Value y,
                        Value sum);

/// The elements of `tensor` converted to `type`, or `tensor` if they have it.
Value convertElements(LoweringBuilder &b, Value tensor, Type type);

/// A tensor that exists for its dimensions: linalg takes the ranges of loops
/// from operands. Its elements are never read.
Value createRanges(LoweringBuilder &b, ArrayRef<Dim> sizes);

/// True if some dimension is known to be 0.
bool isKnownEmpty(ArrayRef<Dim> shape);

/// `tensor` copied into the middle of one of `shape`, at `begins`, that has
/// `fill` elsewhere.
Value padTensor(LoweringBuilder &b, Value tensor, ArrayRef<Dim> begins,
                ArrayRef<Dim> shape, Value fill);

/// `input`, an image, with the padding that its windows read; `input` itself if
/// there is none. `mayOverhang`: the last window may end behind the padding.
Value padInput(LoweringBuilder &b, Value input, ArrayRef<nn::WindowAxis> axes,
               bool channelsLast, bool mayOverhang, Value fill);

/// Elements that `windows` windows lie over, from the begin of the padding on.
Dim getReach(LoweringBuilder &b, Dim windows, const nn::WindowAxis &axis);

OpFoldResult toFoldResult(LoweringBuilder &b, Dim dim);

/// Geometry of the windows with what `shape`, the result's, knows.
template <typename OpTy>
FailureOr<SmallVector<nn::WindowAxis>>
getWindows(typename OpTy::Adaptor adaptor, LoweringBuilder &b,
           ArrayRef<Dim> shape) {
  SmallVector<nn::WindowAxis> axes;
  if (shape.empty() || failed(OpTy::resolveWindow(adaptor, b.dims, axes)))
    return failure();
  int64_t first = nn::getFirstSpatialAxis(adaptor.getChannelsLast());
  for (auto [number, axis] : llvm::enumerate(axes))
    axis.output = shape[first + number];
  return axes;
}

/// Parts of the group.
void populateNNConvToLinalgPatterns(const TypeConverter &converter,
                                    RewritePatternSet &patterns);
void populateNNPoolToLinalgPatterns(const TypeConverter &converter,
                                    RewritePatternSet &patterns);

} // namespace mlir::nnc

#endif // NNC_LIB_CONVERSION_NNTOLINALG_LINEARLOWERING_H
