//===----------------------------------------------------------------------===//
// Kernels from a file.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TOOLS_NNC_GPUEMU_LOADKERNELS_H
#define NNC_TOOLS_NNC_GPUEMU_LOADKERNELS_H

#include "nnc/Target/GPUEmulator/Emulator.h"

/// LLVM bitcode or assembly for nvptx64; or, from a file that ends in ".mlir",
/// a module with one `gpu.module`, whose kernels are in
/// the llvm and nvvm dialects.
llvm::Expected<std::unique_ptr<nncgpu::KernelModule>>
loadKernels(const std::string &path);

#endif // NNC_TOOLS_NNC_GPUEMU_LOADKERNELS_H
