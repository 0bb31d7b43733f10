//===----------------------------------------------------------------------===//
// Small graphs of the operators that networks are made of: what rewrites and
// fusions see.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Smith/Case.h"

#include <algorithm>

using namespace nncsmith;

namespace {
/// A tensor of the graph.
struct Node {
  std::string name;
  Shape shape;
};

class GraphMaker {
public:
  explicit GraphMaker(Case &c)
      : c(c), random(c.random),
        type(random.pick({ElementType::F32, ElementType::F32, ElementType::F64,
                          ElementType::F16})) {}

  void run();

private:
  /// Members add nodes that compute from `from`.
  using Step = void (GraphMaker::*)(const Node &from);
  void addUnary(const Node &from);
  void addBinary(const Node &from);
  void addTranspose(const Node &from);
  void addReshape(const Node &from);
  void addReshapeByShape(const Node &from);
  void addReduce(const Node &from);
  void addSoftmax(const Node &from);
  void addMatMul(const Node &from);
  void addConcat(const Node &from);
  void addSlice(const Node &from);
  void addUnsqueeze(const Node &from);
  void addConv(const Node &from);

  onnx::NodeProto &node(const std::string &op,
                        const std::vector<std::string> &inputs);
  /// The only result of the last node.
  std::string result(const Shape &shape, bool isValue = true);
  std::string give(Tensor value, bool isData);
  std::string ints(const Shape &values);
  void setInts(onnx::NodeProto &node, const char *name, const Shape &values);
  void setInt(onnx::NodeProto &node, const char *name, int64_t value);

  Case &c;
  Random &random;
  ElementType type;
  std::vector<Node> values;
  int count = 0;
};
} // namespace

onnx::NodeProto &GraphMaker::node(const std::string &op,
                                  const std::vector<std::string> &inputs) {
  onnx::NodeProto &made = c.graph.emplace_back();
  made.set_op_type(op);
  for (const std::string &input : inputs)
    made.add_input(input);
  return made;
}

std::string GraphMaker::result(const Shape &shape, bool isValue) {
  std::string name = "t" + std::to_string(count++);
  c.graph.back().add_output(name);
  if (isValue)
    values.push_back({name, shape});
  return name;
}

std::string GraphMaker::give(Tensor value, bool isData) {
  if (isData)
    c.data(std::move(value));
  else
    c.constant(std::move(value));
  return "x" + std::to_string(c.inputs.size() - 1);
}

std::string GraphMaker::ints(const Shape &values) {
  c.ints(values);
  return "x" + std::to_string(c.inputs.size() - 1);
}

void GraphMaker::setInts(onnx::NodeProto &node, const char *name,
                         const Shape &values) {
  auto &attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INTS);
  for (int64_t value : values)
    attribute.add_ints(value);
}

void GraphMaker::setInt(onnx::NodeProto &node, const char *name,
                        int64_t value) {
  auto &attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INT);
  attribute.set_i(value);
}

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

void GraphMaker::addUnary(const Node &from) {
  node(random.pick<const char *>({"Relu", "Sigmoid", "Tanh", "Abs", "Neg",
                                  "Erf", "Softplus", "Identity"}),
       {from.name});
  result(from.shape);
}

void GraphMaker::addBinary(const Node &from) {
  std::string other;
  for (const Node &value : values)
    if (value.shape == from.shape && random.chance(0.5))
      other = value.name;
  if (other.empty())
    other =
        give(c.tensor(type, c.broadcastable(from.shape)), random.chance(0.4));
  std::vector<std::string> inputs{from.name, other};
  if (random.chance(0.4))
    std::swap(inputs[0], inputs[1]);
  node(random.pick<const char *>({"Add", "Sub", "Mul", "Max", "Min"}), inputs);
  result(from.shape);
}

void GraphMaker::addTranspose(const Node &from) {
  Shape permutation, shape;
  for (int64_t i = 0; i < int64_t(from.shape.size()); ++i)
    permutation.insert(permutation.begin() + random.between(0, i), i);
  for (int64_t axis : permutation)
    shape.push_back(from.shape[axis]);
  setInts(node("Transpose", {from.name}), "perm", permutation);
  result(shape);
}

void GraphMaker::addReshape(const Node &from) {
  Shape shape;
  for (int64_t size : from.shape)
    if (shape.empty() || random.chance(0.5))
      shape.push_back(size);
    else
      shape.back() *= size;
  Shape given = shape;
  if (!given.empty())
    given[random.between(0, int64_t(given.size()) - 1)] = -1;
  std::string target = ints(given);
  node("Reshape", {from.name, target});
  result(shape);
}

/// As exporters write it: the first dimension is asked for.
void GraphMaker::addReshapeByShape(const Node &from) {
  if (from.shape.empty())
    return;
  int64_t rest = 1;
  for (size_t i = 1; i < from.shape.size(); ++i)
    rest *= from.shape[i];
  node("Shape", {from.name});
  std::string shape = result({}, false);
  std::string zero = ints({0});
  node("Gather", {shape, zero});
  std::string first = result({}, false);
  std::string free = ints({-1});
  setInt(node("Concat", {first, free}), "axis", 0);
  std::string target = result({}, false);
  node("Reshape", {from.name, target});
  result({from.shape[0], rest});
}

