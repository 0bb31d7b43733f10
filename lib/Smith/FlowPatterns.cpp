//===----------------------------------------------------------------------===//
// Control flow: bodies are made like graphs.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Patterns.h"

using namespace nncsmith;

/// Bodies in bodies.
static constexpr int maxDepth = 2;

/// A few steps, then their last float in the form of `like`; a value of the
/// body itself.
static Value makeBodyResult(GraphBuilder &body, const Value &like) {
  addSteps(body, body.random.between(1, 3));
  Value last = body.tame(body.pick());
  if (last && last.type() != like.type() && !nncio::isFloat(last.type()))
    last = {};
  Value result = last ? body.adapt(last, like.type(), like.shape()) : Value();
  if (!result)
    result = body.fresh(like.type(), like.shape());
  return body.add("Identity", {result});
}

Value nncsmith::makeBranch(GraphBuilder &g, const Value &from) {
  Random &random = g.random;
  if (g.getDepth() >= maxDepth || !nncio::isFloat(from.type()))
    return {};
  Value condition;
  Value one = g.adapt(g.pick(), ElementType::Bool, {});
  if (one && random.chance(0.5))
    condition = one;
  else if (g.getDepth() == 0 && random.chance(0.7))
    condition = g.input(
        Tensor::fromInts(ElementType::Bool, {}, {random.between(0, 1)}));
  else
    condition = g.constant(
        Tensor::fromInts(ElementType::Bool, {}, {random.between(0, 1)}));
  onnx::NodeProto node;
  node.set_op_type("If");
  for (const char *name : {"then_branch", "else_branch"}) {
    GraphBuilder body(g.getEngine(), random, g.opset, &g);
    Value result = makeBodyResult(body, from);
    if (!result)
      return {};
    *node.add_attribute() = attr(name, body.finish({result}));
  }
  Values results = g.add(node, {condition}, 1, g.getScope());
  return results.empty() ? Value() : results.front();
}

Value nncsmith::makeLoop(GraphBuilder &g, const Value &from) {
  Random &random = g.random;
  if (g.getDepth() >= maxDepth || !nncio::isFloat(from.type()))
    return {};
  bool collects = random.chance(0.4);
  GraphBuilder body(g.getEngine(), random, g.opset, &g);
  body.input(Tensor::fromInts(ElementType::I64, {}, {0}));
  Value going = body.input(Tensor::fromInts(ElementType::Bool, {}, {1}));
  body.input(from.sample);
  Value next = makeBodyResult(body, from);
  Value goesOn = body.add("Identity", {going});
  Values outputs{goesOn, next};
  if (collects)
    outputs.push_back(body.add("Abs", {next}));
  for (const Value &output : outputs)
    if (!output)
      return {};
  onnx::NodeProto node;
  node.set_op_type("Loop");
  *node.add_attribute() = attr("body", body.finish(outputs));
  Tensor trips = Tensor::fromInts(ElementType::I64, {}, {random.between(0, 4)});
  Value count = g.getDepth() == 0 && random.chance(0.5) ? g.input(trips)
                                                        : g.constant(trips);
  Value begin =
      g.constant(Tensor::fromInts(ElementType::Bool, {}, {random.chance(0.9)}));
  Values results =
      g.add(node, {count, begin, from}, collects ? 2 : 1, g.getScope());
  return results.empty() ? Value() : g.random.pick(results);
}

Value nncsmith::makeScanOf(GraphBuilder &g, const Value &from) {
  Random &random = g.random;
  if (g.getDepth() >= maxDepth || !nncio::isFloat(from.type()) ||
      from.rank() == 0 || from.shape()[0] == 0)
    return {};
  Shape inner(from.shape().begin() + 1, from.shape().end());
  Value element = g.adapt(from, from.type(), inner);
  Value state = g.fresh(from.type(), inner);
  if (!element || !state)
    return {};
  GraphBuilder body(g.getEngine(), random, g.opset, &g);
  Value carried = body.input(state.sample);
  body.input(element.sample);
  Value next = makeBodyResult(body, carried);
  Value seen = body.add("Tanh", {next});
  if (!seen)
    return {};
  onnx::NodeProto node;
  node.set_op_type("Scan");
  *node.add_attribute() = attr("body", body.finish({next, seen}));
  *node.add_attribute() = attr("num_scan_inputs", int64_t(1));
  if (random.chance(0.3))
    *node.add_attribute() = attr("scan_input_directions", Shape{1});
  Values results = g.add(node, {state, from}, 2, g.getScope());
  return results.empty() ? Value() : g.random.pick(results);
}
