//===----------------------------------------------------------------------===//
// The bytes of the weight section in order.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TARGET_CPU_WEIGHTS_H
#define NNC_LIB_TARGET_CPU_WEIGHTS_H

#include "nnc/Target/CPU/Artifact.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace mlir::nnc {

/// Gives all `info.weightsBytes` bytes to `sink`, piece by piece; what no
/// constant covers is zero. Transforms of weights run here, in the threads of
/// the context; each weight is loaded once.
llvm::Error copyWeights(const ArtifactInfo &info,
                        llvm::function_ref<void(const uint8_t *, size_t)> sink);

} // namespace mlir::nnc

#endif // NNC_LIB_TARGET_CPU_WEIGHTS_H
