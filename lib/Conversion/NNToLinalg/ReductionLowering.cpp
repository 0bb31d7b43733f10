//===----------------------------------------------------------------------===//
// What the lowerings of reductions and normalizations share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ReductionLowering.h"

#include <cmath>

using namespace mlir;
using namespace mlir::nnc;

//===----------------------------------------------------------------------===//
// Grouping
//===----------------------------------------------------------------------===//

Grouping::Grouping(LoweringBuilder &b, Value tensor, ArrayRef<int64_t> axes)
    : context(b.builder.getContext()), shape(b.shape(tensor)),
      reduced(shape.size()), size(1) {
  for (int64_t axis : axes) {
    reduced.set(axis);
    size = b.dims.mul(size, shape[axis]);
  }
}

AffineMap Grouping::elementMap() const {
  return AffineMap::getMultiDimIdentityMap(shape.size(), context);
}

AffineMap Grouping::groupMap(bool keepDims) const {
  SmallVector<AffineExpr> exprs;
  for (unsigned axis = 0; axis < shape.size(); ++axis) {
    if (!reduced.test(axis))
      exprs.push_back(getAffineDimExpr(axis, context));
    else if (keepDims)
      exprs.push_back(getAffineConstantExpr(0, context));
  }
  return AffineMap::get(shape.size(), 0, exprs, context);
}

AffineMap Grouping::identityOfGroups() const {
  return AffineMap::getMultiDimIdentityMap(shape.size() - reduced.count(),
                                           context);
}

