//===----------------------------------------------------------------------===//
// What transformers are made of, as exporters write it.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Patterns.h"

#include <cmath>
#include <limits>

using namespace nncsmith;

namespace {
/// What an attention has.
struct Heads {
  int64_t batch, heads, queries, keys, width, valueWidth;
};
} // namespace

Value nncsmith::makeSequence(GraphBuilder &g, const Value &from) {
  if (from.rank() == 3 && from.sample.size() > 0)
    return g.adapt(from, g.floatType, from.shape());
  int64_t batch = g.random.between(1, 2), length = g.random.between(1, 9);
  int64_t width = g.random.pick<int64_t>({1, 4, 6, 8, 12, 16, 17, 24});
  return g.adapt(from, g.floatType, {batch, length, width});
}

/// Queries, keys or values out of `from`: [batch, heads, length, width].
static Value makeHeads(GraphBuilder &g, const Value &from, int64_t batch,
                       int64_t heads, int64_t length, int64_t width) {
  if (g.random.chance(0.4))
    return g.adapt(from, g.floatType, {batch, heads, length, width});
  Value rows = g.adapt(from, g.floatType, {batch, length, heads * width});
  if (g.random.chance(0.5))
    rows = makeProduct(g, rows, heads * width);
  Value split = g.add("Reshape", {rows, g.ints({0, 0, heads, -1})});
  return g.add("Transpose", {split}, {attr("perm", Shape{0, 2, 1, 3})});
}

/// A slice of each of three out of one product, as of a fused projection.
static Values makeFusedHeads(GraphBuilder &g, const Value &from,
                             const Heads &h) {
  int64_t columns = h.heads * h.width;
  Value rows = g.adapt(from, g.floatType, {h.batch, h.queries, columns});
  Value all = makeProduct(g, rows, 3 * columns);
  Values result;
  for (int64_t i = 0; i < 3; ++i) {
    Value begin = g.ints({i * columns}), end = g.ints({(i + 1) * columns});
    Value part = g.add("Slice", {all, begin, end, g.ints({2})});
    Value split = g.add("Reshape", {part, g.ints({0, 0, h.heads, -1})});
    result.push_back(
        g.add("Transpose", {split}, {attr("perm", Shape{0, 2, 1, 3})}));
  }
  return result;
}

/// Something added to scores: rows, columns or places that do not count.
static Value addMask(GraphBuilder &g, const Value &scores, const Heads &h) {
  Random &random = g.random;
  double low = random.pick<double>(
      {-1e4, -6e4, -1, -std::numeric_limits<double>::infinity()});
  Shape shape = random.pick<Shape>({{h.queries, h.keys},
                                    {1, 1, h.queries, h.keys},
                                    {h.batch, 1, 1, h.keys},
                                    {h.batch, h.heads, h.queries, h.keys},
                                    {1, 1, 1, 1}});
  Tensor mask(g.floatType, shape);
  for (int64_t i = 0; i < mask.size(); ++i) {
    bool causal = shape.back() > 1 && i % h.keys > i / h.keys % h.queries;
    mask.setDouble(i, causal || random.chance(0.1) ? low : 0);
  }
  if (random.chance(0.4)) {
    Tensor keep(ElementType::Bool, shape);
    for (int64_t i = 0; i < mask.size(); ++i)
      keep.setInt(i, mask.getDouble(i) == 0);
    Value condition = g.constant(keep);
    return g.add("Where", {condition, scores, g.scalar(g.floatType, low)});
  }
  Value addend = random.chance(0.5) && g.getDepth() == 0 ? g.input(mask)
                                                         : g.constant(mask);
  return g.add("Add", {scores, addend});
}

/// Softmax of scaled products, perhaps with something in between.
static Value makeWeights(GraphBuilder &g, Value query, Value key,
                         const Heads &h) {
  Random &random = g.random;
  Value factor = g.scalar(g.floatType, 1 / std::sqrt(double(h.width)));
  bool early = random.chance(0.4);
  if (early)
    query = g.add("Mul", {query, factor});
  Value turned = g.add("Transpose", {key}, {attr("perm", Shape{0, 1, 3, 2})});
  Value scores = g.add("MatMul", {query, turned});
  if (!early)
    scores = random.chance(0.5)
                 ? g.add("Mul", {scores, factor})
                 : g.add("Div", {scores, g.scalar(g.floatType,
                                                  std::sqrt(double(h.width)))});
  if (random.chance(0.15))
    scores = g.add("Tanh", {scores});
  if (random.chance(0.6))
    scores = addMask(g, scores, h);
  return g.add("Softmax", {scores}, {attr("axis", int64_t(-1))});
}

