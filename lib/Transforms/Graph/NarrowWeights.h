//===----------------------------------------------------------------------===//
// Matrices in few bits as products read them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_GRAPH_NARROWWEIGHTS_H
#define NNC_LIB_TRANSFORMS_GRAPH_NARROWWEIGHTS_H

#include "mlir/IR/PatternMatch.h"

namespace mlir::nnc {

/// Appends a pattern that takes transpositions of dequantized constants to
/// these, in front of products only.
void populateNarrowWeightPatterns(RewritePatternSet &patterns);

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_GRAPH_NARROWWEIGHTS_H
