//===----------------------------------------------------------------------===//
// Lowering of ops that search.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ScalarBuilder.h"

using namespace mlir;
using namespace mlir::nnc;

static Type elementTypeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getElementType();
}

/// [product before axis, axis, product after axis].
static SmallVector<Dim> groupAround(LoweringBuilder &b, ArrayRef<Dim> shape,
                                    int64_t axis) {
  return {b.dims.product(shape.take_front(axis)), shape[axis],
          b.dims.product(shape.drop_front(axis + 1))};
}

namespace {
/// One pass over the axis keeps the best elements so far in order. Most
/// elements of a long axis are compared with the last of these alone; one that
/// is better moves those behind its place. Of equal elements the first one
/// stays in front.
struct LowerTopK : NNLoweringPattern<nn::TopKOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::TopKOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    ScalarBuilder s(b);
    SmallVector<SmallVector<Dim>> shapes = resultShapes(op, adaptor, b);
    Type type = elementTypeOf(adaptor.getInput());
    SmallVector<Dim> from =
        groupAround(b, b.shape(adaptor.getInput()), op.getAxis());
    SmallVector<Dim> to = groupAround(b, shapes[0], op.getAxis());
    Value input = b.reshape(adaptor.getInput(), from);
    SmallVector<Value> state{b.empty(to, type),
                             b.empty(to, b.builder.getI64Type())};
    Value k = b.index(to[1]), zero = s.index(0);
    // None are asked for: there is no last one to compare with.
    Value size = s.select(s.less(zero, k), b.index(from[1]), zero);
    state = s.loops({b.index(to[0]), b.index(to[2])}, state,
                    [&](ValueRange row, ValueRange outputs) {
                      SmallVector<Value> current(outputs);
                      current.push_back(zero);
                      current = s.loop(
                          zero, size, current, [&](Value i, ValueRange inner) {
                            return visit(op, s, input, k, row, i, inner);
                          });
                      current.pop_back();
                      return current;
                    });
    results.push_back(b.reshape(state[0], shapes[0]));
    results.push_back(b.reshape(state[1], shapes[1]));
    return success();
  }

private:
  static Value isBetter(nn::TopKOp op, ScalarBuilder &s, Value a, Value b) {
    bool isUnsigned = elementTypeOf(op.getInput()).isUnsignedInteger();
    return op.getSmallest() ? s.isBelow(a, b, isUnsigned)
                            : s.isBelow(b, a, isUnsigned);
  }

  /// State: values, indices, how many there are.
  static SmallVector<Value> visit(nn::TopKOp op, ScalarBuilder &s, Value input,
                                  Value k, ValueRange row, Value i,
                                  ValueRange state) {
    Value element = s.load(input, {row[0], i, row[1]}), count = state[2];
    Value end = s.sub(k, s.index(1));
    Value last = s.load(state[0], {row[0], end, row[1]});
    Value isMissing = s.less(count, k);
    Value take = s.either(isMissing, isBetter(op, s, element, last));
    SmallVector<Value> before(state);
    return s.onlyIf(take, state, [&] {
      Value place = s.select(isMissing, count, end);
      SmallVector<Value> moved = moveBehind(op, s, element, row, place, before);
      SmallVector<Value> target{row[0], moved[2], row[1]};
      Value number = s.convert(i, s.builder.getI64Type());
      return SmallVector<Value>{
          s.store(element, moved[0], target), s.store(number, moved[1], target),
          s.add(count, s.select(isMissing, s.index(1), s.index(0)))};
    });
  }

  /// Moves what `element` comes before by one place, from `place` on towards
  /// the front. Returns values, indices, and the place that is free then.
  static SmallVector<Value> moveBehind(nn::TopKOp op, ScalarBuilder &s,
                                       Value element, ValueRange row,
                                       Value place, ValueRange state) {
    return s.loop(s.index(0), place, {state[0], state[1], place},
                  [&](Value step, ValueRange inner) {
                    Value to = s.sub(place, step), from = s.sub(to, s.index(1));
                    SmallVector<Value> source{row[0], from, row[1]},
                        target{row[0], to, row[1]};
                    Value value = s.load(inner[0], source),
                          index = s.load(inner[1], source);
                    Value moves = isBetter(op, s, element, value);
                    SmallVector<Value> current(inner);
                    return s.onlyIf(moves, inner, [&] {
                      return SmallVector<Value>{
                          s.store(value, current[0], target),
                          s.store(index, current[1], target), from};
                    });
                  });
  }
};

