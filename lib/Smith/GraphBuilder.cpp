//===----------------------------------------------------------------------===//
// Nodes that are computed as they are added.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Smith/GraphBuilder.h"
#include "nnc/DataIO/TensorProto.h"

#include <algorithm>
#include <cmath>

using namespace nncsmith;

/// Larger values are not computed on: models are to be small.
static constexpr int64_t maxElements = 10000;
static constexpr int64_t maxRank = 6;
/// Larger numbers soon become infinite.
static constexpr double maxMagnitude = 1e4;
/// What is larger is made small before more is computed.
static constexpr double wildMagnitude = 30;

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

static onnx::AttributeProto
makeAttribute(const std::string &name,
              onnx::AttributeProto::AttributeType type) {
  onnx::AttributeProto attribute;
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}

onnx::AttributeProto nncsmith::attr(const std::string &name, int64_t value) {
  auto attribute = makeAttribute(name, onnx::AttributeProto::INT);
  attribute.set_i(value);
  return attribute;
}

onnx::AttributeProto nncsmith::attr(const std::string &name, double value) {
  auto attribute = makeAttribute(name, onnx::AttributeProto::FLOAT);
  attribute.set_f(float(value));
  return attribute;
}

onnx::AttributeProto nncsmith::attr(const std::string &name,
                                    const std::string &value) {
  auto attribute = makeAttribute(name, onnx::AttributeProto::STRING);
  attribute.set_s(value);
  return attribute;
}

onnx::AttributeProto nncsmith::attr(const std::string &name,
                                    const Shape &values) {
  auto attribute = makeAttribute(name, onnx::AttributeProto::INTS);
  for (int64_t value : values)
    attribute.add_ints(value);
  return attribute;
}

