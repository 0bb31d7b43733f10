//===----------------------------------------------------------------------===//
// Random models out of patterns and single operators.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Smith/Generator.h"
#include "Patterns.h"
#include "nnc/DataIO/TensorProto.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

#include <algorithm>

using namespace nncsmith;

/// Nodes after which no step is added.
static constexpr int maxNodes = 60;
/// Outputs of a model.
static constexpr size_t maxOutputs = 6;

const std::vector<Pattern> &nncsmith::getPatterns() {
  // Young passes more often.
  static const std::vector<Pattern> patterns = {
      {"attention", makeAttention},
      {"attention", makeAttention},
      {"rotary", makeRotary},
      {"layer-norm", makeLayerNorm},
      {"softmax", makeSoftmax},
      {"perceptron", makePerceptron},
      {"convolution", makeConvolution},
      {"convolution", makeConvolution},
      {"separable", makeSeparable},
      {"separable", makeSeparable},
      {"pooling", makePooling},
      {"excitation", makeExcitation},
      {"quantized", makeQuantizedLayer},
      {"chain", makeChain},
      {"chain", makeChain},
      {"chain", makeChain},
      {"movements", makeMovements},
      {"movements", makeMovements},
      {"movements", makeMovements},
      {"parts", makeParts},
      {"shape-arithmetic", makeShapeArithmetic},
      {"reduction", makeReductionOf},
      {"diamond", makeDiamond},
      {"branch", makeBranch},
      {"loop", makeLoop},
      {"scan", makeScanOf},
  };
  return patterns;
}

//===----------------------------------------------------------------------===//
// Single operators
//===----------------------------------------------------------------------===//

/// What the graph has in place of data that a case would compute on; empty if
/// there is nothing.
static Value connect(GraphBuilder &g, const Case &c, const Tensor &wanted) {
  Value from = g.tame(g.pick());
  if (!from || nncio::isNarrowFloat(wanted.type()) ||
      wanted.type() == ElementType::String)
    return {};
  if (wanted.type() == ElementType::Bool)
    return g.adapt(from, wanted.type(), wanted.shape());
  int64_t low = INT64_MAX, high = INT64_MIN;
  bool isPositive = !wanted.empty();
  for (int64_t i = 0; i < wanted.size(); ++i) {
    low = std::min(low, wanted.getInt(i));
    high = std::max(high, wanted.getInt(i));
    isPositive &= wanted.getDouble(i) > 0;
  }
  if (!nncio::isFloat(wanted.type())) {
    // Elements that are written twice have no order; NaN is no integer.
    bool isWritten = c.node.op_type().find("Scatter") != std::string::npos;
    if (isWritten || g.allowsSpecial || wanted.empty() || high > 1000)
      return {};
    return g.adaptWithin(from, wanted, low, high);
  }
  Value value = g.adapt(from, wanted.type(), wanted.shape());
  if (!isPositive || !value || wanted.size() < 2)
    return value;
  return g.add("Add", {g.add("Abs", {value}), g.scalar(value.type(), 0.1)});
}

static void addCase(GraphBuilder &g, const Family &family) {
  Random &random = g.random;
  Case c(random.next());
  c.opset = g.opset;
  c.preferredFloat = g.floatType;
  family.make(c);
  if (c.opset != g.opset || !c.graph.empty())
    return;
  Values inputs;
  for (const std::optional<CaseInput> &input : c.inputs) {
    if (!input) {
      inputs.push_back(Value::absent());
      continue;
    }
    Value value;
    if (input->isData && random.chance(0.8))
      value = connect(g, c, input->value);
    if (!value && !input->isConstant && g.getDepth() == 0 &&
        g.getInputSamples().size() < 8)
      value = g.input(input->value);
    inputs.push_back(value ? value : g.constant(input->value));
  }
  g.add(c.node, inputs, c.numOutputs);
}

void nncsmith::addSteps(GraphBuilder &g, int64_t count) {
  for (int64_t i = 0; i < count && g.countNodes() < maxNodes; ++i) {
    Value from = g.tame(g.pick());
    if (!from || g.random.chance(0.35)) {
      addCase(g, g.random.pick(getFamilies()));
      continue;
    }
    g.random.pick(getPatterns()).make(g, from);
  }
}

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

