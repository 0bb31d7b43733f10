//===----------------------------------------------------------------------===//
// Expansion of attention.
//
// A unit has some queries of one head and walks keys by blocks: keys of a block
// are turned around into panels, values copied, so that both lie in the
// second-level cache for all queries of the unit. A strip of queries, as many
// as the register tile has rows, keeps its weights in the first. Maximum, sum
// and means are corrected from block to block: M. Milakov and N. Gimelshein,
// "Online normalizer calculation for softmax", 2018.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "EpilogueEmitter.h"
#include "Expand.h"
#include "TileEmitter.h"
#include "VectorSquare.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::kern;

namespace {
class AttentionExpansion {
public:
  AttentionExpansion(OpBuilder &builder, AttentionOp op, hw::TargetAttr target)
      : loops(builder, op.getLoc()), b(builder), op(op),
        tiling(op.getTilingAttr()), lanes(tiling.getLanes()),
        columns(tiling.getColumns()), sumType(op.getSumType()),
        epilogue(loops, op, lanes),
        tile(loops, sumType, lanes, target.getFma()) {}

  LogicalResult run();

private:
  /// Keys [begin, end), which is the first block of a query or its last.
  struct Block {
    Value begin, end, isFirst, isLast;
  };
  /// Queries row, …, row + count - 1.
  struct Strip {
    Value row;
    int64_t count;
  };
  /// Of a query: the sum of weights so far, and by what means of the blocks
  /// before are to be multiplied, null where there is one block.
  struct Weighted {
    Value sum, correction;
  };

  int64_t chooseRows();
  void emitUnit(Value unit);
  void emitBlock(Value begin, Value rowsBegin, Value rowsEnd, Value limit);
  void packKeys(const Block &block);
  void packKeySquare(Value key, Value panel, Value first, Value limit);
  void packValues(const Block &block);
  void emitStrip(const Strip &strip, Block block);
  void emitScores(const Strip &strip, const Block &block);
  void emitScorePanel(const Strip &strip, const Block &block, Value panel,
                      int64_t vectors, bool isTail);
  SmallVector<Value> emitMaxima(const Strip &strip, Value end);
  Value emitExponentials(int64_t i, Value end, Value base);
  Value loadUnlessFirst(const Block &block, Value memref, Value place,
                        Value other);
  SmallVector<Weighted> emitWeights(const Strip &strip, const Block &block);
  void emitMeans(const Strip &strip, const Block &block,
                 ArrayRef<Weighted> weighted);
  void emitMeanPanel(const Strip &strip, const Block &block,
                     ArrayRef<Weighted> weighted, Value column, int64_t vectors,
                     bool isTail);

  /// The batch indices of the unit, then `row` and `last`.
  SmallVector<Value> getLoopIndices(Value row, Value last);
  Value getLimit(Value row);
  Value number(double value) {
    return arith::ConstantOp::create(b, loops.loc,
                                     b.getFloatAttr(sumType, value));
  }
  Value greater(Value x, Value y);
  Value exponential(Value x) { return math::ExpOp::create(b, loops.loc, x); }

  LoopBuilder loops;
  OpBuilder &b;
  AttentionOp op;
  hw::TilingAttr tiling;
  int64_t lanes, columns;
  Type sumType;
  EpilogueEmitter epilogue;
  TileEmitter tile;

  SmallVector<Value> batchSizes, batchIndices;
  Value numQueries, numKeys, depth, width;
  Value offset; ///< Keys that the first query sees beyond its own number.
  int64_t keyBlock = 0, rowsOfUnit = 0;
  bool isOneBlock = false, copiesValues = true;
  Value firstRow; ///< Of the unit.
  /// [panels, depth, columns], [keys, width], [tile rows, keys].
  Value keys, values, weights;
  /// Of the queries of a unit, between blocks: [rows, width], [rows] twice.
  Value means, maxima, sums;
};
} // namespace

static constexpr double lowest = -std::numeric_limits<double>::infinity();

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

SmallVector<Value> AttentionExpansion::getLoopIndices(Value row, Value last) {
  SmallVector<Value> indices(batchIndices);
  indices.append({row, last});
  return indices;
}

