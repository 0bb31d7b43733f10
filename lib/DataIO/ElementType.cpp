//===----------------------------------------------------------------------===//
// Element types: sizes, names, kinds; conversions of the 16-bit floats.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/DataIO/Tensor.h"

#include "TensorBytes.h"

#include <cstring>

namespace nncio {

//===----------------------------------------------------------------------===//
// Element types
//===----------------------------------------------------------------------===//

size_t elementBytes(ElementType type) {
  return type == ElementType::String ? sizeof(int64_t)
                                     : (elementBits(type) + 7) / 8;
}

unsigned elementBits(ElementType type) {
  switch (type) {
  case ElementType::U2:
  case ElementType::I2:
    return 2;
  case ElementType::U4:
  case ElementType::I4:
  case ElementType::F4E2M1:
    return 4;
  case ElementType::F8E4M3FN:
  case ElementType::F8E4M3FNUZ:
  case ElementType::F8E5M2:
  case ElementType::F8E5M2FNUZ:
  case ElementType::F8E8M0:
  case ElementType::Bool:
  case ElementType::U8:
  case ElementType::I8:
    return 8;
  case ElementType::U16:
  case ElementType::I16:
  case ElementType::F16:
  case ElementType::BF16:
    return 16;
  case ElementType::F32:
  case ElementType::I32:
  case ElementType::U32:
    return 32;
  case ElementType::F64:
  case ElementType::I64:
  case ElementType::U64:
    return 64;
  case ElementType::Undefined:
  case ElementType::String:
    return 0;
  }
  return 0;
}

const char *elementName(ElementType type) {
  switch (type) {
  case ElementType::Undefined:
    return "undefined";
  case ElementType::F32:
    return "f32";
  case ElementType::U8:
    return "ui8";
  case ElementType::I8:
    return "i8";
  case ElementType::U16:
    return "ui16";
  case ElementType::I16:
    return "i16";
  case ElementType::I32:
    return "i32";
  case ElementType::I64:
    return "i64";
  case ElementType::String:
    return "string";
  case ElementType::Bool:
    return "bool";
  case ElementType::F16:
    return "f16";
  case ElementType::F64:
    return "f64";
  case ElementType::U32:
    return "ui32";
  case ElementType::U64:
    return "ui64";
  case ElementType::BF16:
    return "bf16";
  case ElementType::F8E4M3FN:
    return "f8E4M3FN";
  case ElementType::F8E4M3FNUZ:
    return "f8E4M3FNUZ";
  case ElementType::F8E5M2:
    return "f8E5M2";
  case ElementType::F8E5M2FNUZ:
    return "f8E5M2FNUZ";
  case ElementType::U4:
    return "ui4";
  case ElementType::I4:
    return "i4";
  case ElementType::F4E2M1:
    return "f4E2M1FN";
  case ElementType::F8E8M0:
    return "f8E8M0FNU";
  case ElementType::U2:
    return "ui2";
  case ElementType::I2:
    return "i2";
  }
  return "unknown";
}

bool isNarrowFloat(ElementType type) {
  return (type >= ElementType::F8E4M3FN && type <= ElementType::F8E5M2FNUZ) ||
         type == ElementType::F4E2M1 || type == ElementType::F8E8M0;
}

bool isFloat(ElementType type) {
  return type == ElementType::F16 || type == ElementType::BF16 ||
         type == ElementType::F32 || type == ElementType::F64 ||
         isNarrowFloat(type);
}

bool isUnsigned(ElementType type) {
  return type == ElementType::U8 || type == ElementType::U16 ||
         type == ElementType::U32 || type == ElementType::U64 ||
         type == ElementType::U4 || type == ElementType::U2 ||
         type == ElementType::Bool;
}

//===----------------------------------------------------------------------===//
// 16-bit floats
//===----------------------------------------------------------------------===//

float halfToFloat(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16;
  const uint32_t exponent = (bits >> 10) & 0x1fu;
  const uint32_t mantissa = bits & 0x3ffu;
  if (exponent == 0x1f)
    return floatOf(sign | 0x7f800000u | (mantissa << 13));
  if (exponent != 0)
    return floatOf(sign | ((exponent + 112) << 23) | (mantissa << 13));
  // Zero and subnormals: mantissa * 2^-24 is exact in a float.
  const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
  return floatOf(sign | bitsOf(magnitude));
}

uint16_t floatToHalf(float value) {
  const uint32_t bits = bitsOf(value);
  const uint16_t sign = static_cast<uint16_t>((bits >> 16) & 0x8000u);
  const uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u)
    return sign | 0x7e00u | static_cast<uint16_t>((magnitude >> 13) & 0x1ffu);
  // 65520 is the first value that rounds to infinity.
  if (magnitude >= 0x477ff000u)
    return sign | 0x7c00u;
  if (magnitude < 0x38800000u) {
    // Below 2^-14. Adding 0.5 leaves a unit in the last place of 2^-24, so the
    // addition itself rounds to the nearest subnormal.
    const float shifted = floatOf(magnitude) + 0.5f;
    return sign | static_cast<uint16_t>(bitsOf(shifted) - 0x3f000000u);
  }
  const uint32_t odd = (magnitude >> 13) & 1u;
  const uint32_t rounded = magnitude + 0xfffu + odd;
  return sign | static_cast<uint16_t>((rounded - (112u << 23)) >> 13);
}

float bfloatToFloat(uint16_t bits) {
  return floatOf(static_cast<uint32_t>(bits) << 16);
}

uint16_t floatToBFloat(float value) {
  const uint32_t bits = bitsOf(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u)
    return static_cast<uint16_t>((bits >> 16) | 0x40u);
  const uint32_t odd = (bits >> 16) & 1u;
  return static_cast<uint16_t>((bits + 0x7fffu + odd) >> 16);
}

} // namespace nncio
