//===----------------------------------------------------------------------===//
// Chains of light operators, movements, branches and joins of any graph.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Patterns.h"

#include <algorithm>
#include <cmath>

using namespace nncsmith;

Value nncsmith::makeProduct(GraphBuilder &g, const Value &from,
                            int64_t columns) {
  if (!from || from.rank() == 0)
    return {};
  Random &random = g.random;
  int64_t depth = from.shape().back();
  if (from.rank() == 2 && random.chance(0.4)) {
    bool turned = random.chance(0.5);
    Value weights = g.constant(
        Case(random.next())
            .tensor(from.type(),
                    turned ? Shape{columns, depth} : Shape{depth, columns},
                    Floats::Unit));
    Value bias = g.fresh(from.type(), {columns});
    return g.add("Gemm", {from, weights, bias},
                 {attr("transB", int64_t(turned))});
  }
  Value weights = g.constant(
      Case(random.next()).tensor(from.type(), {depth, columns}, Floats::Unit));
  Value product = g.add("MatMul", {from, weights});
  return random.chance(0.6)
             ? g.add("Add", {product, g.fresh(from.type(), {columns})})
             : product;
}

Value nncsmith::makeActivationOf(GraphBuilder &g, const Value &from) {
  if (!from)
    return {};
  switch (g.random.between(0, 5)) {
  case 0:
    return g.add("Mul", {from, g.add("Sigmoid", {from})});
  case 1: {
    Value half = g.add("Mul", {from, g.scalar(from.type(), 0.5)});
    Value scaled = g.add("Div", {from, g.scalar(from.type(), std::sqrt(2.0))});
    Value error = g.add("Erf", {scaled});
    return g.add("Mul",
                 {half, g.add("Add", {error, g.scalar(from.type(), 1)})});
  }
  case 2: {
    Value low = g.scalar(from.type(), 0), high = g.scalar(from.type(), 6);
    return g.add("Clip", {from, low, high});
  }
  case 3:
    return g.add("Relu", {from});
  default:
    return g.add(g.random.pick<const char *>(
                     {"Tanh", "Sigmoid", "Elu", "LeakyRelu", "Softplus",
                      "HardSwish", "Softsign", "Selu", "HardSigmoid", "Abs",
                      "Exp", "Sqrt", "Neg", "Reciprocal", "Erf", "Sin"}),
                 {from});
  }
}

/// `from` with another operand, which broadcasts or is computed too.
static Value addBinary(GraphBuilder &g, const Value &from) {
  Random &random = g.random;
  Value other;
  if (random.chance(0.5)) {
    Shape shape = Case(random.next()).broadcastable(from.shape());
    if (random.chance(0.5))
      other = g.adapt(g.pick(), from.type(), shape);
    else
      other = g.fresh(from.type(), shape, Floats::Plain);
  }
  if (!other)
    for (const Value &value : g.getPool())
      if (value.shape() == from.shape() && value.type() == from.type() &&
          (!other || random.chance(0.5)))
        other = value;
  if (!other)
    other = g.fresh(from.type(), {}, Floats::Plain);
  const char *op = random.pick<const char *>(
      {"Add", "Add", "Sub", "Mul", "Mul", "Max", "Min", "Div"});
  if (random.chance(0.5))
    return g.add(op, {from, other});
  return g.add(op, {other, from});
}

Value nncsmith::makeChain(GraphBuilder &g, const Value &from) {
  Value x = from;
  if (!nncio::isFloat(x.type()) || g.random.chance(0.1))
    x = g.adapt(from, g.floatType, from.shape());
  int64_t length = g.random.between(1, 5);
  for (int64_t i = 0; i < length && x; ++i) {
    x = g.tame(x);
    if (!x)
      return {};
    x = g.random.chance(0.5) ? addBinary(g, x) : makeActivationOf(g, x);
  }
  return x;
}

//===----------------------------------------------------------------------===//
// Movements
//===----------------------------------------------------------------------===//

