//===----------------------------------------------------------------------===//
// Passes that bring weights into fewer bits.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COMPRESSION_WEIGHTPASSES_H
#define NNC_COMPRESSION_WEIGHTPASSES_H

#include "dialects/Kern/IR/KernDialect.h"
#include "dialects/NN/IR/NNOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::nnc {

#define GEN_PASS_DECL
#include "nnc/Compression/WeightPasses.h.inc"

#define GEN_PASS_REGISTRATION
#include "nnc/Compression/WeightPasses.h.inc"

} // namespace mlir::nnc

#endif // NNC_COMPRESSION_WEIGHTPASSES_H
