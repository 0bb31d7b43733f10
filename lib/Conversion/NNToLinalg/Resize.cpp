//===----------------------------------------------------------------------===//
// Lowering of resizing.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Interpolation.h"

using namespace mlir;
using namespace mlir::nnc;
using nn::CoordinateMode;
using nn::Interpolation;
using nn::NearestRounding;

/// Elements read for one result element by one pass, at most.
static constexpr int64_t maxReads = 16;

namespace {
/// One axis: its numbers as f64, and the tables of what each position reads.
struct ResizeAxis {
  int64_t axis;
  Dim to;
  Value from, size, length, scale, start, end;
  /// Per read a tensor of places (i64) and, unless nearest, one of weights.
  SmallVector<Value> places, weights;
  /// True where a position lies outside; null without extrapolation.
  Value outside;
};

struct LowerResize : NNLoweringPattern<nn::ResizeOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::ResizeOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    ScalarBuilder s(b);
    SmallVector<Dim> shape = resultShapes(op, adaptor, b)[0];
    SmallVector<ResizeAxis> axes;
    for (size_t i = 0; i < op.getAxes().size(); ++i) {
      axes.push_back(readAxis(op, adaptor, b, s, shape, i));
      buildTables(op, b, s, axes.back());
    }
    results.push_back(interpolate(op, adaptor.getInput(), b, s, shape, axes));
    return success();
  }

private:
  static ResizeAxis readAxis(nn::ResizeOp op, OpAdaptor adaptor,
                             LoweringBuilder &b, ScalarBuilder &s,
                             ArrayRef<Dim> shape, size_t i) {
    Type f64 = b.builder.getF64Type();
    ResizeAxis axis;
    axis.axis = op.getAxes()[i];
    axis.to = shape[axis.axis];
    axis.from = s.convert(b.index(b.dim(adaptor.getInput(), axis.axis)), f64);
    axis.size = s.convert(b.index(axis.to), f64);
    axis.length = axis.size;
    if (Value scales = adaptor.getScales()) {
      axis.scale = s.convert(s.load(scales, s.index(i)), f64);
      axis.length = s.mul(axis.scale, axis.from);
    }
    if (op.getCoordinates() == CoordinateMode::tf_crop_and_resize) {
      int64_t end = i + op.getAxes().size();
      axis.start = s.convert(s.load(adaptor.getRoi(), s.index(i)), f64);
      axis.end = s.convert(s.load(adaptor.getRoi(), s.index(end)), f64);
    }
    return axis;
  }

  static Value coordinate(CoordinateMode mode, ScalarBuilder &s,
                          const ResizeAxis &axis, Value i);
  static Value nearest(NearestRounding rounding, ScalarBuilder &s, Value x);
  static void buildTables(nn::ResizeOp op, LoweringBuilder &b, ScalarBuilder &s,
                          ResizeAxis &axis);
  static Value interpolate(nn::ResizeOp op, Value input, LoweringBuilder &b,
                           ScalarBuilder &s, ArrayRef<Dim> shape,
                           ArrayRef<ResizeAxis> axes);
  static Value runPass(nn::ResizeOp op, Value input, LoweringBuilder &b,
                       ScalarBuilder &s, ArrayRef<Dim> shape,
                       ArrayRef<ResizeAxis> axes, Type type);
};
} // namespace

