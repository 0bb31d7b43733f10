//===----------------------------------------------------------------------===//
// Patches and regions of images: shapes, reference, cost.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/MovementUtils.h"
#include "dialects/NN/IR/NNOps.h"
#include "dialects/NN/IR/ScalarOperands.h"

#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

/// `count` operations an element of the result, nullopt if dynamic.
static std::optional<int64_t> countPerElement(Operation *op, int64_t count) {
  std::optional<int64_t> elements = countResultElements(op);
  int64_t flops = 0;
  if (!elements || llvm::MulOverflow(*elements, count, flops))
    return std::nullopt;
  return flops;
}

/// The geometry of windows over `image` with an op's attributes.
template <typename AdaptorTy>
static LogicalResult resolvePatches(AdaptorTy adaptor, ArrayRef<Dim> image,
                                    DimBuilder &dims,
                                    SmallVectorImpl<WindowAxis> &axes) {
  if (failed(checkWindowNumbers(dims, adaptor.getKernel(), image.size(), 1,
                                "kernel sizes")))
    return failure();
  SmallVector<Dim> kernel(adaptor.getKernel().begin(),
                          adaptor.getKernel().end());
  WindowAttrs attrs{adaptor.getStrides(), adaptor.getDilations(),
                    adaptor.getPads(), AutoPad::NotSet};
  return resolveWindows(dims, image, kernel, attrs, axes);
}

/// Product of the numbers, at most windowNumberLimit; fails after reporting.
static FailureOr<int64_t> getKernelSize(ArrayRef<int64_t> kernel,
                                        DimBuilder &dims) {
  int64_t size = 1;
  for (int64_t number : kernel)
    if (number < 1 || llvm::MulOverflow(size, number, size) ||
        size > windowNumberLimit)
      return dims.fail("expects a kernel of 1 to " + Twine(windowNumberLimit) +
                       " elements");
  return size;
}

//===----------------------------------------------------------------------===//
// Col2ImOp
//===----------------------------------------------------------------------===//

LogicalResult Col2ImOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                    SmallVectorImpl<ResultShape> &shapes) {
  FailureOr<int64_t> kernel = getKernelSize(adaptor.getKernel(), dims);
  if (failed(kernel) ||
      failed(requireRank(dims, adaptor.getInput(), 3, "an input")) ||
      failed(checkList(dims, adaptor.getImageShape(),
                       adaptor.getKernel().size(), "an image shape")))
    return failure();
  SmallVector<Dim> input = dims.shape(adaptor.getInput());
  SmallVector<Dim> image = dims.elements(adaptor.getImageShape());
  for (Dim &dim : image)
    if (failed(requireAtLeast(dims, dim, 0, "image dimensions")))
      return failure();
  SmallVector<WindowAxis> axes;
  if (failed(resolvePatches(adaptor, image, dims, axes)))
    return failure();
  SmallVector<Dim> windows;
  for (WindowAxis &axis : axes)
    windows.push_back(axis.output);
  Dim channels = dims.floorDiv(input[1], Dim(*kernel));
  if (failed(dims.requireEqual(dims.mul(channels, Dim(*kernel)), input[1],
                               "whole patches and dimension 1 of the input")) ||
      failed(dims.requireEqual(input[2], dims.product(windows),
                               "the number of columns and of windows")))
    return failure();
  SmallVector<Dim> shape{input[0], channels};
  for (Dim dim : image)
    shape.push_back(atLeastZero(dims, dim));
  if (failed(checkElementCount(dims, shape)))
    return failure();
  shapes.push_back({getElementTypeOf(adaptor.getInput()), shape});
  return success();
}

std::string Col2ImOp::evaluate(ArrayRef<nncio::Tensor> operands,
                               MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &input = operands[0];
  DimBuilder dims(DimBuilder::EmitError([](const Twine &) {}));
  SmallVector<Dim> image(results[0].shape().begin() + 2,
                         results[0].shape().end());
  SmallVector<WindowAxis> axes;
  if (failed(resolvePatches(*this, image, dims, axes)))
    return "windows and image do not fit";
  int64_t planes = results[0].shape()[0] * results[0].shape()[1];
  int64_t columns = input.shape()[2], pixels = 1, patch = 1;
  for (int64_t size : getKernel())
    patch *= size;
  for (Dim dim : image)
    pixels *= *dim.getConstant();
  visitNumberType(input.type(), [&](auto kind) {
    using Number = decltype(kind);
    // Sums in the widest type, rounded once.
    std::vector<Number> sums(planes * pixels);
    forEachWindow(axes, /*transposed=*/false,
                  [&](int64_t window, ArrayRef<WindowTap> taps) {
                    for (int64_t plane = 0; plane < planes; ++plane)
                      for (WindowTap tap : taps) {
                        int64_t from =
                            (plane * patch + tap.element) * columns + window;
                        sums[plane * pixels + tap.position] +=
                            getNumber<Number>(input, from);
                      }
                  });
    for (int64_t i = 0; i < results[0].size(); ++i)
      setNumber<Number>(results[0], i, sums[i]);
  });
  return "";
}

