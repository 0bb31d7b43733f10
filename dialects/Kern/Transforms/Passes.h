//===----------------------------------------------------------------------===//
// Passes of the kern dialect.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_KERN_TRANSFORMS_PASSES_H
#define NNC_DIALECTS_KERN_TRANSFORMS_PASSES_H

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::nnc::kern {

#define GEN_PASS_DECL
#include "dialects/Kern/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "dialects/Kern/Transforms/Passes.h.inc"

/// True if an element read by `map` (from the indices of a result to those of
/// an operand) has a vector form along the last index: it does not depend on
/// it, or is contiguous along it.
bool isVectorReadable(AffineMap map);

} // namespace mlir::nnc::kern

#endif // NNC_DIALECTS_KERN_TRANSFORMS_PASSES_H
