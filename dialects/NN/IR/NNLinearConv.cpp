//===----------------------------------------------------------------------===//
// Convolutions: shapes, reference, cost.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/NNLinearUtils.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

//===----------------------------------------------------------------------===//
// Shared
//===----------------------------------------------------------------------===//

template <typename AdaptorTy>
static ConvolutionView getView(AdaptorTy adaptor) {
  return {adaptor.getInput(), adaptor.getFilter(), adaptor.getBias(),
          static_cast<int64_t>(adaptor.getGroup()),
          WindowAttrs{adaptor.getStrides(), adaptor.getDilations(),
                      adaptor.getPads(), adaptor.getAutoPad(),
                      /*ceilMode=*/false, adaptor.getChannelsLast()}};
}

/// Checks ranks and group of either convolution.
static LogicalResult checkConvolution(const ConvolutionView &conv,
                                      DimBuilder &dims) {
  if (failed(requireRank(dims, conv.input, "an input", 3, 5)))
    return failure();
  int64_t rank = rankedTypeOf(conv.input).getRank();
  if (failed(requireRank(dims, conv.filter, "a filter", rank, rank)))
    return failure();
  if (conv.bias && failed(requireRank(dims, conv.bias, "a bias", 1, 1)))
    return failure();
  if (conv.group < 1 || conv.group > windowNumberLimit)
    return dims.fail("expects a group of 1 to " + Twine(windowNumberLimit) +
                     ", but got " + Twine(conv.group));
  return success();
}

/// Fails unless `channels` can be cut into `group` parts.
static LogicalResult requireMultiple(DimBuilder &dims, Dim channels,
                                     int64_t group, StringRef what) {
  if (group == 1)
    return success();
  Dim whole = dims.mul(dims.floorDiv(channels, group), group);
  return dims.requireEqual(channels, whole,
                           what + " and their largest multiple of group");
}

/// The result, an image of `channels`, after the bias has been checked.
static LogicalResult finishShape(const ConvolutionView &conv, Type elementType,
                                 DimBuilder &dims, Dim channels,
                                 ArrayRef<WindowAxis> axes,
                                 SmallVectorImpl<ResultShape> &shapes) {
  if (conv.bias && failed(dims.requireEqual(channels, dims.dim(conv.bias, 0),
                                            "output channels and the bias")))
    return failure();
  SmallVector<Dim> shape{dims.dim(conv.input, 0), channels};
  for (const WindowAxis &axis : axes)
    shape.push_back(axis.output);
  shapes.push_back(
      {elementType, arrangeImage(shape, conv.window.channelsLast)});
  return success();
}

static SmallVector<Dim> getInputShape(const ConvolutionView &conv,
                                      DimBuilder &dims) {
  return getImageShape(dims, conv.input, conv.window.channelsLast);
}

/// Dimensions as plain numbers, in evaluation.
struct ConvSizes {
  int64_t batch, groups, inputs, outputs; // channels a group
  int64_t inputPlace, outputPlace, kernel;

  ConvSizes(const nncio::Tensor &input, const nncio::Tensor &result,
            int64_t groups, ArrayRef<WindowAxis> axes)
      : batch(input.shape()[0]), groups(groups),
        inputs(input.shape()[1] / groups), outputs(result.shape()[1] / groups),
        inputPlace(1), outputPlace(1), kernel(1) {
    for (const WindowAxis &axis : axes) {
      inputPlace *= axis.input.getConstant().value_or(0);
      outputPlace *= axis.output.getConstant().value_or(0);
      kernel *= axis.kernel.getConstant().value_or(0);
    }
  }
};

/// The result before the sums: the bias of each channel, or zero.
template <typename T>
static std::vector<T> startSums(ArrayRef<nncio::Tensor> operands,
                                const nncio::Tensor &result, int64_t place) {
  std::vector<T> sums(result.size(), T(0));
  if (operands.size() < 3)
    return sums;
  std::vector<T> bias = readElements<T>(operands[2]);
  for (int64_t i = 0; i < result.size(); ++i)
    sums[i] = bias[i / place % result.shape()[1]];
  return sums;
}

//===----------------------------------------------------------------------===//
// ConvOp
//===----------------------------------------------------------------------===//

