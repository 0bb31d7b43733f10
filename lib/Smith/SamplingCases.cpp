//===----------------------------------------------------------------------===//
// Resampling and signals.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Smith/Case.h"

#include <algorithm>
#include <cmath>

using namespace nncsmith;

void nncsmith::makeResize(Case &c) {
  Random &random = c.random;
  c.op("Resize");
  c.looseness = 50;
  std::string mode = random.pick<const char *>({"nearest", "linear", "cubic"});
  std::string transform = random.pick<const char *>(
      {"half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"});
  c.attr("mode", mode);
  c.attr("coordinate_transformation_mode", transform);
  if (mode == "nearest")
    c.attr("nearest_mode",
           std::string(random.pick<const char *>(
               {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"})));
  if (mode == "cubic")
    c.attr("exclude_outside", random.between(0, 1));
  int64_t rank = mode == "cubic" ? 4 : random.between(3, 5);
  Shape shape{random.between(1, 2), random.between(1, 2)};
  Shape sizes = shape;
  std::vector<double> scales{1, 1};
  for (int64_t i = 2; i < rank; ++i) {
    shape.push_back(random.between(1, 7));
    // Powers of two: what is rounded to the next element must not hang on
    // the last bit.
    double scale = random.pick<double>({0.5, 1, 1, 2, 4});
    scales.push_back(scale);
    sizes.push_back(std::max<int64_t>(1, int64_t(double(shape[i]) * scale)));
  }
  ElementType type = random.pick(
      {ElementType::F32, ElementType::F32, ElementType::F64, ElementType::F16});
  c.data(c.tensor(type, shape));
  c.absent();
  if (random.chance(0.5)) {
    c.constant(Tensor::fromDoubles(ElementType::F32, {rank}, scales));
  } else {
    c.absent();
    c.ints(sizes);
  }
}

static void makeGridSample(Case &c) {
  Random &random = c.random;
  c.op("GridSample");
  c.opset = std::max<int64_t>(c.opset, 18);
  bool volumes = c.opset >= 20 && random.chance(0.4);
  std::string mode = random.pick<const char *>(
      volumes ? std::initializer_list<const char *>{"nearest", "linear"}
      : c.opset >= 20
          ? std::initializer_list<const char *>{"nearest", "linear", "cubic"}
          : std::initializer_list<const char *>{"nearest", "bilinear",
                                                "bicubic"});
  c.attr("mode", mode);
  c.attr("align_corners", random.between(0, 1));
  c.attr("padding_mode", std::string(random.pick<const char *>(
                             {"zeros", "border", "reflection"})));
  int64_t rank = volumes ? 3 : 2;
  Shape shape{random.between(1, 2), random.between(1, 2)}, grid{shape[0]};
  for (int64_t i = 0; i < rank; ++i) {
    shape.push_back(random.between(1, 6));
    grid.push_back(random.between(1, 4));
  }
  grid.push_back(rank);
  ElementType type = random.pick({ElementType::F32, ElementType::F64});
  c.data(c.tensor(type, shape));
  Tensor points = c.tensor(type, grid, Floats::Unit);
  // Off the places where the nearest element changes.
  for (int64_t i = 0; i < points.size(); ++i)
    points.setDouble(i, points.getDouble(i) * 1.3);
  c.data(points);
}

static void makeRoiAlign(Case &c) {
  Random &random = c.random;
  c.op("RoiAlign");
  int64_t batch = random.between(1, 2), count = random.between(0, 3);
  c.attr("output_height", random.between(1, 4));
  c.attr("output_width", random.between(1, 4));
  c.attr("sampling_ratio", random.between(0, 3));
  c.attr("spatial_scale", random.pick<double>({1, 0.5, 2}));
  c.attr("mode", std::string(random.pick<const char *>({"avg", "max"})));
  if (c.opset >= 16)
    c.attr("coordinate_transformation_mode",
           std::string(
               random.pick<const char *>({"half_pixel", "output_half_pixel"})));
  c.data(
      c.tensor(ElementType::F32, {batch, random.between(1, 2),
                                  random.between(1, 7), random.between(1, 7)}));
  Tensor rois(ElementType::F32, {count, 4});
  for (int64_t i = 0; i < rois.size(); ++i)
    rois.setDouble(i, i % 4 < 2 ? random.real(-1, 3) : random.real(3, 8));
  c.data(rois);
  c.data(c.whole(ElementType::I64, {count}, 0, batch - 1));
}

static void makeAffineGrid(Case &c) {
  Random &random = c.random;
  c.op("AffineGrid");
  c.opset = std::max<int64_t>(c.opset, 21);
  int64_t rank = random.between(2, 3), batch = random.between(1, 2);
  c.attr("align_corners", random.between(0, 1));
  Shape size{batch, random.between(1, 2)};
  for (int64_t i = 0; i < rank; ++i)
    size.push_back(random.between(2, 5));
  c.data(c.tensor(random.pick({ElementType::F32, ElementType::F64}),
                  {batch, rank, rank + 1}));
  c.ints(size);
}

void nncsmith::makeSampling(Case &c) {
  c.looseness = 50;
  static const std::vector<void (*)(Case &)> makers = {
      makeGridSample, makeGridSample, makeRoiAlign, makeAffineGrid};
  c.random.pick(makers)(c);
}

static void makeDFT(Case &c) {
  Random &random = c.random;
  c.op("DFT");
  c.opset = std::max<int64_t>(c.opset, 18);
  Shape shape{random.between(1, 2), random.between(1, 9),
              random.pick<int64_t>({1, 2})};
  bool inverse = random.chance(0.4);
  c.attr("inverse", int64_t(inverse));
  if (!inverse && shape[2] == 1)
    c.attr("onesided", random.between(0, 1));
  if (c.opset < 20)
    c.attr("axis", int64_t(1));
  c.data(c.tensor(random.pick({ElementType::F32, ElementType::F64}), shape));
  if (random.chance(0.4))
    c.constant(Tensor::fromInts(ElementType::I64, {}, {random.between(1, 9)}));
}

static void makeSTFT(Case &c) {
  Random &random = c.random;
  c.op("STFT");
  c.opset = std::max<int64_t>(c.opset, 18);
  int64_t frame = random.between(1, 6);
  c.attr("onesided", random.between(0, 1));
  c.data(c.tensor(ElementType::F32,
                  {random.between(1, 2), frame + random.between(0, 10), 1}));
  c.constant(Tensor::fromInts(ElementType::I64, {}, {random.between(1, 4)}));
  if (random.chance(0.5))
    c.constant(c.tensor(ElementType::F32, {frame}));
  else
    c.absent();
  c.constant(Tensor::fromInts(ElementType::I64, {}, {frame}));
}

static void makeWindowOrMatrix(Case &c) {
  Random &random = c.random;
  c.opset = std::max<int64_t>(c.opset, 18);
  if (random.chance(0.3)) {
    c.op("Det");
    Shape shape = c.shape(0, 2, 6);
    int64_t size = random.between(1, 5);
    shape.insert(shape.end(), {size, size});
    return c.data(c.tensor(ElementType::F32, shape));
  }
  c.op(random.pick<const char *>(
      {"HannWindow", "HammingWindow", "BlackmanWindow"}));
  c.attr("periodic", random.between(0, 1));
  c.constant(Tensor::fromInts(ElementType::I64, {}, {random.between(1, 12)}));
}

void nncsmith::makeSignal(Case &c) {
  c.looseness = 50;
  static const std::vector<void (*)(Case &)> makers = {makeDFT, makeSTFT,
                                                       makeWindowOrMatrix};
  c.random.pick(makers)(c);
}
