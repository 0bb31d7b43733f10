//===----------------------------------------------------------------------===//
// Import of quantized operators.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Compose.h"
#include "Contrib.h"
#include "LinearWindow.h"
#include "NodeBinder.h"
#include "nnc/Interfaces/ElementTypes.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

/// A scale or zero point of rank 0 or 1, shaped to broadcast along `axis` of
/// `tensor`; one of a single element is a rank-0 one. Null after an error.
static Value alignToAxis(NodeBinder &node, Value parameter, Value tensor,
                         int64_t axis) {
  if (!parameter)
    return {};
  RankedTensorType type = node.typeOf(parameter);
  if (type.getRank() == 0)
    return parameter;
  if (type.getRank() != 1) {
    (void)node.error("expects scale and zero point of rank 0 or 1 where "
                     "block_size is 0, but got rank " +
                     Twine(type.getRank()));
    return {};
  }
  if (type.getDimSize(0) == 1)
    return node.reshape(parameter, ArrayRef<int64_t>());
  int64_t rank = node.rankOf(tensor);
  FailureOr<int64_t> front = node.normalizeAxis(axis, rank);
  if (failed(front))
    return {};
  SmallVector<Dim> shape(rank - *front, Dim(1));
  shape.front() = node.shape(parameter).front();
  return node.reshape(parameter, ArrayRef<Dim>(shape));
}

namespace {
/// A tensor and the parameters of its quantization, which broadcast to it. With
/// blocks the tensor has an axis more, of the places in a block.
struct QuantizationOperands {
  Value tensor, scale, zeroPoint;
  /// The tensor's own dimensions, if it has an axis more.
  std::optional<SmallVector<Dim>> shape;
};
} // namespace

/// Aligns parameters that have one element for each block of `size` elements
/// along `axis`.
static LogicalResult alignBlocks(NodeBinder &node, int64_t axis, int64_t size,
                                 QuantizationOperands &q) {
  int64_t rank = NodeBinder::rankOf(q.tensor);
  FailureOr<int64_t> front = node.normalizeAxis(axis, rank);
  if (failed(front))
    return failure();
  SmallVector<Dim> shape = node.shape(q.tensor);
  std::optional<int64_t> length = shape[*front].getConstant();
  bool isWhole = length && *length % size == 0;
  for (Value *parameter : {&q.scale, &q.zeroPoint}) {
    if (!*parameter)
      continue;
    if (failed(checkRank(node, *parameter, rank, "parameters of blocks")))
      return failure();
    SmallVector<Dim> own = node.shape(*parameter);
    own.insert(own.begin() + *front + 1, Dim(1));
    *parameter =
        isWhole ? node.reshape(*parameter, own)
                : spreadBlocks(node, *parameter, *front, shape[*front], size);
    if (!*parameter)
      return failure();
  }
  if (!isWhole)
    return success();
  q.shape = shape;
  shape[*front] = Dim(*length / size);
  shape.insert(shape.begin() + *front + 1, Dim(size));
  q.tensor = node.reshape(q.tensor, shape);
  return success(q.tensor != nullptr);
}

/// The zero point, null of floats, which have none but 0.
static FailureOr<Value> readZeroPoint(NodeBinder &node) {
  Value zeroPoint = node.optionalInput(2);
  if (!zeroPoint && node.hasInput(2))
    return failure();
  if (!zeroPoint || !isa<FloatType>(node.elementTypeOf(zeroPoint)))
    return zeroPoint;
  std::optional<SmallVector<double>> known = node.constantDoubles(zeroPoint);
  if (known && llvm::all_of(*known, [](double x) { return x == 0; }))
    return Value();
  return node.error("expects a float zero point to be constant and 0");
}

/// Scales that are powers of two, stored as such, as f32.
static Value toComputedScale(NodeBinder &node, Value scale) {
  if (!isNarrow(node.elementTypeOf(scale)))
    return scale;
  return node.create<nn::CastOp>(scale, node.builder().getF32Type());
}

