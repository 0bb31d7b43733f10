//===----------------------------------------------------------------------===//
// Instructions of a kernel that the emulator carries out.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TARGET_GPUEMULATOR_SITE_H
#define NNC_LIB_TARGET_GPUEMULATOR_SITE_H

#include "llvm/ADT/StringRef.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <string>

namespace nncgpu {

/// Operands and results take a slot each, whatever their type: integers and
/// pointers extended by zeros, floats and vectors as their bits.
using Slot = uint64_t;

struct Site;
using Handler = void (*)(const Site &site, Slot *results, const Slot *args);

/// One instruction, for as long as its module lives.
struct Site {
  /// The opcode, as messages give it, and the function that holds it.
  std::string name;
  std::string function;
  /// "file:line" or empty.
  std::string location;
  Handler handler = nullptr;
  /// What a handler reads from the opcode when the module is rewritten.
  std::array<int32_t, 8> config{};
  /// Of inline assembly: whether the first operand is written, and read too.
  bool writesFirst = false;
  bool readsFirst = false;
  /// Operands of an intrinsic; of assembly those behind the first.
  uint32_t operands = 0;
  /// Of loads and stores: bytes moved, the alignment that they state.
  uint32_t bytes = 0;
  uint32_t align = 1;
  bool isWrite = false;
  bool isAtomic = false;
  /// Its number in the module.
  uint32_t index = 0;
};

template <typename To, typename From>
To bitsTo(From bits) {
  static_assert(sizeof(To) <= sizeof(From), "slots are as wide as any value");
  To value;
  std::memcpy(&value, &bits, sizeof(To));
  return value;
}
inline Slot floatSlot(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}
inline Slot doubleSlot(double value) {
  Slot bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// Each family of instructions says whether an opcode is one of its own, and
/// then sets handler and config. An opcode is what follows "llvm.nvvm." in the
/// name of an intrinsic, or the PTX of inline assembly.
using Matcher = bool (*)(llvm::StringRef opcode, Site &site);
bool matchRegisters(llvm::StringRef opcode, Site &site);
bool matchArithmetic(llvm::StringRef opcode, Site &site);
bool matchConversions(llvm::StringRef opcode, Site &site);
bool matchWarp(llvm::StringRef opcode, Site &site);
bool matchBarriers(llvm::StringRef opcode, Site &site);
bool matchAsyncCopies(llvm::StringRef opcode, Site &site);
bool matchMatrices(llvm::StringRef opcode, Site &site);
bool matchProducts(llvm::StringRef opcode, Site &site);
bool matchTransactionBarriers(llvm::StringRef opcode, Site &site);
bool matchTensorCopies(llvm::StringRef opcode, Site &site);
bool matchWarpgroup(llvm::StringRef opcode, Site &site);
bool matchClusters(llvm::StringRef opcode, Site &site);

/// Asks all families.
bool matchOpcode(llvm::StringRef opcode, Site &site);

} // namespace nncgpu

#endif // NNC_LIB_TARGET_GPUEMULATOR_SITE_H
