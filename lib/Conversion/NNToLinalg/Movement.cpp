//===----------------------------------------------------------------------===//
// Lowering of data movement.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "MovementLowering.h"

using namespace mlir;
using namespace mlir::nnc;

static SmallVector<OpFoldResult> toFoldResults(OpBuilder &builder,
                                               ArrayRef<Dim> dims) {
  SmallVector<OpFoldResult> results;
  for (Dim dim : dims)
    results.push_back(dim.getConstant() ? OpFoldResult(builder.getIndexAttr(
                                              *dim.getConstant()))
                                        : OpFoldResult(dim.getValue()));
  return results;
}

bool mlir::nnc::isSurelyEmpty(ArrayRef<Dim> shape) {
  return llvm::any_of(shape, [](Dim dim) { return dim.isConstant(0); });
}

/// True if some offset leaves nothing of its axis in a tensor of `type`. Such a
/// slice is empty, whatever its sizes are at run time, but not valid IR.
static bool isSurelyOutside(ArrayRef<Dim> offsets, RankedTensorType type) {
  for (auto [offset, size] : llvm::zip(offsets, type.getShape()))
    if (!ShapedType::isDynamic(size) && offset.getConstant() &&
        *offset.getConstant() >= size)
      return true;
  return false;
}

Value mlir::nnc::extractSlice(LoweringBuilder &b, Value input,
                              ArrayRef<Dim> offsets, ArrayRef<Dim> shape,
                              ArrayRef<Dim> steps) {
  if (isSurelyOutside(offsets, cast<RankedTensorType>(input.getType())))
    return b.empty(shape, nn::getElementTypeOf(input));
  auto target =
      RankedTensorType::get(getStaticSizes(shape), nn::getElementTypeOf(input));
  return tensor::ExtractSliceOp::create(
      b.builder, b.loc, target, input, toFoldResults(b.builder, offsets),
      toFoldResults(b.builder, shape), toFoldResults(b.builder, steps));
}

Value mlir::nnc::insertSlice(LoweringBuilder &b, Value part, Value output,
                             ArrayRef<Dim> offsets) {
  auto type = cast<RankedTensorType>(part.getType());
  if (isSurelyOutside(offsets, cast<RankedTensorType>(output.getType())))
    return output;
  SmallVector<OpFoldResult> sizes;
  SmallVector<OpFoldResult> steps(type.getRank(), b.builder.getIndexAttr(1));
  // Numbers exactly where the type has them.
  for (auto [axis, size] : llvm::enumerate(type.getShape()))
    sizes.push_back(type.isDynamicDim(axis)
                        ? OpFoldResult(b.index(b.dim(part, axis)))
                        : OpFoldResult(b.builder.getIndexAttr(size)));
  return tensor::InsertSliceOp::create(b.builder, b.loc, part, output,
                                       toFoldResults(b.builder, offsets), sizes,
                                       steps);
}

namespace {
struct LowerReshape : NNLoweringPattern<nn::ReshapeOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::ReshapeOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    results.push_back(
        b.reshape(adaptor.getInput(), resultShapes(op, adaptor, b)[0]));
    return success();
  }
};

struct LowerTranspose : NNLoweringPattern<nn::TransposeOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::TransposeOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    auto type = cast<RankedTensorType>(adaptor.getInput().getType());
    Value output =
        b.empty(resultShapes(op, adaptor, b)[0], type.getElementType());
    // linalg.transpose can't be verified without dimensions.
    if (type.getRank() == 0) {
      results.push_back(
          linalg::CopyOp::create(b.builder, b.loc, adaptor.getInput(), output)
              .getResult(0));
      return success();
    }
    results.push_back(linalg::TransposeOp::create(b.builder, b.loc,
                                                  adaptor.getInput(), output,
                                                  op.getPermutation())
                          ->getResult(0));
    return success();
  }
};

/// linalg.generic that reads axes of size 1 at 0; a dimension that may be 1 at
/// run time only is indexed by hand.
struct LowerBroadcast : NNLoweringPattern<nn::BroadcastOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::BroadcastOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    SmallVector<Dim> shape = resultShapes(op, adaptor, b)[0];
    Value input = adaptor.getInput();
    auto type = cast<RankedTensorType>(input.getType());
    if (!type.hasStaticShape()) {
      results.push_back(lowerByIndex(b, input, shape));
      return success();
    }
    SmallVector<AffineExpr> exprs;
    MLIRContext *context = op.getContext();
    unsigned lag = shape.size() - type.getRank();
    for (auto [axis, size] : llvm::enumerate(type.getShape()))
      exprs.push_back(size == 1 ? getAffineConstantExpr(0, context)
                                : getAffineDimExpr(lag + axis, context));
    SmallVector<AffineMap> maps{
        AffineMap::get(shape.size(), 0, exprs, context),
        AffineMap::getMultiDimIdentityMap(shape.size(), context)};
    results.push_back(
        b.generic(input, b.empty(shape, type.getElementType()), maps,
                  [](OpBuilder &, Location, ValueRange args) -> Value {
                    return args[0];
                  }));
    return success();
  }

