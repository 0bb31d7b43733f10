//===----------------------------------------------------------------------===//
// Networks that compute the same as before, by numbers that 8 bits do not bear:
// what plain quantization loses must not be lost.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"
#include "nnc/Compression/Quantize.h"
#include "nnc/InitAllDialects.h"
#include "nnc/Reference/Interpreter.h"
#include "gtest/gtest.h"

#include <random>

using namespace mlir;
using namespace mlir::nnc;

namespace {
constexpr int64_t inputs = 16, hidden = 64, classes = 10, samples = 600;

/// Two layers with a ReLU between them, whose channels are multiplied by
/// `factors` in the first and divided by them in the second.
struct StressTest : testing::Test {
  StressTest() {
    DialectRegistry registry;
    registerAllDialects(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
    data.sets.emplace_back();
    data.sets[0].inputs.push_back(nncio::Tensor::fromDoubles(
        nncio::ElementType::F32, {samples, inputs}, draw(samples * inputs)));
    data.batch = samples;
  }

  std::vector<double> draw(int64_t count) {
    std::normal_distribution<> normal;
    std::vector<double> numbers(static_cast<size_t>(count));
    for (double &number : numbers)
      number = normal(random);
    return numbers;
  }

  static std::string print(const std::vector<double> &numbers, int64_t rows,
                           int64_t columns) {
    std::string text = "[";
    for (int64_t i = 0; i < rows; ++i) {
      text += i ? ", [" : "[";
      for (int64_t j = 0; j < columns; ++j)
        text +=
            (j ? ", " : "") + std::to_string(numbers[size_t(i * columns + j)]);
      text += "]";
    }
    return text + "]";
  }

  OwningOpRef<ModuleOp> build(const std::vector<double> &factors) {
    std::vector<double> first = draw(inputs * hidden);
    std::vector<double> second = draw(hidden * classes);
    for (int64_t i = 0; i < inputs * hidden; ++i)
      first[size_t(i)] *= factors[size_t(i % hidden)];
    for (int64_t i = 0; i < hidden * classes; ++i)
      second[size_t(i)] /= factors[size_t(i / classes)];
    std::string text = R"(
      func.func @main(%x: tensor<?x16xf32> {nn.name = "x"})
          -> (tensor<?x10xf32> {nn.name = "y"}) attributes {nn.entry} {
        %v = nn.constant dense<)" +
                       print(first, inputs, hidden) +
                       R"(> : tensor<16x64xf32>
        %w = nn.constant dense<)" +
                       print(second, hidden, classes) +
                       R"(> : tensor<64x10xf32>
        %0 = nn.matmul %x, %v : tensor<?x16xf32>, tensor<16x64xf32> -> tensor<?x64xf32> loc("first")
        %1 = nn.relu %0 : tensor<?x64xf32> -> tensor<?x64xf32> loc("relu")
        %2 = nn.matmul %1, %w : tensor<?x64xf32>, tensor<64x10xf32> -> tensor<?x10xf32> loc("second")
        return %2 : tensor<?x10xf32>
      })";
    return parseSourceString<ModuleOp>(text, &context);
  }

  /// The class of each sample.
  std::vector<int64_t> classify(ModuleOp module) {
    llvm::Expected<Observer> observer = Observer::create(module, {});
    if (!observer) {
      ADD_FAILURE() << llvm::toString(observer.takeError());
      return {};
    }
    auto outputs = observer->compute(data.sets[0], data.batch);
    if (!outputs) {
      ADD_FAILURE() << llvm::toString(outputs.takeError());
      return {};
    }
    std::vector<int64_t> best;
    for (int64_t i = 0; i < samples; ++i) {
      int64_t most = 0;
      for (int64_t j = 1; j < classes; ++j)
        if ((*outputs)[0].getDouble(i * classes + j) >
            (*outputs)[0].getDouble(i * classes + most))
          most = j;
      best.push_back(most);
    }
    return best;
  }

  /// Percent of the samples that keep their class.
  double quantizeAndCompare(ModuleOp module,
                            std::optional<Calibrator> calibrator, bool smooth) {
    CalibrationOptions how;
    how.calibrator = calibrator;
    auto calibration = calibrate(module, data, how);
    if (!calibration) {
      ADD_FAILURE() << llvm::toString(calibration.takeError());
      return 0;
    }
    QuantizationOptions options;
    options.calibration = &*calibration;
    options.always = true;
    options.smooth = smooth;
    OwningOpRef<ModuleOp> changed = module.clone();
    auto layers = quantize(findEntry(*changed), options);
    if (!layers) {
      ADD_FAILURE() << llvm::toString(layers.takeError());
      return 0;
    }
    for (const QuantizedLayer &layer : *layers)
      EXPECT_TRUE(layer.isQuantized) << layer.reason;
    std::vector<int64_t> before = classify(module);
    std::vector<int64_t> after = classify(*changed);
    int64_t alike = 0;
    for (int64_t i = 0; i < samples; ++i)
      alike += before[size_t(i)] == after[size_t(i)];
    return 100.0 * double(alike) / double(samples);
  }

  MLIRContext context;
  std::mt19937 random{3};
  DataSet data;
};

TEST_F(StressTest, OutliersOfAFewChannels) {
  std::vector<double> factors(hidden, 1);
  factors[5] = 400;
  factors[40] = 1000;
  OwningOpRef<ModuleOp> module = build(factors);
  ASSERT_TRUE(module);
  EXPECT_LT(quantizeAndCompare(*module, Calibrator::MinMax, false), 80);
  EXPECT_GE(quantizeAndCompare(*module, std::nullopt, true), 98.5);
}

TEST_F(StressTest, ChannelsOfVeryDifferentScales) {
  std::vector<double> factors;
  std::uniform_real_distribution<> exponent(-6, 6);
  for (int64_t i = 0; i < hidden; ++i)
    factors.push_back(std::exp2(exponent(random)));
  OwningOpRef<ModuleOp> module = build(factors);
  ASSERT_TRUE(module);
  EXPECT_LT(quantizeAndCompare(*module, Calibrator::MinMax, false), 90);
  EXPECT_GE(quantizeAndCompare(*module, std::nullopt, true), 98.5);
}

TEST_F(StressTest, ChannelsAlikeNeedNothing) {
  OwningOpRef<ModuleOp> module = build(std::vector<double>(hidden, 1));
  ASSERT_TRUE(module);
  EXPECT_GE(quantizeAndCompare(*module, Calibrator::MinMax, false), 98.5);
}
} // namespace
