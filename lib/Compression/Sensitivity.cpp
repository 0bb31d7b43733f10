//===----------------------------------------------------------------------===//
// What each product loses in 8 bits.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/MixedPrecision.h"

#include "Products.h"
#include "QuantizeWeights.h"
#include "TrialBuilder.h"
#include "Trials.h"
#include "dialects/NN/IR/NNConstants.h"
#include "nnc/Reference/Interpreter.h"
#include "llvm/ADT/StringMap.h"

#include <cmath>

using namespace mlir;
using namespace mlir::nnc;

namespace {
/// All products in both forms, with a switch for each.
class Switches {
public:
  Switches(ModuleOp module, ArrayRef<QuantizedLayer> plans, const DataSet &data)
      : module(module), plans(plans), data(data) {}

  llvm::Expected<std::vector<LayerSensitivity>> run();

private:
  llvm::Error build();
  llvm::Error addSwitch(TrialBuilder &trial, const ProductLayer &layer,
                        const QuantizedLayer &plan,
                        SmallVectorImpl<Value> &results);
  /// With the product `chosen` of bytes, or none.
  llvm::Error measure(std::optional<size_t> chosen);
  void compareOutputs(LayerSensitivity &layer, ArrayRef<nncio::Tensor> outputs,
                      size_t batch);

  ModuleOp module;
  ArrayRef<QuantizedLayer> plans;
  const DataSet &data;
  std::shared_ptr<nncrun::Executable> executable;
  size_t ownResults = 0;
  std::vector<LayerSensitivity> layers;
  /// Outputs without any change, of each batch.
  std::vector<nncrun::Tensors> expected;
  /// Of the layer that is measured.
  SignalAndNoise sum;
  double divergence = 0;
  int64_t rows = 0;
};
} // namespace

static Value createConstant(OpBuilder &b, Location loc,
                            const nncio::Tensor &tensor) {
  return nn::ConstantOp::create(b, loc,
                                nn::toAttribute(b.getContext(), tensor));
}

static Value divideChannels(OpBuilder &b, Value data, const ProductLayer &layer,
                            ArrayRef<double> factors) {
  auto type = cast<RankedTensorType>(data.getType());
  std::vector<int64_t> shape(
      size_t(type.getRank() - getChannelAxis(layer, /*isData=*/true)), 1);
  shape.front() = int64_t(factors.size());
  std::vector<double> inverse;
  for (double factor : factors)
    inverse.push_back(1 / factor);
  Value numbers = createConstant(
      b, data.getLoc(),
      nncio::Tensor::fromDoubles(nncio::ElementType::F32, shape, inverse));
  return nn::MulOp::create(b, data.getLoc(), type, data, numbers);
}

llvm::Error Switches::addSwitch(TrialBuilder &trial, const ProductLayer &layer,
                                const QuantizedLayer &plan,
                                SmallVectorImpl<Value> &results) {
  nncio::Result<nncio::Tensor> weight =
      nn::getConstantTensor(layer.product.weight->get());
  if (!weight)
    return llvm::createStringError(weight.error());
  WeightMatrix matrix(layer, *weight);
  ArrayRef<double> factors = plan.smoothFactors;
  ByteWeights rounded = roundWeights(matrix, factors);
  nncio::Tensor reals(nncio::ElementType::F32, weight->shape());
  auto *elements = reinterpret_cast<float *>(reals.mutableData());
  matrix.visit([&](int64_t i, int64_t result, int64_t) {
    elements[i] =
        float(double(rounded.bytes.getInt(i)) * rounded.scales[result]);
  });
  OpBuilder &b = trial.builder;
  Operation *op = trial.mapping.lookup(layer.op);
  Location loc = op->getLoc();
  Value flag = trial.addInput(RankedTensorType::get({}, b.getI1Type()));
  b.setInsertionPointAfter(op);
  ByteScale scale = makeByteScale(plan.range);
  Value factor =
      createConstant(b, loc,
                     nncio::Tensor::fromDoubles(nncio::ElementType::F32, {},
                                                {double(scale.scale)}));
  Value zero = createConstant(
      b, loc,
      nncio::Tensor::fromInts(nncio::ElementType::U8, {}, {scale.zeroPoint}));
  Value roundedWeight = createConstant(b, loc, reals);
  unsigned number = layer.product.data->getOperandNumber();
  Value divided = op->getOperand(number);
  if (!factors.empty())
    divided = divideChannels(b, divided, layer, factors);
  Value roundedData = trial.roundData(divided, factor, zero);
  Operation *again = b.clone(*op);
  again->setOperand(number, roundedData);
  again->setOperand(layer.product.weight->getOperandNumber(), roundedWeight);
  Value plain = op->getResult(0);
  Value change =
      nn::SubOp::create(b, loc, plain.getType(), again->getResult(0), plain);
  results.push_back(trial.sumSquares(plain));
  results.push_back(trial.sumSquares(change));
  auto chosen = nn::WhereOp::create(b, loc, plain.getType(), flag,
                                    again->getResult(0), plain);
  plain.replaceUsesWithIf(chosen, [&](OpOperand &use) {
    Operation *user = use.getOwner();
    return user != chosen && user != change.getDefiningOp() &&
           user != results[results.size() - 2].getDefiningOp();
  });
  return llvm::Error::success();
}

