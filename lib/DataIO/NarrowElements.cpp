//===----------------------------------------------------------------------===//
// Floats of 8 and 4 bits as numbers; packing of elements of less than a byte.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/DataIO/Packing.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nncio {

namespace {

/// Sign, exponent, mantissa from the highest bit down.
struct Layout {
  int mantissaBits;
  int bias;
  /// The sign bit; the codes below it are the positive numbers in order.
  int signBit;
  /// The code of the largest number.
  int largest;
  /// The code of infinity and of a NaN; -1 where there is none.
  int infinity, nan;
  /// There is no negative zero: its code is the NaN.
  bool unsignedZero;
};

} // namespace

static Layout layoutOf(ElementType type) {
  switch (type) {
  case ElementType::F8E4M3FN:
    return {3, 7, 0x80, 0x7e, -1, 0x7f, false};
  case ElementType::F8E4M3FNUZ:
    return {3, 8, 0x80, 0x7f, -1, 0x80, true};
  case ElementType::F8E5M2:
    return {2, 15, 0x80, 0x7b, 0x7c, 0x7f, false};
  case ElementType::F8E5M2FNUZ:
    return {2, 16, 0x80, 0x7f, -1, 0x80, true};
  default: // F4E2M1
    return {1, 1, 0x08, 0x07, -1, -1, false};
  }
}

static double decodeMagnitude(const Layout &layout, int code) {
  const int exponent = code >> layout.mantissaBits;
  const int fraction = code & ((1 << layout.mantissaBits) - 1);
  const int lowest = 1 - layout.bias - layout.mantissaBits;
  if (exponent == 0)
    return std::ldexp(fraction, lowest);
  return std::ldexp(fraction + (1 << layout.mantissaBits),
                    lowest + exponent - 1);
}

double decodeNarrow(ElementType type, uint8_t code) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  if (type == ElementType::F8E8M0)
    return code == 0xff ? nan : std::ldexp(1.0, code - 127);
  const Layout layout = layoutOf(type);
  code &= 2 * layout.signBit - 1;
  if (layout.unsignedZero && code == layout.nan)
    return nan;
  const int magnitude = code & (layout.signBit - 1);
  const double sign = code & layout.signBit ? -1.0 : 1.0;
  if (magnitude <= layout.largest)
    return sign * decodeMagnitude(layout, magnitude);
  if (magnitude == layout.infinity)
    return sign * std::numeric_limits<double>::infinity();
  return nan;
}

static uint8_t encodePower(double value, bool saturate,
                           PowerRounding rounding) {
  if (!std::isfinite(value))
    return 0xff;
  if (value == 0)
    return 0;
  int exponent = 0;
  // In [0.5, 1).
  const double fraction = std::frexp(std::fabs(value), &exponent);
  const bool up = rounding == PowerRounding::Up        ? fraction > 0.5
                  : rounding == PowerRounding::Nearest ? fraction >= 0.75
                                                       : false;
  const int code = exponent - 1 + 127 + int(up);
  if (code > 0xfe)
    return saturate ? 0xfe : 0xff;
  return static_cast<uint8_t>(std::max(code, 0));
}

uint8_t encodeNarrow(ElementType type, double value, bool saturate,
                     PowerRounding rounding) {
  if (type == ElementType::F8E8M0)
    return encodePower(value, saturate, rounding);
  const Layout layout = layoutOf(type);
  const int sign = std::signbit(value) ? layout.signBit : 0;
  if (std::isnan(value))
    return layout.nan < 0 ? layout.largest : layout.nan;
  // In units of the last place of the smallest numbers, to which an exponent
  // above the lowest adds zeros.
  int exponent = 0;
  std::frexp(value, &exponent);
  const int lowest = 1 - layout.bias;
  const int shift = value == 0 ? lowest : std::max(exponent - 1, lowest);
  const double units =
      std::nearbyint(std::ldexp(std::fabs(value), layout.mantissaBits - shift));
  const int octave = shift - lowest;
  // A number that was rounded up to the next power of two carries over.
  const double code =
      units + std::ldexp(static_cast<double>(octave), layout.mantissaBits);
  if (!(code <= layout.largest)) {
    if (saturate || (layout.infinity < 0 && layout.nan < 0))
      return sign | layout.largest;
    if (layout.infinity >= 0)
      return sign | layout.infinity;
    return layout.unsignedZero ? layout.nan : sign | layout.nan;
  }
  if (code == 0 && layout.unsignedZero)
    return 0;
  return sign | static_cast<int>(code);
}

//===----------------------------------------------------------------------===//
// Packing
//===----------------------------------------------------------------------===//

size_t packedBytes(ElementType type, int64_t count) {
  const size_t bits = elementBits(type);
  if (bits >= 8)
    return static_cast<size_t>(count) * (bits / 8);
  if (bits == 0)
    return 0;
  const size_t perByte = 8 / bits;
  return (static_cast<size_t>(count) + perByte - 1) / perByte;
}

void unpackElements(ElementType type, int64_t count, const uint8_t *packed,
                    uint8_t *elements) {
  const int bits = static_cast<int>(elementBits(type)), perByte = 8 / bits;
  const int mask = (1 << bits) - 1;
  for (int64_t i = 0; i < count; ++i)
    elements[i] = static_cast<uint8_t>(
        packed[i / perByte] >> (i % perByte * bits) & mask);
}

std::vector<uint8_t> packElements(ElementType type, int64_t count,
                                  const uint8_t *elements) {
  const int bits = static_cast<int>(elementBits(type)), perByte = 8 / bits;
  const int mask = (1 << bits) - 1;
  std::vector<uint8_t> packed(packedBytes(type, count));
  for (int64_t i = 0; i < count; ++i)
    packed[static_cast<size_t>(i / perByte)] |=
        static_cast<uint8_t>((elements[i] & mask) << (i % perByte * bits));
  return packed;
}

} // namespace nncio
