//===----------------------------------------------------------------------===//
// Quantization and integer products.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Smith/Case.h"

using namespace nncsmith;

static ElementType quantizedType(Random &random) {
  return random.pick({ElementType::I8, ElementType::U8});
}

/// Powers of two, so that quotients are exact and ties are ties.
static Tensor makeScale(Case &c, const Shape &shape) {
  Tensor result(ElementType::F32, shape);
  for (int64_t i = 0; i < result.size(); ++i)
    result.setDouble(i, c.random.pick<double>({0.0625, 0.125, 0.25, 0.5, 1}));
  return result;
}

/// Whole numbers over the range of the type.
static Tensor makeQuantized(Case &c, ElementType type, const Shape &shape) {
  bool isUnsigned = nncio::isUnsigned(type);
  return c.whole(type, shape, isUnsigned ? 0 : -128, isUnsigned ? 255 : 127);
}

static void makeQuantize(Case &c) {
  Random &random = c.random;
  bool forward = random.chance(0.5);
  c.op(forward ? "QuantizeLinear" : "DequantizeLinear");
  Shape shape = c.shape(1, 4), parameters;
  int64_t rank = int64_t(shape.size());
  if (random.chance(0.5)) {
    int64_t axis = c.axis(rank);
    c.attr("axis", axis);
    parameters = {shape[axis < 0 ? axis + rank : axis]};
  }
  ElementType type = quantizedType(random);
  c.data(forward ? c.tensor(ElementType::F32, shape, Floats::Special)
                 : makeQuantized(c, type, shape));
  c.constant(makeScale(c, parameters));
  if (!forward || random.chance(0.8))
    c.constant(makeQuantized(c, type, parameters));
}

static void makeDynamicQuantize(Case &c) {
  c.op("DynamicQuantizeLinear");
  c.numOutputs = 3;
  c.data(c.tensor(ElementType::F32, c.shape(0, 3)));
}

static void makeMatMulInteger(Case &c) {
  Random &random = c.random;
  c.op("MatMulInteger");
  int64_t m = c.dim(), n = c.dim(), k = c.dim();
  Shape batch = c.shape(0, 2, 6);
  Shape left = batch, right = c.broadcastable(batch);
  left.insert(left.end(), {m, k});
  right.insert(right.end(), {k, n});
  ElementType leftType = quantizedType(random);
  ElementType rightType = quantizedType(random);
  c.data(makeQuantized(c, leftType, left));
  c.data(makeQuantized(c, rightType, right));
  if (random.chance(0.7))
    c.constant(makeQuantized(c, leftType, {}));
  else
    return;
  if (random.chance(0.7))
    c.constant(
        makeQuantized(c, rightType, random.chance(0.5) ? Shape{n} : Shape{}));
}

static void makeQLinearMatMul(Case &c) {
  c.op("QLinearMatMul");
  int64_t m = c.dim(), n = c.dim(), k = c.dim();
  ElementType type = quantizedType(c.random);
  c.data(makeQuantized(c, type, {m, k}));
  c.constant(makeScale(c, {}));
  c.constant(makeQuantized(c, type, {}));
  c.data(makeQuantized(c, type, {k, n}));
  c.constant(makeScale(c, {}));
  c.constant(makeQuantized(c, type, {}));
  c.constant(Tensor::fromDoubles(ElementType::F32, {}, {16}));
  c.constant(makeQuantized(c, type, {}));
}

static void makeIntegerConv(Case &c) {
  Random &random = c.random;
  bool isScaled = random.chance(0.5);
  c.op(isScaled ? "QLinearConv" : "ConvInteger");
  int64_t group = random.between(1, 2), in = random.between(1, 3);
  int64_t out = random.between(1, 3) * group;
  Shape image{random.between(1, 2), in * group, random.between(3, 7),
              random.between(3, 7)};
  Shape filter{out, in, random.between(1, 3), random.between(1, 3)};
  c.attr("group", group);
  c.attr("pads", Shape{random.between(0, 1), random.between(0, 1),
                       random.between(0, 1), random.between(0, 1)});
  c.attr("strides", Shape{random.between(1, 2), random.between(1, 2)});
  ElementType type = quantizedType(random);
  ElementType filterType = quantizedType(random);
  bool perChannel = random.chance(0.5);
  Shape each = perChannel ? Shape{out} : Shape{};
  c.data(makeQuantized(c, type, image));
  if (!isScaled) {
    c.constant(makeQuantized(c, filterType, filter));
    c.constant(makeQuantized(c, type, {}));
    return c.constant(makeQuantized(c, filterType, each));
  }
  c.constant(makeScale(c, {}));
  c.constant(makeQuantized(c, type, {}));
  c.constant(makeQuantized(c, filterType, filter));
  c.constant(makeScale(c, each));
  c.constant(makeQuantized(c, filterType, each));
  c.constant(Tensor::fromDoubles(ElementType::F32, {}, {32}));
  c.constant(makeQuantized(c, type, {}));
  if (random.chance(0.5))
    c.constant(c.whole(ElementType::I32, {out}, -500, 500));
}

void nncsmith::makeQuantized(Case &c) {
  c.looseness = 4;
  static const std::vector<void (*)(Case &)> makers = {
      makeQuantize,      makeQuantize,      makeDynamicQuantize,
      makeMatMulInteger, makeQLinearMatMul, makeIntegerConv};
  c.random.pick(makers)(c);
}
