//===----------------------------------------------------------------------===//
// Runs a model on data and collects what its products read and give.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/Calibration.h"

#include "Products.h"
#include "Trials.h"
#include "nnc/Reference/Interpreter.h"
#include "llvm/ADT/MapVector.h"

#include <cmath>
#include <numeric>

using namespace mlir;
using namespace mlir::nnc;

namespace {
/// A tensor to be looked at.
struct Watched {
  Value value;
  int64_t channelAxis = -1;
  TensorStatistics *statistics = nullptr;
  std::vector<double> channelSum;
  int64_t perChannel = 0;
};

class Calibration {
public:
  Calibration(ModuleOp module, const DataSet &data,
              const CalibrationOptions &options)
      : module(module), data(data), options(options), names(findEntry(module)),
        layers(listProducts(findEntry(module), names)), groups(layers) {}

  llvm::Expected<CalibrationData> run();

private:
  void tell(const char *what) const {
    if (options.progress)
      options.progress(what);
  }
  void watch(Value value, int64_t channelAxis);
  llvm::Error collect(Watched &watched, const nncio::Tensor &tensor);
  llvm::Error observeAll();
  void chooseRanges(Calibrator calibrator);
  llvm::Error tryCalibrators();
  RealRange findGroupRange(Value data, Calibrator calibrator) const;

  ModuleOp module;
  const DataSet &data;
  const CalibrationOptions &options;
  ValueNames names;
  std::vector<ProductLayer> layers;
  ScaleGroups groups;
  std::vector<Watched> watchedValues;
  CalibrationData result;
};
} // namespace

void Calibration::watch(Value value, int64_t channelAxis) {
  if (llvm::any_of(watchedValues, [&](const Watched &watched) {
        return watched.value == value;
      }))
    return;
  Watched watched;
  watched.value = value;
  watched.channelAxis = channelAxis;
  watched.statistics = &result.tensors[names.get(value).str()];
  auto type = cast<RankedTensorType>(value.getType());
  if (channelAxis >= type.getRank())
    watched.channelAxis = -1;
  watchedValues.push_back(std::move(watched));
}

/// The largest magnitude, and the sum, in lanes.
static std::pair<double, double> summarize(ArrayRef<float> numbers) {
  constexpr size_t lanes = 8;
  float largest[lanes] = {};
  double sums[lanes] = {};
  size_t i = 0;
  for (; i + lanes <= numbers.size(); i += lanes)
    for (size_t lane = 0; lane < lanes; ++lane) {
      float magnitude = std::fabs(numbers[i + lane]);
      largest[lane] = magnitude > largest[lane] ? magnitude : largest[lane];
      sums[lane] += double(numbers[i + lane]);
    }
  for (; i < numbers.size(); ++i) {
    largest[0] = std::max(largest[0], std::fabs(numbers[i]));
    sums[0] += double(numbers[i]);
  }
  return {double(*llvm::max_element(largest)),
          std::accumulate(sums, sums + lanes, 0.0)};
}

llvm::Error Calibration::collect(Watched &watched,
                                 const nncio::Tensor &tensor) {
  if (!watched.statistics->histogram.add(getFloats(tensor))) {
    bool isNaN = llvm::any_of(getFloats(tensor),
                              [](float number) { return std::isnan(number); });
    return llvm::createStringError("tensor '" + names.get(watched.value).str() +
                                   "' has " +
                                   (isNaN ? "a NaN" : "an infinity") +
                                   " on this data, so it has no range");
  }
  if (watched.channelAxis < 0)
    return llvm::Error::success();
  size_t channels = size_t(tensor.shape()[size_t(watched.channelAxis)]);
  std::vector<double> &most = watched.statistics->channelAbsMax;
  most.resize(channels, 0);
  watched.channelSum.resize(channels, 0);
  if (channels)
    watched.perChannel += tensor.size() / int64_t(channels);
  visitChannels(tensor, watched.channelAxis,
                [&](int64_t channel, ArrayRef<float> numbers) {
                  auto [largest, sum] = summarize(numbers);
                  most[channel] = std::max(most[channel], largest);
                  watched.channelSum[channel] += sum;
                });
  return llvm::Error::success();
}

