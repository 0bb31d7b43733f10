//===----------------------------------------------------------------------===//
// Branches and loops: If, Loop, Scan.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ControlFlow.h"

#include "GraphImporter.h"
#include "dialects/NN/IR/HostScalars.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

//===----------------------------------------------------------------------===//
// Shared
//===----------------------------------------------------------------------===//

const onnx::GraphProto *onnximport::getGraph(NodeBinder &node, StringRef name) {
  const onnx::AttributeProto *attribute = node.attr(name);
  if (attribute && attribute->has_g())
    return &attribute->g();
  (void)node.error("expects a graph in attribute '" + name + "'");
  return nullptr;
}

FailureOr<SmallVector<Value>>
onnximport::importBody(NodeBinder &node, const onnx::GraphProto &graph,
                       Block *block, ValueRange inputs) {
  if (graph.input_size() != int(inputs.size()))
    return node.error("expects a body of " + Twine(inputs.size()) +
                      " inputs, but got " + Twine(graph.input_size()));
  GraphImporter &importer = node.getImporter();
  OpBuilder::InsertionGuard guard(importer.builder);
  ShapeResolver outer = importer.shapes;
  importer.builder.setInsertionPointToEnd(block);
  SmallVector<Value> values = importer.importSubgraph(graph, inputs);
  importer.shapes = std::move(outer);
  for (auto [info, value] : llvm::zip(graph.output(), values))
    if (!value) {
      if (importer.hasErrors())
        return failure();
      return node.error("has a body whose output '" + info.name() +
                        "' is computed by no node");
    }
  return values;
}

Type onnximport::joinTypes(Type a, Type b) {
  if (a == b)
    return a;
  auto sequenceA = dyn_cast<nn::SequenceType>(a);
  auto sequenceB = dyn_cast<nn::SequenceType>(b);
  if (sequenceA && sequenceB) {
    TensorType from = sequenceA.getElementType();
    if (from.getElementType() != sequenceB.getElementType().getElementType())
      return {};
    return nn::SequenceType::get(
        a.getContext(), UnrankedTensorType::get(from.getElementType()));
  }
  // What is there now and then is optional.
  auto optionalA = dyn_cast<nn::OptionalType>(a);
  auto optionalB = dyn_cast<nn::OptionalType>(b);
  if (optionalA && !optionalB)
    return joinTypes(optionalA.getElementType(), b) ==
                   optionalA.getElementType()
               ? a
               : Type();
  if (optionalB && !optionalA)
    return joinTypes(b, a);
  auto tensorA = dyn_cast<RankedTensorType>(a);
  auto tensorB = dyn_cast<RankedTensorType>(b);
  if (!tensorA || !tensorB || tensorA.getRank() != tensorB.getRank() ||
      tensorA.getElementType() != tensorB.getElementType())
    return {};
  SmallVector<int64_t> sizes;
  for (auto [x, y] : llvm::zip(tensorA.getShape(), tensorB.getShape()))
    sizes.push_back(x == y ? x : ShapedType::kDynamic);
  return RankedTensorType::get(sizes, tensorA.getElementType());
}

Value onnximport::castTo(OpBuilder &builder, Location loc, Value value,
                         Type type) {
  if (value.getType() == type)
    return value;
  if (auto optional = dyn_cast<nn::OptionalType>(type))
    return nn::OptionalCreateOp::create(
        builder, loc, type,
        castTo(builder, loc, value, optional.getElementType()));
  if (isa<RankedTensorType>(type))
    return tensor::CastOp::create(builder, loc, type, value);
  if (auto create = value.getDefiningOp<nn::SequenceCreateOp>())
    return nn::SequenceCreateOp::create(builder, loc, type,
                                        create.getElements());
  return nn::SequenceCastOp::create(builder, loc, type, value);
}

nn::SequenceType onnximport::getSequenceType(Type element) {
  auto tensor = cast<RankedTensorType>(element);
  SmallVector<int64_t> sizes(tensor.getRank(), ShapedType::kDynamic);
  return nn::SequenceType::get(
      element.getContext(),
      RankedTensorType::get(sizes, tensor.getElementType()));
}

