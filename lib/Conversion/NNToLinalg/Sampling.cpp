//===----------------------------------------------------------------------===//
// Lowering of sampling at positions from data.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Interpolation.h"

using namespace mlir;
using namespace mlir::nnc;
using nn::Interpolation;
using nn::SamplePadding;

static Type elementTypeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getElementType();
}

//===----------------------------------------------------------------------===//
// GridSampleOp
//===----------------------------------------------------------------------===//

namespace {
/// One spatial axis of the input: its size as a float, and the borders at which
/// positions are reflected.
struct GridAxis {
  ScalarBuilder &s;
  nn::GridSampleOp op;
  Value size, last, low, high;

  GridAxis(ScalarBuilder &s, nn::GridSampleOp op, Value size)
      : s(s), op(op), size(size) {
    last = s.sub(size, s.numberLike(size, 1));
    low = s.numberLike(size, op.getAlignCorners() ? 0 : -0.5);
    high = s.sub(size, s.numberLike(size, op.getAlignCorners() ? 1 : 0.5));
  }

  Value reflect(Value x) {
    Value range = s.sub(high, low), zero = s.numberLike(x, 0);
    Value turn = s.add(range, range);
    Value distance = s.abs(s.sub(x, low));
    Value turns = s.sub(distance, s.mul(s.floor(s.div(distance, turn)), turn));
    Value back = s.sub(high, s.sub(turns, range));
    Value inside = s.select(s.less(range, turns), back, s.add(low, turns));
    return s.select(s.less(zero, range), inside, low);
  }

  /// From -1 … 1 to elements, moved inside as the padding says.
  Value position(Value coordinate) {
    Value one = s.numberLike(coordinate, 1),
          half = s.numberLike(coordinate, .5);
    Value moved = s.add(coordinate, one);
    Value x = op.getAlignCorners()
                  ? s.mul(s.mul(moved, half), last)
                  : s.mul(s.sub(s.mul(moved, size), one), half);
    x = s.select(s.notEqual(x, x), s.numberLike(x, -1), x);
    if (op.getPadding() == SamplePadding::border)
      return s.clamp(x, s.numberLike(x, 0), last);
    if (op.getPadding() == SamplePadding::reflection)
      return reflect(x);
    Value margin = s.numberLike(x, 4);
    return s.clamp(x, s.numberLike(x, -4), s.add(size, margin));
  }

  /// Adds the element at `place`, with no weight if there is none.
  void addRead(AxisReads &reads, Value place, Value weight) {
    Value zero = s.numberLike(place, 0);
    if (op.getPadding() == SamplePadding::reflection)
      place = s.floor(reflect(place));
    if (op.getPadding() == SamplePadding::zeros) {
      Value isIn = s.both(s.lessEqual(zero, place), s.lessEqual(place, last));
      weight = s.select(isIn, weight, zero);
    }
    place = s.clamp(place, zero, last);
    reads.places.push_back(s.convert(place, s.builder.getIndexType()));
    reads.weights.push_back(weight);
  }

  AxisReads read(Value coordinate, int64_t axis) {
    AxisReads reads{axis, {}, {}};
    Value x = position(coordinate);
    if (op.getMode() == Interpolation::nearest) {
      Value rounded = math::RoundEvenOp::create(s.builder, s.loc, x);
      addRead(reads, rounded, s.numberLike(x, 1));
      return reads;
    }
    SmallVector<Value> weights =
        interpolationWeights(s, op.getMode(), x, /*coefficient=*/-0.75);
    double first = weights.size() == 4 ? -1 : 0;
    for (auto [tap, weight] : llvm::enumerate(weights))
      addRead(reads, s.add(s.floor(x), s.numberLike(x, first + double(tap))),
              weight);
    return reads;
  }
};

struct LowerGridSample : NNLoweringPattern<nn::GridSampleOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::GridSampleOp op, OpAdaptor adaptor,
                      LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    ScalarBuilder s(b);
    Value input = adaptor.getInput(), grid = adaptor.getGrid();
    Type type = elementTypeOf(input);
    Type compute = type.isF64() || elementTypeOf(grid).isF64()
                       ? b.builder.getF64Type()
                       : b.builder.getF32Type();
    SmallVector<GridAxis> axes;
    for (Dim size : ArrayRef(b.shape(input)).drop_front(2))
      axes.emplace_back(s, op, s.convert(b.index(size), compute));
    auto body = [&](OpBuilder &, Location, ValueRange indices) {
      SmallVector<AxisReads> reads;
      for (auto [i, axis] : llvm::enumerate(axes)) {
        SmallVector<Value> at{indices[0]};
        at.append(indices.begin() + 2, indices.end());
        at.push_back(s.index(axes.size() - 1 - i));
        Value coordinate = s.convert(s.load(grid, at), compute);
        reads.push_back(axis.read(coordinate, i + 2));
      }
      SmallVector<Value> position(indices);
      Value sum = sumReads(s, input, position, reads, compute, false);
      return s.convert(sum, type);
    };
    results.push_back(b.byIndex(resultShapes(op, adaptor, b)[0], type, body));
    return success();
  }
};

