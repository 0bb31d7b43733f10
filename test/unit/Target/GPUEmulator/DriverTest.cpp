//===----------------------------------------------------------------------===//
// The fake driver as a program uses it: found by dlopen, called by C names.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Driver/Api.h"
#include "llvm/AsmParser/Parser.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

#include <dlfcn.h>
#include <vector>

using namespace nncgpu::driver;

namespace {
void *library() {
  static void *handle = [] {
    setenv("NNC_GPUEMU", "device=sm_90,memory=1048576,workers=1", 1);
    return dlopen(NNC_FAKE_DRIVER, RTLD_NOW | RTLD_LOCAL);
  }();
  return handle;
}

/// Calls a function of the driver.
template <typename... Args>
int call(const char *name, Args... args) {
  auto *function = reinterpret_cast<int (*)(Args...)>(dlsym(library(), name));
  EXPECT_TRUE(function) << name;
  return function ? function(args...) : -1;
}

const char *const kernels = R"(
target triple = "nvptx64-nvidia-cuda"
@table = addrspace(1) global [4 x float] [float 1.0, float 2.0, float 3.0, float 4.0]
@nnc_dynsmem = external addrspace(3) global [0 x i8], align 16
declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()
define ptx_kernel void @scale(ptr addrspace(1) %x, float %by) #0 {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %p = getelementptr float, ptr addrspace(1) %x, i32 %t
  %v = load float, ptr addrspace(1) %p, align 4
  %w = fmul float %v, %by
  store float %w, ptr addrspace(1) %p, align 4
  ret void
}
define ptx_kernel void @look_up(ptr addrspace(1) %x) {
  %t = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %q = getelementptr float, ptr addrspace(1) @table, i32 %t
  %v = load float, ptr addrspace(1) %q, align 4
  %p = getelementptr float, ptr addrspace(1) %x, i32 %t
  store float %v, ptr addrspace(1) %p, align 4
  ret void
}
define ptx_kernel void @use_shared(ptr addrspace(1) %x) {
  store float 0.0, ptr addrspace(3) @nnc_dynsmem, align 4
  ret void
}
attributes #0 = { "nvvm.maxntid"="64" }
)";

std::vector<char> makeImage(const std::string &text) {
  llvm::LLVMContext context;
  llvm::SMDiagnostic diagnostic;
  auto module = llvm::parseAssemblyString(text, diagnostic, context);
  EXPECT_TRUE(module) << diagnostic.getMessage().str();
  std::string bytes;
  llvm::raw_string_ostream os(bytes);
  if (module)
    llvm::WriteBitcodeToFile(*module, os);
  // Nobody passes on the size; zeros end the image.
  std::vector<char> image(bytes.begin(), bytes.end());
  image.resize(image.size() + 8);
  return image;
}

class DriverTest : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_TRUE(library()) << dlerror();
    ASSERT_EQ(call("cuInit", 0u), Success);
    void *context;
    ASSERT_EQ(call("cuDevicePrimaryCtxRetain", &context, 0), Success);
    ASSERT_EQ(call("cuCtxPushCurrent_v2", context), Success);
    image = makeImage(kernels);
    ASSERT_EQ(
        call("cuModuleLoadDataEx", &module, data(image), 0u, nullptr, nullptr),
        Success);
    ASSERT_EQ(call("cuStreamCreate", &stream, 1u), Success);
    ASSERT_EQ(call("cuMemAlloc_v2", &memory, sizeof values), Success);
  }
  void TearDown() override {
    EXPECT_EQ(call("cuMemFree_v2", memory), Success);
    EXPECT_EQ(call("cuStreamDestroy_v2", stream), Success);
    EXPECT_EQ(call("cuModuleUnload", module), Success);
    EXPECT_EQ(call("cuCtxPopCurrent_v2", static_cast<void **>(nullptr)),
              Success);
    EXPECT_EQ(call("cuDevicePrimaryCtxRelease_v2", 0), Success);
  }
  static const void *data(const std::vector<char> &bytes) {
    return bytes.data();
  }
  void *function(const char *name) {
    void *found = nullptr;
    EXPECT_EQ(call("cuModuleGetFunction", &found, module, name), Success);
    return found;
  }
  int launch(void *kernel, unsigned threads, void **args, unsigned shared = 0) {
    return call("cuLaunchKernel", kernel, 1u, 1u, 1u, threads, 1u, 1u, shared,
                stream, args, static_cast<void **>(nullptr));
  }
  int toDevice() {
    return call("cuMemcpyHtoDAsync_v2", memory,
                static_cast<const void *>(values), sizeof values, stream);
  }
  int toHost() {
    return call("cuMemcpyDtoHAsync_v2", static_cast<void *>(values), memory,
                sizeof values, stream);
  }
  int synchronize() { return call("cuStreamSynchronize", stream); }

  std::vector<char> image;
  void *module = nullptr, *stream = nullptr;
  DevicePointer memory = 0;
  float values[8] = {1, 2, 3, 4, 5, 6, 7, 8};
};
} // namespace

