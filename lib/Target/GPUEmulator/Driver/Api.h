//===----------------------------------------------------------------------===//
// The driver interface as this library exports it: names, numbers and layouts
// are those of cuda.h, which is not needed to build.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TARGET_GPUEMULATOR_DRIVER_API_H
#define NNC_LIB_TARGET_GPUEMULATOR_DRIVER_API_H

#include <cstddef>
#include <cstdint>

namespace nncgpu::driver {

/// CUresult.
enum Result : int {
  Success = 0,
  InvalidValue = 1,
  OutOfMemory = 2,
  NotInitialized = 3,
  InvalidDevice = 101,
  InvalidContext = 201,
  NoBinaryForGpu = 209,
  InvalidHandle = 400,
  NotFound = 500,
  NotReady = 600,
  IllegalAddress = 700,
  LaunchOutOfResources = 701,
  LaunchTimeout = 702,
  MisalignedAddress = 716,
  LaunchFailed = 719,
  NotSupported = 801,
  CaptureUnsupported = 900,
  CaptureInvalidated = 901,
};

using DevicePointer = unsigned long long;
using Device = int;

/// CUtensorMap.
struct alignas(64) TensorMapBytes {
  uint64_t opaque[16];
};

/// CUlaunchAttribute and CUlaunchConfig.
struct LaunchAttribute {
  enum Id : int { Ignore = 0, Cooperative = 2, ClusterDimension = 4 };
  int id;
  char padding[4];
  union {
    char bytes[64];
    unsigned dimensions[3];
  } value;
};
struct LaunchAttributes {
  unsigned gridX, gridY, gridZ, blockX, blockY, blockZ, sharedBytes;
  void *stream;
  const LaunchAttribute *attributes;
  unsigned attributeCount;
};

/// CU_JIT_* options of module loading.
enum JitOption : int {
  InfoLog = 3,
  InfoLogBytes = 4,
  ErrorLog = 5,
  ErrorLogBytes = 6
};

/// CU_FUNC_ATTRIBUTE_*.
enum FunctionAttribute : int {
  MaxThreadsPerBlock = 0,
  SharedBytes = 1,
  ConstantBytes = 2,
  LocalBytes = 3,
  Registers = 4,
  MaxDynamicSharedBytes = 8,
  SharedCarveout = 9,
  NonPortableCluster = 14
};

} // namespace nncgpu::driver

/// Exported with the C name that programs look for.
#define NNC_CU_EXPORT                                                          \
  extern "C" __attribute__((visibility("default"))) nncgpu::driver::Result

#endif // NNC_LIB_TARGET_GPUEMULATOR_DRIVER_API_H
