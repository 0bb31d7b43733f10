//===----------------------------------------------------------------------===//
// Modules, functions and launches.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Driver/State.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <cstring>

using namespace nncgpu;
using namespace nncgpu::driver;

/// Blocks of a bitcode file that stand at its top: identification, module,
/// string table, symbol table ("LLVM Bitcode File Format").
static bool isTopLevelBlock(uint32_t id) {
  return id == 13 || id == 8 || id == 23 || id == 25;
}

size_t driver::findImageBytes(const void *image) {
  static constexpr uint8_t magic[] = {'B', 'C', 0xC0, 0xDE};
  auto *bytes = static_cast<const uint8_t *>(image);
  if (std::memcmp(bytes, magic, sizeof magic) != 0)
    return 0;
  auto wordAt = [&](size_t at) {
    uint32_t word;
    std::memcpy(&word, bytes + at, sizeof word);
    return word;
  };
  // Each block begins with the abbreviation "enter block" (two bits, 1), its
  // number in eight bits and its width in four, and then its length in words.
  size_t size = sizeof magic;
  while (true) {
    uint32_t header = wordAt(size);
    if ((header & 3) != 1 || !isTopLevelBlock(header >> 2 & 0xff))
      return size;
    size += 8 + size_t(4) * wordAt(size + 4);
  }
}

/// Whether the device runs code for a chip: code for "sm_90a" only where it is
/// from, other code also on what came later.
static bool canRun(llvm::StringRef chip, unsigned capability) {
  if (!chip.consume_front("sm_"))
    return true;
  bool isExact = chip.consume_back("a");
  unsigned needed;
  if (chip.getAsInteger(10, needed))
    return false;
  return isExact ? needed == capability : needed <= capability;
}

/// What the caller's log buffers get.
static void writeLog(llvm::StringRef text, unsigned count, const int *options,
                     void **values) {
  char *log = nullptr;
  size_t bytes = 0;
  for (unsigned i = 0; i < count; ++i) {
    if (options[i] == ErrorLog)
      log = static_cast<char *>(values[i]);
    else if (options[i] == ErrorLogBytes)
      bytes = reinterpret_cast<size_t>(values[i]);
  }
  if (!log || !bytes)
    return;
  size_t length = std::min(text.size(), bytes - 1);
  std::memcpy(log, text.data(), length);
  log[length] = 0;
}

NNC_CU_EXPORT cuModuleLoadDataEx(void **module, const void *image,
                                 unsigned count, int *options, void **values) {
  Call call("cuModuleLoadDataEx");
  if (call.status())
    return call.status();
  size_t bytes = findImageBytes(image);
  if (!bytes) {
    writeLog("the emulator takes LLVM bitcode, not PTX or a cubin", count,
             options, values);
    return NoBinaryForGpu;
  }
  auto code = KernelModule::load(llvm::MemoryBufferRef(
      llvm::StringRef(static_cast<const char *>(image), bytes), "image"));
  if (!code) {
    std::string text = llvm::toString(code.takeError());
    writeLog(text, count, options, values);
    return call.refuse(NoBinaryForGpu, text);
  }
  for (const Kernel &kernel : (*code)->kernels())
    if (!canRun(kernel.chip, call.state().settings.limits.computeCapability)) {
      writeLog("kernel '" + kernel.name + "' is for " + kernel.chip, count,
               options, values);
      return NoBinaryForGpu;
    }
  for (const auto &variable : (*code)->variables())
    call.state().memory.lend(variable.address, variable.bytes);
  auto loaded = std::make_unique<Module>();
  loaded->code = std::move(*code);
  *module = loaded.get();
  call.state().modules.insert(std::move(loaded));
  return Success;
}

NNC_CU_EXPORT cuModuleLoadData(void **module, const void *image) {
  return cuModuleLoadDataEx(module, image, 0, nullptr, nullptr);
}

NNC_CU_EXPORT cuModuleUnload(void *handle) {
  Call call("cuModuleUnload");
  State &state = call.state();
  for (auto it = state.modules.begin(); it != state.modules.end(); ++it)
    if (it->get() == handle) {
      Result result = state.drainAll();
      for (const auto &variable : (*it)->code->variables())
        state.memory.free(variable.address);
      state.modules.erase(it);
      return result;
    }
  return call.refuse(InvalidHandle, "no such module");
}

