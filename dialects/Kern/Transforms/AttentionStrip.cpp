//===----------------------------------------------------------------------===//
// Scores, weights and means of a strip of queries.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "AttentionExpansion.h"

#include <cmath>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::kern;

static constexpr double lowest = -std::numeric_limits<double>::infinity();

Value AttentionExpansion::greater(Value x, Value y) {
  Value isGreater =
      arith::CmpFOp::create(b, loops.loc, arith::CmpFPredicate::OGT, x, y);
  return arith::SelectOp::create(b, loops.loc, isGreater, x, y);
}

void AttentionExpansion::emitScorePanel(const Strip &strip, const Block &block,
                                        Value panel, int64_t vectors,
                                        bool isTail) {
  auto query = [&](int64_t i, Value k) -> Value {
    SmallVector<Value> indices = loops.apply(
        op.getQueryMap(), getLoopIndices(loops.add(strip.row, i), k));
    return memref::LoadOp::create(b, loops.loc, op.getQuery(), indices);
  };
  auto key = [&](int64_t j, Value k) -> Value {
    return loops.load(keys, {panel, k, loops.index(j * lanes)}, lanes);
  };
  SmallVector<Value> products =
      tile.accumulate(loops.index(0), depth, tile.zeros(strip.count * vectors),
                      strip.count, query, key);
  Value none = tile.broadcast(number(lowest));
  for (int64_t i = 0; i < strip.count; ++i)
    for (int64_t j = 0; j < vectors; ++j) {
      Value at = loops.add(loops.mul(panel, columns), j * lanes);
      Value first = loops.add(block.begin, at);
      Value row = loops.add(strip.row, i);
      ResultRun run;
      run.indices = getLoopIndices(row, first);
      if (isTail)
        run.mask = loops.firstLanes(loops.sub(block.end, first), lanes);
      Value score =
          applyRegion(loops, op.getScores(), op.getScoreExtras(),
                      op.getScoreMaps(), products[i * vectors + j], run);
      Value mask = run.mask;
      if (offset)
        mask = loops.firstLanes(
            loops.sub(loops.min(getLimit(row), block.end), first), lanes);
      if (mask)
        score = arith::SelectOp::create(b, loops.loc, mask, score, none);
      loops.store(score, weights, {loops.index(i), at});
    }
}

void AttentionExpansion::emitScores(const Strip &strip, const Block &block) {
  Value count = loops.sub(block.end, block.begin);
  Value whole = loops.div(count, columns);
  loops.loop(loops.index(0), whole, 1, [&](Value panel) {
    emitScorePanel(strip, block, panel, tiling.getVectors(), /*isTail=*/false);
  });
  std::optional<int64_t> known = getNumber(count);
  int64_t vectors = known ? int64_t(llvm::divideCeil(*known % columns, lanes))
                          : tiling.getVectors();
  if (!vectors)
    return;
  loops.ifTrue(loops.less(loops.mul(whole, columns), count), [&]() {
    emitScorePanel(strip, block, whole, vectors, /*isTail=*/true);
  });
}

/// The greatest score of each query in the block.
SmallVector<Value> AttentionExpansion::emitMaxima(const Strip &strip,
                                                  Value end) {
  SmallVector<Value> tops(strip.count, tile.broadcast(number(lowest)));
  tops = loops.loop(
      loops.index(0), end, lanes, tops, [&](Value at, ArrayRef<Value> old) {
        SmallVector<Value> next;
        for (int64_t i = 0; i < strip.count; ++i)
          next.push_back(greater(
              loops.load(weights, {loops.index(i), at}, lanes), old[i]));
        return next;
      });
  for (Value &top : tops)
    top = vector::ReductionOp::create(b, loops.loc,
                                      vector::CombiningKind::MAXNUMF, top);
  return tops;
}