/// Inputs 0 to 2, the parameters aligned to attribute `axis`.
static FailureOr<QuantizationOperands> readQuantization(NodeBinder &node) {
  Value tensor = node.input(0), scale = node.input(1);
  FailureOr<Value> zeroPoint = readZeroPoint(node);
  if (!tensor || !scale || failed(zeroPoint))
    return failure();
  QuantizationOperands q{tensor, toComputedScale(node, scale), *zeroPoint,
                         std::nullopt};
  if (!q.scale)
    return failure();
  int64_t axis = node.intAttr("axis", 1);
  int64_t block = node.intAttr("block_size", 0);
  if (block < 0)
    return node.error("expects block_size of 0 or more, but got " +
                      Twine(block));
  if (block > 0) {
    if (failed(alignBlocks(node, axis, block, q)))
      return failure();
    return q;
  }
  q.scale = alignToAxis(node, q.scale, q.tensor, axis);
  bool hasZeroPoint = q.zeroPoint != nullptr;
  q.zeroPoint = alignToAxis(node, q.zeroPoint, q.tensor, axis);
  if (!q.scale || (hasZeroPoint && !q.zeroPoint))
    return failure();
  return q;
}

static LogicalResult setResult(NodeBinder &node, Value result,
                               const QuantizationOperands &q) {
  if (result && q.shape)
    result = node.reshape(result, *q.shape);
  return node.result(result);
}

/// The element type in attribute `name`; null if it is absent or 0.
static FailureOr<Type> readTypeAttr(NodeBinder &node, StringRef name) {
  int64_t number = node.intAttr(name, 0);
  return number == 0 ? FailureOr<Type>(Type()) : node.elementType(number);
}

/// The type to quantize to: the zero point's, else `output_dtype`, else ui8.
static FailureOr<Type> getQuantizedType(NodeBinder &node, Value zeroPoint) {
  FailureOr<Type> given = readTypeAttr(node, "output_dtype");
  if (failed(given))
    return failure();
  if (!zeroPoint)
    return *given ? *given
                  : Type(IntegerType::get(node.context(), 8,
                                          IntegerType::Unsigned));
  if (*given && *given != node.elementTypeOf(zeroPoint))
    return node.error("has an output_dtype that is not the zero point's type");
  return node.elementTypeOf(zeroPoint);
}

/// Divides in the type that attribute `precision` names.
static LogicalResult applyPrecision(NodeBinder &node, QuantizationOperands &q) {
  FailureOr<Type> type = readTypeAttr(node, "precision");
  if (failed(type))
    return failure();
  if (!*type)
    return success();
  if (!isa<FloatType>(*type))
    return node.error("expects a float type in attribute 'precision'");
  q.tensor = convertTo(node, q.tensor, *type);
  q.scale = convertTo(node, q.scale, *type);
  if (type->getIntOrFloatBitWidth() < 32) {
    q.tensor = node.create<nn::DivOp>(q.tensor, q.scale);
    q.scale = node.scalar(*type, 1);
  }
  return success(q.tensor && q.scale);
}

static LogicalResult importQuantizeLinear(NodeBinder &node) {
  FailureOr<QuantizationOperands> q = readQuantization(node);
  if (failed(q))
    return failure();
  FailureOr<Type> type = getQuantizedType(node, node.optionalInput(2));
  if (failed(type) || failed(applyPrecision(node, *q)))
    return failure();
  return setResult(
      node,
      node.create<nn::QuantizeOp>(q->tensor, q->scale, q->zeroPoint, *type,
                                  node.intAttr("saturate", 1) == 0),
      *q);
}

