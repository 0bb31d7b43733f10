//===----------------------------------------------------------------------===//
// Runs kernels that tests write as LLVM assembly.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TEST_UNIT_TARGET_GPUEMULATOR_KERNELRUNNER_H
#define NNC_TEST_UNIT_TARGET_GPUEMULATOR_KERNELRUNNER_H

#include "nnc/Target/GPUEmulator/Emulator.h"
#include "gtest/gtest.h"

#include <cstring>

namespace nncgpu {

/// What every module of a test begins with.
inline const char *const moduleHead =
    "target triple = \"nvptx64-nvidia-cuda\"\n"
    "declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()\n"
    "declare void @llvm.nvvm.barrier.cta.sync.aligned.all(i32)\n";

class KernelRunner {
public:
  /// The module has one kernel.
  explicit KernelRunner(const std::string &text) {
    auto loaded = KernelModule::load(llvm::MemoryBufferRef(text, "test"));
    if (loaded)
      module = std::move(*loaded);
    else
      error = llvm::toString(loaded.takeError());
  }

  /// A copy of elements in global memory, the kernel's next argument.
  template <typename T>
  KernelRunner &add(const std::vector<T> &elements) {
    uint64_t address = memory.allocate(elements.size() * sizeof(T));
    std::memcpy(reinterpret_cast<void *>(address), elements.data(),
                elements.size() * sizeof(T));
    values.push_back(address);
    return *this;
  }

  /// The elements of argument `i`.
  template <typename T>
  std::vector<T> get(size_t i, size_t count) const {
    auto *begin = reinterpret_cast<const T *>(values[i]);
    return std::vector<T>(begin, begin + count);
  }

  /// All findings of a run of one block.
  std::vector<std::string> run(unsigned threads, unsigned sharedBytes = 0,
                               LaunchOptions options = {}) {
    if (!module)
      return {error};
    LaunchConfig config;
    config.block = {threads, 1, 1};
    config.dynamicShared = sharedBytes;
    std::vector<const void *> places;
    for (const uint64_t &value : values)
      places.push_back(&value);
    LaunchResult result =
        launch(module->kernels()[0], config, places, memory, options);
    counters = result.counters;
    std::vector<std::string> messages;
    for (const Finding &finding : result.findings)
      messages.push_back(finding.message);
    return messages;
  }

  std::unique_ptr<KernelModule> module;
  std::string error;
  DeviceMemory memory;
  Counters counters;

private:
  std::vector<uint64_t> values;
};

} // namespace nncgpu

#endif // NNC_TEST_UNIT_TARGET_GPUEMULATOR_KERNELRUNNER_H