/// exp(difference), and 0 where that would be below the normal range: beside a
/// sum of 1 or more it is nothing, but numbers like that are slow.
Value AttentionExpansion::emitWeight(Value difference) {
  const llvm::fltSemantics &semantics =
      cast<FloatType>(sumType).getFloatSemantics();
  double least =
      std::log(APFloat::getSmallestNormalized(semantics).convertToDouble());
  Value bound = tile.broadcast(number(std::ceil(least)));
  Value isNothing = arith::CmpFOp::create(
      b, loops.loc, arith::CmpFPredicate::OLT, difference, bound);
  Value weight = exponential(
      arith::SelectOp::create(b, loops.loc, isNothing, bound, difference));
  return arith::SelectOp::create(b, loops.loc, isNothing, tile.zeros(1)[0],
                                 weight);
}

/// Replaces the scores of query `i` of a strip by exp(score - base), and
/// returns their sum.
Value AttentionExpansion::emitExponentials(int64_t i, Value end, Value base) {
  Value bases = tile.broadcast(base);
  Value partial = loops.loop(
      loops.index(0), end, lanes, tile.zeros(1),
      [&](Value at, ArrayRef<Value> old) {
        Value score = loops.load(weights, {loops.index(i), at}, lanes);
        Value weight =
            emitWeight(arith::SubFOp::create(b, loops.loc, score, bases));
        loops.store(weight, weights, {loops.index(i), at});
        return SmallVector<Value>{
            arith::AddFOp::create(b, loops.loc, old[0], weight)};
      })[0];
  return vector::ReductionOp::create(b, loops.loc, vector::CombiningKind::ADD,
                                     partial);
}

/// `memref[place]`, or `other` in the first block.
Value AttentionExpansion::loadUnlessFirst(const Block &block, Value memref,
                                          Value place, Value other) {
  return loops.ifElse(
      block.isFirst, [&]() { return SmallVector<Value>{other}; },
      [&]() {
        return SmallVector<Value>{
            memref::LoadOp::create(b, loops.loc, memref, ValueRange{place})};
      })[0];
}

/// Replaces scores by weights.
SmallVector<AttentionExpansion::Weighted>
AttentionExpansion::emitWeights(const Strip &strip, const Block &block) {
  Value none = number(lowest);
  Value count = loops.sub(block.end, block.begin);
  Value end = loops.mul(loops.divUp(count, lanes), lanes);
  SmallVector<Weighted> weighted;
  for (auto [i, found] : llvm::enumerate(emitMaxima(strip, end))) {
    Value place = loops.sub(loops.add(strip.row, i), firstRow), top = found;
    Value before;
    if (!isOneBlock) {
      before = loadUnlessFirst(block, maxima, place, none);
      top = greater(before, top);
      memref::StoreOp::create(b, loops.loc, top, maxima, ValueRange{place});
    }
    // A query without keys so far: any number but -inf will do.
    Value isNone = arith::CmpFOp::create(b, loops.loc,
                                         arith::CmpFPredicate::OEQ, top, none);
    Value base = arith::SelectOp::create(b, loops.loc, isNone, number(0), top);
    Weighted &one = weighted.emplace_back();
    one.sum = emitExponentials(i, end, base);
    if (isOneBlock)
      continue;
    one.correction =
        exponential(arith::SubFOp::create(b, loops.loc, before, base));
    Value old = loadUnlessFirst(block, sums, place, number(0));
    old = arith::MulFOp::create(b, loops.loc, old, one.correction);
    one.sum = arith::AddFOp::create(b, loops.loc, old, one.sum);
    memref::StoreOp::create(b, loops.loc, one.sum, sums, ValueRange{place});
  }
  return weighted;
}

