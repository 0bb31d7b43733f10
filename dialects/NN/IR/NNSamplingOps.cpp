//===----------------------------------------------------------------------===//
// Sampling at positions from data: shapes, reference, cost.
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

static RankedTensorType typeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType());
}

//===----------------------------------------------------------------------===//
// GridSampleOp
//===----------------------------------------------------------------------===//

LogicalResult GridSampleOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                        SmallVectorImpl<ResultShape> &shapes) {
  Value input = adaptor.getInput();
  int64_t rank = typeOf(input).getRank();
  if (rank < 3 || rank > 5)
    return dims.fail("expects an input of 1 to 3 spatial axes, but got rank " +
                     Twine(rank));
  if (failed(requireRank(dims, adaptor.getGrid(), rank, "a grid")))
    return failure();
  if (adaptor.getMode() == Interpolation::cubic && rank == 5)
    return dims.fail("expects at most 2 spatial axes for cubic, but got 3");
  SmallVector<Dim> from = dims.shape(input);
  SmallVector<Dim> grid = dims.shape(adaptor.getGrid());
  FailureOr<Dim> batch = dims.requireEqual(from[0], grid[0], "the batches");
  if (failed(batch) ||
      failed(dims.requireEqual(grid.back(), Dim(rank - 2),
                               "coordinates and spatial axes")))
    return failure();
  // There is nothing to read from an empty input.
  Dim reads = dims.product(ArrayRef(grid).slice(1, rank - 2));
  for (Dim size : ArrayRef(from).drop_front(2))
    if (failed(requireAtMost(dims,
                             dims.selectEqual(size, Dim(0), reads, Dim(0)),
                             Dim(0), "a grid on an empty input")))
      return failure();
  SmallVector<Dim> shape{*batch, from[1]};
  shape.append(grid.begin() + 1, grid.end() - 1);
  shapes.push_back({typeOf(input).getElementType(), shape});
  return success();
}

std::optional<int64_t> GridSampleOp::getFlops() {
  std::optional<int64_t> elements = countResultElements(*this);
  int64_t spatial = typeOf(getInput()).getRank() - 2, taps = 1, flops;
  for (int64_t i = 0; i < spatial; ++i)
    taps *= getMode() == Interpolation::linear  ? 2
            : getMode() == Interpolation::cubic ? 4
                                                : 1;
  if (!elements || llvm::MulOverflow(*elements, 2 * taps, flops))
    return std::nullopt;
  return flops;
}

/// `x` reflected at `low` and `high` until it is between them.
static double reflect(double x, double low, double high) {
  double range = high - low;
  if (!(range > 0))
    return low;
  double turns = std::fmod(std::fabs(x - low), 2 * range);
  return turns > range ? high - (turns - range) : low + turns;
}

namespace {
/// Reads one spatial axis of a grid sample.
struct GridAxis {
  int64_t size;
  SamplePadding padding;
  bool alignCorners;

  /// From -1 … 1 to elements, moved inside as the padding says.
  double position(double coordinate) const {
    double x = alignCorners ? (coordinate + 1) / 2 * double(size - 1)
                            : ((coordinate + 1) * double(size) - 1) / 2;
    if (std::isnan(x))
      return -1;
    if (padding == SamplePadding::border)
      return std::clamp(x, 0.0, double(size - 1));
    if (padding == SamplePadding::reflection)
      return reflect(x, low(), high());
    return std::clamp(x, -4.0, double(size) + 4);
  }
  /// The element that stands at a place; -1 for none, which reads as zero.
  int64_t element(double place) const {
    if (padding == SamplePadding::reflection)
      place = std::floor(reflect(place, low(), high()));
    if (padding == SamplePadding::zeros &&
        !(place >= 0 && place < double(size)))
      return -1;
    return int64_t(std::clamp(place, 0.0, double(size - 1)));
  }
  double low() const { return alignCorners ? 0 : -0.5; }
  double high() const { return double(size) - (alignCorners ? 1 : 0.5); }
};
} // namespace

