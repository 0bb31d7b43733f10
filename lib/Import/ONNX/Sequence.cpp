//===----------------------------------------------------------------------===//
// Sequences and optional values. A sequence whose elements are known here is a
// list of values that later nodes pick from; nothing of it is left at the run.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Compose.h"
#include "ControlFlow.h"

#include "GraphImporter.h"
#include "dialects/NN/IR/Sequences.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

using SequenceValue = TypedValue<nn::SequenceType>;

//===----------------------------------------------------------------------===//
// Shared
//===----------------------------------------------------------------------===//

/// Input `index`, a sequence; null after an error.
static SequenceValue getSequence(NodeBinder &node, size_t index) {
  Value value = node.anyInput(index);
  if (!value)
    return {};
  if (auto sequence = dyn_cast<SequenceValue>(value))
    return sequence;
  (void)node.error("expects a sequence as input " + Twine(index) +
                   ", but got " + typeText(value.getType()));
  return {};
}

/// The type of a sequence of all these tensors; null after an error.
static nn::SequenceType getTypeFor(NodeBinder &node, ValueRange elements) {
  nn::SequenceType type = getSequenceType(elements.front().getType());
  for (Value element : elements.drop_front()) {
    auto joined = dyn_cast_or_null<nn::SequenceType>(
        joinTypes(type, getSequenceType(element.getType())));
    if (!joined) {
      (void)node.error("expects elements of one type, but got " +
                       typeText(elements.front().getType()) + " and " +
                       typeText(element.getType()));
      return {};
    }
    type = joined;
  }
  return type;
}

static Value createSequence(NodeBinder &node, ValueRange elements) {
  nn::SequenceType type = getTypeFor(node, elements);
  if (!type)
    return {};
  return nn::SequenceCreateOp::create(node.builder(), node.loc(), type,
                                      elements);
}

/// The position in input `index`: a constant if it is known, and for the run.
static LogicalResult readPosition(NodeBinder &node, size_t index,
                                  Dim &position) {
  Value tensor = node.input(index);
  if (!tensor)
    return failure();
  RankedTensorType type = node.typeOf(tensor);
  if (!type.getElementType().isSignlessInteger() || !type.hasStaticShape() ||
      type.getNumElements() != 1)
    return node.error("expects a position of one integer, but got " +
                      typeText(type));
  DimBuilder dims(node.builder(), node.loc());
  position = dims.element(tensor, 0);
  return success();
}

/// A known position as one of `places`; negative ones count from `length`.
static FailureOr<size_t> resolvePosition(NodeBinder &node, int64_t position,
                                         int64_t places, int64_t length) {
  if (auto place = nn::resolvePosition(position, places, length))
    return *place;
  return node.error("expects a position within a sequence of " + Twine(length) +
                    ", but got " + Twine(position));
}

static Value asIndex(NodeBinder &node, Dim dim) {
  return getAsIndexValue(node.builder(), node.loc(), dim);
}

//===----------------------------------------------------------------------===//
// Making and changing
//===----------------------------------------------------------------------===//

static LogicalResult importSequenceEmpty(NodeBinder &node) {
  FailureOr<Type> element = node.elementType(node.intAttr("dtype", 1));
  if (failed(element))
    return failure();
  auto type =
      nn::SequenceType::get(node.context(), UnrankedTensorType::get(*element));
  return node.result(nn::SequenceCreateOp::create(node.builder(), node.loc(),
                                                  type, ValueRange()));
}

static LogicalResult importSequenceConstruct(NodeBinder &node) {
  FailureOr<SmallVector<Value>> elements = node.inputsFrom(0);
  if (failed(elements))
    return failure();
  if (elements->empty())
    return node.error("expects at least one input");
  return node.result(createSequence(node, *elements));
}

static LogicalResult importSequenceInsert(NodeBinder &node) {
  SequenceValue sequence = getSequence(node, 0);
  Value element = node.input(1);
  if (!sequence || !element)
    return failure();
  Dim position;
  if (node.hasInput(2) && failed(readPosition(node, 2, position)))
    return failure();
  auto known = nn::getKnownElements(sequence);
  if (known && (position.isUnknown() || position.getConstant())) {
    int64_t length = known->size();
    FailureOr<size_t> place = resolvePosition(
        node, position.getConstant().value_or(length), length + 1, length);
    if (failed(place))
      return failure();
    known->insert(known->begin() + *place, element);
    return node.result(createSequence(node, *known));
  }
  auto own = getSequenceType(element.getType());
  Type type = node.getImporter().emptySequences.contains(sequence)
                  ? Type(own)
                  : joinTypes(sequence.getType(), own);
  if (!type)
    return node.error("expects an element for a sequence of " +
                      typeText(sequence.getType().getElementType()) +
                      ", but got " + typeText(element.getType()));
  return node.result(nn::SequenceInsertOp::create(
      node.builder(), node.loc(), type, sequence, element,
      position.isUnknown() ? Value() : asIndex(node, position)));
}

