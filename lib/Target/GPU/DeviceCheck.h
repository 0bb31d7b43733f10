//===----------------------------------------------------------------------===//
// What code generation for GPUs would stop at.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TARGET_GPU_DEVICECHECK_H
#define NNC_LIB_TARGET_GPU_DEVICECHECK_H

#include "llvm/IR/Module.h"
#include "llvm/Support/Error.h"

namespace mlir::nnc {

/// Fails for calls of functions that nothing defines, and of intrinsics that
/// stand for a library's function: the code generator of GPUs ends the process
/// at these. The message names them all with the kernels that call them.
llvm::Error checkDeviceModule(const llvm::Module &module);

} // namespace mlir::nnc

#endif // NNC_LIB_TARGET_GPU_DEVICECHECK_H