/// Adds weighted values to `vectors` vectors of the means from `column`.
void AttentionExpansion::emitMeanPanel(const Strip &strip, const Block &block,
                                       ArrayRef<Weighted> weighted,
                                       Value column, int64_t vectors,
                                       bool isTail) {
  SmallVector<Value> masks(vectors), columnsAt;
  for (int64_t j = 0; j < vectors; ++j) {
    columnsAt.push_back(loops.add(column, j * lanes));
    Value rest = loops.sub(width, columnsAt.back());
    std::optional<int64_t> known = getNumber(rest);
    if (isTail && (!known || *known < lanes))
      masks[j] = loops.firstLanes(rest, lanes);
  }
  auto getPlace = [&](int64_t i) {
    return loops.sub(loops.add(strip.row, i), firstRow);
  };
  auto loadMeans = [&]() {
    SmallVector<Value> old;
    for (int64_t i = 0; i < strip.count; ++i)
      for (int64_t j = 0; j < vectors; ++j)
        old.push_back(arith::MulFOp::create(
            b, loops.loc, loops.load(means, {getPlace(i), columnsAt[j]}, lanes),
            tile.broadcast(weighted[i].correction)));
    return old;
  };
  SmallVector<Value> total = tile.zeros(strip.count * vectors);
  if (!isOneBlock)
    total = loops.ifElse(block.isFirst, [&]() { return total; }, loadMeans);
  auto weight = [&](int64_t i, Value k) -> Value {
    return memref::LoadOp::create(b, loops.loc, weights,
                                  ValueRange{loops.index(i), k});
  };
  auto value = [&](int64_t j, Value k) -> Value {
    if (copiesValues)
      return loops.load(values, {k, columnsAt[j]}, lanes);
    Value key = loops.add(block.begin, k);
    return loops.load(
        op.getValue(),
        loops.apply(op.getValueMap(), getLoopIndices(key, columnsAt[j])), lanes,
        masks[j]);
  };
  total = tile.accumulate(loops.index(0), loops.sub(block.end, block.begin),
                          total, strip.count, weight, value);
  loops.ifElse(
      block.isLast,
      [&]() {
        finishMeans(strip, weighted, total, columnsAt, masks);
        return SmallVector<Value>();
      },
      [&]() {
        for (int64_t i = 0; i < strip.count; ++i)
          for (int64_t j = 0; j < vectors; ++j)
            loops.store(total[i * vectors + j], means,
                        {getPlace(i), columnsAt[j]});
        return SmallVector<Value>();
      });
}

/// Divides by the sums of weights and writes the results.
void AttentionExpansion::finishMeans(const Strip &strip,
                                     ArrayRef<Weighted> weighted,
                                     ArrayRef<Value> total,
                                     ArrayRef<Value> columnsAt,
                                     ArrayRef<Value> masks) {
  int64_t vectors = columnsAt.size();
  for (int64_t i = 0; i < strip.count; ++i) {
    Value inverse = tile.broadcast(
        arith::DivFOp::create(b, loops.loc, number(1), weighted[i].sum));
    Value row = loops.add(strip.row, i);
    for (int64_t j = 0; j < vectors; ++j) {
      ResultRun run{
          loops.apply(op.getResultMap(), getLoopIndices(row, columnsAt[j])),
          masks[j]};
      epilogue.finish(
          arith::MulFOp::create(b, loops.loc, total[i * vectors + j], inverse),
          run);
    }
  }
}

void AttentionExpansion::emitMeans(const Strip &strip, const Block &block,
                                   ArrayRef<Weighted> weighted) {
  Value whole = loops.mul(loops.div(width, columns), columns);
  loops.loop(loops.index(0), whole, columns, [&](Value column) {
    emitMeanPanel(strip, block, weighted, column, tiling.getVectors(),
                  /*isTail=*/false);
  });
  std::optional<int64_t> known = getNumber(width);
  int64_t vectors = known ? int64_t(llvm::divideCeil(*known % columns, lanes))
                          : tiling.getVectors();
  if (!vectors)
    return;
  loops.ifTrue(loops.less(whole, width), [&]() {
    emitMeanPanel(strip, block, weighted, whole, vectors, /*isTail=*/true);
  });
}
