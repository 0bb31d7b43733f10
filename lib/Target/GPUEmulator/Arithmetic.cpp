//===----------------------------------------------------------------------===//
// Integer instructions and conversions that have no counterpart on all targets.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Elements.h"
#include "lib/Target/GPUEmulator/Machine.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/bit.h"

#include <cmath>

using namespace nncgpu;

/// A handler that gives one value, computed from the operands `a`.
#define NNC_VALUE(value)                                                       \
  [](const Site &, Slot *results, const Slot *a) { results[0] = Slot(value); }

/// Bytes of b:a that the nibbles of the selector name; the top bit of a nibble
/// spreads the byte's sign.
static uint32_t permute(uint32_t a, uint32_t b, uint32_t selector) {
  uint64_t source = uint64_t(b) << 32 | a;
  uint32_t result = 0;
  for (unsigned i = 0; i < 4; ++i) {
    unsigned nibble = selector >> (4 * i) & 15;
    auto byte = uint8_t(source >> (8 * (nibble & 7)));
    if (nibble & 8)
      byte = byte & 0x80 ? 0xff : 0;
    result |= uint32_t(byte) << (8 * i);
  }
  return result;
}

template <typename A, typename B>
static uint32_t dotBytes(const Slot *args) {
  uint32_t sum = uint32_t(args[2]);
  for (unsigned i = 0; i < 4; ++i)
    sum += uint32_t(int32_t(A(args[0] >> (8 * i))) *
                    int32_t(B(args[1] >> (8 * i))));
  return sum;
}

/// Keeps the ten leading bits of a fraction, halves away from zero ("rna").
static uint32_t roundToTF32(uint32_t bits) {
  bool isFinite = (bits & 0x7f800000u) != 0x7f800000u;
  return isFinite ? (bits + 0x1000u) & 0xffffe000u : bits;
}

/// Integers of 24 bits.
static int64_t low24(Slot value) { return int32_t(uint32_t(value) << 8) >> 8; }

static const llvm::StringMap<Handler> &operations() {
  static const llvm::StringMap<Handler> table = {
      {"prmt",
       NNC_VALUE(permute(uint32_t(a[0]), uint32_t(a[1]), uint32_t(a[2])))},
      {"idp4a.s.s", NNC_VALUE((dotBytes<int8_t, int8_t>(a)))},
      {"idp4a.s.u", NNC_VALUE((dotBytes<int8_t, uint8_t>(a)))},
      {"idp4a.u.s", NNC_VALUE((dotBytes<uint8_t, int8_t>(a)))},
      {"idp4a.u.u", NNC_VALUE((dotBytes<uint8_t, uint8_t>(a)))},
      {"mulhi.i",
       NNC_VALUE(uint32_t(int64_t(int32_t(a[0])) * int32_t(a[1]) >> 32))},
      {"mulhi.ui",
       NNC_VALUE(uint32_t(uint64_t(uint32_t(a[0])) * uint32_t(a[1]) >> 32))},
      {"mulhi.ll",
       NNC_VALUE(uint64_t(__int128(int64_t(a[0])) * int64_t(a[1]) >> 64))},
      {"mulhi.ull",
       NNC_VALUE(uint64_t((unsigned __int128)(a[0]) * a[1] >> 64))},
      {"mul24.i", NNC_VALUE(uint32_t(low24(a[0]) * low24(a[1])))},
      {"mul24.ui", NNC_VALUE(uint32_t((a[0] & 0xffffff) * (a[1] & 0xffffff)))},
      {"sad.i",
       NNC_VALUE(uint32_t(a[2]) +
                 uint32_t(std::abs(int64_t(int32_t(a[0])) - int32_t(a[1]))))},
      {"sad.ui", NNC_VALUE(uint32_t(a[2] + (uint32_t(a[0]) > uint32_t(a[1])
                                                ? a[0] - a[1]
                                                : a[1] - a[0])))},
      {"flo.s",
       NNC_VALUE(uint32_t(31 - llvm::countl_zero(uint32_t(
                                   int32_t(a[0]) < 0 ? ~a[0] : a[0]))))},
      {"flo.u", NNC_VALUE(uint32_t(31 - llvm::countl_zero(uint32_t(a[0]))))},
      {"f2tf32.rna", NNC_VALUE(roundToTF32(uint32_t(a[0])))},
      {"cvt.rna.tf32.f32", NNC_VALUE(roundToTF32(uint32_t(a[0])))},
      {"lohi.i2d", NNC_VALUE(a[1] << 32 | uint32_t(a[0]))},
      {"d2i.lo", NNC_VALUE(uint32_t(a[0]))},
      {"d2i.hi", NNC_VALUE(a[0] >> 32)},
  };
  return table;
}
#undef NNC_VALUE

