//===----------------------------------------------------------------------===//
// Import of element-wise operators: arithmetic, comparison, bits, selection,
// conversion.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ElementwiseImport.h"
#include "NodeBinder.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

//===----------------------------------------------------------------------===//
// Families
//===----------------------------------------------------------------------===//

/// Up to version 6 the second operand broadcasts only with `broadcast` set, and
/// then lies at `axis` of the first: dimensions of 1 after it make that the
/// broadcasting of later versions.
static Value alignLegacyBroadcast(NodeBinder &node, Value lhs, Value rhs) {
  if (node.version() >= 7 || !node.intAttr("broadcast", 0) ||
      !node.hasAttr("axis"))
    return rhs;
  int64_t rank = node.rankOf(lhs), width = node.rankOf(rhs);
  FailureOr<int64_t> axis = node.normalizeAxis(node.intAttr("axis", 0), rank);
  if (failed(axis))
    return {};
  if (*axis + width > rank) {
    (void)node.error("expects the second operand within the first, but got "
                     "rank " +
                     Twine(width) + " at axis " + Twine(*axis) + " of rank " +
                     Twine(rank));
    return {};
  }
  SmallVector<Dim> shape = node.shape(rhs);
  shape.append(rank - *axis - width, Dim(1));
  return node.reshape(rhs, ArrayRef<Dim>(shape));
}

/// The two operands, broadcasting by the rules of NumPy; failure if reported.
static FailureOr<std::pair<Value, Value>> getBinaryOperands(NodeBinder &node) {
  Value lhs = node.input(0), rhs = node.input(1);
  if (!lhs || !rhs)
    return failure();
  rhs = alignLegacyBroadcast(node, lhs, rhs);
  if (!rhs)
    return failure();
  return std::pair(lhs, rhs);
}

template <typename OpTy>
static LogicalResult importBinary(NodeBinder &node) {
  auto operands = getBinaryOperands(node);
  if (failed(operands))
    return failure();
  return node.result(node.create<OpTy>(operands->first, operands->second));
}

template <typename OpTy>
static LogicalResult importSwapped(NodeBinder &node) {
  auto operands = getBinaryOperands(node);
  if (failed(operands))
    return failure();
  return node.result(node.create<OpTy>(operands->second, operands->first));
}

/// A chain of binary ops over any number of inputs.
template <typename OpTy>
static Value createChain(NodeBinder &node) {
  FailureOr<SmallVector<Value>> inputs = node.inputsFrom(0);
  if (failed(inputs))
    return {};
  if (inputs->empty()) {
    (void)node.error("expects at least one input, but got none");
    return {};
  }
  Value result = inputs->front();
  for (Value input : ArrayRef<Value>(*inputs).drop_front())
    result = node.create<OpTy>(result, input);
  return result;
}

