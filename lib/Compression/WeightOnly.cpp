//===----------------------------------------------------------------------===//
// Weights of products in few bits.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/WeightOnly.h"
#include "WeightGain.h"

#include "dialects/NN/IR/NNConstants.h"
#include "dialects/NN/IR/NarrowWeights.h"
#include "mlir/IR/Remarks.h"
#include "nnc/Compression/Hessian.h"
#include "nnc/Reference/Interpreter.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace mlir;
using namespace mlir::nnc;

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

static remark::RemarkOpts getRemarkOpts() {
  return remark::RemarkOpts::name("QuantizeWeights")
      .category("nnc-quantize-weights");
}

std::optional<WeightFormat> mlir::nnc::parseWeightFormat(StringRef name) {
  using Kind = WeightFormat::Kind;
  using Format = std::optional<WeightFormat>;
  return llvm::StringSwitch<Format>(name)
      .Case("int2-weights", WeightFormat{Kind::Integer, 2, 32, true})
      .Case("int3-weights", WeightFormat{Kind::Integer, 3, 32, false})
      .Case("int4-weights", WeightFormat{Kind::Integer, 4, 32, false})
      .Case("int8-weights", WeightFormat{Kind::Integer, 8, 0, false})
      .Case("fp8-weights", WeightFormat{Kind::Float8, 8, 0, false})
      .Case("bf16", WeightFormat{Kind::BFloat16, 16, 0, false})
      .Case("fp16", WeightFormat{Kind::Float16, 16, 0, false})
      .Default(std::nullopt);
}

namespace {
/// A matrix of the model and the products by it.
struct Layer {
  SmallVector<nn::MatMulOp> products;
  Value weight;
  Location loc; ///< Of the first product.
  int64_t depth = 0, columns = 0;
  Hessian *hessian = nullptr; ///< Of what the products read; null: not known.
};

class WeightQuantizer {
public:
  WeightQuantizer(ModuleOp module, const WeightQuantization &options,
                  const CostModel &model, const DataSet *data)
      : module(module), options(options), model(model), data(data) {}

  llvm::Expected<int64_t> run();

private:
  void findLayers();
  bool pays(const Layer &layer);
  llvm::Error observeInputs();
  llvm::Expected<bool> quantize(Layer &layer);
  llvm::Error solve(const Layer &layer, WeightGrid &grid,
                    std::vector<float> &weight);
  double measureError(const Layer &layer, ArrayRef<float> before,
                      ArrayRef<float> after);
  Value createMatrix(const Layer &layer, const WeightGrid &grid,
                     ArrayRef<float> weight);

  ModuleOp module;
  const WeightQuantization &options;
  const CostModel &model;
  const DataSet *data;
  llvm::MapVector<Value, Layer> layers;
  llvm::MapVector<Value, Hessian> hessians;
  int64_t weightBytes = 0;
  std::string gain; ///< Of the layer that was looked at last.
};

/// The grid's values, whose scales follow from what earlier groups have missed,
/// or are fixed.
class GridRule : public WeightRule {
public:
  GridRule(MLIRContext *context, WeightGrid &grid, ArrayRef<float> importance,
           bool isFixed)
      : context(context), grid(grid), importance(importance), isFixed(isFixed) {
  }

  int64_t getGroup() const override {
    return isFixed ? 0 : grid.getGroupSize();
  }
  void lookAt(int64_t begin, int64_t, ArrayRef<int64_t>, ArrayRef<float> weight,
              ArrayRef<double>) override {
    grid.fit(context, begin / grid.getGroupSize(), weight, importance,
             /*searches=*/true);
  }
  float choose(int64_t input, int64_t output, float wanted) override {
    return grid.choose(input, output, wanted);
  }

private:
  MLIRContext *context;
  WeightGrid &grid;
  ArrayRef<float> importance;
  bool isFixed;
};
} // namespace

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

