//===----------------------------------------------------------------------===//
// Scalar code inside of lowerings.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ScalarBuilder.h"

#include <cmath>

using namespace mlir;
using namespace mlir::nnc;

Type mlir::nnc::getFloatComputeType(Type elementType) {
  // Truncated integer results show the last bit of f32.
  bool isWide = elementType.isF64() || isa<IntegerType>(elementType);
  return isWide ? Type(Float64Type::get(elementType.getContext()))
                : Type(Float32Type::get(elementType.getContext()));
}

Value ScalarBuilder::index(int64_t number) {
  return arith::ConstantIndexOp::create(builder, loc, number);
}

Value ScalarBuilder::number(Type type, double value) {
  if (isa<FloatType>(type))
    return arith::ConstantOp::create(builder, loc,
                                     builder.getFloatAttr(type, value));
  return arith::ConstantOp::create(
      builder, loc, builder.getIntegerAttr(type, int64_t(value)));
}

//===----------------------------------------------------------------------===//
// Arithmetic and comparisons
//===----------------------------------------------------------------------===//

/// The op for floats or the op for integers and index.
template <typename FloatOp, typename IntOp>
static Value byType(ScalarBuilder &s, Value a, Value b) {
  if (isa<FloatType>(a.getType()))
    return s.builder.createOrFold<FloatOp>(s.loc, a, b);
  return s.builder.createOrFold<IntOp>(s.loc, a, b);
}

static Value compare(ScalarBuilder &s, Value a, Value b,
                     arith::CmpFPredicate onFloat, arith::CmpIPredicate onInt) {
  if (isa<FloatType>(a.getType()))
    return s.builder.createOrFold<arith::CmpFOp>(s.loc, onFloat, a, b);
  return s.builder.createOrFold<arith::CmpIOp>(s.loc, onInt, a, b);
}

Value ScalarBuilder::add(Value a, Value b) {
  return byType<arith::AddFOp, arith::AddIOp>(*this, a, b);
}
Value ScalarBuilder::sub(Value a, Value b) {
  return byType<arith::SubFOp, arith::SubIOp>(*this, a, b);
}
Value ScalarBuilder::mul(Value a, Value b) {
  return byType<arith::MulFOp, arith::MulIOp>(*this, a, b);
}
Value ScalarBuilder::div(Value a, Value b) {
  return builder.createOrFold<arith::DivFOp>(loc, a, b);
}
Value ScalarBuilder::minimum(Value a, Value b) {
  return byType<arith::MinNumFOp, arith::MinSIOp>(*this, a, b);
}
Value ScalarBuilder::maximum(Value a, Value b) {
  return byType<arith::MaxNumFOp, arith::MaxSIOp>(*this, a, b);
}

Value ScalarBuilder::less(Value a, Value b) {
  return compare(*this, a, b, arith::CmpFPredicate::OLT,
                 arith::CmpIPredicate::slt);
}
Value ScalarBuilder::lessEqual(Value a, Value b) {
  return compare(*this, a, b, arith::CmpFPredicate::OLE,
                 arith::CmpIPredicate::sle);
}
Value ScalarBuilder::equal(Value a, Value b) {
  return compare(*this, a, b, arith::CmpFPredicate::OEQ,
                 arith::CmpIPredicate::eq);
}
Value ScalarBuilder::notEqual(Value a, Value b) {
  return compare(*this, a, b, arith::CmpFPredicate::UNE,
                 arith::CmpIPredicate::ne);
}
Value ScalarBuilder::both(Value a, Value b) {
  return builder.createOrFold<arith::AndIOp>(loc, a, b);
}
Value ScalarBuilder::either(Value a, Value b) {
  return builder.createOrFold<arith::OrIOp>(loc, a, b);
}
Value ScalarBuilder::negate(Value condition) {
  return builder.createOrFold<arith::XOrIOp>(loc, condition,
                                             numberLike(condition, 1));
}
Value ScalarBuilder::select(Value condition, Value a, Value b) {
  return builder.createOrFold<arith::SelectOp>(loc, condition, a, b);
}

Value ScalarBuilder::isBelow(Value a, Value b, bool isUnsigned) {
  if (!isa<FloatType>(a.getType()))
    return builder.createOrFold<arith::CmpIOp>(
        loc,
        isUnsigned || a.getType().isInteger(1) ? arith::CmpIPredicate::ult
                                               : arith::CmpIPredicate::slt,
        a, b);
  Value isNumber =
      arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::ORD, a, a);
  Value isNan =
      arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::UNO, b, b);
  return either(less(a, b), both(isNumber, isNan));
}

Value ScalarBuilder::isSame(Value a, Value b) {
  if (!isa<FloatType>(a.getType()))
    return equal(a, b);
  return either(equal(a, b), both(notEqual(a, a), notEqual(b, b)));
}

//===----------------------------------------------------------------------===//
// Conversion
//===----------------------------------------------------------------------===//

