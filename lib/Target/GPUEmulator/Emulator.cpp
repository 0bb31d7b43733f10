//===----------------------------------------------------------------------===//
// Compiles rewritten modules and launches their kernels.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Target/GPUEmulator/Emulator.h"

#include "lib/Runtime/HalfFloat.h"
#include "lib/Target/GPUEmulator/Machine.h"
#include "lib/Target/GPUEmulator/Module.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IRReader/IRReader.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"

#include <cmath>
#include <thread>

using namespace nncgpu;
using llvm::Error;
using llvm::Expected;
namespace orc = llvm::orc;

std::optional<DeviceLimits> DeviceLimits::get(llvm::StringRef name) {
  auto make = [](unsigned capability, unsigned processors, unsigned optIn,
                 unsigned perProcessor) {
    DeviceLimits limits;
    limits.computeCapability = capability;
    limits.multiprocessors = processors;
    limits.sharedPerBlockOptIn = optIn << 10;
    limits.sharedPerMultiprocessor = perProcessor << 10;
    return limits;
  };
  return llvm::StringSwitch<std::optional<DeviceLimits>>(name)
      .Case("sm_80", make(80, 108, 163, 164))
      .Cases({"sm_90", "sm_90a"}, make(90, 132, 227, 228))
      .Cases({"sm_120", "sm_120a"}, make(120, 170, 99, 100))
      .Default(std::nullopt);
}

llvm::StringRef nncgpu::findingName(FindingKind kind) {
  switch (kind) {
  case FindingKind::Race:
    return "race";
  case FindingKind::Uninitialized:
    return "uninitialized";
  case FindingKind::OutOfBounds:
    return "out-of-bounds";
  case FindingKind::Misaligned:
    return "misaligned";
  case FindingKind::Deadlock:
    return "deadlock";
  case FindingKind::Divergence:
    return "divergence";
  case FindingKind::Misuse:
    return "misuse";
  case FindingKind::Trap:
    return "trap";
  }
  return "finding";
}

Counters &Counters::operator+=(const Counters &other) {
  globalRequests += other.globalRequests;
  globalSectors += other.globalSectors;
  idealSectors += other.idealSectors;
  sharedRequests += other.sharedRequests;
  sharedWavefronts += other.sharedWavefronts;
  idealWavefronts += other.idealWavefronts;
  matrixProducts += other.matrixProducts;
  tensorCopies += other.tensorCopies;
  barriers += other.barriers;
  shuffles += other.shuffles;
  return *this;
}

void Counters::print(llvm::raw_ostream &os) const {
  os << "global memory: " << globalRequests << " requests, " << globalSectors
     << " sectors (" << idealSectors << " ideal)\n"
     << "shared memory: " << sharedRequests << " requests, " << sharedWavefronts
     << " wavefronts (" << idealWavefronts << " ideal)\n"
     << "matrix products: " << matrixProducts
     << ", tensor copies: " << tensorCopies << ", barriers: " << barriers
     << ", shuffles: " << shuffles << "\n";
}

/// What code for a CPU without 16-bit floats calls.
static Error defineHalfFloats(orc::LLJIT &jit) {
  orc::SymbolMap symbols;
#if defined(__x86_64__)
  auto add = [&](llvm::StringRef name, auto *function) {
    symbols[jit.mangleAndIntern(name)] = {orc::ExecutorAddr::fromPtr(function),
                                          llvm::JITSymbolFlags::Exported |
                                              llvm::JITSymbolFlags::Callable};
  };
  add("__extendhfsf2", &__extendhfsf2);
  add("__truncsfhf2", &__truncsfhf2);
  add("__truncdfhf2", &__truncdfhf2);
  add("__truncsfbf2", &__truncsfbf2);
  add("__truncdfbf2", &__truncdfbf2);
#endif
  return jit.getMainJITDylib().define(orc::absoluteSymbols(std::move(symbols)));
}

