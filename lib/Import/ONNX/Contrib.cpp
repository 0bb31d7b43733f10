//===----------------------------------------------------------------------===//
// Import of the domain com.microsoft: operators that ONNX Runtime's optimizer
// and tools write into models, composed of ops that we have.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Contrib.h"
#include "Compose.h"
#include "LinearWindow.h"
#include "NodeBinder.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;
using llvm::APFloat;

//===----------------------------------------------------------------------===//
// Linear
//===----------------------------------------------------------------------===//

/// Parameter `index` of a fused activation, or `byDefault`: of a list, or an
/// attribute of its own.
static double getParameter(NodeBinder &node, size_t index, double byDefault) {
  static const char *const names[] = {"activation_alpha", "activation_beta"};
  if (node.hasAttr(names[index]))
    return node.floatAttr(names[index], byDefault);
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

/// Gemm, and then a function whose parameters are attributes of their own.
static LogicalResult importFusedGemm(NodeBinder &node) {
  FailureOr<Value> product = createGemm(node);
  return succeeded(product) ? node.result(activate(node, *product)) : failure();
}

/// Gelu, approximated by tanh, of a product of matrices plus a bias.
static LogicalResult importGemmFastGelu(NodeBinder &node) {
  bool valid = true;
  Value lhs = node.input(0), rhs = node.input(1);
  Value bias = readOptional(node, 2, valid);
  if (!lhs || !rhs || !valid)
    return failure();
  Value sum = addOptional(node, node.create<nn::MatMulOp>(lhs, rhs), bias);
  return node.result(node.create<nn::GeluOp>(sum, /*tanh=*/true));
}

/// The softmax over the axes from `axis` on, taken as one, of a sum. Where the
/// bias is not broadcast inside of a batch, its rows repeat one after another.
static LogicalResult importBiasSoftmax(NodeBinder &node) {
  Value input = node.input(0), bias = node.input(1);
  if (!input || !bias)
    return failure();
  int64_t rank = NodeBinder::rankOf(input);
  FailureOr<int64_t> axis = node.normalizeAxis(node.intAttr("axis", 1), rank);
  if (failed(axis))
    return failure();
  if (!node.intAttr("is_inner_broadcast", 1))
    return node.error("expects is_inner_broadcast 1 (0 is not supported)");
  Value sum = node.create<nn::AddOp>(input, bias);
  if (!sum)
    return failure();
  SmallVector<Dim> shape = node.shape(sum);
  DimBuilder dims(node.builder(), node.loc());
  SmallVector<Dim> flat(ArrayRef<Dim>(shape).take_front(*axis));
  flat.push_back(dims.product(ArrayRef<Dim>(shape).drop_front(*axis)));
  Value weights = node.create<nn::SoftmaxOp>(nn::SoftmaxKind::Soft,
                                             node.reshape(sum, flat), *axis);
  return node.result(node.reshape(weights, shape));
}

void onnximport::addContribAliases(OpTable &table) {
  // The version of the operator of ONNX that it is the same as.
  static const std::pair<StringLiteral, int64_t> names[] = {
      {"GatherND", 13}, {"GridSample", 16}, {"Pad", 19},
      {"Range", 11},    {"Trilu", 14},      {"Unique", 11}};
  for (auto [name, version] : names)
    if (ImportFn function = table.find("", name, version))
      table.addTo(contribDomain, name, 1, function);
}

void onnximport::addContribOperators(OpTable &table) {
  table.addTo(contribDomain, "BiasSoftmax", 1, importBiasSoftmax);
  table.addTo(contribDomain, "FusedConv", 1, importFusedConv);
  table.addTo(contribDomain, "FusedGemm", 1, importFusedGemm);
  table.addTo(contribDomain, "FusedMatMul", 1, importFusedMatMul);
  table.addTo(contribDomain, "GemmFastGelu", 1, importGemmFastGelu);
  table.addTo(contribDomain, "TransposeMatMul", 1, importFusedMatMul);
  addContribAttentionOperators(table);
  addContribCacheOperators(table);
  addContribNormalizationOperators(table);
  addContribQuantizedOperators(table);
  addContribWeightOperators(table);
}