onnx::AttributeProto nncsmith::attr(const std::string &name,
                                    onnx::GraphProto graph) {
  auto attribute = makeAttribute(name, onnx::AttributeProto::GRAPH);
  *attribute.mutable_g() = std::move(graph);
  return attribute;
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

GraphBuilder::GraphBuilder(Engine &engine, Random &random, int64_t opset,
                           GraphBuilder *outer)
    : random(random), opset(opset), engine(engine), outer(outer) {
  graph.set_name(outer ? "body" : "smith");
  if (!outer)
    return;
  scope = outer->scope;
  floatType = outer->floatType;
  allowsSpecial = outer->allowsSpecial;
  pool = outer->pool;
}

std::string GraphBuilder::makeName(char kind) {
  return kind + std::to_string(top().count++);
}

static void setType(onnx::ValueInfoProto &info, const std::string &name,
                    const Tensor &sample, bool withShape) {
  info.set_name(name);
  auto &type = *info.mutable_type()->mutable_tensor_type();
  type.set_elem_type(int32_t(sample.type()));
  if (!withShape)
    return;
  type.mutable_shape();
  for (int64_t size : sample.shape())
    type.mutable_shape()->add_dim()->set_dim_value(size);
}

static void addConstant(onnx::GraphProto &graph, const Value &value) {
  auto bytes = nncio::serializeTensorProto(value.sample, value.name);
  graph.add_initializer()->ParseFromString(*bytes);
}

static double magnitudeOf(const Tensor &tensor) {
  double most = 0;
  for (int64_t i = 0; i < tensor.size(); ++i) {
    double value = std::fabs(tensor.getDouble(i));
    if (!(value <= most))
      most = std::isnan(value) ? INFINITY : value;
  }
  return most;
}

void GraphBuilder::keep(const Value &value) {
  if (value.sample.size() > maxElements || value.rank() > maxRank ||
      value.type() == ElementType::String || nncio::isNarrowFloat(value.type()))
    return;
  if (!allowsSpecial && magnitudeOf(value.sample) > maxMagnitude)
    return;
  pool.push_back(value);
}

Value GraphBuilder::input(Tensor sample) {
  Value value{makeName('x'), std::move(sample)};
  setType(*graph.add_input(), value.name, value.sample, /*withShape=*/true);
  inputSamples.push_back(value.sample);
  scope.push_back(value);
  keep(value);
  return value;
}

Value GraphBuilder::constant(Tensor sample) {
  Value value{makeName('c'), std::move(sample), /*isConstant=*/true};
  addConstant(graph, value);
  scope.push_back(value);
  return value;
}

Value GraphBuilder::ints(const Shape &values) {
  return constant(
      Tensor::fromInts(ElementType::I64, {int64_t(values.size())}, values));
}

Value GraphBuilder::scalar(ElementType type, double value) {
  return constant(Tensor::fromDoubles(type, {}, {value}));
}

Value GraphBuilder::fresh(ElementType type, const Shape &shape, Floats floats) {
  Case c(random.next());
  Tensor sample = c.tensor(type, shape, floats);
  bool isInput = !outer && inputSamples.size() < 6 && random.chance(0.25);
  return isInput ? input(std::move(sample)) : constant(std::move(sample));
}

Value GraphBuilder::pick() {
  if (pool.empty())
    return {};
  size_t recent = std::min<size_t>(pool.size(), 3);
  return random.chance(0.7)
             ? pool[pool.size() - size_t(random.between(1, int64_t(recent)))]
             : random.pick(pool);
}

Value GraphBuilder::tame(const Value &value) {
  if (!value || !nncio::isFloat(value.type()) || allowsSpecial)
    return value;
  double magnitude = magnitudeOf(value.sample);
  if (magnitude <= wildMagnitude)
    return value;
  if (random.chance(0.5))
    return add("Mul", {value, scalar(value.type(), 4 / magnitude)});
  if (random.chance(0.5))
    return add("Tanh", {value});
  Value low = scalar(value.type(), -4), high = scalar(value.type(), 4);
  return add("Clip", {value, low, high});
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

static void addOpsets(onnx::ModelProto &model, int64_t opset) {
  model.set_ir_version(8);
  auto &standard = *model.add_opset_import();
  standard.set_domain("");
  standard.set_version(opset);
  auto &contributed = *model.add_opset_import();
  contributed.set_domain("com.microsoft");
  contributed.set_version(1);
}

/// The names that nodes read, those of bodies included.
static void collectReads(const onnx::NodeProto &node,
                         std::set<std::string> &names) {
  names.insert(node.input().begin(), node.input().end());
  for (const onnx::AttributeProto &attribute : node.attribute()) {
    if (!attribute.has_g())
      continue;
    for (const onnx::NodeProto &inner : attribute.g().node())
      collectReads(inner, names);
    for (const onnx::ValueInfoProto &output : attribute.g().output())
      names.insert(output.name());
  }
}

Values GraphBuilder::add(onnx::NodeProto node, const Values &inputs,
                         unsigned numOutputs, const Values &captured) {
  onnx::ModelProto model;
  addOpsets(model, opset);
  onnx::GraphProto &alone = *model.mutable_graph();
  alone.set_name("node");
  Tensors samples;
  std::set<std::string> given;
  auto give = [&](const Value &value) {
    if (value.isAbsent || !given.insert(value.name).second)
      return;
    if (value.isConstant)
      return addConstant(alone, value);
    setType(*alone.add_input(), value.name, value.sample, /*withShape=*/true);
    samples.push_back(value.sample);
  };
  for (const Value &value : inputs) {
    if (!value)
      return {};
    node.add_input(value.name);
    give(value);
  }
  std::set<std::string> reads;
  collectReads(node, reads);
  for (const Value &value : captured)
    if (reads.count(value.name))
      give(value);
  for (unsigned i = 0; i < numOutputs; ++i) {
    node.add_output(makeName('t'));
    alone.add_output()->set_name(node.output(int(i)));
  }
  node.set_name(node.output(0));
  *alone.add_node() = node;
  mlir::OwningOpRef<mlir::ModuleOp> module = engine.import(model);
  engine.takeErrors();
  if (!module)
    return {};
  Outputs results = interpret(*module, samples);
  if (!results)
    return {};
  Values values;
  for (unsigned i = 0; i < numOutputs; ++i) {
    Tensor &sample = (*results)[i];
    if (sample.isSequence() || sample.isAbsent())
      return {};
    values.push_back({node.output(int(i)), std::move(sample)});
  }
  *graph.add_node() = std::move(node);
  for (const Value &value : values) {
    scope.push_back(value);
    keep(value);
  }
  return values;
}

Value GraphBuilder::add(const std::string &op, const Values &inputs,
                        const Attributes &attributes) {
  onnx::NodeProto node;
  size_t dot = op.rfind('.');
  node.set_op_type(dot == std::string::npos ? op : op.substr(dot + 1));
  if (dot != std::string::npos)
    node.set_domain(op.substr(0, dot));
  for (const onnx::AttributeProto &attribute : attributes)
    *node.add_attribute() = attribute;
  Values results = add(std::move(node), inputs, 1);
  return results.empty() ? Value() : results.front();
}

//===----------------------------------------------------------------------===//
// Adapting
//===----------------------------------------------------------------------===//

/// The permutation that makes `from` into `to`; empty if there is none.
static Shape findPermutation(const Shape &from, const Shape &to) {
  Shape permutation;
  std::vector<bool> used(from.size());
  for (int64_t size : to)
    for (size_t i = 0; i < from.size(); ++i)
      if (from[i] == size && !used[i]) {
        used[i] = true;
        permutation.push_back(int64_t(i));
        break;
      }
  return permutation.size() == from.size() && from.size() == to.size()
             ? permutation
             : Shape();
}

Value GraphBuilder::sliceTo(const Value &from, const Shape &shape) {
  Shape starts, ends, axes;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == from.shape()[i])
      continue;
    starts.push_back(random.between(0, from.shape()[i] - shape[i]));
    ends.push_back(starts.back() + shape[i]);
    axes.push_back(int64_t(i));
  }
  Value begin = ints(starts), end = ints(ends), along = ints(axes);
  return add("Slice", {from, begin, end, along});
}