TEST_F(DriverTest, Device) {
  int value = 0;
  EXPECT_EQ(call("cuDeviceGetAttribute", &value, 75, 0), Success);
  EXPECT_EQ(value, 9);
  EXPECT_EQ(call("cuDeviceGetAttribute", &value, 97, 0), Success);
  EXPECT_EQ(value, 227 << 10);
  EXPECT_EQ(call("cuDeviceGetAttribute", &value, 999, 0), InvalidValue);
  int device = 0;
  EXPECT_EQ(call("cuDeviceGet", &device, 1), InvalidDevice);
  const char *name = nullptr;
  EXPECT_EQ(call("cuGetErrorName", 209, &name), Success);
  EXPECT_STREQ(name, "CUDA_ERROR_NO_BINARY_FOR_GPU");
  EXPECT_EQ(call("cuGetErrorName", 12345, &name), InvalidValue);
}

TEST_F(DriverTest, LaunchesAndCopies) {
  float by = 3;
  void *args[] = {&memory, &by};
  EXPECT_EQ(toDevice(), Success);
  // Ordinary memory has been read when the call returns, and so have arguments.
  values[0] = 100;
  EXPECT_EQ(launch(function("scale"), 8, args), Success);
  by = 0;
  EXPECT_EQ(toHost(), Success);
  for (int i = 0; i < 8; ++i)
    EXPECT_EQ(values[i], 3.0f * float(i + 1));
  EXPECT_EQ(call("cuMemsetD32Async", memory, 0x40000000u, size_t(8), stream),
            Success);
  EXPECT_EQ(toHost(), Success);
  EXPECT_EQ(values[7], 2);
}

TEST_F(DriverTest, CopiesOutside) {
  EXPECT_EQ(call("cuMemcpyHtoDAsync_v2", memory + 4,
                 static_cast<const void *>(values), sizeof values, stream),
            InvalidValue);
  EXPECT_EQ(call("cuMemsetD32Async", memory, 0u, size_t(9), stream),
            InvalidValue);
  EXPECT_EQ(synchronize(), Success);
}

/// Work is done when it is waited for, not before.
TEST_F(DriverTest, WaitsAreNeeded) {
  void *pinned = nullptr;
  ASSERT_EQ(call("cuMemHostAlloc", &pinned, sizeof values, 0u), Success);
  auto *host = static_cast<float *>(pinned);
  host[0] = 7;
  EXPECT_EQ(call("cuMemsetD32Async", memory, 0x40000000u, size_t(8), stream),
            Success);
  EXPECT_EQ(call("cuMemcpyDtoHAsync_v2", pinned, memory, size_t(4), stream),
            Success);
  EXPECT_EQ(host[0], 7);
  EXPECT_EQ(call("cuStreamQuery", stream), NotReady);
  EXPECT_EQ(synchronize(), Success);
  EXPECT_EQ(host[0], 2);
  EXPECT_EQ(call("cuStreamQuery", stream), Success);
  EXPECT_EQ(call("cuMemFreeHost", pinned), Success);
}

