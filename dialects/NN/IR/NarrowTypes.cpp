//===----------------------------------------------------------------------===//
// Scalar code for elements of narrow types.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/NarrowTypes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "nnc/Interfaces/ElementTypes.h"
#include "llvm/ADT/APFloat.h"
#include <cmath>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

std::pair<int64_t, int64_t> nn::getIntegerRange(Type type) {
  unsigned width = type.getIntOrFloatBitWidth();
  if (type.isUnsignedInteger())
    return {0, (int64_t(1) << width) - 1};
  return {-(int64_t(1) << (width - 1)), (int64_t(1) << (width - 1)) - 1};
}

namespace {
/// Integer arithmetic on the bits of floats.
struct BitBuilder {
  ImplicitLocOpBuilder b;

  BitBuilder(OpBuilder &builder, Location loc) : b(loc, builder) {}

  Value number(Type type, double value) {
    return createScalar(b, b.getLoc(), type, value);
  }
  Value integer(Type type, uint64_t value) {
    unsigned width = type.getIntOrFloatBitWidth();
    return arith::ConstantOp::create(
        b, b.getIntegerAttr(type, APInt(64, value).trunc(width)));
  }
  Value add(Value x, Value y) { return arith::AddIOp::create(b, x, y); }
  Value sub(Value x, Value y) { return arith::SubIOp::create(b, x, y); }
  Value both(Value x, Value y) { return arith::AndIOp::create(b, x, y); }
  Value mask(Value x, uint64_t bits) {
    return both(x, integer(x.getType(), bits));
  }
  Value left(Value x, unsigned count) {
    return arith::ShLIOp::create(b, x, integer(x.getType(), count));
  }
  Value right(Value x, unsigned count) {
    return arith::ShRUIOp::create(b, x, integer(x.getType(), count));
  }
  Value is(arith::CmpIPredicate predicate, Value x, uint64_t value) {
    return arith::CmpIOp::create(b, predicate, x, integer(x.getType(), value));
  }
  Value select(Value condition, Value x, Value y) {
    return arith::SelectOp::create(b, condition, x, y);
  }
  Value bits(Value x) {
    Type type = b.getIntegerType(x.getType().getIntOrFloatBitWidth());
    return arith::BitcastOp::create(b, type, x);
  }
};

/// How a narrow float type with a sign is laid out.
struct BitLayout {
  unsigned mantissa;
  int bias;
  uint64_t signBit, largest;
  std::optional<uint64_t> infinity, nan;
  bool unsignedZero = false;
};
} // namespace

static BitLayout getLayout(Type type) {
  const llvm::fltSemantics &semantics =
      cast<FloatType>(type).getFloatSemantics();
  BitLayout layout;
  layout.mantissa = llvm::APFloat::semanticsPrecision(semantics) - 1;
  layout.bias = 1 - llvm::APFloat::semanticsMinExponent(semantics);
  layout.signBit = uint64_t(1) << (type.getIntOrFloatBitWidth() - 1);
  layout.largest =
      llvm::APFloat::getLargest(semantics).bitcastToAPInt().getZExtValue();
  layout.unsignedZero = isa<Float8E4M3FNUZType, Float8E5M2FNUZType>(type);
  if (isa<Float8E5M2Type>(type))
    layout.infinity = 0x7c;
  if (layout.unsignedZero)
    layout.nan = 0x80;
  else if (!isa<Float4E2M1FNType>(type))
    layout.nan = 0x7f;
  return layout;
}

//===----------------------------------------------------------------------===//
// Decoding
//===----------------------------------------------------------------------===//

/// f8E8M0FNU: the bits of an exponent.
static Value decodePower(BitBuilder &b, Value code) {
  Type f32 = b.b.getF32Type();
  Value power = arith::BitcastOp::create(b.b, f32, b.left(code, 23));
  Value lowest = b.number(f32, std::ldexp(1.0, -127));
  Value nan = b.number(f32, std::nan(""));
  power = b.select(b.is(arith::CmpIPredicate::eq, code, 0), lowest, power);
  return b.select(b.is(arith::CmpIPredicate::eq, code, 255), nan, power);
}

