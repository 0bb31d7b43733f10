//===----------------------------------------------------------------------===//
// Descriptors of tensors for bulk copies: what the emulator keeps in the 128
// bytes of a CUtensorMap.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TARGET_GPUEMULATOR_TENSORMAP_H
#define NNC_TARGET_GPUEMULATOR_TENSORMAP_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <optional>
#include <string>

namespace nncgpu {

/// How 16-byte pieces of a row are permuted in shared memory.
enum class Swizzle : uint8_t {
  None = 0,
  Bytes32 = 1,
  Bytes64 = 2,
  Bytes128 = 3
};

/// The offset of a byte under a swizzle: bits 4 and up are changed by bits 7
/// and up.
inline uint64_t applySwizzle(Swizzle swizzle, uint64_t offset) {
  uint64_t mask = (uint64_t(1) << unsigned(swizzle)) - 1;
  return offset ^ ((offset >> 7 & mask) << 4);
}

struct TensorMap {
  static constexpr uint32_t magicValue = 0x70616d74;
  static constexpr unsigned maxRank = 5;

  uint64_t base;
  /// Bytes, from dimension 1 on.
  uint64_t strides[maxRank - 1];
  /// Elements, the fastest dimension first.
  uint32_t extents[maxRank];
  uint16_t box[maxRank];
  uint8_t elementStrides[maxRank];
  uint8_t rank;
  uint8_t elementBytes;
  Swizzle swizzle;
  /// Elements beyond the tensor are NaN instead of 0.
  bool fillsNaN;
  uint8_t dataType;
  uint32_t magic;
};
static_assert(sizeof(TensorMap) <= 128, "a CUtensorMap has 128 bytes");

/// What cuTensorMapEncodeTiled gets; numbers are those of cuda.h.
struct TensorMapRequest {
  int dataType = 0;
  uint64_t base = 0;
  llvm::ArrayRef<uint64_t> extents;
  llvm::ArrayRef<uint64_t> strides;
  llvm::ArrayRef<uint32_t> box;
  llvm::ArrayRef<uint32_t> elementStrides;
  int interleave = 0;
  int swizzle = 0;
  int promotion = 0;
  int fill = 0;
};

/// Checks a request against the rules of the driver's manual; a reason if it
/// breaks one.
std::optional<std::string> encodeTensorMap(const TensorMapRequest &request,
                                           TensorMap &map);

} // namespace nncgpu

#endif // NNC_TARGET_GPUEMULATOR_TENSORMAP_H