TEST_F(DriverTest, EventsOrderStreams) {
  void *other = nullptr, *event = nullptr;
  ASSERT_EQ(call("cuStreamCreate", &other, 1u), Success);
  ASSERT_EQ(call("cuEventCreate", &event, 0u), Success);
  EXPECT_EQ(call("cuMemsetD32Async", memory, 0x40000000u, size_t(8), stream),
            Success);
  EXPECT_EQ(call("cuEventRecord", event, stream), Success);
  EXPECT_EQ(call("cuEventQuery", event), NotReady);
  EXPECT_EQ(call("cuStreamWaitEvent", other, event, 0u), Success);
  EXPECT_EQ(call("cuMemcpyDtoHAsync_v2", static_cast<void *>(values), memory,
                 size_t(4), other),
            Success);
  EXPECT_EQ(values[0], 2);
  EXPECT_EQ(call("cuEventDestroy_v2", event), Success);
  EXPECT_EQ(call("cuStreamDestroy_v2", other), Success);
}

TEST_F(DriverTest, Graphs) {
  float by = 2;
  void *args[] = {&memory, &by};
  void *graph = nullptr, *exec = nullptr;
  EXPECT_EQ(call("cuStreamBeginCapture_v2", stream, 2), Success);
  EXPECT_EQ(toDevice(), Success);
  EXPECT_EQ(launch(function("scale"), 8, args), Success);
  EXPECT_EQ(call("cuStreamEndCapture", stream, &graph), Success);
  size_t nodes = 0;
  EXPECT_EQ(
      call("cuGraphGetNodes", graph, static_cast<void **>(nullptr), &nodes),
      Success);
  EXPECT_EQ(nodes, 2u);
  EXPECT_EQ(call("cuGraphInstantiateWithFlags", &exec, graph, 0ull), Success);
  EXPECT_EQ(call("cuGraphDestroy", graph), Success);
  for (float first : {5.0f, 9.0f}) {
    // Each replay reads the input anew.
    values[0] = first;
    EXPECT_EQ(call("cuGraphLaunch", exec, stream), Success);
    float result = 0;
    EXPECT_EQ(call("cuMemcpyDtoHAsync_v2", static_cast<void *>(&result), memory,
                   sizeof result, stream),
              Success);
    EXPECT_EQ(result, 2 * first);
  }
  EXPECT_EQ(call("cuGraphExecDestroy", exec), Success);
  // Waiting breaks a recording.
  EXPECT_EQ(call("cuStreamBeginCapture_v2", stream, 2), Success);
  EXPECT_EQ(synchronize(), CaptureUnsupported);
  EXPECT_EQ(call("cuStreamEndCapture", stream, &graph), CaptureInvalidated);
}

TEST_F(DriverTest, VariablesAndModules) {
  DevicePointer table = 0;
  size_t bytes = 0;
  EXPECT_EQ(call("cuModuleGetGlobal_v2", &table, &bytes, module, "table"),
            Success);
  EXPECT_EQ(bytes, 16u);
  EXPECT_EQ(call("cuMemsetD32Async", table, 0x40000000u, size_t(1), stream),
            Success);
  void *args[] = {&memory};
  EXPECT_EQ(launch(function("look_up"), 4, args), Success);
  EXPECT_EQ(toHost(), Success);
  EXPECT_EQ(values[0], 2);
  EXPECT_EQ(values[3], 4);
  void *found;
  EXPECT_EQ(call("cuModuleGetFunction", &found, module, "absent"), NotFound);
}

/// Lists of images are tried one after the other.
TEST_F(DriverTest, ImagesThatAreRefused) {
  void *loaded = nullptr;
  char log[128] = "";
  int options[] = {ErrorLog, ErrorLogBytes};
  void *values[] = {log, reinterpret_cast<void *>(sizeof log)};
  auto load = [&](const void *bytes) {
    return call("cuModuleLoadDataEx", &loaded, bytes, 2u, options, values);
  };
  EXPECT_EQ(load(".version 8.0\n.target sm_90a\n"), NoBinaryForGpu);
  EXPECT_STREQ(log, "the emulator takes LLVM bitcode, not PTX or a cubin");
  EXPECT_EQ(load("\177ELF\2\1\1"), NoBinaryForGpu);
  std::string later = kernels;
  later += "define ptx_kernel void @later() #1 { ret void }\n"
           "attributes #1 = { \"target-cpu\"=\"sm_120\" }\n";
  EXPECT_EQ(load(makeImage(later).data()), NoBinaryForGpu);
  EXPECT_STREQ(log, "kernel 'later' is for sm_120");
  std::string undefined = kernels;
  undefined += "declare void @missing()\ndefine ptx_kernel void @calls() {\n"
               "  call void @missing()\n  ret void\n}\n";
  EXPECT_EQ(load(makeImage(undefined).data()), NoBinaryForGpu);
  EXPECT_STREQ(log,
               "the emulator does not know function 'missing' without a body");
}

