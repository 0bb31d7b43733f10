//===----------------------------------------------------------------------===//
// Operators that read or write where an index tensor says.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Smith/Case.h"

#include <algorithm>

using namespace nncsmith;

static ElementType indexType(Case &c) {
  return c.random.pick({ElementType::I64, ElementType::I32});
}

static ElementType anyType(Case &c) {
  return c.random.chance(0.6)
             ? c.floatType()
             : c.random.pick({ElementType::Bool, ElementType::I8,
                              ElementType::I32, ElementType::U64});
}

/// A shape without dimensions of 0: there is no index into those.
static Shape filledShape(Case &c, int64_t minRank, int64_t maxRank) {
  Shape shape = c.shape(minRank, maxRank, 400);
  for (int64_t &size : shape)
    size = std::max<int64_t>(size, 1);
  return shape;
}

/// Gives index tuples, whose length must be fixed.
static void giveTuples(Case &c, Tensor tuples) {
  c.data(std::move(tuples));
  c.inputs.back()->free.back() = false;
}

/// Index tuples into the first dimensions of `shape`: `outer` x [depth].
static Tensor makeTuples(Case &c, const Shape &shape, Shape outer,
                         int64_t depth) {
  outer.push_back(depth);
  Tensor result(ElementType::I64, outer);
  for (int64_t i = 0; i < result.size(); ++i) {
    int64_t size = shape[i % depth];
    result.setInt(i, c.random.between(-size, size - 1));
  }
  return result;
}

void nncsmith::makeGather(Case &c) {
  Random &random = c.random;
  Shape shape = filledShape(c, 1, 4);
  int64_t rank = int64_t(shape.size());
  int64_t axis = c.axis(rank);
  int64_t size = shape[axis < 0 ? axis + rank : axis];
  switch (random.between(0, 2)) {
  case 0:
    c.op("Gather");
    c.attr("axis", axis);
    c.data(c.tensor(anyType(c), shape));
    return c.data(c.whole(indexType(c), c.shape(0, 3, 20), -size, size - 1));
  case 1: {
    c.op("GatherElements");
    c.attr("axis", axis);
    c.data(c.tensor(anyType(c), shape));
    for (int64_t &length : shape)
      length = random.between(1, length);
    shape[axis < 0 ? axis + rank : axis] = c.dim();
    return c.data(c.whole(indexType(c), shape, -size, size - 1));
  }
  default: {
    c.op("GatherND");
    int64_t batch = random.chance(0.4) ? random.between(0, rank - 1) : 0;
    int64_t depth = random.between(1, rank - batch);
    c.attr("batch_dims", batch);
    Shape outer(shape.begin(), shape.begin() + batch);
    for (int64_t size : c.shape(0, 2, 8))
      outer.push_back(size);
    c.data(c.tensor(anyType(c), shape));
    Shape rest(shape.begin() + batch, shape.end());
    return giveTuples(c, makeTuples(c, rest, outer, depth));
  }
  }
}

/// Indices along `axis` that do not repeat, so that the order of writing does
/// not matter.
static Tensor makeDistinct(Case &c, const Shape &shape, int64_t axis,
                           int64_t size) {
  Tensor result(ElementType::I64, shape);
  int64_t inner = 1;
  for (size_t i = size_t(axis) + 1; i < shape.size(); ++i)
    inner *= shape[i];
  int64_t shift = c.random.between(0, size - 1);
  for (int64_t i = 0; i < result.size(); ++i) {
    int64_t index = (i / inner % shape[axis] + shift) % size;
    result.setInt(i, c.random.chance(0.3) ? index - size : index);
  }
  return result;
}

static std::string pickReduction(Case &c) {
  if (c.opset >= 18)
    return c.random.pick<const char *>({"none", "add", "mul", "max", "min"});
  return c.opset >= 16 ? c.random.pick<const char *>({"none", "add", "mul"})
                       : "none";
}

static void makeScatterElements(Case &c) {
  Random &random = c.random;
  Shape shape = filledShape(c, 1, 4);
  int64_t rank = int64_t(shape.size()), axis = random.between(0, rank - 1);
  std::string reduction = pickReduction(c);
  c.op("ScatterElements");
  c.attr("axis", random.chance(0.3) ? axis - rank : axis);
  if (reduction != "none")
    c.attr("reduction", reduction);
  ElementType type =
      reduction == "none"
          ? anyType(c)
          : random.pick({ElementType::F32, ElementType::I32, ElementType::F64});
  c.data(c.tensor(type, shape));
  int64_t size = shape[axis];
  for (int64_t &length : shape)
    length = random.between(0, length);
  c.data(reduction == "none"
             ? makeDistinct(c, shape, axis, size)
             : c.whole(ElementType::I64, shape, -size, size - 1));
  c.data(c.tensor(type, shape));
}

static void makeScatterND(Case &c) {
  Random &random = c.random;
  Shape shape = filledShape(c, 1, 4);
  int64_t rank = int64_t(shape.size()), depth = random.between(1, rank);
  std::string reduction = pickReduction(c);
  c.op("ScatterND");
  if (reduction != "none")
    c.attr("reduction", reduction);
  ElementType type =
      reduction == "none"
          ? anyType(c)
          : random.pick({ElementType::F32, ElementType::I32, ElementType::F64});
  c.data(c.tensor(type, shape));
  // One tuple where writing twice would depend on the order.
  Shape outer = reduction == "none" ? Shape{1} : c.shape(0, 2, 8);
  giveTuples(c, makeTuples(c, shape, outer, depth));
  outer.insert(outer.end(), shape.begin() + depth, shape.end());
  c.data(c.tensor(type, outer));
}

void nncsmith::makeScatter(Case &c) {
  c.looseness = 4;
  if (c.random.chance(0.5))
    makeScatterElements(c);
  else
    makeScatterND(c);
}
