//===----------------------------------------------------------------------===//
// Hyperbolic functions by way of f64, but for tanh.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "MathFunctions.h"

#include <limits>

using namespace mlir;
using namespace mlir::nnc;

static constexpr double infinity = std::numeric_limits<double>::infinity();
static constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();

/// Below, x + cubic * x^3 has a relative error below 2^-28, and above, the
/// difference of two exponentials is exact enough in f64.
static constexpr double smallArgument = 0x1p-7;

/// `large`, but x + cubic * x^3 near 0, with the sign of `x`.
static MathTerm joinNearZero(MathTerm x, MathTerm magnitude, double cubic,
                             MathTerm large) {
  MathTerm series =
      (magnitude * magnitude * cubic).mulAdd(magnitude, magnitude);
  return (magnitude < smallArgument)
      .select(series, large)
      .toF32()
      .withSignOf(x);
}

MathTerm mlir::nnc::expandSinh(MathTerm x) {
  MathTerm magnitude = x.abs().toF64().atMost(100);
  MathTerm power = wideExp(magnitude) * 0.5;
  return joinNearZero(x, magnitude, 1.0 / 6,
                      power - power.number(0.25) / power);
}

MathTerm mlir::nnc::expandCosh(MathTerm x) {
  MathTerm power = wideExp(x.abs().toF64().atMost(100)) * 0.5;
  return (power + power.number(0.25) / power).toF32();
}

MathTerm mlir::nnc::expandAsinh(MathTerm x) {
  MathTerm magnitude = x.abs().toF64();
  MathTerm root = magnitude.mulAdd(magnitude, 1).sqrt();
  MathTerm log = wideLog(magnitude + root);
  MathTerm large = (magnitude < infinity).select(log, magnitude);
  return joinNearZero(x, magnitude, -1.0 / 6, large);
}

MathTerm mlir::nnc::expandAcosh(MathTerm x) {
  MathTerm wide = x.toF64();
  MathTerm log = wideLog(wide + ((wide - 1) * (wide + 1)).sqrt()).toF32();
  MathTerm finite = (x < infinity).select(log, x);
  return (x >= 1).select(finite, x.number(notANumber));
}

MathTerm mlir::nnc::expandAtanh(MathTerm x) {
  MathTerm magnitude = x.abs().toF64();
  MathTerm one = magnitude.number(1);
  MathTerm log = wideLog((one + magnitude) / (one - magnitude)) * 0.5;
  MathTerm limit =
      (magnitude == 1).select(one.number(infinity), one.number(notANumber));
  return joinNearZero(x, magnitude, 1.0 / 3,
                      (magnitude < one).select(log, limit));
}
