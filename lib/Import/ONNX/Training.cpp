//===----------------------------------------------------------------------===//
// Import of the steps of optimizers, of ai.onnx.preview.training.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "NodeBinder.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

namespace {
/// Arithmetic in which numbers of the node's attributes take part.
struct Formula {
  NodeBinder &node;
  Type type;

  Value number(double value) { return node.scalar(type, value); }
  Value attr(StringRef name, double value) {
    return number(node.floatAttr(name, value));
  }
  Value add(Value a, Value b) { return node.create<nn::AddOp>(a, b); }
  Value sub(Value a, Value b) { return node.create<nn::SubOp>(a, b); }
  Value mul(Value a, Value b) { return node.create<nn::MulOp>(a, b); }
  Value div(Value a, Value b) { return node.create<nn::DivOp>(a, b); }
  Value sqrt(Value a) { return node.create<nn::SqrtOp>(a); }
  Value oneMinus(Value a) { return sub(number(1), a); }
  /// onTrue if the count of steps is above 0.
  Value ifStarted(Value count, Value onTrue, Value onFalse) {
    Value zero = node.scalar(node.elementTypeOf(count), 0);
    return node.create<nn::WhereOp>(node.create<nn::LessOp>(zero, count),
                                    onTrue, onFalse);
  }
  /// The gradient with the one of the regularization, norm_coefficient * x.
  Value regularize(Value x, Value gradient) {
    return add(mul(attr("norm_coefficient", 0), x), gradient);
  }
};

/// A step of one tensor: takes rate, count of steps and the tensor's values
/// (itself, gradient, state); gives the new ones without the gradient.
using Step = SmallVector<Value> (*)(Formula &f, Value rate, Value count,
                                    ArrayRef<Value> values);
} // namespace

/// Inputs and outputs are listed value by value, each for all tensors.
static LogicalResult importSteps(NodeBinder &node, size_t numValues,
                                 Step step) {
  FailureOr<SmallVector<Value>> inputs = node.inputsFrom(0);
  if (failed(inputs))
    return failure();
  if (inputs->size() < 2 + numValues || (inputs->size() - 2) % numValues != 0)
    return node.error("expects rate, count and " + Twine(numValues) +
                      " inputs for each tensor, but got " +
                      Twine(inputs->size()) + " inputs");
  size_t tensors = (inputs->size() - 2) / numValues;
  for (size_t i = 0; i < tensors; ++i) {
    SmallVector<Value> values;
    for (size_t value = 0; value < numValues; ++value)
      values.push_back((*inputs)[2 + value * tensors + i]);
    Formula f{node, node.elementTypeOf(values.front())};
    Value rate = (*inputs)[0];
    if (node.elementTypeOf(rate) != f.type)
      rate = node.create<nn::CastOp>(rate, f.type);
    SmallVector<Value> results = step(f, rate, (*inputs)[1], values);
    for (auto [value, result] : llvm::enumerate(results))
      if (failed(node.result(value * tensors + i, result)))
        return failure();
  }
  return success();
}

/// Values: x, gradient, sum of squares.
static SmallVector<Value> stepAdagrad(Formula &f, Value rate, Value count,
                                      ArrayRef<Value> values) {
  Value steps = f.node.create<nn::CastOp>(count, f.type);
  Value decay = f.mul(steps, f.attr("decay_factor", 0));
  rate = f.div(rate, f.add(f.number(1), decay));
  Value gradient = f.regularize(values[0], values[1]);
  Value sum = f.add(values[2], f.mul(gradient, gradient));
  Value size = f.add(f.sqrt(sum), f.attr("epsilon", 1e-6));
  Value change = f.div(f.mul(rate, gradient), size);
  return {f.sub(values[0], change), sum};
}

/// Values: x, gradient, mean of gradients, mean of their squares.
static SmallVector<Value> stepAdam(Formula &f, Value rate, Value count,
                                   ArrayRef<Value> values) {
  Value alpha = f.attr("alpha", 0.9), beta = f.attr("beta", 0.999);
  Value gradient = f.regularize(values[0], values[1]);
  Value mean =
      f.add(f.mul(alpha, values[2]), f.mul(f.oneMinus(alpha), gradient));
  Value squares = f.add(f.mul(beta, values[3]),
                        f.mul(f.oneMinus(beta), f.mul(gradient, gradient)));
  Value size = f.add(f.sqrt(squares), f.attr("epsilon", 1e-6));
  // Both means start at 0, which is corrected for after the first step.
  Value steps = f.node.create<nn::CastOp>(count, f.type);
  auto rest = [&](Value base) {
    return f.oneMinus(f.node.create<nn::PowOp>(base, steps));
  };
  Value corrected = f.div(f.mul(rate, f.sqrt(rest(beta))), rest(alpha));
  rate = f.ifStarted(count, corrected, rate);
  Value x = f.sub(values[0], f.mul(rate, f.div(mean, size)));
  Value shrink = f.oneMinus(f.attr("norm_coefficient_post", 0));
  return {f.mul(shrink, x), mean, squares};
}

/// Values: x, gradient, momentum.
static SmallVector<Value> stepMomentum(Formula &f, Value rate, Value count,
                                       ArrayRef<Value> values) {
  Value alpha = f.attr("alpha", 0), one = f.number(1);
  Value gradient = f.regularize(values[0], values[1]);
  Value beta = f.ifStarted(count, f.attr("beta", 0), one);
  Value momentum = f.add(f.mul(alpha, values[2]), f.mul(beta, gradient));
  Value change = momentum;
  if (f.node.stringAttr("mode", "standard") == "nesterov")
    change = f.add(gradient, f.mul(alpha, momentum));
  return {f.sub(values[0], f.mul(rate, change)), momentum};
}

static LogicalResult importAdagrad(NodeBinder &node) {
  return importSteps(node, 3, stepAdagrad);
}

static LogicalResult importAdam(NodeBinder &node) {
  return importSteps(node, 4, stepAdam);
}

static LogicalResult importMomentum(NodeBinder &node) {
  std::string mode = node.stringAttr("mode", "standard");
  if (mode != "standard" && mode != "nesterov")
    return node.error("expects attribute 'mode' of standard or nesterov, but "
                      "got '" +
                      mode + "'");
  return importSteps(node, 3, stepMomentum);
}

void onnximport::addTrainingOperators(OpTable &table) {
  constexpr StringLiteral domain = "ai.onnx.preview.training";
  table.addTo(domain, "Adagrad", 1, importAdagrad);
  table.addTo(domain, "Adam", 1, importAdam);
  table.addTo(domain, "Momentum", 1, importMomentum);
}
