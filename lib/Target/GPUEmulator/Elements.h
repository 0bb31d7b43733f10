//===----------------------------------------------------------------------===//
// Elements of the operands of matrix products.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TARGET_GPUEMULATOR_ELEMENTS_H
#define NNC_LIB_TARGET_GPUEMULATOR_ELEMENTS_H

#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>

namespace nncgpu {

enum class Element : int32_t {
  F16,
  BF16,
  TF32,
  F32,
  F64,
  S8,
  U8,
  E4M3,
  E5M2,
  S32
};

/// By the name in opcodes: "f16", "tf32", "s8".
std::optional<Element> parseElement(llvm::StringRef name);
unsigned elementBits(Element element);
/// The value of the low bits of `bits`. Bits of an f32 that a tf32 does not
/// have are ignored, as hardware does.
double decodeElement(Element element, uint64_t bits);
/// To nearest even.
uint64_t encodeElement(Element element, double value);

} // namespace nncgpu

#endif // NNC_LIB_TARGET_GPUEMULATOR_ELEMENTS_H
