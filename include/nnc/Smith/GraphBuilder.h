//===----------------------------------------------------------------------===//
// Builds a random ONNX graph of which every value is known: each node is
// computed when it is added, and not added if that fails.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_SMITH_GRAPHBUILDER_H
#define NNC_SMITH_GRAPHBUILDER_H

#include "nnc/Smith/Engine.h"

#include <set>

namespace nncsmith {

/// A value of the graph with what it is for the model's inputs.
struct Value {
  /// Empty: there is no such value, since a node could not be added.
  std::string name;
  Tensor sample;
  bool isConstant = false;
  /// An input that a node leaves out.
  bool isAbsent = false;

  static Value absent() {
    Value value;
    value.isAbsent = true;
    return value;
  }
  explicit operator bool() const { return !name.empty() || isAbsent; }
  const Shape &shape() const { return sample.shape(); }
  int64_t rank() const { return sample.rank(); }
  ElementType type() const { return sample.type(); }
};
using Values = std::vector<Value>;

using Attributes = std::vector<onnx::AttributeProto>;
onnx::AttributeProto attr(const std::string &name, int64_t value);
onnx::AttributeProto attr(const std::string &name, double value);
onnx::AttributeProto attr(const std::string &name, const std::string &value);
onnx::AttributeProto attr(const std::string &name, const Shape &values);
onnx::AttributeProto attr(const std::string &name, onnx::GraphProto graph);

/// A graph, or with an `outer` one a body of it, which sees the outer values.
class GraphBuilder {
public:
  GraphBuilder(Engine &engine, Random &random, int64_t opset,
               GraphBuilder *outer = nullptr);

  Random &random;
  const int64_t opset;
  /// What the steps of the graph compute on, mostly.
  ElementType floatType = ElementType::F32;
  /// Nodes may compute on NaN, infinities and huge numbers too.
  bool allowsSpecial = false;

  /// ---- values ----
  Value input(Tensor sample);
  Value constant(Tensor sample);
  Value ints(const Shape &values);
  Value scalar(ElementType type, double value);
  /// A fresh tensor: a constant, or at times an input.
  Value fresh(ElementType type, const Shape &shape,
              Floats floats = Floats::Unit);

  /// ---- nodes ----
  /// The results of a node; none if an input is missing, if the importer
  /// refuses the node, or if it can not be computed.
  Values add(onnx::NodeProto node, const Values &inputs, unsigned numOutputs,
             const Values &captured = {});
  Value add(const std::string &op, const Values &inputs,
            const Attributes &attributes = {});

  /// Makes a value of this type and shape out of another one by nodes that move
  /// elements and convert them.
  Value adapt(Value from, ElementType type, const Shape &shape);
  /// The same with elements within [low, high].
  Value adaptWithin(const Value &from, const Tensor &like, int64_t low,
                    int64_t high);

  /// ---- the graph ----
  /// What nodes may compute on: values that are finite and not huge.
  const Values &getPool() const { return pool; }
  /// The last one most often: a chain with some branches.
  Value pick();
  /// Makes floats that have grown too large small again.
  Value tame(const Value &value);

  /// The graph with these outputs, and the nodes that they need.
  onnx::GraphProto finish(const Values &outputs) const;
  onnx::ModelProto finishModel(const Values &outputs) const;
  /// The values that no node of the graph reads.
  Values findSinks() const;
  const Tensors &getInputSamples() const { return inputSamples; }
  Engine &getEngine() { return engine; }
  /// What a body of this graph may read.
  const Values &getScope() const { return scope; }
  int countNodes() const { return graph.node_size(); }
  /// Bodies around this graph.
  int getDepth() const { return outer ? outer->getDepth() + 1 : 0; }

private:
  std::string makeName(char kind);
  void keep(const Value &value);
  Value adaptShape(const Value &from, const Shape &shape);
  Value sliceTo(const Value &from, const Shape &shape);
  Value growTo(const Value &from, const Shape &shape);
  GraphBuilder &top() { return outer ? outer->top() : *this; }

  Engine &engine;
  GraphBuilder *outer;
  onnx::GraphProto graph;
  Values pool;
  Values scope;
  Tensors inputSamples;
  int count = 0;
};

/// Drops nodes and initializers that no output needs.
void removeDeadNodes(onnx::GraphProto &graph);
/// The names that nodes, their bodies and outputs read.
std::set<std::string> findReads(const onnx::GraphProto &graph);

/// Adds nodes of random operators and patterns, at most so many.
void addSteps(GraphBuilder &g, int64_t count);

/// Adds part of a network that computes from a value.
struct Pattern {
  const char *name;
  Value (*make)(GraphBuilder &g, const Value &from);
};
const std::vector<Pattern> &getPatterns();

} // namespace nncsmith

#endif // NNC_SMITH_GRAPHBUILDER_H
