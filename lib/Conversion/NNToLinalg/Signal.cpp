//===----------------------------------------------------------------------===//
// Lowering of windows, frames, Fourier transforms and determinants.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ScalarBuilder.h"

using namespace mlir;
using namespace mlir::nnc;

static constexpr double pi = 3.14159265358979323846;

static Type elementTypeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getElementType();
}

namespace {
struct LowerCosineWindow : NNLoweringPattern<nn::CosineWindowOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::CosineWindowOp op, OpAdaptor adaptor,
                      LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    ScalarBuilder s(b);
    SmallVector<Dim> shape = resultShapes(op, adaptor, b)[0];
    Type type = getStorageType(op.getElementType());
    Type f64 = b.builder.getF64Type();
    Value period = b.index(shape[0]);
    if (!op.getPeriodic())
      period = s.maximum(s.sub(period, s.index(1)), s.index(1));
    period = s.convert(period, f64);
    ArrayRef<double> a = op.getCoefficients();
    auto body = [&](OpBuilder &inner, Location loc, ValueRange indices) {
      Value i = s.convert(indices[0], f64);
      auto cosine = [&](double turns) -> Value {
        Value angle = s.div(s.mul(i, s.number(f64, turns * pi)), period);
        return math::CosOp::create(inner, loc, angle);
      };
      Value sum =
          s.sub(s.number(f64, a[0]), s.mul(s.number(f64, a[1]), cosine(2)));
      if (a[2] != 0)
        sum = s.add(sum, s.mul(s.number(f64, a[2]), cosine(4)));
      return s.convert(sum, type, op.getElementType().isUnsignedInteger());
    };
    results.push_back(b.byIndex(shape, type, body));
    return success();
  }
};

struct LowerFrame : NNLoweringPattern<nn::FrameOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::FrameOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    ScalarBuilder s(b);
    Value signal = adaptor.getSignal();
    Value step = b.index(b.dims.element(adaptor.getStep(), 0));
    auto body = [&](OpBuilder &, Location, ValueRange at) -> Value {
      Value sample = s.add(s.mul(at[1], step), at[2]);
      return s.load(signal, {at[0], sample, at[3]});
    };
    results.push_back(b.byIndex(resultShapes(op, adaptor, b)[0],
                                elementTypeOf(signal), body));
    return success();
  }
};

/// The sum itself, for each element of the result, with sines from a table.
struct LowerDFT : NNLoweringPattern<nn::DFTOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::DFTOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    ScalarBuilder s(b);
    Value signal = adaptor.getSignal();
    Type type = elementTypeOf(signal), compute = getFloatComputeType(type);
    SmallVector<Dim> shape = resultShapes(op, adaptor, b)[0];
    SmallVector<Dim> from = b.shape(signal);
    Dim length = b.dims.element(adaptor.getLength(), 0);
    Value size = b.index(length);
    Value known = s.minimum(size, b.index(from[op.getAxis()]));
    Value table = buildTable(op, b, s, length, compute);
    auto body = [&](OpBuilder &, Location, ValueRange indices) {
      Value k = indices[op.getAxis()];
      Value isReal = s.equal(indices.back(), s.index(0));
      auto step = [&](Value i, ValueRange state) {
        SmallVector<Value> at(indices);
        at[op.getAxis()] = i;
        Value cosine = s.load(table, {s.index(0), state[1]});
        Value sine = s.load(table, {s.index(1), state[1]});
        Value part = multiply(s, signal, at, from.back(), isReal, cosine, sine);
        Value next = s.add(state[1], k);
        next = s.select(s.lessEqual(size, next), s.sub(next, size), next);
        return SmallVector<Value>{s.add(state[0], part), next};
      };
      Value sum = s.loop(s.index(0), known, {s.number(compute, 0), s.index(0)},
                         step)[0];
      if (op.getInverse())
        sum = s.div(sum, s.convert(size, compute));
      return s.convert(sum, type);
    };
    results.push_back(b.byIndex(shape, type, body));
    return success();
  }

