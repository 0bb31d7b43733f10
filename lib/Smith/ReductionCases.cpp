//===----------------------------------------------------------------------===//
// Reductions, running sums, softmax and normalizations.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Smith/Case.h"

using namespace nncsmith;

/// Axes as an attribute or as input 1.
static void giveAxes(Case &c, const Shape &axes, bool asInput) {
  if (asInput)
    c.ints(axes);
  else
    c.attr("axes", axes);
}

static void makeArg(Case &c) {
  c.op(c.random.pick<const char *>({"ArgMax", "ArgMin"}));
  Shape shape = c.shape(1, 4);
  // The largest of no elements is nowhere.
  for (int64_t &size : shape)
    size = std::max<int64_t>(1, size);
  c.attr("axis", c.axis(int64_t(shape.size())));
  c.attr("keepdims", c.random.between(0, 1));
  c.attr("select_last_index", c.random.between(0, 1));
  ElementType type =
      c.random.chance(0.7)
          ? c.floatType()
          : c.random.pick({ElementType::I32, ElementType::I8, ElementType::U8,
                           ElementType::I64, ElementType::U64});
  c.data(c.tensor(type, shape, Floats::Special));
}

void nncsmith::makeReduction(Case &c) {
  Random &random = c.random;
  if (random.chance(0.15))
    return makeArg(c);
  std::string name = random.pick<const char *>(
      {"ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax",
       "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum",
       "ReduceSumSquare"});
  c.op(name);
  bool order = name == "ReduceMax" || name == "ReduceMin";
  ElementType type = c.floatType();
  if (order && random.chance(0.3))
    type = random.pick({ElementType::I8, ElementType::U8});
  else if (random.chance(0.2))
    type = random.pick({ElementType::I32, ElementType::I64, ElementType::U32,
                        ElementType::U64});
  if (!nncio::isFloat(type) &&
      (name.find("Log") != std::string::npos || name == "ReduceL2"))
    type = ElementType::F32;
  Shape shape = c.shape(0, 5);
  int64_t rank = int64_t(shape.size());
  Floats floats = name == "ReduceLogSum" ? Floats::Positive
                  : order                ? Floats::Special
                                         : Floats::Plain;
  c.looseness = 8;
  c.data(c.tensor(type, shape, floats));
  Shape axes = c.axes(rank, 0.5);
  bool asInput = c.opset >= 18 || name == "ReduceSum";
  if (!axes.empty() || (asInput && random.chance(0.5)))
    giveAxes(c, c.someNegative(axes, rank), asInput);
  c.attr("keepdims", random.between(0, 1));
  if (asInput && random.chance(0.3))
    c.attr("noop_with_empty_axes", random.between(0, 1));
}

void nncsmith::makeScan(Case &c) {
  Random &random = c.random;
  Shape shape = c.shape(1, 4);
  int64_t rank = int64_t(shape.size());
  c.looseness = 8;
  if (random.chance(0.4)) {
    c.op("CumSum");
    ElementType type = random.chance(0.7)
                           ? random.pick({ElementType::F32, ElementType::F64})
                           : random.pick({ElementType::I32, ElementType::I64,
                                          ElementType::U32, ElementType::U64});
    c.data(c.tensor(type, shape));
    c.constant(Tensor::fromInts(ElementType::I64, {}, {c.axis(rank)}));
    c.attr("exclusive", random.between(0, 1));
    c.attr("reverse", random.between(0, 1));
    return;
  }
  c.op(random.pick<const char *>({"Softmax", "LogSoftmax", "Hardmax"}));
  c.attr("axis", c.axis(rank));
  c.data(c.tensor(c.floatType(), shape, Floats::Special));
}

/// Per-channel parameters.
static Tensor channels(Case &c, ElementType type, int64_t count,
                       Floats floats = Floats::Plain) {
  return c.tensor(type, {count}, floats);
}

static void makeBatchNorm(Case &c, ElementType type, const Shape &shape) {
  c.op("BatchNormalization");
  c.data(c.tensor(type, shape));
  c.constant(channels(c, type, shape[1]));
  c.constant(channels(c, type, shape[1]));
  c.constant(channels(c, type, shape[1]));
  c.constant(channels(c, type, shape[1], Floats::Positive));
}

static void makeLayerNorm(Case &c, ElementType type, const Shape &shape) {
  c.op("LayerNormalization");
  int64_t rank = int64_t(shape.size()), axis = c.axis(rank);
  c.attr("axis", axis);
  Shape inner(shape.begin() + (axis < 0 ? axis + rank : axis), shape.end());
  c.data(c.tensor(type, shape));
  c.constant(c.tensor(type, inner));
  if (c.random.chance(0.6))
    c.constant(c.tensor(type, inner));
  c.numOutputs = c.random.chance(0.3) ? 3 : 1;
}

static void makeGroupNorm(Case &c, ElementType type, Shape shape) {
  c.op("GroupNormalization");
  int64_t groups = c.random.between(1, 4);
  shape[1] = groups * c.random.between(1, 3);
  c.attr("num_groups", groups);
  int64_t count = c.opset >= 21 ? shape[1] : groups;
  c.data(c.tensor(type, shape));
  c.constant(channels(c, type, count));
  c.constant(channels(c, type, count));
}

void nncsmith::makeNormalization(Case &c) {
  Random &random = c.random;
  ElementType type = random.pick(
      {ElementType::F32, ElementType::F32, ElementType::F64, ElementType::F16});
  c.looseness = 50;
  Shape shape = c.shape(2, 5);
  for (int64_t &size : shape)
    size = std::max<int64_t>(size, 1);
  switch (random.between(0, 6)) {
  case 0:
    return makeBatchNorm(c, type, shape);
  case 1:
    c.op("InstanceNormalization");
    shape.push_back(random.between(1, 5));
    c.data(c.tensor(type, shape));
    c.constant(channels(c, type, shape[1]));
    return c.constant(channels(c, type, shape[1]));
  case 2:
    if (c.opset >= 18)
      return makeGroupNorm(c, type, shape);
    [[fallthrough]];
  case 3:
    c.opset = std::max<int64_t>(c.opset, 18);
    return makeLayerNorm(c, type, shape);
  case 4:
    c.op("LpNormalization");
    c.attr("axis", c.axis(int64_t(shape.size())));
    c.attr("p", random.between(1, 2));
    return c.data(c.tensor(type, shape));
  case 5:
    c.op("LRN");
    c.attr("size", random.between(1, 5));
    if (random.chance(0.5))
      c.attr("bias", 2.0);
    return c.data(c.tensor(type, shape));
  default:
    c.op("MeanVarianceNormalization");
    c.attr("axes", c.axes(int64_t(shape.size()), 0.6));
    return c.data(c.tensor(type, shape));
  }
}
