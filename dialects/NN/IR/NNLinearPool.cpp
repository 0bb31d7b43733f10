//===----------------------------------------------------------------------===//
// Pooling: shapes, reference, cost.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/NNLinearUtils.h"

#include <cmath>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

//===----------------------------------------------------------------------===//
// Shared
//===----------------------------------------------------------------------===//

template <typename AdaptorTy>
static LogicalResult resolvePool(AdaptorTy adaptor, DimBuilder &dims,
                                 SmallVectorImpl<WindowAxis> &axes) {
  if (failed(requireRank(dims, adaptor.getInput(), "an input", 3, 5)))
    return failure();
  SmallVector<Dim> input =
      getImageShape(dims, adaptor.getInput(), adaptor.getChannelsLast());
  SmallVector<Dim> kernel(adaptor.getKernel().begin(),
                          adaptor.getKernel().end());
  WindowAttrs attrs{adaptor.getStrides(),  adaptor.getDilations(),
                    adaptor.getPads(),     adaptor.getAutoPad(),
                    adaptor.getCeilMode(), adaptor.getChannelsLast()};
  return resolveWindows(dims, ArrayRef(input).drop_front(2), kernel, attrs,
                        axes);
}

template <typename AdaptorTy>
static LogicalResult inferPool(AdaptorTy adaptor, Type elementType,
                               DimBuilder &dims,
                               SmallVectorImpl<ResultShape> &shapes) {
  SmallVector<WindowAxis> axes;
  if (failed(resolvePool(adaptor, dims, axes)))
    return failure();
  bool channelsLast = adaptor.getChannelsLast();
  SmallVector<Dim> input =
      getImageShape(dims, adaptor.getInput(), channelsLast);
  SmallVector<Dim> shape{input[0], input[1]};
  for (const WindowAxis &axis : axes)
    shape.push_back(axis.output);
  shapes.push_back({elementType, arrangeImage(shape, channelsLast)});
  return success();
}

/// What a pooling does with one window: `offset` is that of its channel in
/// `input`, `window` the number of the window in its channel, `axes` the
/// geometry in numbers.
using PoolWindow = function_ref<void(
    const nncio::Tensor &input, nncio::Tensor &result, int64_t index,
    ArrayRef<double> channel, int64_t offset, int64_t window,
    ArrayRef<WindowTap> taps, ArrayRef<WindowAxis> axes)>;

/// Calls `pool` for each window of each channel.
static void forEachPoolWindow(const nncio::Tensor &input, nncio::Tensor &result,
                              ArrayRef<WindowAxis> axes, PoolWindow pool) {
  std::vector<double> values = input.toDoubles();
  int64_t channels = input.shape()[0] * input.shape()[1];
  if (channels == 0)
    return;
  int64_t inputPlace = input.size() / channels;
  int64_t outputPlace = result.size() / channels;
  auto visit = [&](int64_t window, ArrayRef<WindowTap> taps) {
    for (int64_t c = 0; c < channels; ++c)
      pool(input, result, c * outputPlace + window,
           ArrayRef(values).slice(c * inputPlace, inputPlace), c * inputPlace,
           window, taps, axes);
  };
  forEachWindow(axes, /*transposed=*/false, visit);
}

/// Calls `pool` for each element of the result.
template <typename OpTy>
static std::string evaluatePool(OpTy op, const nncio::Tensor &input,
                                nncio::Tensor &result, PoolWindow pool) {
  std::string message;
  DimBuilder dims(op->getOperands(), input,
                  [&](const Twine &text) { message = text.str(); });
  SmallVector<WindowAxis> axes;
  if (failed(OpTy::resolveWindow(typename OpTy::Adaptor(op), dims, axes)))
    return message;
  evaluateOnImages(op.getChannelsLast(), input, result,
                   [&](ArrayRef<nncio::Tensor> images, nncio::Tensor &image) {
                     forEachPoolWindow(images[0], image, axes, pool);
                   });
  return "";
}

/// One operation for each element of each window.
template <typename OpTy>
static std::optional<int64_t> countPoolFlops(OpTy op, int64_t perElement) {
  return multiplyCounts(
      multiplyCounts(perElement, countResultElements(op.getOperation())),
      countStatic(op.getKernel()));
}

//===----------------------------------------------------------------------===//
// MaxPoolOp, MaxPoolIndicesOp
//===----------------------------------------------------------------------===//

/// The tap of the first largest element, NaN above all; null without taps.
static const WindowTap *findLargest(ArrayRef<double> channel,
                                    ArrayRef<WindowTap> taps) {
  const WindowTap *best = nullptr;
  for (const WindowTap &tap : taps) {
    double value = channel[tap.position];
    if (!best || value > channel[best->position] ||
        (std::isnan(value) && !std::isnan(channel[best->position])))
      best = &tap;
  }
  return best;
}

LogicalResult MaxPoolOp::resolveWindow(Adaptor adaptor, DimBuilder &dims,
                                       SmallVectorImpl<WindowAxis> &axes) {
  return resolvePool(adaptor, dims, axes);
}