/// A scale of fewer bits than `output_dtype` is widened first.
static LogicalResult importDequantizeLinear(NodeBinder &node) {
  FailureOr<QuantizationOperands> q = readQuantization(node);
  FailureOr<Type> type = readTypeAttr(node, "output_dtype");
  if (failed(q) || failed(type))
    return failure();
  if (!*type)
    type = NodeBinder::elementTypeOf(node.input(1));
  if (!isa<FloatType>(*type))
    return node.error("expects a float type in attribute 'output_dtype'");
  if (type->getIntOrFloatBitWidth() >
      NodeBinder::elementTypeOf(q->scale).getIntOrFloatBitWidth())
    q->scale = convertTo(node, q->scale, *type);
  Value result =
      node.create<nn::DequantizeOp>(q->tensor, q->scale, q->zeroPoint);
  return setResult(node, convertTo(node, result, *type), *q);
}

static LogicalResult importDynamicQuantizeLinear(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  SmallVector<Value> range =
      node.createMulti<nn::QuantizationRangeOp>(2, input);
  if (range.empty())
    return failure();
  Value quantized = node.create<nn::QuantizeOp>(input, range[0], range[1],
                                                node.elementTypeOf(range[1]));
  if (failed(node.result(0, quantized)) || failed(node.result(1, range[0])))
    return failure();
  return node.result(2, range[1]);
}

//===----------------------------------------------------------------------===//
// Integer products
//===----------------------------------------------------------------------===//

/// A zero point or scale of a factor of a matrix product: of rank 0 or 1, or
/// shaped to broadcast already. `fromLast` is the axis that a vector runs
/// along, counted from the last.
static Value alignToFactor(NodeBinder &node, Value parameter, Value tensor,
                           int64_t fromLast) {
  if (!parameter || node.rankOf(parameter) > 1)
    return parameter;
  return alignToAxis(node, parameter, tensor, -fromLast);
}

static LogicalResult importMatMulInteger(NodeBinder &node) {
  Value a = node.input(0), b = node.input(1);
  bool valid = a && b;
  Value aZero = readOptional(node, 2, valid);
  Value bZero = readOptional(node, 3, valid);
  if (!valid)
    return failure();
  aZero = alignToFactor(node, aZero, a, 2);
  bZero = alignToFactor(node, bZero, b, 1);
  return node.result(node.create<nn::MatMulIntegerOp>(a, b, aZero, bZero));
}

static LogicalResult importConvInteger(NodeBinder &node) {
  Value x = node.input(0), w = node.input(1);
  bool valid = x && w;
  Value xZero = readOptional(node, 2, valid);
  Value wZero = readOptional(node, 3, valid);
  if (!valid)
    return failure();
  xZero = alignToAxis(node, xZero, x, 0);
  wZero = alignToAxis(node, wZero, w, 0);
  return node.result(createConvInteger(node, x, w, xZero, wZero));
}

namespace {
/// Inputs of a QLinear operator from `first` on: a tensor, its scale, its zero
/// point. A scale of 16 bits is widened: all is computed in f32.
struct QuantizedInput {
  QuantizedInput(NodeBinder &node, size_t first, bool hasTensor) {
    if (hasTensor)
      tensor = node.input(first++);
    scale = node.input(first);
    zeroPoint = node.input(first + 1);
    valid = (tensor || !hasTensor) && scale && zeroPoint;
    Type f32 = Float32Type::get(node.context());
    if (valid && node.elementTypeOf(scale) != f32)
      scale = node.create<nn::CastOp>(scale, f32);
  }
  Value tensor, scale, zeroPoint;
  bool valid;
};
} // namespace

/// Integer sums to the output's quantization: multiplied in f32 by the product
/// of the operands' scales over the output's, rounded, saturated.
static Value requantize(NodeBinder &node, Value sums, Value lhsScale,
                        Value rhsScale, Value scale, Value zeroPoint) {
  if (!sums || !lhsScale || !rhsScale || !scale || !zeroPoint)
    return {};
  Value product = node.create<nn::MulOp>(lhsScale, rhsScale);
  Value factor = node.create<nn::DivOp>(product, scale);
  Value real = node.create<nn::DequantizeOp>(sums, factor, Value());
  if (!real)
    return {};
  Value one = node.scalar(node.elementTypeOf(real), 1);
  return node.create<nn::QuantizeOp>(real, one, zeroPoint,
                                     node.elementTypeOf(zeroPoint));
}

