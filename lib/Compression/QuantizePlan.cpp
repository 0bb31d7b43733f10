//===----------------------------------------------------------------------===//
// Which products are worth fewer bits.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Products.h"
#include "QuantizeCost.h"
#include "dialects/HW/IR/KnownTargets.h"
#include "dialects/NN/IR/NNConstants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "nnc/Analysis/NodeNames.h"
#include "nnc/Compression/Quantize.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::nnc;

std::optional<QuantizationScheme> mlir::nnc::parseScheme(StringRef name) {
  return llvm::StringSwitch<std::optional<QuantizationScheme>>(name)
      .Case("int8", QuantizationScheme::Int8)
      .Case("int8-dynamic", QuantizationScheme::Int8Dynamic)
      .Case("bf16", QuantizationScheme::BF16)
      .Cases({"f16", "fp16"}, QuantizationScheme::F16)
      .Default(std::nullopt);
}

StringRef mlir::nnc::stringifyScheme(QuantizationScheme scheme) {
  switch (scheme) {
  case QuantizationScheme::Int8:
    return "int8";
  case QuantizationScheme::Int8Dynamic:
    return "int8-dynamic";
  case QuantizationScheme::BF16:
    return "bf16";
  case QuantizationScheme::F16:
    return "f16";
  }
  return "";
}

static bool isBytes(QuantizationScheme scheme) {
  return scheme == QuantizationScheme::Int8 ||
         scheme == QuantizationScheme::Int8Dynamic;
}

static int64_t countElements(const ProductLayer &layer) {
  return cast<RankedTensorType>(layer.product.weight->get().getType())
      .getNumElements();
}

namespace {
class Planner {
public:
  Planner(func::FuncOp function, const QuantizationOptions &options,
          hw::TargetAttr target)
      : options(options), names(function),
        layers(listProducts(function, names)), groups(layers),
        model(target, options.threads) {}

  llvm::Expected<std::vector<QuantizedLayer>> run();

private:
  QuantizedLayer plan(const ProductLayer &layer, double weightBytes) const;
  /// Why the layer stays float; empty if nothing speaks against it.
  std::string findObstacle(const ProductLayer &layer,
                           QuantizedLayer &plan) const;
  std::string findRange(const ProductLayer &layer, QuantizedLayer &plan) const;
  const TensorStatistics *lookup(Value value) const;

  const QuantizationOptions &options;
  ValueNames names;
  std::vector<ProductLayer> layers;
  ScaleGroups groups;
  CostModel model;
};
} // namespace

const TensorStatistics *Planner::lookup(Value value) const {
  if (!options.calibration)
    return nullptr;
  auto found = options.calibration->tensors.find(names.get(value).str());
  return found == options.calibration->tensors.end() ? nullptr : &found->second;
}

/// The range of all tensors that get the same scale as the layer's data.
std::string Planner::findRange(const ProductLayer &layer,
                               QuantizedLayer &plan) const {
  const TensorStatistics *own = lookup(layer.getData());
  if (!own)
    return "the calibration has no tensor '" +
           names.get(layer.getData()).str() + "'";
  plan.range = own->range;
  plan.channelMean = own->channelMean;
  for (const ProductLayer &other : layers) {
    if (groups.getLeader(other.getData()) != groups.getLeader(layer.getData()))
      continue;
    if (const TensorStatistics *tensor = lookup(other.getData()))
      plan.range = {std::min(plan.range.low, tensor->range.low),
                    std::max(plan.range.high, tensor->range.high)};
  }
  plan.range = {std::min(plan.range.low, 0.0), std::max(plan.range.high, 0.0)};
  if (plan.range.low == plan.range.high)
    return "its data is 0 on all of the calibration's samples";
  plan.saturation = countOutside(own->histogram, plan.range);
  return "";
}

std::string Planner::findObstacle(const ProductLayer &layer,
                                  QuantizedLayer &plan) const {
  bool isKept = options.keep.contains(layer.name);
  for (const std::string &node : plan.nodes)
    isKept |= options.keep.contains(node);
  if (isKept)
    return "it was asked to stay as it is";
  if (options.scheme == QuantizationScheme::Int8)
    if (std::string problem = findRange(layer, plan); !problem.empty())
      return problem;
  // Half of the largest number of f16, for data beyond the calibration's.
  constexpr double most = 65504.0 / 2;
  if (options.scheme == QuantizationScheme::F16)
    for (Value value : {layer.getData(), layer.getResult()})
      if (const TensorStatistics *tensor = lookup(value))
        if (std::max(-tensor->histogram.getMin(), tensor->histogram.getMax()) >
            most)
          return "tensor '" + names.get(value).str() +
                 "' holds numbers that are too large for f16";
  if (options.always)
    return "";
  // Differences below that are none to the cost model.
  constexpr double least = 0.98;
  if (plan.floatUs < 0 || plan.quantizedUs < 0)
    return "no time can be predicted for this target";
  if (plan.quantizedUs > least * plan.floatUs)
    return llvm::formatv("no gain is predicted: {0:F1} us as f32, {1:F1} as "
                         "{2}",
                         plan.floatUs, plan.quantizedUs,
                         stringifyScheme(options.scheme))
        .str();
  return "";
}

QuantizedLayer Planner::plan(const ProductLayer &layer,
                             double weightBytes) const {
  QuantizedLayer plan;
  plan.name = layer.name;
  for (StringRef node : getNodeNames(layer.op->getLoc()))
    plan.nodes.push_back(node.str());
  unsigned bits = isBytes(options.scheme) ? 8 : 16;
  ProductCosts costs = estimateProduct(layer, bits, model, weightBytes);
  plan.floatUs = costs.floatUs.value_or(-1);
  plan.quantizedUs = costs.quantizedUs.value_or(-1);
  int64_t elements = countElements(layer);
  plan.floatBytes = plan.quantizedBytes = 4 * elements;
  plan.reason = findObstacle(layer, plan);
  plan.isQuantized = plan.reason.empty();
  if (plan.isQuantized) {
    plan.bits = bits;
    plan.quantizedBytes = elements * bits / 8;
  }
  return plan;
}

llvm::Expected<std::vector<QuantizedLayer>> Planner::run() {
  if (options.scheme == QuantizationScheme::Int8 && !options.calibration)
    return llvm::createStringError(
        "int8 needs ranges of data: expected a calibration; int8-dynamic needs "
        "none");
  double weightBytes = 0;
  bool isKnown = layers.empty();
  for (const ProductLayer &layer : layers) {
    weightBytes += 4 * double(countElements(layer));
    isKnown |= lookup(layer.getData()) != nullptr;
  }
  if (options.calibration && !isKnown)
    return llvm::createStringError(
        "the calibration has none of the model's tensors, such as '" +
        names.get(layers.front().getData()).str() +
        "': it is of another model");
  std::vector<QuantizedLayer> plans;
  for (const ProductLayer &layer : layers)
    plans.push_back(plan(layer, weightBytes));
  return plans;
}

llvm::Expected<std::vector<QuantizedLayer>>
mlir::nnc::planQuantization(func::FuncOp function,
                            const QuantizationOptions &options) {
  // What the cost model looks at.
  function.getContext()->loadDialect<arith::ArithDialect, math::MathDialect>();
  hw::TargetAttr target = hw::findTarget(function, options.target);
  if (!target)
    return llvm::createStringError("no costs can be predicted for '" +
                                   options.target + "'");
  return Planner(function, options, target).run();
}
