//===----------------------------------------------------------------------===//
// Data movements that cancel or join.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_NN_IR_MOVEMENTPATTERNS_H
#define NNC_DIALECTS_NN_IR_MOVEMENTPATTERNS_H

#include "mlir/IR/PatternMatch.h"

namespace mlir::nnc::nn {

/// A transposition of a transposition is one; one that permutes nothing is
/// none.
void populateMovementPatterns(RewritePatternSet &patterns);

} // namespace mlir::nnc::nn

#endif // NNC_DIALECTS_NN_IR_MOVEMENTPATTERNS_H