Value onnximport::createIntegerProduct(NodeBinder &node, QuantizedValue lhs,
                                       QuantizedValue rhs) {
  if (!lhs.tensor || !lhs.scale || !rhs.tensor || !rhs.scale)
    return {};
  Value sums = node.create<nn::MatMulIntegerOp>(
      lhs.tensor, rhs.tensor, alignToFactor(node, lhs.zeroPoint, lhs.tensor, 2),
      alignToFactor(node, rhs.zeroPoint, rhs.tensor, 1));
  Value left = alignToFactor(node, lhs.scale, lhs.tensor, 2);
  Value right = alignToFactor(node, rhs.scale, rhs.tensor, 1);
  if (!sums || !left || !right)
    return {};
  return node.create<nn::DequantizeOp>(
      sums, node.create<nn::MulOp>(left, right), Value());
}

static LogicalResult importQLinearMatMul(NodeBinder &node) {
  QuantizedInput a(node, 0, true), b(node, 3, true), y(node, 6, false);
  if (!a.valid || !b.valid || !y.valid)
    return failure();
  Value sums = node.create<nn::MatMulIntegerOp>(
      a.tensor, b.tensor, alignToFactor(node, a.zeroPoint, a.tensor, 2),
      alignToFactor(node, b.zeroPoint, b.tensor, 1));
  if (!sums)
    return failure();
  return node.result(requantize(node, sums,
                                alignToFactor(node, a.scale, a.tensor, 2),
                                alignToFactor(node, b.scale, b.tensor, 1),
                                alignToFactor(node, y.scale, sums, 2),
                                alignToFactor(node, y.zeroPoint, sums, 2)));
}

static LogicalResult importQLinearConv(NodeBinder &node) {
  QuantizedInput x(node, 0, true), w(node, 3, true), y(node, 6, false);
  if (!x.valid || !w.valid || !y.valid)
    return failure();
  bool valid = true;
  Value bias = readOptional(node, 8, valid);
  bool channelsLast = node.intAttr("channels_last", 0) != 0;
  if (channelsLast)
    x.tensor = moveChannels(node, x.tensor, /*toLast=*/false);
  if (!x.tensor)
    return failure();
  Value xZero = alignToAxis(node, x.zeroPoint, x.tensor, 0);
  Value wZero = alignToAxis(node, w.zeroPoint, w.tensor, 0);
  if (!valid || !xZero || !wZero)
    return failure();
  Value sums = createConvInteger(node, x.tensor, w.tensor, xZero, wZero);
  if (!sums)
    return failure();
  if (bias)
    sums = node.create<nn::AddOp>(sums, alignToAxis(node, bias, sums, 1));
  if (!sums)
    return failure();
  Value result = requantize(node, sums, alignToAxis(node, x.scale, sums, 1),
                            alignToAxis(node, w.scale, sums, 1),
                            alignToAxis(node, y.scale, sums, 1),
                            alignToAxis(node, y.zeroPoint, sums, 1));
  return node.result(channelsLast ? moveChannels(node, result, /*toLast=*/true)
                                  : result);
}

void onnximport::addQuantizedOperators(OpTable &table) {
  table.add("ConvInteger", 10, importConvInteger);
  table.add("DequantizeLinear", 10, importDequantizeLinear);
  table.add("DynamicQuantizeLinear", 11, importDynamicQuantizeLinear);
  table.add("MatMulInteger", 10, importMatMulInteger);
  table.add("QLinearConv", 10, importQLinearConv);
  table.add("QLinearMatMul", 10, importQLinearMatMul);
  table.add("QuantizeLinear", 10, importQuantizeLinear);
  table.addTo("com.microsoft", "DequantizeLinear", 1, importDequantizeLinear);
  table.addTo("com.microsoft", "QLinearConv", 1, importQLinearConv);
  table.addTo("com.microsoft", "QuantizeLinear", 1, importQuantizeLinear);
}
