//===----------------------------------------------------------------------===//
// Operators that only move elements.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Smith/Case.h"

#include <algorithm>

using namespace nncsmith;

/// Types of all widths.
static ElementType anyType(Case &c) {
  return c.random.chance(0.5)
             ? c.floatType()
             : c.random.pick({ElementType::Bool, ElementType::I8,
                              ElementType::U16, ElementType::I32,
                              ElementType::I64, ElementType::U64});
}

static void makeReshape(Case &c) {
  Random &random = c.random;
  c.op("Reshape");
  Shape shape = c.shape(0, 4);
  // Factors of the shape, merged at random.
  Shape target;
  for (int64_t size : shape)
    if (target.empty() || random.chance(0.5))
      target.push_back(size);
    else
      target.back() *= size;
  if (random.chance(0.3))
    target.insert(target.begin() + random.between(0, int64_t(target.size())),
                  1);
  bool hasZero = std::count(shape.begin(), shape.end(), 0);
  bool copies =
      !target.empty() && !shape.empty() && !hasZero && target[0] == shape[0];
  if (!target.empty() && !hasZero && random.chance(0.5))
    target[random.between(0, int64_t(target.size()) - 1)] = -1;
  else if (copies && random.chance(0.5))
    target[0] = 0;
  if (hasZero && c.opset >= 14)
    c.attr("allowzero", int64_t(1));
  c.data(c.tensor(anyType(c), shape));
  c.ints(target);
}

static void makeTranspose(Case &c) {
  c.op("Transpose");
  Shape shape = c.shape(0, 5), permutation;
  for (int64_t i = 0; i < int64_t(shape.size()); ++i)
    permutation.insert(permutation.begin() + c.random.between(0, i), i);
  if (c.random.chance(0.8))
    c.attr("perm", permutation);
  c.data(c.tensor(anyType(c), shape));
}

static void makeSlice(Case &c) {
  Random &random = c.random;
  c.op("Slice");
  Shape shape = c.shape(1, 4), starts, ends, steps;
  int64_t rank = int64_t(shape.size());
  Shape axes = c.axes(rank, 0.6);
  for (int64_t axis : axes) {
    int64_t size = shape[axis];
    int64_t step = random.pick<int64_t>({1, 1, 1, 2, 3, -1, -1, -2});
    starts.push_back(random.between(-size - 2, size + 2));
    ends.push_back(random.chance(0.3) ? (step > 0 ? INT64_MAX : INT64_MIN)
                                      : random.between(-size - 2, size + 2));
    steps.push_back(step);
  }
  c.data(c.tensor(anyType(c), shape));
  c.ints(starts);
  c.ints(ends);
  c.ints(c.someNegative(axes, rank));
  if (random.chance(0.9))
    return c.ints(steps);
}

static void makeConcat(Case &c) {
  c.op("Concat");
  Shape shape = c.shape(1, 4, 400);
  int64_t rank = int64_t(shape.size()), axis = c.axis(rank);
  c.attr("axis", axis);
  ElementType type = anyType(c);
  int64_t count = c.random.between(1, 4);
  for (int64_t i = 0; i < count; ++i) {
    shape[axis < 0 ? axis + rank : axis] = c.dim();
    c.data(c.tensor(type, shape));
  }
}

static void makeSplit(Case &c) {
  Random &random = c.random;
  c.op("Split");
  Shape shape = c.shape(1, 4, 400), lengths;
  int64_t rank = int64_t(shape.size()), axis = c.axis(rank);
  c.attr("axis", axis);
  c.numOutputs = unsigned(random.between(1, 4));
  bool even = random.chance(0.4);
  int64_t part = random.between(1, 4), sum = 0;
  for (unsigned i = 0; i < c.numOutputs; ++i) {
    lengths.push_back(even ? part : random.between(0, 4));
    sum += lengths.back();
  }
  shape[axis < 0 ? axis + rank : axis] = sum;
  c.data(c.tensor(anyType(c), shape));
  if (!even)
    c.ints(lengths);
  else if (c.opset >= 18)
    c.attr("num_outputs", int64_t(c.numOutputs));
}

static void makeTile(Case &c) {
  c.op("Tile");
  Shape shape = c.shape(0, 4, 100), repeats;
  for (size_t i = 0; i < shape.size(); ++i)
    repeats.push_back(c.random.chance(0.05) ? 0 : c.random.between(1, 3));
  c.data(c.tensor(anyType(c), shape));
  c.ints(repeats);
}

static void makeExpand(Case &c) {
  c.op("Expand");
  Shape shape = c.shape(0, 4);
  c.data(c.tensor(anyType(c), c.broadcastable(shape)));
  c.ints(c.random.chance(0.7) ? shape : c.broadcastable(shape));
}

