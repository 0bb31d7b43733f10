//===----------------------------------------------------------------------===//
// Smaller models that are still bad.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/DataIO/TensorProto.h"
#include "nnc/Smith/Differential.h"
#include "nnc/Smith/GraphBuilder.h"

#include <map>
#include <set>

using namespace nncsmith;

namespace {
class Shrinker {
public:
  Shrinker(const SmithModel &model,
           const std::function<bool(const SmithModel &)> &isBad)
      : best(model), isBad(isBad) {}

  SmithModel run();

private:
  /// Takes `candidate` if it is bad.
  bool take(SmithModel candidate);
  void computeValues();
  bool keepOneOutput();
  /// Nodes at the end give way to what they read.
  bool dropSinks();
  /// Nodes [begin, end) give way to inputs.
  bool cut(int begin, int end);
  bool cutMany();
  bool turnInputsToConstants();
  bool clearElements();

  SmithModel best;
  const std::function<bool(const SmithModel &)> &isBad;
  /// What the interpreter gives for the values of the whole model.
  std::map<std::string, Tensor> values;
};
} // namespace

/// Inputs that nothing reads leave with their tensors.
static void removeDeadInputs(SmithModel &model) {
  onnx::GraphProto &graph = *model.proto.mutable_graph();
  removeDeadNodes(graph);
  std::set<std::string> read = findReads(graph);
  onnx::GraphProto kept = graph;
  kept.clear_input();
  Tensors inputs;
  for (int i = 0; i < graph.input_size(); ++i)
    if (read.count(graph.input(i).name())) {
      *kept.add_input() = graph.input(i);
      inputs.push_back(model.inputs[size_t(i)]);
    }
  graph = std::move(kept);
  model.inputs = std::move(inputs);
}

bool Shrinker::take(SmithModel candidate) {
  removeDeadInputs(candidate);
  const onnx::GraphProto &graph = candidate.proto.graph();
  if (graph.output_size() == 0 || graph.node_size() == 0 || !isBad(candidate))
    return false;
  best = std::move(candidate);
  return true;
}

void Shrinker::computeValues() {
  onnx::ModelProto model = best.proto;
  onnx::GraphProto &graph = *model.mutable_graph();
  graph.clear_output();
  for (const onnx::NodeProto &node : graph.node())
    for (const std::string &name : node.output())
      if (!name.empty())
        graph.add_output()->set_name(name);
  Engine engine;
  mlir::OwningOpRef<mlir::ModuleOp> module = engine.import(model);
  Outputs results = module ? interpret(*module, best.inputs)
                           : Outputs::failure(engine.takeErrors());
  for (int i = 0; results && i < graph.output_size(); ++i)
    values[graph.output(i).name()] = (*results)[size_t(i)];
}

bool Shrinker::keepOneOutput() {
  for (int i = 0; best.proto.graph().output_size() > 1 &&
                  i < best.proto.graph().output_size();
       ++i) {
    SmithModel candidate = best;
    candidate.proto.mutable_graph()->clear_output();
    *candidate.proto.mutable_graph()->add_output() =
        best.proto.graph().output(i);
    if (take(std::move(candidate)))
      return true;
  }
  return false;
}

bool Shrinker::dropSinks() {
  bool changed = false;
  for (int i = best.proto.graph().node_size(); i-- > 0;) {
    SmithModel candidate = best;
    onnx::GraphProto &graph = *candidate.proto.mutable_graph();
    if (i >= graph.node_size())
      continue;
    std::set<std::string> outputs(graph.node(i).output().begin(),
                                  graph.node(i).output().end());
    onnx::GraphProto kept = graph;
    kept.clear_output();
    bool isSink = false;
    for (const onnx::ValueInfoProto &output : graph.output())
      if (outputs.count(output.name()))
        isSink = true;
      else
        *kept.add_output() = output;
    if (!isSink)
      continue;
    for (const std::string &name : graph.node(i).input())
      if (values.count(name))
        kept.add_output()->set_name(name);
    graph = std::move(kept);
    changed |= take(std::move(candidate));
  }
  return changed;
}

static void addInput(SmithModel &model, const std::string &name,
                     const Tensor &value) {
  onnx::ValueInfoProto &info = *model.proto.mutable_graph()->add_input();
  info.set_name(name);
  auto &type = *info.mutable_type()->mutable_tensor_type();
  type.set_elem_type(int32_t(value.type()));
  type.mutable_shape();
  for (int64_t size : value.shape())
    type.mutable_shape()->add_dim()->set_dim_value(size);
  model.inputs.push_back(value);
}

bool Shrinker::cut(int begin, int end) {
  SmithModel candidate = best;
  onnx::GraphProto &graph = *candidate.proto.mutable_graph();
  onnx::GraphProto kept = graph;
  kept.clear_node();
  std::vector<std::string> missing;
  for (int i = 0; i < graph.node_size(); ++i) {
    if (i < begin || i >= end) {
      *kept.add_node() = graph.node(i);
      continue;
    }
    for (const std::string &name : graph.node(i).output())
      missing.push_back(name);
  }
  for (const onnx::ValueInfoProto &output : graph.output())
    for (const std::string &name : missing)
      if (output.name() == name)
        return false;
  graph = std::move(kept);
  std::set<std::string> read = findReads(graph);
  for (const std::string &name : missing) {
    if (!read.count(name))
      continue;
    auto value = values.find(name);
    if (value == values.end() || value->second.isSequence() ||
        value->second.isAbsent())
      return false;
    addInput(candidate, name, value->second);
  }
  return take(std::move(candidate));
}

bool Shrinker::cutMany() {
  bool changed = false;
  for (int size = best.proto.graph().node_size() / 2; size > 0; size /= 2)
    for (int begin = 0; begin < best.proto.graph().node_size();)
      if (cut(begin, begin + size))
        changed = true;
      else
        begin += size;
  return changed;
}

bool Shrinker::turnInputsToConstants() {
  bool changed = false;
  for (int i = best.proto.graph().input_size(); i-- > 0;) {
    SmithModel candidate = best;
    onnx::GraphProto &graph = *candidate.proto.mutable_graph();
    auto bytes = nncio::serializeTensorProto(candidate.inputs[size_t(i)],
                                             graph.input(i).name());
    if (!bytes)
      continue;
    graph.add_initializer()->ParseFromString(*bytes);
    graph.mutable_input()->DeleteSubrange(i, 1);
    candidate.inputs.erase(candidate.inputs.begin() + i);
    changed |= take(std::move(candidate));
  }
  return changed;
}

/// Inputs whose elements do not matter are all ones.
bool Shrinker::clearElements() {
  bool changed = false;
  for (size_t i = 0; i < best.inputs.size(); ++i) {
    SmithModel candidate = best;
    Tensor &input = candidate.inputs[i];
    if (!nncio::isFloat(input.type()))
      continue;
    for (int64_t j = 0; j < input.size(); ++j)
      input.setDouble(j, 1);
    changed |= take(std::move(candidate));
  }
  return changed;
}

SmithModel Shrinker::run() {
  computeValues();
  keepOneOutput();
  for (int round = 0; round < 4; ++round) {
    bool changed = dropSinks();
    changed |= cutMany();
    if (!changed)
      break;
  }
  take({makeStatic(best), best.inputs});
  clearElements();
  turnInputsToConstants();
  return best;
}

SmithModel
nncsmith::shrink(const SmithModel &model,
                 const std::function<bool(const SmithModel &)> &isBad) {
  return Shrinker(model, isBad).run();
}
