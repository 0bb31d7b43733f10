//===----------------------------------------------------------------------===//
// Host scalars: shape arithmetic as SSA values instead of tensors.
//
// Exported models compute shapes with dozens of ops on tiny integer tensors.
// Such a tensor of up to 64 elements, when it derives from shapes, constants
// and host scalars alone, is rewritten into one scalar an element, joined by
// `tensor.from_elements`. Element-wise ops do it through ScalarOpInterface; ops
// that only move data do it by evaluating them on element numbers.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_NN_IR_HOSTSCALARS_H
#define NNC_DIALECTS_NN_IR_HOSTSCALARS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::nnc::nn {

/// Tensors above this many elements are never scalars of the host.
inline constexpr int64_t hostScalarLimit = 64;

/// True for an integer (or bool, or float) tensor whose elements are at hand as
/// scalars or numbers: made by `nn.constant` or `tensor.from_elements`.
bool isHostTensor(Value value);

/// If every tensor operand of `op` is a host tensor, computes its single result
/// as scalars and returns it as a `tensor.from_elements`; else, or if `op` has
/// no such form, null. Does not erase `op`.
Value computeOnHost(OpBuilder &builder, Operation *op);

/// `computeOnHost` as rewrite patterns.
void populateHostScalarPatterns(RewritePatternSet &patterns);

} // namespace mlir::nnc::nn

#endif // NNC_DIALECTS_NN_IR_HOSTSCALARS_H
