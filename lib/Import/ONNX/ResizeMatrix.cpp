//===----------------------------------------------------------------------===//
// Resizing along an axis as a matrix.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ResizeMatrix.h"

#include "Compose.h"
#include "nnc/Interfaces/ElementTypes.h"

#include <cmath>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;
using nn::CoordinateMode;

/// Elements of the largest matrix that is put into the model.
static constexpr int64_t maxMatrixElements = int64_t(1) << 24;

/// Where in the input place `index` of the result lies.
static double mapBack(const AxisShrink &shrink, int64_t index) {
  double scale = shrink.scale, from = double(shrink.from);
  double length = scale * from;
  double halfPixel = (double(index) + 0.5) / scale - 0.5;
  switch (shrink.coordinates) {
  case CoordinateMode::asymmetric:
    return double(index) / scale;
  case CoordinateMode::align_corners:
    return length == 1 ? 0 : double(index) * (from - 1) / (length - 1);
  case CoordinateMode::pytorch_half_pixel:
    return length == 1 ? 0 : halfPixel;
  case CoordinateMode::half_pixel_symmetric:
    return halfPixel + from / 2 * (1 - double(shrink.to) / length);
  case CoordinateMode::tf_half_pixel_for_nn:
    return (double(index) + 0.5) / scale;
  default:
    return halfPixel;
  }
}

/// The weight at a distance from the middle of the filter: a triangle, or
/// Keys' cubic convolution.
static double weigh(const AxisShrink &shrink, double distance) {
  double x = std::abs(distance), a = shrink.cubicCoefficient;
  if (shrink.mode == nn::Interpolation::linear)
    return std::max(0.0, 1 - x);
  if (x <= 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

/// Adds the weights of one place of the result to its column.
static void fillColumn(const AxisShrink &shrink, int64_t index,
                       std::vector<double> &matrix) {
  double middle = mapBack(shrink, index);
  double radius =
      (shrink.mode == nn::Interpolation::linear ? 1 : 2) / shrink.scale;
  auto first = int64_t(std::floor(middle - radius));
  auto last = int64_t(std::ceil(middle + radius));
  double sum = 0;
  auto isInside = [&](int64_t place) {
    return place >= 0 && place < shrink.from;
  };
  for (int64_t place = first; place <= last; ++place)
    if (isInside(place) || !shrink.excludeOutside)
      sum += weigh(shrink, (double(place) - middle) * shrink.scale);
  if (sum == 0)
    return;
  for (int64_t place = first; place <= last; ++place) {
    if (!isInside(place) && shrink.excludeOutside)
      continue;
    int64_t row = std::clamp<int64_t>(place, 0, shrink.from - 1);
    matrix[row * shrink.to + index] +=
        weigh(shrink, (double(place) - middle) * shrink.scale) / sum;
  }
}

Value onnximport::shrinkAxis(NodeBinder &node, Value input,
                             const AxisShrink &shrink) {
  Type type = NodeBinder::elementTypeOf(input);
  if (!isa<FloatType>(type)) {
    (void)node.error("expects an input of floats where 'antialias' is 1; cast "
                     "it");
    return {};
  }
  if (shrink.from < 1 || shrink.from > maxMatrixElements ||
      shrink.from * shrink.to > maxMatrixElements) {
    (void)node.error("expects a smaller axis where 'antialias' is 1, but got " +
                     Twine(shrink.from) + " elements");
    return {};
  }
  std::vector<double> matrix(shrink.from * shrink.to, 0.0);
  for (int64_t index = 0; index < shrink.to; ++index)
    fillColumn(shrink, index, matrix);
  Value weights = node.constant(nncio::Tensor::fromDoubles(
      *toElementType(type), {shrink.from, shrink.to}, matrix));
  SmallVector<int64_t> order =
      llvm::to_vector(llvm::seq<int64_t>(0, NodeBinder::rankOf(input)));
  std::swap(order[shrink.axis], order.back());
  bool isLast = shrink.axis + 1 == int64_t(order.size());
  Value rows = isLast ? input : node.transpose(input, order);
  Value result = node.create<nn::MatMulOp>(rows, weights);
  return isLast || !result ? result : node.transpose(result, order);
}
