//===----------------------------------------------------------------------===//
// What the lowerings of contractions and windows share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "LinearLowering.h"

using namespace mlir;
using namespace mlir::nnc;

Value mlir::nnc::createLoops(LoweringBuilder &b, ValueRange inputs,
                             Value output, ArrayRef<AffineMap> maps,
                             ArrayRef<unsigned> parallel,
                             LoweringBuilder::Body body) {
  SmallVector<utils::IteratorType> iterators(maps.back().getNumDims(),
                                             utils::IteratorType::reduction);
  for (unsigned loop : parallel)
    iterators[loop] = utils::IteratorType::parallel;
  auto emit = [&](OpBuilder &inner, Location at, ValueRange args) {
    linalg::YieldOp::create(inner, at, body(inner, at, args));
  };
  return linalg::GenericOp::create(b.builder, b.loc, output.getType(), inputs,
                                   output, maps, iterators, emit)
      .getResult(0);
}

Value mlir::nnc::createMultiplyAdd(OpBuilder &builder, Location loc, Value x,
                                   Value y, Value sum) {
  Value product =
      createBinary<arith::MulFOp, arith::MulIOp>(builder, loc, x, y);
  return createBinary<arith::AddFOp, arith::AddIOp>(builder, loc, sum, product);
}

Value mlir::nnc::convertElements(LoweringBuilder &b, Value tensor, Type type) {
  RankedTensorType from = rankedTypeOf(tensor);
  if (from.getElementType() == type)
    return tensor;
  AffineMap map =
      AffineMap::getMultiDimIdentityMap(from.getRank(), b.builder.getContext());
  return b.generic(tensor, b.empty(b.shape(tensor), type), {map, map},
                   [&](OpBuilder &inner, Location loc, ValueRange args) {
                     return convertNumber(inner, loc, args[0], type);
                   });
}

Value mlir::nnc::createRanges(LoweringBuilder &b, ArrayRef<Dim> sizes) {
  return b.empty(sizes, b.builder.getI8Type());
}

bool mlir::nnc::isKnownEmpty(ArrayRef<Dim> shape) {
  return llvm::any_of(shape, [](Dim dim) { return dim.isConstant(0); });
}

OpFoldResult mlir::nnc::toFoldResult(LoweringBuilder &b, Dim dim) {
  if (std::optional<int64_t> number = dim.getConstant())
    return b.builder.getIndexAttr(*number);
  return dim.getValue();
}

Value mlir::nnc::padTensor(LoweringBuilder &b, Value tensor,
                           ArrayRef<Dim> begins, ArrayRef<Dim> shape,
                           Value fill) {
  int64_t rank = rankedTypeOf(tensor).getRank();
  SmallVector<OpFoldResult> offsets, sizes;
  for (Dim begin : begins)
    offsets.push_back(toFoldResult(b, begin));
  for (Dim size : b.shape(tensor))
    sizes.push_back(toFoldResult(b, size));
  SmallVector<OpFoldResult> strides(rank, b.builder.getIndexAttr(1));
  Value filled = b.filled(shape, fill);
  Value middle = tensor::ExtractSliceOp::create(b.builder, b.loc, filled,
                                                offsets, sizes, strides);
  AffineMap map =
      AffineMap::getMultiDimIdentityMap(rank, b.builder.getContext());
  Value copied =
      b.generic(tensor, middle, {map, map},
                [](OpBuilder &, Location, ValueRange args) { return args[0]; });
  return tensor::InsertSliceOp::create(b.builder, b.loc, copied, filled,
                                       offsets, sizes, strides);
}

Dim mlir::nnc::getReach(LoweringBuilder &b, Dim windows,
                        const nn::WindowAxis &axis) {
  Dim last = b.dims.mul(b.dims.sub(windows, 1), axis.stride);
  return b.dims.add(last, nn::getWindowExtent(b.dims, axis));
}

Value mlir::nnc::padInput(LoweringBuilder &b, Value input,
                          ArrayRef<nn::WindowAxis> axes, bool channelsLast,
                          bool mayOverhang, Value fill) {
  SmallVector<Dim> shape = b.shape(input), begins(shape.size(), Dim(0));
  int64_t first = nn::getFirstSpatialAxis(channelsLast);
  bool isPadded = false;
  for (auto [number, axis] : llvm::enumerate(axes)) {
    Dim size = b.dims.add(b.dims.add(axis.input, axis.padBegin), axis.padEnd);
    if (mayOverhang)
      size = b.dims.max(size, getReach(b, axis.output, axis));
    isPadded |= !axis.padBegin.isConstant(0) || !size.isSameAs(axis.input);
    begins[first + number] = axis.padBegin;
    shape[first + number] = size;
  }
  return isPadded ? padTensor(b, input, begins, shape, fill) : input;
}