llvm::Error Switches::build() {
  func::FuncOp entry = findEntry(module);
  if (!entry)
    return llvm::createStringError("the module has no entry point");
  ValueNames names(entry);
  llvm::StringMap<const QuantizedLayer *> byName;
  for (const QuantizedLayer &plan : plans)
    if (plan.isQuantized)
      byName[plan.name] = &plan;
  TrialBuilder trial(module);
  SmallVector<Value> sums;
  for (const ProductLayer &layer : listProducts(entry, names)) {
    const QuantizedLayer *plan = byName.lookup(layer.name);
    if (!plan)
      continue;
    layers.emplace_back();
    layers.back().name = layer.name;
    if (llvm::Error error = addSwitch(trial, layer, *plan, sums))
      return error;
  }
  Operation *end = trial.function.getBody().front().getTerminator();
  SmallVector<Value> results(end->getOperands());
  ownResults = results.size();
  llvm::append_range(results, sums);
  trial.setResults(results);
  auto compiled = compileHere(*trial.module);
  if (!compiled)
    return compiled.takeError();
  executable = std::move(*compiled);
  return llvm::Error::success();
}

/// Adds the divergence of the rows' softmax from the expected one's.
static void addDivergence(const nncio::Tensor &output,
                          const nncio::Tensor &expected, double &sum,
                          int64_t &rows) {
  int64_t width = output.rank() ? output.shape().back() : 1;
  std::vector<double> own = output.toDoubles(), right = expected.toDoubles();
  auto logSum = [&](ArrayRef<double> row) {
    double most = *llvm::max_element(row), total = 0;
    for (double number : row)
      total += std::exp(number - most);
    return most + std::log(total);
  };
  for (size_t i = 0; width > 0 && i + size_t(width) <= own.size();
       i += size_t(width), ++rows) {
    ArrayRef<double> p(&right[i], size_t(width)), q(&own[i], size_t(width));
    double logP = logSum(p), logQ = logSum(q);
    for (auto [a, b] : llvm::zip(p, q))
      sum += std::exp(a - logP) * ((a - logP) - (b - logQ));
  }
}

void Switches::compareOutputs(LayerSensitivity &layer,
                              ArrayRef<nncio::Tensor> outputs, size_t batch) {
  for (size_t i = 0; i < ownResults; ++i) {
    const nncio::Tensor &right = expected[batch][i];
    if (!nncio::isFloat(right.type()) || right.size() != outputs[i].size())
      continue;
    for (int64_t j = 0; j < right.size(); ++j) {
      double number = right.getDouble(j);
      double change = outputs[i].getDouble(j) - number;
      sum.signal += number * number;
      sum.noise += change * change;
    }
    if (i == 0)
      addDivergence(outputs[i], right, divergence, rows);
  }
}

llvm::Error Switches::measure(std::optional<size_t> chosen) {
  std::vector<SignalAndNoise> ofLayers(layers.size());
  sum = {};
  divergence = 0;
  rows = 0;
  size_t batch = 0;
  for (const nncrun::SampleSet &set : data.sets) {
    nncrun::Tensors inputs = set.inputs;
    for (size_t i = 0; i < layers.size(); ++i)
      inputs.push_back(nncio::Tensor::fromInts(nncio::ElementType::Bool, {},
                                               {chosen && *chosen == i}));
    auto visit = [&](nncrun::BatchOutputs &given) -> nncio::Status {
      for (size_t i = 0; i < layers.size(); ++i) {
        ofLayers[i].signal += given.outputs[ownResults + 2 * i].getDouble(0);
        ofLayers[i].noise += given.outputs[ownResults + 2 * i + 1].getDouble(0);
      }
      given.outputs.resize(ownResults);
      if (chosen)
        compareOutputs(layers[*chosen], given.outputs, batch);
      else
        expected.push_back(std::move(given.outputs));
      ++batch;
      return nncio::Success();
    };
    if (nncio::Status done =
            nncrun::visitBatches(*executable, inputs, data.batch, visit);
        !done)
      return llvm::createStringError(done.error());
  }
  if (!chosen) {
    for (auto [layer, own] : llvm::zip(layers, ofLayers))
      layer.layerSqnr = own.getSqnr();
    return llvm::Error::success();
  }
  LayerSensitivity &layer = layers[*chosen];
  layer.sqnr = sum.getSqnr();
  layer.noise = sum.signal > 0 ? sum.noise / sum.signal : 0;
  layer.kl = rows ? std::max(divergence / double(rows), 0.0) : 0;
  return llvm::Error::success();
}

llvm::Expected<std::vector<LayerSensitivity>> Switches::run() {
  if (llvm::Error error = build())
    return std::move(error);
  if (llvm::Error error = measure(std::nullopt))
    return std::move(error);
  for (size_t i = 0; i < layers.size(); ++i)
    if (llvm::Error error = measure(i))
      return std::move(error);
  return std::move(layers);
}

llvm::Expected<std::vector<LayerSensitivity>>
mlir::nnc::measureSensitivity(ModuleOp module, ArrayRef<QuantizedLayer> plans,
                              const DataSet &data) {
  return Switches(module, plans, data).run();
}
