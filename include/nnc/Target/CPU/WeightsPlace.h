//===----------------------------------------------------------------------===//
// Where the weights of an artifact are.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TARGET_CPU_WEIGHTSPLACE_H
#define NNC_TARGET_CPU_WEIGHTSPLACE_H

namespace mlir::nnc {

enum class WeightsPlace {
  Embed, ///< In a section of the artifact.
  File,  ///< In a safetensors file beside a shared library, which maps it.
};

} // namespace mlir::nnc

#endif // NNC_TARGET_CPU_WEIGHTSPLACE_H