private:
  /// [2, length]: cosines and sines of each step of one turn.
  static Value buildTable(nn::DFTOp op, LoweringBuilder &b, ScalarBuilder &s,
                          Dim length, Type compute) {
    Type f64 = b.builder.getF64Type();
    Value size = s.convert(b.index(length), f64);
    Value turn = s.number(f64, (op.getInverse() ? 2 : -2) * pi);
    return b.byIndex(
        {Dim(2), length}, compute,
        [&](OpBuilder &inner, Location loc, ValueRange at) {
          Value angle = s.div(s.mul(turn, s.convert(at[1], f64)), size);
          Value cosine = math::CosOp::create(inner, loc, angle);
          Value sine = math::SinOp::create(inner, loc, angle);
          return s.convert(s.select(s.equal(at[0], s.index(0)), cosine, sine),
                           compute);
        });
  }

  /// Real or imaginary part of the element at `at` times cosine + i sine.
  static Value multiply(ScalarBuilder &s, Value signal,
                        SmallVectorImpl<Value> &at, Dim parts, Value isReal,
                        Value cosine, Value sine) {
    Type compute = cosine.getType();
    at.back() = s.index(0);
    Value real = s.convert(s.load(signal, at), compute);
    Value sum = s.mul(real, s.select(isReal, cosine, sine));
    if (parts.isConstant(1))
      return sum;
    Value last = s.sub(getAsIndexValue(s.builder, s.loc, parts), s.index(1));
    at.back() = s.clamp(s.index(1), s.index(0), last);
    Value imaginary = s.convert(s.load(signal, at), compute);
    Value zero = s.number(compute, 0);
    imaginary = s.select(s.equal(last, s.index(0)), zero, imaginary);
    Value factor = s.select(isReal, s.sub(zero, sine), cosine);
    return s.add(sum, s.mul(imaginary, factor));
  }
};

/// Elimination with the largest pivot of each column on a copy of the matrix.
struct LowerDet : NNLoweringPattern<nn::DetOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::DetOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    ScalarBuilder s(b);
    Type type = elementTypeOf(adaptor.getInput());
    SmallVector<Dim> from = b.shape(adaptor.getInput());
    SmallVector<Dim> shape = resultShapes(op, adaptor, b)[0];
    Dim rows = from.back(), batch = b.dims.product(shape);
    Value input = b.reshape(adaptor.getInput(), {batch, rows, rows});
    Value n = b.index(rows);
    Type compute = getFloatComputeType(type);
    auto visit = [&](Value i, ValueRange state) {
      Value matrix = b.byIndex(
          {rows, rows}, compute, [&](OpBuilder &, Location, ValueRange at) {
            return s.convert(s.load(input, {i, at[0], at[1]}), compute);
          });
      SmallVector<Value> done =
          s.loop(s.index(0), n, {matrix, s.number(compute, 1)},
                 [&](Value k, ValueRange current) {
                   return eliminate(s, n, k, current[0], current[1]);
                 });
      return SmallVector<Value>{s.store(s.convert(done[1], type), state[0], i)};
    };
    Value output =
        s.loop(s.index(0), b.index(batch), b.empty({batch}, type), visit)[0];
    results.push_back(b.reshape(output, shape));
    return success();
  }