static double sampleWeight(Interpolation mode, double distance) {
  double x = std::fabs(distance), a = -0.75;
  if (mode == Interpolation::linear)
    return std::max(1 - x, 0.0);
  if (x <= 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
}

/// Elements and weights along one axis.
static SmallVector<std::pair<int64_t, double>>
readsOf(const GridAxis &axis, Interpolation mode, double coordinate) {
  double x = axis.position(coordinate);
  if (mode == Interpolation::nearest)
    return {{axis.element(std::nearbyint(x)), 1.0}};
  SmallVector<std::pair<int64_t, double>> reads;
  bool isCubic = mode == Interpolation::cubic;
  for (int64_t tap = isCubic ? -1 : 0; tap <= (isCubic ? 2 : 1); ++tap) {
    double place = std::floor(x) + double(tap);
    reads.push_back({axis.element(place), sampleWeight(mode, x - place)});
  }
  return reads;
}

/// Weighted sum over the reads of all axes from `axis` on.
static double sampleAt(const nncio::Tensor &input,
                       ArrayRef<SmallVector<std::pair<int64_t, double>>> reads,
                       size_t axis, int64_t offset) {
  if (axis == reads.size())
    return input.getDouble(offset);
  double sum = 0;
  for (auto [place, weight] : reads[axis])
    if (place >= 0)
      sum += weight * sampleAt(input, reads, axis + 1,
                               offset * input.shape()[axis + 2] + place);
  return sum;
}

std::string GridSampleOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                   MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &input = operands[0], &grid = operands[1];
  nncio::Tensor &result = results[0];
  int64_t spatial = input.rank() - 2, channels = input.shape()[1];
  if (result.empty())
    return "";
  if (input.empty())
    return "cannot sample from an empty input";
  int64_t points = result.size() / (result.shape()[0] * channels);
  for (int64_t point = 0; point < result.shape()[0] * points; ++point) {
    SmallVector<SmallVector<std::pair<int64_t, double>>> reads;
    for (int64_t i = 0; i < spatial; ++i) {
      GridAxis axis{input.shape()[i + 2], getPadding(), getAlignCorners()};
      double coordinate = grid.getDouble(point * spatial + spatial - 1 - i);
      reads.push_back(readsOf(axis, getMode(), coordinate));
    }
    int64_t batch = point / points;
    for (int64_t c = 0; c < channels; ++c)
      result.setDouble((batch * channels + c) * points + point % points,
                       sampleAt(input, reads, 0, batch * channels + c));
  }
  return "";
}

//===----------------------------------------------------------------------===//
// AffineGridOp
//===----------------------------------------------------------------------===//

LogicalResult AffineGridOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                        SmallVectorImpl<ResultShape> &shapes) {
  auto sizesType = typeOf(adaptor.getSizes());
  if (sizesType.getRank() != 1 || sizesType.isDynamicDim(0))
    return dims.fail("expects sizes of rank 1 and fixed length");
  int64_t spatial = sizesType.getDimSize(0);
  if (spatial < 1 || spatial > 3)
    return dims.fail("expects 1 to 3 sizes, but got " + Twine(spatial));
  if (failed(requireRank(dims, adaptor.getTheta(), 3, "theta")))
    return failure();
  SmallVector<Dim> theta = dims.shape(adaptor.getTheta());
  if (failed(dims.requireEqual(theta[1], Dim(spatial),
                               "rows of theta and sizes")) ||
      failed(dims.requireEqual(theta[2], Dim(spatial + 1),
                               "columns of theta and sizes + 1")))
    return failure();
  SmallVector<Dim> shape{theta[0]};
  for (Dim size : dims.elements(adaptor.getSizes())) {
    if (failed(requireAtLeast(dims, size, 0, "a size")))
      return failure();
    shape.push_back(size);
  }
  shape.push_back(Dim(spatial));
  shapes.push_back({typeOf(adaptor.getTheta()).getElementType(), shape});
  return success();
}

std::string AffineGridOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                   MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &theta = operands[0];
  nncio::Tensor &result = results[0];
  int64_t spatial = result.shape().back();
  for (int64_t i = 0; i < result.size(); ++i) {
    int64_t row = i % spatial, rest = i / spatial;
    SmallVector<double> position(spatial + 1, 1.0);
    for (int64_t axis = spatial - 1; axis >= 0; --axis) {
      int64_t size = result.shape()[axis + 1], at = rest % size;
      rest /= size;
      double steps = getAlignCorners() ? double(std::max<int64_t>(size - 1, 1))
                                       : double(size);
      position[spatial - 1 - axis] =
          (2.0 * double(at) + (getAlignCorners() ? 0 : 1)) / steps - 1;
    }
    double sum = 0;
    for (int64_t j = 0; j <= spatial; ++j)
      sum += position[j] *
             theta.getDouble((rest * spatial + row) * (spatial + 1) + j);
    result.setDouble(i, sum);
  }
  return "";
}

std::optional<int64_t> AffineGridOp::getFlops() {
  std::optional<int64_t> elements = countResultElements(*this);
  int64_t flops;
  if (!elements || llvm::MulOverflow(*elements, int64_t(12), flops))
    return std::nullopt;
  return flops;
}

//===----------------------------------------------------------------------===//
// RoiAlignOp
//===----------------------------------------------------------------------===//