SmallVector<Value> onnximport::getElements(NodeBinder &node, Value tensor) {
  OpBuilder &b = node.builder();
  Location loc = node.loc();
  if (auto elements = tensor.getDefiningOp<tensor::FromElementsOp>())
    return llvm::to_vector(elements.getElements());
  RankedTensorType type = node.typeOf(tensor);
  SmallVector<Value> scalars;
  if (auto known = node.constantInts(tensor)) {
    for (int64_t number : *known)
      scalars.push_back(arith::ConstantOp::create(
          b, loc, b.getIntegerAttr(type.getElementType(), number)));
    return scalars;
  }
  for (int64_t i = 0; i < type.getNumElements(); ++i) {
    SmallVector<Value> position;
    int64_t rest = i;
    for (int64_t size : llvm::reverse(type.getShape())) {
      position.insert(position.begin(),
                      arith::ConstantIndexOp::create(b, loc, rest % size));
      rest /= size;
    }
    scalars.push_back(tensor::ExtractOp::create(b, loc, tensor, position));
  }
  return scalars;
}

Value onnximport::extractScalar(NodeBinder &node, Value tensor) {
  RankedTensorType type = node.typeOf(tensor);
  bool isSingle = type.hasStaticShape() && type.getNumElements() == 1;
  if (!type.getElementType().isSignlessInteger() ||
      (!isSingle && type.hasStaticShape())) {
    (void)node.error("expects a tensor of one signed integer or bool where the "
                     "host decides, but got " +
                     typeText(type));
    return {};
  }
  if (isSingle)
    return getElements(node, tensor).front();
  for (Dim size : node.shape(tensor))
    if (failed(node.requireEqual(size, Dim(1),
                                 "expects one element where the host decides")))
      return {};
  OpBuilder &b = node.builder();
  Value zero = arith::ConstantIndexOp::create(b, node.loc(), 0);
  return tensor::ExtractOp::create(b, node.loc(), tensor,
                                   SmallVector<Value>(type.getRank(), zero));
}

Value onnximport::makeTensor(NodeBinder &node, Value scalar) {
  OpBuilder &b = node.builder();
  Location loc = node.loc();
  if (scalar.getType().isIndex())
    scalar = b.createOrFold<arith::IndexCastOp>(loc, b.getI64Type(), scalar);
  return tensor::FromElementsOp::create(
      b, loc, RankedTensorType::get({}, scalar.getType()), scalar);
}

//===----------------------------------------------------------------------===//
// If
//===----------------------------------------------------------------------===//

static LogicalResult setResults(NodeBinder &node, ValueRange values) {
  if (values.size() < node.numOutputs())
    return node.error("expects " + Twine(node.numOutputs()) +
                      " outputs of its body, but got " + Twine(values.size()));
  for (size_t i = 0; i < node.numOutputs(); ++i)
    if (failed(node.result(i, values[i])))
      return failure();
  return success();
}

/// A branch decided now is imported in place of the node.
static LogicalResult importKnownBranch(NodeBinder &node, StringRef name) {
  const onnx::GraphProto *graph = getGraph(node, name);
  if (!graph)
    return failure();
  return setResults(node, node.getImporter().importSubgraph(*graph, {}));
}

