//===----------------------------------------------------------------------===//
// Lowering of decision trees and counts of n-grams.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ScalarBuilder.h"

using namespace mlir;
using namespace mlir::nnc;

static Type elementTypeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getElementType();
}

/// An i64 from data as a position in [0, size), the nearest one if it is not.
static Value toPosition(ScalarBuilder &s, Value number, Value size) {
  Value index = s.convert(number, s.builder.getIndexType());
  return s.clamp(index, s.index(0), s.sub(size, s.index(1)));
}

namespace {
/// One walk an element of the result, of no more steps than there are nodes.
struct LowerTreeLeaves : NNLoweringPattern<nn::TreeLeavesOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::TreeLeavesOp op, OpAdaptor adaptor,
                      LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    ScalarBuilder s(b);
    Value count = b.index(b.dim(adaptor.getNodes(), 0));
    Value features = b.index(b.dim(adaptor.getInput(), 1));
    Type i64 = b.builder.getI64Type();
    auto body = [&](OpBuilder &, Location, ValueRange at) -> Value {
      auto field = [&](Value node, int64_t i) {
        return s.load(adaptor.getNodes(), {node, s.index(i)});
      };
      auto isBranch = [&](Value node) {
        return s.notEqual(field(node, 0), s.number(i64, 6));
      };
      auto next = [&](Value node) {
        Value feature = toPosition(s, field(node, 1), features);
        Value x = s.load(adaptor.getInput(), {at[0], feature});
        Value threshold = s.load(adaptor.getThresholds(), node);
        Value isTrue = decide(s, field(node, 0), x, threshold, field(node, 4));
        Value child = s.select(isTrue, field(node, 2), field(node, 3));
        return toPosition(s, child, count);
      };
      Value root = toPosition(s, s.load(adaptor.getRoots(), at[1]), count);
      Value leaf = walk(s, root, count, isBranch, next);
      return s.convert(leaf, i64);
    };
    results.push_back(b.byIndex(resultShapes(op, adaptor, b)[0], i64, body));
    return success();
  }

private:
  static Value walk(ScalarBuilder &s, Value root, Value count,
                    function_ref<Value(Value)> isBranch,
                    function_ref<Value(Value)> next) {
    SmallVector<Value> state{root, s.index(0)};
    auto loop = scf::WhileOp::create(
        s.builder, s.loc, TypeRange(ValueRange(state)), state,
        [&](OpBuilder &, Location, ValueRange current) {
          Value goesOn =
              s.both(isBranch(current[0]), s.less(current[1], count));
          scf::ConditionOp::create(s.builder, s.loc, goesOn, current);
        },
        [&](OpBuilder &, Location, ValueRange current) {
          Value steps = s.add(current[1], s.index(1));
          scf::YieldOp::create(s.builder, s.loc,
                               ValueRange{next(current[0]), steps});
        });
    return loop.getResult(0);
  }

  static Value decide(ScalarBuilder &s, Value kind, Value x, Value threshold,
                      Value missing) {
    Value answers[] = {s.lessEqual(x, threshold), s.less(x, threshold),
                       s.lessEqual(threshold, x), s.less(threshold, x),
                       s.equal(x, threshold)};
    Value result = s.notEqual(x, threshold);
    for (auto [i, answer] : llvm::enumerate(answers))
      result = s.select(s.equal(kind, s.numberLike(kind, double(i))), answer,
                        result);
    Value tracksTrue = s.notEqual(missing, s.numberLike(missing, 0));
    return s.select(s.notEqual(x, x), tracksTrue, result);
  }
};

