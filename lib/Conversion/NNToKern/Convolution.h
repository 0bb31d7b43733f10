//===----------------------------------------------------------------------===//
// What convolutions of floats and of bytes have in common on their way to kern
// ops.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_CONVERSION_NNTOKERN_CONVOLUTION_H
#define NNC_LIB_CONVERSION_NNTOKERN_CONVOLUTION_H

#include "NNToKern.h"

#include "dialects/NN/IR/NNLinearUtils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::nnc {

/// A convolution whose paddings are numbers.
struct ConvAttrs {
  SmallVector<int64_t> kernel, pads;
};

/// Fails for one whose paddings depend on the run.
FailureOr<ConvAttrs> getConvAttrs(OpBuilder &builder, Location loc,
                                  const nn::ConvolutionView &conv);

/// What `value`, in a kernel's body, is inside or outside of it if that is a
/// constant; else null.
Value findConstant(Value value, nn::KernelOp kernel);

/// A constant of its own, as an input of `kernel`.
Value createKernelInput(PatternRewriter &rewriter, nn::KernelOp kernel,
                        const nncio::Tensor &tensor);

/// The input with as many channels as the filter has, which may know more.
template <typename OpTy>
Value createConvInput(OpBuilder &b, OpTy op) {
  auto type = cast<RankedTensorType>(op.getInput().getType());
  SmallVector<int64_t> shape(type.getShape());
  if (!ShapedType::isDynamic(shape.back()))
    return op.getInput();
  shape.back() =
      cast<RankedTensorType>(op.getFilter().getType()).getDimSize(1) *
      int64_t(op.getGroup());
  return tensor::CastOp::create(b, op.getLoc(), type.clone(shape),
                                op.getInput());
}

/// One of a window of one place, without strides and paddings, is a product of
/// matrices.
template <typename OpTy>
bool isPointwise(OpTy op, const ConvAttrs &attrs) {
  auto isOne = [](int64_t number) { return number == 1; };
  return llvm::all_of(attrs.kernel, isOne) &&
         llvm::all_of(op.getStrides(), isOne) &&
         llvm::all_of(attrs.pads, [](int64_t x) { return !x; }) &&
         op.getGroup() == 1;
}

template <typename OpTy>
bool isDepthwise(OpTy op, Value input) {
  int64_t channels = cast<RankedTensorType>(input.getType()).getShape().back();
  auto filter = cast<RankedTensorType>(op.getFilter().getType());
  return int64_t(op.getGroup()) == channels && filter.getDimSize(1) == 1 &&
         filter.getDimSize(0) == channels && channels > 1;
}

/// The kern op for a convolution with `input` in place of its own; its epilogue
/// is empty.
template <typename OpTy>
Operation *createConvolution(OpBuilder &b, OpTy op, Value input,
                             const ConvAttrs &attrs, Value destination,
                             bool depthwise) {
  Location loc = op.getLoc();
  auto filter = cast<RankedTensorType>(op.getFilter().getType());
  TypeRange result(op->getResultTypes());
  ArrayAttr none = b.getArrayAttr({});
  if (isPointwise(op, attrs)) {
    SmallVector<ReassociationIndices> groups{{0}, {}};
    for (int64_t axis = 1; axis < filter.getRank(); ++axis)
      groups[1].push_back(axis);
    Value matrix =
        tensor::CollapseShapeOp::create(b, loc, op.getFilter(), groups);
    return kern::GemmOp::create(b, loc, result, input, matrix, ValueRange(),
                                destination, kern::RhsLayout::Columns, 0, none,
                                hw::TilingAttr());
  }
  if (depthwise)
    return kern::DepthwiseOp::create(
        b, loc, result, input, op.getFilter(), ValueRange(), destination,
        op.getStrides(), op.getDilations(), attrs.pads, attrs.kernel, false,
        none, hw::TilingAttr(), /*dot=*/1, /*flips=*/false, IntegerAttr());
  return kern::ConvOp::create(b, loc, result, input, op.getFilter(),
                              ValueRange(), destination, op.getStrides(),
                              op.getDilations(), attrs.pads, op.getGroup(),
                              false, none, hw::TilingAttr(), /*dot=*/1,
                              /*flips=*/false, IntegerAttr());
}

} // namespace mlir::nnc

#endif // NNC_LIB_CONVERSION_NNTOKERN_CONVOLUTION_H
