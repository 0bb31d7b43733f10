//===----------------------------------------------------------------------===//
// Conversions of 16-bit floats, rounding to nearest even; NaN stays NaN.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/HalfFloat.h"

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)

namespace {
/// Bits of a floating-point format.
struct Format {
  int mantissa;
  int exponent;

  constexpr int bias() const { return (1 << (exponent - 1)) - 1; }
  constexpr int top() const { return (1 << exponent) - 1; }
};
} // namespace

static constexpr Format halfFormat = {10, 5}, bfloatFormat = {7, 8},
                        floatFormat = {23, 8}, doubleFormat = {52, 11};

template <typename To, typename From>
static To bitsOf(From value) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  memcpy(&to, &value, sizeof to);
  return to;
}

static float inLowBits(uint32_t bits) { return bitsOf<float>(bits); }

/// `bits` of format `from` in the narrower format `to`, rounded once.
static uint32_t narrow(uint64_t bits, Format from, Format to) {
  uint32_t sign = static_cast<uint32_t>(bits >> (from.mantissa + from.exponent))
                  << 15;
  int exponent = static_cast<int>(bits >> from.mantissa) & from.top();
  uint64_t mantissa = bits & ((uint64_t(1) << from.mantissa) - 1);
  int shift = from.mantissa - to.mantissa;
  uint32_t infinity = static_cast<uint32_t>(to.top()) << to.mantissa;
  if (exponent == from.top()) {
    uint32_t quiet = mantissa ? 1u << (to.mantissa - 1) : 0;
    return sign | infinity | quiet | static_cast<uint32_t>(mantissa >> shift);
  }
  // Subnormals have the least exponent without the implicit bit.
  if (exponent == 0)
    exponent = 1;
  else
    mantissa |= uint64_t(1) << from.mantissa;
  int scaled = exponent - from.bias() + to.bias();
  if (scaled >= to.top())
    return sign | infinity;
  if (scaled < 1) {
    shift += 1 - scaled;
    scaled = 1;
  }
  if (shift > from.mantissa + 2)
    return sign;
  uint64_t kept = mantissa >> shift;
  uint64_t rest = mantissa & ((uint64_t(1) << shift) - 1);
  uint64_t tie = uint64_t(1) << (shift - 1);
  // The implicit bit and a carry both raise the exponent.
  kept += static_cast<uint64_t>(scaled - 1) << to.mantissa;
  kept += rest > tie || (rest == tie && (kept & 1)) ? 1 : 0;
  return sign | static_cast<uint32_t>(kept);
}

// Weak: a program may have them from its compiler too.
#define NNCRT_WEAK __attribute__((weak))

NNCRT_WEAK float __extendhfsf2(float half) {
  uint32_t bits = bitsOf<uint32_t>(half);
  uint32_t sign = (bits & 0x8000) << 16;
  uint32_t exponent = bits >> 10 & 0x1f, mantissa = bits & 0x3ff;
  if (exponent == 0) {
    float value = static_cast<float>(mantissa) * 0x1p-24f;
    return inLowBits(sign | bitsOf<uint32_t>(value));
  }
  if (exponent == 0x1f)
    return inLowBits(sign | 0x7f800000 | (mantissa ? 0x400000 : 0) |
                     mantissa << 13);
  return inLowBits(sign | (exponent + 127 - 15) << 23 | mantissa << 13);
}

NNCRT_WEAK float __truncsfhf2(float value) {
  return inLowBits(narrow(bitsOf<uint32_t>(value), floatFormat, halfFormat));
}

NNCRT_WEAK float __truncdfhf2(double value) {
  return inLowBits(narrow(bitsOf<uint64_t>(value), doubleFormat, halfFormat));
}

NNCRT_WEAK float __truncsfbf2(float value) {
  return inLowBits(narrow(bitsOf<uint32_t>(value), floatFormat, bfloatFormat));
}

NNCRT_WEAK float __truncdfbf2(double value) {
  return inLowBits(narrow(bitsOf<uint64_t>(value), doubleFormat, bfloatFormat));
}

#endif