NNC_CU_EXPORT cuModuleGetFunction(void **function, void *handle,
                                  const char *name) {
  Call call("cuModuleGetFunction");
  if (call.status())
    return call.status();
  auto &module = *static_cast<Module *>(handle);
  const Kernel *kernel = module.code->find(name);
  if (!kernel)
    return NotFound;
  auto &known = module.functions[name];
  if (!known)
    known = std::make_unique<Function>(
        Function{kernel, call.state().settings.limits.sharedPerBlock});
  *function = known.get();
  return Success;
}

NNC_CU_EXPORT cuModuleGetGlobal_v2(DevicePointer *address, size_t *bytes,
                                   void *module, const char *name) {
  Call call("cuModuleGetGlobal");
  if (call.status())
    return call.status();
  for (const auto &variable : static_cast<Module *>(module)->code->variables())
    if (variable.name == name) {
      if (address)
        *address = variable.address;
      if (bytes)
        *bytes = variable.bytes;
      return Success;
    }
  return NotFound;
}

NNC_CU_EXPORT cuFuncSetAttribute(void *handle, int attribute, int value) {
  Call call("cuFuncSetAttribute");
  if (call.status())
    return call.status();
  auto &function = *static_cast<Function *>(handle);
  unsigned most = call.state().settings.limits.sharedPerBlockOptIn -
                  function.kernel->staticShared;
  switch (attribute) {
  case MaxDynamicSharedBytes:
    if (value < 0 || unsigned(value) > most)
      return call.refuse(InvalidValue,
                         "expected dynamic shared memory of at most " +
                             llvm::Twine(most) + ", found " +
                             llvm::Twine(value));
    function.maxDynamicShared = unsigned(value);
    return Success;
  case SharedCarveout:
    return Success;
  case NonPortableCluster:
    function.hasNonPortableClusters = value != 0;
    return Success;
  default:
    return call.refuse(InvalidValue, "no function attribute " +
                                         llvm::Twine(attribute) +
                                         " can be set");
  }
}

NNC_CU_EXPORT cuFuncGetAttribute(int *value, int attribute, void *handle) {
  Call call("cuFuncGetAttribute");
  if (call.status())
    return call.status();
  auto &function = *static_cast<Function *>(handle);
  switch (attribute) {
  case MaxThreadsPerBlock:
    *value =
        function.kernel->maxThreads ? int(function.kernel->maxThreads) : 1024;
    return Success;
  case SharedBytes:
    *value = int(function.kernel->staticShared);
    return Success;
  case ConstantBytes:
  case LocalBytes:
    *value = 0;
    return Success;
  case Registers:
    // What the emulator can't know; the least that hardware reserves.
    *value = 24;
    return Success;
  case MaxDynamicSharedBytes:
    *value = int(function.maxDynamicShared);
    return Success;
  default:
    return call.refuse(InvalidValue,
                       "no function attribute " + llvm::Twine(attribute));
  }
}

static Result resultOf(FindingKind kind) {
  switch (kind) {
  case FindingKind::OutOfBounds:
    return IllegalAddress;
  case FindingKind::Misaligned:
    return MisalignedAddress;
  case FindingKind::Deadlock:
    return LaunchTimeout;
  default:
    return LaunchFailed;
  }
}

/// A launch with copies of its arguments.
static Result run(State &state, const Kernel &kernel,
                  const LaunchConfig &config,
                  const std::vector<std::vector<uint8_t>> &arguments) {
  std::vector<const void *> places;
  for (const auto &argument : arguments)
    places.push_back(argument.data());
  LaunchResult result =
      launch(kernel, config, places, state.memory, state.settings.launch);
  if (state.settings.traces) {
    llvm::errs() << "nnc fake driver: launched '" << kernel.name << "' of "
                 << config.grid.count() << " blocks\n";
    if (state.settings.launch.count)
      result.counters.print(llvm::errs());
  }
  for (const Finding &finding : result.findings)
    llvm::errs() << "nnc fake driver: " << findingName(finding.kind) << ": "
                 << finding.message << "\n";
  return result.findings.empty() ? Success : resultOf(result.findings[0].kind);
}

