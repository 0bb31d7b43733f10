//===----------------------------------------------------------------------===//
// Import of quantized operators of the domain com.microsoft: dequantized,
// computed in f32, quantized; products of matrices exactly in integers.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Compose.h"
#include "Contrib.h"
#include "LinearWindow.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

//===----------------------------------------------------------------------===//
// Reals from integers and back
//===----------------------------------------------------------------------===//

/// A scale or zero point as a tensor of rank 0; reports one of more elements.
static Value readParameter(NodeBinder &node, size_t index, bool &valid) {
  Value value = readOptional(node, index, valid);
  if (!value || NodeBinder::rankOf(value) == 0)
    return value;
  RankedTensorType type = NodeBinder::typeOf(value);
  if (type.hasStaticShape() && type.getNumElements() == 1)
    return node.reshape(value, ArrayRef<int64_t>());
  (void)node.error("expects one scale and zero point a tensor, but got input " +
                   Twine(index) + " of rank " + Twine(type.getRank()));
  valid = false;
  return {};
}

/// The real numbers that a tensor in input `index`, with scale and zero point
/// in the inputs behind, stands for.
static Value readReal(NodeBinder &node, size_t index) {
  bool valid = true;
  Value tensor = node.input(index);
  Value scale = readParameter(node, index + 1, valid);
  Value zeroPoint = readParameter(node, index + 2, valid);
  if (!tensor || !valid)
    return {};
  if (!scale) {
    (void)node.input(index + 1);
    return {};
  }
  return node.create<nn::DequantizeOp>(tensor, scale, zeroPoint);
}

/// Sets the output to `real` in the quantization of scale and zero point in
/// inputs `index` and the next; without a zero point of the type of `like`.
static LogicalResult setQuantized(NodeBinder &node, Value real, size_t index,
                                  Value like) {
  bool valid = true;
  Value scale = readParameter(node, index, valid);
  Value zeroPoint = readParameter(node, index + 1, valid);
  if (!real || !valid || !like)
    return failure();
  if (!scale)
    return node.result(node.input(index));
  Type type = NodeBinder::elementTypeOf(zeroPoint ? zeroPoint : like);
  return node.result(node.create<nn::QuantizeOp>(real, scale, zeroPoint, type));
}

//===----------------------------------------------------------------------===//
// Element-wise operators
//===----------------------------------------------------------------------===//

template <typename OpTy>
static LogicalResult importBinary(NodeBinder &node) {
  Value lhs = readReal(node, 0), rhs = readReal(node, 3);
  if (!lhs || !rhs)
    return failure();
  return setQuantized(node, node.create<OpTy>(lhs, rhs), 6, node.input(0));
}

static LogicalResult importLeakyRelu(NodeBinder &node) {
  Value input = readReal(node, 0);
  if (!input)
    return failure();
  Value slope = node.scalar(NodeBinder::elementTypeOf(input),
                            node.floatAttr("alpha", 0.01f));
  return setQuantized(node, node.create<nn::PReluOp>(input, slope), 3,
                      node.input(0));
}

static LogicalResult importSigmoid(NodeBinder &node) {
  Value input = readReal(node, 0);
  Value result = input ? node.create<nn::SigmoidOp>(input) : Value();
  return setQuantized(node, result, 3, node.input(0));
}

static LogicalResult importWhere(NodeBinder &node) {
  Value condition = node.input(0);
  Value onTrue = readReal(node, 1), onFalse = readReal(node, 4);
  if (!condition || !onTrue || !onFalse)
    return failure();
  return setQuantized(node,
                      node.create<nn::WhereOp>(condition, onTrue, onFalse), 7,
                      node.input(1));
}

//===----------------------------------------------------------------------===//
// Operators along axes
//===----------------------------------------------------------------------===//

/// Inputs 2, 5, ... are tensors, scale and zero point of the result come first.
static LogicalResult importConcat(NodeBinder &node) {
  SmallVector<Value> tensors;
  for (size_t index = 2; index < node.numInputs(); index += 3) {
    tensors.push_back(readReal(node, index));
    if (!tensors.back())
      return failure();
  }
  if (tensors.empty())
    return node.error("expects at least one tensor, but got none");
  FailureOr<int64_t> axis = node.normalizeAxis(
      node.intAttr("axis", 0), NodeBinder::rankOf(tensors.front()));
  if (failed(axis))
    return failure();
  return setQuantized(node, joinAxis(node, tensors, *axis), 0, node.input(2));
}

/// Before version 13 the axes from `axis` on count as one.
static LogicalResult importSoftmax(NodeBinder &node) {
  Value input = readReal(node, 0);
  if (!input)
    return failure();
  bool isFlat = node.intAttr("opset", 13) < 13;
  int64_t rank = NodeBinder::rankOf(input);
  FailureOr<int64_t> axis = node.normalizeAxis(node.intAttr("axis", -1), rank);
  if (failed(axis))
    return failure();
  SmallVector<Dim> shape = node.shape(input);
  Value rows = input;
  if (isFlat && *axis + 1 < rank) {
    DimBuilder dims(node.builder(), node.loc());
    SmallVector<Dim> flat(ArrayRef<Dim>(shape).take_front(*axis));
    flat.push_back(dims.product(ArrayRef<Dim>(shape).drop_front(*axis)));
    rows = node.reshape(input, flat);
  }
  Value result = node.create<nn::SoftmaxOp>(nn::SoftmaxKind::Soft, rows, *axis);
  if (rows != input && result)
    result = node.reshape(result, shape);
  return setQuantized(node, result, 3, node.input(0));
}