static void addInputs(GraphBuilder &g) {
  Random &random = g.random;
  Case c(random.next());
  int64_t wanted = random.between(1, 2);
  for (int64_t i = 0; i < wanted; ++i) {
    Shape shape;
    if (random.chance(0.3))
      shape = {random.between(1, 2), random.pick<int64_t>({1, 3, 4, 8, 16, 17}),
               random.between(3, 12), random.between(3, 12)};
    else if (random.chance(0.4))
      shape = {random.between(1, 2), random.between(1, 12),
               random.pick<int64_t>({1, 3, 8, 16, 24})};
    else
      shape = c.shape(0, 4);
    Floats floats = g.allowsSpecial ? Floats::Special : Floats::Plain;
    g.input(c.tensor(g.floatType, shape, floats));
  }
}

/// Leaves dimensions of inputs free; equal ones have at times one name.
static void freeDimensions(onnx::GraphProto &graph, Random &random) {
  int number = 0;
  for (onnx::ValueInfoProto &input : *graph.mutable_input())
    for (auto &dim : *input.mutable_type()
                          ->mutable_tensor_type()
                          ->mutable_shape()
                          ->mutable_dim()) {
      if (!random.chance(0.5))
        continue;
      std::string name = random.chance(0.7)
                             ? "n" + std::to_string(dim.dim_value())
                             : "m" + std::to_string(number++);
      dim.set_dim_param(name);
    }
}

SmithModel nncsmith::generate(uint64_t seed, const GeneratorOptions &options) {
  Engine engine;
  Random random(seed);
  int64_t opset = random.pick<int64_t>({13, 18, 18, 21});
  GraphBuilder g(engine, random, opset);
  g.floatType =
      random.pick({ElementType::F32, ElementType::F32, ElementType::F32,
                   ElementType::F32, ElementType::F16, ElementType::F16,
                   ElementType::BF16, ElementType::F64});
  g.allowsSpecial = random.chance(0.12);
  addInputs(g);
  addSteps(g, random.between(1, options.maxSteps));
  Values outputs = g.findSinks();
  if (outputs.size() > maxOutputs)
    outputs.erase(outputs.begin(), outputs.end() - ptrdiff_t(maxOutputs));
  for (const Value &value : g.getPool())
    if (outputs.size() < maxOutputs && value.name[0] == 't' &&
        random.chance(0.05) &&
        std::none_of(outputs.begin(), outputs.end(),
                     [&](const Value &one) { return one.name == value.name; }))
      outputs.push_back(value);
  if (outputs.empty())
    if (Value last = g.add("Identity", {g.pick()}))
      outputs.push_back(last);
  SmithModel model{g.finishModel(outputs), g.getInputSamples()};
  if (random.chance(0.4))
    freeDimensions(*model.proto.mutable_graph(), random);
  return model;
}

onnx::ModelProto nncsmith::makeStatic(const SmithModel &model) {
  onnx::ModelProto result = model.proto;
  onnx::GraphProto &graph = *result.mutable_graph();
  for (int i = 0; i < graph.input_size(); ++i) {
    auto &shape = *graph.mutable_input(i)
                       ->mutable_type()
                       ->mutable_tensor_type()
                       ->mutable_shape();
    for (int j = 0; j < shape.dim_size(); ++j)
      shape.mutable_dim(j)->set_dim_value(
          model.inputs[size_t(i)].shape()[size_t(j)]);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

static std::string inputPath(const std::string &folder, size_t number) {
  return folder + "/test_data_set_0/input_" + std::to_string(number) + ".pb";
}

nncio::Status nncsmith::saveModel(const SmithModel &model,
                                  const std::string &folder) {
  if (std::error_code error =
          llvm::sys::fs::create_directories(folder + "/test_data_set_0"))
    return nncio::Status::failure(folder + ": " + error.message());
  std::string bytes = model.proto.SerializeAsString();
  if (nncio::Status done =
          nncio::writeFile(folder + "/model.onnx", {nncio::Span(bytes)});
      !done)
    return done;
  for (size_t i = 0; i < model.inputs.size(); ++i)
    if (nncio::Status done =
            nncio::writeTensorProto(inputPath(folder, i), model.inputs[i],
                                    model.proto.graph().input(int(i)).name());
        !done)
      return done;
  return nncio::Success();
}

nncio::Result<SmithModel> nncsmith::loadModel(const std::string &folder) {
  using Loaded = nncio::Result<SmithModel>;
  auto file = llvm::MemoryBuffer::getFile(folder + "/model.onnx");
  SmithModel model;
  if (!file || !model.proto.ParseFromString((*file)->getBuffer().str()))
    return Loaded::failure(folder + "/model.onnx is not an ONNX model");
  for (size_t i = 0; i < size_t(model.proto.graph().input_size()); ++i) {
    auto tensor = nncio::readTensorProto(inputPath(folder, i));
    if (!tensor)
      return Loaded::failure(tensor.error());
    model.inputs.push_back(std::move(tensor->tensor));
  }
  return model;
}
