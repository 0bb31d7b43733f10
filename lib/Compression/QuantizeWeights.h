//===----------------------------------------------------------------------===//
// Weights in 8 bits, and what they take over from the data.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_COMPRESSION_QUANTIZEWEIGHTS_H
#define NNC_LIB_COMPRESSION_QUANTIZEWEIGHTS_H

#include "Products.h"
#include "nnc/Compression/Calibration.h"

namespace mlir::nnc {

/// A weight with the places that its elements have in it.
class WeightMatrix {
public:
  /// `values` are those of layer's weight.
  WeightMatrix(const ProductLayer &layer, const nncio::Tensor &values);

  /// Calls `visit(element, channel of the result, channel of the data)`. The
  /// last is 0 where the weight has no such axis.
  void visit(llvm::function_ref<void(int64_t, int64_t, int64_t)> visit) const;

  ArrayRef<float> getElements() const { return getFloats(values); }
  int64_t countResults() const { return results; }
  /// Channels of the data; those of a grouped convolution by their groups.
  int64_t countChannels() const { return channels; }

private:
  nncio::Tensor values;
  int64_t results, channels, resultStride = 1, slice = 1, sliceStride = 1;
  bool isDiagonal = false;
};

/// Signed bytes without a zero point, each channel of the result with a scale.
struct ByteWeights {
  nncio::Tensor bytes;
  std::vector<double> scales;
  double sqnr = 200;
};

/// Elements times the `factors` of their channels of the data, if there are
/// any, rounded to 127 steps at each side of 0.
ByteWeights roundWeights(const WeightMatrix &weight, ArrayRef<double> factors);

/// What each channel of the result loses of its mean by rounded weights, given
/// the means of the data's channels.
std::vector<double> findBias(const WeightMatrix &weight,
                             const ByteWeights &rounded,
                             ArrayRef<double> factors,
                             ArrayRef<double> channelMean);

/// How to divide channels of the data by factors that the weights take over.
struct Smoothing {
  /// One a channel.
  std::vector<double> factors;
  /// Of the data that has been divided.
  RealRange range;
  /// Share of the range that the weights take over, 0 to 1.
  double alpha = 0;
};

/// The factors `absmax(data)^alpha / absmax(weight)^(1 - alpha)` with the
/// least expected noise in the outputs of all products of one tensor, by steps
/// of 0.1 of alpha; nullopt where none is better by half a dB than none.
/// Rounding is taken for noise evenly distributed within a step, data for
/// numbers of a third of their channel's largest.
std::optional<Smoothing> findSmoothing(ArrayRef<WeightMatrix> weights,
                                       const TensorStatistics &data);

} // namespace mlir::nnc

#endif // NNC_LIB_COMPRESSION_QUANTIZEWEIGHTS_H
