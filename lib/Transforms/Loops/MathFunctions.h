//===----------------------------------------------------------------------===//
// Elementary functions by arithmetic that loops of vectors take.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_LOOPS_MATHFUNCTIONS_H
#define NNC_LIB_TRANSFORMS_LOOPS_MATHFUNCTIONS_H

#include "MathTerm.h"

namespace mlir::nnc {

/// Each takes and returns f32, without a branch, and is right on all of it:
/// NaN, infinities, zeros of both signs, subnormal numbers. docs/Math.md has
/// the bounds of the errors.
///
/// ---- exponential family ----
MathTerm expandExp(MathTerm x);
MathTerm expandExp2(MathTerm x);
MathTerm expandExpM1(MathTerm x);
MathTerm expandTanh(MathTerm x);
MathTerm expandErf(MathTerm x);

/// ---- logarithms ----
MathTerm expandLog(MathTerm x);
MathTerm expandLog1p(MathTerm x);
MathTerm expandLog2(MathTerm x);
MathTerm expandLog10(MathTerm x);

/// ---- powers ----
MathTerm expandPow(MathTerm x, MathTerm y);
/// x to a constant power; a null value if that is not simpler.
Value expandConstantPow(MathTerm x, double exponent);
MathTerm expandCbrt(MathTerm x);
MathTerm expandRsqrt(MathTerm x);

/// ---- hyperbolic and circular functions ----
MathTerm expandSinh(MathTerm x);
MathTerm expandCosh(MathTerm x);
MathTerm expandAsinh(MathTerm x);
MathTerm expandAcosh(MathTerm x);
MathTerm expandAtanh(MathTerm x);
MathTerm expandSin(MathTerm x);
MathTerm expandCos(MathTerm x);
MathTerm expandTan(MathTerm x);
MathTerm expandAsin(MathTerm x);
MathTerm expandAcos(MathTerm x);
MathTerm expandAtan(MathTerm x);

/// ---- rounding, of f32 and f64, for machines without instructions for it ----
MathTerm expandRoundEven(MathTerm x);
MathTerm expandFloor(MathTerm x);
MathTerm expandCeil(MathTerm x);
MathTerm expandTrunc(MathTerm x);

/// ---- in f64, for the functions above that are computed in it: relative
/// error below 2^-39, enough to round to f32 as if exact in nearly all cases
/// ----
/// e^x for |x| < 700.
MathTerm wideExp(MathTerm x);
/// 2^x for |x| < 1000.
MathTerm wideExp2(MathTerm x);
/// log(x) and log2(x) of positive finite normal numbers.
MathTerm wideLog(MathTerm x);
MathTerm wideLog2(MathTerm x);

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_LOOPS_MATHFUNCTIONS_H
