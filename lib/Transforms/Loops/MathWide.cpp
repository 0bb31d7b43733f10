//===----------------------------------------------------------------------===//
// Exponential and logarithm in f64, for functions of f32.
//
// The coefficients are minimax fits by Remez's algorithm.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "MathFunctions.h"

using namespace mlir;
using namespace mlir::nnc;

static constexpr double ln2 = 0.69314718055994530942;
static constexpr double log2OfE = 1.44269504088896340736;
static constexpr double roundingShift = 6755399441055744; // 1.5 * 2^52
static constexpr unsigned mantissaBits = 52;
static constexpr uint64_t mantissaMask = (uint64_t(1) << mantissaBits) - 1;

/// e^r for |r| <= ln(2) / 2, relative: 2^-40.2.
static constexpr double expCoefficients[] = {
    1.00000000000002712,    0.99999999997969549,    0.499999999990753882,
    0.166666668917776916,   0.0416666671917887173,  0.00833326595368415484,
    0.00138887815980756583, 0.00019915946203181529, 0.0000248928505965392668};

/// (log((1 + s) / (1 - s)) / s - 2) / s^2 as a polynomial in s^2, for
/// |s| <= (sqrt(2) - 1) / (sqrt(2) + 1); the logarithm's relative error is
/// 2^-44.9.
static constexpr double logCoefficients[] = {
    0.666666666752373225, 0.39999995776968325, 0.285720949823354953,
    0.221767174636263989, 0.195772068033889071};

/// e^r * 2^n; `shifted` is n + roundingShift.
static MathTerm scaledExp(MathTerm r, MathTerm shifted) {
  MathTerm bias = shifted.asBits().bits(uint64_t(1023) << mantissaBits);
  MathTerm power = shifted.asBits().shiftLeft(mantissaBits).add(bias).asFloat();
  return r.polynomial(expCoefficients) * power;
}

MathTerm mlir::nnc::wideExp(MathTerm x) {
  MathTerm shifted = x.mulAdd(log2OfE, roundingShift);
  return scaledExp((shifted - roundingShift).mulAdd(-ln2, x), shifted);
}

MathTerm mlir::nnc::wideExp2(MathTerm x) {
  MathTerm shifted = x + roundingShift;
  return scaledExp((x - (shifted - roundingShift)) * ln2, shifted);
}

namespace {
/// x = 2^exponent * e^logarithm, the logarithm at most ln(2) / 2.
struct SplitLog {
  MathTerm exponent, logarithm;
};
} // namespace

static SplitLog splitLog(MathTerm x) {
  constexpr uint64_t bitsOfOne = 0x3ff0000000000000;
  constexpr uint64_t bitsOfRootOfHalf = 0x3fe6a09e667f3bcd;
  MathTerm bits = x.asBits().add(bitsOfOne - bitsOfRootOfHalf);
  // The exponent with its bias, as the last bits of 2^52 + exponent.
  constexpr double twoTo52 = 0x1p52;
  MathTerm biased = bits.shiftRight(mantissaBits);
  MathTerm exponent =
      (biased | biased.bits(0x4330000000000000)).asFloat() - (twoTo52 + 1023);
  MathTerm m = (bits & mantissaMask).add(bitsOfRootOfHalf).asFloat();
  MathTerm s = (m - 1) / (m + 1);
  MathTerm z = s * s;
  return {exponent, (z.polynomial(logCoefficients) * z).mulAdd(s, s + s)};
}

MathTerm mlir::nnc::wideLog(MathTerm x) {
  SplitLog log = splitLog(x);
  return log.exponent.mulAdd(ln2, log.logarithm);
}

MathTerm mlir::nnc::wideLog2(MathTerm x) {
  SplitLog log = splitLog(x);
  return log.logarithm.mulAdd(log2OfE, log.exponent);
}