LogicalResult RoiAlignOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                      SmallVectorImpl<ResultShape> &shapes) {
  Value input = adaptor.getInput(), rois = adaptor.getRois();
  ArrayRef<int64_t> size = adaptor.getSize();
  if (failed(requireRank(dims, input, 4, "an input")) ||
      failed(requireRank(dims, rois, 2, "regions")) ||
      failed(requireRank(dims, adaptor.getBatchIndices(), 1, "batch indices")))
    return failure();
  if (typeOf(input).getElementType() != typeOf(rois).getElementType())
    return dims.fail("expects an input and regions of one type");
  if (size.size() != 2 || size[0] < 1 || size[1] < 1)
    return dims.fail("expects two sizes of at least 1");
  int64_t ratio = adaptor.getSamplingRatio();
  if (ratio < 0)
    return dims.fail("expects a sampling ratio of at least 0, but got " +
                     Twine(ratio));
  FailureOr<Dim> count = dims.requireEqual(
      dims.dim(rois, 0), dims.dim(adaptor.getBatchIndices(), 0),
      "the numbers of regions and of batch indices");
  if (failed(count) ||
      failed(dims.requireEqual(dims.dim(rois, 1), Dim(4),
                               "a region's coordinates and 4")))
    return failure();
  for (int64_t axis : {0, 2, 3}) {
    Dim fromNothing =
        dims.selectEqual(dims.dim(input, axis), Dim(0), *count, Dim(0));
    if (failed(requireAtMost(dims, fromNothing, Dim(0),
                             "a number of regions of an empty input")))
      return failure();
  }
  shapes.push_back({typeOf(input).getElementType(),
                    {*count, dims.dim(input, 1), Dim(size[0]), Dim(size[1])}});
  return success();
}

namespace {
/// One axis of one region.
struct RoiAxis {
  double start, bin;
  int64_t samples, size;

  RoiAxis(RoiAlignOp op, double low, double high, int64_t bins, int64_t size)
      : size(size) {
    double scale = op.getSpatialScale().convertToFloat();
    double shift = op.getHalfPixel() ? 0.5 : 0;
    start = low * scale - shift;
    double length = high * scale - shift - start;
    if (!op.getHalfPixel())
      length = std::max(length, 1.0);
    bin = length / double(bins);
    samples = op.getSamplingRatio();
    // More samples than a region has room for come from broken coordinates.
    if (samples == 0)
      samples = bin > 0 ? int64_t(std::ceil(std::min(bin, 65536.0))) : 0;
  }
  double position(int64_t index, int64_t sample) const {
    return start + double(index) * bin +
           (double(sample) + 0.5) * bin / double(samples);
  }
  bool isInside(double x) const { return x >= -1 && x <= double(size); }
  /// The lower neighbour, the upper one and its weight.
  void neighbours(double x, int64_t &low, int64_t &high, double &weight) const {
    x = std::max(x, 0.0);
    low = std::min(int64_t(x), size - 1);
    high = std::min(low + 1, size - 1);
    weight = low == size - 1 ? 0 : x - double(low);
  }
};
} // namespace

/// One bin of one channel, whose elements start at `base`.
static double poolBin(RoiAlignOp op, const nncio::Tensor &input, int64_t base,
                      const RoiAxis &rows, const RoiAxis &columns, int64_t py,
                      int64_t px) {
  double sum = 0, largest = 0;
  bool isFirst = true;
  for (int64_t iy = 0; iy < rows.samples; ++iy)
    for (int64_t ix = 0; ix < columns.samples; ++ix) {
      double y = rows.position(py, iy), x = columns.position(px, ix);
      double best = 0;
      if (rows.isInside(y) && columns.isInside(x)) {
        int64_t y0, y1, x0, x1;
        double wy, wx;
        rows.neighbours(y, y0, y1, wy);
        columns.neighbours(x, x0, x1, wx);
        auto at = [&](int64_t r, int64_t c) {
          return input.getDouble(base + r * columns.size + c);
        };
        double parts[] = {(1 - wy) * (1 - wx) * at(y0, x0),
                          (1 - wy) * wx * at(y0, x1),
                          wy * (1 - wx) * at(y1, x0), wy * wx * at(y1, x1)};
        sum += parts[0] + parts[1] + parts[2] + parts[3];
        best = *std::max_element(std::begin(parts), std::end(parts));
      }
      largest = isFirst ? best : std::max(largest, best);
      isFirst = false;
    }
  if (op.getMode() == RoiPooling::max)
    return largest;
  return sum / double(std::max<int64_t>(rows.samples * columns.samples, 1));
}

std::string RoiAlignOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                 MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &input = operands[0], &rois = operands[1];
  ArrayRef<int64_t> from = input.shape(), to = results[0].shape();
  int64_t out = 0;
  for (int64_t roi = 0; roi < to[0]; ++roi) {
    int64_t batch = operands[2].getInt(roi);
    if (batch < 0 || batch >= from[0])
      return "expects batch indices below " + std::to_string(from[0]) +
             ", but got " + std::to_string(batch);
    auto corner = [&](int64_t i) { return rois.getDouble(roi * 4 + i); };
    RoiAxis rows(*this, corner(1), corner(3), to[2], from[2]);
    RoiAxis columns(*this, corner(0), corner(2), to[3], from[3]);
    for (int64_t c = 0; c < to[1]; ++c) {
      int64_t base = (batch * from[1] + c) * from[2] * from[3];
      for (int64_t py = 0; py < to[2]; ++py)
        for (int64_t px = 0; px < to[3]; ++px)
          results[0].setDouble(
              out++, poolBin(*this, input, base, rows, columns, py, px));
    }
  }
  return "";
}