//===----------------------------------------------------------------------===//
// AffineGridOp
//===----------------------------------------------------------------------===//

struct LowerAffineGrid : NNLoweringPattern<nn::AffineGridOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::AffineGridOp op, OpAdaptor adaptor,
                      LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    ScalarBuilder s(b);
    SmallVector<Dim> shape = resultShapes(op, adaptor, b)[0];
    Value theta = adaptor.getTheta();
    Type type = elementTypeOf(theta), compute = getFloatComputeType(type);
    int64_t spatial = shape.size() - 2;
    SmallVector<Value> steps;
    for (int64_t axis = 1; axis <= spatial; ++axis) {
      Value size = b.index(shape[axis]);
      if (op.getAlignCorners())
        size = s.maximum(s.sub(size, s.index(1)), s.index(1));
      steps.push_back(s.convert(size, compute));
    }
    auto body = [&](OpBuilder &, Location, ValueRange indices) {
      Value row = indices.back();
      Value one = s.number(compute, 1), two = s.number(compute, 2);
      Value sum = s.convert(s.load(theta, {indices[0], row, s.index(spatial)}),
                            compute);
      for (int64_t j = 0; j < spatial; ++j) {
        int64_t axis = spatial - 1 - j;
        Value place = s.mul(two, s.convert(indices[axis + 1], compute));
        if (!op.getAlignCorners())
          place = s.add(place, one);
        Value position = s.sub(s.div(place, steps[axis]), one);
        Value factor =
            s.convert(s.load(theta, {indices[0], row, s.index(j)}), compute);
        sum = s.add(sum, s.mul(factor, position));
      }
      return s.convert(sum, type);
    };
    results.push_back(b.byIndex(shape, type, body));
    return success();
  }
};

//===----------------------------------------------------------------------===//
// RoiAlignOp
//===----------------------------------------------------------------------===//

/// One axis of one region, in the type of computation.
struct RoiAxis {
  ScalarBuilder &s;
  Value size, start, bin, samples, sampleCount;

  RoiAxis(ScalarBuilder &s, nn::RoiAlignOp op, Value low, Value high,
          int64_t bins, Value size)
      : s(s), size(size) {
    Value scale =
        s.numberLike(low, double(op.getSpatialScale().convertToFloat()));
    Value shift = s.numberLike(low, op.getHalfPixel() ? 0.5 : 0);
    start = s.sub(s.mul(low, scale), shift);
    Value length = s.sub(s.sub(s.mul(high, scale), shift), start);
    if (!op.getHalfPixel())
      length = s.maximum(length, s.numberLike(low, 1));
    bin = s.div(length, s.numberLike(low, double(bins)));
    // More samples than a region has room for come from broken coordinates.
    Value automatic =
        s.ceil(s.clamp(bin, s.numberLike(low, 0), s.numberLike(low, 65536)));
    samples = op.getSamplingRatio()
                  ? s.numberLike(low, double(op.getSamplingRatio()))
                  : automatic;
    sampleCount = s.convert(samples, s.builder.getIndexType());
  }