/// Channels come last if the node says so; `pool` sees them on axis 1.
static LogicalResult importPool(NodeBinder &node,
                                function_ref<Value(Value)> pool) {
  bool channelsLast = node.intAttr("channels_last", 0) != 0;
  Value input = readReal(node, 0);
  if (channelsLast)
    input = moveChannels(node, input, /*toLast=*/false);
  Value result = input ? pool(input) : Value();
  if (channelsLast)
    result = moveChannels(node, result, /*toLast=*/true);
  return setQuantized(node, result, 3, node.input(0));
}

static LogicalResult importAveragePool(NodeBinder &node) {
  return importPool(
      node, [&](Value input) { return createAveragePool(node, input); });
}

static LogicalResult importGlobalAveragePool(NodeBinder &node) {
  return importPool(node, [&](Value input) {
    auto axes = llvm::to_vector(
        llvm::seq<int64_t>(2, std::max<int64_t>(NodeBinder::rankOf(input), 2)));
    return node.create<nn::ReduceOp>(nn::ReduceKind::Mean, input,
                                     ArrayRef<int64_t>(axes),
                                     /*keep_dims=*/true);
  });
}

static LogicalResult importReduceMean(NodeBinder &node) {
  Value input = readReal(node, 0);
  if (!input)
    return failure();
  int64_t rank = NodeBinder::rankOf(input);
  FailureOr<SmallVector<int64_t>> axes =
      node.normalizeAxes(node.intsAttr("axes").value_or(
                             llvm::to_vector(llvm::seq<int64_t>(0, rank))),
                         rank);
  if (failed(axes))
    return failure();
  Value result = node.create<nn::ReduceOp>(nn::ReduceKind::Mean, input,
                                           ArrayRef<int64_t>(*axes),
                                           node.intAttr("keepdims", 1) != 0);
  return setQuantized(node, result, 3, node.input(0));
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// The left factor is quantized to fit its values.
static LogicalResult importDynamicQuantizeMatMul(NodeBinder &node) {
  bool valid = true;
  Value input = node.input(0), weights = node.input(1), scale = node.input(2);
  Value zeroPoint = readOptional(node, 3, valid);
  Value bias = readOptional(node, 4, valid);
  if (!input || !weights || !scale || !valid)
    return failure();
  SmallVector<Value> range =
      node.createMulti<nn::QuantizationRangeOp>(2, input);
  if (range.empty())
    return failure();
  Value quantized = node.create<nn::QuantizeOp>(
      input, range[0], range[1], NodeBinder::elementTypeOf(range[1]));
  Value product = createIntegerProduct(node, {quantized, range[0], range[1]},
                                       {weights, scale, zeroPoint});
  return node.result(addOptional(node, product, bias));
}

static LogicalResult importMatMulIntegerToFloat(NodeBinder &node) {
  bool valid = true;
  QuantizedValue lhs{node.input(0), node.input(2),
                     readOptional(node, 4, valid)};
  QuantizedValue rhs{node.input(1), node.input(3),
                     readOptional(node, 5, valid)};
  Value bias = readOptional(node, 6, valid);
  if (!valid)
    return failure();
  return node.result(
      addOptional(node, createIntegerProduct(node, lhs, rhs), bias));
}

/// alpha * (A B + C), where C counts in units of both scales; quantized if a
/// scale of the result is given.
static LogicalResult importQGemm(NodeBinder &node) {
  bool valid = true;
  QuantizedValue lhs{node.input(0), node.input(1),
                     readOptional(node, 2, valid)};
  QuantizedValue rhs{node.input(3), node.input(4),
                     readOptional(node, 5, valid)};
  Value bias = readOptional(node, 6, valid);
  if (!lhs.scale || !rhs.scale || !valid ||
      failed(checkRank(node, lhs.tensor, 2, "input 0")) ||
      failed(checkRank(node, rhs.tensor, 2, "input 3")))
    return failure();
  if (node.intAttr("transA", 0))
    lhs.tensor = node.transpose(lhs.tensor, {1, 0});
  if (node.intAttr("transB", 0))
    rhs.tensor = node.transpose(rhs.tensor, {1, 0});
  Value product = createIntegerProduct(node, lhs, rhs);
  if (bias && product) {
    Value unit = node.create<nn::MulOp>(lhs.scale, rhs.scale);
    product = addOptional(node, product,
                          node.create<nn::DequantizeOp>(bias, unit, Value()));
  }
  product = scaleBy(node, product, node.floatAttr("alpha", 1));
  return node.hasInput(7) ? setQuantized(node, product, 7, node.input(0))
                          : node.result(product);
}

void onnximport::addContribQuantizedOperators(OpTable &table) {
  auto add = [&](StringRef name, ImportFn function) {
    table.addTo(contribDomain, name, 1, function);
  };
  add("DynamicQuantizeMatMul", importDynamicQuantizeMatMul);
  add("MatMulIntegerToFloat", importMatMulIntegerToFloat);
  add("QGemm", importQGemm);
  add("QLinearAdd", importBinary<nn::AddOp>);
  add("QLinearAveragePool", importAveragePool);
  add("QLinearConcat", importConcat);
  add("QLinearGlobalAveragePool", importGlobalAveragePool);
  add("QLinearLeakyRelu", importLeakyRelu);
  add("QLinearMul", importBinary<nn::MulOp>);
  add("QLinearReduceMean", importReduceMean);
  add("QLinearSigmoid", importSigmoid);
  add("QLinearSoftmax", importSoftmax);
  add("QLinearWhere", importWhere);
}