/// Each target looks through the weights of the leaves of its row.
struct LowerTreeWeights : NNLoweringPattern<nn::TreeWeightsOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::TreeWeightsOp op, OpAdaptor adaptor,
                      LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    ScalarBuilder s(b);
    Value nodes = b.index(b.dim(adaptor.getNodes(), 0));
    Value weights = b.index(b.dim(adaptor.getWeights(), 0));
    Value trees = b.index(b.dim(adaptor.getLeaves(), 1));
    Type type = elementTypeOf(adaptor.getWeights());
    Type compute = getFloatComputeType(type), index = b.builder.getIndexType();
    auto body = [&](OpBuilder &inner, Location, ValueRange at) -> Value {
      auto join = [&](Value i, ValueRange state) {
        Value id = s.convert(s.load(adaptor.getIds(), i), index);
        Value weight = s.convert(s.load(adaptor.getWeights(), i), compute);
        Value joined = s.select(
            state[1], combine(s, op.getKind(), state[0], weight), weight);
        Value isOwn = s.equal(id, at[1]);
        return SmallVector<Value>{s.select(isOwn, joined, state[0]),
                                  s.either(isOwn, state[1])};
      };
      auto visit = [&](Value tree, ValueRange state) {
        Value leaf =
            toPosition(s, s.load(adaptor.getLeaves(), {at[0], tree}), nodes);
        auto bound = [&](int64_t i) {
          Value number = s.load(adaptor.getNodes(), {leaf, s.index(i)});
          return s.clamp(s.convert(number, index), s.index(0), weights);
        };
        return s.loop(bound(1), bound(2), state, join);
      };
      Value none = arith::ConstantIntOp::create(inner, s.loc, 0, 1);
      Value sum =
          s.loop(s.index(0), trees, {s.number(compute, 0), none}, visit)[0];
      return s.convert(sum, type);
    };
    results.push_back(b.byIndex(resultShapes(op, adaptor, b)[0], type, body));
    return success();
  }

private:
  static Value combine(ScalarBuilder &s, nn::ReduceKind kind, Value a,
                       Value b) {
    if (kind == nn::ReduceKind::Sum)
      return s.add(a, b);
    return kind == nn::ReduceKind::Max ? s.maximum(a, b) : s.minimum(a, b);
  }
};

/// Each n-gram is tried at all places.
struct LowerNGramCounts : NNLoweringPattern<nn::NGramCountsOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::NGramCountsOp op, OpAdaptor adaptor,
                      LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    ScalarBuilder s(b);
    Value input = adaptor.getInput(), ngrams = adaptor.getNgrams();
    int64_t rank = cast<RankedTensorType>(input.getType()).getRank();
    Value size = b.index(b.dim(input, rank - 1));
    Value longest = b.index(b.dim(ngrams, 1));
    Type f32 = b.builder.getF32Type(), i64 = b.builder.getI64Type();
    auto body = [&](OpBuilder &inner, Location, ValueRange at) -> Value {
      Value one = s.index(1), ngram = at.back();
      Value length = s.convert(s.load(adaptor.getLengths(), ngram),
                               b.builder.getIndexType());
      length = s.clamp(length, s.index(0), longest);
      Value gaps = s.sub(length, one);
      Value steps = s.select(s.lessEqual(length, one), s.index(2),
                             s.index(op.getMaxSkip() + 2));
      auto tryPlace = [&](Value place, Value step, Value found) {
        Value yes = arith::ConstantIntOp::create(inner, s.loc, 1, 1);
        auto compare = [&](Value k, ValueRange state) {
          SmallVector<Value> from(at.drop_back());
          from.push_back(s.add(place, s.mul(k, step)));
          Value item = s.convert(s.load(input, from), i64);
          Value wanted = s.load(ngrams, {ngram, k});
          return SmallVector<Value>{s.both(state[0], s.equal(item, wanted))};
        };
        Value same = s.loop(s.index(0), length, yes, compare)[0];
        return s.select(same, s.add(found, s.number(i64, 1)), found);
      };
      auto tryStep = [&](Value step, ValueRange state) {
        Value places = s.sub(size, s.mul(gaps, step));
        return s.loop(
            s.index(0), places, state, [&](Value place, ValueRange found) {
              return SmallVector<Value>{tryPlace(place, step, found[0])};
            });
      };
      Value found = s.loop(one, steps, s.number(i64, 0), tryStep)[0];
      return s.convert(found, f32);
    };
    results.push_back(b.byIndex(resultShapes(op, adaptor, b)[0], f32, body));
    return success();
  }
};
} // namespace

void mlir::nnc::populateNNClassicalToLinalgPatterns(
    const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerTreeLeaves, LowerTreeWeights, LowerNGramCounts>(
      converter, patterns.getContext());
}
