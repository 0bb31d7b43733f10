//===----------------------------------------------------------------------===//
// From kernels in the LLVM dialect to the code of a GPU, in this process.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TARGET_GPU_DEVICECODE_H
#define NNC_TARGET_GPU_DEVICECODE_H

#include "mlir/IR/BuiltinOps.h"
#include "nnc/Target/GPU/GpuTarget.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"

#include <map>
#include <memory>

namespace mlir::nnc {

/// What the host has to know of a function that it starts, see
/// nncrt_device_phase.
struct DevicePhase {
  int numArgs = 0;
  bool usesScratch = false;
  int threads = 0;
  int sharedBytes = 0;
};

/// The kernels of an artifact for a GPU.
struct DeviceCode {
  /// By name.
  llvm::MapVector<llvm::StringRef, DevicePhase> phases;
  /// As `GpuTarget::images` asks for them.
  std::vector<std::string> images;
};

/// Optimized LLVM IR for a GPU.
struct DeviceModule {
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module;
  /// Shared memory that kernels need from their start, in bytes, by name.
  std::map<std::string, int> sharedBytes;
};

/// Translates `module`, which holds the functions `kernels` (made by
/// nnc-lower-host{device}) and what they need, and optimizes it. Fails if
/// something has no form on a GPU: a function without a body, or one of f64
/// that only a library has.
llvm::Expected<DeviceModule>
translateForDevice(ModuleOp module, llvm::ArrayRef<llvm::StringRef> kernels,
                   const GpuTarget &target);

/// Code in the form `kind`; PTX is text. Does not change what `module` means,
/// but it can't be used again.
llvm::Expected<std::string> makeImage(llvm::Module &module, ImageKind kind,
                                      const GpuTarget &target);

/// Both of the above, in all forms that `target` asks for. `kernels` must
/// outlive the result.
llvm::Expected<DeviceCode>
compileForDevice(ModuleOp module, llvm::ArrayRef<llvm::StringRef> kernels,
                 const GpuTarget &target);

/// NVIDIA's assembler: in PATH, or of a toolkit that CUDA_ROOT, CUDA_HOME or
/// CUDA_PATH names or that lies in /usr/local/cuda; "" if there is none.
std::string findPtxas();

} // namespace mlir::nnc

#endif // NNC_TARGET_GPU_DEVICECODE_H
