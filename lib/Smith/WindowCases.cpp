//===----------------------------------------------------------------------===//
// Convolutions and pools.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Smith/Case.h"

using namespace nncsmith;

namespace {
/// Windows over 1 to 3 dimensions.
struct Window {
  Shape kernel, strides, dilations, pads;
  std::string autoPad = "NOTSET";
  /// Sizes that hold at least one window.
  Shape sizes;
};
} // namespace

static Window makeWindow(Case &c, int64_t rank, bool dilated, bool smallPads) {
  Random &random = c.random;
  Window window;
  Shape ends;
  if (random.chance(0.25))
    window.autoPad =
        random.pick<const char *>({"SAME_UPPER", "SAME_LOWER", "VALID"});
  for (int64_t i = 0; i < rank; ++i) {
    int64_t kernel = random.between(1, rank == 3 ? 3 : 4);
    int64_t dilation = dilated && random.chance(0.3) ? random.between(2, 3) : 1;
    int64_t span = (kernel - 1) * dilation + 1;
    int64_t most = smallPads ? kernel - 1 : kernel;
    int64_t front = random.chance(0.5) ? random.between(0, most) : 0;
    int64_t back = random.chance(0.5) ? random.between(0, most) : 0;
    int64_t least = window.autoPad == "NOTSET"
                        ? std::max<int64_t>(1, span - front - back)
                        : span;
    window.kernel.push_back(kernel);
    window.dilations.push_back(dilation);
    window.strides.push_back(random.chance(0.5) ? 1 : random.between(2, 3));
    window.pads.push_back(front);
    ends.push_back(back);
    window.sizes.push_back(least + random.between(0, rank == 1 ? 12 : 4));
  }
  window.pads.insert(window.pads.end(), ends.begin(), ends.end());
  return window;
}

static void giveWindow(Case &c, const Window &window) {
  Random &random = c.random;
  if (random.chance(0.9))
    c.attr("strides", window.strides);
  c.attr("kernel_shape", window.kernel);
  if (window.autoPad != "NOTSET")
    c.attr("auto_pad", window.autoPad);
  else
    c.attr("pads", window.pads);
}

static Shape join(Shape front, const Shape &back) {
  front.insert(front.end(), back.begin(), back.end());
  return front;
}

static ElementType windowType(Case &c) {
  return c.random.pick({ElementType::F32, ElementType::F32, ElementType::F32,
                        ElementType::F64, ElementType::F16});
}

void nncsmith::makeConv(Case &c) {
  Random &random = c.random;
  c.op("Conv");
  c.looseness = 16;
  Window window = makeWindow(c, random.between(1, 3), true, false);
  giveWindow(c, window);
  c.attr("dilations", window.dilations);
  int64_t group = random.chance(0.6) ? 1 : random.between(2, 4);
  int64_t in = random.between(1, 3), out = random.between(1, 4) * group;
  if (random.chance(0.3))
    in = 1; // depthwise with a group
  c.attr("group", group);
  ElementType type = windowType(c);
  int64_t batch = random.chance(0.05) ? 0 : random.between(1, 2);
  c.data(c.tensor(type, join({batch, in * group}, window.sizes)));
  c.constant(c.tensor(type, join({out, in}, window.kernel)));
  if (random.chance(0.5))
    c.constant(c.tensor(type, {out}));
}

void nncsmith::makeConvTranspose(Case &c) {
  Random &random = c.random;
  c.op("ConvTranspose");
  c.looseness = 16;
  int64_t rank = random.between(1, 3);
  Window window = makeWindow(c, rank, true, true);
  c.attr("kernel_shape", window.kernel);
  c.attr("strides", window.strides);
  c.attr("dilations", window.dilations);
  if (window.autoPad != "NOTSET")
    c.attr("auto_pad", window.autoPad);
  else
    c.attr("pads", window.pads);
  if (random.chance(0.4)) {
    Shape extra;
    for (int64_t i = 0; i < rank; ++i)
      extra.push_back(random.between(
          0, std::max(window.strides[i], window.dilations[i]) - 1));
    c.attr("output_padding", extra);
  }
  for (int64_t &size : window.sizes)
    size = random.between(1, 5);
  // Enough for what the pads take away.
  for (int64_t i = 0; i < rank; ++i)
    window.sizes[i] += window.pads[i] + window.pads[rank + i];
  int64_t group = random.chance(0.6) ? 1 : random.between(2, 3);
  c.attr("group", group);
  int64_t in = random.between(1, 3), out = random.between(1, 3);
  ElementType type = windowType(c);
  c.data(
      c.tensor(type, join({random.between(1, 2), in * group}, window.sizes)));
  c.constant(c.tensor(type, join({in * group, out}, window.kernel)));
  if (random.chance(0.5))
    c.constant(c.tensor(type, {out * group}));
}

void nncsmith::makePool(Case &c) {
  Random &random = c.random;
  c.looseness = 8;
  int64_t rank = random.between(1, 3);
  std::string name = random.pick<const char *>(
      {"MaxPool", "MaxPool", "AveragePool", "AveragePool", "LpPool",
       "GlobalMaxPool", "GlobalAveragePool", "GlobalLpPool"});
  c.op(name);
  bool isMax = name == "MaxPool", isAverage = name == "AveragePool";
  bool dilated = isMax || (isAverage && c.opset >= 19) ||
                 (name == "LpPool" && c.opset >= 18);
  Window window = makeWindow(c, rank, dilated, true);
  Shape shape =
      join({random.between(1, 2), random.between(1, 3)}, window.sizes);
  if (name == "GlobalLpPool")
    c.attr("p", random.between(1, 3));
  if (name.find("Global") == 0)
    return c.data(c.tensor(windowType(c), shape));
  giveWindow(c, window);
  if (dilated)
    c.attr("dilations", window.dilations);
  if (name != "LpPool" || c.opset >= 18)
    c.attr("ceil_mode", random.between(0, 1));
  if (name == "LpPool")
    c.attr("p", random.between(1, 3));
  if (isAverage)
    c.attr("count_include_pad", random.between(0, 1));
  ElementType type = windowType(c);
  if (isMax && random.chance(0.2))
    type = random.pick({ElementType::I8, ElementType::U8});
  if (isMax && random.chance(0.4)) {
    c.numOutputs = 2;
    c.attr("storage_order", random.between(0, 1));
  }
  c.data(c.tensor(type, shape));
}