/// Arguments from a list of pointers, or from a buffer behind `extra`.
static bool copyArguments(const Kernel &kernel, void **list, void **extra,
                          std::vector<std::vector<uint8_t>> &arguments) {
  const uint8_t *buffer = nullptr;
  size_t bytes = 0, offset = 0;
  constexpr uint64_t end = 0, bufferKey = 1, sizeKey = 2;
  for (; extra && reinterpret_cast<uint64_t>(*extra) != end; extra += 2) {
    if (reinterpret_cast<uint64_t>(extra[0]) == bufferKey)
      buffer = static_cast<const uint8_t *>(extra[1]);
    else if (reinterpret_cast<uint64_t>(extra[0]) == sizeKey)
      bytes = *static_cast<const size_t *>(extra[1]);
  }
  for (const auto &[i, parameter] : llvm::enumerate(kernel.parameters)) {
    offset = llvm::alignTo(offset, parameter.align);
    if (!list && (!buffer || offset + parameter.bytes > bytes))
      return false;
    auto *from = list ? static_cast<const uint8_t *>(list[i]) : buffer + offset;
    if (!from)
      return false;
    arguments.emplace_back(from, from + parameter.bytes);
    offset += parameter.bytes;
  }
  return true;
}

static Result enqueueLaunch(Call &call, void *handle, LaunchConfig config,
                            void *stream, void **list, void **extra) {
  if (call.status())
    return call.status();
  State &state = call.state();
  if (!handle)
    return call.refuse(InvalidHandle, "no function");
  auto &function = *static_cast<Function *>(handle);
  const Kernel &kernel = *function.kernel;
  DeviceLimits limits = state.settings.limits;
  if (function.hasNonPortableClusters)
    limits.blocksPerCluster = 16;
  if (auto reason =
          checkLaunch(kernel, config, limits, function.maxDynamicShared))
    return call.refuse(InvalidValue, "'" + kernel.name + "': " + *reason);
  std::vector<std::vector<uint8_t>> arguments;
  if (!copyArguments(kernel, list, extra, arguments))
    return call.refuse(InvalidValue, "'" + kernel.name + "': expected " +
                                         llvm::Twine(kernel.parameters.size()) +
                                         " parameters");
  return state.enqueue(state.stream(stream),
                       [&state, &kernel, config, arguments] {
                         return run(state, kernel, config, arguments);
                       });
}

NNC_CU_EXPORT cuLaunchKernel(void *function, unsigned gridX, unsigned gridY,
                             unsigned gridZ, unsigned blockX, unsigned blockY,
                             unsigned blockZ, unsigned sharedBytes,
                             void *stream, void **parameters, void **extra) {
  Call call("cuLaunchKernel");
  LaunchConfig config;
  config.grid = {gridX, gridY, gridZ};
  config.block = {blockX, blockY, blockZ};
  config.dynamicShared = sharedBytes;
  if (function && static_cast<Function *>(function)->kernel->requiredCluster)
    config.cluster =
        *static_cast<Function *>(function)->kernel->requiredCluster;
  return enqueueLaunch(call, function, config, stream, parameters, extra);
}

NNC_CU_EXPORT cuLaunchKernelEx(const LaunchAttributes *launch, void *function,
                               void **parameters, void **extra) {
  Call call("cuLaunchKernelEx");
  LaunchConfig config;
  config.grid = {launch->gridX, launch->gridY, launch->gridZ};
  config.block = {launch->blockX, launch->blockY, launch->blockZ};
  config.dynamicShared = launch->sharedBytes;
  if (function && static_cast<Function *>(function)->kernel->requiredCluster)
    config.cluster =
        *static_cast<Function *>(function)->kernel->requiredCluster;
  for (unsigned i = 0; i < launch->attributeCount; ++i) {
    const LaunchAttribute &attribute = launch->attributes[i];
    if (attribute.id == LaunchAttribute::ClusterDimension)
      config.cluster = {attribute.value.dimensions[0],
                        attribute.value.dimensions[1],
                        attribute.value.dimensions[2]};
    else if (attribute.id == LaunchAttribute::Cooperative)
      return call.refuse(NotSupported,
                         "the emulator does not run all blocks at once");
  }
  return enqueueLaunch(call, function, config, launch->stream, parameters,
                       extra);
}
