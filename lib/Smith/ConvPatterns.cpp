//===----------------------------------------------------------------------===//
// What convolutional and quantized networks are made of.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Patterns.h"

using namespace nncsmith;

Value nncsmith::makeImage(GraphBuilder &g, const Value &from) {
  if (from.rank() == 4 && from.sample.size() > 0 && from.shape()[2] > 2 &&
      from.shape()[3] > 2)
    return g.adapt(from, g.floatType, from.shape());
  Random &random = g.random;
  int64_t batch = random.chance(0.8) ? 1 : 2, height = random.between(3, 11);
  int64_t channels = random.pick<int64_t>({1, 2, 3, 4, 8, 16, 17, 20});
  // What Winograd and larger tiles are for.
  if (random.chance(0.15))
    return g.adapt(from, g.floatType,
                   {1, random.pick<int64_t>({16, 24, 32}),
                    random.between(8, 15), random.between(8, 15)});
  return g.adapt(from, g.floatType,
                 {batch, channels, height, random.between(3, 18)});
}

/// A convolution, without what follows it.
static Value addConvolution(GraphBuilder &g, const Value &x, int64_t out,
                            int64_t group, int64_t kernel) {
  Random &random = g.random;
  Attributes attributes{attr("group", group)};
  int64_t pad = random.chance(0.7) ? kernel / 2 : 0;
  attributes.push_back(
      attr("pads", Shape{pad, random.chance(0.9) ? pad : 0, pad, pad}));
  if (random.chance(0.25))
    attributes.push_back(attr("strides", Shape{2, random.between(1, 2)}));
  if (random.chance(0.1))
    attributes.push_back(attr("dilations", Shape{random.between(1, 2), 1}));
  Shape filter{out, x.shape()[1] / group, kernel, kernel};
  Values inputs{
      x, g.constant(
             Case(random.next()).tensor(g.floatType, filter, Floats::Unit))};
  if (random.chance(0.5))
    inputs.push_back(g.fresh(g.floatType, {out}));
  return g.add("Conv", inputs, attributes);
}

/// Normalization, activation, residual sum: each at times.
static Value finishConvolution(GraphBuilder &g, const Value &from,
                               const Value &x) {
  Random &random = g.random;
  Value sum = from;
  if (sum && random.chance(0.4)) {
    Shape channels{sum.shape()[1]};
    Values inputs{sum};
    for (Floats floats :
         {Floats::Plain, Floats::Plain, Floats::Unit, Floats::Positive})
      inputs.push_back(g.constant(
          Case(random.next()).tensor(g.floatType, channels, floats)));
    sum = g.add("BatchNormalization", inputs);
  }
  if (random.chance(0.6))
    sum = makeActivationOf(g, sum);
  if (!sum || sum.shape() != x.shape() || random.chance(0.4))
    return sum;
  sum = g.add("Add", {sum, x});
  return random.chance(0.5) ? g.add("Relu", {sum}) : sum;
}

Value nncsmith::makeConvolution(GraphBuilder &g, const Value &from) {
  Random &random = g.random;
  Value x = makeImage(g, from);
  if (!x)
    return {};
  int64_t channels = x.shape()[1];
  int64_t out = random.chance(0.5)
                    ? channels
                    : random.pick<int64_t>({1, 2, 4, 5, 8, 16, 19, 32});
  int64_t group =
      channels % 2 == 0 && out % 2 == 0 && random.chance(0.15) ? 2 : 1;
  int64_t kernel = random.pick<int64_t>({1, 1, 3, 3, 3, 2, 5});
  return finishConvolution(g, addConvolution(g, x, out, group, kernel), x);
}

Value nncsmith::makeSeparable(GraphBuilder &g, const Value &from) {
  Random &random = g.random;
  Value x = makeImage(g, from);
  if (!x)
    return {};
  int64_t channels = x.shape()[1], wide = channels;
  Value inside = x;
  if (random.chance(0.4)) {
    wide = channels * random.between(1, 4);
    inside = makeActivationOf(g, addConvolution(g, x, wide, 1, 1));
  }
  if (!inside)
    return {};
  Value depthwise =
      addConvolution(g, inside, wide, wide, random.pick<int64_t>({3, 3, 5}));
  if (random.chance(0.7))
    depthwise = makeActivationOf(g, depthwise);
  if (!depthwise)
    return {};
  int64_t out = random.chance(0.6) ? channels : random.between(1, 24);
  return finishConvolution(g, addConvolution(g, depthwise, out, 1, 1), x);
}

