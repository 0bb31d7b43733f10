//===----------------------------------------------------------------------===//
// Random parts of cases, and cases as a model.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Smith/Case.h"
#include "nnc/DataIO/TensorProto.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace nncsmith;

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

uint64_t Random::next() {
  uint64_t z = (state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

int64_t Random::between(int64_t low, int64_t high) {
  return low + int64_t(next() % uint64_t(high - low + 1));
}

double Random::real(double low, double high) {
  return low + (high - low) * (double(next() >> 11) * 0x1p-53);
}

//===----------------------------------------------------------------------===//
// The node
//===----------------------------------------------------------------------===//

Case::Case(uint64_t seed) : random(seed) {
  opset = random.pick<int64_t>({13, 18, 21});
  dynamicProbability = random.chance(0.5) ? 0.6 : 0.0;
  plainStyle = random.chance(0.15) ? Floats::Special : Floats::Plain;
}

void Case::op(const std::string &name, const std::string &domain) {
  node.set_op_type(name);
  node.set_domain(domain);
}

static onnx::AttributeProto &
addAttribute(onnx::NodeProto &node, const std::string &name,
             onnx::AttributeProto::AttributeType type) {
  onnx::AttributeProto &attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}

void Case::attr(const std::string &name, int64_t value) {
  addAttribute(node, name, onnx::AttributeProto::INT).set_i(value);
}

void Case::attr(const std::string &name, double value) {
  addAttribute(node, name, onnx::AttributeProto::FLOAT).set_f(float(value));
}

void Case::attr(const std::string &name, const std::string &value) {
  addAttribute(node, name, onnx::AttributeProto::STRING).set_s(value);
}

void Case::attr(const std::string &name, const Shape &values) {
  auto &attribute = addAttribute(node, name, onnx::AttributeProto::INTS);
  for (int64_t value : values)
    attribute.add_ints(value);
}

void Case::attr(const std::string &name,
                const std::vector<std::string> &values) {
  auto &attribute = addAttribute(node, name, onnx::AttributeProto::STRINGS);
  for (const std::string &value : values)
    attribute.add_strings(value);
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

void Case::data(Tensor value) {
  CaseInput input;
  input.isData = true;
  input.isConstant = random.chance(0.1);
  for (int64_t i = 0; i < value.rank(); ++i)
    input.free.push_back(!input.isConstant &&
                         random.chance(dynamicProbability));
  input.value = std::move(value);
  inputs.push_back(std::move(input));
}

void Case::constant(Tensor value) {
  CaseInput input;
  input.isConstant = random.chance(0.85);
  input.free.assign(value.rank(), false);
  input.value = std::move(value);
  inputs.push_back(std::move(input));
}

//===----------------------------------------------------------------------===//
// Random parts
//===----------------------------------------------------------------------===//

ElementType Case::floatType() {
  if (preferredFloat && random.chance(0.8))
    return *preferredFloat;
  return random.chance(0.55) ? ElementType::F32
                             : random.pick({ElementType::F64, ElementType::F16,
                                            ElementType::BF16});
}

int64_t Case::dim() {
  if (random.chance(0.04))
    return 0;
  if (random.chance(0.25))
    return 1;
  return random.pick<int64_t>(
      {2, 2, 3, 3, 4, 5, 5, 6, 7, 8, 9, 11, 13, 16, 17, 19});
}

Shape Case::shape(int64_t minRank, int64_t maxRank, int64_t maxElements) {
  Shape result;
  int64_t rank = random.between(minRank, maxRank), count = 1;
  for (int64_t i = 0; i < rank; ++i) {
    int64_t size = std::min(dim(), std::max<int64_t>(1, maxElements / count));
    result.push_back(size);
    count *= std::max<int64_t>(1, size);
  }
  return result;
}

static double makeSpecial(Random &random) {
  double infinity = std::numeric_limits<double>::infinity();
  return random.pick<double>({NAN, infinity, -infinity, 0.0, -0.0, 1e-40,
                              -1e-30, 1e30, -1e30, 0.5, -1.5, 2.5, 1, -1});
}

Tensor Case::tensor(ElementType type, const Shape &shape, Floats floats) {
  if (!nncio::isFloat(type)) {
    if (type == ElementType::Bool)
      return whole(type, shape, 0, 1);
    if (random.chance(0.1) && floats == Floats::Special)
      return whole(type, shape, std::numeric_limits<int64_t>::min() / 2,
                   std::numeric_limits<int64_t>::max() / 2);
    return whole(type, shape, nncio::isUnsigned(type) ? 0 : -9, 9);
  }
  Tensor result(type, shape);
  if (floats == Floats::Special && plainStyle != Floats::Special)
    floats = Floats::Plain;
  bool quarters = random.chance(0.3);
  for (int64_t i = 0; i < result.size(); ++i) {
    double value = floats == Floats::Positive ? random.real(0.1, 4)
                   : floats == Floats::Unit   ? random.real(-1, 1)
                                              : random.real(-4, 4);
    if (quarters && floats != Floats::Positive)
      value = std::round(value * 4) / 4;
    if (floats == Floats::Special && random.chance(0.25))
      value = makeSpecial(random);
    result.setDouble(i, value);
  }
  return result;
}

Tensor Case::whole(ElementType type, const Shape &shape, int64_t low,
                   int64_t high) {
  Tensor result(type, shape);
  for (int64_t i = 0; i < result.size(); ++i)
    result.setInt(i, random.between(low, high));
  return result;
}

int64_t Case::axis(int64_t rank) {
  return rank == 0 ? 0 : random.between(-rank, rank - 1);
}

Shape Case::axes(int64_t rank, double probability) {
  Shape result;
  for (int64_t i = 0; i < rank; ++i)
    if (random.chance(probability))
      result.push_back(i);
  return result;
}

Shape Case::someNegative(Shape axes, int64_t rank) {
  for (int64_t &axis : axes)
    if (random.chance(0.3))
      axis -= rank;
  return axes;
}

Shape Case::broadcastable(const Shape &shape) {
  Shape result = shape;
  for (int64_t &size : result)
    if (random.chance(0.3))
      size = 1;
  if (random.chance(0.35))
    result.erase(result.begin(),
                 result.begin() + random.between(0, int64_t(result.size())));
  return result;
}

//===----------------------------------------------------------------------===//
// Cases as a model
//===----------------------------------------------------------------------===//

static void addInput(onnx::GraphProto &graph, const std::string &name,
                     const CaseInput &input) {
  onnx::ValueInfoProto &info = *graph.add_input();
  info.set_name(name);
  onnx::TypeProto::Tensor &type = *info.mutable_type()->mutable_tensor_type();
  type.set_elem_type(int32_t(input.value.type()));
  type.mutable_shape();
  for (int64_t i = 0; i < input.value.rank(); ++i) {
    auto &dim = *type.mutable_shape()->add_dim();
    if (input.free[i])
      dim.set_dim_param(name + "_d" + std::to_string(i));
    else
      dim.set_dim_value(input.value.shape()[i]);
  }
}

/// The node of a case, or its graph; names start with `prefix`.
static void addNodes(onnx::GraphProto &graph, const Case &c,
                     const std::string &prefix,
                     std::vector<std::string> &outputs) {
  if (c.graph.empty()) {
    onnx::NodeProto &node = *graph.add_node();
    node = c.node;
    node.set_name(prefix);
    for (size_t j = 0; j < c.inputs.size(); ++j)
      node.add_input(c.inputs[j] ? prefix + "_x" + std::to_string(j) : "");
    for (unsigned j = 0; j < c.numOutputs; ++j)
      outputs.push_back(prefix + "_y" + std::to_string(j));
    for (const std::string &output : outputs)
      node.add_output(output);
    return;
  }
  for (const onnx::NodeProto &one : c.graph) {
    onnx::NodeProto &node = *graph.add_node();
    node = one;
    for (std::string &name : *node.mutable_input())
      name = prefix + "_" + name;
    for (std::string &name : *node.mutable_output())
      name = prefix + "_" + name;
    node.set_name(node.output(0));
  }
  for (const std::string &name : c.results)
    outputs.push_back(prefix + "_" + name);
}

CaseModel nncsmith::makeModel(const std::vector<const Case *> &cases) {
  CaseModel model;
  model.proto.set_ir_version(8);
  onnx::GraphProto &graph = *model.proto.mutable_graph();
  graph.set_name("cases");
  auto addOpset = [&](const char *domain, int64_t version) {
    auto &opset = *model.proto.add_opset_import();
    opset.set_domain(domain);
    opset.set_version(version);
  };
  addOpset("", cases.front()->opset);
  addOpset("com.microsoft", 1);
  for (size_t i = 0; i < cases.size(); ++i) {
    const Case &c = *cases[i];
    std::string prefix = "c" + std::to_string(i);
    for (size_t j = 0; j < c.inputs.size(); ++j) {
      std::string name = prefix + "_x" + std::to_string(j);
      if (!c.inputs[j])
        continue;
      if (!c.inputs[j]->isConstant) {
        addInput(graph, name, *c.inputs[j]);
        model.inputs.push_back(c.inputs[j]->value);
        continue;
      }
      auto bytes = nncio::serializeTensorProto(c.inputs[j]->value, name);
      graph.add_initializer()->ParseFromString(*bytes);
    }
    std::vector<std::string> outputs;
    addNodes(graph, c, prefix, outputs);
    for (const std::string &name : outputs) {
      graph.add_output()->set_name(name);
      model.owners.push_back(i);
    }
  }
  return model;
}

const std::vector<Family> &nncsmith::getFamilies() {
  static const std::vector<Family> families = {
      {"unary", makeUnary},
      {"binary", makeBinary},
      {"ternary", makeTernary},
      {"activation", makeActivation},
      {"cast", makeCast},
      {"reduction", makeReduction},
      {"scan", makeScan},
      {"normalization", makeNormalization},
      {"matmul", makeMatMul},
      {"einsum", makeEinsum},
      {"conv", makeConv},
      {"conv_transpose", makeConvTranspose},
      {"pool", makePool},
      {"movement", makeMovement},
      {"pad", makePad},
      {"gather", makeGather},
      {"scatter", makeScatter},
      {"selection", makeSelection},
      {"resize", makeResize},
      {"sampling", makeSampling},
      {"quantized", makeQuantized},
      {"recurrent", makeRecurrent},
      {"signal", makeSignal},
      {"graph", makeGraph},
  };
  return families;
}
