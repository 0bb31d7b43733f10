//===----------------------------------------------------------------------===//
// One ONNX node as its import function sees it.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "NodeBinder.h"

#include "GraphImporter.h"
#include "dialects/NN/IR/HostScalars.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Verifier.h"
#include "nnc/Interfaces/ElementTypes.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

std::string mlir::nnc::onnximport::typeText(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

NodeBinder::NodeBinder(GraphImporter &importer, const onnx::NodeProto &node,
                       int64_t version)
    : importer(importer), node(node), opset(version),
      location(importer.builder.getUnknownLoc()) {
  std::string name = node.name();
  if (name.empty() && node.output_size())
    name = node.output(0);
  location = NameLoc::get(
      importer.builder.getStringAttr(name),
      NameLoc::get(importer.builder.getStringAttr(node.op_type())));
}

OpBuilder &NodeBinder::builder() { return importer.builder; }

LogicalResult NodeBinder::error(const Twine &message) {
  // What follows from an error that has been told is not told again.
  if (!failedAlready)
    importer.addError(location, message);
  failedAlready = true;
  return failure();
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

bool NodeBinder::hasInput(size_t index) const {
  return index < numInputs() && !node.input(index).empty();
}

Value NodeBinder::input(size_t index) {
  if (!hasInput(index)) {
    (void)error("expects input " + Twine(index) + ", but it is not given");
    return {};
  }
  return optionalInput(index);
}

Value NodeBinder::optionalInput(size_t index) {
  Value value = hasInput(index) ? anyInput(index) : Value();
  if (!value || isa<RankedTensorType>(value.getType()))
    return value;
  (void)error("expects a tensor as input " + Twine(index) + ", but got " +
              typeText(value.getType()));
  return {};
}

Value NodeBinder::anyInput(size_t index) {
  if (!hasInput(index)) {
    (void)error("expects input " + Twine(index) + ", but it is not given");
    return {};
  }
  std::optional<Value> value = importer.lookup(node.input(index));
  if (!value) {
    (void)error("uses '" + node.input(index) + "', which nothing defines");
    return {};
  }
  if (!*value)
    failedAlready = true;
  return *value;
}

LogicalResult NodeBinder::requireEqual(Dim a, Dim b, StringRef message) {
  if (a.isSameAs(b))
    return success();
  if (a.getConstant() && b.getConstant())
    return error(message + ", but got " + Twine(*a.getConstant()) + " and " +
                 Twine(*b.getConstant()));
  Value same = arith::CmpIOp::create(builder(), loc(), arith::CmpIPredicate::eq,
                                     getAsIndexValue(builder(), loc(), a),
                                     getAsIndexValue(builder(), loc(), b));
  nn::AssertOp::create(builder(), loc(), same,
                       ("node '" + name() + "': " + message).str());
  return success();
}

FailureOr<SmallVector<Value>> NodeBinder::inputsFrom(size_t first) {
  SmallVector<Value> values;
  for (size_t i = first; i < numInputs(); ++i) {
    Value value = input(i);
    if (!value)
      return failure();
    values.push_back(value);
  }
  return values;
}

RankedTensorType NodeBinder::typeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType());
}
Type NodeBinder::elementTypeOf(Value tensor) {
  return typeOf(tensor).getElementType();
}
int64_t NodeBinder::rankOf(Value tensor) { return typeOf(tensor).getRank(); }

std::optional<SmallVector<int64_t>> NodeBinder::constantInts(Value tensor) {
  if (!tensor || !isa<IntegerType>(elementTypeOf(tensor)))
    return std::nullopt;
  if (auto elements = tensor.getDefiningOp<tensor::FromElementsOp>()) {
    SmallVector<int64_t> numbers;
    for (Value element : elements.getElements()) {
      std::optional<int64_t> number = getConstantIndex(element);
      if (!number)
        return std::nullopt;
      numbers.push_back(*number);
    }
    return numbers;
  }
  nncio::Result<nncio::Tensor> constant = nn::getConstantTensor(tensor);
  if (!constant)
    return std::nullopt;
  std::vector<int64_t> numbers = constant->toInts();
  return SmallVector<int64_t>(numbers.begin(), numbers.end());
}

std::optional<SmallVector<double>> NodeBinder::constantDoubles(Value tensor) {
  if (!tensor || isString(elementTypeOf(tensor)))
    return std::nullopt;
  nncio::Result<nncio::Tensor> constant = nn::getConstantTensor(tensor);
  if (!constant)
    return std::nullopt;
  std::vector<double> numbers = constant->toDoubles();
  return SmallVector<double>(numbers.begin(), numbers.end());
}

SmallVector<Dim> NodeBinder::shape(Value tensor) {
  return importer.shapes.getShape(builder(), tensor);
}

