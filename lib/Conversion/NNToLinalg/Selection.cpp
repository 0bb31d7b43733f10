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
/// Each place is found by one pass over the axis, which takes the first of the
/// best elements among those that come after the place before.
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
    Value k = b.index(to[1]), size = b.index(from[1]);
    state = s.loops({b.index(to[0]), b.index(to[2])}, state,
                    [&](ValueRange row, ValueRange outputs) {
                      SmallVector<Value> current(outputs);
                      current.append({s.number(type, 0), s.index(-1)});
                      current = s.loop(s.index(0), k, current,
                                       [&](Value place, ValueRange inner) {
                                         return fillPlace(op, s, input, size,
                                                          row, place, inner);
                                       });
                      return SmallVector<Value>{current[0], current[1]};
                    });
    results.push_back(b.reshape(state[0], shapes[0]));
    results.push_back(b.reshape(state[1], shapes[1]));
    return success();
  }

private:
  /// State: values, indices, element and index of the place before.
  static SmallVector<Value> fillPlace(nn::TopKOp op, ScalarBuilder &s,
                                      Value input, Value size, ValueRange row,
                                      Value place, ValueRange state) {
    bool isUnsigned = elementTypeOf(op.getInput()).isUnsignedInteger();
    auto isBetter = [&](Value a, Value b) {
      return op.getSmallest() ? s.isBelow(a, b, isUnsigned)
                              : s.isBelow(b, a, isUnsigned);
    };
    Value none = s.index(0), last = state[2], lastIndex = state[3];
    SmallVector<Value> best = s.loop(
        s.index(0), size, {last, s.index(-1)}, [&](Value i, ValueRange found) {
          Value element = s.load(input, {row[0], i, row[1]});
          Value after =
              s.either(isBetter(last, element),
                       s.both(s.isSame(last, element), s.less(lastIndex, i)));
          Value isOpen = s.either(s.less(lastIndex, none), after);
          Value isBest =
              s.either(s.less(found[1], none), isBetter(element, found[0]));
          Value take = s.both(isOpen, isBest);
          return SmallVector<Value>{s.select(take, element, found[0]),
                                    s.select(take, i, found[1])};
        });
    SmallVector<Value> target{row[0], place, row[1]};
    Value number = s.convert(best[1], s.builder.getI64Type());
    return {s.store(best[0], state[0], target),
            s.store(number, state[1], target), best[0], best[1]};
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
