//===----------------------------------------------------------------------===//
// Products with matrices in few bits as kern ops.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_CONVERSION_NNTOKERN_NARROW_H
#define NNC_LIB_CONVERSION_NNTOKERN_NARROW_H

#include "mlir/IR/PatternMatch.h"

namespace mlir::nnc {

/// Appends the pattern for products of floats, in kernels, whose matrix is made
/// of constants in few bits there.
void populateNNNarrowToKernPatterns(RewritePatternSet &patterns);

} // namespace mlir::nnc

#endif // NNC_LIB_CONVERSION_NNTOKERN_NARROW_H
