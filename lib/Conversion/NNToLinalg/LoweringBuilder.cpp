//===----------------------------------------------------------------------===//
// What the lowerings of graph ops are written with.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "LoweringBuilder.h"

using namespace mlir;
using namespace mlir::nnc;

SmallVector<int64_t> mlir::nnc::getStaticSizes(ArrayRef<Dim> shape) {
  return llvm::map_to_vector(shape,
                             [](Dim dim) { return dim.getStaticSize(); });
}

Value LoweringBuilder::index(int64_t number) {
  return arith::ConstantIndexOp::create(builder, loc, number);
}

Value LoweringBuilder::index(Dim dim) {
  return getAsIndexValue(builder, loc, dim);
}

Value LoweringBuilder::constant(Type type, double number) {
  if (isa<FloatType>(type))
    return arith::ConstantOp::create(builder, loc,
                                     builder.getFloatAttr(type, number));
  return constantInt(type, static_cast<int64_t>(number));
}

Value LoweringBuilder::constantInt(Type type, int64_t number) {
  return arith::ConstantOp::create(builder, loc,
                                   builder.getIntegerAttr(type, number));
}

Value LoweringBuilder::lowest(Type type, bool isUnsigned) {
  if (auto floating = dyn_cast<FloatType>(type))
    return arith::ConstantOp::create(
        builder, loc,
        builder.getFloatAttr(type, APFloat::getInf(floating.getFloatSemantics(),
                                                   /*Negative=*/true)));
  unsigned width = type.getIntOrFloatBitWidth();
  return arith::ConstantOp::create(
      builder, loc,
      builder.getIntegerAttr(type, isUnsigned
                                       ? APInt::getMinValue(width)
                                       : APInt::getSignedMinValue(width)));
}

Value LoweringBuilder::highest(Type type, bool isUnsigned) {
  if (auto floating = dyn_cast<FloatType>(type))
    return arith::ConstantOp::create(
        builder, loc,
        builder.getFloatAttr(type,
                             APFloat::getInf(floating.getFloatSemantics())));
  unsigned width = type.getIntOrFloatBitWidth();
  return arith::ConstantOp::create(
      builder, loc,
      builder.getIntegerAttr(type, isUnsigned
                                       ? APInt::getMaxValue(width)
                                       : APInt::getSignedMaxValue(width)));
}

Value LoweringBuilder::empty(ArrayRef<Dim> shape, Type elementType) {
  SmallVector<Value> dynamic;
  for (Dim dim : shape)
    if (!dim.getConstant())
      dynamic.push_back(dim.getValue());
  return tensor::EmptyOp::create(builder, loc, getStaticSizes(shape),
                                 elementType, dynamic);
}

Value LoweringBuilder::filled(ArrayRef<Dim> shape, Value scalar) {
  Value output = empty(shape, scalar.getType());
  return linalg::FillOp::create(builder, loc, scalar, output).getResult(0);
}

Value LoweringBuilder::byIndex(ArrayRef<Dim> shape, Type elementType,
                               Body body) {
  Value output = empty(shape, elementType);
  unsigned rank = shape.size();
  SmallVector<AffineMap> maps{
      AffineMap::getMultiDimIdentityMap(rank, builder.getContext())};
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  auto emit = [&](OpBuilder &inner, Location at, ValueRange) {
    SmallVector<Value> indices;
    for (unsigned axis = 0; axis < rank; ++axis)
      indices.push_back(linalg::IndexOp::create(inner, at, axis));
    linalg::YieldOp::create(inner, at, body(inner, at, indices));
  };
  return linalg::GenericOp::create(builder, loc, output.getType(), ValueRange(),
                                   output, maps, iterators, emit)
      .getResult(0);
}

Value LoweringBuilder::generic(ValueRange inputs, Value output,
                               ArrayRef<AffineMap> maps, Body body) {
  SmallVector<utils::IteratorType> iterators(maps.back().getNumDims(),
                                             utils::IteratorType::reduction);
  for (AffineExpr expr : maps.back().getResults())
    if (auto dim = dyn_cast<AffineDimExpr>(expr))
      iterators[dim.getPosition()] = utils::IteratorType::parallel;
  auto emit = [&](OpBuilder &inner, Location at, ValueRange args) {
    linalg::YieldOp::create(inner, at, body(inner, at, args));
  };
  return linalg::GenericOp::create(builder, loc, output.getType(), inputs,
                                   output, maps, iterators, emit)
      .getResult(0);
}

Value LoweringBuilder::load(Value tensor, ValueRange indices) {
  return tensor::ExtractOp::create(builder, loc, tensor, indices);
}

Value LoweringBuilder::reshape(Value tensor, ArrayRef<Dim> shape) {
  auto type = cast<RankedTensorType>(tensor.getType());
  auto target =
      RankedTensorType::get(getStaticSizes(shape), type.getElementType());
  if (type == target)
    return tensor;
  SmallVector<Value> sizes;
  for (Dim dim : shape)
    sizes.push_back(index(dim));
  Type shapeType =
      RankedTensorType::get({int64_t(shape.size())}, builder.getIndexType());
  Value sizeTensor =
      tensor::FromElementsOp::create(builder, loc, shapeType, sizes);
  return tensor::ReshapeOp::create(builder, loc, target, tensor, sizeTensor);
}
