//===----------------------------------------------------------------------===//
// Passes that work through interfaces, on every level above LLVM.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TRANSFORMS_PASSES_H
#define NNC_TRANSFORMS_PASSES_H

#include "dialects/NN/IR/SignatureTypes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::nnc {

#define GEN_PASS_DECL
#include "nnc/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "nnc/Transforms/Passes.h.inc"

/// On an outlined kernel function.
inline constexpr StringLiteral kernelAttrName = "nn.kernel";
/// On a kernel function: bytes of scratch a thread needs.
inline constexpr StringLiteral scratchBytesAttrName = "nn.scratch_bytes";
/// On a kernel function with an argument for it: bytes of scratch that all
/// units share.
inline constexpr StringLiteral sharedBytesAttrName = "nn.shared_bytes";
/// On a kernel function whose work is distributed: the number of units of each
/// phase, -1 where it depends on sizes.
inline constexpr StringLiteral unitsAttrName = "nn.units";
/// On a kernel function of several phases: their functions, itself first.
inline constexpr StringLiteral phasesAttrName = "nn.phases";
/// On an entry function: bytes of the arena when placed by the compiler.
inline constexpr StringLiteral arenaBytesAttrName = "nn.arena_bytes";
/// Beside it: the largest sum, in bytes, of slots that are alive at one time.
/// No arena can be smaller.
inline constexpr StringLiteral arenaLowerBoundAttrName = "nn.arena_lower_bound";
/// On a kernel function: for each result the number of the tensor argument
/// whose memory it takes, or -1. Such functions are called with both at one
/// place.
inline constexpr StringLiteral inPlaceAttrName = "nn.in_place";
/// On an entry function: the largest values of symbolic dimensions, by name.
inline constexpr StringLiteral dimBoundsAttrName = "nn.dim_bounds";

} // namespace mlir::nnc

#endif // NNC_TRANSFORMS_PASSES_H
