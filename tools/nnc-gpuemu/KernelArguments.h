//===----------------------------------------------------------------------===//
// Arguments of a kernel by what the command line says of them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TOOLS_NNC_GPUEMU_KERNELARGUMENTS_H
#define NNC_TOOLS_NNC_GPUEMU_KERNELARGUMENTS_H

#include "nnc/DataIO/Tensor.h"
#include "nnc/Target/GPUEmulator/Emulator.h"
#include "nnc/Target/GPUEmulator/TensorMap.h"

/// One argument: a buffer in global memory, a scalar, or a tensor map.
struct KernelArgument {
  /// A buffer's first contents; of one element if it is a scalar.
  nncio::Tensor tensor;
  bool isBuffer = false;
  /// Contents are 0xff bytes.
  bool isPoison = false;
  bool isMap = false;
  /// Of a tensor map: the buffer that it describes, from 0; without, its own.
  std::optional<size_t> mapOf;
  std::vector<uint32_t> box;
  int swizzle = 0;
  /// Where the buffer is, or the map's bytes, once placed.
  uint64_t address = 0;
  nncgpu::TensorMap map;
  alignas(64) uint8_t mapBytes[128] = {};

  const void *value() const;
  /// Whether it has memory of its own.
  bool hasMemory() const { return isBuffer || (isMap && !mapOf); }
};

/// "@x.npy", "f32[4x8]" with "=zero", "=iota" or "=random", "i32=5",
/// "map(0,8x64,128)" (buffer, box, swizzle in bytes; instead of a buffer's
/// number, what one is).
nncio::Result<KernelArgument> parseArgument(const std::string &text);

/// Puts all buffers into `memory`; a message if one has no room, or a map is
/// wrong.
std::string placeArguments(std::vector<KernelArgument> &arguments,
                           nncgpu::DeviceMemory &memory);

/// The contents of a placed buffer.
nncio::Tensor readBuffer(const KernelArgument &argument);

#endif // NNC_TOOLS_NNC_GPUEMU_KERNELARGUMENTS_H
