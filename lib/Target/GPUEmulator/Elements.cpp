//===----------------------------------------------------------------------===//
// Elements of the operands of matrix products.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Elements.h"

#include "lib/Target/GPUEmulator/Site.h"
#include "nnc/DataIO/Tensor.h"
#include "llvm/ADT/StringSwitch.h"

using namespace nncgpu;
using nncio::ElementType;

std::optional<Element> nncgpu::parseElement(llvm::StringRef name) {
  return llvm::StringSwitch<std::optional<Element>>(name)
      .Case("f16", Element::F16)
      .Case("bf16", Element::BF16)
      .Case("tf32", Element::TF32)
      .Case("f32", Element::F32)
      .Case("f64", Element::F64)
      .Case("s8", Element::S8)
      .Case("u8", Element::U8)
      .Case("e4m3", Element::E4M3)
      .Case("e5m2", Element::E5M2)
      .Case("s32", Element::S32)
      .Default(std::nullopt);
}

unsigned nncgpu::elementBits(Element element) {
  switch (element) {
  case Element::F16:
  case Element::BF16:
    return 16;
  case Element::TF32:
  case Element::F32:
  case Element::S32:
    return 32;
  case Element::F64:
    return 64;
  case Element::S8:
  case Element::U8:
  case Element::E4M3:
  case Element::E5M2:
    return 8;
  }
  return 0;
}

double nncgpu::decodeElement(Element element, uint64_t bits) {
  switch (element) {
  case Element::F16:
    return nncio::halfToFloat(uint16_t(bits));
  case Element::BF16:
    return nncio::bfloatToFloat(uint16_t(bits));
  case Element::TF32:
    return bitsTo<float>(uint32_t(bits) & 0xffffe000u);
  case Element::F32:
    return bitsTo<float>(uint32_t(bits));
  case Element::F64:
    return bitsTo<double>(bits);
  case Element::S8:
    return int8_t(bits);
  case Element::U8:
    return uint8_t(bits);
  case Element::E4M3:
    return nncio::decodeNarrow(ElementType::F8E4M3FN, uint8_t(bits));
  case Element::E5M2:
    return nncio::decodeNarrow(ElementType::F8E5M2, uint8_t(bits));
  case Element::S32:
    return int32_t(bits);
  }
  return 0;
}

uint64_t nncgpu::encodeElement(Element element, double value) {
  switch (element) {
  case Element::F16:
    return nncio::floatToHalf(float(value));
  case Element::BF16:
    return nncio::floatToBFloat(float(value));
  case Element::TF32:
  case Element::F32:
    return floatSlot(float(value));
  case Element::F64:
    return doubleSlot(value);
  case Element::S8:
  case Element::U8:
    return uint8_t(int64_t(value));
  case Element::E4M3:
    return nncio::encodeNarrow(ElementType::F8E4M3FN, value);
  case Element::E5M2:
    return nncio::encodeNarrow(ElementType::F8E5M2, value);
  case Element::S32:
    return uint32_t(int64_t(value));
  }
  return 0;
}
