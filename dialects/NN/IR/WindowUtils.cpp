//===----------------------------------------------------------------------===//
// The geometry of convolutions and pooling.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/WindowUtils.h"

#include "dialects/NN/IR/MovementUtils.h"
#include "dialects/NN/IR/NNOps.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

//===----------------------------------------------------------------------===//
// Where the channels are
//===----------------------------------------------------------------------===//

/// The axes of an image of `rank`, in the order N, C, spatial...
static Layout getImageAxes(int64_t rank, bool channelsLast) {
  return channelsLast ? invertLayout(getChannelsLastLayout(rank))
                      : getIdentityLayout(rank);
}

SmallVector<Dim> nn::getImageShape(DimBuilder &dims, Value image,
                                   bool channelsLast) {
  SmallVector<Dim> shape = dims.shape(image);
  return llvm::map_to_vector(getImageAxes(shape.size(), channelsLast),
                             [&](int64_t axis) { return shape[axis]; });
}

SmallVector<Dim> nn::arrangeImage(ArrayRef<Dim> shape, bool channelsLast) {
  SmallVector<Dim> arranged(shape.size());
  for (auto [axis, dim] :
       llvm::zip(getImageAxes(shape.size(), channelsLast), shape))
    arranged[axis] = dim;
  return arranged;
}

void nn::evaluateOnImages(
    bool channelsLast, ArrayRef<nncio::Tensor> operands, nncio::Tensor &result,
    function_ref<void(ArrayRef<nncio::Tensor> operands, nncio::Tensor &result)>
        function) {
  if (!channelsLast)
    return function(operands, result);
  int64_t rank = result.shape().size();
  SmallVector<nncio::Tensor> moved(operands);
  moved[0] = transposeTensor(operands[0], getImageAxes(rank, true));
  std::vector<int64_t> shape;
  for (int64_t axis : getImageAxes(rank, true))
    shape.push_back(result.shape()[axis]);
  nncio::Tensor image(result.type(), shape);
  function(moved, image);
  result = transposeTensor(image, getChannelsLastLayout(rank));
}

std::optional<OpLayout> nn::getWindowLayout(Operation *op, bool channelsLast,
                                            ArrayRef<int64_t> layout) {
  std::optional<OpLayout> needed =
      nnc::detail::getFirstOperandLayout(op, layout);
  Layout last = getChannelsLastLayout(layout.size());
  Layout other = channelsLast ? invertLayout(last) : last;
  if (!needed || (!isIdentityLayout(layout) && layout != ArrayRef(other)))
    return std::nullopt;
  return needed;
}

std::optional<Layout> nn::getChannelsLastPreference(Operation *op,
                                                    bool channelsLast) {
  int64_t rank = cast<RankedTensorType>(op->getOperand(0).getType()).getRank();
  return channelsLast ? getIdentityLayout(rank) : getChannelsLastLayout(rank);
}

//===----------------------------------------------------------------------===//
// Geometry
//===----------------------------------------------------------------------===//

Dim nn::getWindowExtent(DimBuilder &dims, const WindowAxis &axis) {
  return dims.add(dims.mul(dims.sub(axis.kernel, 1), axis.dilation), 1);
}

LogicalResult nn::checkWindowNumbers(DimBuilder &dims,
                                     ArrayRef<int64_t> numbers, size_t count,
                                     int64_t lowest, StringRef what) {
  if (numbers.size() != count)
    return dims.fail("expects " + Twine(count) + " " + what + ", but got " +
                     Twine(numbers.size()));
  for (int64_t number : numbers)
    if (number < lowest || number > windowNumberLimit)
      return dims.fail("expects " + what + " of " + Twine(lowest) + " to " +
                       Twine(windowNumberLimit) + ", but got " + Twine(number));
  return success();
}

