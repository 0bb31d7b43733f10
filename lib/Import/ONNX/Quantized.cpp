//===----------------------------------------------------------------------===//
// Import of quantized operators.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "NodeBinder.h"

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

static LogicalResult importQuantizeLinear(NodeBinder &node) {
  Value input = node.input(0), scale = node.input(1);
  Value zeroPoint = node.optionalInput(2);
  if (!input || !scale || failed(checkForm(node)))
    return failure();
  FailureOr<Type> type = getQuantizedType(node, zeroPoint);
  if (failed(type))
    return failure();
  int64_t axis = node.intAttr("axis", 1);
  scale = alignToAxis(node, scale, input, axis);
  zeroPoint = alignToAxis(node, zeroPoint, input, axis);
  if (!scale)
    return failure();
  return node.result(
      node.create<nn::QuantizeOp>(input, scale, zeroPoint, *type));
}

static LogicalResult importDequantizeLinear(NodeBinder &node) {
  Value input = node.input(0), scale = node.input(1);
  Value zeroPoint = node.optionalInput(2);
  if (!input || !scale || failed(checkForm(node)))
    return failure();
  int64_t axis = node.intAttr("axis", 1);
  scale = alignToAxis(node, scale, input, axis);
  zeroPoint = alignToAxis(node, zeroPoint, input, axis);
  if (!scale)
    return failure();
  return node.result(node.create<nn::DequantizeOp>(input, scale, zeroPoint));
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

void onnximport::addQuantizedOperators(OpTable &table) {
  table.add("DequantizeLinear", 10, importDequantizeLinear);
  table.add("DynamicQuantizeLinear", 11, importDynamicQuantizeLinear);
  table.add("QuantizeLinear", 10, importQuantizeLinear);
}