  Value position(Value index, Value sample) {
    Type type = bin.getType();
    Value offset = s.add(s.convert(sample, type), s.number(type, 0.5));
    Value first = s.add(start, s.mul(s.convert(index, type), bin));
    return s.add(first, s.div(s.mul(offset, bin), samples));
  }
  Value isInside(Value x) {
    return s.both(s.lessEqual(s.numberLike(x, -1), x), s.lessEqual(x, size));
  }
  /// Both neighbours with their weights.
  AxisReads read(Value x, int64_t axis) {
    Value zero = s.numberLike(x, 0), one = s.numberLike(x, 1);
    Value last = s.sub(size, one);
    x = s.maximum(x, zero);
    Value low = s.clamp(s.floor(x), zero, last);
    Value high = s.clamp(s.add(low, one), zero, last);
    Value weight = s.select(s.less(low, last), s.sub(x, low), zero);
    Type type = s.builder.getIndexType();
    return {axis,
            {s.convert(low, type), s.convert(high, type)},
            {s.sub(one, weight), weight}};
  }
};

struct LowerRoiAlign : NNLoweringPattern<nn::RoiAlignOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::RoiAlignOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    ScalarBuilder s(b);
    Value input = adaptor.getInput();
    Type type = elementTypeOf(input), compute = getFloatComputeType(type);
    SmallVector<Dim> from = b.shape(input);
    Value batches = b.index(from[0]);
    Value rows = s.convert(b.index(from[2]), compute);
    Value columns = s.convert(b.index(from[3]), compute);
    auto body = [&](OpBuilder &, Location, ValueRange indices) {
      auto corner = [&](int64_t i) {
        return s.convert(s.load(adaptor.getRois(), {indices[0], s.index(i)}),
                         compute);
      };
      Value batch = s.convert(s.load(adaptor.getBatchIndices(), indices[0]),
                              s.builder.getIndexType());
      batch = s.clamp(batch, s.index(0), s.sub(batches, s.index(1)));
      RoiAxis y(s, op, corner(1), corner(3), op.getSize()[0], rows);
      RoiAxis x(s, op, corner(0), corner(2), op.getSize()[1], columns);
      Value pooled =
          pool(op, s, input, {batch, indices[1]}, y, x, indices[2], indices[3]);
      return s.convert(pooled, type);
    };
    results.push_back(b.byIndex(resultShapes(op, adaptor, b)[0], type, body));
    return success();
  }

private:
  /// Combines the samples of one bin.
  static Value pool(nn::RoiAlignOp op, ScalarBuilder &s, Value input,
                    ArrayRef<Value> channel, RoiAxis &y, RoiAxis &x, Value py,
                    Value px) {
    Type compute = y.bin.getType();
    Value zero = s.number(compute, 0);
    bool isMax = op.getMode() == nn::RoiPooling::max;
    auto sample = [&](ValueRange at, ValueRange state) {
      Value row = y.position(py, at[0]), column = x.position(px, at[1]);
      Value isInside = s.both(y.isInside(row), x.isInside(column));
      AxisReads rows = y.read(row, 2), columns = x.read(column, 3);
      SmallVector<Value> position{channel[0], channel[1], s.index(0),
                                  s.index(0)};
      Value value =
          isMax ? largestPart(s, input, position, rows, columns, compute)
                : sumReads(s, input, position, {rows, columns}, compute, false);
      value = s.select(isInside, value, zero);
      if (!isMax)
        return SmallVector<Value>{s.add(state[0], value)};
      Value isFirst = s.equal(s.add(at[0], at[1]), s.index(0));
      return SmallVector<Value>{
          s.select(isFirst, value, s.maximum(state[0], value))};
    };
    Value result = s.loops({y.sampleCount, x.sampleCount}, zero, sample)[0];
    if (isMax)
      return result;
    Value count = s.maximum(s.mul(y.samples, x.samples), s.number(compute, 1));
    return s.div(result, count);
  }

  /// The largest of the four weighted neighbours.
  static Value largestPart(ScalarBuilder &s, Value input,
                           MutableArrayRef<Value> position,
                           const AxisReads &rows, const AxisReads &columns,
                           Type compute) {
    Value largest;
    for (unsigned r = 0; r < 2; ++r)
      for (unsigned c = 0; c < 2; ++c) {
        position[2] = rows.places[r];
        position[3] = columns.places[c];
        Value weight = s.mul(rows.weights[r], columns.weights[c]);
        Value part = s.mul(weight, s.convert(s.load(input, position), compute));
        largest = largest ? s.maximum(largest, part) : part;
      }
    return largest;
  }
};
} // namespace

void mlir::nnc::populateNNSamplingToLinalgPatterns(
    const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerGridSample, LowerAffineGrid, LowerRoiAlign>(
      converter, patterns.getContext());
}