static LogicalResult checkAttrs(DimBuilder &dims, size_t rank,
                                ArrayRef<Dim> kernel,
                                const WindowAttrs &attrs) {
  if (failed(checkWindowNumbers(dims, attrs.strides, rank, 1, "strides")) ||
      failed(checkWindowNumbers(dims, attrs.dilations, rank, 1, "dilations")) ||
      failed(checkWindowNumbers(dims, attrs.pads, 2 * rank, 0, "pads")))
    return failure();
  if (kernel.size() != rank)
    return dims.fail("expects a kernel of " + Twine(rank) +
                     " dimensions, but got " + Twine(kernel.size()));
  for (Dim size : kernel)
    if (size.getConstant() &&
        (*size.getConstant() < 1 || *size.getConstant() > windowNumberLimit))
      return dims.fail("expects kernel dimensions of 1 to " +
                       Twine(windowNumberLimit) + ", but got " +
                       Twine(*size.getConstant()));
  if (attrs.autoPad != AutoPad::NotSet)
    for (int64_t pad : attrs.pads)
      if (pad != 0)
        return dims.fail("expects pads of 0 where auto_pad is set, but got " +
                         Twine(pad));
  return success();
}

static WindowAxis startAxis(ArrayRef<Dim> input, ArrayRef<Dim> kernel,
                            const WindowAttrs &attrs, size_t number) {
  WindowAxis axis;
  axis.stride = attrs.strides[number];
  axis.dilation = attrs.dilations[number];
  axis.input = input[number];
  axis.kernel = kernel[number];
  axis.padBegin = attrs.pads[number];
  axis.padEnd = attrs.pads[input.size() + number];
  return axis;
}

static bool isSame(AutoPad autoPad) {
  return autoPad == AutoPad::SameUpper || autoPad == AutoPad::SameLower;
}

/// ceil(input / stride) windows, with what they need of padding split in two.
static void placeSameWindows(DimBuilder &dims, AutoPad autoPad,
                             WindowAxis &axis) {
  axis.output = dims.ceilDiv(axis.input, axis.stride);
  Dim reach = dims.add(dims.mul(dims.sub(axis.output, 1), axis.stride),
                       getWindowExtent(dims, axis));
  Dim total = dims.max(dims.sub(reach, axis.input), 0);
  Dim less = dims.floorDiv(total, 2), more = dims.sub(total, less);
  axis.padBegin = autoPad == AutoPad::SameUpper ? less : more;
  axis.padEnd = autoPad == AutoPad::SameUpper ? more : less;
}

/// As many windows as fit into the padded input.
static LogicalResult placeFittingWindows(DimBuilder &dims, bool ceilMode,
                                         WindowAxis &axis) {
  Dim extent = getWindowExtent(dims, axis);
  Dim inside = dims.add(axis.input, axis.padBegin);
  Dim padded = dims.add(inside, axis.padEnd);
  // An empty axis simply has no windows.
  Dim covered =
      dims.selectEqual(axis.input, 0, extent, dims.min(extent, padded));
  if (failed(dims.requireEqual(
          extent, covered,
          "a window's extent and the part of it in the padded input")))
    return failure();
  Dim room = dims.sub(padded, extent);
  Dim steps = ceilMode ? dims.ceilDiv(room, axis.stride)
                       : dims.floorDiv(room, axis.stride);
  Dim count = dims.add(steps, 1);
  if (ceilMode)
    count = dims.selectLess(dims.mul(steps, axis.stride), inside, count, steps);
  axis.output = dims.max(count, 0);
  return success();
}

LogicalResult nn::resolveWindows(DimBuilder &dims, ArrayRef<Dim> input,
                                 ArrayRef<Dim> kernel, const WindowAttrs &attrs,
                                 SmallVectorImpl<WindowAxis> &axes) {
  if (failed(checkAttrs(dims, input.size(), kernel, attrs)))
    return failure();
  for (size_t i = 0; i < input.size(); ++i) {
    WindowAxis axis = startAxis(input, kernel, attrs, i);
    if (isSame(attrs.autoPad))
      placeSameWindows(dims, attrs.autoPad, axis);
    else if (failed(placeFittingWindows(
                 dims, attrs.ceilMode && attrs.autoPad == AutoPad::NotSet,
                 axis)))
      return failure();
    axes.push_back(axis);
  }
  return success();
}

