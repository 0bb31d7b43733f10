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
#include "AttentionExpansion.h"
#include "Expand.h"
#include "VectorSquare.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::kern;

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

LogicalResult mlir::nnc::kern::expandAttention(OpBuilder &builder,
                                               AttentionOp op,
                                               hw::TargetAttr target) {
  return AttentionExpansion(builder, op, target).run();
}
