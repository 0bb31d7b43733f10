//===----------------------------------------------------------------------===//
// Passes that take weights away.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COMPRESSION_PRUNEPASSES_H
#define NNC_COMPRESSION_PRUNEPASSES_H

#include "dialects/NN/IR/NNOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::nnc {

#define GEN_PASS_DECL
#include "nnc/Compression/PrunePasses.h.inc"

#define GEN_PASS_REGISTRATION
#include "nnc/Compression/PrunePasses.h.inc"

} // namespace mlir::nnc

#endif // NNC_COMPRESSION_PRUNEPASSES_H
