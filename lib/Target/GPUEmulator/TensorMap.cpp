//===----------------------------------------------------------------------===//
// Descriptors of tensors for bulk copies. The rules are those of
// cuTensorMapEncodeTiled in the manual of the CUDA driver.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Target/GPUEmulator/TensorMap.h"

#include "llvm/ADT/Twine.h"

using namespace nncgpu;

/// Bytes of an element of each CU_TENSOR_MAP_DATA_TYPE_*, up to TFLOAT32_FTZ.
static constexpr uint8_t elementSizes[] = {1, 2, 4, 4, 8, 8, 2,
                                           4, 8, 2, 4, 4, 4};
/// The last integer type, UINT8 to INT64.
static constexpr int lastInteger = 5;

static std::optional<std::string> checkBox(const TensorMapRequest &request,
                                           uint64_t elementBytes) {
  for (uint32_t extent : request.box)
    if (extent == 0 || extent > 256)
      return "expected a box of 1 to 256 elements a dimension";
  for (uint32_t stride : request.elementStrides)
    if (stride == 0 || stride > 8)
      return "expected element strides of 1 to 8";
  uint64_t inner = request.box[0] * elementBytes;
  if (inner % 16 != 0)
    return ("expected an inner dimension of the box of a multiple of 16 bytes, "
            "found " +
            llvm::Twine(inner))
        .str();
  constexpr uint64_t spans[] = {0, 32, 64, 128};
  if (request.swizzle != 0 && inner > spans[request.swizzle])
    return ("expected an inner dimension of the box of at most the " +
            llvm::Twine(spans[request.swizzle]) +
            " bytes of the swizzle, "
            "found " +
            llvm::Twine(inner))
        .str();
  return std::nullopt;
}

static std::optional<std::string> checkTensor(const TensorMapRequest &request) {
  size_t rank = request.extents.size();
  if (rank == 0 || rank > TensorMap::maxRank || request.box.size() != rank ||
      request.strides.size() != rank - 1 ||
      request.elementStrides.size() != rank)
    return "expected a tensor of 1 to 5 dimensions";
  if (request.base % 16 != 0)
    return "expected an address that is a multiple of 16";
  for (uint64_t extent : request.extents)
    if (extent == 0 || extent > uint64_t(1) << 32)
      return "expected extents of 1 to 2^32";
  for (uint64_t stride : request.strides)
    if (stride % 16 != 0 || stride >= uint64_t(1) << 40)
      return "expected strides that are multiples of 16 below 2^40";
  return std::nullopt;
}

std::optional<std::string>
nncgpu::encodeTensorMap(const TensorMapRequest &request, TensorMap &map) {
  if (request.dataType < 0 ||
      size_t(request.dataType) >= std::size(elementSizes))
    return "expected an element type of 1 to 8 bytes";
  if (request.interleave != 0)
    return "expected no interleaved layout: the emulator has none";
  if (request.swizzle < 0 || request.swizzle > 3)
    return "expected a swizzle of 32, 64 or 128 bytes in pieces of 16, or none";
  if (request.fill != 0 && request.dataType <= lastInteger)
    return "expected a float type where NaN stands for what is outside";
  if (auto reason = checkTensor(request))
    return reason;
  uint64_t elementBytes = elementSizes[request.dataType];
  if (auto reason = checkBox(request, elementBytes))
    return reason;
  map = TensorMap();
  map.base = request.base;
  map.rank = uint8_t(request.extents.size());
  for (unsigned i = 0; i < map.rank; ++i) {
    map.extents[i] = uint32_t(request.extents[i]);
    map.box[i] = uint16_t(request.box[i]);
    map.elementStrides[i] = uint8_t(request.elementStrides[i]);
  }
  for (unsigned i = 0; i + 1 < map.rank; ++i)
    map.strides[i] = request.strides[i];
  map.elementBytes = uint8_t(elementBytes);
  map.swizzle = Swizzle(request.swizzle);
  map.fillsNaN = request.fill != 0;
  map.dataType = uint8_t(request.dataType);
  map.magic = TensorMap::magicValue;
  return std::nullopt;
}