void WeightQuantizer::findLayers() {
  module.walk([&](nn::MatMulOp product) {
    Value weight = product.getRhs();
    RankedTensorType type = typeOf(weight);
    if (type.getRank() != 2 || typeOf(product.getLhs()).getRank() < 2 ||
        !type.hasStaticShape() || type.getNumElements() == 0 ||
        !type.getElementType().isF32() || !nn::isConstantTensor(weight))
      return;
    Layer own{
        {}, weight, product.getLoc(), type.getDimSize(0), type.getDimSize(1)};
    layers.insert({weight, own}).first->second.products.push_back(product);
  });
  for (auto &[weight, layer] : layers)
    weightBytes += layer.depth * layer.columns * int64_t(sizeof(float));
}

/// True if the model does not predict that the product takes much longer.
bool WeightQuantizer::pays(const Layer &layer) {
  // Products of a row at a time are what weights in few bits are for.
  int64_t rows = 1;
  for (nn::MatMulOp product : layer.products)
    if (RankedTensorType type = product.getType(); type.hasStaticShape())
      rows = std::max(rows, type.getNumElements() / layer.columns);
  std::optional<WeightGain> us = predictWeightGain(
      model, options.format, rows, layer.depth, layer.columns, weightBytes);
  gain = us ? llvm::formatv("{0:F1} us predicted, {1:F1} before", us->after,
                            us->before)
                  .str()
            : "no prediction";
  if (us && us->after > us->before * (1 + options.mostSlowdown)) {
    remark::missed(layer.loc, getRemarkOpts()) << "stays f32: " << gain;
    return false;
  }
  return true;
}

