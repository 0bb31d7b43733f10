//===----------------------------------------------------------------------===//
// Lowering of ops on different elements.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ScalarBuilder.h"

using namespace mlir;
using namespace mlir::nnc;

namespace {
/// A tensor as slices along the middle axis of [outer, size, inner].
struct Slices {
  ScalarBuilder &s;
  Value tensor;
  bool isUnsigned;
  SmallVector<Dim> shape;
  Value outer, size, inner;

  /// `original` has the element type before conversion.
  Slices(LoweringBuilder &b, ScalarBuilder &s, Value input, Type original,
         std::optional<int64_t> axis)
      : s(s), isUnsigned(original.isUnsignedInteger()) {
    SmallVector<Dim> full = b.shape(input);
    shape = {Dim(1), b.dims.product(full), Dim(1)};
    if (axis)
      shape = {b.dims.product(ArrayRef(full).take_front(*axis)), full[*axis],
               b.dims.product(ArrayRef(full).drop_front(*axis + 1))};
    tensor = b.reshape(input, shape);
    outer = b.index(shape[0]);
    size = b.index(shape[1]);
    inner = b.index(shape[2]);
  }

  Value at(Value o, Value slice, Value r) {
    return s.load(tensor, {o, slice, r});
  }

  /// -1, 0 or 1 (i32) as slice `a` is below, equal to or above `b`.
  Value compare(Value a, Value b) {
    Type i32 = s.builder.getI32Type();
    Value zero = s.number(i32, 0);
    auto step = [&](ValueRange position, ValueRange state) {
      Value x = at(position[0], a, position[1]);
      Value y = at(position[0], b, position[1]);
      Value sign = s.select(
          s.isBelow(x, y, isUnsigned), s.number(i32, -1),
          s.select(s.isBelow(y, x, isUnsigned), s.number(i32, 1), zero));
      return SmallVector<Value>{
          s.select(s.equal(state[0], zero), sign, state[0])};
    };
    return s.loops({outer, inner}, zero, step)[0];
  }
  Value isEqual(Value a, Value b) {
    return s.equal(compare(a, b), s.number(s.builder.getI32Type(), 0));
  }

  /// For each slice the index of the first one that is equal: tensor<size x
  /// index>.
  Value findFirsts(LoweringBuilder &b) {
    Value none = s.index(-1);
    auto visit = [&](Value i, ValueRange state) {
      Value found =
          s.loop(s.index(0), i, none, [&](Value j, ValueRange before) {
            Value isNew = s.both(s.less(before[0], s.index(0)), isEqual(j, i));
            return SmallVector<Value>{s.select(isNew, j, before[0])};
          })[0];
      found = s.select(s.less(found, s.index(0)), i, found);
      return SmallVector<Value>{s.store(found, state[0], i)};
    };
    Value empty = b.empty({shape[1]}, b.builder.getIndexType());
    return s.loop(s.index(0), size, empty, visit)[0];
  }

  /// For each slice how many different ones come before it in the result.
  Value findPlaces(LoweringBuilder &b, Value firsts, bool isSorted) {
    auto visit = [&](Value i, ValueRange state) {
      Value own = s.load(firsts, i);
      auto count = [&](Value j, ValueRange before) {
        Value isFirst = s.equal(s.load(firsts, j), j);
        Value isBefore = isSorted ? s.less(compare(j, own),
                                           s.number(b.builder.getI32Type(), 0))
                                  : s.less(j, own);
        Value one =
            s.convert(s.both(isFirst, isBefore), b.builder.getIndexType());
        return SmallVector<Value>{s.add(before[0], one)};
      };
      Value place = s.loop(s.index(0), size, s.index(0), count)[0];
      return SmallVector<Value>{s.store(place, state[0], i)};
    };
    Value empty = b.empty({shape[1]}, b.builder.getIndexType());
    return s.loop(s.index(0), size, empty, visit)[0];
  }
};

struct LowerCountUnique : NNLoweringPattern<nn::CountUniqueOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::CountUniqueOp op, OpAdaptor adaptor,
                      LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    ScalarBuilder s(b);
    Slices slices(b, s, adaptor.getInput(),
                  op.getInput().getType().getElementType(), op.getAxis());
    Value firsts = slices.findFirsts(b);
    Type i64 = b.builder.getI64Type();
    auto count = [&](Value i, ValueRange state) {
      Value isFirst = s.equal(s.load(firsts, i), i);
      return SmallVector<Value>{s.add(state[0], s.convert(isFirst, i64))};
    };
    Value total = s.loop(s.index(0), slices.size, s.number(i64, 0), count)[0];
    results.push_back(tensor::FromElementsOp::create(
        b.builder, b.loc, RankedTensorType::get({1}, i64), total));
    return success();
  }
};

/// Compares all pairs of slices: first the equal ones, then the order.
struct LowerUnique : NNLoweringPattern<nn::UniqueOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::UniqueOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    ScalarBuilder s(b);
    Type type = op.getInput().getType().getElementType();
    Slices slices(b, s, adaptor.getInput(), type, op.getAxis());
    SmallVector<SmallVector<Dim>> shapes = resultShapes(op, adaptor, b);
    Value firsts = slices.findFirsts(b);
    Value places = slices.findPlaces(b, firsts, op.getSorted());
    Dim count = shapes[1][0];
    Type i64 = b.builder.getI64Type();
    SmallVector<Dim> grouped{slices.shape[0], count, slices.shape[2]};
    SmallVector<Value> state{
        b.empty(grouped, getStorageType(type)), b.empty({count}, i64),
        b.empty({slices.shape[1]}, i64), b.filled({count}, s.number(i64, 0))};
    Value room = b.index(count);
    state = s.loop(s.index(0), slices.size, state,
                   [&](Value i, ValueRange current) {
                     return enter(s, slices, firsts, places, room, i, current);
                   });
    results.push_back(b.reshape(state[0], shapes[0]));
    results.append(state.begin() + 1, state.end());
    return success();
  }

private:
  /// Enters slice `i` into values, indices, inverse, counts.
  static SmallVector<Value> enter(ScalarBuilder &s, Slices &slices,
                                  Value firsts, Value places, Value room,
                                  Value i, ValueRange current) {
    Type i64 = s.builder.getI64Type();
    Value place = s.load(places, i);
    SmallVector<Value> state(current);
    state[2] = s.store(s.convert(place, i64), state[2], i);
    SmallVector<Value> changed =
        s.onlyIf(s.less(place, room), {state[0], state[1], state[3]}, [&] {
          Value isFirst = s.equal(s.load(firsts, i), i);
          SmallVector<Value> entered =
              s.onlyIf(isFirst, {state[0], state[1]}, [&] {
                auto copy = [&](ValueRange at, ValueRange values) {
                  Value element = slices.at(at[0], i, at[1]);
                  return SmallVector<Value>{
                      s.store(element, values[0], {at[0], place, at[1]})};
                };
                Value values =
                    s.loops({slices.outer, slices.inner}, state[0], copy)[0];
                return SmallVector<Value>{
                    values, s.store(s.convert(i, i64), state[1], place)};
              });
          Value more = s.add(s.load(state[3], place), s.number(i64, 1));
          return SmallVector<Value>{entered[0], entered[1],
                                    s.store(more, state[3], place)};
        });
    return {changed[0], changed[1], state[2], changed[2]};
  }
};
} // namespace

void mlir::nnc::populateNNUniqueToLinalgPatterns(const TypeConverter &converter,
                                                 RewritePatternSet &patterns) {
  patterns.add<LowerCountUnique, LowerUnique>(converter, patterns.getContext());
}
