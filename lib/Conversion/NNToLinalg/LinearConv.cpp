//===----------------------------------------------------------------------===//
// Lowering of convolutions.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "LinearLowering.h"

using namespace mlir;
using namespace mlir::nnc;

//===----------------------------------------------------------------------===//
// Shared
//===----------------------------------------------------------------------===//

namespace {
/// The loops of a convolution, outermost first: batch, group, feature (of the
/// group), places but the last, channel (of the group), kernel, last place. So
/// the innermost loop runs along rows of input and output with one element of
/// the filter, which vectorizes. Places are the output's, of a transposed
/// convolution the input's.
struct ConvLoops {
  MLIRContext *context;
  unsigned rank;
  /// Channels of a group in input and output.
  int64_t inputs, outputs;

  unsigned count() const { return 4 + 2 * rank; }
  AffineExpr dim(unsigned number) const {
    return getAffineDimExpr(number, context);
  }
  AffineExpr batch() const { return dim(0); }
  AffineExpr group() const { return dim(1); }
  AffineExpr feature() const { return dim(2); }
  AffineExpr channel() const { return dim(2 + rank); }
  unsigned placeNumber(unsigned axis) const {
    return axis + 1 == rank ? count() - 1 : 3 + axis;
  }
  AffineExpr place(unsigned axis) const { return dim(placeNumber(axis)); }
  AffineExpr kernel(unsigned axis) const { return dim(3 + rank + axis); }
  /// Where element `kernel` of window `place` lies.
  AffineExpr element(unsigned axis, const nn::WindowAxis &window) const {
    return place(axis) * window.stride + kernel(axis) * window.dilation;
  }
  AffineMap map(ArrayRef<AffineExpr> exprs) const {
    return AffineMap::get(count(), 0, exprs, context);
  }
};
} // namespace

/// `[groups * n, ...]` as `[groups, n, ...]`.
static Value splitFirstAxis(LoweringBuilder &b, Value tensor, int64_t groups) {
  RankedTensorType type = rankedTypeOf(tensor);
  Dim part = groups == 1 ? b.dim(tensor, 0) : Dim(type.getDimSize(0) / groups);
  SmallVector<int64_t> sizes{groups, part.getStaticSize()};
  llvm::append_range(sizes, type.getShape().drop_front());
  SmallVector<OpFoldResult> shape{b.builder.getIndexAttr(groups),
                                  toFoldResult(b, part)};
  SmallVector<ReassociationIndices> axes{{0, 1}};
  for (int64_t axis = 1; axis < type.getRank(); ++axis) {
    shape.push_back(toFoldResult(b, b.dim(tensor, axis)));
    axes.push_back({axis + 1});
  }
  return tensor::ExpandShapeOp::create(
      b.builder, b.loc, RankedTensorType::get(sizes, type.getElementType()),
      tensor, axes, shape);
}

/// What sums start from: the bias of each feature, or zero.
static Value createStart(LoweringBuilder &b, Value bias, ArrayRef<Dim> shape,
                         Type type) {
  if (!bias)
    return b.filled(shape, b.constant(type, 0));
  MLIRContext *context = b.builder.getContext();
  unsigned rank = shape.size();
  SmallVector<AffineMap> maps{
      AffineMap::get(rank, 0, getAffineDimExpr(1, context)),
      AffineMap::getMultiDimIdentityMap(rank, context)};
  return b.generic(bias, b.empty(shape, type), maps,
                   [&](OpBuilder &inner, Location loc, ValueRange args) {
                     return convertNumber(inner, loc, args[0], type);
                   });
}

/// The loops, with products of the compute type.
static Value createConvLoops(LoweringBuilder &b, Value input, Value filter,
                             Value output, ArrayRef<AffineMap> maps,
                             ArrayRef<unsigned> parallel) {
  Type type = rankedTypeOf(output).getElementType();
  return createLoops(b, {input, filter}, output, maps, parallel,
                     [&](OpBuilder &inner, Location loc, ValueRange args) {
                       Value x = convertNumber(inner, loc, args[0], type);
                       Value w = convertNumber(inner, loc, args[1], type);
                       return createMultiplyAdd(inner, loc, x, w, args[2]);
                     });
}