static LogicalResult importSequenceErase(NodeBinder &node) {
  SequenceValue sequence = getSequence(node, 0);
  if (!sequence)
    return failure();
  Dim position;
  if (node.hasInput(1) && failed(readPosition(node, 1, position)))
    return failure();
  auto known = nn::getKnownElements(sequence);
  if (known && (position.isUnknown() || position.getConstant())) {
    int64_t length = known->size();
    FailureOr<size_t> place = resolvePosition(
        node, position.getConstant().value_or(length - 1), length, length);
    if (failed(place))
      return failure();
    known->erase(known->begin() + *place);
    return node.result(nn::SequenceCreateOp::create(
        node.builder(), node.loc(), sequence.getType(), *known));
  }
  return node.result(nn::SequenceEraseOp::create(
      node.builder(), node.loc(), sequence.getType(), sequence,
      position.isUnknown() ? Value() : asIndex(node, position)));
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// Reports elements of unknown rank.
static RankedTensorType getRankedElement(NodeBinder &node,
                                         nn::SequenceType type) {
  if (auto element = dyn_cast<RankedTensorType>(type.getElementType()))
    return element;
  (void)node.error("expects a sequence of tensors of one rank that is known "
                   "before the run, but got " +
                   typeText(type));
  return {};
}

/// Element `position` of a sequence; null after an error.
static Value getElement(NodeBinder &node, SequenceValue sequence,
                        Dim position) {
  auto known = nn::getKnownElements(sequence);
  if (known && position.getConstant()) {
    FailureOr<size_t> place = resolvePosition(node, *position.getConstant(),
                                              known->size(), known->size());
    return failed(place) ? Value() : (*known)[*place];
  }
  RankedTensorType type = getRankedElement(node, sequence.getType());
  if (!type)
    return {};
  return nn::SequenceAtOp::create(node.builder(), node.loc(), type, sequence,
                                  asIndex(node, position));
}

static LogicalResult importSequenceAt(NodeBinder &node) {
  SequenceValue sequence = getSequence(node, 0);
  Dim position;
  if (!sequence || failed(readPosition(node, 1, position)))
    return failure();
  return node.result(getElement(node, sequence, position));
}

static Dim getLength(NodeBinder &node, SequenceValue sequence) {
  if (auto known = nn::getKnownElements(sequence))
    return Dim(known->size());
  return Dim(Value(
      nn::SequenceLengthOp::create(node.builder(), node.loc(), sequence)));
}

static LogicalResult importSequenceLength(NodeBinder &node) {
  SequenceValue sequence = getSequence(node, 0);
  if (!sequence)
    return failure();
  Value length = node.indices(getLength(node, sequence));
  return node.result(node.reshape(length, ArrayRef<int64_t>()));
}

/// Tensors with a new axis of size 1.
static FailureOr<SmallVector<Value>>
addAxis(NodeBinder &node, ArrayRef<Value> tensors, int64_t axis) {
  SmallVector<Value> results;
  for (Value tensor : tensors) {
    SmallVector<Dim> shape = node.shape(tensor);
    shape.insert(shape.begin() + axis, Dim(1));
    results.push_back(node.reshape(tensor, shape));
    if (!results.back())
      return failure();
  }
  return results;
}

static LogicalResult importConcatFromSequence(NodeBinder &node) {
  SequenceValue sequence = getSequence(node, 0);
  if (!sequence)
    return failure();
  if (!node.hasAttr("axis"))
    return node.error("expects attribute 'axis'");
  bool isNew = node.intAttr("new_axis", 0);
  RankedTensorType type = getRankedElement(node, sequence.getType());
  if (!type)
    return failure();
  FailureOr<int64_t> axis =
      node.normalizeAxis(node.intAttr("axis", 0), type.getRank() + isNew);
  if (failed(axis))
    return failure();
  auto known = nn::getKnownElements(sequence);
  if (known && !known->empty()) {
    if (isNew) {
      FailureOr<SmallVector<Value>> wide = addAxis(node, *known, *axis);
      if (failed(wide))
        return failure();
      known = *wide;
    }
    return node.result(joinAxis(node, *known, *axis));
  }
  SmallVector<int64_t> sizes(type.getRank() + isNew, ShapedType::kDynamic);
  return node.result(nn::SequenceJoinOp::create(
      node.builder(), node.loc(),
      RankedTensorType::get(sizes, type.getElementType()), sequence, *axis,
      isNew));
}

//===----------------------------------------------------------------------===//
// SplitToSequence
//===----------------------------------------------------------------------===//

/// `input[start : end]` along an axis; without `keep`, of length 1, the axis is
/// dropped.
static Value sliceOut(NodeBinder &node, Value input, int64_t axis, Dim start,
                      Dim end, bool keep) {
  if (!keep) {
    Value at = node.reshape(node.indices(start), ArrayRef<int64_t>());
    return at ? node.create<nn::GatherOp>(input, at, axis) : Value();
  }
  return sliceAxis(node, input, axis, start, end);
}

/// Pieces of these lengths, which must add up to the whole.
static LogicalResult splitByLengths(NodeBinder &node, Value input, int64_t axis,
                                    ArrayRef<Dim> lengths) {
  DimBuilder dims(node.builder(), node.loc());
  SmallVector<Value> pieces;
  Dim start(0);
  for (Dim length : lengths) {
    Dim end = dims.add(start, length);
    pieces.push_back(sliceOut(node, input, axis, start, end, /*keep=*/true));
    if (!pieces.back())
      return failure();
    start = end;
  }
  if (pieces.empty() ||
      failed(node.requireEqual(start, node.shape(input)[axis],
                               "expects lengths that add up to the size of "
                               "the axis")))
    return failure();
  return node.result(createSequence(node, pieces));
}

/// Pieces of `length`, the last one maybe shorter; how many is known here or at
/// the run.
static LogicalResult splitEvenly(NodeBinder &node, Value input, int64_t axis,
                                 Dim length, bool keep) {
  Dim size = node.shape(input)[axis];
  DimBuilder dims(node.builder(), node.loc());
  if (length.getConstant() && *length.getConstant() <= 0)
    return node.error("expects a split above 0, but got " +
                      Twine(*length.getConstant()));
  if (size.getConstant() && length.getConstant()) {
    SmallVector<Value> pieces;
    int64_t whole = *size.getConstant(), step = *length.getConstant();
    for (int64_t start = 0; start < whole; start += step) {
      pieces.push_back(sliceOut(node, input, axis, Dim(start),
                                Dim(std::min(start + step, whole)), keep));
      if (!pieces.back())
        return failure();
    }
    if (pieces.empty())
      return node.error("expects an axis that is not empty");
    return node.result(createSequence(node, pieces));
  }
  OpBuilder &b = node.builder();
  Location loc = node.loc();
  Value step = asIndex(node, length);
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  nn::AssertOp::create(
      b, loc,
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt, step, zero),
      ("node '" + node.name() + "': expects a split above 0").str());
  // Division by what the assertion has refused must not trap.
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  step = arith::MaxSIOp::create(b, loc, step, one);
  LoopImporter loop(node);
  loop.trips = arith::CeilDivSIOp::create(b, loc, asIndex(node, size), step);
  loop.collected.push_back({0, false, /*isSequence=*/true});
  FailureOr<SmallVector<Value>> results = loop.run(
      [&](Value position, ValueRange) -> FailureOr<SmallVector<Value>> {
        Value start = arith::MulIOp::create(b, loc, position, step);
        Value end = arith::AddIOp::create(b, loc, start, step);
        Value piece = sliceOut(node, input, axis, Dim(start), Dim(end), keep);
        if (!piece)
          return failure();
        return SmallVector<Value>{piece};
      });
  return failed(results) ? failure() : node.result(results->front());
}

