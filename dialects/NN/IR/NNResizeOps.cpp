//===----------------------------------------------------------------------===//
// Resizing: shape, reference, cost.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/NNOps.h"
#include "dialects/NN/IR/ScalarOperands.h"

#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

//===----------------------------------------------------------------------===//
// Shape
//===----------------------------------------------------------------------===//

/// Fails unless `tensor` has rank 1 and that length.
static LogicalResult requireLength(DimBuilder &dims, Value tensor,
                                   int64_t length, const Twine &what) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (type.getRank() == 1 && type.getDimSize(0) == length)
    return success();
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return dims.fail("expects " + Twine(length) + " " + what +
                   " of rank 1, but got " + text);
}

/// What the attributes must be, whatever the operands' sizes.
static LogicalResult checkAttributes(ResizeOp::Adaptor adaptor,
                                     DimBuilder &dims) {
  auto type = cast<RankedTensorType>(adaptor.getInput().getType());
  ArrayRef<int64_t> axes = adaptor.getAxes();
  for (size_t i = 0; i < axes.size(); ++i) {
    if (failed(requireAxis(dims, axes[i], type.getRank())))
      return failure();
    if (i && axes[i] <= axes[i - 1])
      return dims.fail("expects ascending axes");
  }
  if (adaptor.getMode() != Interpolation::nearest &&
      type.getElementType().isInteger(1))
    return dims.fail("expects numbers to interpolate, but got i1");
  if (Value scales = adaptor.getScales()) {
    if (failed(requireLength(dims, scales, axes.size(), "scales")))
      return failure();
    for (size_t i = 0; i < axes.size(); ++i)
      if (std::optional<double> scale = dims.floatElement(scales, i);
          scale && (!(*scale > 0) || std::isinf(*scale)))
        return dims.fail("expects positive and finite scales");
  }
  if (adaptor.getCoordinates() != CoordinateMode::tf_crop_and_resize)
    return success();
  if (!adaptor.getRoi())
    return dims.fail("expects a region to crop");
  return requireLength(dims, adaptor.getRoi(), 2 * axes.size(),
                       "region coordinates");
}

LogicalResult ResizeOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                    SmallVectorImpl<ResultShape> &shapes) {
  if (failed(checkAttributes(adaptor, dims)))
    return failure();
  ArrayRef<int64_t> axes = adaptor.getAxes();
  if (failed(requireLength(dims, adaptor.getSizes(), axes.size(), "sizes")))
    return failure();
  SmallVector<Dim> shape = dims.shape(adaptor.getInput());
  SmallVector<Dim> sizes = dims.elements(adaptor.getSizes());
  for (auto [axis, size] : llvm::zip(axes, sizes)) {
    if (failed(requireAtLeast(dims, size, 0, "a size")))
      return failure();
    // There is nothing to make elements of.
    Dim fromNothing = dims.selectEqual(shape[axis], Dim(0), size, Dim(0));
    if (failed(requireAtMost(dims, fromNothing, Dim(0),
                             "a size of an empty axis")))
      return failure();
    shape[axis] = size;
  }
  shapes.push_back(
      {cast<RankedTensorType>(adaptor.getInput().getType()).getElementType(),
       shape});
  return success();
}

std::optional<OpLayout> ResizeOp::getOpLayout(ArrayRef<int64_t> layout) {
  std::optional<OpLayout> needed =
      nnc::detail::getFirstOperandLayout(*this, layout);
  // Sizes and scales stand in the order of the axes.
  if (!needed || !llvm::is_sorted(findAxes(layout, getAxes())))
    return std::nullopt;
  return needed;
}

Operation *ResizeOp::buildInLayout(OpBuilder &builder, ArrayRef<int64_t> layout,
                                   ValueRange operands) {
  auto copy = cast<ResizeOp>(nnc::detail::cloneInLayout(
      builder, *this, *getOpLayout(layout), operands));
  copy.setAxes(findAxes(layout, getAxes()));
  return copy;
}

