//===----------------------------------------------------------------------===//
// Inserts conversions around products.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/Quantize.h"

#include "Products.h"
#include "QuantizeWeights.h"
#include "dialects/NN/IR/NNConstants.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace mlir;
using namespace mlir::nnc;

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

namespace {
/// A product that is quantized.
struct Chosen {
  ProductLayer layer;
  QuantizedLayer *plan;
  nncio::Tensor weight;
};

class Quantizer {
public:
  Quantizer(func::FuncOp function, const QuantizationOptions &options,
            std::vector<QuantizedLayer> &plans)
      : options(options), plans(plans), names(function),
        layers(listProducts(function, names)), groups(layers),
        builder(function.getContext()) {}

  llvm::Error run();

private:
  llvm::Error choose();
  void quantizeBytes();
  void quantizeGroup(MutableArrayRef<Chosen *> group);
  bool smooth(MutableArrayRef<Chosen *> group);
  void need(Value value, MutableArrayRef<Chosen *> group, bool isShared,
            llvm::SetVector<Value> &needed);
  void convertData(MutableArrayRef<Chosen *> group);
  void convertDynamically(Value data, MutableArrayRef<Chosen *> group);
  Value roundTrip(Value data, Value scale, Value zeroPoint);
  void convertWeight(Chosen &chosen, ArrayRef<double> factors);
  void correctBias(Chosen &chosen, ArrayRef<double> bias);
  void narrow(Chosen &chosen, Type type);
  Value createConstant(Location loc, const nncio::Tensor &tensor);
  Value createChannels(Location loc, nncio::ElementType type,
                       ArrayRef<double> numbers, int64_t behind);
  const TensorStatistics *lookup(Value value) const;

  const QuantizationOptions &options;
  std::vector<QuantizedLayer> &plans;
  ValueNames names;
  std::vector<ProductLayer> layers;
  ScaleGroups groups;
  OpBuilder builder;
  std::vector<Chosen> chosen;
};
} // namespace

const TensorStatistics *Quantizer::lookup(Value value) const {
  if (!options.calibration)
    return nullptr;
  auto found = options.calibration->tensors.find(names.get(value).str());
  return found == options.calibration->tensors.end() ? nullptr : &found->second;
}

Value Quantizer::createConstant(Location loc, const nncio::Tensor &tensor) {
  return nn::ConstantOp::create(builder, loc,
                                nn::toAttribute(builder.getContext(), tensor));
}

/// A number a channel, of a tensor with `behind` axes after that of the
/// channels.
Value Quantizer::createChannels(Location loc, nncio::ElementType type,
                                ArrayRef<double> numbers, int64_t behind) {
  std::vector<int64_t> shape(size_t(behind) + 1, 1);
  shape.front() = int64_t(numbers.size());
  return createConstant(
      loc, nncio::Tensor::fromDoubles(type, std::move(shape), numbers.vec()));
}