template <typename OpTy>
static LogicalResult importChain(NodeBinder &node) {
  return node.result(createChain<OpTy>(node));
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

static LogicalResult importMean(NodeBinder &node) {
  Value sum = createChain<nn::AddOp>(node);
  if (!sum)
    return failure();
  if (node.numInputs() == 1)
    return node.result(sum);
  Value count = node.scalar(node.elementTypeOf(sum), node.numInputs());
  return node.result(node.create<nn::DivOp>(sum, count));
}

static LogicalResult importMod(NodeBinder &node) {
  Value lhs = node.input(0), rhs = node.input(1);
  if (!lhs || !rhs)
    return failure();
  bool fmod = node.intAttr("fmod", 0) != 0;
  if (!fmod && isa<FloatType>(node.elementTypeOf(lhs)))
    return node.error("expects attribute 'fmod' of 1 for floats, but got 0");
  return node.result(node.create<nn::ModOp>(lhs, rhs, fmod));
}

/// Integers that every float type holds exactly.
static constexpr double exactIntegerLimit = 256;

static LogicalResult importPow(NodeBinder &node) {
  auto operands = getBinaryOperands(node);
  if (failed(operands))
    return failure();
  auto [base, exponent] = *operands;
  // Small constant integers become floats: a power in floats is cheaper.
  std::optional<SmallVector<int64_t>> numbers = node.constantInts(exponent);
  Type type = node.elementTypeOf(base);
  if (numbers && isa<FloatType>(type) &&
      llvm::all_of(*numbers, [](int64_t number) {
        return std::abs(double(number)) <= exactIntegerLimit;
      }))
    exponent = node.create<nn::CastOp>(exponent, TypeAttr::get(type));
  return node.result(exponent ? node.create<nn::PowOp>(base, exponent)
                              : Value());
}

static LogicalResult importReciprocal(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  Value one = node.scalar(node.elementTypeOf(input), 1);
  return node.result(node.create<nn::DivOp>(one, input));
}

//===----------------------------------------------------------------------===//
// Clip
//===----------------------------------------------------------------------===//

/// Bound `name`: an attribute up to version 10, then input `index`. Null if
/// absent or failed.
static Value getClipBound(NodeBinder &node, Type type, size_t index,
                          StringRef name) {
  if (node.version() < 11)
    return node.hasAttr(name) ? node.scalar(type, node.floatAttr(name, 0))
                              : Value();
  Value bound = node.optionalInput(index);
  if (!bound || node.rankOf(bound) == 0)
    return bound;
  // Some exporters give a tensor of one element.
  auto shape = node.typeOf(bound);
  if (!shape.hasStaticShape() || shape.getNumElements() != 1) {
    (void)node.error("expects '" + name + "' to be a scalar, but got rank " +
                     Twine(node.rankOf(bound)));
    return {};
  }
  return node.reshape(bound, ArrayRef<int64_t>());
}

static LogicalResult importClip(NodeBinder &node) {
  Value value = node.input(0);
  if (!value)
    return failure();
  Type type = node.elementTypeOf(value);
  if (Value bound = getClipBound(node, type, 1, "min"))
    value = node.create<nn::MaxOp>(value, bound);
  if (Value bound = getClipBound(node, type, 2, "max"))
    value = value ? node.create<nn::MinOp>(value, bound) : Value();
  return node.result(value);
}

//===----------------------------------------------------------------------===//
// Bits and classification
//===----------------------------------------------------------------------===//

static LogicalResult importBitShift(NodeBinder &node) {
  Value lhs = node.input(0), rhs = node.input(1);
  if (!lhs || !rhs)
    return failure();
  std::string direction = node.stringAttr("direction", "");
  if (direction == "LEFT")
    return node.result(node.create<nn::ShiftLeftOp>(lhs, rhs));
  if (direction == "RIGHT")
    return node.result(node.create<nn::ShiftRightOp>(lhs, rhs));
  return node.error("expects attribute 'direction' of 'LEFT' or 'RIGHT', but "
                    "got '" +
                    direction + "'");
}

static LogicalResult importIsInf(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  return node.result(
      node.create<nn::IsInfOp>(input, node.intAttr("detect_negative", 1) != 0,
                               node.intAttr("detect_positive", 1) != 0));
}

//===----------------------------------------------------------------------===//
// Selection and conversion
//===----------------------------------------------------------------------===//

static LogicalResult importWhere(NodeBinder &node) {
  Value condition = node.input(0), onTrue = node.input(1),
        onFalse = node.input(2);
  if (!condition || !onTrue || !onFalse)
    return failure();
  return node.result(node.create<nn::WhereOp>(condition, onTrue, onFalse));
}

/// Attribute 'round_mode', how numbers become powers of two.
static FailureOr<nn::PowerRounding> getPowerRounding(NodeBinder &node) {
  std::string name = node.stringAttr("round_mode", "up");
  if (auto rounding = nn::symbolizePowerRounding(name))
    return *rounding;
  return node.error("expects attribute 'round_mode' of up, down or nearest, "
                    "but got '" +
                    name + "'");
}

static LogicalResult castTo(NodeBinder &node, Value input, Type type) {
  if (node.elementTypeOf(input) == type)
    return node.result(input);
  FailureOr<nn::PowerRounding> rounding = getPowerRounding(node);
  if (failed(rounding))
    return failure();
  bool isUnsaturated = node.intAttr("saturate", 1) == 0;
  return node.result(
      node.create<nn::CastOp>(input, type, isUnsaturated, *rounding));
}

static LogicalResult importBitCast(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  FailureOr<Type> type = node.elementType(node.intAttr("to", 0));
  if (failed(type))
    return failure();
  return node.result(node.create<nn::BitcastOp>(input, *type));
}

static LogicalResult importCast(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  if (!node.hasAttr("to"))
    return node.error("expects attribute 'to', but got none");
  int64_t number = node.version() < 6 ? 0 : node.intAttr("to", 0);
  if (node.version() < 6) {
    // The first version names the type.
    std::string name = node.stringAttr("to", "");
    onnx::TensorProto::DataType parsed;
    if (!onnx::TensorProto::DataType_Parse(name, &parsed))
      return node.error("expects attribute 'to' to name an element type, but "
                        "got '" +
                        name + "'");
    number = parsed;
  }
  FailureOr<Type> type = node.elementType(number);
  return failed(type) ? failure() : castTo(node, input, *type);
}

static LogicalResult importCastLike(NodeBinder &node) {
  Value input = node.input(0), target = node.input(1);
  if (!input || !target)
    return failure();
  return castTo(node, input, node.elementTypeOf(target));
}

//===----------------------------------------------------------------------===//
// Table
//===----------------------------------------------------------------------===//

static void addArithmetic(OpTable &table) {
  table.add("Abs", 1, importUnary<nn::AbsOp>);
  table.add("Add", 1, importBinary<nn::AddOp>);
  table.add("Clip", 1, importClip);
  table.add("Div", 1, importBinary<nn::DivOp>);
  table.add("Max", 1, importChain<nn::MaxOp>);
  table.add("Mean", 1, importMean);
  table.add("Min", 1, importChain<nn::MinOp>);
  table.add("Mod", 10, importMod);
  table.add("Mul", 1, importBinary<nn::MulOp>);
  table.add("Neg", 1, importUnary<nn::NegOp>);
  table.add("Pow", 1, importPow);
  table.add("Reciprocal", 1, importReciprocal);
  table.add("Sign", 9, importUnary<nn::SignOp>);
  table.add("Sub", 1, importBinary<nn::SubOp>);
  table.add("Sum", 1, importChain<nn::AddOp>);
}

static void addMathFunctions(OpTable &table) {
  table.add("Acos", 7, importUnary<nn::AcosOp>);
  table.add("Acosh", 9, importUnary<nn::AcoshOp>);
  table.add("Asin", 7, importUnary<nn::AsinOp>);
  table.add("Asinh", 9, importUnary<nn::AsinhOp>);
  table.add("Atan", 7, importUnary<nn::AtanOp>);
  table.add("Atanh", 9, importUnary<nn::AtanhOp>);
  table.add("Ceil", 1, importUnary<nn::CeilOp>);
  table.add("Cos", 7, importUnary<nn::CosOp>);
  table.add("Cosh", 9, importUnary<nn::CoshOp>);
  table.add("Erf", 9, importUnary<nn::ErfOp>);
  table.add("Exp", 1, importUnary<nn::ExpOp>);
  table.add("Floor", 1, importUnary<nn::FloorOp>);
  table.add("Log", 1, importUnary<nn::LogOp>);
  table.add("Round", 11, importUnary<nn::RoundOp>);
  table.add("Sin", 7, importUnary<nn::SinOp>);
  table.add("Sinh", 9, importUnary<nn::SinhOp>);
  table.add("Sqrt", 1, importUnary<nn::SqrtOp>);
  table.add("Tan", 7, importUnary<nn::TanOp>);
  table.add("Tanh", 1, importUnary<nn::TanhOp>);
}

static void addLogic(OpTable &table) {
  table.add("And", 1, importBinary<nn::AndOp>);
  table.add("BitCast", 26, importBitCast);
  table.add("BitShift", 11, importBitShift);
  table.add("BitwiseAnd", 18, importBinary<nn::AndOp>);
  table.add("BitwiseNot", 18, importUnary<nn::NotOp>);
  table.add("BitwiseOr", 18, importBinary<nn::OrOp>);
  table.add("BitwiseXor", 18, importBinary<nn::XorOp>);
  table.add("Cast", 1, importCast);
  table.add("CastLike", 15, importCastLike);
  table.add("Equal", 1, importBinary<nn::EqualOp>);
  table.add("Greater", 1, importSwapped<nn::LessOp>);
  table.add("GreaterOrEqual", 12, importSwapped<nn::LessOrEqualOp>);
  table.add("IsInf", 10, importIsInf);
  table.add("IsNaN", 9, importUnary<nn::IsNaNOp>);
  table.add("Less", 1, importBinary<nn::LessOp>);
  table.add("LessOrEqual", 12, importBinary<nn::LessOrEqualOp>);
  table.add("Not", 1, importUnary<nn::NotOp>);
  table.add("Or", 1, importBinary<nn::OrOp>);
  table.add("Where", 9, importWhere);
  table.add("Xor", 1, importBinary<nn::XorOp>);
}

void onnximport::addElementwiseOperators(OpTable &table) {
  addArithmetic(table);
  addMathFunctions(table);
  addLogic(table);
  addActivationOperators(table);
}