std::optional<int64_t> ResizeOp::getFlops() {
  std::optional<int64_t> elements = countResultElements(*this);
  int64_t taps = getMode() == Interpolation::linear  ? 2
                 : getMode() == Interpolation::cubic ? 4
                                                     : 1;
  for (size_t i = 0; elements && taps > 1 && i < getAxes().size(); ++i) {
    int64_t product;
    if (llvm::MulOverflow(*elements, taps, product))
      return std::nullopt;
    elements = product;
  }
  if (!elements || taps == 1)
    return elements ? std::optional<int64_t>(0) : std::nullopt;
  int64_t flops;
  return llvm::MulOverflow(*elements, int64_t(2), flops) ? std::nullopt
                                                         : std::optional(flops);
}

//===----------------------------------------------------------------------===//
// Reference
//===----------------------------------------------------------------------===//

namespace {
/// What one result position reads along one axis.
struct Taps {
  SmallVector<std::pair<int64_t, double>, 4> reads;
  bool isOutside = false;
};

/// One axis to resize, of `from` elements to `to`.
struct ResizedAxis {
  int64_t axis, from, to;
  std::optional<double> scale;
  double start = 0, end = 1;

  double coordinate(CoordinateMode mode, double i) const;
};
} // namespace

double ResizedAxis::coordinate(CoordinateMode mode, double i) const {
  double n = double(from), m = double(to), length = scale ? *scale * n : m;
  // Without a scale the quotient is rounded once.
  auto unscale = [&](double x) { return scale ? x / *scale : x * n / m; };
  switch (mode) {
  case CoordinateMode::half_pixel:
    return unscale(i + 0.5) - 0.5;
  case CoordinateMode::half_pixel_symmetric:
    return n / 2 * (1 - m / length) + unscale(i + 0.5) - 0.5;
  case CoordinateMode::pytorch_half_pixel:
    return length == 1 ? 0 : unscale(i + 0.5) - 0.5;
  case CoordinateMode::align_corners:
    return length == 1 ? 0 : i * (n - 1) / (length - 1);
  case CoordinateMode::asymmetric:
    return unscale(i);
  case CoordinateMode::tf_half_pixel_for_nn:
    return unscale(i + 0.5);
  case CoordinateMode::tf_crop_and_resize:
    return length == 1
               ? (n - 1) * (start + end) / 2
               : (n - 1) * start + i * (end - start) * (n - 1) / (length - 1);
  }
  return 0;
}

static double roundToNearest(NearestRounding rounding, double x) {
  switch (rounding) {
  case NearestRounding::round_prefer_floor:
    return std::ceil(x - 0.5);
  case NearestRounding::round_prefer_ceil:
    return std::floor(x + 0.5);
  case NearestRounding::floor:
    return std::floor(x);
  case NearestRounding::ceil:
    return std::ceil(x);
  }
  return x;
}