static Value addTranspose(GraphBuilder &g, const Value &x) {
  Shape permutation;
  for (int64_t i = 0; i < x.rank(); ++i)
    permutation.insert(permutation.begin() + g.random.between(0, i), i);
  return g.add("Transpose", {x}, {attr("perm", permutation)});
}

static Value addReshape(GraphBuilder &g, const Value &x) {
  Shape shape;
  for (int64_t size : x.shape()) {
    int64_t front = size > 0 && size % 2 == 0 && g.random.chance(0.3) ? 2 : 1;
    if (front == 2)
      shape.insert(shape.end(), {2, size / 2});
    else if (shape.empty() || g.random.chance(0.5))
      shape.push_back(size);
    else
      shape.back() *= size;
  }
  bool infers = !shape.empty() && !x.sample.empty();
  if (infers && g.random.chance(0.5))
    shape[size_t(g.random.between(0, int64_t(shape.size()) - 1))] = -1;
  return g.add("Reshape", {x, g.ints(shape)});
}

static Value addSlice(GraphBuilder &g, const Value &x) {
  Random &random = g.random;
  int64_t axis = random.between(0, x.rank() - 1);
  int64_t size = x.shape()[size_t(axis)];
  int64_t step = random.pick<int64_t>({1, 1, 1, 1, 2, -1, -2, 3});
  int64_t begin = random.between(0, size), end = random.between(begin, size);
  if (begin == end && random.chance(0.8))
    begin = 0, end = size;
  if (step < 0)
    std::swap(begin, end), begin -= 1, end -= 1;
  if (end < 0)
    end = INT64_MIN;
  Value from = g.ints({begin}), to = g.ints({end}), axes = g.ints({axis});
  return g.add("Slice", {x, from, to, axes, g.ints({step})});
}

static Value addConcat(GraphBuilder &g, const Value &x) {
  Random &random = g.random;
  size_t axis = size_t(random.between(0, x.rank() - 1));
  Values parts{x};
  for (int64_t i = random.between(1, 2); i > 0; --i) {
    Shape shape = x.shape();
    shape[axis] = random.between(0, 5);
    Value other = random.chance(0.3) ? x : g.adapt(g.pick(), x.type(), shape);
    parts.push_back(other ? other : x);
  }
  if (random.chance(0.5))
    std::swap(parts.front(), parts.back());
  return g.add("Concat", parts, {attr("axis", int64_t(axis))});
}

static Value addPad(GraphBuilder &g, const Value &x) {
  Shape pads;
  for (int64_t i = 0; i < 2 * x.rank(); ++i)
    pads.push_back(g.random.chance(0.4) ? g.random.between(0, 2) : 0);
  const char *mode =
      g.random.pick<const char *>({"constant", "constant", "edge"});
  return g.add("Pad", {x, g.ints(pads)}, {attr("mode", std::string(mode))});
}

static Value addGather(GraphBuilder &g, const Value &x) {
  int64_t axis = g.random.between(0, x.rank() - 1);
  int64_t size = x.shape()[size_t(axis)];
  if (size == 0)
    return x;
  Shape places;
  for (int64_t i = g.random.between(1, 6); i > 0; --i)
    places.push_back(g.random.between(-size, size - 1));
  Value at =
      g.random.chance(0.3)
          ? g.constant(Tensor::fromInts(ElementType::I64, {}, {places.front()}))
          : g.ints(places);
  return g.add("Gather", {x, at}, {attr("axis", axis)});
}

static Value addResizing(GraphBuilder &g, const Value &x) {
  Shape sizes, squeezable;
  for (int64_t i = 0; i < x.rank(); ++i) {
    sizes.push_back(g.random.chance(0.2) ? 2 : 1);
    if (x.shape()[size_t(i)] == 1)
      squeezable.push_back(i);
  }
  switch (g.random.between(0, 2)) {
  case 0:
    return g.add("Tile", {x, g.ints(sizes)});
  case 1:
    if (!squeezable.empty())
      return g.add("Squeeze", {x, g.ints({g.random.pick(squeezable)})});
    [[fallthrough]];
  default:
    return g.add("Unsqueeze", {x, g.ints({g.random.between(0, x.rank())})});
  }
}