LogicalResult nn::resolveTransposedWindows(
    DimBuilder &dims, ArrayRef<Dim> input, ArrayRef<Dim> kernel,
    const WindowAttrs &attrs, ArrayRef<int64_t> outputPadding,
    ArrayRef<int64_t> outputShape, SmallVectorImpl<WindowAxis> &axes) {
  size_t rank = input.size();
  if (failed(checkAttrs(dims, rank, kernel, attrs)) ||
      failed(checkWindowNumbers(dims, outputPadding, rank, 0,
                                "output paddings")) ||
      (!outputShape.empty() &&
       failed(checkWindowNumbers(dims, outputShape, rank, 0,
                                 "output dimensions"))))
    return failure();
  for (size_t i = 0; i < rank; ++i) {
    WindowAxis axis = startAxis(input, kernel, attrs, i);
    Dim reach = dims.add(dims.mul(dims.sub(axis.input, 1), axis.stride),
                         getWindowExtent(dims, axis));
    Dim whole = dims.add(reach, outputPadding[i]);
    if (outputShape.empty() && !isSame(attrs.autoPad)) {
      Dim size = dims.sub(dims.sub(whole, axis.padBegin), axis.padEnd);
      if (size.getConstant() && *size.getConstant() < 0)
        return dims.fail("expects pads of at most " +
                         Twine(*whole.getConstant()) + ", but got " +
                         Twine(attrs.pads[i]) + " and " +
                         Twine(attrs.pads[rank + i]));
      axis.output = dims.max(size, 0);
    } else {
      axis.output = outputShape.empty() ? dims.mul(axis.input, axis.stride)
                                        : Dim(outputShape[i]);
      Dim total = dims.max(dims.sub(whole, axis.output), 0);
      Dim less = dims.floorDiv(total, 2), more = dims.sub(total, less);
      bool isUpper = attrs.autoPad == AutoPad::SameUpper;
      axis.padBegin = isUpper ? less : more;
      axis.padEnd = isUpper ? more : less;
    }
    axes.push_back(axis);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// For the evaluator
//===----------------------------------------------------------------------===//

/// Moves `index` to the next one in row-major order; false after the last.
static bool advance(MutableArrayRef<int64_t> index, ArrayRef<int64_t> sizes) {
  for (size_t axis = sizes.size(); axis-- > 0;) {
    if (++index[axis] < sizes[axis])
      return true;
    index[axis] = 0;
  }
  return false;
}

void nn::forEachWindow(
    ArrayRef<WindowAxis> axes, bool transposed,
    function_ref<void(int64_t window, ArrayRef<WindowTap> taps)> function) {
  SmallVector<int64_t> windows, kernel, sizes, pads;
  auto number = [](Dim dim) { return dim.getConstant().value_or(0); };
  for (const WindowAxis &axis : axes) {
    windows.push_back(number(transposed ? axis.input : axis.output));
    sizes.push_back(number(transposed ? axis.output : axis.input));
    kernel.push_back(number(axis.kernel));
    pads.push_back(number(axis.padBegin));
  }
  if (llvm::is_contained(windows, 0))
    return;
  SmallVector<int64_t> window(axes.size(), 0), element(axes.size(), 0);
  SmallVector<WindowTap> taps;
  int64_t windowNumber = 0;
  do {
    taps.clear();
    int64_t elementNumber = 0;
    do {
      int64_t position = 0;
      bool isInside = !llvm::is_contained(kernel, 0);
      for (size_t i = 0; i < axes.size(); ++i) {
        int64_t at = window[i] * axes[i].stride +
                     element[i] * axes[i].dilation - pads[i];
        isInside &= at >= 0 && at < sizes[i];
        position = position * sizes[i] + at;
      }
      if (isInside)
        taps.push_back({position, elementNumber});
      ++elementNumber;
    } while (advance(element, kernel));
    function(windowNumber++, taps);
  } while (advance(window, windows));
}
