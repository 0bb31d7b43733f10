//===----------------------------------------------------------------------===//
// A layer that loses inputs, with the others making up for them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COMPRESSION_CHANNELELIMINATION_H
#define NNC_COMPRESSION_CHANNELELIMINATION_H

#include "mlir/Support/LLVM.h"
#include "nnc/Compression/Hessian.h"

namespace mlir::nnc {

/// The least squares solution for the inputs that are left, kept up to date by
/// the inverse of H as inputs go: B. Hassibi and D. Stork, "Optimal Brain
/// Surgeon", NIPS 1992, for several inputs at once as in E. Kurtic et al.,
/// "ZipLM" (arXiv 2302.04089).
class ChannelElimination {
public:
  /// `weight` is [outputs, inputs]. With `centers` the inputs count without
  /// their means, which a bias takes in. nullopt if the inputs can't be
  /// inverted even with damping.
  static std::optional<ChannelElimination> create(MLIRContext *context,
                                                  const Hessian &hessian,
                                                  bool centers, int64_t outputs,
                                                  ArrayRef<float> weight);

  /// What the results lose more without `inputs`, as a share of their squares
  /// in the beginning.
  double getLoss(ArrayRef<int64_t> inputs) const;
  /// Lets the weights of `inputs` be 0 and fits the others.
  void remove(ArrayRef<int64_t> inputs);
  /// [outputs, inputs].
  ArrayRef<double> getWeight() const { return weight; }

private:
  MLIRContext *context = nullptr;
  int64_t outputs = 0, size = 0;
  double energy = 0;
  std::vector<double> weight, inverse;
};

} // namespace mlir::nnc

#endif // NNC_COMPRESSION_CHANNELELIMINATION_H