/// The number of keys that a query may see.
Value AttentionExpansion::getLimit(Value row) {
  if (!offset)
    return numKeys;
  return loops.min(numKeys, loops.add(loops.add(row, offset), 1));
}

Value AttentionExpansion::greater(Value x, Value y) {
  Value isGreater =
      arith::CmpFOp::create(b, loops.loc, arith::CmpFPredicate::OGT, x, y);
  return arith::SelectOp::create(b, loops.loc, isGreater, x, y);
}

/// The size of loop `dim`, as `operand` has it.
static Value getSize(LoopBuilder &loops, Value operand, AffineMap map,
                     unsigned dim) {
  unsigned position =
      *map.getResultPosition(getAffineDimExpr(dim, map.getContext()));
  return loops.dim(operand, position);
}

/// Queries of a unit: enough to share what is done for keys and values, few
/// enough to have some eight units.
int64_t AttentionExpansion::chooseRows() {
  constexpr int64_t most = 256, wantedUnits = 8, ofUnknown = 128;
  Extents extents = op.getExtents();
  if (ShapedType::isDynamic(extents.rows) ||
      ShapedType::isDynamic(extents.batch))
    return llvm::alignTo(ofUnknown, tiling.getRows());
  int64_t chunks = std::max<int64_t>(
      llvm::divideCeil(wantedUnits, std::max<int64_t>(extents.batch, 1)), 1);
  int64_t rows = std::max<int64_t>(llvm::divideCeil(extents.rows, chunks), 1);
  return llvm::alignTo(std::min(rows, most), tiling.getRows());
}

LogicalResult AttentionExpansion::run() {
  Value strided[] = {op.getQuery(), op.getKey(), op.getValue()};
  if (failed(epilogue.verify(strided)) ||
      failed(verifyRegion(op, op.getScores(), op.getScoreMaps())))
    return failure();
  AffineMap map = op.getResultMap();
  unsigned rank = map.getNumDims();
  Value numUnits = loops.index(1);
  for (unsigned axis = 0; axis + 2 < rank; ++axis) {
    batchSizes.push_back(getSize(loops, op.getInit(), map, axis));
    numUnits = loops.mul(numUnits, batchSizes.back());
  }
  numQueries = getSize(loops, op.getInit(), map, rank - 2);
  width = getSize(loops, op.getInit(), map, rank - 1);
  numKeys = getSize(loops, op.getKey(), op.getKeyMap(), rank - 2);
  depth = getSize(loops, op.getKey(), op.getKeyMap(), rank - 1);
  if (op.getCausality() == Causality::FromStart)
    offset = loops.index(0);
  if (op.getCausality() == Causality::FromEnd)
    offset = loops.sub(numKeys, numQueries);
  constexpr int64_t wantedKeys = 512;
  keyBlock = llvm::alignTo(wantedKeys, columns);
  rowsOfUnit = chooseRows();
  std::optional<int64_t> known = getNumber(numKeys);
  isOneBlock = known && *known <= keyBlock;
  if (isOneBlock)
    keyBlock = std::max<int64_t>(llvm::alignTo(*known, columns), columns);
  // One strip reads each value once.
  std::optional<int64_t> rows = getNumber(numQueries);
  copiesValues = !rows || *rows > tiling.getRows();
  numUnits = loops.mul(numUnits, loops.divUp(numQueries, rowsOfUnit));
  loops.units(numUnits, [&](Value unit) { emitUnit(unit); });
  return success();
}