static LogicalResult importIf(NodeBinder &node) {
  Value tensor = node.input(0);
  if (!tensor)
    return failure();
  auto known = node.constantInts(tensor);
  if (known && known->size() == 1)
    return importKnownBranch(node,
                             known->front() ? "then_branch" : "else_branch");
  Value condition = extractScalar(node, tensor);
  const onnx::GraphProto *graphs[] = {getGraph(node, "then_branch"),
                                      getGraph(node, "else_branch")};
  if (!condition || !graphs[0] || !graphs[1])
    return failure();
  if (!condition.getType().isInteger(1))
    return node.error("expects a bool as condition, but got " +
                      typeText(condition.getType()));
  OpBuilder &b = node.builder();
  Location loc = node.loc();
  // The types are known once the branches are.
  auto draft = scf::IfOp::create(b, loc, condition, /*withElseRegion=*/true);
  Block *blocks[] = {draft.thenBlock(), draft.elseBlock()};
  SmallVector<Value> values[2];
  for (int arm = 0; arm < 2; ++arm) {
    if (blocks[arm]->mightHaveTerminator())
      blocks[arm]->getTerminator()->erase();
    FailureOr<SmallVector<Value>> results =
        importBody(node, *graphs[arm], blocks[arm], {});
    if (failed(results))
      return failure();
    values[arm] = *results;
  }
  if (values[0].size() != values[1].size())
    return node.error("expects branches of as many outputs, but got " +
                      Twine(values[0].size()) + " and " +
                      Twine(values[1].size()));
  SmallVector<Type> types;
  for (auto [i, yes, no] : llvm::enumerate(values[0], values[1])) {
    Type type = joinTypes(yes.getType(), no.getType());
    if (!type)
      return node.error("expects branches to give output " + Twine(i) +
                        " one type and rank, but got " +
                        typeText(yes.getType()) + " and " +
                        typeText(no.getType()));
    types.push_back(type);
  }
  auto branch = scf::IfOp::create(b, loc, types, condition,
                                  /*addThenBlock=*/false,
                                  /*addElseBlock=*/false);
  branch.getThenRegion().takeBody(draft.getThenRegion());
  branch.getElseRegion().takeBody(draft.getElseRegion());
  draft.erase();
  for (int arm = 0; arm < 2; ++arm) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToEnd(blocks[arm]);
    for (auto [value, type] : llvm::zip(values[arm], types))
      value = castTo(b, loc, value, type);
    scf::YieldOp::create(b, loc, values[arm]);
  }
  return setResults(node, branch.getResults());
}

//===----------------------------------------------------------------------===//
// Loop
//===----------------------------------------------------------------------===//

/// Does the body always give the condition it got, or true?
static bool keepsCondition(const onnx::GraphProto &body) {
  if (body.output_size() == 0 || body.input_size() < 2)
    return false;
  std::string name = body.output(0).name();
  for (int i = body.node_size() - 1; i >= 0; --i) {
    const onnx::NodeProto &node = body.node(i);
    if (node.op_type() == "Identity" && node.output_size() == 1 &&
        node.input_size() == 1 && node.output(0) == name)
      name = node.input(0);
  }
  return name == body.input(1).name();
}

/// Number of iterations and condition from the first two inputs of a Loop.
static LogicalResult readLoopControl(NodeBinder &node,
                                     const onnx::GraphProto &body,
                                     LoopImporter &loop) {
  OpBuilder &b = node.builder();
  Location loc = node.loc();
  if (node.hasInput(0)) {
    Value count = node.input(0);
    Value scalar = count ? extractScalar(node, count) : Value();
    if (!scalar)
      return failure();
    loop.trips =
        b.createOrFold<arith::IndexCastOp>(loc, b.getIndexType(), scalar);
  }
  Value goesOn;
  bool isTrue = !node.hasInput(1);
  if (!isTrue) {
    Value tensor = node.input(1);
    goesOn = tensor ? extractScalar(node, tensor) : Value();
    if (!goesOn)
      return failure();
    auto known = node.constantInts(tensor);
    isTrue = known && known->size() == 1 && known->front();
  }
  if (loop.trips && keepsCondition(body)) {
    if (isTrue)
      return success();
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    loop.trips = arith::SelectOp::create(b, loc, goesOn, loop.trips, zero);
    return success();
  }
  loop.condition =
      goesOn ? goesOn
             : Value(arith::ConstantOp::create(b, loc, b.getBoolAttr(true)));
  return success();
}