void GraphMaker::addReduce(const Node &from) {
  Shape axes = c.axes(int64_t(from.shape.size()), 0.4), shape;
  if (axes.empty())
    return;
  bool keep = random.chance(0.5);
  for (int64_t i = 0; i < int64_t(from.shape.size()); ++i)
    if (!std::count(axes.begin(), axes.end(), i))
      shape.push_back(from.shape[i]);
    else if (keep)
      shape.push_back(1);
  onnx::NodeProto &made =
      node(random.pick<const char *>({"ReduceMean", "ReduceMax", "ReduceL2"}),
           {from.name});
  setInts(made, "axes", axes);
  setInt(made, "keepdims", keep);
  result(shape);
}

void GraphMaker::addSoftmax(const Node &from) {
  if (from.shape.empty())
    return;
  setInt(node("Softmax", {from.name}), "axis",
         c.axis(int64_t(from.shape.size())));
  result(from.shape);
}

void GraphMaker::addMatMul(const Node &from) {
  if (from.shape.size() < 2)
    return;
  int64_t width = random.between(1, 9);
  std::string weight =
      give(c.tensor(type, {from.shape.back(), width}, Floats::Unit), false);
  node("MatMul", {from.name, weight});
  Shape shape = from.shape;
  shape.back() = width;
  result(shape);
}

void GraphMaker::addConcat(const Node &from) {
  if (from.shape.empty())
    return;
  std::string other = from.name;
  for (const Node &value : values)
    if (value.shape == from.shape)
      other = value.name;
  int64_t axis = random.between(0, int64_t(from.shape.size()) - 1);
  setInt(node("Concat", {from.name, other}), "axis", axis);
  Shape shape = from.shape;
  shape[axis] *= 2;
  result(shape);
}

void GraphMaker::addSlice(const Node &from) {
  if (from.shape.empty())
    return;
  int64_t axis = random.between(0, int64_t(from.shape.size()) - 1);
  int64_t size = from.shape[axis], begin = random.between(0, size);
  int64_t end = random.between(begin, size);
  Shape shape = from.shape;
  shape[axis] = end - begin;
  std::string starts = ints({begin}), ends = ints({end}), axes = ints({axis});
  node("Slice", {from.name, starts, ends, axes});
  result(shape);
}

void GraphMaker::addUnsqueeze(const Node &from) {
  if (from.shape.size() > 4)
    return;
  int64_t axis = random.between(0, int64_t(from.shape.size()));
  std::string axes = ints({axis});
  node("Unsqueeze", {from.name, axes});
  Shape shape = from.shape;
  shape.insert(shape.begin() + axis, 1);
  result(shape);
}

/// A convolution with what usually follows it.
void GraphMaker::addConv(const Node &from) {
  if (from.shape.size() != 4 || from.shape[1] == 0)
    return;
  int64_t out = random.between(1, 5), kernel = random.pick<int64_t>({1, 3});
  std::string filter =
      give(c.tensor(type, {out, from.shape[1], kernel, kernel}, Floats::Unit),
           false);
  onnx::NodeProto &made = node("Conv", {from.name, filter});
  if (kernel == 3)
    setInts(made, "pads", {1, 1, 1, 1});
  Shape shape = from.shape;
  shape[1] = out;
  std::string sum = result(shape);
  if (random.chance(0.6)) {
    std::vector<std::string> inputs{sum};
    for (int i = 0; i < 4; ++i)
      inputs.push_back(
          give(c.tensor(type, {out}, i == 3 ? Floats::Positive : Floats::Plain),
               false));
    node("BatchNormalization", inputs);
    sum = result(shape);
  }
  if (random.chance(0.6)) {
    node("Relu", {sum});
    result(shape);
  }
}

void GraphMaker::run() {
  static const std::vector<Step> steps = {
      &GraphMaker::addUnary,     &GraphMaker::addUnary,
      &GraphMaker::addBinary,    &GraphMaker::addBinary,
      &GraphMaker::addBinary,    &GraphMaker::addTranspose,
      &GraphMaker::addTranspose, &GraphMaker::addReshape,
      &GraphMaker::addReduce,    &GraphMaker::addReshapeByShape,
      &GraphMaker::addSoftmax,   &GraphMaker::addMatMul,
      &GraphMaker::addConcat,    &GraphMaker::addSlice,
      &GraphMaker::addUnsqueeze, &GraphMaker::addConv};
  // Attributes and inputs as of one version.
  c.opset = 13;
  c.looseness = 50;
  c.node.set_op_type("graph");
  Shape shape = random.chance(0.4) ? c.shape(4, 4, 300) : c.shape(0, 4, 300);
  // There is no mean, and no largest element, of nothing.
  for (int64_t &size : shape)
    size = std::max<int64_t>(size, 1);
  values.push_back({give(c.tensor(type, shape), true), shape});
  int64_t wanted = random.between(3, 9);
  for (int64_t i = 0; i < wanted; ++i) {
    // The last one most often: a chain with some branches.
    Node from = random.chance(0.7) ? values.back() : random.pick(values);
    int64_t size = 1;
    for (int64_t one : from.shape)
      size *= one;
    if (size > 0 && size < 2000)
      (this->*random.pick(steps))(from);
  }
  for (const Node &value : values)
    if (value.name[0] == 't' &&
        (value.name == values.back().name || random.chance(0.15)))
      c.results.push_back(value.name);
  if (c.results.empty()) {
    node("Abs", {values[0].name});
    c.results.push_back(result(shape));
  }
}

void nncsmith::makeGraph(Case &c) { GraphMaker(c).run(); }