Value nncsmith::makeAttention(GraphBuilder &g, const Value &from) {
  Random &random = g.random;
  Heads h;
  h.batch = random.between(1, 2);
  h.heads = random.between(1, 4);
  h.queries = random.pick<int64_t>({1, 2, 3, 5, 7, 8, 13, 17});
  h.keys = random.chance(0.5) ? h.queries : random.between(1, 19);
  // Keys of several blocks.
  if (random.chance(0.06))
    h.keys = random.between(500, 1100), h.heads = 1;
  h.width = random.pick<int64_t>({1, 2, 3, 4, 7, 8, 16, 17, 20, 33, 64});
  h.valueWidth = random.chance(0.7) ? h.width : random.between(1, 18);
  Value query, key, value;
  if (random.chance(0.35)) {
    h.keys = h.queries;
    h.valueWidth = h.width;
    Values all = makeFusedHeads(g, from, h);
    query = all[0], key = all[1], value = all[2];
  } else {
    int64_t shared = random.chance(0.2) ? 1 : h.heads;
    query = makeHeads(g, from, h.batch, h.heads, h.queries, h.width);
    key = makeHeads(g, g.pick(), h.batch, shared, h.keys, h.width);
    value = makeHeads(g, g.pick(), h.batch, shared, h.keys, h.valueWidth);
  }
  Value weights = makeWeights(g, query, key, h);
  Value mixed = g.add("MatMul", {weights, value});
  if (random.chance(0.3))
    return mixed;
  Value back = g.add("Transpose", {mixed}, {attr("perm", Shape{0, 2, 1, 3})});
  Value rows = g.add("Reshape", {back, g.ints({0, 0, -1})});
  return random.chance(0.4) && rows ? makeProduct(g, rows, rows.shape().back())
                                    : rows;
}

Value nncsmith::makeRotary(GraphBuilder &g, const Value &from) {
  Random &random = g.random;
  int64_t half = random.between(1, 5), length = random.between(1, 7);
  Value x =
      g.adapt(from, g.floatType, {1, random.between(1, 3), length, 2 * half});
  Value zero = g.ints({0}), middle = g.ints({half}), end = g.ints({INT64_MAX});
  Value low = g.add("Slice", {x, zero, middle, g.ints({3})});
  Value high = g.add("Slice", {x, middle, end, g.ints({-1})});
  Value turned =
      g.add("Concat", {g.add("Neg", {high}), low}, {attr("axis", int64_t(-1))});
  Value cosine = g.fresh(g.floatType, {length, 2 * half});
  Value sine = g.fresh(g.floatType, {1, 1, length, 2 * half});
  Value left = g.add("Mul", {x, cosine});
  return g.add("Add", {left, g.add("Mul", {turned, sine})});
}

//===----------------------------------------------------------------------===//
// Normalizations, written out
//===----------------------------------------------------------------------===//

/// The mean over the last axis, which stays.
static Value meanOf(GraphBuilder &g, const Value &x) {
  if (g.opset >= 18)
    return g.add("ReduceMean", {x, g.ints({-1})});
  return g.add("ReduceMean", {x}, {attr("axes", Shape{-1})});
}

Value nncsmith::makeLayerNorm(GraphBuilder &g, const Value &from) {
  Random &random = g.random;
  Value x = makeSequence(g, from);
  if (!x)
    return {};
  int64_t width = x.shape().back();
  bool centered = random.chance(0.6);
  Value centre = centered ? g.add("Sub", {x, meanOf(g, x)}) : x;
  Value square = random.chance(0.5)
                     ? g.add("Pow", {centre, g.scalar(g.floatType, 2)})
                     : g.add("Mul", {centre, centre});
  if (!square)
    return {};
  Value mean = meanOf(g, square);
  Value sum = g.add("Add", {mean, g.scalar(g.floatType, 1e-3)});
  Value root = g.add("Sqrt", {sum});
  Value normal = random.chance(0.5)
                     ? g.add("Div", {centre, root})
                     : g.add("Mul", {centre, g.add("Reciprocal", {root})});
  Value scaled = g.add("Mul", {normal, g.fresh(g.floatType, {width})});
  return random.chance(0.6)
             ? g.add("Add", {scaled, g.fresh(g.floatType, {width})})
             : scaled;
}

Value nncsmith::makeSoftmax(GraphBuilder &g, const Value &from) {
  Value x = g.adapt(from, g.floatType, from.shape());
  if (!x || x.rank() == 0 || x.sample.empty())
    return {};
  int64_t axis = g.random.between(-x.rank(), x.rank() - 1);
  if (g.random.chance(0.5))
    return g.add("Softmax", {x}, {attr("axis", axis)});
  auto reduce = [&](const char *op, const Value &of, bool byInput) {
    return byInput ? g.add(op, {of, g.ints({axis})})
                   : g.add(op, {of}, {attr("axes", Shape{axis})});
  };
  Value most = reduce("ReduceMax", x, g.opset >= 18);
  Value power = g.add("Exp", {g.add("Sub", {x, most})});
  if (!power)
    return {};
  return g.add("Div", {power, reduce("ReduceSum", power, true)});
}

Value nncsmith::makePerceptron(GraphBuilder &g, const Value &from) {
  Random &random = g.random;
  Value x = makeSequence(g, from);
  if (!x)
    return {};
  int64_t width = x.shape().back();
  int64_t wide = random.chance(0.15) ? 130 : 40;
  Value hidden = makeProduct(g, x, random.between(1, wide));
  Value active = makeActivationOf(g, hidden);
  if (random.chance(0.3) && active)
    active = g.add("Mul", {active, makeProduct(g, x, active.shape().back())});
  Value out = active ? makeProduct(g, active, width) : Value();
  return random.chance(0.6) ? g.add("Add", {x, out}) : out;
}