static LogicalResult importLoop(NodeBinder &node) {
  const onnx::GraphProto *body = getGraph(node, "body");
  LoopImporter loop(node);
  if (!body || failed(readLoopControl(node, *body, loop)))
    return failure();
  for (size_t i = 2; i < node.numInputs(); ++i) {
    Value init = node.anyInput(i);
    if (!init)
      return failure();
    loop.inits.push_back(init);
  }
  size_t outputs = loop.inits.size() + 1;
  if (size_t(body->output_size()) < outputs)
    return node.error("expects a body of at least " + Twine(outputs) +
                      " outputs, but got " + Twine(body->output_size()));
  loop.collected.resize(body->output_size() - outputs);
  auto importIteration =
      [&](Value position, ValueRange carried) -> FailureOr<SmallVector<Value>> {
    OpBuilder &b = node.builder();
    Value goesOn =
        arith::ConstantOp::create(b, node.loc(), b.getBoolAttr(true));
    SmallVector<Value> inputs{makeTensor(node, position),
                              makeTensor(node, goesOn)};
    llvm::append_range(inputs, carried);
    FailureOr<SmallVector<Value>> values =
        importBody(node, *body, b.getInsertionBlock(), inputs);
    if (failed(values))
      return failure();
    if (!loop.condition) {
      values->erase(values->begin());
      return values;
    }
    values->front() = extractScalar(node, values->front());
    if (!values->front())
      return failure();
    return values;
  };
  FailureOr<SmallVector<Value>> results = loop.run(importIteration);
  if (failed(results))
    return failure();
  return setResults(node, *results);
}

//===----------------------------------------------------------------------===//
// Scan
//===----------------------------------------------------------------------===//

namespace {
/// The attributes of a Scan: one axis and direction for each scanned input and
/// output.
struct ScanLayout {
  size_t scanned = 0;
  SmallVector<int64_t> inputAxes, inputDirections;
  SmallVector<int64_t> outputAxes, outputDirections;
};
} // namespace

/// An attribute with a number for each of `count`, zeros if it is not there.
static FailureOr<SmallVector<int64_t>>
readNumbers(NodeBinder &node, StringRef name, size_t count) {
  SmallVector<int64_t> numbers =
      node.intsAttr(name).value_or(SmallVector<int64_t>(count, 0));
  if (numbers.size() != count)
    return node.error("expects " + Twine(count) + " numbers in attribute '" +
                      name + "', but got " + Twine(numbers.size()));
  return numbers;
}

static FailureOr<ScanLayout> readScan(NodeBinder &node, size_t numInputs,
                                      const onnx::GraphProto &body) {
  ScanLayout layout;
  int64_t scanned = node.intAttr("num_scan_inputs", 0);
  if (scanned < 1 || size_t(scanned) > numInputs ||
      size_t(body.output_size()) < numInputs - scanned)
    return node.error("expects num_scan_inputs from 1 to " + Twine(numInputs) +
                      " and an output of the body for each state, but got " +
                      Twine(scanned) + " and " + Twine(body.output_size()));
  layout.scanned = scanned;
  size_t outputs = body.output_size() - (numInputs - scanned);
  StringRef oldName = node.version() < 9 ? "directions" : "";
  auto inputDirections = readNumbers(
      node, oldName.empty() ? "scan_input_directions" : oldName, scanned);
  auto inputAxes = readNumbers(node, "scan_input_axes", scanned);
  auto outputAxes = readNumbers(node, "scan_output_axes", outputs);
  auto outputDirections = readNumbers(node, "scan_output_directions", outputs);
  if (failed(inputDirections) || failed(inputAxes) || failed(outputAxes) ||
      failed(outputDirections))
    return failure();
  layout.inputAxes = *inputAxes;
  layout.inputDirections = *inputDirections;
  layout.outputAxes = *outputAxes;
  layout.outputDirections = *outputDirections;
  return layout;
}

