//===----------------------------------------------------------------------===//
// Lowering of patches and regions of images.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ScalarBuilder.h"

using namespace mlir;
using namespace mlir::nnc;

static Type elementTypeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getElementType();
}

/// f32 for 16-bit floats, else the type itself.
static Type getSumType(Type type) {
  return isa<FloatType>(type) ? getFloatComputeType(type) : type;
}

namespace {
/// Each element of the image collects what patches have for it.
struct LowerCol2Im : NNLoweringPattern<nn::Col2ImOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::Col2ImOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    ScalarBuilder s(b);
    SmallVector<Dim> shape = resultShapes(op, adaptor, b)[0];
    Type type = elementTypeOf(adaptor.getInput()), sumType = getSumType(type);
    ArrayRef<int64_t> kernel = op.getKernel(), pads = op.getPads();
    int64_t rank = kernel.size();
    SmallVector<Value> windows, extents;
    for (int64_t i = 0; i < rank; ++i) {
      int64_t outside =
          pads[i] + pads[rank + i] - op.getDilations()[i] * (kernel[i] - 1) - 1;
      Dim room = b.dims.add(shape[2 + i], Dim(outside));
      Dim count = b.dims.floorDiv(room, Dim(op.getStrides()[i]));
      windows.push_back(b.index(b.dims.max(b.dims.add(count, Dim(1)), Dim(0))));
      extents.push_back(s.index(kernel[i]));
    }
    auto body = [&](OpBuilder &, Location, ValueRange at) -> Value {
      auto visit = [&](ValueRange tap, ValueRange state) {
        Value row = at[1], column = s.index(0);
        Value isInside = s.lessEqual(column, column);
        for (int64_t i = 0; i < rank; ++i) {
          row = s.add(s.mul(row, extents[i]), tap[i]);
          Value reach = s.mul(tap[i], s.index(op.getDilations()[i]));
          Value start = s.sub(s.add(at[2 + i], s.index(pads[i])), reach);
          Value stride = s.index(op.getStrides()[i]);
          // Rounded toward 0, which is told apart by the check of the start.
          Value window =
              arith::DivSIOp::create(s.builder, s.loc, start, stride);
          Value fits = s.both(s.lessEqual(s.index(0), start),
                              s.equal(s.mul(window, stride), start));
          fits = s.both(fits, s.less(window, windows[i]));
          isInside = s.both(isInside, fits);
          column = s.add(s.mul(column, windows[i]), window);
        }
        return s.onlyIf(isInside, state, [&]() {
          Value x = s.load(adaptor.getInput(), {at[0], row, column});
          return SmallVector<Value>{s.add(state[0], s.convert(x, sumType))};
        });
      };
      Value sum = s.loops(extents, s.number(sumType, 0), visit)[0];
      return s.convert(sum, type);
    };
    results.push_back(b.byIndex(shape, type, body));
    return success();
  }
};

/// Each element of a column reads four neighbours.
struct LowerDeformColumns : NNLoweringPattern<nn::DeformColumnsOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::DeformColumnsOp op, OpAdaptor adaptor,
                      LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    ScalarBuilder s(b);
    SmallVector<Dim> shape = resultShapes(op, adaptor, b)[0];
    Value input = adaptor.getInput();
    SmallVector<Dim> from = b.shape(input);
    Type type = elementTypeOf(input), compute = getFloatComputeType(type);
    int64_t groups = op.getOffsetGroups(), width = op.getKernel()[1];
    int64_t taps = op.getKernel()[0] * width;
    // At least 1: an empty axis has no elements that could divide by it.
    Value part =
        b.index(b.dims.max(b.dims.floorDiv(from[1], Dim(groups)), Dim(1)));
    Value sizes[] = {b.index(from[2]), b.index(from[3])};
    auto body = [&](OpBuilder &, Location, ValueRange at) -> Value {
      Value group = arith::DivSIOp::create(s.builder, s.loc, at[1], part);
      Value tap = s.add(s.mul(group, s.index(taps)),
                        s.add(s.mul(at[2], s.index(width)), at[3]));
      Value position[2];
      for (int64_t axis = 0; axis < 2; ++axis) {
        Value place =
            s.add(s.mul(at[4 + axis], s.index(op.getStrides()[axis])),
                  s.mul(at[2 + axis], s.index(op.getDilations()[axis])));
        place = s.sub(place, s.index(op.getPads()[axis]));
        Value channel = s.add(s.mul(tap, s.index(2)), s.index(axis));
        Value offset =
            s.load(adaptor.getOffset(), {at[0], channel, at[4], at[5]});
        position[axis] =
            s.add(s.convert(place, compute), s.convert(offset, compute));
      }
      Value value = interpolate(s, input, at[0], at[1], position, sizes);
      if (Value mask = adaptor.getMask())
        value = s.mul(value, s.convert(s.load(mask, {at[0], tap, at[4], at[5]}),
                                       compute));
      return s.convert(value, type);
    };
    results.push_back(b.byIndex(shape, type, body));
    return success();
  }