/// One element-wise op that compares the index with the place on the axis.
struct LowerOneHot : NNLoweringPattern<nn::OneHotOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::OneHotOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    ScalarBuilder s(b);
    SmallVector<Dim> shape = resultShapes(op, adaptor, b)[0];
    Type type = elementTypeOf(op.getIndices()), i64 = b.builder.getI64Type();
    Value off = s.load(adaptor.getValues(), s.index(0));
    Value on = s.load(adaptor.getValues(), s.index(1));
    Value depth = s.convert(b.index(shape[op.getAxis()]), i64);
    AffineMap all =
        AffineMap::getMultiDimIdentityMap(shape.size(), b.builder.getContext());
    bool isUnsigned = type.isUnsignedInteger();
    auto body = [&](OpBuilder &inner, Location loc, ValueRange args) -> Value {
      Value place = linalg::IndexOp::create(inner, loc, op.getAxis());
      Value index = s.convert(args[0], i64, isUnsigned);
      // An unsigned index beyond i64 looks negative but is too large.
      if (!isUnsigned)
        index = s.select(s.less(index, s.number(i64, 0)), s.add(index, depth),
                         index);
      return s.select(s.equal(index, s.convert(place, i64)), on, off);
    };
    results.push_back(b.generic(adaptor.getIndices(),
                                b.empty(shape, off.getType()),
                                {all.dropResult(op.getAxis()), all}, body));
    return success();
  }
};

struct LowerCountNonZero : NNLoweringPattern<nn::CountNonZeroOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::CountNonZeroOp op, OpAdaptor adaptor,
                      LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    ScalarBuilder s(b);
    MLIRContext *context = op.getContext();
    unsigned rank = op.getInput().getType().getRank();
    Type i64 = b.builder.getI64Type();
    auto body = [&](OpBuilder &, Location, ValueRange args) -> Value {
      Value isSet = s.notEqual(args[0], s.numberLike(args[0], 0));
      return s.add(args[1], s.convert(isSet, i64));
    };
    Value count = b.generic(adaptor.getInput(), b.filled({}, s.number(i64, 0)),
                            {AffineMap::getMultiDimIdentityMap(rank, context),
                             AffineMap::get(rank, 0, context)},
                            body);
    results.push_back(b.reshape(count, {Dim(1)}));
    return success();
  }
};

/// One pass in row-major order that appends positions.
struct LowerNonZero : NNLoweringPattern<nn::NonZeroOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::NonZeroOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    ScalarBuilder s(b);
    SmallVector<Dim> shape = resultShapes(op, adaptor, b)[0];
    Type i64 = b.builder.getI64Type();
    Value room = b.index(shape[1]);
    SmallVector<Value> sizes;
    for (Dim size : b.shape(adaptor.getInput()))
      sizes.push_back(b.index(size));
    auto visit = [&](ValueRange position, ValueRange state) {
      Value element = s.load(adaptor.getInput(), position);
      Value isSet = s.both(s.notEqual(element, s.numberLike(element, 0)),
                           s.less(state[1], room));
      SmallVector<Value> kept(position);
      return s.onlyIf(isSet, state, [&] {
        Value output = state[0];
        for (auto [axis, at] : llvm::enumerate(kept))
          output =
              s.store(s.convert(at, i64), output, {s.index(axis), state[1]});
        return SmallVector<Value>{output, s.add(state[1], s.index(1))};
      });
    };
    results.push_back(
        s.loops(sizes, {b.empty(shape, i64), s.index(0)}, visit)[0]);
    return success();
  }
};
} // namespace

void mlir::nnc::populateNNSelectionToLinalgPatterns(
    const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerTopK, LowerOneHot, LowerCountNonZero, LowerNonZero>(
      converter, patterns.getContext());
}
