//===----------------------------------------------------------------------===//
// Import of quantized operators.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
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
    (void)node.error("expects scale and zero point of rank 0 or 1 (blocked "
                     "quantization is not supported), but got rank " +
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

/// Reports attributes whose values ask for more than this compiler does.
static LogicalResult checkForm(NodeBinder &node) {
  if (int64_t block = node.intAttr("block_size", 0))
    return node.error("expects block_size 0 (blocked quantization is not "
                      "supported), but got " +
                      Twine(block));
  return success();
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

/// The type to quantize to: the zero point's, else `output_dtype`, else ui8.
static FailureOr<Type> getQuantizedType(NodeBinder &node, Value zeroPoint) {
  int64_t number = node.intAttr("output_dtype", 0);
  Type type = IntegerType::get(node.context(), 8, IntegerType::Unsigned);
  if (number != 0) {
    FailureOr<Type> given = node.elementType(number);
    if (failed(given))
      return failure();
    type = *given;
  }
  if (!zeroPoint)
    return type;
  if (number != 0 && type != node.elementTypeOf(zeroPoint))
    return node.error("has an output_dtype that is not the zero point's type");
  return node.elementTypeOf(zeroPoint);
}

/// Scales that are powers of two, stored as such, as f32.
static Value toComputedScale(NodeBinder &node, Value scale) {
  if (!isNarrow(node.elementTypeOf(scale)))
    return scale;
  return node.create<nn::CastOp>(scale, node.builder().getF32Type());
}

static LogicalResult importQuantizeLinear(NodeBinder &node) {
  Value input = node.input(0), scale = node.input(1);
  if (!input || !scale || failed(checkForm(node)))
    return failure();
  FailureOr<Type> type = getQuantizedType(node, node.optionalInput(2));
  FailureOr<Value> given = readZeroPoint(node);
  if (failed(type) || failed(given))
    return failure();
  int64_t axis = node.intAttr("axis", 1);
  scale = alignToAxis(node, toComputedScale(node, scale), input, axis);
  Value zeroPoint = alignToAxis(node, *given, input, axis);
  if (!scale)
    return failure();
  bool isUnsaturated = node.intAttr("saturate", 1) == 0;
  return node.result(node.create<nn::QuantizeOp>(input, scale, zeroPoint, *type,
                                                 isUnsaturated));
}

static LogicalResult importDequantizeLinear(NodeBinder &node) {
  Value input = node.input(0), scale = node.input(1);
  if (!input || !scale || failed(checkForm(node)))
    return failure();
  FailureOr<Value> given = readZeroPoint(node);
  if (failed(given))
    return failure();
  FailureOr<Type> type = node.elementTypeOf(scale);
  if (int64_t number = node.intAttr("output_dtype", 0))
    type = node.elementType(number);
  if (failed(type))
    return failure();
  int64_t axis = node.intAttr("axis", 1);
  scale = alignToAxis(node, toComputedScale(node, scale), input, axis);
  Value zeroPoint = alignToAxis(node, *given, input, axis);
  if (!scale)
    return failure();
  Value result = node.create<nn::DequantizeOp>(input, scale, zeroPoint);
  if (result && node.elementTypeOf(result) != *type)
    result = node.create<nn::CastOp>(result, *type);
  return node.result(result);
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

/// Input `index` if it is given; sets `valid` to false after an error.
static Value readOptional(NodeBinder &node, size_t index, bool &valid) {
  Value value = node.optionalInput(index);
  valid &= value || !node.hasInput(index);
  return value;
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
static LogicalResult requantize(NodeBinder &node, Value sums, Value lhsScale,
                                Value rhsScale, Value scale, Value zeroPoint) {
  if (!sums || !lhsScale || !rhsScale || !scale || !zeroPoint)
    return failure();
  Value product = node.create<nn::MulOp>(lhsScale, rhsScale);
  Value factor = node.create<nn::DivOp>(product, scale);
  Value real = node.create<nn::DequantizeOp>(sums, factor, Value());
  if (!real)
    return failure();
  Value one = node.scalar(node.elementTypeOf(real), 1);
  return node.result(node.create<nn::QuantizeOp>(
      real, one, zeroPoint, node.elementTypeOf(zeroPoint)));
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
  return requantize(node, sums, alignToFactor(node, a.scale, a.tensor, 2),
                    alignToFactor(node, b.scale, b.tensor, 1),
                    alignToFactor(node, y.scale, sums, 2),
                    alignToFactor(node, y.zeroPoint, sums, 2));
}

static LogicalResult importQLinearConv(NodeBinder &node) {
  QuantizedInput x(node, 0, true), w(node, 3, true), y(node, 6, false);
  if (!x.valid || !w.valid || !y.valid)
    return failure();
  bool valid = true;
  Value bias = readOptional(node, 8, valid);
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
  return requantize(node, sums, alignToAxis(node, x.scale, sums, 1),
                    alignToAxis(node, w.scale, sums, 1),
                    alignToAxis(node, y.scale, sums, 1),
                    alignToAxis(node, y.zeroPoint, sums, 1));
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
  table.addTo("com.microsoft", "QuantizeLinear", 1, importQuantizeLinear);
}
