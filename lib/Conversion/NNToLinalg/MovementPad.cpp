//===----------------------------------------------------------------------===//
// Lowering of padding, repetition, ranges and triangles.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "MovementLowering.h"

using namespace mlir;
using namespace mlir::nnc;

/// Position modulo `size`, 0 or more; `size` is positive.
static Value wrapAround(OpBuilder &b, Location loc, Value position,
                        Value size) {
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value rest = arith::RemSIOp::create(b, loc, position, size);
  Value isNegative =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, rest, zero);
  Value wrapped = arith::AddIOp::create(b, loc, rest, size);
  return arith::SelectOp::create(b, loc, isNegative, wrapped, rest);
}

/// The position in an axis of `size` elements whose element stands at
/// `position`, which may lie outside.
static Value mapPadded(OpBuilder &b, Location loc, Value position, Value size,
                       nn::PadMode mode) {
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  Value last = arith::SubIOp::create(b, loc, size, one);
  if (mode == nn::PadMode::Wrap)
    return wrapAround(b, loc, position, size);
  if (mode == nn::PadMode::Edge)
    return arith::MaxSIOp::create(
        b, loc, arith::MinSIOp::create(b, loc, position, last), zero);
  // Mirrored at both edges: there and back is one period.
  Value twice = arith::AddIOp::create(b, loc, last, last);
  Value period = arith::MaxSIOp::create(b, loc, twice, one);
  Value at = wrapAround(b, loc, position, period);
  return arith::MinSIOp::create(b, loc, at,
                                arith::SubIOp::create(b, loc, period, at));
}

namespace {
/// A constant fills the result before the input is written into it; other modes
/// gather.
struct LowerPad : NNLoweringPattern<nn::PadOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::PadOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    SmallVector<Dim> shape = resultShapes(op, adaptor, b)[0];
    SmallVector<Dim> pads = b.dims.elements(adaptor.getPads());
    if (op.getMode() != nn::PadMode::Constant) {
      results.push_back(lowerByIndex(b, adaptor.getInput(), shape,
                                     ArrayRef(pads).take_front(shape.size()),
                                     op.getMode()));
      return success();
    }
    Type type = nn::getElementTypeOf(adaptor.getInput());
    Value value = adaptor.getValue() ? b.load(adaptor.getValue(), {})
                                     : b.constant(type, 0);
    results.push_back(lowerConstant(b, adaptor.getInput(), shape, pads,
                                    b.filled(shape, value)));
    return success();
  }

private:
  static Value lowerConstant(LoweringBuilder &b, Value input,
                             ArrayRef<Dim> shape, ArrayRef<Dim> pads,
                             Value output) {
    SmallVector<Dim> from, to, sizes = b.shape(input);
    bool whole = true;
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      Dim before = pads[axis], size = sizes[axis];
      if (nn::isNonNegative(before) &&
          nn::isNonNegative(pads[shape.size() + axis])) {
        from.push_back(0);
        to.push_back(before);
        continue;
      }
      // A negative count cuts off at its end.
      whole = false;
      Dim cut = b.dims.max(b.dims.sub(0, before), 0);
      from.push_back(b.dims.min(cut, size));
      to.push_back(b.dims.min(b.dims.max(before, 0), shape[axis]));
      sizes[axis] = b.dims.min(b.dims.sub(size, from.back()),
                               b.dims.sub(shape[axis], to.back()));
    }
    if (isSurelyEmpty(sizes))
      return output;
    SmallVector<Dim> steps(shape.size(), Dim(1));
    Value part = whole ? input : extractSlice(b, input, from, sizes, steps);
    return insertSlice(b, part, output, to);
  }

  static Value lowerByIndex(LoweringBuilder &b, Value input,
                            ArrayRef<Dim> shape, ArrayRef<Dim> before,
                            nn::PadMode mode) {
    SmallVector<Value> sizes, pads;
    for (auto [size, pad] : llvm::zip(b.shape(input), before)) {
      sizes.push_back(b.index(size));
      pads.push_back(b.index(pad));
    }
    return b.byIndex(
        shape, nn::getElementTypeOf(input),
        [&](OpBuilder &inner, Location loc, ValueRange indices) -> Value {
          SmallVector<Value> at;
          for (auto [index, pad, size] : llvm::zip(indices, pads, sizes))
            at.push_back(mapPadded(
                inner, loc, arith::SubIOp::create(inner, loc, index, pad), size,
                mode));
          return tensor::ExtractOp::create(inner, loc, input, at);
        });
  }
};

struct LowerTile : NNLoweringPattern<nn::TileOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::TileOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    Value input = adaptor.getInput();
    SmallVector<Dim> shape = resultShapes(op, adaptor, b)[0];
    SmallVector<Dim> inputShape = b.shape(input);
    SmallVector<Value> sizes;
    for (Dim dim : inputShape)
      sizes.push_back(b.index(dim));
    results.push_back(b.byIndex(
        shape, nn::getElementTypeOf(input),
        [&](OpBuilder &inner, Location loc, ValueRange indices) -> Value {
          SmallVector<Value> at;
          for (auto [axis, size] : llvm::enumerate(sizes))
            at.push_back(
                inputShape[axis].isSameAs(shape[axis])
                    ? indices[axis]
                    : arith::RemUIOp::create(inner, loc, indices[axis], size));
          return tensor::ExtractOp::create(inner, loc, input, at);
        }));
    return success();
  }
};