/// The least and greatest numbers of an integer type that are also floats of
/// `type`, wide enough for f64.
static std::pair<double, double> rangeOf(unsigned width, bool isUnsigned) {
  double above = std::ldexp(1.0, int(width) - !isUnsigned);
  double greatest =
      width >= 64 ? above - std::ldexp(1.0, int(width) - 53) : above - 1;
  return {isUnsigned ? 0.0 : -above, greatest};
}

static Value floatToInt(ScalarBuilder &s, Value value, Type type,
                        bool isUnsigned) {
  unsigned width = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  Type wide = Float64Type::get(value.getContext());
  // f32 does not hold the bounds of 32-bit integers.
  if (value.getType() != wide)
    value = arith::ExtFOp::create(s.builder, s.loc, wide, value);
  auto [low, high] = rangeOf(width, isUnsigned);
  // Not a number becomes the low bound by clamping, so it is replaced before.
  Value isNan = s.notEqual(value, value);
  value = s.select(isNan, s.number(wide, 0), value);
  value = s.clamp(value, s.number(wide, low), s.number(wide, high));
  Type integer = IntegerType::get(value.getContext(), width);
  value = isUnsigned ? arith::FPToUIOp::create(s.builder, s.loc, integer, value)
                           .getResult()
                     : arith::FPToSIOp::create(s.builder, s.loc, integer, value)
                           .getResult();
  return type.isIndex()
             ? arith::IndexCastOp::create(s.builder, s.loc, type, value)
             : value;
}

static Value convertFloat(ScalarBuilder &s, Value value, Type type) {
  unsigned from = value.getType().getIntOrFloatBitWidth();
  unsigned to = type.getIntOrFloatBitWidth();
  if (from < to)
    return arith::ExtFOp::create(s.builder, s.loc, type, value);
  if (from > to)
    return arith::TruncFOp::create(s.builder, s.loc, type, value);
  // Between f16 and bf16 by way of f32.
  Value wide =
      arith::ExtFOp::create(s.builder, s.loc, s.builder.getF32Type(), value);
  return arith::TruncFOp::create(s.builder, s.loc, type, wide);
}

Value ScalarBuilder::convert(Value value, Type type, bool isUnsigned) {
  Type from = value.getType();
  if (from == type)
    return value;
  if (isa<FloatType>(from))
    return isa<FloatType>(type) ? convertFloat(*this, value, type)
                                : floatToInt(*this, value, type, isUnsigned);
  isUnsigned |= from.isInteger(1);
  if (isa<FloatType>(type)) {
    if (from.isIndex())
      value =
          arith::IndexCastOp::create(builder, loc, builder.getI64Type(), value);
    return isUnsigned
               ? arith::UIToFPOp::create(builder, loc, type, value).getResult()
               : arith::SIToFPOp::create(builder, loc, type, value).getResult();
  }
  if (from.isIndex() || type.isIndex())
    return isUnsigned
               ? builder.createOrFold<arith::IndexCastUIOp>(loc, type, value)
               : builder.createOrFold<arith::IndexCastOp>(loc, type, value);
  if (from.getIntOrFloatBitWidth() > type.getIntOrFloatBitWidth())
    return arith::TruncIOp::create(builder, loc, type, value);
  return isUnsigned
             ? arith::ExtUIOp::create(builder, loc, type, value).getResult()
             : arith::ExtSIOp::create(builder, loc, type, value).getResult();
}

//===----------------------------------------------------------------------===//
// Control
//===----------------------------------------------------------------------===//

SmallVector<Value> ScalarBuilder::loop(Value begin, Value end, ValueRange state,
                                       LoopBody body) {
  auto op = scf::ForOp::create(
      builder, loc, begin, end, index(1), state,
      [&](OpBuilder &, Location, Value iv, ValueRange current) {
        scf::YieldOp::create(builder, loc, body(iv, current));
      });
  return llvm::to_vector_of<Value>(op.getResults());
}

SmallVector<Value> ScalarBuilder::loops(
    ValueRange shape, ValueRange state,
    function_ref<SmallVector<Value>(ValueRange, ValueRange)> body) {
  SmallVector<Value> position;
  std::function<SmallVector<Value>(ValueRange)> next =
      [&](ValueRange current) -> SmallVector<Value> {
    if (position.size() == shape.size())
      return body(position, current);
    return loop(index(0), shape[position.size()], current,
                [&](Value iv, ValueRange inner) {
                  position.push_back(iv);
                  SmallVector<Value> results = next(inner);
                  position.pop_back();
                  return results;
                });
  };
  return next(state);
}

SmallVector<Value>
ScalarBuilder::onlyIf(Value condition, ValueRange otherwise,
                      function_ref<SmallVector<Value>()> then) {
  auto op = scf::IfOp::create(
      builder, loc, condition,
      [&](OpBuilder &, Location) {
        scf::YieldOp::create(builder, loc, then());
      },
      [&](OpBuilder &, Location) {
        scf::YieldOp::create(builder, loc, otherwise);
      });
  return llvm::to_vector_of<Value>(op.getResults());
}

Value ScalarBuilder::only(Value tensor) {
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
  SmallVector<Value> zeros;
  for (int64_t i = 0; i < rank; ++i)
    zeros.push_back(index(0));
  return load(tensor, zeros);
}
