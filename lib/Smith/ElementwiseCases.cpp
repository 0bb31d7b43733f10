//===----------------------------------------------------------------------===//
// Element-wise operators.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Smith/Case.h"

using namespace nncsmith;

static ElementType anyInt(Random &random) {
  return random.pick({ElementType::I8, ElementType::I16, ElementType::I32,
                      ElementType::I64, ElementType::U8, ElementType::U16,
                      ElementType::U32, ElementType::U64});
}

static ElementType signedInt(Random &random) {
  return random.pick(
      {ElementType::I8, ElementType::I16, ElementType::I32, ElementType::I64});
}

void nncsmith::makeUnary(Case &c) {
  Random &random = c.random;
  Shape shape = c.shape(0, 5);
  int kind = int(random.between(0, 9));
  if (kind == 0) {
    c.op("Not");
    return c.data(c.tensor(ElementType::Bool, shape));
  }
  if (kind == 1 && c.opset >= 18) {
    c.op("BitwiseNot");
    return c.data(c.tensor(anyInt(random), shape, Floats::Special));
  }
  if (kind == 2) {
    std::string name = random.pick<const char *>({"Abs", "Sign", "Neg"});
    c.op(name);
    ElementType type = name == "Neg" ? signedInt(random) : anyInt(random);
    return c.data(c.tensor(type, shape, Floats::Special));
  }
  std::string name = random.pick<const char *>(
      {"Abs",   "Acos", "Acosh", "Asin",       "Asinh",   "Atan",  "Atanh",
       "Ceil",  "Cos",  "Cosh",  "Erf",        "Exp",     "Floor", "IsNaN",
       "IsInf", "Log",  "Neg",   "Reciprocal", "Round",   "Sign",  "Sin",
       "Sinh",  "Sqrt", "Tan",   "Tanh",       "Identity"});
  c.op(name);
  ElementType type = c.floatType();
  if (name == "IsInf") {
    type = c.opset >= 20 ? type : ElementType::F32;
    c.attr("detect_positive", random.between(0, 1));
    c.attr("detect_negative", random.between(0, 1));
  }
  Floats floats = name == "Acos" || name == "Asin" || name == "Atanh"
                      ? Floats::Unit
                      : Floats::Special;
  // Next to zeros of the result the argument's rounding shows.
  c.looseness = 4;
  c.data(c.tensor(type, shape, random.chance(0.8) ? floats : Floats::Special));
}

/// Two shapes that broadcast with each other.
static void pickOperands(Case &c, Shape &left, Shape &right) {
  Shape whole = c.shape(0, 5);
  left = c.random.chance(0.6) ? whole : c.broadcastable(whole);
  right = c.random.chance(0.4) ? whole : c.broadcastable(whole);
  if (c.random.chance(0.5))
    std::swap(left, right);
}

void nncsmith::makeBinary(Case &c) {
  Random &random = c.random;
  Shape left, right;
  pickOperands(c, left, right);
  auto both = [&](ElementType type, Floats floats = Floats::Special) {
    c.data(c.tensor(type, left, floats));
    c.data(c.tensor(type, right, floats));
  };
  switch (random.between(0, 6)) {
  case 0:
    c.op(random.pick<const char *>({"And", "Or", "Xor"}));
    return both(ElementType::Bool);
  case 1:
    if (c.opset >= 18) {
      c.op(
          random.pick<const char *>({"BitwiseAnd", "BitwiseOr", "BitwiseXor"}));
      return both(anyInt(random));
    }
    c.op("BitShift");
    c.attr("direction",
           std::string(random.pick<const char *>({"LEFT", "RIGHT"})));
    return both(random.pick({ElementType::U8, ElementType::U16,
                             ElementType::U32, ElementType::U64}));
  case 2:
    c.op(random.pick<const char *>(
        {"Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"}));
    return both(random.chance(0.5) ? c.floatType() : anyInt(random));
  case 3: {
    c.op("Pow");
    bool whole = random.chance(0.5);
    c.data(c.tensor(c.floatType(), left,
                    whole ? Floats::Special : Floats::Positive));
    ElementType type = whole ? ElementType::I64 : c.floatType();
    c.looseness = 4;
    return c.data(whole ? c.whole(type, right, -3, 4) : c.tensor(type, right));
  }
  case 4: {
    c.op("Mod");
    bool isFloat = random.chance(0.4);
    c.attr("fmod", int64_t(isFloat || random.chance(0.5)));
    return both(isFloat ? c.floatType() : anyInt(random));
  }
  default:
    c.op(random.pick<const char *>({"Add", "Sub", "Mul", "Div"}));
    return both(random.chance(0.6) ? c.floatType() : anyInt(random));
  }
}