/// Weight of an element at distance `x` in cubic convolution (Keys 1981).
static double cubicWeight(double x, double a) {
  x = std::fabs(x);
  if (x <= 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

static Taps computeTaps(ResizeOp op, const ResizedAxis &axis, int64_t i) {
  Taps taps;
  double x = axis.coordinate(op.getCoordinates(), double(i));
  double last = double(axis.from - 1);
  taps.isOutside = op.getCoordinates() == CoordinateMode::tf_crop_and_resize &&
                   !(x >= 0 && x <= last);
  // Beyond two elements outside everything is the nearest element.
  x = std::isnan(x) ? 0 : std::clamp(x, -2.0, last + 2);
  auto inside = [&](double place) {
    return int64_t(std::clamp(place, 0.0, last));
  };
  if (op.getMode() == Interpolation::nearest) {
    taps.reads.push_back({inside(roundToNearest(op.getRounding(), x)), 1});
    return taps;
  }
  double base = std::floor(x), sum = 0;
  bool isCubic = op.getMode() == Interpolation::cubic;
  SmallVector<std::pair<int64_t, double>, 4> all;
  for (int64_t tap = isCubic ? -1 : 0; tap <= (isCubic ? 2 : 1); ++tap) {
    double place = base + double(tap), distance = x - place;
    double weight =
        isCubic
            ? cubicWeight(distance, op.getCubicCoefficient().convertToFloat())
            : 1 - std::fabs(distance);
    all.push_back({inside(place), weight});
    bool isIn = place >= 0 && place <= last;
    taps.reads.push_back({inside(place), isIn ? weight : 0});
    sum += isIn ? weight : 0;
  }
  if (!op.getExcludeOutside() || sum == 0)
    taps.reads = all;
  else
    for (auto &read : taps.reads)
      read.second /= sum;
  return taps;
}

/// Result along one axis from the result so far.
static nncio::Tensor resizeAxis(ResizeOp op, const nncio::Tensor &input,
                                const ResizedAxis &axis) {
  std::vector<int64_t> shape = input.shape();
  shape[axis.axis] = axis.to;
  nncio::Tensor result(input.type(), shape);
  int64_t inner = 1, outer = 1;
  for (int64_t i = 0; i < input.rank(); ++i)
    (i < axis.axis ? outer : inner) *= i == axis.axis ? 1 : shape[i];
  for (int64_t i = 0; i < axis.to; ++i) {
    Taps taps = computeTaps(op, axis, i);
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t r = 0; r < inner; ++r) {
        double value = 0;
        for (auto [place, weight] : taps.reads)
          value +=
              weight * input.getDouble((o * axis.from + place) * inner + r);
        if (taps.isOutside)
          value = op.getExtrapolation().convertToFloat();
        result.setDouble((o * axis.to + i) * inner + r, value);
      }
  }
  return result;
}

/// Copies elements, which holds for all types exactly.
static void resizeNearest(ResizeOp op, ArrayRef<ResizedAxis> axes,
                          const nncio::Tensor &input, nncio::Tensor &result) {
  int64_t rank = input.rank();
  size_t width = nncio::elementBytes(input.type());
  SmallVector<std::vector<Taps>> taps(rank);
  for (const ResizedAxis &axis : axes)
    for (int64_t i = 0; i < axis.to; ++i)
      taps[axis.axis].push_back(computeTaps(op, axis, i));
  uint8_t *out = result.mutableData();
  for (int64_t i = 0; i < result.size(); ++i) {
    int64_t rest = i, from = 0, stride = 1;
    bool isOutside = false;
    for (int64_t axis = rank - 1; axis >= 0; --axis) {
      int64_t place = rest % result.shape()[axis];
      rest /= result.shape()[axis];
      if (!taps[axis].empty()) {
        isOutside |= taps[axis][place].isOutside;
        place = taps[axis][place].reads[0].first;
      }
      from += place * stride;
      stride *= input.shape()[axis];
    }
    if (isOutside)
      result.setDouble(i, op.getExtrapolation().convertToFloat());
    else
      std::memcpy(out + i * width, input.data() + from * width, width);
  }
}

std::string ResizeOp::evaluate(ArrayRef<nncio::Tensor> operands,
                               MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &input = operands[0];
  nncio::Tensor &result = results[0];
  if (result.empty())
    return "";
  SmallVector<ResizedAxis> axes;
  for (auto [i, axis] : llvm::enumerate(getAxes())) {
    ResizedAxis resized{axis, input.shape()[axis], result.shape()[axis], {}};
    if (resized.from == 0)
      return "cannot resize an empty axis to " + std::to_string(resized.to);
    if (getScales())
      resized.scale = operands[2].getDouble(i);
    if (getCoordinates() == CoordinateMode::tf_crop_and_resize) {
      resized.start = operands.back().getDouble(i);
      resized.end = operands.back().getDouble(getAxes().size() + i);
    }
    axes.push_back(resized);
  }
  if (getMode() == Interpolation::nearest) {
    resizeNearest(*this, axes, input, result);
    return "";
  }
  // In between as double, so that rounding happens once.
  nncio::Tensor current = nncio::Tensor::fromDoubles(
      nncio::ElementType::F64, input.shape(), input.toDoubles());
  for (const ResizedAxis &axis : axes)
    current = resizeAxis(*this, current, axis);
  result = nncio::Tensor::fromDoubles(result.type(), result.shape(),
                                      current.toDoubles());
  return "";
}