/// Scans `values`, states and then scanned inputs.
static FailureOr<SmallVector<Value>> scan(NodeBinder &node,
                                          const onnx::GraphProto &body,
                                          const ScanLayout &layout,
                                          ValueRange values) {
  OpBuilder &b = node.builder();
  Location loc = node.loc();
  LoopImporter loop(node);
  ValueRange states = values.drop_back(layout.scanned);
  ValueRange inputs = values.take_back(layout.scanned);
  loop.inits = llvm::to_vector(states);
  SmallVector<int64_t> axes;
  Dim count;
  for (auto [i, input] : llvm::enumerate(inputs)) {
    FailureOr<int64_t> axis =
        node.normalizeAxis(layout.inputAxes[i], node.rankOf(input));
    if (failed(axis))
      return failure();
    axes.push_back(*axis);
    Dim own = node.shape(input)[*axis];
    if (i == 0)
      count = own;
    if (failed(node.requireEqual(count, own,
                                 "expects scanned inputs of one length")))
      return failure();
  }
  loop.trips = getAsIndexValue(b, loc, count);
  for (auto [axis, direction] :
       llvm::zip(layout.outputAxes, layout.outputDirections))
    loop.collected.push_back({axis, direction == 1, /*isSequence=*/false});
  return loop.run(
      [&](Value position, ValueRange carried) -> FailureOr<SmallVector<Value>> {
        SmallVector<Value> arguments(carried);
        for (auto [i, input] : llvm::enumerate(inputs)) {
          Value at = position;
          if (layout.inputDirections[i] == 1) {
            Value one = arith::ConstantIndexOp::create(b, loc, 1);
            at = arith::SubIOp::create(b, loc, loop.trips, at);
            at = arith::SubIOp::create(b, loc, at, one);
          }
          arguments.push_back(
              node.create<nn::GatherOp>(input, makeTensor(node, at), axes[i]));
          if (!arguments.back())
            return failure();
        }
        return importBody(node, body, b.getInsertionBlock(), arguments);
      });
}

static LogicalResult importScan(NodeBinder &node) {
  const onnx::GraphProto *body = getGraph(node, "body");
  FailureOr<SmallVector<Value>> values = node.inputsFrom(0);
  if (!body || failed(values))
    return failure();
  FailureOr<ScanLayout> layout = readScan(node, values->size(), *body);
  if (failed(layout))
    return failure();
  FailureOr<SmallVector<Value>> results = scan(node, *body, *layout, *values);
  if (failed(results))
    return failure();
  return setResults(node, *results);
}

/// Before opset 9: a batch in front of everything, each item scanned alone.
static LogicalResult importBatchedScan(NodeBinder &node) {
  const onnx::GraphProto *body = getGraph(node, "body");
  if (node.hasInput(0))
    return node.error("expects no sequence_lens in opset 8; scan sequences of "
                      "one length, or export with opset 9 or later");
  FailureOr<SmallVector<Value>> values = node.inputsFrom(1);
  if (!body || failed(values))
    return failure();
  FailureOr<ScanLayout> layout = readScan(node, values->size(), *body);
  if (failed(layout) || values->empty())
    return failure();
  for (Value value : *values)
    if (node.rankOf(value) < 1)
      return node.error("expects inputs with a batch dimension");
  OpBuilder &b = node.builder();
  LoopImporter batch(node);
  batch.trips =
      getAsIndexValue(b, node.loc(), node.shape(values->front()).front());
  batch.collected.resize(body->output_size());
  FailureOr<SmallVector<Value>> results = batch.run(
      [&](Value position, ValueRange) -> FailureOr<SmallVector<Value>> {
        SmallVector<Value> items;
        for (Value value : *values) {
          items.push_back(
              node.create<nn::GatherOp>(value, makeTensor(node, position), 0));
          if (!items.back())
            return failure();
        }
        return scan(node, *body, *layout, items);
      });
  if (failed(results))
    return failure();
  return setResults(node, *results);
}

void onnximport::addControlFlowOperators(OpTable &table) {
  table.add("If", 1, importIf);
  table.add("Loop", 1, importLoop);
  table.add("Scan", 8, importBatchedScan);
  table.add("Scan", 9, importScan);
}