private:
  static Value lowerByIndex(LoweringBuilder &b, Value input,
                            ArrayRef<Dim> shape) {
    auto type = cast<RankedTensorType>(input.getType());
    unsigned lag = shape.size() - type.getRank();
    SmallVector<Value> sizes;
    for (Dim dim : b.shape(input))
      sizes.push_back(b.index(dim));
    Value zero = b.index(0), one = b.index(1);
    return b.byIndex(
        shape, type.getElementType(),
        [&](OpBuilder &inner, Location loc, ValueRange indices) -> Value {
          SmallVector<Value> at;
          for (auto [axis, size] : llvm::enumerate(sizes)) {
            Value isOne = arith::CmpIOp::create(
                inner, loc, arith::CmpIPredicate::eq, size, one);
            at.push_back(arith::SelectOp::create(inner, loc, isOne, zero,
                                                 indices[lag + axis]));
          }
          return tensor::ExtractOp::create(inner, loc, input, at);
        });
  }
};

/// Forwards a strided view; backwards element by element.
struct LowerSlice : NNLoweringPattern<nn::SliceOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::SliceOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    Value input = adaptor.getInput();
    SmallVector<Dim> shape = resultShapes(op, adaptor, b)[0];
    SmallVector<Dim> inputShape = b.shape(input);
    if (isSurelyEmpty(shape) || isSurelyEmpty(inputShape)) {
      results.push_back(b.empty(shape, nn::getElementTypeOf(input)));
      return success();
    }
    SmallVector<Dim> offsets(shape.size(), Dim(0)), steps(shape.size(), Dim(1));
    for (auto [i, axis] : llvm::enumerate(op.getAxes())) {
      steps[axis] = Dim(op.getSteps()[i]);
      offsets[axis] =
          nn::computeAxisSlice(
              b.dims, inputShape[axis], b.dims.element(adaptor.getStarts(), i),
              b.dims.element(adaptor.getEnds(), i), steps[axis])
              .first;
      // A step that can't be taken is any: views must not leave the memory.
      if (shape[axis].isConstant(1))
        steps[axis] = Dim(1);
    }
    bool forward =
        llvm::all_of(steps, [](Dim step) { return *step.getConstant() > 0; });
    results.push_back(forward ? extractSlice(b, input, offsets, shape, steps)
                              : lowerByIndex(b, input, offsets, shape, steps));
    return success();
  }

private:
  static Value lowerByIndex(LoweringBuilder &b, Value input,
                            ArrayRef<Dim> offsets, ArrayRef<Dim> shape,
                            ArrayRef<Dim> steps) {
    SmallVector<Value> origin, strides;
    for (auto [offset, step] : llvm::zip(offsets, steps)) {
      origin.push_back(b.index(offset));
      strides.push_back(b.index(step));
    }
    return b.byIndex(
        shape, nn::getElementTypeOf(input),
        [&](OpBuilder &inner, Location loc, ValueRange indices) -> Value {
          SmallVector<Value> at;
          for (auto [index, first, stride] :
               llvm::zip(indices, origin, strides))
            at.push_back(arith::AddIOp::create(
                inner, loc, first,
                arith::MulIOp::create(inner, loc, index, stride)));
          return tensor::ExtractOp::create(inner, loc, input, at);
        });
  }
};

/// Writes the operands one behind the other.
struct LowerConcat : NNLoweringPattern<nn::ConcatOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::ConcatOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    SmallVector<Dim> shape = resultShapes(op, adaptor, b)[0];
    int64_t axis = op.getAxis();
    Value output = b.empty(shape, nn::getElementTypeOf(adaptor.getInputs()[0]));
    SmallVector<Dim> offsets(shape.size(), Dim(0));
    for (Value input : adaptor.getInputs()) {
      SmallVector<Dim> part = b.shape(input);
      if (isSurelyEmpty(part))
        continue;
      output = insertSlice(b, input, output, offsets);
      offsets[axis] = b.dims.add(offsets[axis], part[axis]);
    }
    results.push_back(output);
    return success();
  }
};
} // namespace

void mlir::nnc::populateNNMovementToLinalgPatterns(
    const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerBroadcast, LowerConcat, LowerReshape, LowerSlice,
               LowerTranspose>(converter, patterns.getContext());
  populateNNGatherToLinalgPatterns(converter, patterns);
  populateNNPadToLinalgPatterns(converter, patterns);
}
