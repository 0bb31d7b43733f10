//===----------------------------------------------------------------------===//
// Shared memory of kernels beyond what their code may declare.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TARGET_GPU_SHAREDMEMORY_H
#define NNC_LIB_TARGET_GPU_SHAREDMEMORY_H

#include "llvm/IR/Module.h"

#include <cstdint>
#include <map>

namespace mlir::nnc {

/// Bytes that a kernel can declare; more are asked for when it is started
/// (CUDA programming guide, "Shared Memory" of compute capability 8.x).
inline constexpr uint64_t mostDeclaredBytes = 48 * 1024;

/// Lays the shared variables of each kernel that has more out in memory that
/// comes with its start. `module` is optimized: kernels call nothing. Bytes by
/// the kernel's name, of those that need it.
std::map<std::string, int> moveLargeSharedMemory(llvm::Module &module);

} // namespace mlir::nnc

#endif // NNC_LIB_TARGET_GPU_SHAREDMEMORY_H
