//===----------------------------------------------------------------------===//
// Circular functions by way of f64.
//
// The coefficients are minimax fits by Remez's algorithm.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "MathFunctions.h"

using namespace mlir;
using namespace mlir::nnc;

static constexpr double halfPi = 1.57079632679489661923;
static constexpr uint64_t signBit64 = uint64_t(1) << 63;

//===----------------------------------------------------------------------===//
// Reduction by quarter turns
//===----------------------------------------------------------------------===//

/// 2 / pi in parts of 29 bits, whose products with the 24 bits of an f32 are
/// exact in f64. The parts reach down to 2^-203, which is 2^-75 of a quarter
/// turn for the largest f32; no f32 is nearer to a multiple of pi / 2 than
/// 2^-31 (M. Payne, R. Hanek, "Radian Reduction for Trigonometric Functions",
/// 1983, has the idea of dropping the parts that count whole turns).
static constexpr double twoOverPi[] = {
    0x145f306dp-29,  0x19391054p-58, 0x14fe13abp-87, 0x1d1f534dp-116,
    0x1b81b6c5p-145, 0x5664f10p-174, 0x1c820ff2p-203};

namespace {
/// An angle as quarter turns from the nearest multiple of a quarter turn.
struct QuarterTurns {
  /// The multiple, in the low bits.
  MathTerm count;
  /// At most 1/2.
  MathTerm rest;
};
} // namespace

/// Of |x|, an f64 that was an f32.
static QuarterTurns reduce(MathTerm x) {
  constexpr double roundingShift = 6755399441055744; // 1.5 * 2^52
  SmallVector<MathTerm> parts;
  for (double part : twoOverPi) {
    MathTerm product = x * part;
    parts.push_back(product - (product * 0.25).roundEven() * 4);
  }
  auto addTail = [&](MathTerm head) {
    Value sum = head.value;
    for (MathTerm part : ArrayRef(parts).drop_front())
      sum = arith::AddFOp::create(x.b.ops, sum, part.value);
    return MathTerm{x.b, sum};
  };
  MathTerm shifted = addTail(parts[0]) + roundingShift;
  // Without the multiple the first sums are exact where they cancel.
  MathTerm rest = addTail(parts[0] - (shifted - roundingShift));
  return {shifted.asBits(), rest};
}

/// sin(pi/2 r) / r and cos(pi/2 r) as polynomials in r^2 for |r| <= 1/2,
/// relative errors 2^-37.1 and 2^-34.3.
static constexpr double sinCoefficients[] = {
    1.57079632678811301, -0.645964096148461242, 0.0796925827587248533,
    -0.00468126646711238718, 0.000158206721511074134};
static constexpr double cosCoefficients[] = {
    0.999999999952598139, -1.23370054064699753, 0.253669203930240357,
    -0.020860071251103347, 0.000903631548267874328};

namespace {
struct SinCos {
  MathTerm sin, cos;
};
} // namespace

static SinCos sinCosOfRest(MathTerm r) {
  MathTerm z = r * r;
  return {z.polynomial(sinCoefficients) * r, z.polynomial(cosCoefficients)};
}

/// The sine of the angle, negated where the sign bit of `sign` is set.
static MathTerm sinOf(QuarterTurns turns, MathTerm count, MathTerm sign) {
  SinCos parts = sinCosOfRest(turns.rest);
  MathTerm value = (count & 1).isZero().select(parts.sin, parts.cos);
  // Two quarter turns are the other sign.
  MathTerm flip = (count.shiftLeft(62) ^ sign) & signBit64;
  return (value.asBits() ^ flip).asFloat().toF32();
}

MathTerm mlir::nnc::expandSin(MathTerm x) {
  MathTerm wide = x.toF64();
  QuarterTurns turns = reduce(wide.abs());
  return sinOf(turns, turns.count, wide.asBits());
}

MathTerm mlir::nnc::expandCos(MathTerm x) {
  QuarterTurns turns = reduce(x.abs().toF64());
  return sinOf(turns, turns.count.add(1), turns.count.bits(0));
}

MathTerm mlir::nnc::expandTan(MathTerm x) {
  MathTerm wide = x.toF64();
  QuarterTurns turns = reduce(wide.abs());
  SinCos parts = sinCosOfRest(turns.rest);
  MathTerm isEven = (turns.count & 1).isZero();
  MathTerm above = isEven.select(parts.sin, -parts.cos);
  MathTerm below = isEven.select(parts.cos, parts.sin);
  MathTerm sign = wide.asBits() & signBit64;
  return ((above / below).asBits() ^ sign).asFloat().toF32();
}

//===----------------------------------------------------------------------===//
// Inverse functions
//===----------------------------------------------------------------------===//

/// (atan(t) / t - 1) / t^2 as a polynomial in t^2 for |t| <= 1; the relative
/// error of atan is 2^-34.
static constexpr double atanCoefficients[] = {
    -0.333333322895687175,  0.199999343250528028,    -0.142842818717683842,
    0.110954346000545207,   -0.08989812756255723,    0.0727219955330607134,
    -0.0547546260994247097, 0.0347622841528107469,   -0.0165127451956209176,
    0.0050160915412088097,  -0.000714256666695942949};

/// (asin(s) / s - 1) / s^2 as a polynomial in s^2 for |s| <= 1/2; the relative
/// error of asin is 2^-39.8.
static constexpr double asinCoefficients[] = {
    0.166666666305557985,   0.0750000473394055669, 0.0446407780991486383,
    0.0304255305474756136,  0.0218734682264594603, 0.0206123358581268418,
    0.00205795359436142423, 0.0328367528317169019};

MathTerm mlir::nnc::expandAtan(MathTerm x) {
  MathTerm magnitude = x.abs().toF64();
  MathTerm one = magnitude.number(1);
  MathTerm isLarge = magnitude > 1;
  MathTerm t = isLarge.select(one, magnitude) / isLarge.select(magnitude, one);
  MathTerm z = t * t;
  MathTerm angle = (z.polynomial(atanCoefficients) * z).mulAdd(t, t);
  MathTerm complement = angle.number(halfPi) - angle;
  return isLarge.select(complement, angle).toF32().withSignOf(x);
}

namespace {
/// asin(|x|) is `angle`, or pi/2 - 2 * `angle` where |x| is large.
struct HalfAngle {
  MathTerm isLarge, angle;
};
} // namespace

/// Of an f64 that is not negative; beyond 1 the angle is not a number.
static HalfAngle halfAsin(MathTerm magnitude) {
  MathTerm isLarge = magnitude > 0.5;
  MathTerm half = (magnitude.number(1) - magnitude) * 0.5;
  MathTerm z = isLarge.select(half, magnitude * magnitude);
  MathTerm s = isLarge.select(half.sqrt(), magnitude);
  return {isLarge, (z.polynomial(asinCoefficients) * z).mulAdd(s, s)};
}

MathTerm mlir::nnc::expandAsin(MathTerm x) {
  HalfAngle half = halfAsin(x.abs().toF64());
  MathTerm large = half.angle.mulAdd(-2, half.angle.number(halfPi));
  return half.isLarge.select(large, half.angle).toF32().withSignOf(x);
}

MathTerm mlir::nnc::expandAcos(MathTerm x) {
  MathTerm wide = x.toF64();
  HalfAngle half = halfAsin(wide.abs());
  MathTerm twice = half.angle + half.angle;
  MathTerm large = (wide < 0).select(twice.number(2 * halfPi) - twice, twice);
  MathTerm small = twice.number(halfPi) - half.angle.withSignOf(wide);
  return half.isLarge.select(large, small).toF32();
}