Value nncsmith::makeMovements(GraphBuilder &g, const Value &from) {
  static const std::vector<Value (*)(GraphBuilder &, const Value &)> moves = {
      addTranspose, addTranspose, addReshape, addReshape, addSlice,
      addSlice,     addConcat,    addPad,     addGather,  addResizing};
  Value x = from;
  int64_t length = g.random.between(1, 4);
  for (int64_t i = 0; i < length && x && x.rank() > 0; ++i)
    x = g.random.pick(moves)(g, x);
  return x;
}

Value nncsmith::makeParts(GraphBuilder &g, const Value &from) {
  Random &random = g.random;
  if (from.rank() == 0)
    return {};
  size_t axis = size_t(random.between(0, from.rank() - 1));
  int64_t size = from.shape()[axis], first = random.between(0, size);
  onnx::NodeProto node;
  node.set_op_type("Split");
  *node.add_attribute() = attr("axis", int64_t(axis));
  Values parts = g.add(node, {from, g.ints({first, size - first})}, 2);
  if (parts.empty())
    return {};
  for (Value &part : parts)
    if (random.chance(0.6))
      if (Value computed =
              makeActivationOf(g, g.adapt(part, g.floatType, part.shape())))
        part = g.adapt(computed, from.type(), part.shape());
  if (random.chance(0.5))
    std::swap(parts[0], parts[1]);
  return g.add("Concat", parts, {attr("axis", int64_t(axis))});
}

Value nncsmith::makeShapeArithmetic(GraphBuilder &g, const Value &from) {
  if (from.rank() < 2)
    return {};
  Random &random = g.random;
  Value shape = g.add("Shape", {from});
  Value at = g.constant(
      Tensor::fromInts(ElementType::I64, {}, {random.between(0, 1)}));
  Value size = g.add("Gather", {shape, at}, {attr("axis", int64_t(0))});
  if (random.chance(0.3)) {
    Value two = g.constant(Tensor::fromInts(ElementType::I64, {}, {2}));
    Value sum = g.add("Add", {size, two});
    size = g.add("Sub", {sum, two});
  }
  Value one = g.add("Unsqueeze", {size, g.ints({0})});
  Values parts = random.chance(0.5) ? Values{one, g.ints({-1})}
                                    : Values{g.ints({-1}), one};
  Value target = g.add("Concat", parts, {attr("axis", int64_t(0))});
  return g.add("Reshape", {from, target});
}

Value nncsmith::makeReductionOf(GraphBuilder &g, const Value &from) {
  Random &random = g.random;
  Value x = g.adapt(from, g.floatType, from.shape());
  if (!x || x.sample.empty())
    return {};
  Shape axes;
  for (int64_t i = 0; i < x.rank(); ++i)
    if (random.chance(0.4))
      axes.push_back(random.chance(0.3) ? i - x.rank() : i);
  if (axes.empty() && x.rank() > 0)
    axes.push_back(x.rank() - 1);
  const char *op = random.pick<const char *>(
      {"ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceL2",
       "ReduceSumSquare", "ReduceLogSumExp", "ReduceL1"});
  bool byInput = g.opset >= 18 || op == std::string("ReduceSum");
  Attributes attributes{attr("keepdims", random.between(0, 1))};
  if (!byInput)
    attributes.push_back(attr("axes", axes));
  return g.add(op, byInput ? Values{x, g.ints(axes)} : Values{x}, attributes);
}

/// Two ways from one value that meet again.
Value nncsmith::makeDiamond(GraphBuilder &g, const Value &from) {
  Value left = makeChain(g, from);
  Value right =
      g.random.chance(0.5) ? makeMovements(g, from) : makeReductionOf(g, from);
  if (!left || !right)
    return {};
  right = g.adapt(right, left.type(), left.shape());
  return g.add(g.random.pick<const char *>({"Add", "Mul", "Sub", "Max"}),
               {left, right});
}