SmallVector<Dim> Grouping::groupShape(bool keepDims) const {
  SmallVector<Dim> dims;
  for (unsigned axis = 0; axis < shape.size(); ++axis) {
    if (!reduced.test(axis))
      dims.push_back(shape[axis]);
    else if (keepDims)
      dims.push_back(Dim(1));
  }
  return dims;
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

Type mlir::nnc::getComputeType(Type type) {
  return type.isF16() || type.isBF16() ? Float32Type::get(type.getContext())
                                       : type;
}

/// Truncates, saturates, and gives 0 for NaN.
static Value convertToInt(OpBuilder &builder, Location loc, Value x,
                          IntegerType type, bool isUnsigned) {
  LoweringBuilder b(builder, loc);
  unsigned width = type.getWidth();
  double end = std::ldexp(1.0, isUnsigned ? width : width - 1);
  auto compare = [&](arith::CmpFPredicate predicate, Value y) -> Value {
    return arith::CmpFOp::create(builder, loc, predicate, x, y);
  };
  Value tooHigh =
      compare(arith::CmpFPredicate::OGE, b.constant(x.getType(), end));
  // Unordered: NaN is outside too.
  Value tooLow = compare(arith::CmpFPredicate::ULT,
                         b.constant(x.getType(), isUnsigned ? 0 : -end));
  Value isNaN = compare(arith::CmpFPredicate::UNO, x);
  Value outside = arith::OrIOp::create(builder, loc, tooHigh, tooLow);
  Value inside = arith::SelectOp::create(builder, loc, outside,
                                         b.constant(x.getType(), 0), x);
  Value number =
      isUnsigned ? Value(arith::FPToUIOp::create(builder, loc, type, inside))
                 : Value(arith::FPToSIOp::create(builder, loc, type, inside));
  number = arith::SelectOp::create(builder, loc, tooHigh,
                                   b.highest(type, isUnsigned), number);
  Value low = arith::SelectOp::create(
      builder, loc, isNaN, b.constantInt(type, 0), b.lowest(type, isUnsigned));
  return arith::SelectOp::create(builder, loc, tooLow, low, number);
}

Value mlir::nnc::convertNumber(OpBuilder &builder, Location loc, Value x,
                               Type type, bool isUnsigned) {
  Type from = x.getType();
  if (from == type)
    return x;
  auto toInt = dyn_cast<IntegerType>(type);
  if (isa<FloatType>(from) && toInt)
    return convertToInt(builder, loc, x, toInt, isUnsigned);
  bool widens = from.getIntOrFloatBitWidth() < type.getIntOrFloatBitWidth();
  if (isa<FloatType>(from))
    return widens ? Value(arith::ExtFOp::create(builder, loc, type, x))
                  : Value(arith::TruncFOp::create(builder, loc, type, x));
  if (!toInt)
    return isUnsigned ? Value(arith::UIToFPOp::create(builder, loc, type, x))
                      : Value(arith::SIToFPOp::create(builder, loc, type, x));
  if (!widens)
    return arith::TruncIOp::create(builder, loc, type, x);
  return isUnsigned ? Value(arith::ExtUIOp::create(builder, loc, type, x))
                    : Value(arith::ExtSIOp::create(builder, loc, type, x));
}

Value mlir::nnc::convertIndex(OpBuilder &builder, Location loc, Value index,
                              Type type) {
  Value number =
      arith::IndexCastOp::create(builder, loc, builder.getI64Type(), index);
  return convertNumber(builder, loc, number, type);
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

Value mlir::nnc::reduceGroups(LoweringBuilder &b, Value input,
                              const Grouping &groups, Value init,
                              LoweringBuilder::Body body) {
  Value output = b.filled(groups.groupShape(), init);
  return b.generic(input, output, {groups.elementMap(), groups.groupMap()},
                   [&](OpBuilder &inner, Location loc, ValueRange args) {
                     Value x =
                         convertNumber(inner, loc, args[0], init.getType());
                     return body(inner, loc, {x, args[1]});
                   });
}

Value mlir::nnc::updateInPlace(LoweringBuilder &b, Value tensor,
                               LoweringBuilder::Body body) {
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
  AffineMap map =
      AffineMap::getMultiDimIdentityMap(rank, b.builder.getContext());
  return b.generic({}, tensor, map, body);
}

/// True (i1) if `x` is to be chosen although `best` was seen before it.
static Value createIsBetter(OpBuilder &builder, Location loc, Value x,
                            Value best, const ArgReduction &reduction) {
  if (isa<IntegerType>(x.getType())) {
    using P = arith::CmpIPredicate;
    P greater = reduction.isUnsigned ? (reduction.selectLast ? P::uge : P::ugt)
                                     : (reduction.selectLast ? P::sge : P::sgt);
    if (!reduction.isMax)
      std::swap(x, best);
    return arith::CmpIOp::create(builder, loc, greater, x, best);
  }
  using P = arith::CmpFPredicate;
  Value xIsNaN = arith::CmpFOp::create(builder, loc, P::UNO, x, x);
  Value byNaN = xIsNaN;
  if (!reduction.selectLast) {
    Value bestIsNumber =
        arith::CmpFOp::create(builder, loc, P::ORD, best, best);
    byNaN = arith::AndIOp::create(builder, loc, xIsNaN, bestIsNumber);
  }
  if (!reduction.isMax)
    std::swap(x, best);
  Value greater = arith::CmpFOp::create(
      builder, loc, reduction.selectLast ? P::OGE : P::OGT, x, best);
  return arith::OrIOp::create(builder, loc, greater, byNaN);
}

Value mlir::nnc::lowerArgReduction(LoweringBuilder &b, Value input,
                                   const Grouping &groups,
                                   const ArgReduction &reduction) {
  Type type = cast<RankedTensorType>(input.getType()).getElementType();
  Type i64 = b.builder.getI64Type();
  Value worst = reduction.isMax ? b.lowest(type, reduction.isUnsigned)
                                : b.highest(type, reduction.isUnsigned);
  SmallVector<Dim> shape = groups.groupShape(reduction.keepDims);
  Value bests = b.filled(shape, worst);
  Value positions = b.filled(shape, b.constantInt(i64, 0));
  AffineMap groupMap = groups.groupMap(reduction.keepDims);
  SmallVector<utils::IteratorType> iterators(groupMap.getNumDims(),
                                             utils::IteratorType::parallel);
  iterators[reduction.axis] = utils::IteratorType::reduction;
  auto emit = [&](OpBuilder &inner, Location loc, ValueRange args) {
    Value better = createIsBetter(inner, loc, args[0], args[1], reduction);
    Value at = linalg::IndexOp::create(inner, loc, reduction.axis);
    Value position = arith::IndexCastOp::create(inner, loc, i64, at);
    Value best = arith::SelectOp::create(inner, loc, better, args[0], args[1]);
    Value chosen =
        arith::SelectOp::create(inner, loc, better, position, args[2]);
    linalg::YieldOp::create(inner, loc, ValueRange{best, chosen});
  };
  return linalg::GenericOp::create(
             b.builder, b.loc, TypeRange{bests.getType(), positions.getType()},
             input, ValueRange{bests, positions},
             ArrayRef<AffineMap>{groups.elementMap(), groupMap, groupMap},
             iterators, emit)
      .getResult(1);
}