static Value decodeFloat(BitBuilder &b, Value code, Type type) {
  BitLayout layout = getLayout(type);
  Type f32 = b.b.getF32Type();
  Value magnitude = b.mask(code, layout.signBit - 1);
  Value exponent = b.integer(code.getType(), uint64_t(127 - layout.bias) << 23);
  Value normal = arith::BitcastOp::create(
      b.b, f32, b.add(b.left(magnitude, 23 - layout.mantissa), exponent));
  Value small = arith::MulFOp::create(
      b.b, arith::UIToFPOp::create(b.b, f32, magnitude),
      b.number(f32, std::ldexp(1.0, 1 - layout.bias - int(layout.mantissa))));
  Value isNormal = b.is(arith::CmpIPredicate::uge, magnitude,
                        uint64_t(1) << layout.mantissa);
  Value result = b.select(isNormal, normal, small);
  Value nan = b.number(f32, std::nan(""));
  if (layout.infinity || (layout.nan && !layout.unsignedZero))
    result =
        b.select(b.is(arith::CmpIPredicate::ugt, magnitude, layout.largest),
                 nan, result);
  if (layout.infinity)
    result = b.select(
        b.is(arith::CmpIPredicate::eq, magnitude, *layout.infinity),
        b.number(f32, std::numeric_limits<double>::infinity()), result);
  Value isNegative =
      b.is(arith::CmpIPredicate::ne, b.mask(code, layout.signBit), 0);
  result = b.select(isNegative, arith::NegFOp::create(b.b, result), result);
  if (!layout.unsignedZero)
    return result;
  return b.select(b.is(arith::CmpIPredicate::eq, code, *layout.nan), nan,
                  result);
}

Value nn::decodeScalar(OpBuilder &builder, Location loc, Value scalar,
                       Type type) {
  if (!isNarrow(type))
    return scalar;
  BitBuilder b(builder, loc);
  unsigned width = type.getIntOrFloatBitWidth();
  if (isa<IntegerType>(type)) {
    Value high = b.left(scalar, 8 - width);
    if (type.isUnsignedInteger())
      return b.right(high, 8 - width);
    return arith::ShRSIOp::create(b.b, high,
                                  b.integer(scalar.getType(), 8 - width));
  }
  Value code = arith::ExtUIOp::create(b.b, b.b.getI32Type(), scalar);
  if (isa<Float8E8M0FNUType>(type))
    return decodePower(b, code);
  return decodeFloat(b, b.mask(code, (1u << width) - 1), type);
}

//===----------------------------------------------------------------------===//
// Encoding
//===----------------------------------------------------------------------===//

/// Of an f64, so that all results are normal numbers.
static Value encodePower(BitBuilder &b, Value x, bool saturate,
                         PowerRounding rounding) {
  if (x.getType().isF32())
    x = arith::ExtFOp::create(b.b, b.b.getF64Type(), x);
  Value magnitude = b.mask(b.bits(x), ~uint64_t(0) >> 1);
  uint64_t fraction = (uint64_t(1) << 52) - 1;
  // What carries into the exponent.
  uint64_t carry = rounding == PowerRounding::Up        ? fraction
                   : rounding == PowerRounding::Nearest ? (fraction + 1) / 2
                                                        : 0;
  Value moved =
      b.right(b.add(magnitude, b.integer(magnitude.getType(), carry)), 52);
  Value code = b.sub(moved, b.integer(moved.getType(), 1023 - 127));
  Value zero = b.integer(code.getType(), 0);
  code = b.select(b.is(arith::CmpIPredicate::slt, code, 0), zero, code);
  code = b.select(b.is(arith::CmpIPredicate::sgt, code, 0xfe),
                  b.integer(code.getType(), saturate ? 0xfe : 0xff), code);
  Value isSpecial =
      b.is(arith::CmpIPredicate::uge, magnitude, uint64_t(0x7ff) << 52);
  code = b.select(isSpecial, b.integer(code.getType(), 0xff), code);
  return arith::TruncIOp::create(b.b, b.b.getI8Type(), code);
}

