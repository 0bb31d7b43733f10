//===----------------------------------------------------------------------===//
// Lowering of non-maximum suppression.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ScalarBuilder.h"

using namespace mlir;
using namespace mlir::nnc;

namespace {
/// Corners with low <= high, and the area.
struct BoxValues {
  Value y1, x1, y2, x2, area;
};

/// Takes the best box left, strikes out what overlaps with it, and finds the
/// next best in the same pass.
struct LowerNonMaxSuppression : NNLoweringPattern<nn::NonMaxSuppressionOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::NonMaxSuppressionOp op, OpAdaptor adaptor,
                      LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    ScalarBuilder s(b);
    SmallVector<Dim> shape = resultShapes(op, adaptor, b)[0];
    Type i64 = b.builder.getI64Type();
    SmallVector<Dim> scores = b.shape(adaptor.getScores());
    Search search{op, adaptor, s, b.index(scores[2])};
    search.overlap = search.widen(s.only(adaptor.getIouThreshold()));
    search.threshold = search.widen(s.only(adaptor.getScoreThreshold()));
    Value asked =
        s.convert(s.only(adaptor.getMaxBoxes()), b.builder.getIndexType());
    search.limit = s.minimum(asked, search.size);
    Value output = b.filled(shape, s.number(i64, 0));
    SmallVector<Value> state =
        s.loops({b.index(scores[0]), b.index(scores[1])}, {output, s.index(0)},
                [&](ValueRange group, ValueRange current) {
                  search.group = llvm::to_vector_of<Value>(group);
                  Value left = b.empty({scores[2]}, b.builder.getI1Type());
                  return search.run(current, left);
                });
    results.push_back(state[0]);
    Value count = s.convert(state[1], i64);
    results.push_back(tensor::FromElementsOp::create(
        b.builder, b.loc, RankedTensorType::get({1}, i64), count));
    return success();
  }

private:
  struct Search {
    nn::NonMaxSuppressionOp op;
    OpAdaptor adaptor;
    ScalarBuilder &s;
    Value size;
    Value overlap = {}, threshold = {}, limit = {};
    SmallVector<Value> group = {};

    Value widen(Value value) {
      return s.convert(value, getFloatComputeType(value.getType()));
    }
    Value score(Value box) {
      return widen(s.load(adaptor.getScores(), {group[0], group[1], box}));
    }
    BoxValues read(Value box);
    Value overlapMuch(const BoxValues &a, const BoxValues &b);
    SmallVector<Value> findFirst(Value left);
    SmallVector<Value> strikeOut(Value left, Value taken);
    Value isNewBest(Value isLeft, Value score, ValueRange best);
    SmallVector<Value> run(ValueRange outputs, Value left);
    SmallVector<Value> appendRow(ValueRange state);
  };
};
} // namespace

BoxValues LowerNonMaxSuppression::Search::read(Value box) {
  Value v[4];
  for (int64_t i = 0; i < 4; ++i)
    v[i] = widen(s.load(adaptor.getBoxes(), {group[0], box, s.index(i)}));
  BoxValues result;
  if (op.getCenterPoint()) {
    Value half = s.numberLike(v[0], 0.5);
    Value width = s.mul(v[2], half), height = s.mul(v[3], half);
    result = {s.sub(v[1], height),
              s.sub(v[0], width),
              s.add(v[1], height),
              s.add(v[0], width),
              {}};
  } else {
    result = {s.minimum(v[0], v[2]),
              s.minimum(v[1], v[3]),
              s.maximum(v[0], v[2]),
              s.maximum(v[1], v[3]),
              {}};
  }
  result.area = s.mul(s.sub(result.y2, result.y1), s.sub(result.x2, result.x1));
  return result;
}

Value LowerNonMaxSuppression::Search::overlapMuch(const BoxValues &a,
                                                  const BoxValues &b) {
  Value height = s.sub(s.minimum(a.y2, b.y2), s.maximum(a.y1, b.y1));
  Value width = s.sub(s.minimum(a.x2, b.x2), s.maximum(a.x1, b.x1));
  Value common = s.mul(height, width);
  Value all = s.sub(s.add(a.area, b.area), common);
  Value zero = s.numberLike(all, 0);
  Value meet = s.both(s.less(zero, height), s.less(zero, width));
  Value solid = s.both(s.both(s.less(zero, a.area), s.less(zero, b.area)),
                       s.less(zero, all));
  return s.both(s.both(meet, solid), s.less(overlap, s.div(common, all)));
}

/// `best` is the best score and its box, -1 for none.
Value LowerNonMaxSuppression::Search::isNewBest(Value isLeft, Value score,
                                                ValueRange best) {
  return s.both(isLeft,
                s.either(s.less(best[1], s.index(0)), s.less(best[0], score)));
}

/// State: what is left, best score, its box.
SmallVector<Value> LowerNonMaxSuppression::Search::findFirst(Value left) {
  return s.loop(s.index(0), size, {left, s.numberLike(overlap, 0), s.index(-1)},
                [&](Value i, ValueRange state) {
                  Value own = score(i), isLeft = s.less(threshold, own);
                  Value take = isNewBest(isLeft, own, state.drop_front());
                  return SmallVector<Value>{s.store(isLeft, state[0], i),
                                            s.select(take, own, state[1]),
                                            s.select(take, i, state[2])};
                });
}

SmallVector<Value> LowerNonMaxSuppression::Search::strikeOut(Value left,
                                                             Value taken) {
  BoxValues box = read(taken);
  return s.loop(s.index(0), size, {left, s.numberLike(overlap, 0), s.index(-1)},
                [&](Value i, ValueRange state) {
                  Value goes =
                      s.either(s.equal(i, taken), overlapMuch(box, read(i)));
                  Value isLeft = s.both(s.load(state[0], i), s.negate(goes));
                  Value own = score(i);
                  Value take = isNewBest(isLeft, own, state.drop_front());
                  return SmallVector<Value>{s.store(isLeft, state[0], i),
                                            s.select(take, own, state[1]),
                                            s.select(take, i, state[2])};
                });
}

/// State: output, rows in it, rows of this group, what is left, best box.
SmallVector<Value> LowerNonMaxSuppression::Search::appendRow(ValueRange state) {
  Type i64 = s.builder.getI64Type();
  Value output = state[0];
  Value row[] = {group[0], group[1], state[4]};
  for (int64_t i = 0; i < 3; ++i)
    output = s.store(s.convert(row[i], i64), output, {state[1], s.index(i)});
  SmallVector<Value> next = strikeOut(state[3], state[4]);
  Value one = s.index(1);
  return {output, s.add(state[1], one), s.add(state[2], one), next[0], next[2]};
}

SmallVector<Value> LowerNonMaxSuppression::Search::run(ValueRange outputs,
                                                       Value left) {
  SmallVector<Value> first = findFirst(left);
  SmallVector<Value> state{outputs[0], outputs[1], s.index(0), first[0],
                           first[2]};
  auto op = scf::WhileOp::create(
      s.builder, s.loc, TypeRange(ValueRange(state)), state,
      [&](OpBuilder &, Location, ValueRange current) {
        Value goesOn = s.both(s.less(current[2], limit),
                              s.lessEqual(s.index(0), current[4]));
        scf::ConditionOp::create(s.builder, s.loc, goesOn, current);
      },
      [&](OpBuilder &, Location, ValueRange current) {
        scf::YieldOp::create(s.builder, s.loc, appendRow(current));
      });
  return {op.getResult(0), op.getResult(1)};
}

void mlir::nnc::populateNNSuppressionToLinalgPatterns(
    const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerNonMaxSuppression>(converter, patterns.getContext());
}
