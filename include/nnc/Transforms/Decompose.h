//===----------------------------------------------------------------------===//
// Replaces ops that stand for several others by their parts.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TRANSFORMS_DECOMPOSE_H
#define NNC_TRANSFORMS_DECOMPOSE_H

#include "nnc/Interfaces/DecomposableOpInterface.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace mlir::nnc {

/// Replaces all ops in `root` that have parts and are `unwanted` by these, and
/// parts that are such ops too.
void decomposeOps(Operation *root,
                  llvm::function_ref<bool(DecomposableOpInterface)> unwanted);

} // namespace mlir::nnc

#endif // NNC_TRANSFORMS_DECOMPOSE_H