Value GraphBuilder::growTo(const Value &from, const Shape &shape) {
  int64_t wanted = nncio::numElements(shape), size = from.sample.size();
  Value flat = from.rank() == 1 ? from : add("Reshape", {from, ints({-1})});
  if (size < wanted)
    flat = add("Tile", {flat, ints({(wanted + size - 1) / size})});
  if (flat && flat.sample.size() != wanted)
    flat = sliceTo(flat, {wanted});
  return shape.size() == 1 ? flat : add("Reshape", {flat, ints(shape)});
}

Value GraphBuilder::adaptShape(const Value &from, const Shape &shape) {
  if (!from || from.shape() == shape)
    return from;
  int64_t wanted = nncio::numElements(shape);
  bool sameRank = from.shape().size() == shape.size();
  bool expands = sameRank, shrinks = sameRank;
  for (size_t i = 0; i < shape.size() && sameRank; ++i) {
    expands &= from.shape()[i] == shape[i] || from.shape()[i] == 1;
    shrinks &= from.shape()[i] >= shape[i];
  }
  if (wanted == from.sample.size() && wanted > 0) {
    Shape permutation = findPermutation(from.shape(), shape);
    if (!permutation.empty() && random.chance(0.6))
      return add("Transpose", {from}, {attr("perm", permutation)});
    return add("Reshape", {from, ints(shape)});
  }
  if (expands)
    return add("Expand", {from, ints(shape)});
  if (shrinks)
    return sliceTo(from, shape);
  if (from.sample.empty() || wanted == 0)
    return {};
  return growTo(from, shape);
}

Value GraphBuilder::adapt(Value from, ElementType type, const Shape &shape) {
  from = adaptShape(from, shape);
  if (!from || from.type() == type)
    return from;
  if (type == ElementType::Bool && nncio::isFloat(from.type()))
    return add("Greater", {from, scalar(from.type(), 0)});
  return add("Cast", {from}, {attr("to", int64_t(type))});
}

Value GraphBuilder::adaptWithin(const Value &from, const Tensor &like,
                                int64_t low, int64_t high) {
  Value number = adapt(from, ElementType::F32, like.shape());
  Value least = scalar(ElementType::F32, double(low));
  Value most = scalar(ElementType::F32, double(high));
  Value within = add("Clip", {number, least, most});
  return add("Cast", {within}, {attr("to", int64_t(like.type()))});
}

//===----------------------------------------------------------------------===//
// The graph
//===----------------------------------------------------------------------===//

std::set<std::string> nncsmith::findReads(const onnx::GraphProto &graph) {
  std::set<std::string> names;
  for (const onnx::NodeProto &node : graph.node())
    collectReads(node, names);
  for (const onnx::ValueInfoProto &output : graph.output())
    names.insert(output.name());
  return names;
}

void nncsmith::removeDeadNodes(onnx::GraphProto &graph) {
  std::set<std::string> live;
  for (const onnx::ValueInfoProto &output : graph.output())
    live.insert(output.name());
  std::vector<onnx::NodeProto> nodes;
  for (int i = graph.node_size(); i-- > 0;) {
    const onnx::NodeProto &node = graph.node(i);
    if (std::none_of(node.output().begin(), node.output().end(),
                     [&](const std::string &name) { return live.count(name); }))
      continue;
    collectReads(node, live);
    nodes.push_back(node);
  }
  graph.clear_node();
  for (size_t i = nodes.size(); i-- > 0;)
    *graph.add_node() = std::move(nodes[i]);
  std::vector<onnx::TensorProto> constants;
  for (onnx::TensorProto &constant : *graph.mutable_initializer())
    if (live.count(constant.name()))
      constants.push_back(std::move(constant));
  graph.clear_initializer();
  for (onnx::TensorProto &constant : constants)
    *graph.add_initializer() = std::move(constant);
}

onnx::GraphProto GraphBuilder::finish(const Values &outputs) const {
  onnx::GraphProto result = graph;
  for (const Value &output : outputs)
    setType(*result.add_output(), output.name, output.sample,
            /*withShape=*/false);
  removeDeadNodes(result);
  return result;
}

onnx::ModelProto GraphBuilder::finishModel(const Values &outputs) const {
  onnx::ModelProto model;
  addOpsets(model, opset);
  *model.mutable_graph() = finish(outputs);
  return model;
}

Values GraphBuilder::findSinks() const {
  std::set<std::string> read, own;
  for (const onnx::NodeProto &node : graph.node()) {
    collectReads(node, read);
    own.insert(node.output().begin(), node.output().end());
  }
  Values sinks;
  for (const Value &value : pool)
    if (own.count(value.name) && !read.count(value.name))
      sinks.push_back(value);
  return sinks;
}