TEST_F(DriverTest, Limits) {
  float by = 2;
  void *args[] = {&memory, &by};
  void *scale = function("scale"), *shared = function("use_shared");
  EXPECT_EQ(launch(scale, 65, args), InvalidValue); // maxntid
  EXPECT_EQ(launch(scale, 0, args), InvalidValue);
  EXPECT_EQ(launch(shared, 1025, args), InvalidValue);
  // Over 48 KiB only when asked for, and never over 227.
  EXPECT_EQ(launch(shared, 1, args, 49153), InvalidValue);
  EXPECT_EQ(
      call("cuFuncSetAttribute", shared, int(MaxDynamicSharedBytes), 228 << 10),
      InvalidValue);
  EXPECT_EQ(
      call("cuFuncSetAttribute", shared, int(MaxDynamicSharedBytes), 100 << 10),
      Success);
  EXPECT_EQ(launch(shared, 1, args, 100 << 10), Success);
  EXPECT_EQ(synchronize(), Success);
  DevicePointer large = 0;
  EXPECT_EQ(call("cuMemAlloc_v2", &large, size_t(1) << 20), OutOfMemory);
  EXPECT_EQ(call("cuMemFree_v2", memory + 4), InvalidValue);
}

TEST_F(DriverTest, Clusters) {
  LaunchAttribute cluster{};
  cluster.id = LaunchAttribute::ClusterDimension;
  cluster.value.dimensions[0] = 2;
  cluster.value.dimensions[1] = cluster.value.dimensions[2] = 1;
  LaunchAttributes config{2, 1, 1, 4, 1, 1, 0, stream, &cluster, 1};
  void *args[] = {&memory};
  auto start = [&] {
    return call("cuLaunchKernelEx", &config, function("look_up"),
                static_cast<void **>(args), static_cast<void **>(nullptr));
  };
  EXPECT_EQ(start(), Success);
  config.gridX = 3;
  EXPECT_EQ(start(), InvalidValue);
  config.gridX = 32, cluster.value.dimensions[0] = 16;
  EXPECT_EQ(start(), InvalidValue);
  EXPECT_EQ(synchronize(), Success);
}

TEST_F(DriverTest, TensorMaps) {
  TensorMapBytes map;
  uint64_t extents[] = {32, 8}, strides[] = {128};
  uint32_t box[] = {32, 8}, steps[] = {1, 1};
  auto encode = [&](DevicePointer base, int swizzle) {
    return call("cuTensorMapEncodeTiled", &map, 7, uint32_t(2),
                reinterpret_cast<void *>(base),
                static_cast<const uint64_t *>(extents),
                static_cast<const uint64_t *>(strides),
                static_cast<const uint32_t *>(box),
                static_cast<const uint32_t *>(steps), 0, swizzle, 0, 0);
  };
  EXPECT_EQ(encode(memory, 3), Success);
  EXPECT_EQ(encode(memory + 4, 3), InvalidValue);
  EXPECT_EQ(encode(memory, 2), InvalidValue);
}

/// What a kernel does wrong makes the next wait fail, and all calls after it.
/// In a process of its own, as the driver never recovers.
TEST_F(DriverTest, FindingsAreErrors) {
  auto run = [&] {
    float by = 2;
    void *args[] = {&memory, &by};
    if (launch(function("scale"), 9, args) != Success)
      _exit(1);
    if (synchronize() != IllegalAddress)
      _exit(2);
    DevicePointer more = 0;
    _exit(call("cuMemAlloc_v2", &more, size_t(16)) == IllegalAddress ? 0 : 3);
  };
  EXPECT_EXIT(run(), testing::ExitedWithCode(0),
              "nnc fake driver: out-of-bounds: out of bounds: reads 4 bytes of "
              "global memory 0 bytes behind the end of a block of 32; kernel "
              "'scale', block \\(0,0,0\\), thread \\(8,0,0\\)");
}