/// Channels that a group's loops count must be numbers, since they are factors
/// of an index.
template <typename OpTy>
static LogicalResult checkGroups(OpTy op, Value filter) {
  RankedTensorType type = rankedTypeOf(filter);
  if (op.getGroup() == 1 || (!type.isDynamicDim(0) && !type.isDynamicDim(1)))
    return success();
  return op.emitOpError("expects a filter of known channels where group is "
                        "above 1, but got ")
         << type;
}

//===----------------------------------------------------------------------===//
// The ops
//===----------------------------------------------------------------------===//

namespace {
struct LowerConv : NNLoweringPattern<nn::ConvOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::ConvOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    SmallVector<SmallVector<Dim>> shapes = resultShapes(op, adaptor, b);
    if (shapes.empty() || failed(checkGroups(op, adaptor.getFilter())))
      return failure();
    ArrayRef<Dim> shape = shapes[0];
    FailureOr<SmallVector<nn::WindowAxis>> axes =
        getWindows<nn::ConvOp>(adaptor, b, shape);
    if (failed(axes))
      return failure();
    Type elementType = rankedTypeOf(adaptor.getInput()).getElementType();
    Type type = getComputeType(elementType);
    Value output = createStart(b, adaptor.getBias(), shape, type);
    if (!isKnownEmpty(shape)) {
      Value input = padInput(b, adaptor.getInput(), *axes,
                             /*mayOverhang=*/false, b.constant(elementType, 0));
      output = convolve(op, b, input, adaptor.getFilter(), output, *axes);
    }
    results.push_back(convertElements(b, output, elementType));
    return success();
  }

private:
  static Value convolve(nn::ConvOp op, LoweringBuilder &b, Value input,
                        Value filter, Value output,
                        ArrayRef<nn::WindowAxis> axes) {
    int64_t groups = op.getGroup();
    RankedTensorType type = rankedTypeOf(filter);
    ConvLoops loops{op.getContext(), unsigned(axes.size()), type.getDimSize(1),
                    type.getDimSize(0) / groups};
    AffineExpr channel = loops.channel(), feature = loops.feature();
    SmallVector<AffineExpr> filterExprs{loops.group(), feature, channel};
    if (groups > 1) {
      channel = loops.group() * loops.inputs + channel;
      feature = loops.group() * loops.outputs + feature;
    }
    SmallVector<AffineExpr> inputExprs{loops.batch(), channel};
    SmallVector<AffineExpr> outputExprs{loops.batch(), feature};
    SmallVector<unsigned> parallel{0, 1, 2};
    for (auto [axis, window] : llvm::enumerate(axes)) {
      inputExprs.push_back(loops.element(axis, window));
      filterExprs.push_back(loops.kernel(axis));
      outputExprs.push_back(loops.place(axis));
      parallel.push_back(loops.placeNumber(axis));
    }
    return createConvLoops(
        b, input, splitFirstAxis(b, filter, groups), output,
        {loops.map(inputExprs), loops.map(filterExprs), loops.map(outputExprs)},
        parallel);
  }
};

/// Each input element is added where its window lies, in an output with what
/// padding cuts off; that is cut off afterwards.
struct LowerConvTranspose : NNLoweringPattern<nn::ConvTransposeOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::ConvTransposeOp op, OpAdaptor adaptor,
                      LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    SmallVector<SmallVector<Dim>> shapes = resultShapes(op, adaptor, b);
    if (shapes.empty() || failed(checkGroups(op, adaptor.getFilter())))
      return failure();
    ArrayRef<Dim> shape = shapes[0];
    FailureOr<SmallVector<nn::WindowAxis>> axes =
        getWindows<nn::ConvTransposeOp>(adaptor, b, shape);
    if (failed(axes))
      return failure();
    Type elementType = rankedTypeOf(adaptor.getInput()).getElementType();
    Type type = getComputeType(elementType);
    SmallVector<Dim> whole = getWholeShape(b, shape, *axes);
    Value output = createStart(b, adaptor.getBias(), whole, type);
    if (!isKnownEmpty(whole) && !isKnownEmpty(b.shape(adaptor.getInput())))
      output = convolve(op, b, adaptor.getInput(), adaptor.getFilter(), output,
                        *axes);
    output = cut(b, output, whole, shape, *axes, elementType);
    results.push_back(convertElements(b, output, elementType));
    return success();
  }