llvm::Error Quantizer::choose() {
  for (auto [layer, plan] : llvm::zip(layers, plans)) {
    if (!plan.isQuantized)
      continue;
    nncio::Result<nncio::Tensor> weight =
        nn::getConstantTensor(layer.product.weight->get());
    if (!weight)
      return llvm::createStringError(weight.error());
    if (!llvm::all_of(getFloats(*weight),
                      [](float number) { return std::isfinite(number); })) {
      plan.isQuantized = false;
      plan.bits = 32;
      plan.quantizedBytes = plan.floatBytes;
      plan.reason = "its weights are not all finite";
      continue;
    }
    chosen.push_back({layer, &plan, std::move(*weight)});
  }
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Data
//===----------------------------------------------------------------------===//

Value Quantizer::roundTrip(Value data, Value scale, Value zeroPoint) {
  Type byte = builder.getIntegerType(8, /*isSigned=*/false);
  Value bytes = nn::QuantizeOp::create(builder, data.getLoc(),
                                       typeOf(data).clone(byte), data, scale,
                                       zeroPoint, byte, /*unsaturated=*/false);
  return nn::DequantizeOp::create(builder, data.getLoc(), data.getType(), bytes,
                                  scale, zeroPoint);
}

static bool readsAsProduct(OpOperand &use, ArrayRef<Chosen *> group) {
  return llvm::any_of(group, [&](Chosen *chosen) {
    return chosen->layer.product.data == &use;
  });
}

/// The tensors that get scales: `value`, and what it is made of by moves, as
/// long as nobody else sees them as they were.
void Quantizer::need(Value value, MutableArrayRef<Chosen *> group,
                     bool isShared, llvm::SetVector<Value> &needed) {
  if (!needed.insert(value))
    return;
  auto mover = value.getDefiningOp<QuantizableOpInterface>();
  if (!mover ||
      (!isShared && !llvm::all_of(value.getUses(), [&](OpOperand &use) {
        return readsAsProduct(use, group) || value.hasOneUse();
      })))
    return;
  for (OpOperand *operand : mover.getAlikeOperands())
    need(operand->get(), group, isShared, needed);
}

void Quantizer::convertData(MutableArrayRef<Chosen *> group) {
  // Images are large, and what else reads them reads bytes faster. The
  // residual streams of transformers have outliers that only products
  // tolerate.
  bool isShared = llvm::any_of(group, [](Chosen *one) {
    return one->layer.product.resultAxis !=
           typeOf(one->layer.getResult()).getRank() - 1;
  });
  llvm::SetVector<Value> needed;
  for (Chosen *one : group)
    need(one->layer.getData(), group, isShared, needed);
  ByteScale scale = makeByteScale(group.front()->plan->range);
  for (Value value : needed) {
    builder.setInsertionPointAfterValue(value);
    Value factor = createConstant(
        value.getLoc(), nncio::Tensor::fromDoubles(nncio::ElementType::F32, {},
                                                   {double(scale.scale)}));
    Value zero = createConstant(
        value.getLoc(),
        nncio::Tensor::fromInts(nncio::ElementType::U8, {}, {scale.zeroPoint}));
    SmallVector<OpOperand *> uses;
    bool isData = llvm::any_of(
        group, [&](Chosen *one) { return one->layer.getData() == value; });
    for (OpOperand &use : value.getUses()) {
      auto mover = dyn_cast<QuantizableOpInterface>(use.getOwner());
      bool isMoved = mover && use.getOwner()->getNumResults() == 1 &&
                     needed.contains(use.getOwner()->getResult(0)) &&
                     llvm::is_contained(mover.getAlikeOperands(), &use);
      bool isOther = isShared && isData &&
                     !use.getOwner()->hasTrait<OpTrait::IsTerminator>();
      if (readsAsProduct(use, group) || isMoved || isOther)
        uses.push_back(&use);
    }
    Value reals = roundTrip(value, factor, zero);
    for (OpOperand *use : uses)
      use->set(reals);
  }
}

/// Ranges that each run finds.
void Quantizer::convertDynamically(Value data,
                                   MutableArrayRef<Chosen *> group) {
  builder.setInsertionPointAfterValue(data);
  Type byte = builder.getIntegerType(8, /*isSigned=*/false);
  auto range = nn::QuantizationRangeOp::create(
      builder, data.getLoc(), RankedTensorType::get({}, builder.getF32Type()),
      RankedTensorType::get({}, byte), data);
  Value reals = roundTrip(data, range.getScale(), range.getZeroPoint());
  for (Chosen *one : group)
    one->layer.product.data->set(reals);
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

/// Adds to the channels of the result, in the op itself where it has a bias.
void Quantizer::correctBias(Chosen &chosen, ArrayRef<double> bias) {
  Operation *op = chosen.layer.op;
  double most = 0;
  for (double number : bias)
    most = std::max(most, std::fabs(number));
  const TensorStatistics *result = lookup(chosen.layer.getResult());
  // What bytes would not show.
  double least =
      result ? 1e-4 * (result->histogram.getMax() - result->histogram.getMin())
             : 0;
  if (!(most > least))
    return;
  builder.setInsertionPointAfter(op);
  Value value = op->getResult(0);
  RankedTensorType type = typeOf(value);
  int64_t behind = type.getRank() - 1 - chosen.layer.product.resultAxis;
  Value numbers =
      createChannels(op->getLoc(), nncio::ElementType::F32, bias, behind);
  Value sum = nn::AddOp::create(builder, op->getLoc(), type, value, numbers);
  value.replaceAllUsesExcept(sum, sum.getDefiningOp());
}

void Quantizer::convertWeight(Chosen &chosen, ArrayRef<double> factors) {
  WeightMatrix matrix(chosen.layer, chosen.weight);
  ByteWeights rounded = roundWeights(matrix, factors);
  chosen.plan->weightSqnr = rounded.sqnr;
  OpOperand *operand = chosen.layer.product.weight;
  Location loc = operand->get().getLoc();
  RankedTensorType type = typeOf(operand->get());
  builder.setInsertionPoint(chosen.layer.op);
  Value bytes =
      createConstant(loc, rounded.bytes.reshaped(type.getShape().vec()));
  Value scale =
      createChannels(loc, nncio::ElementType::F32, rounded.scales,
                     type.getRank() - 1 - chosen.layer.product.weightAxis);
  operand->set(nn::DequantizeOp::create(builder, loc, type, bytes, scale,
                                        /*zero_point=*/Value()));
  const TensorStatistics *data = lookup(chosen.layer.getData());
  if (options.correctBias && data &&
      int64_t(data->channelMean.size()) == matrix.countChannels())
    correctBias(chosen, findBias(matrix, rounded, factors, data->channelMean));
}

/// Divides channels of the data by factors that all products that read it take
/// into their weights. False if that gives nothing.
bool Quantizer::smooth(MutableArrayRef<Chosen *> group) {
  Value data = group.front()->layer.getData();
  const TensorStatistics *statistics = lookup(data);
  auto axes = group.front()->layer.product.channels;
  if (!statistics || !axes || llvm::any_of(group, [&](Chosen *one) {
        return one->layer.getData() != data || !one->layer.product.channels ||
               one->layer.product.channels->data != axes->data;
      }))
    return false;
  std::vector<WeightMatrix> weights;
  for (Chosen *one : group)
    weights.emplace_back(one->layer, one->weight);
  std::optional<Smoothing> found = findSmoothing(weights, *statistics);
  if (!found)
    return false;
  for (Chosen *one : group) {
    convertWeight(*one, found->factors);
    one->plan->smoothAlpha = found->alpha;
    one->plan->smoothFactors = found->factors;
    one->plan->range = found->range;
    one->plan->saturation = 0;
  }
  builder.setInsertionPointAfterValue(data);
  std::vector<double> inverse;
  for (double factor : found->factors)
    inverse.push_back(1 / factor);
  Value numbers =
      createChannels(data.getLoc(), nncio::ElementType::F32, inverse,
                     typeOf(data).getRank() - 1 - axes->data);
  Value divided =
      nn::MulOp::create(builder, data.getLoc(), data.getType(), data, numbers);
  ByteScale scale = makeByteScale(found->range);
  Value reals = roundTrip(
      divided,
      createConstant(data.getLoc(),
                     nncio::Tensor::fromDoubles(nncio::ElementType::F32, {},
                                                {double(scale.scale)})),
      createConstant(data.getLoc(),
                     nncio::Tensor::fromInts(nncio::ElementType::U8, {},
                                             {scale.zeroPoint})));
  for (Chosen *one : group)
    one->layer.product.data->set(reals);
  return true;
}

void Quantizer::quantizeGroup(MutableArrayRef<Chosen *> group) {
  if (options.smooth && smooth(group))
    return;
  for (Chosen *one : group)
    convertWeight(*one, {});
  convertData(group);
}

void Quantizer::quantizeBytes() {
  bool isStatic = options.scheme == QuantizationScheme::Int8;
  llvm::MapVector<Value, SmallVector<Chosen *>> byScale;
  for (Chosen &one : chosen) {
    Value data = one.layer.getData();
    byScale[isStatic ? groups.getLeader(data) : data].push_back(&one);
  }
  for (auto &[key, group] : byScale) {
    if (isStatic) {
      quantizeGroup(group);
      continue;
    }
    for (Chosen *one : group)
      convertWeight(*one, {});
    convertDynamically(key, group);
  }
}

/// All of the product in a float type of 16 bits.
void Quantizer::narrow(Chosen &chosen, Type type) {
  Operation *op = chosen.layer.op;
  builder.setInsertionPoint(op);
  auto toType = [&](Value value) -> Value {
    RankedTensorType narrow = typeOf(value).clone(type);
    return nn::CastOp::create(builder, value.getLoc(), narrow, value, type,
                              /*unsaturated=*/false, nn::PowerRounding::Up);
  };
  for (OpOperand &operand : op->getOpOperands()) {
    if (&operand != chosen.layer.product.weight) {
      operand.set(toType(operand.get()));
      continue;
    }
    nncio::Tensor rounded(*toElementType(type), chosen.weight.shape());
    double signal = 0, noise = 0;
    for (int64_t i = 0; i < rounded.size(); ++i) {
      double number = chosen.weight.getDouble(i);
      rounded.setDouble(i, number);
      signal += number * number;
      noise += std::pow(number - rounded.getDouble(i), 2);
    }
    if (noise > 0 && signal > 0)
      chosen.plan->weightSqnr = 10 * std::log10(signal / noise);
    operand.set(createConstant(operand.get().getLoc(), rounded));
  }
  Value result = op->getResult(0);
  RankedTensorType wide = typeOf(result);
  result.setType(wide.clone(type));
  builder.setInsertionPointAfter(op);
  Value reals = nn::CastOp::create(
      builder, op->getLoc(), wide, result, wide.getElementType(),
      /*unsaturated=*/false, nn::PowerRounding::Up);
  result.replaceAllUsesExcept(reals, reals.getDefiningOp());
}

//===----------------------------------------------------------------------===//
// All of it
//===----------------------------------------------------------------------===//

static void tell(const ProductLayer &layer, const QuantizedLayer &plan,
                 QuantizationScheme scheme) {
  auto options = remark::RemarkOpts::name("Quantize").category("nnc-quantize");
  Location loc = layer.op->getLoc();
  if (!plan.isQuantized) {
    remark::missed(loc, options) << ("stays float: " + plan.reason);
    return;
  }
  std::string text = llvm::formatv("{0}, weights at {1:F1} dB",
                                   stringifyScheme(scheme), plan.weightSqnr);
  if (plan.floatUs >= 0 && plan.quantizedUs >= 0)
    text += llvm::formatv("; {0:F1} us predicted, {1:F1} as f32",
                          plan.quantizedUs, plan.floatUs);
  if (plan.smoothAlpha >= 0)
    text += llvm::formatv("; weights take over ranges by alpha {0:F1}",
                          plan.smoothAlpha);
  remark::passed(loc, options) << text;
}

llvm::Error Quantizer::run() {
  if (llvm::Error error = choose())
    return error;
  switch (options.scheme) {
  case QuantizationScheme::Int8:
  case QuantizationScheme::Int8Dynamic:
    quantizeBytes();
    break;
  case QuantizationScheme::BF16:
  case QuantizationScheme::F16:
    for (Chosen &one : chosen)
      narrow(one, options.scheme == QuantizationScheme::BF16
                      ? Type(builder.getBF16Type())
                      : Type(builder.getF16Type()));
    break;
  }
  if (!options.isSilent)
    for (auto [layer, plan] : llvm::zip(layers, plans))
      tell(layer, plan, options.scheme);
  return llvm::Error::success();
}

llvm::Expected<std::vector<QuantizedLayer>>
mlir::nnc::quantize(func::FuncOp function, const QuantizationOptions &options) {
  auto plans = planQuantization(function, options);
  if (!plans)
    return plans.takeError();
  if (llvm::Error error = Quantizer(function, options, *plans).run())
    return std::move(error);
  return std::move(*plans);
}