LogicalResult nn::resolveConvolution(const ConvolutionView &conv,
                                     DimBuilder &dims,
                                     SmallVectorImpl<WindowAxis> &axes) {
  if (failed(checkConvolution(conv, dims)))
    return failure();
  SmallVector<Dim> input = getInputShape(conv, dims);
  SmallVector<Dim> filter = dims.shape(conv.filter);
  return resolveWindows(dims, ArrayRef(input).drop_front(2),
                        ArrayRef(filter).drop_front(2), conv.window, axes);
}

LogicalResult nn::inferConvolution(const ConvolutionView &conv,
                                   Type elementType, DimBuilder &dims,
                                   SmallVectorImpl<ResultShape> &shapes) {
  SmallVector<WindowAxis> axes;
  if (failed(resolveConvolution(conv, dims, axes)))
    return failure();
  Dim depth = dims.mul(dims.dim(conv.filter, 1), conv.group);
  Dim channels = dims.dim(conv.filter, 0);
  if (failed(
          dims.requireEqual(getInputShape(conv, dims)[1], depth,
                            "input channels and the filter's times group")) ||
      failed(requireMultiple(dims, channels, conv.group, "output channels")))
    return failure();
  return finishShape(conv, elementType, dims, channels, axes, shapes);
}

LogicalResult ConvOp::resolveWindow(Adaptor adaptor, DimBuilder &dims,
                                    SmallVectorImpl<WindowAxis> &axes) {
  if (failed(requireOneElementType(dims, adaptor.getOperands())))
    return failure();
  return resolveConvolution(getView(adaptor), dims, axes);
}

LogicalResult ConvOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                  SmallVectorImpl<ResultShape> &shapes) {
  if (failed(requireOneElementType(dims, adaptor.getOperands())))
    return failure();
  return inferConvolution(getView(adaptor),
                          rankedTypeOf(adaptor.getInput()).getElementType(),
                          dims, shapes);
}

template <typename T>
static std::vector<T>
convolve(const ConvSizes &sizes, ArrayRef<nncio::Tensor> operands,
         const nncio::Tensor &result, ArrayRef<WindowAxis> axes) {
  std::vector<T> input = readElements<T>(operands[0]);
  std::vector<T> filter = readElements<T>(operands[1]);
  std::vector<T> sums = startSums<T>(operands, result, sizes.outputPlace);
  int64_t features = sizes.groups * sizes.outputs;
  auto addWindow = [&](int64_t window, ArrayRef<WindowTap> taps) {
    for (int64_t nf = 0; nf < sizes.batch * features; ++nf) {
      int64_t n = nf / features, f = nf % features, g = f / sizes.outputs;
      T sum = 0;
      for (int64_t c = 0; c < sizes.inputs; ++c) {
        const T *x =
            input.data() +
            ((n * sizes.groups + g) * sizes.inputs + c) * sizes.inputPlace;
        const T *w = filter.data() + (f * sizes.inputs + c) * sizes.kernel;
        for (WindowTap tap : taps)
          sum += x[tap.position] * w[tap.element];
      }
      sums[nf * sizes.outputPlace + window] += sum;
    }
  };
  forEachWindow(axes, /*transposed=*/false, addWindow);
  return sums;
}

void nn::convolveTensors(ArrayRef<nncio::Tensor> operands, int64_t group,
                         ArrayRef<WindowAxis> axes, nncio::Tensor &result) {
  ConvSizes sizes(operands[0], result, group, axes);
  withAccumulator(result.type(), [&](auto zero) {
    using T = decltype(zero);
    writeElements(result, convolve<T>(sizes, operands, result, axes));
  });
}

std::string ConvOp::evaluate(ArrayRef<nncio::Tensor> operands,
                             MutableArrayRef<nncio::Tensor> results) {
  std::string message;
  DimBuilder dims(getOperation()->getOperands(), operands,
                  [&](const Twine &text) { message = text.str(); });
  SmallVector<WindowAxis> axes;
  if (failed(resolveWindow(Adaptor(*this), dims, axes)))
    return message;
  evaluateOnImages(getChannelsLast(), operands, results[0],
                   [&](ArrayRef<nncio::Tensor> images, nncio::Tensor &result) {
                     convolveTensors(images, getGroup(), axes, result);
                   });
  return "";
}