private:
  static Value interpolate(ScalarBuilder &s, Value input, Value batch,
                           Value channel, ArrayRef<Value> position,
                           ArrayRef<Value> sizes) {
    Type compute = position[0].getType();
    Value zero = s.number(compute, 0), one = s.number(compute, 1);
    // Two places an axis, with weight 0 where there is nothing.
    Value places[2][2], weights[2][2];
    for (int64_t axis = 0; axis < 2; ++axis) {
      Value size = s.convert(sizes[axis], compute);
      Value x = position[axis];
      Value isNear = s.both(s.less(s.number(compute, -1), x), s.less(x, size));
      x = s.select(isNear, x, s.number(compute, -1));
      Value low = s.floor(x);
      for (int64_t side = 0; side < 2; ++side) {
        Value place = side ? s.add(low, one) : low;
        Value weight = s.sub(one, s.abs(s.sub(x, place)));
        Value isInside = s.both(s.lessEqual(zero, place), s.less(place, size));
        weights[axis][side] = s.select(s.both(isNear, isInside), weight, zero);
        Value index = s.convert(place, s.builder.getIndexType());
        places[axis][side] =
            s.clamp(index, s.index(0), s.sub(sizes[axis], s.index(1)));
      }
    }
    Value isSomething =
        s.both(s.less(s.index(0), sizes[0]), s.less(s.index(0), sizes[1]));
    auto sum = [&]() {
      Value total = zero;
      for (int64_t i = 0; i < 2; ++i)
        for (int64_t j = 0; j < 2; ++j) {
          Value x = s.load(input, {batch, channel, places[0][i], places[1][j]});
          // What does not count may be infinite.
          Value weight = s.mul(weights[0][i], weights[1][j]);
          Value product = s.mul(s.convert(x, compute), weight);
          total = s.add(total, s.select(s.equal(weight, zero), zero, product));
        }
      return SmallVector<Value>{total};
    };
    return s.onlyIf(isSomething, zero, sum)[0];
  }
};

/// Each bin looks through its part of the image.
struct LowerMaxRoiPool : NNLoweringPattern<nn::MaxRoiPoolOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::MaxRoiPoolOp op, OpAdaptor adaptor,
                      LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    ScalarBuilder s(b);
    Value input = adaptor.getInput();
    Type type = elementTypeOf(input), f64 = b.builder.getF64Type();
    SmallVector<Dim> from = b.shape(input);
    Value batches = b.index(from[0]), height = b.index(from[2]),
          width = b.index(from[3]);
    auto body = [&](OpBuilder &inner, Location, ValueRange at) -> Value {
      auto number = [&](int64_t i) {
        return s.convert(s.load(adaptor.getRois(), {at[0], s.index(i)}), f64);
      };
      Value batch = s.convert(number(0), b.builder.getIndexType());
      batch = s.clamp(batch, s.index(0), s.sub(batches, s.index(1)));
      float scale = op.getSpatialScale().convertToFloat();
      std::pair<Value, Value> columns =
          getBin(s, number(1), number(3), scale, at[3], op.getSize()[1], width);
      std::pair<Value, Value> lines = getBin(s, number(2), number(4), scale,
                                             at[2], op.getSize()[0], height);
      Value none = b.lowest(type);
      auto visit = [&](Value y, ValueRange rows) {
        return s.loop(
            columns.first, columns.second, rows, [&](Value x, ValueRange best) {
              Value element = s.load(input, {batch, at[1], y, x});
              Value isAbove = s.less(best[0], element);
              return SmallVector<Value>{s.select(isAbove, element, best[0])};
            });
      };
      Value best = s.loop(lines.first, lines.second, none, visit)[0];
      Value isEmpty = s.either(s.lessEqual(lines.second, lines.first),
                               s.lessEqual(columns.second, columns.first));
      return s.select(isEmpty, s.number(type, 0), best);
    };
    results.push_back(b.byIndex(resultShapes(op, adaptor, b)[0], type, body));
    return success();
  }

private:
  /// The elements of a bin along an axis, as index values.
  static std::pair<Value, Value> getBin(ScalarBuilder &s, Value from, Value to,
                                        double scale, Value bin, int64_t bins,
                                        Value size) {
    Type f64 = from.getType();
    Value limit = s.number(f64, double(int64_t(1) << 30));
    auto round = [&](Value x) {
      x = s.floor(s.add(s.mul(x, s.number(f64, scale)), s.number(f64, 0.5)));
      return s.clamp(x, s.sub(s.number(f64, 0), limit), limit);
    };
    Value start = round(from), one = s.number(f64, 1);
    Value length = s.add(s.sub(round(to), start), one);
    length = s.div(s.maximum(length, one), s.number(f64, double(bins)));
    auto clip = [&](Value x) {
      x = s.clamp(s.add(x, start), s.number(f64, 0), s.convert(size, f64));
      return s.convert(x, s.builder.getIndexType());
    };
    Value number = s.convert(bin, f64);
    return {clip(s.floor(s.mul(number, length))),
            clip(s.ceil(s.mul(s.add(number, one), length)))};
  }
};
} // namespace

void mlir::nnc::populateNNPatchToLinalgPatterns(const TypeConverter &converter,
                                                RewritePatternSet &patterns) {
  patterns.add<LowerCol2Im, LowerDeformColumns, LowerMaxRoiPool>(
      converter, patterns.getContext());
}