static LogicalResult importSplitToSequence(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  FailureOr<int64_t> axis =
      node.normalizeAxis(node.intAttr("axis", 0), node.rankOf(input));
  if (failed(axis))
    return failure();
  if (!node.hasInput(1))
    return splitEvenly(node, input, *axis, Dim(1), node.intAttr("keepdims", 1));
  Value split = node.input(1);
  if (!split)
    return failure();
  RankedTensorType type = node.typeOf(split);
  if (!type.getElementType().isSignlessInteger() || !type.hasStaticShape() ||
      type.getRank() > 1)
    return node.error("expects a split of one integer or of a known number of "
                      "them, but got " +
                      typeText(type));
  DimBuilder dims(node.builder(), node.loc());
  if (type.getRank() == 0)
    return splitEvenly(node, input, *axis, dims.element(split, 0),
                       /*keep=*/true);
  return splitByLengths(node, input, *axis, dims.elements(split));
}

//===----------------------------------------------------------------------===//
// SequenceMap
//===----------------------------------------------------------------------===//

static LogicalResult importSequenceMap(NodeBinder &node) {
  const onnx::GraphProto *body = getGraph(node, "body");
  SequenceValue first = getSequence(node, 0);
  if (!body || !first)
    return failure();
  SmallVector<Value> inputs;
  LoopImporter loop(node);
  Dim length = getLength(node, first);
  for (size_t i = 0; i < node.numInputs(); ++i) {
    inputs.push_back(node.anyInput(i));
    if (!inputs.back())
      return failure();
    auto sequence = dyn_cast<SequenceValue>(inputs.back());
    if (sequence &&
        failed(node.requireEqual(length, getLength(node, sequence),
                                 "expects sequences of one length")))
      return failure();
  }
  loop.trips = asIndex(node, length);
  for (int i = 0; i < body->output_size(); ++i)
    loop.collected.push_back({0, false, /*isSequence=*/true});
  FailureOr<SmallVector<Value>> results = loop.run(
      [&](Value position, ValueRange) -> FailureOr<SmallVector<Value>> {
        SmallVector<Value> arguments;
        for (Value input : inputs) {
          auto sequence = dyn_cast<SequenceValue>(input);
          arguments.push_back(
              sequence ? getElement(node, sequence, Dim(position)) : input);
          if (!arguments.back())
            return failure();
        }
        return importBody(node, *body, node.builder().getInsertionBlock(),
                          arguments);
      });
  if (failed(results) || results->size() < node.numOutputs())
    return node.error("expects a body with " + Twine(node.numOutputs()) +
                      " outputs");
  for (size_t i = 0; i < node.numOutputs(); ++i)
    if (failed(node.result(i, (*results)[i])))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// Optional values
//===----------------------------------------------------------------------===//

static LogicalResult importOptional(NodeBinder &node) {
  OpBuilder &b = node.builder();
  if (node.hasInput(0)) {
    Value value = node.anyInput(0);
    if (!value)
      return failure();
    return node.result(nn::OptionalCreateOp::create(
        b, node.loc(), nn::OptionalType::get(node.context(), value.getType()),
        value));
  }
  const onnx::AttributeProto *type = node.attr("type");
  if (!type || !type->has_tp())
    return node.error("expects an input, or a type in attribute 'type'");
  FailureOr<Type> element =
      node.getImporter().getValueType(type->tp(), node.loc());
  if (failed(element))
    return failure();
  return node.result(nn::OptionalCreateOp::create(
      b, node.loc(), nn::OptionalType::get(node.context(), *element), Value()));
}

static LogicalResult importOptionalHasElement(NodeBinder &node) {
  OpBuilder &b = node.builder();
  Value has;
  if (node.hasInput(0)) {
    Value value = node.anyInput(0);
    if (!value)
      return failure();
    auto optional = dyn_cast<TypedValue<nn::OptionalType>>(value);
    auto create = value.getDefiningOp<nn::OptionalCreateOp>();
    if (optional && !create)
      has = nn::OptionalHasOp::create(b, node.loc(), optional);
    else
      has = arith::ConstantOp::create(
          b, node.loc(), b.getBoolAttr(!create || create.getValue()));
  } else {
    has = arith::ConstantOp::create(b, node.loc(), b.getBoolAttr(false));
  }
  return node.result(makeTensor(node, has));
}

static LogicalResult importOptionalGetElement(NodeBinder &node) {
  Value value = node.anyInput(0);
  if (!value)
    return failure();
  auto optional = dyn_cast<TypedValue<nn::OptionalType>>(value);
  if (!optional)
    return node.result(value);
  auto create = value.getDefiningOp<nn::OptionalCreateOp>();
  if (create && create.getValue())
    return node.result(create.getValue());
  return node.result(
      nn::OptionalGetOp::create(node.builder(), node.loc(),
                                optional.getType().getElementType(), optional));
}

void onnximport::addSequenceOperators(OpTable &table) {
  table.add("ConcatFromSequence", 11, importConcatFromSequence);
  table.add("Optional", 15, importOptional);
  table.add("OptionalGetElement", 15, importOptionalGetElement);
  table.add("OptionalHasElement", 15, importOptionalHasElement);
  table.add("SequenceAt", 11, importSequenceAt);
  table.add("SequenceConstruct", 11, importSequenceConstruct);
  table.add("SequenceEmpty", 11, importSequenceEmpty);
  table.add("SequenceErase", 11, importSequenceErase);
  table.add("SequenceInsert", 11, importSequenceInsert);
  table.add("SequenceLength", 11, importSequenceLength);
  table.add("SequenceMap", 17, importSequenceMap);
  table.add("SplitToSequence", 11, importSplitToSequence);
}