std::optional<int64_t> ConvOp::getFlops() {
  // A multiply-add for each element of a filter that an output element sees.
  std::optional<int64_t> depth =
      countStatic(rankedTypeOf(getFilter()).getShape().drop_front());
  return multiplyCounts(multiplyCounts(2, countResultElements(*this)), depth);
}

//===----------------------------------------------------------------------===//
// ConvTransposeOp
//===----------------------------------------------------------------------===//

LogicalResult
ConvTransposeOp::resolveWindow(Adaptor adaptor, DimBuilder &dims,
                               SmallVectorImpl<WindowAxis> &axes) {
  ConvolutionView conv = getView(adaptor);
  if (failed(requireOneElementType(dims, adaptor.getOperands())) ||
      failed(checkConvolution(conv, dims)))
    return failure();
  SmallVector<Dim> input = getInputShape(conv, dims);
  SmallVector<Dim> filter = dims.shape(adaptor.getFilter());
  return resolveTransposedWindows(
      dims, ArrayRef(input).drop_front(2), ArrayRef(filter).drop_front(2),
      conv.window, adaptor.getOutputPadding(), adaptor.getOutputShape(), axes);
}

LogicalResult
ConvTransposeOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                             SmallVectorImpl<ResultShape> &shapes) {
  SmallVector<WindowAxis> axes;
  if (failed(resolveWindow(adaptor, dims, axes)))
    return failure();
  ConvolutionView conv = getView(adaptor);
  Dim depth = dims.dim(adaptor.getFilter(), 0);
  if (failed(dims.requireEqual(getInputShape(conv, dims)[1], depth,
                               "input channels and the filter's")) ||
      failed(
          requireMultiple(dims, depth, adaptor.getGroup(), "input channels")))
    return failure();
  Dim channels = dims.mul(dims.dim(adaptor.getFilter(), 1), adaptor.getGroup());
  return finishShape(conv, rankedTypeOf(adaptor.getInput()).getElementType(),
                     dims, channels, axes, shapes);
}

template <typename T>
static std::vector<T>
convolveTransposed(const ConvSizes &sizes, ArrayRef<nncio::Tensor> operands,
                   const nncio::Tensor &result, ArrayRef<WindowAxis> axes) {
  std::vector<T> input = readElements<T>(operands[0]);
  std::vector<T> filter = readElements<T>(operands[1]);
  std::vector<T> sums = startSums<T>(operands, result, sizes.outputPlace);
  int64_t channels = sizes.groups * sizes.inputs;
  auto addWindow = [&](int64_t window, ArrayRef<WindowTap> taps) {
    for (int64_t nc = 0; nc < sizes.batch * channels; ++nc) {
      int64_t n = nc / channels, c = nc % channels, g = c / sizes.inputs;
      T value = input[nc * sizes.inputPlace + window];
      for (int64_t f = 0; f < sizes.outputs; ++f) {
        const T *w = filter.data() + (c * sizes.outputs + f) * sizes.kernel;
        T *y = sums.data() +
               ((n * sizes.groups + g) * sizes.outputs + f) * sizes.outputPlace;
        for (WindowTap tap : taps)
          y[tap.position] += value * w[tap.element];
      }
    }
  };
  forEachWindow(axes, /*transposed=*/true, addWindow);
  return sums;
}

std::string ConvTransposeOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                      MutableArrayRef<nncio::Tensor> results) {
  std::string message;
  DimBuilder dims(getOperation()->getOperands(), operands,
                  [&](const Twine &text) { message = text.str(); });
  SmallVector<WindowAxis> axes;
  if (failed(resolveWindow(Adaptor(*this), dims, axes)))
    return message;
  evaluateOnImages(getChannelsLast(), operands, results[0],
                   [&](ArrayRef<nncio::Tensor> images, nncio::Tensor &result) {
                     ConvSizes sizes(images[0], result, getGroup(), axes);
                     withAccumulator(result.type(), [&](auto zero) {
                       using T = decltype(zero);
                       writeElements(result, convolveTransposed<T>(
                                                 sizes, images, result, axes));
                     });
                   });
  return "";
}

std::optional<int64_t> ConvTransposeOp::getFlops() {
  // Each input element meets every filter element of its channel.
  std::optional<int64_t> depth =
      countStatic(rankedTypeOf(getFilter()).getShape().drop_front());
  return multiplyCounts(
      multiplyCounts(2, countStatic(rankedTypeOf(getInput()).getShape())),
      depth);
}
