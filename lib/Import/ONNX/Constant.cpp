//===----------------------------------------------------------------------===//
// Import of constants, generated tensors and branches decided at import.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "GraphImporter.h"
#include "MovementSupport.h"

#include "dialects/NN/IR/MovementUtils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "nnc/Interfaces/ElementTypes.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;
using nncio::ElementType;

//===----------------------------------------------------------------------===//
// Constant, ConstantOfShape
//===----------------------------------------------------------------------===//

static LogicalResult importConstant(NodeBinder &node) {
  if (node.hasAttr("value")) {
    if (!node.attr("value")->has_t())
      return node.error("expects a tensor in attribute 'value'");
    FailureOr<Value> value = node.getImporter().importTensor(
        node.loc(), node.attr("value")->t(),
        node.numOutputs() ? node.proto().output(0) : "");
    return node.result(succeeded(value) ? *value : Value());
  }
  if (node.hasAttr("value_float"))
    return node.result(node.constant(nncio::Tensor::fromDoubles(
        ElementType::F32, {}, {node.floatAttr("value_float", 0)})));
  if (node.hasAttr("value_int"))
    return node.result(node.constant(nncio::Tensor::fromInts(
        ElementType::I64, {}, {node.intAttr("value_int", 0)})));
  if (auto numbers = node.floatsAttr("value_floats"))
    return node.result(node.constant(nncio::Tensor::fromDoubles(
        ElementType::F32, {int64_t(numbers->size())},
        std::vector<double>(numbers->begin(), numbers->end()))));
  if (auto numbers = node.intsAttr("value_ints"))
    return node.result(node.indices(*numbers));
  if (node.hasAttr("value_string"))
    return node.result(node.constant(
        nncio::Tensor::fromStrings({}, {node.stringAttr("value_string", "")})));
  if (auto strings = node.stringsAttr("value_strings"))
    return node.result(node.constant(nncio::Tensor::fromStrings(
        {int64_t(strings->size())},
        std::vector<std::string>(strings->begin(), strings->end()))));
  return node.error("expects a dense tensor, numbers or texts, but got " +
                    (node.proto().attribute_size()
                         ? "'" + node.proto().attribute(0).name() + "'"
                         : std::string("no attribute")));
}

/// A tensor of `shape` whose elements are all the scalar's.
static Value fill(NodeBinder &node, const nncio::Tensor &scalar, Value shape) {
  Value value = node.constant(scalar);
  return node.create<nn::BroadcastOp>(value, shape);
}

static LogicalResult importConstantOfShape(NodeBinder &node) {
  Value shape = node.input(0);
  if (!shape)
    return failure();
  nncio::Tensor scalar = nncio::Tensor::fromDoubles(ElementType::F32, {}, {0});
  if (node.hasAttr("value")) {
    FailureOr<nncio::Tensor> value = node.tensorAttr("value");
    if (failed(value))
      return failure();
    if (value->size() != 1 || !nncio::elementBytes(value->type()))
      return node.error("expects one number in attribute 'value', but got " +
                        Twine(value->size()));
    scalar = value->reshaped({});
  }
  return node.result(fill(node, scalar, shape));
}

static LogicalResult importEyeLike(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  if (node.rankOf(input) != 2)
    return node.error("expects an input of rank 2, but got rank " +
                      Twine(node.rankOf(input)));
  Type type = node.elementTypeOf(input);
  if (node.hasAttr("dtype")) {
    FailureOr<Type> wanted = node.elementType(node.intAttr("dtype", 1));
    if (failed(wanted))
      return failure();
    type = *wanted;
  }
  nncio::Tensor one(*toElementType(type), {});
  one.setInt(0, 1);
  if (nncio::isFloat(one.type()))
    one.setDouble(0, 1);
  // What is left of a full matrix above and below the diagonal is the diagonal.
  Value ones = fill(node, one, node.indices(node.shape(input)));
  Value k = makeScalarIndex(node, node.intAttr("k", 0));
  Value upper = node.create<nn::TriluOp>(ones, k, /*upper=*/true);
  return node.result(node.create<nn::TriluOp>(upper, k, /*upper=*/false));
}

