//===----------------------------------------------------------------------===//
// --memory-budget: compiles so that it holds, or tells why it cannot.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DRIVER_MEMORYBUDGET_H
#define NNC_LIB_DRIVER_MEMORYBUDGET_H

#include "Compile.h"

namespace mlir::nnc::driver {

/// Chooses for `request` how small the arena must be for arena and scratch of
/// `threads` threads to keep within --memory-budget; nothing to do without one,
/// or with dynamic dimensions. Lowers copies of `module`. Returns an exit code:
/// 4, with a message that names what takes the memory, if it is not enough.
int fitMemoryBudget(const Arguments &arguments, ModuleOp module,
                    CompileRequest &request, int threads);

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_MEMORYBUDGET_H
