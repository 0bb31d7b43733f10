//===----------------------------------------------------------------------===//
// The geometry of convolutions and pooling.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_NN_IR_WINDOWUTILS_H
#define NNC_DIALECTS_NN_IR_WINDOWUTILS_H

#include "nnc/Interfaces/LayoutOpInterface.h"
#include "nnc/Interfaces/ShapeOpInterface.h"

namespace mlir::nnc::nn {

enum class AutoPad : uint32_t;

/// No stride, dilation, pad or kernel size is above this, so that arithmetic
/// on them stays far from overflow.
inline constexpr int64_t windowNumberLimit = (int64_t(1) << 31) - 1;

/// The attributes that all window ops have, one number a spatial axis; `pads`
/// has those before each axis, then those after each.
struct WindowAttrs {
  ArrayRef<int64_t> strides, dilations, pads;
  AutoPad autoPad;
  bool ceilMode = false;
  bool channelsLast = false;
};

/// Where `[N, C, spatial...]`, or `[N, spatial..., C]`, has its axes.
inline int64_t getChannelAxis(int64_t rank, bool channelsLast) {
  return channelsLast ? rank - 1 : 1;
}
inline int64_t getFirstSpatialAxis(bool channelsLast) {
  return channelsLast ? 1 : 2;
}

/// The dimensions of an image in the order N, C, spatial...
SmallVector<Dim> getImageShape(DimBuilder &dims, Value image,
                               bool channelsLast);
/// Dimensions in that order as the image has them.
SmallVector<Dim> arrangeImage(ArrayRef<Dim> shape, bool channelsLast);

/// For the evaluator: calls `function` with the operands, the first one as
/// `[N, C, spatial...]`, and a result like that, then stores that in `result`.
void evaluateOnImages(
    bool channelsLast, ArrayRef<nncio::Tensor> operands, nncio::Tensor &result,
    function_ref<void(ArrayRef<nncio::Tensor> operands, nncio::Tensor &result)>
        function);

/// A window along one spatial axis. Element `k` of window `o` lies at
/// `o * stride + k * dilation - padBegin` of the input; of a transposed window
/// the windows are in the input and their elements in the output.
struct WindowAxis {
  int64_t stride = 1, dilation = 1;
  Dim input, kernel, output;
  Dim padBegin, padEnd;
};

/// Elements from the first to the last of a window, both included.
Dim getWindowExtent(DimBuilder &dims, const WindowAxis &axis);

/// Appends the geometry of a convolution or pooling. `input` and `kernel` are
/// the spatial dimensions. Reports through `dims` what does not fit.
LogicalResult resolveWindows(DimBuilder &dims, ArrayRef<Dim> input,
                             ArrayRef<Dim> kernel, const WindowAttrs &attrs,
                             SmallVectorImpl<WindowAxis> &axes);

/// The same for a transposed convolution; `outputShape` may be empty.
LogicalResult resolveTransposedWindows(DimBuilder &dims, ArrayRef<Dim> input,
                                       ArrayRef<Dim> kernel,
                                       const WindowAttrs &attrs,
                                       ArrayRef<int64_t> outputPadding,
                                       ArrayRef<int64_t> outputShape,
                                       SmallVectorImpl<WindowAxis> &axes);

/// Checks `count` numbers of `lowest` to windowNumberLimit; `what` names them.
LogicalResult checkWindowNumbers(DimBuilder &dims, ArrayRef<int64_t> numbers,
                                 size_t count, int64_t lowest, StringRef what);

/// One element of a window: row-major offsets in the spatial axes that the
/// window lies over and in the kernel.
struct WindowTap {
  int64_t position, element;
};

/// For the evaluator, where all dimensions are numbers: calls `function` for
/// each window, counted row-major, with those of its elements that are not
/// padding, in row-major order. The windows of a transposed convolution are one
/// an input element and lie over the output.
void forEachWindow(
    ArrayRef<WindowAxis> axes, bool transposed,
    function_ref<void(int64_t window, ArrayRef<WindowTap> taps)> function);

/// What a window op needs and gives in `layout`: the image and the result are
/// of it, if it changes nothing or where the channels are.
std::optional<OpLayout> getWindowLayout(Operation *op, bool channelsLast,
                                        ArrayRef<int64_t> layout);
/// The layout that has the channels last.
std::optional<Layout> getChannelsLastPreference(Operation *op,
                                                bool channelsLast);

/// LayoutOpInterface for ops on one image that have `channels_last`.
template <typename ConcreteOp>
class WindowLayout : public OpTrait::TraitBase<ConcreteOp, WindowLayout> {
public:
  std::optional<OpLayout> getOpLayout(ArrayRef<int64_t> layout) {
    auto op = cast<ConcreteOp>(this->getOperation());
    return getWindowLayout(op, op.getChannelsLast(), layout);
  }
  Operation *buildInLayout(OpBuilder &builder, ArrayRef<int64_t> layout,
                           ValueRange operands) {
    auto op = cast<ConcreteOp>(this->getOperation());
    auto copy = cast<ConcreteOp>(nnc::detail::cloneInLayout(
        builder, op, *getOpLayout(layout), operands));
    copy.setChannelsLast(op.getChannelsLast() == isIdentityLayout(layout));
    return copy;
  }
};

} // namespace mlir::nnc::nn

#endif // NNC_DIALECTS_NN_IR_WINDOWUTILS_H