static Expected<std::unique_ptr<orc::LLJIT>> createJIT() {
  static bool isInitialized = !llvm::InitializeNativeTarget() &&
                              !llvm::InitializeNativeTargetAsmPrinter();
  (void)isInitialized;
  auto builder = orc::JITTargetMachineBuilder::detectHost();
  if (!builder)
    return builder.takeError();
  builder->setCodeGenOptLevel(llvm::CodeGenOptLevel::Default);
  auto jit = orc::LLJITBuilder()
                 .setJITTargetMachineBuilder(std::move(*builder))
                 .setPlatformSetUp(orc::setUpInactivePlatform)
                 .create();
  if (!jit)
    return jit.takeError();
  auto process = orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      (*jit)->getDataLayout().getGlobalPrefix());
  if (!process)
    return process.takeError();
  (*jit)->getMainJITDylib().addGenerator(std::move(*process));
  if (Error error = defineHalfFloats(**jit))
    return error;
  return jit;
}

ModuleState::ModuleState() = default;
ModuleState::~ModuleState() = default;

KernelModule::KernelModule(std::unique_ptr<ModuleState> state)
    : state(std::move(state)) {}
KernelModule::~KernelModule() = default;
llvm::ArrayRef<Kernel> KernelModule::kernels() const { return state->kernels; }
llvm::ArrayRef<KernelModule::Variable> KernelModule::variables() const {
  return state->variables;
}

const Kernel *KernelModule::find(llvm::StringRef name) const {
  for (const Kernel &kernel : state->kernels)
    if (kernel.name == name)
      return &kernel;
  return nullptr;
}

Expected<std::unique_ptr<KernelModule>>
KernelModule::create(std::unique_ptr<llvm::LLVMContext> context,
                     std::unique_ptr<llvm::Module> module) {
  auto state = std::make_unique<ModuleState>();
  auto jit = createJIT();
  if (!jit)
    return jit.takeError();
  if (Error error = rewriteModule(*module, (*jit)->getTargetTriple(),
                                  (*jit)->getDataLayout(), *state))
    return error;
  if (Error error = (*jit)->addIRModule(
          orc::ThreadSafeModule(std::move(module), std::move(context))))
    return error;
  for (Kernel &kernel : state->kernels) {
    auto address = (*jit)->lookup(entryName(kernel.name));
    if (!address)
      return address.takeError();
    kernel.entry = address->toPtr<void (*)(void **)>();
  }
  for (Variable &variable : state->variables) {
    auto address = (*jit)->lookup(variable.name);
    if (!address)
      return address.takeError();
    variable.address = address->getValue();
  }
  state->jit = std::move(*jit);
  return std::unique_ptr<KernelModule>(new KernelModule(std::move(state)));
}

Expected<std::unique_ptr<KernelModule>>
KernelModule::load(llvm::MemoryBufferRef image) {
  auto context = std::make_unique<llvm::LLVMContext>();
  llvm::SMDiagnostic diagnostic;
  std::unique_ptr<llvm::Module> module =
      llvm::parseIR(image, diagnostic, *context);
  if (!module) {
    std::string message;
    llvm::raw_string_ostream os(message);
    diagnostic.print(nullptr, os, /*ShowColors=*/false);
    return llvm::createStringError(llvm::StringRef(message).rtrim());
  }
  return create(std::move(context), std::move(module));
}

std::optional<std::string> nncgpu::checkLaunch(const Kernel &kernel,
                                               const LaunchConfig &config,
                                               const DeviceLimits &limits,
                                               unsigned sharedLimit) {
  auto expected = [](llvm::StringRef what, uint64_t most, uint64_t found) {
    return ("expected " + what + " of at most " + llvm::Twine(most) +
            ", found " + llvm::Twine(found))
        .str();
  };
  auto isSame = [](const Dim3 &a, const Dim3 &b) {
    return a.x == b.x && a.y == b.y && a.z == b.z;
  };
  const Dim3 &grid = config.grid, &block = config.block,
             &cluster = config.cluster;
  if (!grid.count() || !block.count() || !cluster.count())
    return "expected a grid, a block and a cluster without zeros";
  if (grid.x > 0x7fffffffu || grid.y > 65535 || grid.z > 65535)
    return "expected a grid of at most 2147483647 x 65535 x 65535 blocks";
  if (block.x > 1024 || block.y > 1024 || block.z > 64)
    return "expected a block of at most 1024 x 1024 x 64 threads";
  if (block.count() > limits.threadsPerBlock)
    return expected("a block", limits.threadsPerBlock, block.count());
  if (kernel.maxThreads && block.count() > kernel.maxThreads)
    return expected("a block (maxntid)", kernel.maxThreads, block.count());
  if (kernel.requiredBlock && !isSame(*kernel.requiredBlock, block))
    return "expected the block of the kernel's reqntid";
  if (config.dynamicShared > sharedLimit)
    return expected("dynamic shared memory", sharedLimit, config.dynamicShared);
  uint64_t shared = uint64_t(kernel.staticShared) + config.dynamicShared;
  if (shared > limits.sharedPerBlockOptIn)
    return expected("shared memory", limits.sharedPerBlockOptIn, shared);
  if (kernel.requiredCluster && !isSame(*kernel.requiredCluster, cluster))
    return "expected the cluster of the kernel's cluster_dim";
  if (cluster.count() > 1 && limits.computeCapability < 90)
    return "expected no cluster: the device has none";
  if (cluster.count() > limits.blocksPerCluster)
    return expected("a cluster", limits.blocksPerCluster, cluster.count());
  if (grid.x % cluster.x || grid.y % cluster.y || grid.z % cluster.z)
    return "expected a grid that is a multiple of the cluster";
  return std::nullopt;
}

