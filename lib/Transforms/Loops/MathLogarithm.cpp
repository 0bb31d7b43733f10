//===----------------------------------------------------------------------===//
// log and log1p in f32; log2 and log10, which are rarer, by way of f64.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "MathFunctions.h"

#include <limits>

using namespace mlir;
using namespace mlir::nnc;

static constexpr double infinity = std::numeric_limits<double>::infinity();
static constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();
/// ln 2 in two parts; products of the first with exponents are exact.
static constexpr double ln2High = 0.693145751953125;
static constexpr double ln2Low = 1.42860682030941723212e-6;

/// (log(1 + f) - f) / f^2 for |f| <= 1/3, by Remez's algorithm; the logarithm's
/// relative error is 2^-27.7.
static constexpr double logTail[] = {
    -0.5000000274, 0.3333320774,  -0.2499950556, 0.2001077788, -0.1668955285,
    0.1400070847,  -0.1207774238, 0.140069307,   -0.1331266671};

/// The bits of 2^k, without the bias, where 2/3 <= x / 2^k < 4/3.
static MathTerm exponentBits(MathTerm x) {
  MathTerm bits = x.asBits();
  return bits.sub(bits.bits(0x3f2aaaab)) & 0xff800000;
}

/// log((1 + f) * 2^k).
static MathTerm addLogs(MathTerm f, MathTerm k) {
  MathTerm tail = (f.polynomial(logTail) * f).mulAdd(f, k * ln2Low);
  return k.mulAdd(ln2High, tail + f);
}

/// The logarithm of x - least, which is `result` for positive finite numbers.
static MathTerm finish(MathTerm x, double least, MathTerm result) {
  MathTerm finite = (x < infinity).select(result, x);
  MathTerm limit =
      (x == least).select(x.number(-infinity), x.number(notANumber));
  return (x > least).select(finite, limit);
}

MathTerm mlir::nnc::expandLog(MathTerm x) {
  MathTerm isSubnormal = x < 0x1p-126;
  MathTerm normal = isSubnormal.select(x * 0x1p23, x);
  MathTerm exponent = exponentBits(normal);
  MathTerm f = normal.asBits().sub(exponent).asFloat() - 1;
  MathTerm shift = isSubnormal.select(x.number(-23), x.number(0));
  MathTerm k = exponent.toFloat().mulAdd(0x1p-23, shift);
  return finish(x, 0, addLogs(f, k));
}

MathTerm mlir::nnc::expandLog1p(MathTerm x) {
  // 1 + f = (1 + x) / 2^k, where 2^(2-k) is a number of f32 for all k.
  MathTerm sum = x + 1;
  MathTerm exponent = exponentBits(sum);
  MathTerm power = exponent.bits(0x40800000).sub(exponent).asFloat();
  MathTerm f = (x * 0.25).mulAdd(power, power.mulAdd(0.25, -1));
  MathTerm result = addLogs(f, exponent.toFloat() * 0x1p-23);
  // x - x^2 / 2 is x, whose zero has a sign.
  return finish(x, -1, (sum == 1).select(x, result));
}

MathTerm mlir::nnc::expandLog2(MathTerm x) {
  return finish(x, 0, wideLog2(x.toF64()).toF32());
}

MathTerm mlir::nnc::expandLog10(MathTerm x) {
  double log10Of2 = 0.30102999566398119521;
  return finish(x, 0, (wideLog2(x.toF64()) * log10Of2).toF32());
}
