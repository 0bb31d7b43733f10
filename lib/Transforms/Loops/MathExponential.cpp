//===----------------------------------------------------------------------===//
// exp, exp2, expm1, tanh and erf in f32.
//
// All split x / ln 2 into a whole number n and a rest of at most a half, take
// 2^n by the bits of a float and the rest by a polynomial. Adding 1.5 * 2^23
// rounds to whole numbers, and leaves them in the low bits of the sum.
//
// The coefficients are minimax fits by Remez's algorithm (W. Cody, W. Waite,
// "Software Manual for the Elementary Functions", 1980, for the reductions).
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "MathFunctions.h"

using namespace mlir;
using namespace mlir::nnc;

static constexpr double log2OfE = 1.44269504088896340736;
/// ln 2 in two parts; the first has 8 zeros at the end, so that its products
/// with whole numbers up to 255 are exact.
static constexpr double ln2High = 0.693145751953125;
static constexpr double ln2Low = 1.42860682030941723212e-6;
static constexpr double roundingShift = 12582912; // 1.5 * 2^23

/// (e^r - 1 - r) / r^2 for |r| <= ln(2) / 2, relative to e^r: 2^-28.3.
static constexpr double expTail[] = {0.4999999343, 0.166665204, 0.04166839073,
                                     0.008368745387, 0.001381454415};
/// The same, relative to e^r - 1: 2^-26.2.
static constexpr double expM1Tail[] = {
    0.5000000063, 0.1666654283, 0.04166628114, 0.008366609462, 0.001394645491};
/// (2^r - 1) / r for |r| <= 1/2, relative: 2^-26.5.
static constexpr double exp2M1Quotient[] = {0.693147188,    0.2402264979,
                                            0.05550357311,  0.009618237387,
                                            0.001339078743, 0.0001540359934};

/// p * 2^n for n from -252 to 252, rounded once. The low bits of `shifted` hold
/// n + 254, which becomes the biased exponents of two factors where there is no
/// instruction for it.
static MathTerm scale(MathTerm p, MathTerm n, MathTerm shifted) {
  if (std::optional<MathTerm> scaled = p.scaledBy(n))
    return *scaled;
  MathTerm bits = shifted.asBits();
  MathTerm first = bits.shiftLeft(22) & 0xff800000;
  MathTerm second = bits.shiftLeft(23).sub(first);
  return p * first.asFloat() * second.asFloat();
}

/// 2^n; the low bits of `shifted` hold n + 127, from 1 to 254.
static MathTerm powerOfTwo(MathTerm shifted) {
  return shifted.asBits().shiftLeft(23).asFloat();
}

/// x - n * ln(2).
static MathTerm subtractLn2(MathTerm x, MathTerm n) {
  return n.mulAdd(-ln2Low, n.mulAdd(-ln2High, x));
}

/// e^r - 1.
static MathTerm smallExpM1(MathTerm r) {
  return (r.polynomial(expM1Tail) * r).mulAdd(r, r);
}

MathTerm mlir::nnc::expandExp(MathTerm x) {
  // Beyond, the result is 0 or infinity.
  MathTerm clamped = x.atLeast(-104).atMost(89);
  double shift = roundingShift + 254;
  MathTerm shifted = clamped.mulAdd(log2OfE, shift);
  MathTerm n = shifted - shift;
  MathTerm r = subtractLn2(clamped, n);
  MathTerm p = r.polynomial(expTail).mulAdd(r, 1).mulAdd(r, 1);
  return scale(p, n, shifted);
}

MathTerm mlir::nnc::expandExp2(MathTerm x) {
  MathTerm clamped = x.atLeast(-151).atMost(129);
  double shift = roundingShift + 254;
  MathTerm shifted = clamped + shift;
  MathTerm n = shifted - shift;
  MathTerm r = clamped - n;
  return scale(r.polynomial(exp2M1Quotient).mulAdd(r, 1), n, shifted);
}

MathTerm mlir::nnc::expandExpM1(MathTerm x) {
  // Half of the result, since 2^128 is no number of f32.
  MathTerm clamped = x.atLeast(-20).atMost(89);
  double shift = roundingShift + 126;
  MathTerm shifted = clamped.mulAdd(log2OfE, shift);
  MathTerm q = smallExpM1(subtractLn2(clamped, shifted - shift));
  MathTerm half = powerOfTwo(shifted);
  MathTerm result = half.mulAdd(q, half - 0.5);
  // Keeps the sign of zero and the last bit of subnormal numbers.
  return (x.abs() < 0x1p-24).select(x, result + result);
}

MathTerm mlir::nnc::expandTanh(MathTerm x) {
  // expm1(2 x) / (expm1(2 x) + 2), never above 1.
  MathTerm clamped = x.abs().atMost(10);
  double shift = roundingShift + 127;
  MathTerm shifted = clamped.mulAdd(2 * log2OfE, shift);
  MathTerm n = shifted - shift;
  MathTerm r = n.mulAdd(-ln2Low / 2, n.mulAdd(-ln2High / 2, clamped));
  MathTerm power = powerOfTwo(shifted);
  MathTerm y = power.mulAdd(smallExpM1(r + r), power - 1);
  return (y / (y + 2)).withSignOf(x);
}

/// -log2(1 - erf(a)) / a for 0 <= a <= 3.95; erf's relative error is 2^-27.9.
static constexpr double erfExponent[] = {
    1.627907035,      0.9184476254,     0.1482770649,
    -0.02763202444,   -0.0002314129686, 0.002405020971,
    -0.0009129937727, 0.0001697207151,  -1.335390009e-5};

MathTerm mlir::nnc::expandErf(MathTerm x) {
  // 1 - 2^-g(|x|), never above 1; from 3.95 on that is 1 in f32.
  MathTerm clamped = x.abs().atMost(3.95);
  MathTerm g = clamped.polynomial(erfExponent) * clamped;
  double shift = roundingShift + 127;
  MathTerm shifted = g.number(shift) - g;
  MathTerm r = -g - (shifted - shift);
  MathTerm q = r.polynomial(exp2M1Quotient) * r;
  MathTerm power = powerOfTwo(shifted);
  MathTerm y = (-power).mulAdd(q, power.number(1) - power);
  return y.withSignOf(x);
}