void nncsmith::makeTernary(Case &c) {
  Random &random = c.random;
  Shape whole = c.shape(0, 5);
  auto anyType = [&] {
    return random.chance(0.7) ? c.floatType() : anyInt(random);
  };
  switch (random.between(0, 3)) {
  case 0: {
    c.op("Where");
    ElementType type = random.chance(0.1) ? ElementType::Bool : anyType();
    c.data(c.tensor(ElementType::Bool, c.broadcastable(whole)));
    c.data(c.tensor(type, c.broadcastable(whole), Floats::Special));
    return c.data(c.tensor(type, c.broadcastable(whole), Floats::Special));
  }
  case 1: {
    c.op("Clip");
    ElementType type = anyType();
    c.data(c.tensor(type, whole, Floats::Special));
    for (int i = 0; i < 2; ++i)
      if (random.chance(0.2))
        c.absent();
      else
        c.constant(c.whole(type, {}, 0, 5));
    return;
  }
  default: {
    std::string name = random.pick<const char *>({"Max", "Min", "Sum", "Mean"});
    c.op(name);
    bool floatOnly = name == "Sum" || name == "Mean";
    ElementType type = floatOnly ? c.floatType() : anyType();
    int64_t count = random.between(1, 4);
    for (int64_t i = 0; i < count; ++i)
      c.data(c.tensor(type, c.broadcastable(whole), Floats::Special));
    c.looseness = 4;
  }
  }
}

void nncsmith::makeActivation(Case &c) {
  Random &random = c.random;
  c.looseness = 4;
  struct Choice {
    const char *name;
    std::vector<const char *> attributes;
    int64_t since;
  };
  static const std::vector<Choice> choices = {
      {"Relu", {}, 1},
      {"Sigmoid", {}, 1},
      {"Softplus", {}, 1},
      {"Softsign", {}, 1},
      {"HardSwish", {}, 14},
      {"Mish", {}, 18},
      {"Elu", {"alpha"}, 1},
      {"Celu", {"alpha"}, 12},
      {"LeakyRelu", {"alpha"}, 1},
      {"Selu", {"alpha", "gamma"}, 1},
      {"HardSigmoid", {"alpha", "beta"}, 1},
      {"ThresholdedRelu", {"alpha"}, 10},
      {"Shrink", {"lambd", "bias"}, 9},
      {"Gelu", {}, 20},
      {"PRelu", {}, 1},
  };
  Choice choice = random.pick(choices);
  while (choice.since > c.opset)
    choice = random.pick(choices);
  std::string name = choice.name;
  c.op(name);
  // Exactly representable: which side of a step a value is on must not depend
  // on the attribute's rounding.
  for (const char *attribute : choice.attributes)
    if (random.chance(0.6))
      c.attr(attribute, double(random.between(1, 12)) / 4);
  ElementType type = name == "Celu" ? ElementType::F32 : c.floatType();
  if (name == "Gelu" && random.chance(0.5))
    c.attr("approximate", std::string("tanh"));
  Shape shape = c.shape(0, 5);
  c.data(c.tensor(type, shape, Floats::Special));
  if (name != "PRelu")
    return;
  Shape slope = shape;
  for (int64_t &size : slope)
    size = random.chance(0.5) ? 1 : size;
  c.data(c.tensor(type, slope));
}

void nncsmith::makeCast(Case &c) {
  Random &random = c.random;
  auto anyType = [&] {
    return random.chance(0.45)  ? c.floatType()
           : random.chance(0.2) ? ElementType::Bool
                                : anyInt(random);
  };
  ElementType from = anyType(), to = anyType();
  Shape shape = c.shape(0, 4);
  bool isLike = c.opset >= 15 && random.chance(0.2);
  c.op(isLike ? "CastLike" : "Cast");
  if (!isLike)
    c.attr("to", int64_t(to));
  // A float outside of the integer type has no value that is defined.
  bool floatToInt =
      nncio::isFloat(from) && !nncio::isFloat(to) && to != ElementType::Bool;
  Floats floats = floatToInt && nncio::isUnsigned(to) ? Floats::Positive
                  : floatToInt                        ? Floats::Unit
                                                      : Floats::Special;
  c.data(floatToInt && random.chance(0.5) ? c.whole(from, shape, 0, 120)
                                          : c.tensor(from, shape, floats));
  if (isLike)
    c.data(c.tensor(to, c.shape(0, 2)));
}
