//===----------------------------------------------------------------------===//
// A driver of a GPU that is none: its memory is the host's, at addresses that
// the host cannot use, its code is one kernel, run by the caller's thread.
//
//   NNC_FAKE_FAIL=NAME       the function NAME fails
//   NNC_FAKE_CAPABILITY=90   what the GPU is; 80 without it
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

constexpr uint64_t deviceBit = uint64_t(1) << 62;
int blocks = 0, replays = 0;
bool isCapturing = false;
/// Parameters of the launches of the one graph.
std::vector<std::array<uint64_t, 4>> recorded;

char *decode(uint64_t pointer) {
  return reinterpret_cast<char *>(pointer & ~deviceBit);
}

bool fails(const char *name) {
  const char *chosen = getenv("NNC_FAKE_FAIL");
  return chosen && strcmp(chosen, name) == 0;
}

constexpr int outOfMemory = 2, noDevice = 100, noBinary = 209, notFound = 500;

/// y[i] = 2 x[i] + w[0], for units [0, n) in one thread: what is checked is who
/// is given what.
void scale(void **parameters) {
  auto pointer = [&](int i) {
    return reinterpret_cast<float *>(
        decode(*static_cast<uint64_t *>(parameters[i])));
  };
  auto units = *static_cast<int64_t *>(parameters[3]);
  for (int64_t i = 0; i < units; ++i)
    pointer(1)[i] = 2 * pointer(0)[i] + pointer(2)[0];
}

} // namespace

#define FAKE(name, ...)                                                        \
  extern "C" __attribute__((visibility("default"))) int name(__VA_ARGS__)
#define FAIL(name, code)                                                       \
  if (fails(name))                                                             \
  return code

FAKE(cuInit, unsigned) {
  FAIL("cuInit", noDevice);
  return 0;
}
FAKE(cuDeviceGet, int *device, int) {
  *device = 0;
  return 0;
}
FAKE(cuDeviceGetAttribute, int *value, int attribute, int) {
  const char *text = getenv("NNC_FAKE_CAPABILITY");
  int capability = text ? atoi(text) : 80;
  switch (attribute) {
  case 16:
    *value = 2;
    return 0;
  case 75:
    *value = capability / 10;
    return 0;
  case 76:
    *value = capability % 10;
    return 0;
  case 115:
    *value = !fails("pools");
    return 0;
  }
  return 1;
}
FAKE(cuDevicePrimaryCtxRetain, void **context, int) {
  FAIL("cuDevicePrimaryCtxRetain", outOfMemory);
  *context = &blocks;
  return 0;
}
FAKE(cuDevicePrimaryCtxRelease_v2, int) { return 0; }
FAKE(cuCtxPushCurrent_v2, void *) {
  FAIL("cuCtxPushCurrent_v2", outOfMemory);
  return 0;
}
FAKE(cuCtxPopCurrent_v2, void **) { return 0; }
FAKE(cuModuleLoadDataEx, void **module, const void *image, unsigned, int *,
     void **) {
  if (strcmp(static_cast<const char *>(image), "good") != 0)
    return noBinary;
  *module = &blocks;
  return 0;
}
FAKE(cuModuleUnload, void *) { return 0; }
FAKE(cuModuleGetFunction, void **function, void *, const char *name) {
  if (strcmp(name, "scale") != 0)
    return notFound;
  *function = reinterpret_cast<void *>(scale);
  return 0;
}
FAKE(cuFuncSetAttribute, void *, int, int) { return 0; }
FAKE(cuLaunchKernel, void *function, unsigned, unsigned, unsigned, unsigned,
     unsigned, unsigned, unsigned, void *, void **parameters, void **) {
  FAIL("cuLaunchKernel", outOfMemory);
  if (isCapturing) {
    std::array<uint64_t, 4> values;
    for (int i = 0; i < 4; ++i)
      values[i] = *static_cast<uint64_t *>(parameters[i]);
    recorded.push_back(values);
    return 0;
  }
  reinterpret_cast<void (*)(void **)>(function)(parameters);
  return 0;
}
FAKE(cuMemAlloc_v2, uint64_t *pointer, size_t bytes) {
  FAIL("cuMemAlloc_v2", outOfMemory);
  ++blocks;
  *pointer = reinterpret_cast<uint64_t>(malloc(bytes)) | deviceBit;
  return 0;
}
FAKE(cuMemFree_v2, uint64_t pointer) {
  --blocks;
  free(decode(pointer));
  return 0;
}
FAKE(cuMemAllocAsync, uint64_t *pointer, size_t bytes, void *) {
  FAIL("cuMemAllocAsync", outOfMemory);
  return cuMemAlloc_v2(pointer, bytes);
}
FAKE(cuMemFreeAsync, uint64_t pointer, void *) { return cuMemFree_v2(pointer); }
FAKE(cuPointerGetAttribute, void *value, int attribute, uint64_t pointer) {
  constexpr int invalidValue = 1, memoryType = 2;
  if (attribute != memoryType || !(pointer & deviceBit))
    return invalidValue;
  *static_cast<unsigned *>(value) = 2;
  return 0;
}
FAKE(cuMemcpyHtoDAsync_v2, uint64_t to, const void *from, size_t bytes,
     void *) {
  FAIL("cuMemcpyHtoDAsync_v2", outOfMemory);
  memcpy(decode(to), from, bytes);
  return 0;
}
FAKE(cuMemcpyDtoHAsync_v2, void *to, uint64_t from, size_t bytes, void *) {
  FAIL("cuMemcpyDtoHAsync_v2", outOfMemory);
  memcpy(to, decode(from), bytes);
  return 0;
}
FAKE(cuMemcpyDtoDAsync_v2, uint64_t to, uint64_t from, size_t bytes, void *) {
  memcpy(decode(to), decode(from), bytes);
  return 0;
}
FAKE(cuStreamCreate, void **stream, unsigned) {
  FAIL("cuStreamCreate", outOfMemory);
  *stream = &blocks;
  return 0;
}
FAKE(cuStreamDestroy_v2, void *) { return 0; }
FAKE(cuStreamSynchronize, void *) {
  FAIL("cuStreamSynchronize", outOfMemory);
  return 0;
}
FAKE(cuStreamBeginCapture_v2, void *, int) {
  FAIL("cuStreamBeginCapture_v2", noBinary);
  isCapturing = true;
  recorded.clear();
  return 0;
}
FAKE(cuStreamEndCapture, void *, void **graph) {
  isCapturing = false;
  *graph = &blocks;
  return 0;
}
FAKE(cuGraphInstantiateWithFlags, void **run, void *, unsigned long long) {
  FAIL("cuGraphInstantiateWithFlags", outOfMemory);
  *run = &blocks;
  return 0;
}
FAKE(cuGraphLaunch, void *, void *) {
  FAIL("cuGraphLaunch", outOfMemory);
  ++replays;
  for (std::array<uint64_t, 4> &values : recorded) {
    void *parameters[] = {&values[0], &values[1], &values[2], &values[3]};
    scale(parameters);
  }
  return 0;
}
FAKE(cuGraphDestroy, void *) { return 0; }
FAKE(cuGraphExecDestroy, void *) { return 0; }
FAKE(cuGetErrorName, int result, const char **name) {
  *name = result == noDevice ? "CUDA_ERROR_NO_DEVICE" : "CUDA_ERROR_FAKE";
  return 0;
}
FAKE(cuGetErrorString, int, const char **text) {
  *text = "as was asked for";
  return 0;
}
/// Blocks of memory that are allocated, and launches of graphs.
FAKE(fakeBlocks) { return blocks; }
FAKE(fakeReplays) { return replays; }