LogicalResult MaxPoolOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                     SmallVectorImpl<ResultShape> &shapes) {
  return inferPool(adaptor, rankedTypeOf(adaptor.getInput()).getElementType(),
                   dims, shapes);
}

std::string MaxPoolOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                MutableArrayRef<nncio::Tensor> results) {
  size_t width = nncio::elementBytes(operands[0].type());
  return evaluatePool(
      *this, operands[0], results[0],
      [&](const nncio::Tensor &input, nncio::Tensor &result, int64_t index,
          ArrayRef<double> channel, int64_t offset, int64_t,
          ArrayRef<WindowTap> taps, ArrayRef<WindowAxis>) {
        if (const WindowTap *best = findLargest(channel, taps))
          std::memcpy(result.mutableData() + index * width,
                      input.data() + (offset + best->position) * width, width);
        else
          result.setDouble(index, -std::numeric_limits<double>::infinity());
      });
}

std::optional<int64_t> MaxPoolOp::getFlops() {
  return countPoolFlops(*this, 1);
}

LogicalResult
MaxPoolIndicesOp::resolveWindow(Adaptor adaptor, DimBuilder &dims,
                                SmallVectorImpl<WindowAxis> &axes) {
  return resolvePool(adaptor, dims, axes);
}

LogicalResult
MaxPoolIndicesOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                              SmallVectorImpl<ResultShape> &shapes) {
  Type type = adaptor.getInput().getType();
  return inferPool(adaptor, IntegerType::get(type.getContext(), 64), dims,
                   shapes);
}

/// A row-major position in the spatial axes, counted with the first one
/// fastest.
static int64_t toColumnMajor(int64_t position, ArrayRef<WindowAxis> axes) {
  int64_t result = 0;
  for (const WindowAxis &axis : llvm::reverse(axes)) {
    int64_t size = *axis.input.getConstant();
    result = result * size + position % size;
    position /= size;
  }
  return result;
}

std::string MaxPoolIndicesOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                       MutableArrayRef<nncio::Tensor> results) {
  return evaluatePool(*this, operands[0], results[0],
                      [&](const nncio::Tensor &, nncio::Tensor &result,
                          int64_t index, ArrayRef<double> channel,
                          int64_t offset, int64_t, ArrayRef<WindowTap> taps,
                          ArrayRef<WindowAxis> axes) {
                        const WindowTap *best = findLargest(channel, taps);
                        int64_t position = best ? best->position : 0;
                        if (best && getColumnMajor())
                          position = toColumnMajor(position, axes);
                        result.setInt(index, offset + position);
                      });
}

std::optional<int64_t> MaxPoolIndicesOp::getFlops() {
  return countPoolFlops(*this, 1);
}

//===----------------------------------------------------------------------===//
// AveragePoolOp
//===----------------------------------------------------------------------===//

LogicalResult AveragePoolOp::resolveWindow(Adaptor adaptor, DimBuilder &dims,
                                           SmallVectorImpl<WindowAxis> &axes) {
  return resolvePool(adaptor, dims, axes);
}

LogicalResult AveragePoolOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                         SmallVectorImpl<ResultShape> &shapes) {
  return inferPool(adaptor, rankedTypeOf(adaptor.getInput()).getElementType(),
                   dims, shapes);
}

/// Elements of a window that are in the input or its padding.
static int64_t countPadded(int64_t window, ArrayRef<WindowAxis> axes) {
  int64_t count = 1;
  for (const WindowAxis &axis : llvm::reverse(axes)) {
    int64_t at = window % *axis.output.getConstant();
    window /= *axis.output.getConstant();
    int64_t end = *axis.padBegin.getConstant() + *axis.input.getConstant() +
                  *axis.padEnd.getConstant();
    int64_t inside = 0;
    for (int64_t k = 0; k < *axis.kernel.getConstant(); ++k)
      inside += at * axis.stride + k * axis.dilation < end;
    count *= inside;
  }
  return count;
}

std::string AveragePoolOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                    MutableArrayRef<nncio::Tensor> results) {
  return evaluatePool(
      *this, operands[0], results[0],
      [&](const nncio::Tensor &, nncio::Tensor &result, int64_t index,
          ArrayRef<double> channel, int64_t, int64_t window,
          ArrayRef<WindowTap> taps, ArrayRef<WindowAxis> axes) {
        double sum = 0;
        for (WindowTap tap : taps)
          sum += channel[tap.position];
        int64_t count = getCountIncludePad() ? countPadded(window, axes)
                                             : int64_t(taps.size());
        result.setDouble(index, count ? sum / double(count) : 0);
      });
}

std::optional<int64_t> AveragePoolOp::getFlops() {
  return countPoolFlops(*this, 1);
}

//===----------------------------------------------------------------------===//
// LpPoolOp
//===----------------------------------------------------------------------===//

LogicalResult LpPoolOp::resolveWindow(Adaptor adaptor, DimBuilder &dims,
                                      SmallVectorImpl<WindowAxis> &axes) {
  return resolvePool(adaptor, dims, axes);
}

