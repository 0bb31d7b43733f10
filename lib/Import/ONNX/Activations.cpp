//===----------------------------------------------------------------------===//
// Import of activation functions.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ElementwiseImport.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;
using llvm::APFloat;

namespace {
/// Builds formulas on values of one element type; null operands are errors that
/// have been reported and give null.
struct Formula {
  NodeBinder &node;

  template <typename OpTy>
  Value apply(Value a, Value b) {
    return a && b ? node.create<OpTy>(a, b) : Value();
  }
  /// With a number of the same element type as the second operand.
  template <typename OpTy>
  Value apply(Value a, double number) {
    return a ? apply<OpTy>(a, node.scalar(node.elementTypeOf(a), number))
             : Value();
  }
  template <typename OpTy>
  Value apply(Value a) {
    return a ? node.create<OpTy>(a) : Value();
  }
  Value where(Value condition, Value a, Value b) {
    return condition && a && b ? node.create<nn::WhereOp>(condition, a, b)
                               : Value();
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// Linear units
//===----------------------------------------------------------------------===//

static LogicalResult importElu(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  return node.result(node.create<nn::EluOp>(
      input, APFloat(node.floatAttr("alpha", 1)), APFloat(1.0), APFloat(1.0)));
}

static LogicalResult importSelu(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  bool isFirst = node.version() < 6;
  double alpha = isFirst ? 1.6732 : 1.67326319217681884765625;
  double gamma = isFirst ? 1.0507 : 1.05070102214813232421875;
  return node.result(node.create<nn::EluOp>(
      input, APFloat(node.floatAttr("alpha", alpha)), APFloat(1.0),
      APFloat(node.floatAttr("gamma", gamma))));
}

static LogicalResult importCelu(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  double alpha = node.floatAttr("alpha", 1);
  if (!(alpha > 0))
    return node.error("expects attribute 'alpha' above 0, but got " +
                      std::to_string(alpha));
  return node.result(node.create<nn::EluOp>(input, APFloat(alpha),
                                            APFloat(1 / alpha), APFloat(1.0)));
}

static LogicalResult importLeakyRelu(NodeBinder &node) {
  Value input = node.input(0);
  return node.result(
      Formula{node}.apply<nn::PReluOp>(input, node.floatAttr("alpha", 0.01)));
}

/// The slope broadcasts to the input only; up to version 6 it has one element,
/// or one for each channel (axis 1).
static LogicalResult importPRelu(NodeBinder &node) {
  Value input = node.input(0), slope = node.input(1);
  if (!input || !slope)
    return failure();
  int64_t rank = node.rankOf(input);
  if (node.version() < 7 && node.rankOf(slope) == 1 && rank > 1 &&
      node.typeOf(slope).getDimSize(0) != 1) {
    SmallVector<Dim> shape = node.shape(slope);
    shape.append(rank - 2, Dim(1));
    slope = node.reshape(slope, ArrayRef<Dim>(shape));
  }
  if (slope && node.rankOf(slope) > rank)
    return node.error("expects a slope of rank " + Twine(rank) +
                      " at most, but got " + Twine(node.rankOf(slope)));
  return node.result(Formula{node}.apply<nn::PReluOp>(input, slope));
}

static LogicalResult importThresholdedRelu(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  Type type = node.elementTypeOf(input);
  Formula f{node};
  Value isAbove =
      f.apply<nn::LessOp>(node.scalar(type, node.floatAttr("alpha", 1)), input);
  return node.result(f.where(isAbove, input, node.scalar(type, 0)));
}

//===----------------------------------------------------------------------===//
// Hard functions
//===----------------------------------------------------------------------===//

static LogicalResult importHardSigmoid(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  return node.result(node.create<nn::HardSigmoidOp>(
      input, APFloat(node.floatAttr("alpha", 0.2)),
      APFloat(node.floatAttr("beta", 0.5))));
}

static LogicalResult importHardSwish(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  Value gate =
      node.create<nn::HardSigmoidOp>(input, APFloat(1.0 / 6), APFloat(0.5));
  return node.result(Formula{node}.apply<nn::MulOp>(input, gate));
}

/// Integers are shrunk as f64, since the attributes are floats.
static LogicalResult importShrink(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  Formula f{node};
  Type type = node.elementTypeOf(input);
  bool isFloat = isa<FloatType>(type);
  Type wide = isFloat ? type : Type(node.builder().getF64Type());
  double lambd = node.floatAttr("lambd", 0.5), bias = node.floatAttr("bias", 0);
  Value x =
      isFloat ? input : node.create<nn::CastOp>(input, TypeAttr::get(wide));
  Value isBelow = f.apply<nn::LessOp>(x, -lambd);
  Value isAbove = f.apply<nn::LessOp>(node.scalar(wide, lambd), x);
  Value above =
      f.where(isAbove, f.apply<nn::SubOp>(x, bias), node.scalar(wide, 0));
  Value result = f.where(isBelow, f.apply<nn::AddOp>(x, bias), above);
  if (result && !isFloat)
    result = node.create<nn::CastOp>(result, TypeAttr::get(type));
  return node.result(result);
}

//===----------------------------------------------------------------------===//
// Smooth functions
//===----------------------------------------------------------------------===//

static LogicalResult importSoftsign(NodeBinder &node) {
  Value input = node.input(0);
  Formula f{node};
  Value divisor = f.apply<nn::AddOp>(f.apply<nn::AbsOp>(input), 1.0);
  return node.result(f.apply<nn::DivOp>(input, divisor));
}

static LogicalResult importMish(NodeBinder &node) {
  Value input = node.input(0);
  Formula f{node};
  Value gate = f.apply<nn::TanhOp>(f.apply<nn::SoftplusOp>(input));
  return node.result(f.apply<nn::MulOp>(input, gate));
}

/// input * sigmoid(alpha * input)
static LogicalResult createSwish(NodeBinder &node, double alpha) {
  Value input = node.input(0);
  Formula f{node};
  Value scaled = alpha == 1 ? input : f.apply<nn::MulOp>(input, alpha);
  return node.result(f.apply<nn::MulOp>(input, f.apply<nn::SigmoidOp>(scaled)));
}

static LogicalResult importSwish(NodeBinder &node) {
  return createSwish(node, node.floatAttr("alpha", 1));
}

static LogicalResult importQuickGelu(NodeBinder &node) {
  return createSwish(node, node.floatAttr("alpha", 1.702));
}

static LogicalResult createGelu(NodeBinder &node, bool isTanh) {
  Value input = node.input(0);
  if (!input)
    return failure();
  if (Value bias = node.numInputs() > 1 ? node.optionalInput(1) : Value())
    input = node.create<nn::AddOp>(input, bias);
  return node.result(input ? node.create<nn::GeluOp>(input, isTanh) : Value());
}

static LogicalResult importGelu(NodeBinder &node) {
  std::string approximate = node.stringAttr("approximate", "none");
  if (approximate != "none" && approximate != "tanh")
    return node.error("expects attribute 'approximate' of 'none' or 'tanh', "
                      "but got '" +
                      approximate + "'");
  return createGelu(node, approximate == "tanh");
}

static LogicalResult importFastGelu(NodeBinder &node) {
  return createGelu(node, /*isTanh=*/true);
}

//===----------------------------------------------------------------------===//
// Table
//===----------------------------------------------------------------------===//

void onnximport::addActivationOperators(OpTable &table) {
  table.add("Celu", 12, importCelu);
  table.add("Elu", 1, importElu);
  table.add("Gelu", 20, importGelu);
  table.add("HardSigmoid", 1, importHardSigmoid);
  table.add("HardSwish", 14, importHardSwish);
  table.add("LeakyRelu", 1, importLeakyRelu);
  table.add("Mish", 18, importMish);
  table.add("PRelu", 1, importPRelu);
  table.add("Relu", 1, importUnary<nn::ReluOp>);
  table.add("Selu", 1, importSelu);
  table.add("Shrink", 9, importShrink);
  table.add("Sigmoid", 1, importUnary<nn::SigmoidOp>);
  table.add("Softplus", 1, importUnary<nn::SoftplusOp>);
  table.add("Softsign", 1, importSoftsign);
  table.add("Swish", 24, importSwish);
  table.add("ThresholdedRelu", 10, importThresholdedRelu);
  // What ONNX Runtime's optimizer leaves in models.
  for (StringRef name : {"Gelu", "BiasGelu"})
    table.addTo("com.microsoft", name, 1, importGelu);
  table.addTo("com.microsoft", "FastGelu", 1, importFastGelu);
  table.addTo("com.microsoft", "QuickGelu", 1, importQuickGelu);
}
