//===----------------------------------------------------------------------===//
// Weights in 8 bits, and what they take over from the data.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "QuantizeWeights.h"

#include "dialects/NN/IR/NNConstants.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::nnc;

static constexpr double numWeightSteps = 127, numDataSteps = 255;

//===----------------------------------------------------------------------===//
// WeightMatrix
//===----------------------------------------------------------------------===//

static int64_t getStride(ArrayRef<int64_t> shape, int64_t axis) {
  int64_t stride = 1;
  for (int64_t size : shape.drop_front(size_t(axis) + 1))
    stride *= size;
  return stride;
}

WeightMatrix::WeightMatrix(const ProductLayer &layer,
                           const nncio::Tensor &values)
    : values(values), channels(1) {
  ArrayRef<int64_t> shape = values.shape();
  results = shape[layer.product.weightAxis];
  resultStride = getStride(shape, layer.product.weightAxis);
  auto type = cast<RankedTensorType>(layer.getData().getType());
  if (layer.product.channels) {
    int64_t axis = layer.product.channels->weight;
    isDiagonal = axis == layer.product.weightAxis;
    channels = shape[axis];
    slice = isDiagonal ? 1 : channels;
    sliceStride = getStride(shape, axis);
    return;
  }
  // Groups of channels: each part of the results sees a part of the data.
  if (shape.size() >= 2 && type.getRank() >= 2 && !type.isDynamicDim(1)) {
    channels = type.getDimSize(1);
    slice = shape[1];
    sliceStride = getStride(shape, 1);
  }
}

void WeightMatrix::visit(
    function_ref<void(int64_t, int64_t, int64_t)> visit) const {
  // Results that see the same part of the data.
  int64_t alike =
      isDiagonal ? 1 : std::max<int64_t>(results * slice / channels, 1);
  for (int64_t i = 0, e = values.size(); i < e; ++i) {
    int64_t result = (i / resultStride) % results;
    int64_t channel = isDiagonal
                          ? result
                          : result / alike * slice + (i / sliceStride) % slice;
    visit(i, result, channel);
  }
}

//===----------------------------------------------------------------------===//
// Rounding
//===----------------------------------------------------------------------===//

ByteWeights mlir::nnc::roundWeights(const WeightMatrix &weight,
                                    ArrayRef<double> factors) {
  ArrayRef<float> elements = weight.getElements();
  auto get = [&](int64_t i, int64_t channel) {
    return double(elements[i]) * (factors.empty() ? 1 : factors[channel]);
  };
  std::vector<double> largest(weight.countResults(), 0);
  weight.visit([&](int64_t i, int64_t result, int64_t channel) {
    largest[result] = std::max(largest[result], std::fabs(get(i, channel)));
  });
  ByteWeights rounded;
  for (double number : largest) {
    double scale = double(float(number / numWeightSteps));
    // A channel of zeros, or of numbers that no float divides.
    rounded.scales.push_back(
        scale >= double(std::numeric_limits<float>::min()) ? scale : 1);
  }
  std::vector<int64_t> numbers(elements.size());
  double signal = 0, noise = 0;
  weight.visit([&](int64_t i, int64_t result, int64_t channel) {
    double element = get(i, channel), scale = rounded.scales[result];
    double step = std::clamp(std::nearbyint(element / scale), -numWeightSteps,
                             numWeightSteps);
    numbers[i] = int64_t(step);
    signal += element * element;
    noise += (element - step * scale) * (element - step * scale);
  });
  if (noise > 0 && signal > 0)
    rounded.sqnr = std::min(10 * std::log10(signal / noise), rounded.sqnr);
  rounded.bytes = nncio::Tensor::fromInts(nncio::ElementType::I8,
                                          {int64_t(numbers.size())}, numbers);
  return rounded;
}

std::vector<double> mlir::nnc::findBias(const WeightMatrix &weight,
                                        const ByteWeights &rounded,
                                        ArrayRef<double> factors,
                                        ArrayRef<double> channelMean) {
  std::vector<double> bias(weight.countResults(), 0);
  ArrayRef<float> elements = weight.getElements();
  weight.visit([&](int64_t i, int64_t result, int64_t channel) {
    double factor = factors.empty() ? 1 : factors[channel];
    double now = double(rounded.bytes.getInt(i)) * rounded.scales[result];
    bias[result] += (double(elements[i]) - now / factor) * channelMean[channel];
  });
  return bias;
}

//===----------------------------------------------------------------------===//
// Smoothing
//===----------------------------------------------------------------------===//

namespace {
/// The noise that rounding is expected to make in the outputs of one product,
/// relative to their signal.
class NoiseModel {
public:
  NoiseModel(const WeightMatrix &weight, ArrayRef<double> absMax,
             ArrayRef<double> mean);

