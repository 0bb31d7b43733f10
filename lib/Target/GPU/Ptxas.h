//===----------------------------------------------------------------------===//
// NVIDIA's assembler, where there is one.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TARGET_GPU_PTXAS_H
#define NNC_LIB_TARGET_GPU_PTXAS_H

#include "nnc/Target/GPU/GpuTarget.h"

namespace mlir::nnc {

/// The cubin of a PTX text. Fails with what the assembler says.
llvm::Expected<std::string> assemble(llvm::StringRef ptx,
                                     const GpuTarget &target);

} // namespace mlir::nnc

#endif // NNC_LIB_TARGET_GPU_PTXAS_H
