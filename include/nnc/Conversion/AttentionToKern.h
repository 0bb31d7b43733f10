//===----------------------------------------------------------------------===//
// Attention as a kern op.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_CONVERSION_ATTENTIONTOKERN_H
#define NNC_CONVERSION_ATTENTIONTOKERN_H

#include "mlir/IR/PatternMatch.h"

namespace mlir::nnc {

/// `nn.attention` in kernels becomes `kern.attention`. Takes the transpositions
/// around it with it, so a walk must not apply it.
void populateNNAttentionToKernPatterns(RewritePatternSet &patterns);

} // namespace mlir::nnc

#endif // NNC_CONVERSION_ATTENTIONTOKERN_H