Value nncsmith::makePooling(GraphBuilder &g, const Value &from) {
  Random &random = g.random;
  Value x = makeImage(g, from);
  int64_t kernel = random.between(1, 3), pad = random.between(0, kernel - 1);
  if (random.chance(0.2))
    return g.add("GlobalAveragePool", {x});
  Attributes attributes{attr("kernel_shape", Shape{kernel, kernel}),
                        attr("pads", Shape{pad, 0, 0, pad}),
                        attr("strides", Shape{random.between(1, 2), 1})};
  if (random.chance(0.5))
    return g.add("MaxPool", {x}, attributes);
  attributes.push_back(attr("count_include_pad", random.between(0, 1)));
  return g.add("AveragePool", {x}, attributes);
}

Value nncsmith::makeExcitation(GraphBuilder &g, const Value &from) {
  Value x = makeImage(g, from);
  Value mean = g.add("GlobalAveragePool", {x});
  if (!mean)
    return {};
  int64_t channels = x.shape()[1];
  Value narrow = addConvolution(g, mean, g.random.between(1, 6), 1, 1);
  Value active = g.add("Relu", {narrow});
  if (!active)
    return {};
  Value wide = addConvolution(g, active, channels, 1, 1);
  Value gate = g.add(g.random.chance(0.5) ? "Sigmoid" : "HardSigmoid", {wide});
  return g.add("Mul", {x, gate});
}

//===----------------------------------------------------------------------===//
// Quantized forms
//===----------------------------------------------------------------------===//

/// To 8 bits and back.
static Value quantizeAndBack(GraphBuilder &g, const Value &from,
                             ElementType type) {
  bool isUnsigned = type == ElementType::U8;
  double scale = g.random.pick<double>({0.0625, 0.03125, 0.1, 0.25});
  Value step = g.scalar(ElementType::F32, scale);
  int64_t middle = isUnsigned ? g.random.between(100, 140) : 0;
  Value zero = g.constant(Tensor::fromInts(type, {}, {middle}));
  Value codes = g.add("QuantizeLinear", {from, step, zero});
  return g.add("DequantizeLinear", {codes, step, zero});
}

/// Constant weights of 8 bits, by channel along `axis` at times.
static Value makeQuantizedWeights(GraphBuilder &g, const Shape &shape,
                                  int64_t axis) {
  Case c(g.random.next());
  Value codes = g.constant(c.whole(ElementType::I8, shape, -127, 127));
  Shape channels;
  if (g.random.chance(0.5))
    channels = {shape[size_t(axis)]};
  Tensor scales(ElementType::F32, channels);
  for (int64_t i = 0; i < scales.size(); ++i)
    scales.setDouble(i, g.random.real(0.002, 0.02));
  Value steps = g.constant(scales);
  Value zeros = g.constant(Tensor(ElementType::I8, channels));
  return g.add("DequantizeLinear", {codes, steps, zeros}, {attr("axis", axis)});
}

Value nncsmith::makeQuantizedLayer(GraphBuilder &g, const Value &from) {
  Random &random = g.random;
  ElementType type = random.pick({ElementType::U8, ElementType::I8});
  bool isImage = random.chance(0.5);
  Value x = isImage ? makeImage(g, from) : makeSequence(g, from);
  if (!x)
    return {};
  x = quantizeAndBack(g, g.adapt(x, ElementType::F32, x.shape()), type);
  if (!x)
    return {};
  int64_t in = x.shape()[isImage ? 1 : 2], out = random.between(1, 20);
  int64_t kernel = random.pick<int64_t>({1, 3});
  Shape shape = isImage ? Shape{out, in, kernel, kernel} : Shape{in, out};
  Value weights = makeQuantizedWeights(g, shape, isImage ? 0 : 1);
  Value sum =
      isImage ? g.add("Conv", {x, weights}, {attr("pads", Shape{1, 1, 1, 1})})
              : g.add("MatMul", {x, weights});
  if (random.chance(0.5))
    sum = g.add("Relu", {sum});
  return random.chance(0.7) ? quantizeAndBack(g, sum, type) : sum;
}
