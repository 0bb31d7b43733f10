//===----------------------------------------------------------------------===//
// Positions in sequences, and sequences whose elements are known.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_NN_IR_SEQUENCES_H
#define NNC_DIALECTS_NN_IR_SEQUENCES_H

#include "dialects/NN/IR/NNOps.h"

namespace mlir::nnc::nn {

/// The elements of a sequence that is made where its length is known.
inline std::optional<SmallVector<Value>> getKnownElements(Value sequence) {
  auto create = sequence.getDefiningOp<SequenceCreateOp>();
  if (!create)
    return std::nullopt;
  return llvm::to_vector(create.getElements());
}

/// `position` as one of `places`; nullopt if it is out of range. Negative ones
/// count from `length`.
inline std::optional<size_t> resolvePosition(int64_t position, int64_t places,
                                             int64_t length) {
  if (position < 0)
    position += length;
  if (position < 0 || position >= places)
    return std::nullopt;
  return size_t(position);
}

} // namespace mlir::nnc::nn

#endif // NNC_DIALECTS_NN_IR_SEQUENCES_H