private:
  /// Step `k`; returns the matrix and the product of pivots.
  static SmallVector<Value> eliminate(ScalarBuilder &s, Value n, Value k,
                                      Value matrix, Value product) {
    Value after = s.add(k, s.index(1)), zero = s.numberLike(product, 0);
    auto search = [&](Value i, ValueRange best) {
      Value size = s.abs(s.load(matrix, {i, k}));
      Value isLarger = s.less(best[1], size);
      return SmallVector<Value>{s.select(isLarger, i, best[0]),
                                s.select(isLarger, size, best[1])};
    };
    Value first = s.abs(s.load(matrix, {k, k}));
    Value row = s.loop(after, n, {k, first}, search)[0];
    auto swap = [&](Value j, ValueRange state) {
      Value upper = s.load(state[0], {k, j}),
            lower = s.load(state[0], {row, j});
      Value once = s.store(lower, state[0], {k, j});
      return SmallVector<Value>{s.store(upper, once, {row, j})};
    };
    Value swapped = s.loop(k, n, matrix, swap)[0];
    Value pivot = s.load(swapped, {k, k});
    Value sign = s.select(s.equal(row, k), pivot, s.sub(zero, pivot));
    auto reduce = [&](Value i, ValueRange state) {
      Value own = s.load(state[0], {i, k});
      Value factor = s.select(s.equal(pivot, zero), zero, s.div(own, pivot));
      return s.loop(k, n, state[0], [&](Value j, ValueRange inner) {
        Value change = s.mul(factor, s.load(inner[0], {k, j}));
        Value element = s.sub(s.load(inner[0], {i, j}), change);
        return SmallVector<Value>{s.store(element, inner[0], {i, j})};
      });
    };
    Value reduced = s.loop(after, n, swapped, reduce)[0];
    return {reduced, s.mul(product, sign)};
  }
};

/// The edges of a band are computed for each element.
struct LowerMelWeightMatrix : NNLoweringPattern<nn::MelWeightMatrixOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::MelWeightMatrixOp op, OpAdaptor adaptor,
                      LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    ScalarBuilder s(b);
    SmallVector<Dim> shape = resultShapes(op, adaptor, b)[0];
    Type type = getStorageType(op.getElementType());
    Type f64 = b.builder.getF64Type();
    auto real = [&](Value operand) { return s.convert(s.only(operand), f64); };
    auto constant = [&](double number) { return s.number(f64, number); };
    auto toMel = [&](Value hertz) -> Value {
      Value x = s.add(constant(1), s.div(hertz, constant(700)));
      Value log = math::Log10Op::create(b.builder, b.loc, x);
      return s.mul(constant(2595), log);
    };
    Value low = toMel(real(adaptor.getLowerEdge()));
    Value count = s.add(s.convert(b.index(shape[1]), f64), constant(2));
    Value step = s.div(s.sub(toMel(real(adaptor.getUpperEdge())), low), count);
    Value samples = s.add(real(adaptor.getDftLength()), constant(1));
    Value rate = real(adaptor.getSampleRate());
    auto body = [&](OpBuilder &, Location, ValueRange at) {
      auto edge = [&](double offset) {
        Value i = s.add(s.convert(at[1], f64), constant(offset));
        Value mel = s.div(s.add(s.mul(i, step), low), constant(2595));
        Value power = math::PowFOp::create(s.builder, s.loc, constant(10), mel);
        Value hertz = s.mul(constant(700), s.sub(power, constant(1)));
        return s.floor(s.div(s.mul(samples, hertz), rate));
      };
      Value x = s.convert(at[0], f64), left = edge(0), centre = edge(1),
            right = edge(2);
      Value rising = s.select(s.equal(left, centre), constant(1),
                              s.div(s.sub(x, left), s.sub(centre, left)));
      Value isRising = s.both(s.lessEqual(left, x), s.lessEqual(x, centre));
      Value falling = s.div(s.sub(right, x), s.sub(right, centre));
      Value isFalling = s.both(s.lessEqual(centre, x), s.less(x, right));
      Value value = s.select(isRising, rising, constant(0));
      value = s.select(isFalling, falling, value);
      return s.convert(value, type, op.getElementType().isUnsignedInteger());
    };
    results.push_back(b.byIndex(shape, type, body));
    return success();
  }
};
} // namespace

void mlir::nnc::populateNNSignalToLinalgPatterns(const TypeConverter &converter,
                                                 RewritePatternSet &patterns) {
  patterns.add<LowerCosineWindow, LowerFrame, LowerDFT, LowerDet,
               LowerMelWeightMatrix>(converter, patterns.getContext());
}
