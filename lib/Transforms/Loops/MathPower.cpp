//===----------------------------------------------------------------------===//
// Powers and roots.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "MathFunctions.h"

#include <limits>

using namespace mlir;
using namespace mlir::nnc;

static constexpr double infinity = std::numeric_limits<double>::infinity();
static constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();
static constexpr uint64_t signBit32 = 0x80000000;

namespace {
/// What is special of exponents: which are whole, and which of them odd.
struct Parity {
  MathTerm isWhole, isOdd;
};
} // namespace

/// Of an f64 that was an f32; from 2^24 on all of them are even.
static Parity getParity(MathTerm y) {
  constexpr double roundingShift = 6755399441055744; // 1.5 * 2^52
  MathTerm small = y.atLeast(-0x1p30).atMost(0x1p30);
  MathTerm shifted = small + roundingShift;
  MathTerm isWhole = shifted - roundingShift == small;
  return {isWhole, isWhole & !(shifted.asBits() & 1).isZero()};
}

/// |x|^y by log2 and exp2 in f64, with zeros and infinities of |x|.
static MathTerm positivePow(MathTerm magnitude, MathTerm y) {
  MathTerm log = (magnitude < infinity).select(wideLog2(magnitude), magnitude);
  MathTerm full = (magnitude == 0).select(log.number(-infinity), log);
  // Beyond, f32 has zero and infinity only.
  return wideExp2((y * full).atLeast(-200).atMost(200)).toF32();
}

MathTerm mlir::nnc::expandPow(MathTerm x, MathTerm y) {
  MathTerm wide = y.toF64();
  MathTerm power = positivePow(x.abs().toF64(), wide);
  Parity parity = getParity(wide);
  // A finite number below zero has whole powers only.
  MathTerm isReal = parity.isWhole | !(x < 0) | (x == -infinity);
  MathTerm sign = x.asBits() & signBit32;
  MathTerm flip = parity.isOdd.select(sign, sign.bits(0));
  MathTerm result = isReal.select((power.asBits() ^ flip).asFloat(),
                                  power.number(notANumber));
  // What is 1 whatever the other operand, even not a number.
  MathTerm isOne = (y == 0) | (x == 1) | ((x == -1) & (y.abs() == infinity));
  return isOne.select(result.number(1), result);
}

Value mlir::nnc::expandConstantPow(MathTerm x, double exponent) {
  // Of 0.5, pow differs from the root at -0 and at negative infinity.
  auto root = [&] {
    return (x == -infinity).select(x.number(infinity), (x + 0.0).sqrt());
  };
  if (exponent == 0.5)
    return root().value;
  if (exponent == -0.5)
    return (x.number(1) / root()).value;
  if (exponent == -1)
    return (x.number(1) / x).value;
  if (exponent == 1)
    return x.value;
  if (exponent == 2)
    return (x * x).value;
  if (exponent == 3)
    return (x * x * x).value;
  return {};
}

MathTerm mlir::nnc::expandCbrt(MathTerm x) {
  MathTerm magnitude = x.abs();
  MathTerm root = wideExp2(wideLog2(magnitude.toF64()) * (1.0 / 3)).toF32();
  MathTerm isRegular = (magnitude > 0) & (magnitude < infinity);
  return isRegular.select(root, magnitude).withSignOf(x);
}

MathTerm mlir::nnc::expandRsqrt(MathTerm x) { return x.number(1) / x.sqrt(); }