FailureOr<int64_t> NodeBinder::normalizeAxis(int64_t axis, int64_t rank) {
  if (axis >= -rank && axis < rank)
    return axis < 0 ? axis + rank : axis;
  return error("expects an axis from " + Twine(-rank) + " to " +
               Twine(rank - 1) + ", but got " + Twine(axis));
}

FailureOr<SmallVector<int64_t>>
NodeBinder::normalizeAxes(ArrayRef<int64_t> axes, int64_t rank) {
  SmallVector<int64_t> result;
  for (int64_t axis : axes) {
    FailureOr<int64_t> normal = normalizeAxis(axis, rank);
    if (failed(normal))
      return failure();
    if (llvm::is_contained(result, *normal))
      return error("names axis " + Twine(*normal) + " twice");
    result.push_back(*normal);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

const onnx::AttributeProto *NodeBinder::attr(StringRef name) const {
  for (const onnx::AttributeProto &attribute : node.attribute())
    if (attribute.name() == name)
      return &attribute;
  return nullptr;
}

bool NodeBinder::hasAttr(StringRef name) const { return attr(name); }

/// Reports an attribute of another type than `type`.
static bool checkType(NodeBinder &binder, const onnx::AttributeProto *attribute,
                      onnx::AttributeProto::AttributeType type) {
  if (!attribute)
    return false;
  // Files of IR version 1 may leave the type out.
  if (attribute->type() == type ||
      attribute->type() == onnx::AttributeProto::UNDEFINED)
    return true;
  (void)binder.error(
      "expects attribute '" + attribute->name() + "' of type " +
      onnx::AttributeProto::AttributeType_Name(type) + ", but got " +
      onnx::AttributeProto::AttributeType_Name(attribute->type()));
  return false;
}

int64_t NodeBinder::intAttr(StringRef name, int64_t value) {
  const onnx::AttributeProto *attribute = attr(name);
  return checkType(*this, attribute, onnx::AttributeProto::INT) ? attribute->i()
                                                                : value;
}

double NodeBinder::floatAttr(StringRef name, double value) {
  const onnx::AttributeProto *attribute = attr(name);
  return checkType(*this, attribute, onnx::AttributeProto::FLOAT)
             ? attribute->f()
             : value;
}

std::string NodeBinder::stringAttr(StringRef name, StringRef value) {
  const onnx::AttributeProto *attribute = attr(name);
  return checkType(*this, attribute, onnx::AttributeProto::STRING)
             ? attribute->s()
             : value.str();
}

std::optional<SmallVector<int64_t>> NodeBinder::intsAttr(StringRef name) {
  const onnx::AttributeProto *attribute = attr(name);
  if (!checkType(*this, attribute, onnx::AttributeProto::INTS))
    return std::nullopt;
  return SmallVector<int64_t>(attribute->ints().begin(),
                              attribute->ints().end());
}

std::optional<SmallVector<float>> NodeBinder::floatsAttr(StringRef name) {
  const onnx::AttributeProto *attribute = attr(name);
  if (!checkType(*this, attribute, onnx::AttributeProto::FLOATS))
    return std::nullopt;
  return SmallVector<float>(attribute->floats().begin(),
                            attribute->floats().end());
}

std::optional<SmallVector<std::string>>
NodeBinder::stringsAttr(StringRef name) {
  const onnx::AttributeProto *attribute = attr(name);
  if (!checkType(*this, attribute, onnx::AttributeProto::STRINGS))
    return std::nullopt;
  return SmallVector<std::string>(attribute->strings().begin(),
                                  attribute->strings().end());
}

FailureOr<nncio::Tensor> NodeBinder::tensorAttr(StringRef name) {
  const onnx::AttributeProto *attribute = attr(name);
  if (!attribute || !attribute->has_t())
    return error("expects a tensor in attribute '" + name + "'");
  FailureOr<nncio::Tensor> tensor = importer.readTensor(attribute->t(), loc());
  if (failed(tensor))
    failedAlready = true;
  return tensor;
}

FailureOr<Type> NodeBinder::elementType(int64_t onnxType) {
  Type type = importer.getElementType(onnxType);
  if (type && !isString(type))
    return type;
  if (onnx::TensorProto::DataType_IsValid(onnxType))
    return error("has unsupported element type " +
                 onnx::TensorProto::DataType_Name(
                     onnx::TensorProto::DataType(onnxType)));
  return error("has unknown element type " + Twine(onnxType));
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

/// Calls `function` and adds what it emits as errors to `message`.
static LogicalResult capture(MLIRContext *context, std::string &message,
                             function_ref<LogicalResult()> function) {
  ScopedDiagnosticHandler handler(context, [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error &&
        message.empty())
      message = diagnostic.str();
    return success();
  });
  return function();
}

/// Factors of products, which passes want as bytes.
static bool holdsBytes(Operation *op) {
  auto reals = dyn_cast<nn::DequantizeOp>(op);
  return reals && reals.getType().getRank() > 0;
}

SmallVector<Value> NodeBinder::finish(Operation *op) {
  OpBuilder &b = builder();
  std::string message;
  LogicalResult valid = capture(context(), message, [&]() -> LogicalResult {
    SmallVector<Type> types;
    auto infer = cast<InferTypeOpInterface>(op);
    if (failed(infer.inferReturnTypes(
            context(), op->getLoc(), op->getOperands(),
            op->getDiscardableAttrDictionary(), op->getPropertiesStorage(),
            op->getRegions(), types)))
      return failure();
    for (auto [result, type] : llvm::zip(op->getResults(), types))
      result.setType(type);
    return verify(op);
  });
  if (failed(valid)) {
    op->erase();
    (void)error(message.empty() ? "has operands that do not fit together"
                                : StringRef(message));
    return {};
  }
  SmallVector<Value> results;
  SmallVector<Operation *> constants;
  bool isFactor = holdsBytes(op);
  if (!isFactor && succeeded(b.tryFold(op, results, &constants)) &&
      !results.empty() && results.front().getDefiningOp() != op) {
    op->erase();
    return results;
  }
  if (Value scalars = isFactor ? Value() : nn::computeOnHost(b, op)) {
    op->erase();
    // Numbers alone are better a constant, which later folds can use.
    if (auto known = constantInts(scalars)) {
      Type type = elementTypeOf(scalars);
      nncio::Tensor tensor = nncio::Tensor::fromInts(
          *toElementType(type), typeOf(scalars).getShape().vec(),
          std::vector<int64_t>(known->begin(), known->end()));
      return {constant(tensor)};
    }
    return {scalars};
  }
  if (llvm::any_of(op->getResultTypes(), [](Type type) {
        return !cast<RankedTensorType>(type).hasStaticShape();
      })) {
    if (failed(importer.shapes.resolve(b, op)))
      return {};
    for (Value result : op->getResults()) {
      SmallVector<int64_t> sizes;
      for (Dim dim : importer.shapes.getShape(b, result))
        sizes.push_back(dim.getConstant() && *dim.getConstant() < 0
                            ? ShapedType::kDynamic
                            : dim.getStaticSize());
      result.setType(RankedTensorType::get(sizes, elementTypeOf(result)));
    }
  }
  return llvm::to_vector_of<Value>(op->getResults());
}

Value NodeBinder::constant(const nncio::Tensor &tensor) {
  return nn::ConstantOp::create(builder(), loc(),
                                nn::toAttribute(context(), tensor));
}

Value NodeBinder::indices(ArrayRef<int64_t> values) {
  return nn::createIndexConstant(builder(), loc(), values);
}

Value NodeBinder::indices(ArrayRef<Dim> values) {
  SmallVector<int64_t> numbers;
  for (Dim value : values)
    if (std::optional<int64_t> number = value.getConstant())
      numbers.push_back(*number);
  if (numbers.size() == values.size())
    return indices(numbers);
  OpBuilder &b = builder();
  SmallVector<Value> elements;
  for (Dim value : values)
    elements.push_back(b.createOrFold<arith::IndexCastOp>(
        loc(), b.getI64Type(), getAsIndexValue(b, loc(), value)));
  auto type = RankedTensorType::get({int64_t(values.size())}, b.getI64Type());
  return tensor::FromElementsOp::create(b, loc(), type, elements);
}

Value NodeBinder::scalar(Type elementType, double value) {
  nncio::Tensor tensor(*toElementType(elementType), {});
  tensor.setDouble(0, value);
  return constant(tensor);
}

Value NodeBinder::reshape(Value tensor, ArrayRef<int64_t> shape) {
  if (failedAlready)
    return {};
  return create<nn::ReshapeOp>(tensor, indices(shape), /*allow_zero=*/true);
}

Value NodeBinder::reshape(Value tensor, ArrayRef<Dim> shape) {
  if (failedAlready)
    return {};
  return create<nn::ReshapeOp>(tensor, indices(shape), /*allow_zero=*/true);
}

Value NodeBinder::transpose(Value tensor, ArrayRef<int64_t> permutation) {
  return create<nn::TransposeOp>(tensor, permutation);
}

//===----------------------------------------------------------------------===//
// Outputs
//===----------------------------------------------------------------------===//

bool NodeBinder::hasOutput(size_t index) const {
  return index < numOutputs() && !node.output(index).empty();
}

LogicalResult NodeBinder::result(size_t index, Value value) {
  if (!value) {
    failedAlready = true;
    return failure();
  }
  if (hasOutput(index))
    importer.define(node.output(index), value);
  return success();
}