  /// With data in steps of `step` and channels divided by `factors`.
  double estimate(double step, ArrayRef<double> factors) const;
  ArrayRef<double> getLargest() const { return largestOfChannel; }

private:
  const WeightMatrix &weight;
  std::vector<double> squares; ///< Of a channel of the data.
  /// Sums of squares, and the largest magnitude, of a channel's weights.
  std::vector<double> weightSquares, largestOfChannel;
  double signal = 0;
};
} // namespace

NoiseModel::NoiseModel(const WeightMatrix &weight, ArrayRef<double> absMax,
                       ArrayRef<double> mean)
    : weight(weight), weightSquares(absMax.size(), 0),
      largestOfChannel(absMax.size(), 0) {
  for (auto [most, average] : llvm::zip(absMax, mean))
    squares.push_back(std::max(most * most / 9, average * average));
  ArrayRef<float> elements = weight.getElements();
  weight.visit([&](int64_t i, int64_t, int64_t channel) {
    double element = std::fabs(double(elements[i]));
    weightSquares[channel] += element * element;
    largestOfChannel[channel] = std::max(largestOfChannel[channel], element);
  });
  for (auto [own, square] : llvm::zip(weightSquares, squares))
    signal += own * square;
}

double NoiseModel::estimate(double step, ArrayRef<double> factors) const {
  double ofData = 0;
  for (auto [own, factor] : llvm::zip(weightSquares, factors))
    ofData += own * factor * factor;
  std::vector<double> steps(weight.countResults(), 0);
  ArrayRef<float> elements = weight.getElements();
  weight.visit([&](int64_t i, int64_t result, int64_t channel) {
    steps[result] =
        std::max(steps[result], std::fabs(double(elements[i])) *
                                    factors[channel] / numWeightSteps);
  });
  double ofWeights = 0;
  weight.visit([&](int64_t, int64_t result, int64_t channel) {
    double factor = factors[channel];
    ofWeights +=
        steps[result] * steps[result] * squares[channel] / (factor * factor);
  });
  double noise = (ofData * step * step + ofWeights) / 12;
  return signal > 0 ? noise / signal : 0;
}

/// Factors for one alpha, of a geometric mean that does not matter; 1 for
/// channels that are always 0.
static std::vector<double> makeFactors(ArrayRef<double> absMax,
                                       ArrayRef<double> largest, double alpha) {
  std::vector<double> factors(absMax.size(), 1);
  double all = *llvm::max_element(absMax);
  // Channels that are nearly nothing would get weights that are nearly all.
  constexpr double least = 1e-4;
  for (size_t i = 0; i < factors.size(); ++i)
    if (absMax[i] > 0 && largest[i] > 0)
      factors[i] = std::pow(std::max(absMax[i], all * least), alpha) /
                   std::pow(largest[i], 1 - alpha);
  return factors;
}

std::optional<Smoothing>
mlir::nnc::findSmoothing(ArrayRef<WeightMatrix> weights,
                         const TensorStatistics &data) {
  ArrayRef<double> absMax = data.channelAbsMax;
  if (absMax.size() < 2 || data.channelMean.size() != absMax.size() ||
      *llvm::max_element(absMax) == 0 ||
      llvm::any_of(weights, [&](const WeightMatrix &weight) {
        return weight.countChannels() != int64_t(absMax.size());
      }))
    return std::nullopt;
  std::vector<NoiseModel> models;
  std::vector<double> largest(absMax.size(), 0), none(absMax.size(), 1);
  for (const WeightMatrix &weight : weights) {
    models.emplace_back(weight, absMax, data.channelMean);
    for (auto [all, own] : llvm::zip(largest, models.back().getLargest()))
      all = std::max(all, own);
  }
  auto estimate = [&](RealRange range, ArrayRef<double> factors) {
    double step = (range.high - range.low) / numDataSteps, noise = 0;
    for (const NoiseModel &model : models)
      noise += model.estimate(step, factors);
    return noise;
  };
  double bestNoise = estimate(data.range, none) * std::pow(10, -0.05);
  std::optional<Smoothing> best;
  for (int tenths = 0; tenths <= 10; ++tenths) {
    Smoothing smoothing;
    smoothing.alpha = double(tenths) / 10;
    smoothing.factors = makeFactors(absMax, largest, smoothing.alpha);
    double end = 0;
    for (auto [most, factor] : llvm::zip(absMax, smoothing.factors))
      end = std::max(end, most / factor);
    smoothing.range = {data.histogram.getMin() < 0 ? -end : 0,
                       data.histogram.getMax() > 0 ? end : 0};
    double noise = estimate(smoothing.range, smoothing.factors);
    if (noise < bestNoise) {
      bestNoise = noise;
      best = std::move(smoothing);
    }
  }
  return best;
}
