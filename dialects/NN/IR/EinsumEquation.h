//===----------------------------------------------------------------------===//
// Einstein's notation of sums of products.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_NN_IR_EINSUMEQUATION_H
#define NNC_DIALECTS_NN_IR_EINSUMEQUATION_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/SmallVector.h"
#include <string>

namespace mlir::nnc::nn {

/// An equation as loops: each axis of each operand and of the result runs with
/// one loop. The result's axes are loops 0, 1, …; summed loops follow.
struct EinsumEquation {
  SmallVector<SmallVector<unsigned>> operands;
  unsigned resultRank = 0;
  unsigned numLoops = 0;

  /// Reads `text` for operands of these ranks; on failure `message` says what
  /// was expected.
  static FailureOr<EinsumEquation>
  parse(StringRef text, ArrayRef<int64_t> ranks, std::string &message);
};

} // namespace mlir::nnc::nn

#endif // NNC_DIALECTS_NN_IR_EINSUMEQUATION_H
