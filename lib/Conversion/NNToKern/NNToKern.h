//===----------------------------------------------------------------------===//
// Conversions of graph ops to ops with machine code of their own shape.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_CONVERSION_NNTOKERN_NNTOKERN_H
#define NNC_LIB_CONVERSION_NNTOKERN_NNTOKERN_H

#include "dialects/Kern/IR/KernDialect.h"
#include "dialects/NN/IR/NNOps.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::nnc {

/// Appends the pattern for attention inside of kernels.
void populateNNAttentionToKernPatterns(RewritePatternSet &patterns);

/// Appends patterns for those of bytes with constant factors.
void populateNNBytesToKernPatterns(RewritePatternSet &patterns);

/// Appends patterns for products and convolutions inside of kernels.
void populateNNLinearToKernPatterns(RewritePatternSet &patterns);

/// A tensor for the only result of `op`, its dimensions by the op's shape
/// function; null if they can't be had here.
Value createDestination(OpBuilder &builder, Operation *op);

/// The type that sums of products of `elementType` are kept in; null if there
/// is no vector code for it.
Type getSumType(Type elementType);

/// Makes `region` hand on the sum, converted to `resultType`.
void buildPlainEpilogue(OpBuilder &builder, Location loc, Region &region,
                        Type sumType, Type resultType);

} // namespace mlir::nnc

#endif // NNC_LIB_CONVERSION_NNTOKERN_NNTOKERN_H
