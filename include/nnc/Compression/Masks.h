//===----------------------------------------------------------------------===//
// Which weights of a matrix become 0, and what the others do about it.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COMPRESSION_MASKS_H
#define NNC_COMPRESSION_MASKS_H

#include "nnc/Compression/Pruning.h"

namespace mlir::nnc {

/// The matrix [outputs, depth] of a layer.
struct WeightMatrix {
  int64_t outputs, depth;
  std::vector<float> values;

  float &at(int64_t f, int64_t k) { return values[f * depth + k]; }
  float at(int64_t f, int64_t k) const { return values[f * depth + k]; }
};

/// Lets the share `amount` of the weights, or what the pattern says, be 0 by
/// `method`, which needs `hessian` (not empty) unless it is Magnitude. False if
/// the inputs can't be factored, which damping makes unlikely; the matrix is
/// then as before.
bool sparsify(MLIRContext *context, WeightMatrix &matrix, const PruneStep &step,
              double amount, PruneMethod method, const Hessian &hessian);

/// The share of the output's energy that the change from `before` to `after`
/// takes away: tr(D H D^T) / tr(W H W^T), with the identity for an empty H.
double measureError(const WeightMatrix &before, const WeightMatrix &after,
                    const Hessian &hessian);

/// The share of elements that are 0.
double getSparsity(const WeightMatrix &matrix);

} // namespace mlir::nnc

#endif // NNC_COMPRESSION_MASKS_H
