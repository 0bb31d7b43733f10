//===----------------------------------------------------------------------===//
// Operators that select, sort and generate.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Smith/Case.h"

#include <algorithm>

using namespace nncsmith;

static ElementType orderedType(Case &c) {
  return c.random.chance(0.6)
             ? c.floatType()
             : c.random.pick({ElementType::I8, ElementType::I32,
                              ElementType::I64, ElementType::U8,
                              ElementType::U64});
}

static void makeTopK(Case &c) {
  c.op("TopK");
  Shape shape = c.shape(1, 4);
  int64_t rank = int64_t(shape.size()), axis = c.axis(rank);
  int64_t size = shape[axis < 0 ? axis + rank : axis];
  c.attr("axis", axis);
  c.attr("largest", c.random.between(0, 1));
  c.numOutputs = 2;
  c.data(c.tensor(orderedType(c), shape));
  c.ints({c.random.between(0, size)});
}

static void makeOneHot(Case &c) {
  c.op("OneHot");
  Shape shape = c.shape(0, 3, 100);
  int64_t depth = c.random.between(1, 6);
  c.attr("axis", c.axis(int64_t(shape.size()) + 1));
  c.data(c.whole(
      c.random.pick({ElementType::I64, ElementType::I32, ElementType::F32}),
      shape, -depth - 1, depth + 1));
  c.constant(Tensor::fromInts(ElementType::I64, {}, {depth}));
  c.data(c.tensor(orderedType(c), {2}));
}

static void makeNonZero(Case &c) {
  c.op("NonZero");
  ElementType type = c.random.chance(0.5) ? ElementType::Bool : orderedType(c);
  Shape shape = c.shape(1, 4);
  c.data(nncio::isFloat(type) ? c.whole(type, shape, 0, 2)
                              : c.tensor(type, shape));
}

static void makeUnique(Case &c) {
  c.op("Unique");
  Shape shape = c.shape(1, 3, 150);
  for (int64_t &size : shape)
    size = std::max<int64_t>(size, 1);
  if (c.random.chance(0.5))
    c.attr("axis", c.axis(int64_t(shape.size())));
  c.attr("sorted", c.random.between(0, 1));
  c.numOutputs = 4;
  c.data(c.whole(orderedType(c), shape, 0, 3));
}

static void makeCompress(Case &c) {
  c.op("Compress");
  Shape shape = c.shape(1, 4);
  int64_t rank = int64_t(shape.size()), size = 1;
  for (int64_t one : shape)
    size *= one;
  if (c.random.chance(0.6)) {
    int64_t axis = c.axis(rank);
    c.attr("axis", axis);
    size = shape[axis < 0 ? axis + rank : axis];
  }
  c.data(c.tensor(orderedType(c), shape));
  c.data(c.tensor(ElementType::Bool,
                  {c.random.chance(0.3) ? c.random.between(0, size) : size}));
}

static void makeRange(Case &c) {
  c.op("Range");
  ElementType type = c.random.pick(
      {ElementType::I64, ElementType::I32, ElementType::F32, ElementType::F64});
  int64_t step = c.random.pick<int64_t>({1, 2, 3, -1, -2});
  c.constant(c.whole(type, {}, -5, 5));
  c.constant(c.whole(type, {}, -9, 9));
  c.constant(Tensor::fromInts(type, {}, {step}));
}

static void makeFill(Case &c) {
  if (c.random.chance(0.5)) {
    c.op("ConstantOfShape");
    return c.ints(c.shape(0, 4, 200));
  }
  c.op("EyeLike");
  Shape shape = c.shape(2, 2);
  c.attr("k", c.random.between(-4, 4));
  c.data(c.tensor(c.floatType(), shape));
}

static void makeSuppression(Case &c) {
  Random &random = c.random;
  c.op("NonMaxSuppression");
  int64_t batch = random.between(1, 2), boxes = random.between(0, 12);
  int64_t classes = random.between(1, 3);
  if (random.chance(0.5))
    c.attr("center_point_box", random.between(0, 1));
  c.data(c.tensor(ElementType::F32, {batch, boxes, 4}, Floats::Positive));
  c.data(c.tensor(ElementType::F32, {batch, classes, boxes}));
  if (random.chance(0.9))
    c.ints({random.between(0, 5)});
  else
    return;
  if (random.chance(0.8))
    c.constant(Tensor::fromDoubles(ElementType::F32, {1},
                                   {double(random.between(0, 8)) / 8}));
  else
    return;
  if (random.chance(0.7))
    c.constant(Tensor::fromDoubles(ElementType::F32, {1}, {0.5}));
}

void nncsmith::makeSelection(Case &c) {
  static const std::vector<void (*)(Case &)> makers = {
      makeTopK,     makeTopK,  makeOneHot, makeNonZero,    makeUnique,
      makeCompress, makeRange, makeFill,   makeSuppression};
  c.random.pick(makers)(c);
}
