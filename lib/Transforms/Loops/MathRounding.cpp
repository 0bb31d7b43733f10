//===----------------------------------------------------------------------===//
// Rounding to whole numbers by additions.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "MathFunctions.h"

using namespace mlir;
using namespace mlir::nnc;

/// The least power of two whose float neighbours are whole numbers.
static double leastWhole(MathTerm x) {
  return getElementTypeOrSelf(x.value.getType()).isF64() ? 0x1p52 : 0x1p23;
}

/// Of a magnitude; what is large, infinite or NaN stays.
static MathTerm roundMagnitude(MathTerm magnitude) {
  double shift = leastWhole(magnitude);
  return (magnitude < shift).select(magnitude + shift - shift, magnitude);
}

MathTerm mlir::nnc::expandRoundEven(MathTerm x) {
  return roundMagnitude(x.abs()).withSignOf(x);
}

MathTerm MathTerm::roundEven() const {
  return b.hasRounding ? make<math::RoundEvenOp>() : expandRoundEven(*this);
}

MathTerm mlir::nnc::expandFloor(MathTerm x) {
  MathTerm rounded = expandRoundEven(x);
  return (x < rounded).select(rounded - 1, rounded).withSignOf(x);
}

MathTerm mlir::nnc::expandCeil(MathTerm x) {
  MathTerm rounded = expandRoundEven(x);
  return (rounded < x).select(rounded + 1, rounded).withSignOf(x);
}

MathTerm mlir::nnc::expandTrunc(MathTerm x) {
  MathTerm magnitude = x.abs();
  MathTerm rounded = roundMagnitude(magnitude);
  return (magnitude < rounded).select(rounded - 1, rounded).withSignOf(x);
}
