//===----------------------------------------------------------------------===//
// Passes that make models smaller and faster, and what they compute another.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COMPRESSION_PASSES_H
#define NNC_COMPRESSION_PASSES_H

#include "dialects/NN/IR/NNOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Pass/Pass.h"

namespace mlir::nnc {

#define GEN_PASS_DECL
#include "nnc/Compression/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "nnc/Compression/Passes.h.inc"

} // namespace mlir::nnc

#endif // NNC_COMPRESSION_PASSES_H