/// The position of element `i` (f64) in the input.
Value LowerResize::coordinate(CoordinateMode mode, ScalarBuilder &s,
                              const ResizeAxis &axis, Value i) {
  Value half = s.numberLike(i, 0.5), one = s.numberLike(i, 1);
  auto unscale = [&](Value x) {
    return axis.scale ? s.div(x, axis.scale)
                      : s.div(s.mul(x, axis.from), axis.size);
  };
  Value isOne = s.equal(axis.length, one), zero = s.numberLike(i, 0);
  Value last = s.sub(axis.from, one);
  switch (mode) {
  case CoordinateMode::half_pixel:
    return s.sub(unscale(s.add(i, half)), half);
  case CoordinateMode::half_pixel_symmetric: {
    Value rest = s.sub(one, s.div(axis.size, axis.length));
    Value offset = s.mul(s.mul(axis.from, half), rest);
    return s.sub(s.add(offset, unscale(s.add(i, half))), half);
  }
  case CoordinateMode::pytorch_half_pixel:
    return s.select(isOne, zero, s.sub(unscale(s.add(i, half)), half));
  case CoordinateMode::align_corners:
    return s.select(isOne, zero,
                    s.div(s.mul(i, last), s.sub(axis.length, one)));
  case CoordinateMode::asymmetric:
    return unscale(i);
  case CoordinateMode::tf_half_pixel_for_nn:
    return unscale(s.add(i, half));
  case CoordinateMode::tf_crop_and_resize: {
    Value middle = s.mul(s.mul(s.add(axis.start, axis.end), half), last);
    Value range = s.mul(s.sub(axis.end, axis.start), last);
    Value step = s.div(s.mul(i, range), s.sub(axis.length, one));
    return s.select(isOne, middle, s.add(s.mul(axis.start, last), step));
  }
  }
  return zero;
}

Value LowerResize::nearest(NearestRounding rounding, ScalarBuilder &s,
                           Value x) {
  Value half = s.numberLike(x, 0.5);
  switch (rounding) {
  case NearestRounding::round_prefer_floor:
    return s.ceil(s.sub(x, half));
  case NearestRounding::round_prefer_ceil:
    return s.floor(s.add(x, half));
  case NearestRounding::floor:
    return s.floor(x);
  case NearestRounding::ceil:
    return s.ceil(x);
  }
  return x;
}

void LowerResize::buildTables(nn::ResizeOp op, LoweringBuilder &b,
                              ScalarBuilder &s, ResizeAxis &axis) {
  Type f64 = b.builder.getF64Type(), i64 = b.builder.getI64Type();
  Type type = getFloatComputeType(
      getStorageType(op.getInput().getType().getElementType()));
  Value zero = s.number(f64, 0), two = s.number(f64, 2);
  Value last = s.sub(axis.from, s.number(f64, 1));
  auto position = [&](ValueRange indices) {
    return coordinate(op.getCoordinates(), s, axis, s.convert(indices[0], f64));
  };
  // Beyond two elements outside everything is the nearest element.
  auto clamped = [&](ValueRange indices) {
    return s.clamp(position(indices), s.sub(zero, two), s.add(last, two));
  };
  auto table = [&](Type elementType, function_ref<Value(ValueRange)> element) {
    return b.byIndex({axis.to}, elementType,
                     [&](OpBuilder &, Location, ValueRange indices) {
                       return element(indices);
                     });
  };
  auto place = [&](Value x) { return s.convert(s.clamp(x, zero, last), i64); };
  if (op.getCoordinates() == CoordinateMode::tf_crop_and_resize)
    axis.outside = table(b.builder.getI1Type(), [&](ValueRange indices) {
      Value x = position(indices);
      return s.negate(s.both(s.lessEqual(zero, x), s.lessEqual(x, last)));
    });
  if (op.getMode() == Interpolation::nearest) {
    axis.places.push_back(table(i64, [&](ValueRange indices) {
      return place(nearest(op.getRounding(), s, clamped(indices)));
    }));
    return;
  }
  bool isCubic = op.getMode() == Interpolation::cubic;
  for (int64_t tap = 0; tap < (isCubic ? 4 : 2); ++tap) {
    auto read = [&](ValueRange indices) {
      Value offset = s.number(f64, double(isCubic ? tap - 1 : tap));
      return s.add(s.floor(clamped(indices)), offset);
    };
    axis.places.push_back(
        table(i64, [&](ValueRange indices) { return place(read(indices)); }));
    axis.weights.push_back(table(type, [&](ValueRange indices) {
      Value x = clamped(indices);
      double coefficient = op.getCubicCoefficient().convertToFloat();
      SmallVector<Value> weights =
          interpolationWeights(s, op.getMode(), x, coefficient);
      if (op.getExcludeOutside())
        excludeOutside(s, s.floor(x), last, weights);
      return s.convert(weights[tap], type);
    }));
  }
}