/// Narrow floats are computed in f32 and rounded once.
struct LowerRange : NNLoweringPattern<nn::RangeOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::RangeOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    Type type = nn::getElementTypeOf(adaptor.getStart());
    Value start = b.load(adaptor.getStart(), {});
    Value delta = b.load(adaptor.getDelta(), {});
    results.push_back(b.byIndex(
        resultShapes(op, adaptor, b)[0], type,
        [&](OpBuilder &inner, Location loc, ValueRange indices) -> Value {
          return isa<FloatType>(type)
                     ? stepFloat(inner, loc, indices[0], start, delta)
                     : stepInt(inner, loc, indices[0], start, delta);
        }));
    return success();
  }

private:
  static Value stepInt(OpBuilder &b, Location loc, Value index, Value start,
                       Value delta) {
    Value number = arith::IndexCastOp::create(b, loc, start.getType(), index);
    return arith::AddIOp::create(b, loc, start,
                                 arith::MulIOp::create(b, loc, number, delta));
  }

  static Value stepFloat(OpBuilder &b, Location loc, Value index, Value start,
                         Value delta) {
    Type type = start.getType();
    bool isNarrow = type.getIntOrFloatBitWidth() < 32;
    Type wide = isNarrow ? b.getF32Type() : type;
    auto widen = [&](Value value) -> Value {
      return isNarrow ? arith::ExtFOp::create(b, loc, wide, value) : value;
    };
    Value integer = arith::IndexCastOp::create(b, loc, b.getI64Type(), index);
    Value number = arith::SIToFPOp::create(b, loc, wide, integer);
    Value result = arith::AddFOp::create(
        b, loc, widen(start),
        arith::MulFOp::create(b, loc, number, widen(delta)));
    return isNarrow ? arith::TruncFOp::create(b, loc, type, result) : result;
  }
};

struct LowerTrilu : NNLoweringPattern<nn::TriluOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::TriluOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    Value input = adaptor.getInput();
    Type type = nn::getElementTypeOf(input);
    Value k = b.index(b.dims.element(adaptor.getK(), 0));
    Value zero = b.constant(type, 0);
    auto predicate =
        op.getUpper() ? arith::CmpIPredicate::sge : arith::CmpIPredicate::sle;
    results.push_back(b.byIndex(
        resultShapes(op, adaptor, b)[0], type,
        [&](OpBuilder &inner, Location loc, ValueRange indices) -> Value {
          Value row = indices[indices.size() - 2], column = indices.back();
          Value diagonal = arith::SubIOp::create(inner, loc, column, row);
          Value keeps =
              arith::CmpIOp::create(inner, loc, predicate, diagonal, k);
          Value element = tensor::ExtractOp::create(inner, loc, input, indices);
          return arith::SelectOp::create(inner, loc, keeps, element, zero);
        }));
    return success();
  }
};

/// Lengths beyond the axis count as the axis's size.
struct LowerReverseSequence : NNLoweringPattern<nn::ReverseSequenceOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::ReverseSequenceOp op, OpAdaptor adaptor,
                      LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    Value input = adaptor.getInput(), lengths = adaptor.getLengths();
    int64_t time = op.getTimeAxis(), batch = op.getBatchAxis();
    Value size = b.index(b.dim(input, time));
    results.push_back(b.byIndex(
        resultShapes(op, adaptor, b)[0], nn::getElementTypeOf(input),
        [&](OpBuilder &inner, Location loc, ValueRange indices) -> Value {
          Value length =
              tensor::ExtractOp::create(inner, loc, lengths, indices[batch]);
          length = arith::IndexCastOp::create(inner, loc, inner.getIndexType(),
                                              length);
          length = arith::MinSIOp::create(inner, loc, length, size);
          Value one = arith::ConstantIndexOp::create(inner, loc, 1);
          Value last = arith::SubIOp::create(inner, loc, length, one);
          Value mirrored =
              arith::SubIOp::create(inner, loc, last, indices[time]);
          Value isMoved = arith::CmpIOp::create(
              inner, loc, arith::CmpIPredicate::slt, indices[time], length);
          SmallVector<Value> at(indices);
          at[time] = arith::SelectOp::create(inner, loc, isMoved, mirrored,
                                             indices[time]);
          return tensor::ExtractOp::create(inner, loc, input, at);
        }));
    return success();
  }
};
} // namespace

void mlir::nnc::populateNNPadToLinalgPatterns(const TypeConverter &converter,
                                              RewritePatternSet &patterns) {
  patterns
      .add<LowerPad, LowerRange, LowerReverseSequence, LowerTile, LowerTrilu>(
          converter, patterns.getContext());
}