llvm::Error Calibration::observeAll() {
  SmallVector<Value> values;
  for (const Watched &watched : watchedValues)
    values.push_back(watched.value);
  if (llvm::Error error = observe(module, values, data,
                                  [&](size_t i, const nncio::Tensor &tensor) {
                                    return collect(watchedValues[i], tensor);
                                  }))
    return error;
  for (Watched &watched : watchedValues) {
    for (double sum : watched.channelSum)
      watched.statistics->channelMean.push_back(
          watched.perChannel ? sum / double(watched.perChannel) : 0);
    if (watched.statistics->histogram.empty())
      return llvm::createStringError("tensor '" +
                                     names.get(watched.value).str() +
                                     "' is empty on this data");
  }
  return llvm::Error::success();
}

/// Of all tensors that products read and that get the scale of `data`.
RealRange Calibration::findGroupRange(Value data, Calibrator calibrator) const {
  RealRange all;
  for (const ProductLayer &layer : layers) {
    if (groups.getLeader(layer.getData()) != groups.getLeader(data))
      continue;
    const TensorStatistics &tensor =
        result.tensors.at(names.get(layer.getData()).str());
    RealRange own = findRange(tensor.histogram, calibrator, options.share);
    all = {std::min(all.low, own.low), std::max(all.high, own.high)};
  }
  return all;
}

void Calibration::chooseRanges(Calibrator calibrator) {
  for (Watched &watched : watchedValues) {
    TensorStatistics &tensor = *watched.statistics;
    tensor.range = groups.getLeader(watched.value)
                       ? findGroupRange(watched.value, calibrator)
                       : findRange(tensor.histogram, Calibrator::MinMax);
    tensor.chosenBy = stringifyCalibrator(
        groups.getLeader(watched.value) ? calibrator : Calibrator::MinMax);
  }
}

/// Of each group the calibrator with which the outputs of its products have the
/// least noise, relative to their signal.
llvm::Error Calibration::tryCalibrators() {
  tell("compiling trials");
  llvm::Expected<RangeTrials> trials = RangeTrials::create(module, layers);
  if (!trials)
    return trials.takeError();
  tell("trying ranges");
  DataSet some = data.take(options.trialSamples);
  llvm::MapVector<Value, std::pair<double, Calibrator>> best;
  for (Calibrator calibrator : allCalibrators) {
    std::vector<RealRange> ranges;
    for (const ProductLayer &layer : layers)
      ranges.push_back(findGroupRange(layer.getData(), calibrator));
    auto sums = trials->run(ranges, some);
    if (!sums)
      return sums.takeError();
    llvm::MapVector<Value, double> noise;
    for (auto [layer, sum] : llvm::zip(layers, *sums)) {
      noise[groups.getLeader(layer.getData())] +=
          sum.noise / std::max(sum.signal, 1e-30);
      result.tensors[names.get(layer.getData()).str()]
          .trials[stringifyCalibrator(calibrator).str()] = sum.getSqnr();
    }
    for (auto [leader, sum] : noise)
      if (auto found = best.find(leader);
          found == best.end() || sum < found->second.first)
        best[leader] = {sum, calibrator};
  }
  for (Watched &watched : watchedValues)
    if (Value leader = groups.getLeader(watched.value)) {
      Calibrator calibrator = best[leader].second;
      watched.statistics->range = findGroupRange(watched.value, calibrator);
      watched.statistics->chosenBy = stringifyCalibrator(calibrator);
    }
  return llvm::Error::success();
}

llvm::Expected<CalibrationData> Calibration::run() {
  if (layers.empty())
    return llvm::createStringError(
        "the model has no convolution or product by a constant weight that "
        "could be quantized");
  for (const ProductLayer &layer : layers) {
    watch(layer.getData(), getChannelAxis(layer, /*isData=*/true));
    watch(layer.getResult(), getChannelAxis(layer, /*isData=*/false));
  }
  tell("running on data");
  if (llvm::Error error = observeAll())
    return std::move(error);
  tell("choosing ranges");
  chooseRanges(options.calibrator.value_or(Calibrator::MinMax));
  if (!options.calibrator)
    if (llvm::Error error = tryCalibrators())
      return std::move(error);
  result.samples = data.countSamples();
  return std::move(result);
}

llvm::Expected<CalibrationData>
mlir::nnc::calibrate(ModuleOp module, const DataSet &data,
                     const CalibrationOptions &options) {
  if (!findEntry(module))
    return llvm::createStringError("the module has no entry point");
  return Calibration(module, data, options).run();
}