void AttentionExpansion::emitUnit(Value unit) {
  SmallVector<Value> sizes(batchSizes);
  sizes.push_back(loops.divUp(numQueries, rowsOfUnit));
  SmallVector<Value> place = loops.delinearize(unit, sizes);
  batchIndices.assign(place.begin(), place.end() - 1);
  firstRow = loops.mul(place.back(), rowsOfUnit);
  Value end = loops.min(loops.add(firstRow, rowsOfUnit), numQueries);
  Value size = loops.index(keyBlock);
  int64_t multiple = getNumber(width) ? lanes : columns;
  Value columnsOfMeans = loops.mul(loops.divUp(width, multiple), multiple);
  keys = loops.allocate(
      {loops.index(keyBlock / columns), depth, loops.index(columns)}, sumType);
  if (copiesValues)
    values = loops.allocate({size, columnsOfMeans}, sumType);
  weights = loops.allocate({loops.index(tiling.getRows()), size}, sumType);
  if (isOneBlock)
    return emitBlock(loops.index(0), firstRow, end, numKeys);
  Value rows = loops.index(rowsOfUnit);
  means = loops.allocate({rows, columnsOfMeans}, sumType);
  maxima = loops.allocate({rows}, sumType);
  sums = loops.allocate({rows}, sumType);
  // Without any keys there is one empty block, which writes the results.
  Value limit = getLimit(loops.sub(end, loops.index(1)));
  Value last = loops.max(limit, loops.index(1));
  loops.loop(loops.index(0), last, keyBlock, [&](Value begin) {
    emitBlock(begin, firstRow, end, loops.max(limit, loops.index(0)));
  });
}

/// Keys [begin, limit) of a block for queries [rowsBegin, rowsEnd).
void AttentionExpansion::emitBlock(Value begin, Value rowsBegin, Value rowsEnd,
                                   Value limit) {
  Block block;
  block.begin = begin;
  block.end = isOneBlock ? limit : loops.min(loops.add(begin, keyBlock), limit);
  block.isFirst = loops.equal(begin, loops.index(0));
  packKeys(block);
  if (copiesValues)
    packValues(block);
  loops.strips(
      rowsBegin, rowsEnd, tiling.getRows(),
      [&](Value row, int64_t count) { emitStrip({row, count}, block); },
      rowsOfUnit >= getNumber(numQueries).value_or(rowsOfUnit + 1) ? numQueries
                                                                   : Value());
}

void AttentionExpansion::emitStrip(const Strip &strip, Block block) {
  Value limit = getLimit(loops.add(strip.row, strip.count - 1));
  auto emit = [&]() {
    Value blockEnd = loops.add(block.begin, keyBlock);
    Value yes = arith::ConstantOp::create(b, loops.loc, b.getBoolAttr(true));
    block.isLast = isOneBlock ? yes : loops.less(limit, loops.add(blockEnd, 1));
    if (offset)
      block.end = loops.max(loops.min(block.end, limit), block.begin);
    emitScores(strip, block);
    emitMeans(strip, block, emitWeights(strip, block));
  };
  if (!offset || isOneBlock)
    return emit();
  // Later blocks have no keys for these queries.
  auto isWorth = [&]() {
    Value seen = loops.less(block.begin, limit);
    return b.createOrFold<arith::OrIOp>(loops.loc, block.isFirst, seen);
  };
  loops.ifTrue(isWorth(), emit);
}

//===----------------------------------------------------------------------===//
// Keys and values of a block
//===----------------------------------------------------------------------===//

/// Keys key, …, of `panel` from its column `first`: a square of them by lanes
/// of the depth at a time.
void AttentionExpansion::packKeySquare(Value key, Value panel, Value first,
                                       Value limit) {
  AffineMap map = op.getKeyMap();
  auto emit = [&](Value at, int64_t count, Value mask) {
    SmallVector<Value> rows;
    for (int64_t i = 0; i < lanes; ++i) {
      // Beyond the last key that one is read again; its scores are left out.
      Value row =
          loops.min(loops.add(key, i), loops.sub(limit, loops.index(1)));
      rows.push_back(tile.convert(
          loops.load(op.getKey(), loops.apply(map, getLoopIndices(row, at)),
                     lanes, mask)));
    }
    rows = transposeSquare(b, loops.loc, std::move(rows));
    for (int64_t i = 0; i < count; ++i)
      loops.store(rows[i], keys, {panel, loops.add(at, i), first});
  };
  Value whole = loops.mul(loops.div(depth, lanes), lanes);
  loops.loop(loops.index(0), whole, lanes,
             [&](Value at) { emit(at, lanes, Value()); });
  if (std::optional<int64_t> known = getNumber(depth)) {
    if (int64_t rest = *known % lanes)
      emit(whole, rest, loops.firstLanes(loops.index(rest), lanes));
    return;
  }
  loops.loop(whole, depth, 1, [&](Value at) {
    emit(at, 1, loops.firstLanes(loops.index(1), lanes));
  });
}

