//===----------------------------------------------------------------------===//
// Import of the domain com.microsoft: operators that ONNX Runtime's optimizer
// and tools write into models, composed of ops that we have.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "LinearWindow.h"
#include "NodeBinder.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;
using llvm::APFloat;

static constexpr StringLiteral domain = "com.microsoft";

//===----------------------------------------------------------------------===//
// Linear
//===----------------------------------------------------------------------===//

/// Parameter `index` of a fused activation, or `byDefault`.
static double getParameter(NodeBinder &node, size_t index, double byDefault) {
  std::optional<SmallVector<float>> list = node.floatsAttr("activation_params");
  return list && index < list->size() ? (*list)[index] : byDefault;
}

/// The function in attribute `activation` on `value`.
static Value activate(NodeBinder &node, Value value) {
  if (!value || !node.hasAttr("activation"))
    return value;
  std::string name = node.stringAttr("activation", "");
  Type type = node.elementTypeOf(value);
  if (name == "Relu")
    return node.create<nn::ReluOp>(value);
  if (name == "Tanh")
    return node.create<nn::TanhOp>(value);
  if (name == "Sigmoid")
    return node.create<nn::SigmoidOp>(value);
  if (name == "LeakyRelu")
    return node.create<nn::PReluOp>(
        value, node.scalar(type, getParameter(node, 0, 0.01)));
  if (name == "HardSigmoid")
    return node.create<nn::HardSigmoidOp>(value,
                                          APFloat(getParameter(node, 0, 0.2)),
                                          APFloat(getParameter(node, 1, 0.5)));
  if (name == "Clip") {
    double infinity = std::numeric_limits<double>::infinity();
    Value above = node.create<nn::MaxOp>(
        value, node.scalar(type, getParameter(node, 0, -infinity)));
    return node.create<nn::MinOp>(
        above, node.scalar(type, getParameter(node, 1, infinity)));
  }
  (void)node.error("expects activation Relu, Tanh, Sigmoid, LeakyRelu, "
                   "HardSigmoid or Clip, but got '" +
                   name + "'");
  return {};
}

/// Input 3 is added before the activation.
static LogicalResult importFusedConv(NodeBinder &node) {
  Value sum = createConv(node);
  if (sum && node.hasInput(3)) {
    Value addend = node.input(3);
    sum = addend ? node.create<nn::AddOp>(sum, addend) : Value();
  }
  return node.result(activate(node, sum));
}

/// An operand with its batch axes, then its matrix, transposed as asked for.
static Value importMatrix(NodeBinder &node, size_t index, StringRef transpose,
                          StringRef transposeBatch) {
  Value tensor = node.input(index);
  if (!tensor)
    return {};
  int64_t rank = node.rankOf(tensor);
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  bool isChanged = false;
  // The first axis becomes the rows, the axes between are the batch.
  if (node.intAttr(transposeBatch, 0) && rank > 2) {
    std::rotate(axes.begin(), axes.begin() + 1, axes.end() - 1);
    isChanged = true;
  }
  if (node.intAttr(transpose, 0) && rank > 1) {
    std::swap(axes[rank - 2], axes[rank - 1]);
    isChanged = true;
  }
  return isChanged ? node.transpose(tensor, axes) : tensor;
}

static LogicalResult importFusedMatMul(NodeBinder &node) {
  Value lhs = importMatrix(node, 0, "transA", "transBatchA");
  Value rhs = importMatrix(node, 1, "transB", "transBatchB");
  if (!lhs || !rhs)
    return failure();
  Value product = node.create<nn::MatMulOp>(lhs, rhs);
  double alpha = node.floatAttr("alpha", 1);
  if (product && alpha != 1)
    product = node.create<nn::MulOp>(
        product, node.scalar(node.elementTypeOf(product), alpha));
  return node.result(product);
}

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

/// Of input 0, plus a bias in input 1 if it is given.
template <bool tanh>
static LogicalResult importGelu(NodeBinder &node) {
  Value input = node.input(0), bias = node.optionalInput(1);
  if (!input || (node.hasInput(1) && !bias))
    return failure();
  if (bias)
    input = node.create<nn::AddOp>(input, bias);
  return node.result(input ? node.create<nn::GeluOp>(input, tanh) : Value());
}

static LogicalResult importQuickGelu(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  Value factor =
      node.scalar(node.elementTypeOf(input), node.floatAttr("alpha", 1.702f));
  Value gate =
      node.create<nn::SigmoidOp>(node.create<nn::MulOp>(input, factor));
  return node.result(node.create<nn::MulOp>(input, gate));
}

//===----------------------------------------------------------------------===//
// Normalization
//===----------------------------------------------------------------------===//

/// The normalization over the last axis of input 0 plus input 1, times a scale
/// in input 2; `uncentered` leaves out mean and bias. The sum is output 3.
template <bool uncentered>
static LogicalResult importSkipLayerNorm(NodeBinder &node) {
  Value input = node.input(0), skip = node.input(1), scale = node.input(2);
  if (!input || !skip || !scale)
    return failure();
  if (node.hasOutput(1) || node.hasOutput(2))
    return node.error("expects that mean and deviation are not asked for "
                      "(outputs 1 and 2), but one is");
  constexpr size_t addendIndex = uncentered ? 3 : 4;
  Value sum = node.create<nn::AddOp>(input, skip);
  if (node.hasInput(addendIndex)) {
    Value addend = node.input(addendIndex);
    sum = sum && addend ? node.create<nn::AddOp>(sum, addend) : Value();
  }
  if (!sum)
    return failure();
  Value result = node.create<nn::NormalizeOp>(
      sum, ArrayRef<int64_t>{node.rankOf(sum) - 1},
      APFloat(node.floatAttr("epsilon", 1e-12f)), uncentered);
  if (result)
    result = node.create<nn::MulOp>(result, scale);
  if (!uncentered && node.hasInput(3)) {
    Value bias = node.input(3);
    result = result && bias ? node.create<nn::AddOp>(result, bias) : Value();
  }
  if (failed(node.result(0, result)))
    return failure();
  return node.result(3, sum);
}

void onnximport::addContribOperators(OpTable &table) {
  table.addTo(domain, "BiasGelu", 1, importGelu</*tanh=*/false>);
  table.addTo(domain, "FastGelu", 1, importGelu</*tanh=*/true>);
  table.addTo(domain, "FusedConv", 1, importFusedConv);
  table.addTo(domain, "FusedMatMul", 1, importFusedMatMul);
  table.addTo(domain, "Gelu", 1, importGelu</*tanh=*/false>);
  table.addTo(domain, "QuickGelu", 1, importQuickGelu);
  table.addTo(domain, "SkipLayerNormalization", 1,
              importSkipLayerNorm</*uncentered=*/false>);
  table.addTo(domain, "SkipSimplifiedLayerNormalization", 1,
              importSkipLayerNorm</*uncentered=*/true>);
  table.addTo(domain, "TransposeMatMul", 1, importFusedMatMul);
}
