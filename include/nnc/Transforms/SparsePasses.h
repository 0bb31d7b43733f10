//===----------------------------------------------------------------------===//
// Passes on constants that are mostly 0.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TRANSFORMS_SPARSEPASSES_H
#define NNC_TRANSFORMS_SPARSEPASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::nnc {

#define GEN_PASS_DECL
#include "nnc/Transforms/SparsePasses.h.inc"

#define GEN_PASS_REGISTRATION
#include "nnc/Transforms/SparsePasses.h.inc"

} // namespace mlir::nnc

#endif // NNC_TRANSFORMS_SPARSEPASSES_H