static void makeBlocks(Case &c) {
  Random &random = c.random;
  int64_t block = random.between(1, 3);
  Shape shape = {random.between(1, 2), random.between(1, 3),
                 random.between(0, 4), random.between(1, 4)};
  bool toSpace = random.chance(0.5);
  c.op(toSpace ? "DepthToSpace" : "SpaceToDepth");
  c.attr("blocksize", block);
  if (toSpace) {
    shape[1] *= block * block;
    c.attr("mode", std::string(random.pick<const char *>({"DCR", "CRD"})));
  } else {
    shape[2] *= block;
    shape[3] *= block;
  }
  c.data(c.tensor(c.floatType(), shape));
}

static void makeTrilu(Case &c) {
  c.op("Trilu");
  c.opset = std::max<int64_t>(c.opset, 18);
  c.attr("upper", c.random.between(0, 1));
  c.data(c.tensor(anyType(c), c.shape(2, 4)));
  if (c.random.chance(0.7))
    c.constant(
        Tensor::fromInts(ElementType::I64, {}, {c.random.between(-6, 6)}));
}

static void makeReverse(Case &c) {
  c.op("ReverseSequence");
  Shape shape = c.shape(2, 4);
  int64_t batch = c.random.between(0, 1);
  c.attr("batch_axis", batch);
  c.attr("time_axis", 1 - batch);
  for (int64_t &size : shape)
    size = std::max<int64_t>(size, 1);
  c.data(c.tensor(anyType(c), shape));
  c.data(c.whole(ElementType::I64, {shape[batch]}, 1, shape[1 - batch]));
}

static void makeSqueeze(Case &c) {
  Random &random = c.random;
  Shape shape = c.shape(0, 3);
  bool removes = random.chance(0.5);
  Shape axes = {random.between(0, int64_t(shape.size()))};
  if (removes)
    shape.insert(shape.begin() + axes[0], 1);
  int64_t rank = int64_t(shape.size()) + (removes ? 0 : 1);
  c.op(removes ? "Squeeze" : "Unsqueeze");
  c.data(c.tensor(anyType(c), shape));
  c.ints(c.someNegative(axes, rank));
}

static void makeFlatten(Case &c) {
  Shape shape = c.shape(0, 4);
  int64_t rank = int64_t(shape.size());
  c.op("Flatten");
  c.attr("axis", c.random.between(-rank, rank));
  c.data(c.tensor(anyType(c), shape));
}

static void makeShapeOf(Case &c) {
  Shape shape = c.shape(0, 4);
  bool size = c.random.chance(0.3);
  c.op(size ? "Size" : "Shape");
  if (!size && c.opset >= 15 && c.random.chance(0.6)) {
    c.attr("start", c.random.between(-5, 5));
    if (c.random.chance(0.5))
      c.attr("end", c.random.between(-5, 5));
  }
  c.data(c.tensor(anyType(c), shape));
}

void nncsmith::makeMovement(Case &c) {
  static const std::vector<void (*)(Case &)> makers = {
      makeReshape, makeTranspose, makeSlice,   makeSlice,  makeConcat,
      makeSplit,   makeTile,      makeExpand,  makeBlocks, makeTrilu,
      makeReverse, makeSqueeze,   makeFlatten, makeShapeOf};
  c.random.pick(makers)(c);
}

static void makeCrop(Case &c) {
  c.op("CenterCropPad");
  c.opset = std::max<int64_t>(c.opset, 18);
  Shape shape = c.shape(1, 4, 300), sizes;
  int64_t rank = int64_t(shape.size());
  Shape axes = c.axes(rank, 0.6);
  for (size_t i = 0; i < axes.size(); ++i)
    sizes.push_back(c.random.between(1, 8));
  c.data(c.tensor(anyType(c), shape));
  c.ints(sizes);
  c.attr("axes", c.someNegative(axes, rank));
}

void nncsmith::makePad(Case &c) {
  Random &random = c.random;
  if (random.chance(0.15))
    return makeCrop(c);
  c.op("Pad");
  Shape shape = c.shape(1, 4, 300);
  int64_t rank = int64_t(shape.size());
  std::string mode = random.pick<const char *>(
      {"constant", "constant", "edge", "reflect", "wrap"});
  if (mode == "wrap" && c.opset < 19)
    mode = "constant";
  c.attr("mode", mode);
  Shape axes, front, back;
  bool someAxes = c.opset >= 18 && random.chance(0.4);
  for (int64_t i = 0; i < rank; ++i) {
    if (mode != "constant")
      shape[i] = std::max<int64_t>(shape[i], 1);
    if (someAxes && random.chance(0.5))
      continue;
    int64_t most = mode == "reflect" || mode == "wrap"
                       ? std::min<int64_t>(shape[i] - 1, 3)
                       : 3;
    int64_t least =
        random.chance(0.2) ? -std::min<int64_t>(1, shape[i] / 3) : 0;
    axes.push_back(i);
    front.push_back(random.between(least, most));
    back.push_back(random.between(least, most));
  }
  front.insert(front.end(), back.begin(), back.end());
  ElementType type = anyType(c);
  c.data(c.tensor(type, shape));
  c.ints(front);
  if (mode == "constant" && random.chance(0.6))
    c.constant(c.tensor(type, {}));
  else if (someAxes)
    c.absent();
  if (someAxes)
    c.ints(c.someNegative(axes, rank));
}
