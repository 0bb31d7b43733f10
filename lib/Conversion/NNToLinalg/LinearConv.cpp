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
/// the filter, which vectorizes. With channels last: batch, places, kernel,
/// channel, group, feature, for the same reason. Places are the output's, of a
/// transposed convolution the input's.
struct ConvLoops {
  MLIRContext *context;
  unsigned rank;
  /// Channels of a group in input and output.
  int64_t inputs, outputs;
  bool channelsLast;

  unsigned count() const { return 4 + 2 * rank; }
  AffineExpr dim(unsigned number) const {
    return getAffineDimExpr(number, context);
  }
  unsigned groupNumber() const { return channelsLast ? 2 + 2 * rank : 1; }
  unsigned featureNumber() const { return channelsLast ? 3 + 2 * rank : 2; }
  unsigned placeNumber(unsigned axis) const {
    if (channelsLast)
      return 1 + axis;
    return axis + 1 == rank ? count() - 1 : 3 + axis;
  }
  AffineExpr batch() const { return dim(0); }
  AffineExpr group() const { return dim(groupNumber()); }
  AffineExpr feature() const { return dim(featureNumber()); }
  AffineExpr channel() const {
    return dim(channelsLast ? 1 + 2 * rank : 2 + rank);
  }
  AffineExpr place(unsigned axis) const { return dim(placeNumber(axis)); }
  AffineExpr kernel(unsigned axis) const {
    return dim((channelsLast ? 1 : 3) + rank + axis);
  }
  /// Where element `kernel` of window `place` lies.
  AffineExpr element(unsigned axis, const nn::WindowAxis &window) const {
    return place(axis) * window.stride + kernel(axis) * window.dilation;
  }
  AffineMap map(ArrayRef<AffineExpr> exprs) const {
    return AffineMap::get(count(), 0, exprs, context);
  }
  /// The map of an image.
  AffineMap imageMap(AffineExpr channel, ArrayRef<AffineExpr> spatial) const {
    SmallVector<AffineExpr> exprs{batch()};
    if (!channelsLast)
      exprs.push_back(channel);
    llvm::append_range(exprs, spatial);
    if (channelsLast)
      exprs.push_back(channel);
    return map(exprs);
  }
  /// Of `groups` parts of the channels, where there are several.
  AffineMap inputMap(int64_t groups, ArrayRef<AffineExpr> spatial) const {
    return imageMap(groups > 1 ? group() * inputs + channel() : channel(),
                    spatial);
  }
  AffineMap outputMap(int64_t groups, ArrayRef<AffineExpr> spatial) const {
    return imageMap(groups > 1 ? group() * outputs + feature() : feature(),
                    spatial);
  }
  /// The map of a filter that arrangeFilter has made.
  AffineMap filterMap(bool isTransposed) const {
    SmallVector<AffineExpr> exprs{group(), feature(), channel()};
    if (isTransposed)
      std::swap(exprs[1], exprs[2]);
    for (unsigned axis = 0; axis < rank; ++axis)
      exprs.push_back(kernel(axis));
    // The order of the loops.
    if (channelsLast)
      llvm::sort(exprs, [](AffineExpr a, AffineExpr b) {
        return cast<AffineDimExpr>(a).getPosition() <
               cast<AffineDimExpr>(b).getPosition();
      });
    return map(exprs);
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

/// The filter, its first axis split by groups. With channels last its axes are
/// also brought into the order of the loops, so that features lie side by side.
static Value arrangeFilter(LoweringBuilder &b, Value filter, int64_t groups,
                           bool isTransposed, bool channelsLast) {
  Value split = splitFirstAxis(b, filter, groups);
  if (!channelsLast)
    return split;
  int64_t rank = rankedTypeOf(split).getRank();
  SmallVector<unsigned> order;
  for (unsigned axis = 3; axis < rank; ++axis)
    order.push_back(axis);
  order.append({isTransposed ? 1u : 2u, 0u, isTransposed ? 2u : 1u});
  MLIRContext *context = b.builder.getContext();
  AffineMap from = AffineMap::getPermutationMap(order, context);
  SmallVector<Dim> shape = b.shape(split);
  SmallVector<Dim> arranged =
      llvm::map_to_vector(order, [&](unsigned axis) { return shape[axis]; });
  Type type = rankedTypeOf(filter).getElementType();
  return b.generic(
      split, b.empty(arranged, type),
      {inversePermutation(from),
       AffineMap::getMultiDimIdentityMap(rank, context)},
      [](OpBuilder &, Location, ValueRange args) { return args[0]; });
}

/// What sums start from: the bias of each feature, or zero.
static Value createStart(LoweringBuilder &b, Value bias, ArrayRef<Dim> shape,
                         bool channelsLast, Type type) {
  if (!bias)
    return b.filled(shape, b.constant(type, 0));
  MLIRContext *context = b.builder.getContext();
  unsigned rank = shape.size();
  int64_t axis = nn::getChannelAxis(rank, channelsLast);
  SmallVector<AffineMap> maps{
      AffineMap::get(rank, 0, getAffineDimExpr(axis, context)),
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
    Value output =
        createStart(b, adaptor.getBias(), shape, op.getChannelsLast(), type);
    if (!isKnownEmpty(shape)) {
      Value input = padInput(b, adaptor.getInput(), *axes, op.getChannelsLast(),
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
                    type.getDimSize(0) / groups, op.getChannelsLast()};
    SmallVector<AffineExpr> elements, places;
    SmallVector<unsigned> parallel{0, loops.groupNumber(),
                                   loops.featureNumber()};
    for (auto [axis, window] : llvm::enumerate(axes)) {
      elements.push_back(loops.element(axis, window));
      places.push_back(loops.place(axis));
      parallel.push_back(loops.placeNumber(axis));
    }
    filter = arrangeFilter(b, filter, groups, /*isTransposed=*/false,
                           op.getChannelsLast());
    return createConvLoops(b, input, filter, output,
                           {loops.inputMap(groups, elements),
                            loops.filterMap(/*isTransposed=*/false),
                            loops.outputMap(groups, places)},
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
    SmallVector<Dim> whole = getWholeShape(op, b, shape, *axes);
    Value output =
        createStart(b, adaptor.getBias(), whole, op.getChannelsLast(), type);
    if (!isKnownEmpty(whole) && !isKnownEmpty(b.shape(adaptor.getInput())))
      output = convolve(op, b, adaptor.getInput(), adaptor.getFilter(), output,
                        *axes);
    output = cut(op, b, output, whole, shape, *axes, elementType);
    results.push_back(convertElements(b, output, elementType));
    return success();
  }

private:
  /// Dimensions of the output with what is cut off.
  static SmallVector<Dim> getWholeShape(nn::ConvTransposeOp op,
                                        LoweringBuilder &b, ArrayRef<Dim> shape,
                                        ArrayRef<nn::WindowAxis> axes) {
    SmallVector<Dim> whole(shape);
    int64_t first = nn::getFirstSpatialAxis(op.getChannelsLast());
    for (auto [number, axis] : llvm::enumerate(axes)) {
      bool isCut = !axis.padBegin.isConstant(0) || !axis.padEnd.isConstant(0);
      Dim end = b.dims.add(axis.padBegin, axis.output);
      whole[first + number] =
          isCut ? b.dims.max(getReach(b, axis.input, axis), end) : end;
    }
    return whole;
  }

  static Value convolve(nn::ConvTransposeOp op, LoweringBuilder &b, Value input,
                        Value filter, Value output,
                        ArrayRef<nn::WindowAxis> axes) {
    int64_t groups = op.getGroup();
    RankedTensorType type = rankedTypeOf(filter);
    ConvLoops loops{op.getContext(), unsigned(axes.size()),
                    type.getDimSize(0) / groups, type.getDimSize(1),
                    op.getChannelsLast()};
    SmallVector<AffineExpr> elements, places;
    for (auto [axis, window] : llvm::enumerate(axes)) {
      places.push_back(loops.place(axis));
      elements.push_back(loops.element(axis, window));
    }
    filter = arrangeFilter(b, filter, groups, /*isTransposed=*/true,
                           op.getChannelsLast());
    return createConvLoops(b, input, filter, output,
                           {loops.inputMap(groups, places),
                            loops.filterMap(/*isTransposed=*/true),
                            loops.outputMap(groups, elements)},
                           {0, loops.groupNumber(), loops.featureNumber()});
  }

  /// The part of `whole` behind the padding, converted.
  static Value cut(nn::ConvTransposeOp op, LoweringBuilder &b, Value output,
                   ArrayRef<Dim> whole, ArrayRef<Dim> shape,
                   ArrayRef<nn::WindowAxis> axes, Type elementType) {
    bool isWhole = true;
    SmallVector<OpFoldResult> offsets(shape.size(), b.builder.getIndexAttr(0));
    SmallVector<OpFoldResult> sizes;
    int64_t first = nn::getFirstSpatialAxis(op.getChannelsLast());
    for (auto [number, axis] : llvm::enumerate(axes)) {
      isWhole &= axis.padBegin.isConstant(0) &&
                 whole[first + number].isSameAs(axis.output);
      offsets[first + number] = toFoldResult(b, axis.padBegin);
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
