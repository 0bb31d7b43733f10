//===----------------------------------------------------------------------===//
// Tensor maps.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Driver/State.h"
#include "nnc/Target/GPUEmulator/TensorMap.h"

#include <cstring>

using namespace nncgpu;
using namespace nncgpu::driver;

NNC_CU_EXPORT
cuTensorMapEncodeTiled(TensorMapBytes *map, int dataType, uint32_t rank,
                       void *base, const uint64_t *extents,
                       const uint64_t *strides, const uint32_t *box,
                       const uint32_t *elementStrides, int interleave,
                       int swizzle, int promotion, int fill) {
  Call call("cuTensorMapEncodeTiled");
  if (call.status())
    return call.status();
  if (call.state().settings.limits.computeCapability < 90)
    return call.refuse(NotSupported, "the device has no tensor maps");
  if (!map || reinterpret_cast<uint64_t>(map) % alignof(TensorMapBytes) != 0)
    return call.refuse(InvalidValue, "expected a map at a multiple of 64");
  if (rank == 0 || rank > TensorMap::maxRank)
    return call.refuse(InvalidValue, "expected 1 to 5 dimensions");
  TensorMapRequest request;
  request.dataType = dataType;
  request.base = reinterpret_cast<uint64_t>(base);
  request.extents = {extents, rank};
  request.strides = {strides, rank - 1};
  request.box = {box, rank};
  request.elementStrides = {elementStrides, rank};
  request.interleave = interleave;
  request.swizzle = swizzle;
  request.promotion = promotion;
  request.fill = fill;
  TensorMap encoded;
  if (auto reason = encodeTensorMap(request, encoded))
    return call.refuse(InvalidValue, *reason);
  std::memset(map, 0, sizeof *map);
  std::memcpy(map, &encoded, sizeof encoded);
  return Success;
}