/// What the layers read, as far as that is in the main function's own block.
llvm::Error WeightQuantizer::observeInputs() {
  func::FuncOp entry = findEntry(module);
  SmallVector<Value> values;
  for (auto &[weight, layer] : layers)
    for (nn::MatMulOp product : layer.products) {
      Value input = product.getLhs();
      if (!entry || input.getParentBlock() != &entry.getBody().front() ||
          !typeOf(input).getElementType().isF32())
        continue;
      if (hessians.insert({input, Hessian(layer.depth)}).second)
        values.push_back(input);
    }
  llvm::Error failed =
      observe(module, values, *data,
              [&](size_t index, const nncio::Tensor &tensor) -> llvm::Error {
                Hessian &hessian = hessians.find(values[index])->second;
                hessian.add(module.getContext(),
                            reinterpret_cast<const float *>(tensor.data()),
                            tensor.size() / hessian.getSize());
                return llvm::Error::success();
              });
  if (failed)
    return failed;
  for (auto &[weight, layer] : layers)
    for (nn::MatMulOp product : layer.products)
      if (auto found = hessians.find(product.getLhs());
          found != hessians.end() && !layer.hessian)
        layer.hessian = &found->second;
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// One layer
//===----------------------------------------------------------------------===//

/// The root of the share that the squares of the results' changes have in those
/// of the results; of the weights themselves where inputs are not known.
double WeightQuantizer::measureError(const Layer &layer, ArrayRef<float> before,
                                     ArrayRef<float> after) {
  // Beyond, a layer would take longer to judge than to decide.
  constexpr int64_t mostProducts = int64_t(1) << 34;
  std::vector<float> change(before.size());
  for (size_t i = 0; i < change.size(); ++i)
    change[i] = after[i] - before[i];
  if (layer.hessian &&
      layer.depth * layer.depth * layer.columns <= mostProducts)
    return std::sqrt(layer.hessian->measure(change, layer.columns) /
                     layer.hessian->measure(before, layer.columns));
  double misses = 0, all = 0;
  for (size_t i = 0; i < change.size(); ++i) {
    int64_t input = int64_t(i) / layer.columns;
    double factor = layer.hessian ? layer.hessian->get(input, input) : 1;
    misses += factor * change[i] * change[i];
    all += factor * before[i] * before[i];
  }
  return all > 0 ? std::sqrt(misses / all) : 0;
}

/// Replaces `weight` by values of `grid`.
llvm::Error WeightQuantizer::solve(const Layer &layer, WeightGrid &grid,
                                   std::vector<float> &weight) {
  std::vector<float> importance;
  for (int64_t i = 0; layer.hessian && i < layer.depth; ++i)
    importance.push_back(float(layer.hessian->get(i, i)));
  bool solves = options.method == WeightMethod::GPTQ && layer.hessian &&
                options.format.hasScales();
  bool isFixed = options.ordersByActivity || grid.getGroups() == 1;
  if (!solves || isFixed)
    grid.fitAll(module.getContext(), weight, importance,
                options.method != WeightMethod::Nearest);
  if (solves) {
    GridRule rule(module.getContext(), grid, importance, isFixed);
    WeightSolverOptions solver;
    solver.damping = options.damping;
    solver.ordersByActivity = options.ordersByActivity;
    return solveWeights(module.getContext(), *layer.hessian, layer.columns,
                        weight, rule, solver);
  }
  for (size_t i = 0; i < weight.size(); ++i)
    weight[i] = grid.choose(int64_t(i) / layer.columns,
                            int64_t(i) % layer.columns, weight[i]);
  return llvm::Error::success();
}

/// The matrix [depth, columns] as ops on constants.
Value WeightQuantizer::createMatrix(const Layer &layer, const WeightGrid &grid,
                                    ArrayRef<float> weight) {
  OpBuilder b(module.getContext());
  b.setInsertionPointAfterValue(layer.weight);
  Location loc = layer.weight.getLoc();
  auto constant = [&](const nncio::Tensor &tensor) -> Value {
    return nn::ConstantOp::create(b, loc,
                                  nn::toAttribute(b.getContext(), tensor));
  };
  RankedTensorType matrix = typeOf(layer.weight);
  nncio::Tensor tensor = grid.makeCodes(weight);
  Value codes = constant(tensor);
  if (!options.format.hasScales())
    return nn::CastOp::create(b, loc, matrix, codes, matrix.getElementType());
  Value points =
      options.format.hasZeroPoints ? constant(grid.makeZeroPoints()) : Value();
  Value real =
      nn::DequantizeOp::create(b, loc, matrix.clone(tensor.shape()), codes,
                               constant(grid.makeScales()), points);
  if (grid.getGroups() == 1)
    return real;
  real = nn::joinGroups(b, loc, real);
  return real.getType() == matrix
             ? real
             : nn::takeFirstRows(b, loc, real, layer.depth);
}

llvm::Expected<bool> WeightQuantizer::quantize(Layer &layer) {
  nncio::Result<nncio::Tensor> tensor = nn::getConstantTensor(layer.weight);
  if (!tensor)
    return llvm::createStringError(tensor.error());
  std::vector<float> before(tensor->size());
  std::memcpy(before.data(), tensor->data(), tensor->bytes());
  if (!llvm::all_of(before, [](float x) { return std::isfinite(x); })) {
    remark::missed(layer.loc, getRemarkOpts())
        << "stays f32: a weight is not a finite number";
    return false;
  }
  WeightGrid grid(options.format, layer.depth, layer.columns);
  std::vector<float> after = before;
  if (llvm::Error error = solve(layer, grid, after))
    return std::move(error);
  double error = measureError(layer, before, after);
  Value matrix = createMatrix(layer, grid, after);
  for (nn::MatMulOp product : layer.products)
    product.getRhsMutable().assign(matrix);
  bool isKnown = layer.hessian != nullptr;
  remark::passed(layer.loc, getRemarkOpts())
      << llvm::formatv("{0}: error {1:P2} of the {2}, {3:F2} bits a weight, "
                       "{4}",
                       options.format.describe(), error,
                       isKnown ? "results" : "weights",
                       options.format.countBits(layer.depth), gain)
             .str();
  return true;
}

llvm::Expected<int64_t> WeightQuantizer::run() {
  if (options.method == WeightMethod::GPTQ && !data)
    return llvm::createStringError(
        "gptq needs calibration data; give some, or use the method 'mse'");
  findLayers();
  layers.remove_if([&](auto &entry) { return !pays(entry.second); });
  if (data && !layers.empty())
    if (llvm::Error error = observeInputs())
      return std::move(error);
  int64_t count = 0;
  for (auto &[weight, layer] : layers) {
    (void)pays(layer);
    llvm::Expected<bool> done = quantize(layer);
    if (!done)
      return done.takeError();
    count += *done ? int64_t(layer.products.size()) : 0;
  }
  return count;
}

llvm::Expected<int64_t>
mlir::nnc::quantizeWeights(ModuleOp module, const WeightQuantization &options,
                           const CostModel &model, const DataSet *data) {
  return WeightQuantizer(module, options, model, data).run();
}