/// Of an f32 or f64. Above the type's lowest exponent, the mantissa's bits that
/// do not fit are rounded off the number's own; below, an addition rounds.
static Value encodeFloat(BitBuilder &b, Value x, Type type, bool saturate) {
  BitLayout layout = getLayout(type);
  Type real = x.getType();
  bool isDouble = real.isF64();
  unsigned width = isDouble ? 64 : 32, fraction = isDouble ? 52 : 23;
  uint64_t bias = isDouble ? 1023 : 127;
  Value bits = b.bits(x);
  Type integer = bits.getType();
  Value magnitude = b.mask(bits, ~uint64_t(0) >> (65 - width));

  unsigned lost = fraction - layout.mantissa;
  Value odd = b.mask(b.right(magnitude, lost), 1);
  Value rounded = b.add(
      b.add(magnitude, b.integer(integer, (uint64_t(1) << (lost - 1)) - 1)),
      odd);
  Value normal =
      b.sub(b.right(rounded, lost),
            b.integer(integer, (bias - layout.bias) << layout.mantissa));

  // One unit in the last place of this is that of the smallest numbers.
  double anchor =
      std::ldexp(1.0, 1 - layout.bias - int(layout.mantissa) + int(fraction));
  Value shifted =
      arith::AddFOp::create(b.b, arith::BitcastOp::create(b.b, real, magnitude),
                            b.number(real, anchor));
  Value small = b.sub(b.bits(shifted), b.bits(b.number(real, anchor)));

  uint64_t lowestNormal = (bias + 1 - layout.bias) << fraction;
  Value isSmall = b.is(arith::CmpIPredicate::ult, magnitude, lowestNormal);
  Value code = b.select(isSmall, small, normal);
  uint64_t beyond =
      saturate ? layout.largest
               : layout.infinity.value_or(layout.nan.value_or(layout.largest));
  // Codes count on beyond the largest, up to the one of infinity.
  code = b.select(b.is(arith::CmpIPredicate::ugt, code, layout.largest),
                  b.integer(integer, beyond), code);
  Value sign = b.right(bits, width - 1);
  sign = b.left(sign, llvm::Log2_64(layout.signBit));
  if (layout.unsignedZero) {
    Value isPlain = b.is(arith::CmpIPredicate::eq, code, 0);
    sign = b.select(isPlain, b.integer(integer, 0), sign);
  }
  Value isNan = arith::CmpFOp::create(b.b, arith::CmpFPredicate::UNO, x, x);
  Value signedCode = arith::OrIOp::create(b.b, code, sign);
  signedCode =
      b.select(isNan, b.integer(integer, layout.nan.value_or(layout.largest)),
               signedCode);
  return arith::TruncIOp::create(b.b, b.b.getI8Type(), signedCode);
}

Value nn::encodeScalar(OpBuilder &builder, Location loc, Value number,
                       Type type, bool saturate, PowerRounding rounding) {
  BitBuilder b(builder, loc);
  if (isa<Float8E8M0FNUType>(type))
    return encodePower(b, number, saturate, rounding);
  if (isa<FloatType>(type))
    return encodeFloat(b, number, type, saturate);
  if (number.getType().getIntOrFloatBitWidth() > 8)
    number = arith::TruncIOp::create(b.b, b.b.getI8Type(), number);
  else if (number.getType().isInteger(1))
    number = arith::ExtUIOp::create(b.b, b.b.getI8Type(), number);
  return b.mask(number, (1u << type.getIntOrFloatBitWidth()) - 1);
}

//===----------------------------------------------------------------------===//
// Conversion
//===----------------------------------------------------------------------===//

/// A float number to a narrow integer: truncated and saturated.
static Value convertToNarrowInteger(OpBuilder &builder, Location loc,
                                    Value number, Type to) {
  Type i32 = builder.getI32Type();
  number = convertScalar(builder, loc, number, false, i32, false);
  auto [low, high] = getIntegerRange(to);
  number = arith::MaxSIOp::create(builder, loc, number,
                                  createScalar(builder, loc, i32, low));
  return arith::MinSIOp::create(builder, loc, number,
                                createScalar(builder, loc, i32, high));
}

Value nn::convertElement(OpBuilder &builder, Location loc, Value scalar,
                         Type from, Type to, bool saturate,
                         PowerRounding rounding) {
  if (from == to)
    return scalar;
  Value number = decodeScalar(builder, loc, scalar, from);
  bool isUnsigned = from.isUnsignedInteger() || from.isInteger(1);
  if (!isNarrow(to))
    return convertScalar(builder, loc, number, isUnsigned, getStorageType(to),
                         to.isUnsignedInteger());
  bool isReal = isa<FloatType>(number.getType());
  if (isa<IntegerType>(to)) {
    if (isReal)
      number = convertToNarrowInteger(builder, loc, number, to);
  } else {
    Type wide = number.getType().isF64() || !isReal
                    ? builder.getF64Type()
                    : Type(builder.getF32Type());
    if (number.getType() != wide)
      number = convertScalar(builder, loc, number, isUnsigned, wide, false);
  }
  return encodeScalar(builder, loc, number, to, saturate, rounding);
}