void AttentionExpansion::packKeys(const Block &block) {
  AffineMap map = op.getKeyMap();
  unsigned last = map.getNumDims() - 1;
  bool isTransposed =
      map.getResult(map.getNumResults() - 1) != b.getAffineDimExpr(last);
  Value count = loops.sub(block.end, block.begin);
  loops.loop(loops.index(0), count, lanes, [&](Value at) {
    Value panel = loops.div(at, columns),
          first = loops.rem(at, loops.index(columns));
    Value key = loops.add(block.begin, at);
    if (!isTransposed)
      return packKeySquare(key, panel, first, block.end);
    std::optional<int64_t> known = getNumber(count);
    Value mask = known && *known % lanes == 0
                     ? Value()
                     : loops.firstLanes(loops.sub(count, at), lanes);
    loops.loop(loops.index(0), depth, 1, [&](Value k) {
      SmallVector<Value> indices = getLoopIndices(key, k);
      Value row =
          loops.load(op.getKey(), loops.apply(map, indices), lanes, mask);
      loops.store(tile.convert(row), keys, {panel, k, first});
    });
  });
}

void AttentionExpansion::packValues(const Block &block) {
  Value count = loops.sub(block.end, block.begin);
  loops.loop(loops.index(0), count, 1, [&](Value at) {
    Value key = loops.add(block.begin, at);
    auto copy = [&](Value column, Value mask) {
      SmallVector<Value> from =
          loops.apply(op.getValueMap(), getLoopIndices(key, column));
      Value row = loops.load(op.getValue(), from, lanes, mask);
      loops.store(tile.convert(row), values, {at, column});
    };
    Value whole = loops.mul(loops.div(width, lanes), lanes);
    loops.loop(loops.index(0), whole, lanes,
               [&](Value column) { copy(column, Value()); });
    loops.ifTrue(loops.less(whole, width), [&]() {
      copy(whole, loops.firstLanes(loops.sub(width, whole), lanes));
    });
  });
}

//===----------------------------------------------------------------------===//
// A strip of queries
//===----------------------------------------------------------------------===//

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

/// Replaces the scores of query `i` of a strip by exp(score - base), and
/// returns their sum.
Value AttentionExpansion::emitExponentials(int64_t i, Value end, Value base) {
  Value bases = tile.broadcast(base);
  Value partial = loops.loop(
      loops.index(0), end, lanes, tile.zeros(1),
      [&](Value at, ArrayRef<Value> old) {
        Value score = loops.load(weights, {loops.index(i), at}, lanes);
        Value weight =
            exponential(arith::SubFOp::create(b, loops.loc, score, bases));
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
  auto finish = [&]() {
    for (int64_t i = 0; i < strip.count; ++i) {
      Value inverse = tile.broadcast(
          arith::DivFOp::create(b, loops.loc, number(1), weighted[i].sum));
      for (int64_t j = 0; j < vectors; ++j)
        epilogue.finish(
            arith::MulFOp::create(b, loops.loc, total[i * vectors + j],
                                  inverse),
            {loops.apply(op.getResultMap(),
                         getLoopIndices(loops.add(strip.row, i), columnsAt[j])),
             masks[j]});
    }
    return SmallVector<Value>();
  };
  loops.ifElse(block.isLast, finish, [&]() {
    for (int64_t i = 0; i < strip.count; ++i)
      for (int64_t j = 0; j < vectors; ++j)
        loops.store(total[i * vectors + j], means, {getPlace(i), columnsAt[j]});
    return SmallVector<Value>();
  });
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

LogicalResult mlir::nnc::kern::expandAttention(OpBuilder &builder,
                                               AttentionOp op,
                                               hw::TargetAttr target) {
  return AttentionExpansion(builder, op, target).run();
}