/// As many axes in one pass as keep the reads few; in between in the type of
/// computation.
Value LowerResize::interpolate(nn::ResizeOp op, Value input, LoweringBuilder &b,
                               ScalarBuilder &s, ArrayRef<Dim> shape,
                               ArrayRef<ResizeAxis> axes) {
  Type type = cast<RankedTensorType>(input.getType()).getElementType();
  if (axes.empty())
    return input;
  while (!axes.empty()) {
    size_t count = 0;
    int64_t reads = 1;
    while (count < axes.size() &&
           reads * int64_t(axes[count].places.size()) <= maxReads)
      reads *= axes[count++].places.size();
    ArrayRef<ResizeAxis> now = axes.take_front(count);
    axes = axes.drop_front(count);
    SmallVector<Dim> target = b.shape(input);
    for (const ResizeAxis &axis : now)
      target[axis.axis] = shape[axis.axis];
    bool isLast = axes.empty() || op.getMode() == Interpolation::nearest;
    input = runPass(op, input, b, s, target, now,
                    isLast ? type : getFloatComputeType(type));
  }
  return input;
}

Value LowerResize::runPass(nn::ResizeOp op, Value input, LoweringBuilder &b,
                           ScalarBuilder &s, ArrayRef<Dim> shape,
                           ArrayRef<ResizeAxis> axes, Type type) {
  MLIRContext *context = op.getContext();
  bool isUnsigned =
      op.getInput().getType().getElementType().isUnsignedInteger();
  Type compute = getFloatComputeType(type);
  SmallVector<Value> tables;
  SmallVector<AffineMap> maps;
  auto addTable = [&](Value table, int64_t axis) {
    tables.push_back(table);
    maps.push_back(
        AffineMap::get(shape.size(), 0, getAffineDimExpr(axis, context)));
  };
  for (const ResizeAxis &axis : axes) {
    for (Value table : axis.places)
      addTable(table, axis.axis);
    for (Value table : axis.weights)
      addTable(table, axis.axis);
    if (axis.outside)
      addTable(axis.outside, axis.axis);
  }
  maps.push_back(AffineMap::getMultiDimIdentityMap(shape.size(), context));
  auto body = [&](OpBuilder &inner, Location loc, ValueRange args) -> Value {
    SmallVector<Value> indices;
    for (size_t axis = 0; axis < shape.size(); ++axis)
      indices.push_back(linalg::IndexOp::create(inner, loc, axis));
    SmallVector<AxisReads> reads;
    Value outside;
    size_t next = 0;
    for (const ResizeAxis &axis : axes) {
      AxisReads own{axis.axis, {}, {}};
      for (size_t i = 0; i < axis.places.size(); ++i)
        own.places.push_back(s.convert(args[next++], inner.getIndexType()));
      for (size_t i = 0; i < axis.weights.size(); ++i)
        own.weights.push_back(args[next++]);
      reads.push_back(own);
      if (axis.outside) {
        outside = outside ? s.either(outside, args[next]) : args[next];
        ++next;
      }
    }
    bool isNearest = op.getMode() == Interpolation::nearest;
    Value value = sumReads(s, input, indices, reads,
                           isNearest ? Type() : compute, isUnsigned);
    double extrapolation = op.getExtrapolation().convertToFloat();
    if (outside) {
      Value number =
          s.number(value.getType().isInteger() ? compute : value.getType(),
                   extrapolation);
      value = s.select(outside, s.convert(number, value.getType(), isUnsigned),
                       value);
    }
    return s.convert(value, type, isUnsigned);
  };
  return b.generic(tables, b.empty(shape, type), maps, body);
}

void mlir::nnc::populateNNResizeToLinalgPatterns(const TypeConverter &converter,
                                                 RewritePatternSet &patterns) {
  patterns.add<LowerResize>(converter, patterns.getContext());
}
