//===----------------------------------------------------------------------===//
// Runs GPU kernels on the CPU: the LLVM IR for nvptx64 that would go to the
// back end, compiled for this machine, with every GPU thread a fiber. It checks
// what hardware leaves undefined.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TARGET_GPUEMULATOR_EMULATOR_H
#define NNC_TARGET_GPUEMULATOR_EMULATOR_H

#include "nnc/Target/GPUEmulator/DeviceMemory.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBufferRef.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace llvm {
class LLVMContext;
class Module;
class raw_ostream;
} // namespace llvm

namespace nncgpu {

/// Extents of a grid, a block or a cluster, or an index into one.
struct Dim3 {
  uint32_t x = 1, y = 1, z = 1;

  uint64_t count() const { return uint64_t(x) * y * z; }
};

/// The GPU that is emulated: the limits that launches are checked against.
struct DeviceLimits {
  /// 10 * major + minor of the compute capability.
  unsigned computeCapability = 90;
  unsigned multiprocessors = 132;
  /// Bytes of shared memory of a block: what it gets unasked, and at most.
  unsigned sharedPerBlock = 48 << 10;
  unsigned sharedPerBlockOptIn = 227 << 10;
  unsigned sharedPerMultiprocessor = 228 << 10;
  unsigned threadsPerBlock = 1024;
  unsigned blocksPerCluster = 8;
  /// Bytes of global memory.
  uint64_t globalMemory = uint64_t(8) << 30;

  /// An A100 ("sm_80"), H200 ("sm_90", "sm_90a") or RTX 5090 ("sm_120");
  /// nothing for another name. Limits are those of table "Technical
  /// Specifications per Compute Capability" of the CUDA programming guide.
  static std::optional<DeviceLimits> get(llvm::StringRef name);
};

enum class FindingKind {
  Race,
  Uninitialized,
  OutOfBounds,
  Misaligned,
  Deadlock,
  Divergence,
  /// A rule of an instruction that its operands or its place break.
  Misuse,
  Trap,
};
/// "race", "out-of-bounds" and so on.
llvm::StringRef findingName(FindingKind kind);

/// Something that a kernel did and that the hardware does not define.
struct Finding {
  FindingKind kind;
  std::string message;
};

/// What the accesses of a launch amount to. Requests are of a warp; a sector
/// has 32 bytes; a wavefront is one pass through the 32 banks of shared memory.
/// `ideal` counts are what the bytes alone need.
struct Counters {
  uint64_t globalRequests = 0, globalSectors = 0, idealSectors = 0;
  uint64_t sharedRequests = 0, sharedWavefronts = 0, idealWavefronts = 0;
  uint64_t matrixProducts = 0, tensorCopies = 0, barriers = 0, shuffles = 0;

  Counters &operator+=(const Counters &other);
  void print(llvm::raw_ostream &os) const;
};

struct LaunchOptions {
  /// Other than 0, the order of threads and asynchronous copies is shuffled.
  uint64_t seed = 0;
  /// Asynchronous copies happen as late as possible, instead of at once.
  bool lazyCopies = false;
  /// Count requests, sectors and wavefronts, which takes time.
  bool count = false;
  /// Operating system threads that share the blocks; 0: all processors.
  unsigned workers = 0;
};

struct LaunchConfig {
  Dim3 grid, block, cluster;
  /// Bytes.
  unsigned dynamicShared = 0;
};

struct LaunchResult {
  /// In the order of discovery, one an instruction and kind, at most 16.
  std::vector<Finding> findings;
  Counters counters;
};

struct Parameter {
  unsigned bytes;
  unsigned align;
};

struct ModuleState;

/// A function that can be launched.
struct Kernel {
  std::string name;
  std::vector<Parameter> parameters;
  /// Bytes of the static shared memory, and the offset of the dynamic one.
  unsigned staticShared = 0;
  /// `maxntid`, `reqntid` and `cluster_dim` of the kernel, 0 where absent.
  unsigned maxThreads = 0;
  std::optional<Dim3> requiredBlock, requiredCluster;
  /// "sm_90a" or empty.
  std::string chip;
  void (*entry)(void **parameters) = nullptr;
};

/// Compiled kernels. Thread-safe once created.
class KernelModule {
public:
  /// Rewrites and compiles a module for nvptx64. Fails with a message that
  /// lists all instructions and functions that the emulator does not know.
  static llvm::Expected<std::unique_ptr<KernelModule>>
  create(std::unique_ptr<llvm::LLVMContext> context,
         std::unique_ptr<llvm::Module> module);

  /// The same from bitcode or LLVM assembly.
  static llvm::Expected<std::unique_ptr<KernelModule>>
  load(llvm::MemoryBufferRef image);

  ~KernelModule();
  KernelModule(const KernelModule &) = delete;
  KernelModule &operator=(const KernelModule &) = delete;

  llvm::ArrayRef<Kernel> kernels() const;
  /// Null if there is none.
  const Kernel *find(llvm::StringRef name) const;

  /// A variable in global or constant memory.
  struct Variable {
    std::string name;
    uint64_t address;
    uint64_t bytes;
  };
  llvm::ArrayRef<Variable> variables() const;

private:
  explicit KernelModule(std::unique_ptr<ModuleState> state);
  std::unique_ptr<ModuleState> state;
};

/// Checks a launch against the device and the kernel: the reason why the driver
/// would refuse it, or nothing. `sharedLimit` is what the kernel may have as
/// dynamic shared memory.
std::optional<std::string> checkLaunch(const Kernel &kernel,
                                       const LaunchConfig &config,
                                       const DeviceLimits &limits,
                                       unsigned sharedLimit);

/// Runs a kernel to its end. `arguments` point to one value a parameter, which
/// the launch copies. Accesses of global memory are checked against `memory`.
LaunchResult launch(const Kernel &kernel, const LaunchConfig &config,
                    llvm::ArrayRef<const void *> arguments,
                    const DeviceMemory &memory, const LaunchOptions &options);

} // namespace nncgpu

#endif // NNC_TARGET_GPUEMULATOR_EMULATOR_H
