//===----------------------------------------------------------------------===//
// Passes that run kernels on some rows at a time.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TRANSFORMS_BANDPASSES_H
#define NNC_TRANSFORMS_BANDPASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::nnc {

#define GEN_PASS_DECL
#include "nnc/Transforms/BandPasses.h.inc"

#define GEN_PASS_REGISTRATION
#include "nnc/Transforms/BandPasses.h.inc"

} // namespace mlir::nnc

#endif // NNC_TRANSFORMS_BANDPASSES_H