bool nncgpu::matchArithmetic(llvm::StringRef opcode, Site &site) {
  auto it = operations().find(opcode);
  if (it == operations().end())
    return false;
  site.handler = it->second;
  site.writesFirst = true;
  return true;
}

/// config: the type to convert to and from, how many elements, whether what is
/// negative becomes 0, whether what is too large becomes the largest.
static void convert(const Site &site, Slot *results, const Slot *args) {
  auto to = Element(site.config[0]), from = Element(site.config[1]);
  bool isPair = site.config[2] == 2;
  unsigned toBits = elementBits(to), fromBits = elementBits(from);
  // Pairs of floats are two operands, the first of which is the upper half.
  bool isTwoOperands = isPair && from == Element::F32;
  results[0] = 0;
  for (unsigned i = 0; i < unsigned(site.config[2]); ++i) {
    Slot bits = isTwoOperands ? args[1 - i] : args[0] >> (i * fromBits);
    double value = decodeElement(from, bits);
    if (site.config[3])
      value = value > 0 ? value : std::isnan(value) ? value : 0;
    results[0] |= (encodeElement(to, value) & ((Slot(1) << toBits) - 1))
                  << (i * toBits);
  }
}

bool nncgpu::matchConversions(llvm::StringRef opcode, Site &site) {
  struct Form {
    llvm::StringLiteral name;
    Element to, from;
    int32_t count;
  };
  using E = Element;
  static constexpr Form forms[] = {
      {"ff2bf16x2.rn", E::BF16, E::F32, 2},
      {"ff2f16x2.rn", E::F16, E::F32, 2},
      {"f2bf16.rn", E::BF16, E::F32, 1},
      {"f2f16.rn", E::F16, E::F32, 1},
      {"f2h.rn", E::F16, E::F32, 1},
      {"ff.to.e4m3x2.rn", E::E4M3, E::F32, 2},
      {"ff.to.e5m2x2.rn", E::E5M2, E::F32, 2},
      {"f16x2.to.e4m3x2.rn", E::E4M3, E::F16, 2},
      {"f16x2.to.e5m2x2.rn", E::E5M2, E::F16, 2},
      {"e4m3x2.to.f16x2.rn", E::F16, E::E4M3, 2},
      {"e5m2x2.to.f16x2.rn", E::F16, E::E5M2, 2},
      {"cvt.rn.bf16x2.f32", E::BF16, E::F32, 2},
      {"cvt.rn.f16x2.f32", E::F16, E::F32, 2},
      {"cvt.rn.bf16.f32", E::BF16, E::F32, 1},
      {"cvt.rn.f16.f32", E::F16, E::F32, 1},
      {"cvt.f32.f16", E::F32, E::F16, 1},
      {"cvt.f32.bf16", E::F32, E::BF16, 1},
      {"cvt.rn.satfinite.e4m3x2.f32", E::E4M3, E::F32, 2},
      {"cvt.rn.satfinite.e5m2x2.f32", E::E5M2, E::F32, 2},
      {"cvt.rn.f16x2.e4m3x2", E::F16, E::E4M3, 2},
      {"cvt.rn.f16x2.e5m2x2", E::F16, E::E5M2, 2},
  };
  llvm::StringRef name = opcode;
  bool isRelu = name.consume_back(".relu");
  for (const Form &form : forms)
    if (name == form.name) {
      site.config = {int32_t(form.to), int32_t(form.from), form.count, isRelu};
      site.handler = convert;
      site.writesFirst = true;
      return true;
    }
  return false;
}