std::optional<int64_t> Col2ImOp::getFlops() {
  auto type = cast<RankedTensorType>(getInput().getType());
  if (!type.hasStaticShape())
    return std::nullopt;
  return type.getNumElements();
}

//===----------------------------------------------------------------------===//
// DeformColumnsOp
//===----------------------------------------------------------------------===//

LogicalResult
DeformColumnsOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                             SmallVectorImpl<ResultShape> &shapes) {
  Value input = adaptor.getInput(), offset = adaptor.getOffset();
  Value mask = adaptor.getMask();
  FailureOr<int64_t> kernel = getKernelSize(adaptor.getKernel(), dims);
  if (failed(kernel) || failed(requireRank(dims, input, 4, "an input")) ||
      failed(requireRank(dims, offset, 4, "offsets")) ||
      (mask && failed(requireRank(dims, mask, 4, "a mask"))))
    return failure();
  Type type = getElementTypeOf(input);
  if (getElementTypeOf(offset) != type ||
      (mask && getElementTypeOf(mask) != type))
    return dims.fail("expects offsets and mask of the input's element type");
  int64_t groups = adaptor.getOffsetGroups();
  if (groups < 1 || groups > windowNumberLimit)
    return dims.fail("expects 1 or more offset groups, but got " +
                     Twine(groups));
  SmallVector<Dim> shape = dims.shape(input);
  SmallVector<WindowAxis> axes;
  if (failed(
          resolvePatches(adaptor, ArrayRef(shape).drop_front(2), dims, axes)))
    return failure();
  Dim part = dims.floorDiv(shape[1], Dim(groups));
  if (failed(dims.requireEqual(dims.mul(part, Dim(groups)), shape[1],
                               "channels and their offset groups")))
    return failure();
  auto check = [&](Value tensor, int64_t parts, StringRef what) {
    SmallVector<Dim> own = dims.shape(tensor);
    Dim wanted[] = {shape[0], dims.mul(Dim(groups * parts), Dim(*kernel)),
                    axes[0].output, axes[1].output};
    for (auto [axis, dim] : llvm::enumerate(wanted))
      if (failed(dims.requireEqual(own[axis], dim,
                                   "dimension " + Twine(axis) + " of the " +
                                       what + " and the windows")))
        return failure();
    return success();
  };
  if (failed(check(offset, 2, "offsets")) ||
      (mask && failed(check(mask, 1, "mask"))))
    return failure();
  ArrayRef<int64_t> size = adaptor.getKernel();
  SmallVector<Dim> result{shape[0],     shape[1],       Dim(size[0]),
                          Dim(size[1]), axes[0].output, axes[1].output};
  if (failed(checkElementCount(dims, result)))
    return failure();
  shapes.push_back({type, result});
  return success();
}

/// The element of a plane at a fractional position, zeros around it.
static double interpolate(const nncio::Tensor &input, int64_t plane, double y,
                          double x) {
  int64_t height = input.shape()[2], width = input.shape()[3];
  // Also false for NaN.
  if (!(y > -1 && y < double(height) && x > -1 && x < double(width)))
    return 0;
  int64_t top = int64_t(std::floor(y)), left = int64_t(std::floor(x));
  double sum = 0;
  for (int64_t i = top; i <= top + 1; ++i)
    for (int64_t j = left; j <= left + 1; ++j)
      if (i >= 0 && i < height && j >= 0 && j < width)
        sum += input.getDouble((plane * height + i) * width + j) *
               (1 - std::fabs(y - double(i))) * (1 - std::fabs(x - double(j)));
  return sum;
}

std::string DeformColumnsOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                      MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &input = operands[0], &offset = operands[1];
  int64_t channels = input.shape()[1], groups = getOffsetGroups();
  ArrayRef<int64_t> kernel = getKernel(), pads = getPads();
  int64_t taps = kernel[0] * kernel[1];
  forEachIndex(results[0].shape(), [&](int64_t i, ArrayRef<int64_t> at) {
    int64_t group = at[1] / (channels / groups);
    int64_t tap = (at[0] * groups + group) * taps + at[2] * kernel[1] + at[3];
    int64_t place = at[4] * results[0].shape()[5] + at[5];
    int64_t places = results[0].shape()[4] * results[0].shape()[5];
    double position[2];
    for (int64_t axis = 0; axis < 2; ++axis)
      position[axis] =
          double(at[4 + axis] * getStrides()[axis] +
                 at[2 + axis] * getDilations()[axis] - pads[axis]) +
          offset.getDouble((tap * 2 + axis) * places + place);
    double value =
        interpolate(input, at[0] * channels + at[1], position[0], position[1]);
    if (operands.size() > 2)
      value *= operands[2].getDouble(tap * places + place);
    results[0].setDouble(i, value);
  });
  return "";
}