/// Copies of the arguments in one buffer, each at its alignment.
static std::vector<uint8_t>
copyArguments(const Kernel &kernel, llvm::ArrayRef<const void *> arguments,
              std::vector<void *> &places) {
  size_t bytes = 128;
  for (const Parameter &parameter : kernel.parameters)
    bytes = llvm::alignTo(bytes, parameter.align) + parameter.bytes;
  std::vector<uint8_t> buffer(bytes + 128);
  uint64_t at = llvm::alignTo(reinterpret_cast<uint64_t>(buffer.data()), 128);
  for (auto [parameter, argument] : llvm::zip(kernel.parameters, arguments)) {
    at = llvm::alignTo(at, parameter.align);
    std::memcpy(reinterpret_cast<void *>(at), argument, parameter.bytes);
    places.push_back(reinterpret_cast<void *>(at));
    at += parameter.bytes;
  }
  return buffer;
}

/// Runs clusters until none is left.
static void work(LaunchState &state, std::atomic<uint64_t> &next,
                 uint64_t count) {
  Machine machine(state);
  if (!machine.isValid())
    return state.report(FindingKind::Misuse, nullptr,
                        "no memory for shared memory");
  const Dim3 &grid = state.config.grid, &cluster = state.config.cluster;
  uint64_t columns = grid.x / cluster.x, rows = grid.y / cluster.y;
  while (!state.shouldStop()) {
    uint64_t i = next++;
    if (i >= count)
      break;
    Dim3 first{uint32_t(i % columns * cluster.x),
               uint32_t(i / columns % rows * cluster.y),
               uint32_t(i / columns / rows * cluster.z)};
    machine.runCluster(first, i);
  }
  machine.addCounts();
}

LaunchResult nncgpu::launch(const Kernel &kernel, const LaunchConfig &config,
                            llvm::ArrayRef<const void *> arguments,
                            const DeviceMemory &memory,
                            const LaunchOptions &options) {
  LaunchState state;
  std::vector<void *> places;
  std::vector<uint8_t> buffer = copyArguments(kernel, arguments, places);
  state.kernel = &kernel;
  state.config = config;
  state.options = options;
  state.memory = &memory;
  state.parameters = places.data();
  state.parametersBegin = reinterpret_cast<uint64_t>(buffer.data());
  state.parametersEnd = state.parametersBegin + buffer.size();
  state.blockThreads = uint32_t(config.block.count());
  state.sharedBytes = kernel.staticShared + config.dynamicShared;
  uint64_t count = config.grid.count() / config.cluster.count();
  uint64_t workers =
      options.workers ? options.workers : std::thread::hardware_concurrency();
  workers = std::max<uint64_t>(1, std::min(workers, count));
  state.options.workers = unsigned(workers);
  std::atomic<uint64_t> next{0};
  std::vector<std::thread> threads;
  for (uint64_t i = 1; i < workers; ++i)
    threads.emplace_back([&] { work(state, next, count); });
  work(state, next, count);
  for (std::thread &thread : threads)
    thread.join();
  return std::move(state.result);
}