//===----------------------------------------------------------------------===//
// Range
//===----------------------------------------------------------------------===//

/// The only element of `tensor` as f64.
static Value extractDouble(NodeBinder &node, Value tensor) {
  OpBuilder &b = node.builder();
  Value scalar = tensor::ExtractOp::create(b, node.loc(), tensor, ValueRange());
  if (scalar.getType().isF64())
    return scalar;
  return arith::ExtFOp::create(b, node.loc(), b.getF64Type(), scalar);
}

static Value createDouble(NodeBinder &node, double number) {
  OpBuilder &b = node.builder();
  return arith::ConstantOp::create(b, node.loc(), b.getF64FloatAttr(number));
}

/// Counts of more elements than this are cut; the run reports them.
static constexpr double maxCount = double(int64_t(1) << 48);

/// ceil((limit - start) / delta), at least 0, of floats known at run time.
static Value countFloatSteps(NodeBinder &node, Value start, Value limit,
                             Value delta) {
  OpBuilder &b = node.builder();
  Location loc = node.loc();
  Value distance = arith::SubFOp::create(b, loc, extractDouble(node, limit),
                                         extractDouble(node, start));
  Value steps =
      arith::DivFOp::create(b, loc, distance, extractDouble(node, delta));
  // NaN gives 0 too.
  steps = arith::MaxNumFOp::create(b, loc, steps, createDouble(node, 0));
  steps = arith::MinNumFOp::create(b, loc, steps, createDouble(node, maxCount));
  Value whole = arith::FPToSIOp::create(b, loc, b.getI64Type(), steps);
  Value back = arith::SIToFPOp::create(b, loc, b.getF64Type(), whole);
  Value rest =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, back, steps);
  Value extra = arith::ExtUIOp::create(b, loc, b.getI64Type(), rest);
  Value count = arith::AddIOp::create(b, loc, whole, extra);
  return tensor::FromElementsOp::create(
      b, loc, RankedTensorType::get({}, b.getI64Type()), count);
}

/// The same for numbers.
static int64_t countSteps(double start, double limit, double delta) {
  double steps = std::ceil((limit - start) / delta);
  return steps > 0 ? int64_t(std::min(steps, maxCount)) : 0;
}

static Value countRange(NodeBinder &node, Value start, Value limit,
                        Value delta) {
  if (isa<FloatType>(node.elementTypeOf(start))) {
    auto from = node.constantDoubles(start), to = node.constantDoubles(limit);
    auto by = node.constantDoubles(delta);
    if (from && to && by)
      return makeScalarIndex(
          node, countSteps(from->front(), to->front(), by->front()));
    return countFloatSteps(node, start, limit, delta);
  }
  DimBuilder dims(node.builder(), node.loc());
  Dim step = dims.element(delta, 0);
  if (step.isConstant(0)) {
    (void)node.error("expects a delta that is not 0");
    return {};
  }
  return makeScalarIndex(node,
                         nn::computeStepCount(dims, dims.element(start, 0),
                                              dims.element(limit, 0), step));
}

static LogicalResult importRange(NodeBinder &node) {
  SmallVector<Value> scalars;
  for (size_t i = 0; i < 3; ++i) {
    Value input = node.input(i);
    scalars.push_back(input ? reshapeToScalar(node, input, "input " + Twine(i))
                            : Value());
    if (!scalars.back())
      return failure();
  }
  Type type = node.elementTypeOf(scalars[0]);
  if (node.elementTypeOf(scalars[1]) != type ||
      node.elementTypeOf(scalars[2]) != type || type.isInteger(1))
    return node.error("expects start, limit and delta to be numbers of one "
                      "type");
  Value count = countRange(node, scalars[0], scalars[1], scalars[2]);
  if (!count)
    return failure();
  return node.result(node.create<nn::RangeOp>(scalars[0], scalars[2], count));
}

void onnximport::addConstantOperators(OpTable &table) {
  table.add("Constant", 1, importConstant);
  table.add("ConstantOfShape", 9, importConstantOfShape);
  table.add("EyeLike", 9, importEyeLike);
  table.add("Range", 11, importRange);
}