std::optional<int64_t> DeformColumnsOp::getFlops() {
  return countPerElement(*this, 16);
}

//===----------------------------------------------------------------------===//
// MaxRoiPoolOp
//===----------------------------------------------------------------------===//

LogicalResult MaxRoiPoolOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                        SmallVectorImpl<ResultShape> &shapes) {
  Value input = adaptor.getInput(), rois = adaptor.getRois();
  if (failed(requireRank(dims, input, 4, "an input")) ||
      failed(requireRank(dims, rois, 2, "regions")) ||
      failed(checkWindowNumbers(dims, adaptor.getSize(), 2, 1, "sizes")))
    return failure();
  if (getElementTypeOf(input) != getElementTypeOf(rois))
    return dims.fail("expects regions of the input's element type");
  SmallVector<Dim> shape = dims.shape(input), regions = dims.shape(rois);
  if (failed(dims.requireEqual(regions[1], Dim(5),
                               "the numbers of a region and their number")))
    return failure();
  for (int64_t axis : {0, 2, 3})
    if (failed(checkNotEmpty(dims, shape[axis], regions[0], "the input")))
      return failure();
  SmallVector<Dim> result{regions[0], shape[1], Dim(adaptor.getSize()[0]),
                          Dim(adaptor.getSize()[1])};
  if (failed(checkElementCount(dims, result)))
    return failure();
  shapes.push_back({getElementTypeOf(input), result});
  return success();
}

/// Elements [begin, end) of bin `bin` along an axis of `size` elements, for a
/// region with corners `from` and `to`.
static std::pair<int64_t, int64_t> getBin(double from, double to, double scale,
                                          int64_t bin, int64_t bins,
                                          int64_t size) {
  // What lies far outside is empty, whatever the exact number.
  auto round = [&](double x) {
    double limit = double(int64_t(1) << 30);
    x = std::floor(x * scale + 0.5);
    return x > -limit ? std::min(x, limit) : -limit;
  };
  double start = round(from), end = round(to);
  double length = std::max(end - start + 1, 1.0) / double(bins);
  auto clip = [&](double x) {
    return int64_t(std::clamp(x + start, 0.0, double(size)));
  };
  return {clip(std::floor(double(bin) * length)),
          clip(std::ceil(double(bin + 1) * length))};
}

std::string MaxRoiPoolOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                   MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &input = operands[0], &rois = operands[1];
  double scale = getSpatialScale().convertToFloat();
  ArrayRef<int64_t> shape = input.shape(), size = getSize();
  std::string message;
  forEachIndex(results[0].shape(), [&](int64_t i, ArrayRef<int64_t> at) {
    auto number = [&](int64_t k) { return rois.getDouble(at[0] * 5 + k); };
    double batch = number(0);
    if (!(batch >= 0 && batch < double(shape[0]))) {
      message =
          "a region's batch is not from 0 to " + std::to_string(shape[0] - 1);
      return;
    }
    auto [left, right] =
        getBin(number(1), number(3), scale, at[3], size[1], shape[3]);
    auto [top, bottom] =
        getBin(number(2), number(4), scale, at[2], size[0], shape[2]);
    int64_t plane = int64_t(batch) * shape[1] + at[1];
    double best = -std::numeric_limits<double>::infinity();
    for (int64_t y = top; y < bottom; ++y)
      for (int64_t x = left; x < right; ++x) {
        double value = input.getDouble((plane * shape[2] + y) * shape[3] + x);
        best = value > best ? value : best;
      }
    results[0].setDouble(i, top < bottom && left < right ? best : 0);
  });
  return message;
}

std::optional<int64_t> MaxRoiPoolOp::getFlops() {
  // A region covers the image at most.
  auto type = cast<RankedTensorType>(getInput().getType());
  auto rois = cast<RankedTensorType>(getRois().getType());
  int64_t flops = 0;
  if (!type.hasStaticShape() || !rois.hasStaticShape() || !type.getDimSize(0) ||
      llvm::MulOverflow(type.getNumElements() / type.getDimSize(0),
                        rois.getDimSize(0), flops))
    return std::nullopt;
  return flops;
}