LogicalResult LpPoolOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                    SmallVectorImpl<ResultShape> &shapes) {
  auto p = static_cast<int64_t>(adaptor.getP());
  if (p < 1)
    return dims.fail("expects p of 1 or more, but got " + Twine(p));
  return inferPool(adaptor, rankedTypeOf(adaptor.getInput()).getElementType(),
                   dims, shapes);
}

std::string LpPoolOp::evaluate(ArrayRef<nncio::Tensor> operands,
                               MutableArrayRef<nncio::Tensor> results) {
  auto p = static_cast<double>(getP());
  return evaluatePool(*this, operands[0], results[0],
                      [&](const nncio::Tensor &, nncio::Tensor &result,
                          int64_t index, ArrayRef<double> channel, int64_t,
                          int64_t, ArrayRef<WindowTap> taps,
                          ArrayRef<WindowAxis>) {
                        double sum = 0;
                        for (WindowTap tap : taps)
                          sum += std::pow(std::abs(channel[tap.position]), p);
                        result.setDouble(index, std::pow(sum, 1 / p));
                      });
}

std::optional<int64_t> LpPoolOp::getFlops() { return countPoolFlops(*this, 2); }

//===----------------------------------------------------------------------===//
// MaxUnpoolOp
//===----------------------------------------------------------------------===//

LogicalResult MaxUnpoolOp::resolveSpatial(Adaptor adaptor, DimBuilder &dims,
                                          SmallVectorImpl<Dim> &spatial) {
  if (failed(requireRank(dims, adaptor.getInput(), "an input", 3, 5)))
    return failure();
  SmallVector<Dim> input = dims.shape(adaptor.getInput());
  size_t rank = input.size() - 2;
  ArrayRef<int64_t> kernel = adaptor.getKernel(), pads = adaptor.getPads();
  ArrayRef<int64_t> strides = adaptor.getStrides();
  if (failed(checkWindowNumbers(dims, kernel, rank, 1, "kernel dimensions")) ||
      failed(checkWindowNumbers(dims, strides, rank, 1, "strides")) ||
      failed(checkWindowNumbers(dims, pads, 2 * rank, 0, "pads")))
    return failure();
  for (size_t i = 0; i < rank; ++i) {
    Dim steps = dims.mul(dims.sub(input[i + 2], 1), strides[i]);
    spatial.push_back(
        dims.max(dims.add(steps, kernel[i] - pads[i] - pads[rank + i]), 0));
  }
  return success();
}

LogicalResult MaxUnpoolOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                       SmallVectorImpl<ResultShape> &shapes) {
  SmallVector<Dim> spatial;
  if (failed(resolveSpatial(adaptor, dims, spatial)))
    return failure();
  SmallVector<Dim> input = dims.shape(adaptor.getInput());
  SmallVector<Dim> indices = dims.shape(adaptor.getIndices());
  if (input.size() != indices.size())
    return dims.fail("expects indices of rank " + Twine(input.size()) +
                     ", but got rank " + Twine(indices.size()));
  for (auto [a, b] : llvm::zip(input, indices))
    if (failed(dims.requireEqual(a, b, "dimensions of input and indices")))
      return failure();
  SmallVector<Dim> shape{input[0], input[1]};
  shape.append(spatial);
  if (Value wanted = adaptor.getOutputShape()) {
    RankedTensorType type = rankedTypeOf(wanted);
    if (type.getRank() != 1 || type.getDimSize(0) != int64_t(input.size()))
      return dims.fail("expects an output shape of rank 1 and length " +
                       Twine(input.size()));
    shape = dims.elements(wanted);
    for (unsigned axis : {0, 1})
      if (failed(dims.requireEqual(input[axis], shape[axis],
                                   "batch and channels of input and result")))
        return failure();
  }
  shapes.push_back(
      {rankedTypeOf(adaptor.getInput()).getElementType(), std::move(shape)});
  return success();
}

std::string MaxUnpoolOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                  MutableArrayRef<nncio::Tensor> results) {
  DimBuilder dims(getOperation()->getOperands(), operands,
                  [](const Twine &) {});
  SmallVector<Dim> box{operands[0].shape()[0], operands[0].shape()[1]};
  if (failed(resolveSpatial(Adaptor(*this), dims, box)))
    return "the operands do not fit together";
  int64_t count = *dims.product(box).getConstant();
  const std::vector<int64_t> &shape = results[0].shape();
  size_t width = nncio::elementBytes(results[0].type());
  for (int64_t i = 0; i < operands[1].size(); ++i) {
    int64_t index = operands[1].getInt(i), position = 0, stride = 1;
    std::string where = "index " + std::to_string(index);
    if (index < 0 || index >= count)
      return where + " is not in [0, " + std::to_string(count) + ")";
    for (size_t axis = shape.size(); axis-- > 0;) {
      int64_t size = *box[axis].getConstant();
      if (index % size >= shape[axis])
        return where + " is outside of the output shape";
      position += index % size * stride;
      stride *= shape[axis];
      index /= size;
    }
    std::memcpy(results[0].mutableData() + position * width,
                operands[0].data() + i * width, width);
  }
  return "";
}
