//===----------------------------------------------------------------------===//
// The part of NVIDIA's driver interface that models for GPUs use, found at run
// time: names and numbers are those of cuda.h, which is not needed to build.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_RUNTIME_CUDA_H
#define NNC_LIB_RUNTIME_CUDA_H

#include "lib/Runtime/Internal.h"

namespace nncrt::cuda {

/// CUresult; 0 is success.
using Result = int;
using Device = int;
/// An address in the memory of the GPU.
using Pointer = unsigned long long;
using Context = struct OpaqueContext *;
using Module = struct OpaqueModule *;
using Function = struct OpaqueFunction *;
using Stream = struct OpaqueStream *;
using Graph = struct OpaqueGraph *;
using GraphRun = struct OpaqueGraphRun *;

/// CU_STREAM_NON_BLOCKING: no waiting for the work of others in the process.
inline constexpr unsigned streamNonBlocking = 1;
/// CU_STREAM_CAPTURE_MODE_THREAD_LOCAL: other threads may do as they like.
inline constexpr int captureThreadLocal = 1;
/// CUdevice_attribute.
inline constexpr int attributeMultiprocessors = 16;
inline constexpr int attributeMajor = 75;
inline constexpr int attributeMinor = 76;
inline constexpr int attributeMemoryPools = 115;
/// CUfunction_attribute: CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES. What
/// a block may have without it, in bytes.
inline constexpr int functionSharedBytes = 8;
inline constexpr int32_t plainSharedBytes = 48 << 10;
/// CUpointer_attribute: CU_POINTER_ATTRIBUTE_MEMORY_TYPE, and of its values
/// CU_MEMORYTYPE_DEVICE.
inline constexpr int pointerMemoryType = 2;
inline constexpr unsigned memoryOfDevice = 2;
/// CUjit_option: a buffer for what the driver's compiler says, and its size.
inline constexpr int jitErrorLog = 5;
inline constexpr int jitErrorLogBytes = 6;

/// X(member, name in the library, parameters).
#define NNC_CUDA_FUNCTIONS(X)                                                  \
  X(init, "cuInit", (unsigned))                                                \
  X(deviceGet, "cuDeviceGet", (Device *, int))                                 \
  X(deviceGetAttribute, "cuDeviceGetAttribute", (int *, int, Device))          \
  X(contextRetain, "cuDevicePrimaryCtxRetain", (Context *, Device))            \
  X(contextRelease, "cuDevicePrimaryCtxRelease_v2", (Device))                  \
  X(contextPush, "cuCtxPushCurrent_v2", (Context))                             \
  X(contextPop, "cuCtxPopCurrent_v2", (Context *))                             \
  X(moduleLoad, "cuModuleLoadDataEx",                                          \
    (Module *, const void *, unsigned, int *, void **))                        \
  X(moduleUnload, "cuModuleUnload", (Module))                                  \
  X(moduleGetFunction, "cuModuleGetFunction",                                  \
    (Function *, Module, const char *))                                        \
  X(functionSetAttribute, "cuFuncSetAttribute", (Function, int, int))          \
  X(launch, "cuLaunchKernel",                                                  \
    (Function, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,     \
     unsigned, Stream, void **, void **))                                      \
  X(allocate, "cuMemAlloc_v2", (Pointer *, size_t))                            \
  X(release, "cuMemFree_v2", (Pointer))                                        \
  X(allocateAsync, "cuMemAllocAsync", (Pointer *, size_t, Stream))             \
  X(releaseAsync, "cuMemFreeAsync", (Pointer, Stream))                         \
  X(copyToDevice, "cuMemcpyHtoDAsync_v2",                                      \
    (Pointer, const void *, size_t, Stream))                                   \
  X(copyToHost, "cuMemcpyDtoHAsync_v2", (void *, Pointer, size_t, Stream))     \
  X(copyOnDevice, "cuMemcpyDtoDAsync_v2", (Pointer, Pointer, size_t, Stream))  \
  X(pointerGetAttribute, "cuPointerGetAttribute", (void *, int, Pointer))      \
  X(streamCreate, "cuStreamCreate", (Stream *, unsigned))                      \
  X(streamDestroy, "cuStreamDestroy_v2", (Stream))                             \
  X(streamSynchronize, "cuStreamSynchronize", (Stream))                        \
  X(captureBegin, "cuStreamBeginCapture_v2", (Stream, int))                    \
  X(captureEnd, "cuStreamEndCapture", (Stream, Graph *))                       \
  X(graphInstantiate, "cuGraphInstantiateWithFlags",                           \
    (GraphRun *, Graph, unsigned long long))                                   \
  X(graphLaunch, "cuGraphLaunch", (GraphRun, Stream))                          \
  X(graphDestroy, "cuGraphDestroy", (Graph))                                   \
  X(graphRunDestroy, "cuGraphExecDestroy", (GraphRun))                         \
  X(errorName, "cuGetErrorName", (Result, const char **))                      \
  X(errorText, "cuGetErrorString", (Result, const char **))

/// The functions of the driver and the GPU that it lists first.
struct Driver {
#define NNC_CUDA_MEMBER(member, name, parameters) Result(*member) parameters;
  NNC_CUDA_FUNCTIONS(NNC_CUDA_MEMBER)
#undef NNC_CUDA_MEMBER
  Device device;
  int capability; ///< Ten times the major number and the minor one.
  int multiprocessors;
  bool hasPools; ///< Memory in the order of a stream.
};

/// Opens libcuda.so.1, or what NNC_CUDA_DRIVER names, and asks for its GPU. The
/// library stays in the process. NNC_NO_DEVICE if there is none.
nnc_status openDriver(Driver &driver, nnc_error *error);

/// "CUDA_ERROR_OUT_OF_MEMORY (out of memory)", of a result that is not 0.
struct ResultText {
  char text[160];
  ResultText(const Driver &driver, Result result);
};

} // namespace nncrt::cuda

#endif // NNC_LIB_RUNTIME_CUDA_H