private:
  /// Dimensions of the output with what is cut off.
  static SmallVector<Dim> getWholeShape(LoweringBuilder &b, ArrayRef<Dim> shape,
                                        ArrayRef<nn::WindowAxis> axes) {
    SmallVector<Dim> whole(shape.take_front(2));
    for (const nn::WindowAxis &axis : axes) {
      bool isCut = !axis.padBegin.isConstant(0) || !axis.padEnd.isConstant(0);
      Dim end = b.dims.add(axis.padBegin, axis.output);
      whole.push_back(isCut ? b.dims.max(getReach(b, axis.input, axis), end)
                            : end);
    }
    return whole;
  }

  static Value convolve(nn::ConvTransposeOp op, LoweringBuilder &b, Value input,
                        Value filter, Value output,
                        ArrayRef<nn::WindowAxis> axes) {
    int64_t groups = op.getGroup();
    RankedTensorType type = rankedTypeOf(filter);
    ConvLoops loops{op.getContext(), unsigned(axes.size()),
                    type.getDimSize(0) / groups, type.getDimSize(1)};
    AffineExpr channel = loops.channel(), feature = loops.feature();
    SmallVector<AffineExpr> filterExprs{loops.group(), channel, feature};
    if (groups > 1) {
      channel = loops.group() * loops.inputs + channel;
      feature = loops.group() * loops.outputs + feature;
    }
    SmallVector<AffineExpr> inputExprs{loops.batch(), channel};
    SmallVector<AffineExpr> outputExprs{loops.batch(), feature};
    for (auto [axis, window] : llvm::enumerate(axes)) {
      inputExprs.push_back(loops.place(axis));
      filterExprs.push_back(loops.kernel(axis));
      outputExprs.push_back(loops.element(axis, window));
    }
    return createConvLoops(
        b, input, splitFirstAxis(b, filter, groups), output,
        {loops.map(inputExprs), loops.map(filterExprs), loops.map(outputExprs)},
        {0, 1, 2});
  }

  /// The part of `whole` behind the padding, converted.
  static Value cut(LoweringBuilder &b, Value output, ArrayRef<Dim> whole,
                   ArrayRef<Dim> shape, ArrayRef<nn::WindowAxis> axes,
                   Type elementType) {
    bool isWhole = true;
    SmallVector<OpFoldResult> offsets(2, b.builder.getIndexAttr(0)), sizes;
    for (auto [axis, size] : llvm::zip(axes, whole.drop_front(2))) {
      isWhole &= axis.padBegin.isConstant(0) && size.isSameAs(axis.output);
      offsets.push_back(toFoldResult(b, axis.padBegin));
    }
    if (isWhole)
      return output;
    for (Dim size : shape)
      sizes.push_back(toFoldResult(b, size));
    SmallVector<OpFoldResult> strides(shape.size(), b.builder.getIndexAttr(1));
    Value part = tensor::ExtractSliceOp::create(b.builder, b.loc, output,
                                                offsets, sizes, strides);
    AffineMap map =
        AffineMap::getMultiDimIdentityMap(shape.size(), b.builder.getContext());
    return b.generic(part, b.empty(shape, elementType), {map, map},
                     [&](OpBuilder &inner, Location loc, ValueRange args) {
                       return convertNumber(inner, loc, args[0], elementType);
                     });
  }
};
} // namespace

void mlir::nnc::populateNNConvToLinalgPatterns(const TypeConverter &converter,
                                               RewritePatternSet &patterns) {
  patterns.add<LowerConv, LowerConvTranspose>(converter, patterns.getContext());
}
