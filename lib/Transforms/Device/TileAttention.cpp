//===----------------------------------------------------------------------===//
// Attention in one kernel: blocks of threads walk keys with a running maximum.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/DevicePasses.h"

#include "BlockReduction.h"
#include "dialects/Kern/IR/KernDialect.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/SymbolTable.h"
#include "nnc/Transforms/Passes.h"

#include <limits>

namespace mlir::nnc {
#define GEN_PASS_DEF_TILEATTENTIONPASS
#include "nnc/Transforms/DevicePasses.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

/// Threads of a block, as a square: a row of them has the same queries.
static constexpr int64_t squareThreads = 16;
static constexpr int64_t blockThreads = squareThreads * squareThreads;
/// Queries that a block takes: four a thread, or one where there are few.
static constexpr int64_t manyQueries = 64, fewQueries = 16;
/// Keys at a time: shared memory holds queries, keys, values and weights, in
/// f32, in at most 99 KiB, which every GPU from sm_80 on has for a block.
static constexpr int64_t manyKeys = 64, fewKeys = 32;
static constexpr int64_t mostWidthOfManyKeys = 64;
/// Elements between rows beside their own, so that rows begin in different
/// banks.
static constexpr int64_t padding = 1;

namespace {
/// Rewrites one attention as a loop over blocks of queries.
class AttentionTiler {
public:
  AttentionTiler(kern::AttentionOp op, SymbolTable &symbols)
      : op(op), symbols(symbols), builder(op), loc(op.getLoc()) {}

  void run();

private:
  using Body = function_ref<void(Value)>;

  Value index(int64_t value) {
    return builder.createOrFold<arith::ConstantIndexOp>(loc, value);
  }
  Value number(double value) {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getF32FloatAttr(value));
  }
  template <typename Op>
  Value make(Value a, Value b) {
    return builder.createOrFold<Op>(loc, a, b);
  }
  Value add(Value a, Value b) { return make<arith::AddIOp>(a, b); }
  Value add(Value a, int64_t b) { return add(a, index(b)); }
  Value times(Value a, int64_t b) { return make<arith::MulIOp>(a, index(b)); }
  Value less(Value a, Value b) {
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::slt, a, b);
  }
  Value infinity() { return number(-std::numeric_limits<double>::infinity()); }
  void barrier() { threads->createBarrier(builder, loc); }
  Value load(Value memory, ValueRange at) {
    return memref::LoadOp::create(builder, loc, memory, at);
  }
  void store(Value value, Value memory, ValueRange at) {
    memref::StoreOp::create(builder, loc, value, memory, at);
  }

  Value getSize(Value operand, AffineMap map, unsigned dim);
  void readSizes();
  Value createShared(ArrayRef<int64_t> shape);
  void createMemory();
  scf::ForallOp createUnits();
  void locate(Value unit);
  SmallVector<Value> apply(AffineMap map, Value row, Value last);
  void loop(Value begin, Value end, Value step, Body body);
  Value choose(Value condition, function_ref<Value()> then, Value other);
  Value evaluate(Region &region, Value sum, ValueRange extras, ArrayAttr maps,
                 Value row, Value last);
  void copyRows(Value operand, AffineMap map, Value first, Value limit,
                int64_t rows, int64_t width, Value memory);
  SmallVector<Value> addProducts(ValueRange sums, int64_t down, int64_t across,
                                 int64_t steps,
                                 function_ref<Value(Value, int64_t)> left,
                                 function_ref<Value(Value, int64_t)> right);
  void computeScores(Value firstKey);
  void computeWeights();
  SmallVector<Value> addMeans(ValueRange before);
  void storeMeans(ValueRange means);

  kern::AttentionOp op;
  SymbolTable &symbols;
  OpBuilder builder;
  Location loc;
  int64_t depth = 0, width = 0, rows = manyQueries, keys = manyKeys;
  SmallVector<Value> batchSizes, batch;
  Value numQueries, numKeys;
  Value offset; ///< Keys that the first query sees beyond its own number.
  std::optional<BlockThreads> threads;
  Value threadRow, threadColumn, firstQuery;
  /// In shared memory: [rows, depth], [keys, depth], [keys, width],
  /// [rows, keys], and of each row the maximum, the sum of weights, and what
  /// means so far are to be multiplied by.
  Value queryTile, keyTile, valueTile, weightTile, maxima, sums, corrections;
};
} // namespace

//===----------------------------------------------------------------------===//
// Sizes and memory
//===----------------------------------------------------------------------===//

Value AttentionTiler::getSize(Value operand, AffineMap map, unsigned dim) {
  unsigned position =
      *map.getResultPosition(getAffineDimExpr(dim, builder.getContext()));
  return builder.createOrFold<memref::DimOp>(loc, operand,
                                             index(int64_t(position)));
}

void AttentionTiler::readSizes() {
  kern::Extents extents = op.getExtents();
  depth = op.getScoreExtents().depth;
  width = extents.columns;
  if (!ShapedType::isDynamic(extents.rows) && extents.rows <= fewQueries)
    rows = fewQueries;
  if (std::max(depth, width) > mostWidthOfManyKeys)
    keys = fewKeys;
  AffineMap map = op.getResultMap();
  unsigned loops = map.getNumDims();
  for (unsigned dim = 0; dim + 2 < loops; ++dim)
    batchSizes.push_back(getSize(op.getInit(), map, dim));
  numQueries = getSize(op.getInit(), map, loops - 2);
  numKeys = getSize(op.getKey(), op.getKeyMap(), loops - 2);
  if (op.getCausality() == kern::Causality::FromStart)
    offset = index(0);
  if (op.getCausality() == kern::Causality::FromEnd)
    offset = make<arith::SubIOp>(numKeys, numQueries);
}

Value AttentionTiler::createShared(ArrayRef<int64_t> shape) {
  return createSharedMemory(builder, op, symbols, shape, builder.getF32Type());
}

void AttentionTiler::createMemory() {
  queryTile = createShared({rows, depth + padding});
  keyTile = createShared({keys, depth + padding});
  valueTile = createShared({keys, width});
  weightTile = createShared({rows, keys + padding});
  maxima = createShared({rows});
  sums = createShared({rows});
  corrections = createShared({rows});
}

scf::ForallOp AttentionTiler::createUnits() {
  Value units = make<arith::CeilDivUIOp>(numQueries, index(rows));
  for (Value size : batchSizes)
    units = make<arith::MulIOp>(units, size);
  auto forall = scf::ForallOp::create(
      builder, loc, ArrayRef<OpFoldResult>{getAsOpFoldResult(units)},
      ValueRange(), std::nullopt);
  forall->setAttr(blockThreadsAttrName,
                  builder.getI64IntegerAttr(blockThreads));
  builder.setInsertionPointToStart(forall.getBody());
  return forall;
}

/// Blocks of one head follow each other: they read the same keys.
void AttentionTiler::locate(Value unit) {
  Value perHead = make<arith::CeilDivUIOp>(numQueries, index(rows));
  firstQuery = times(make<arith::RemUIOp>(unit, perHead), rows);
  unit = make<arith::DivUIOp>(unit, perHead);
  batch.resize(batchSizes.size());
  for (unsigned i = batch.size(); i-- > 0;) {
    batch[i] = make<arith::RemUIOp>(unit, batchSizes[i]);
    unit = make<arith::DivUIOp>(unit, batchSizes[i]);
  }
}

//===----------------------------------------------------------------------===//
// Pieces of code
//===----------------------------------------------------------------------===//

SmallVector<Value> AttentionTiler::apply(AffineMap map, Value row, Value last) {
  SmallVector<Value> places(batch);
  places.append({row, last});
  SmallVector<Value> indices;
  for (AffineExpr expr : map.getResults())
    indices.push_back(affine::AffineApplyOp::create(
        builder, loc, AffineMap::get(map.getNumDims(), 0, expr), places));
  return indices;
}

void AttentionTiler::loop(Value begin, Value end, Value step, Body body) {
  auto steps = scf::ForOp::create(builder, loc, begin, end, step);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(steps.getBody());
  body(steps.getInductionVar());
}

Value AttentionTiler::choose(Value condition, function_ref<Value()> then,
                             Value other) {
  auto branch = scf::IfOp::create(builder, loc, other.getType(), condition,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(builder, loc, then());
  builder.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(builder, loc, other);
  return branch.getResult(0);
}

/// What `region` makes of `sum` and of the extras' elements.
Value AttentionTiler::evaluate(Region &region, Value sum, ValueRange extras,
                               ArrayAttr maps, Value row, Value last) {
  Block &body = region.front();
  IRMapping mapping;
  mapping.map(body.getArgument(0), sum);
  for (auto [i, extra] : llvm::enumerate(extras)) {
    AffineMap map = cast<AffineMapAttr>(maps[i]).getValue();
    mapping.map(body.getArgument(i + 1), load(extra, apply(map, row, last)));
  }
  for (Operation &inner : body.without_terminator())
    builder.clone(inner, mapping);
  return mapping.lookupOrDefault(body.getTerminator()->getOperand(0));
}

/// Rows [first, first + rows) of an operand as f32, zeros from `limit` on.
void AttentionTiler::copyRows(Value operand, AffineMap map, Value first,
                              Value limit, int64_t rows, int64_t width,
                              Value memory) {
  loop(threads->getNumber(), index(rows * width), index(blockThreads),
       [&](Value place) {
         Value row = make<arith::DivUIOp>(place, index(width));
         Value column = make<arith::RemUIOp>(place, index(width));
         Value at = add(first, row);
         auto read = [&]() -> Value {
           Value element = load(operand, apply(map, at, column));
           return element.getType().isF32()
                      ? element
                      : arith::ExtFOp::create(builder, loc,
                                              builder.getF32Type(), element);
         };
         store(choose(less(at, limit), read, number(0)), memory, {row, column});
       });
}

//===----------------------------------------------------------------------===//
// Scores, weights, means
//===----------------------------------------------------------------------===//

/// Adds, over `steps`, the products of `down` numbers and `across` others to
/// sums of all their pairs.
SmallVector<Value>
AttentionTiler::addProducts(ValueRange sums, int64_t down, int64_t across,
                            int64_t steps,
                            function_ref<Value(Value, int64_t)> left,
                            function_ref<Value(Value, int64_t)> right) {
  auto loop =
      scf::ForOp::create(builder, loc, index(0), index(steps), index(1), sums);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  Value at = loop.getInductionVar();
  SmallVector<Value> a, b, after;
  for (int64_t i = 0; i < down; ++i)
    a.push_back(left(at, i));
  for (int64_t j = 0; j < across; ++j)
    b.push_back(right(at, j));
  for (int64_t i = 0; i < down; ++i)
    for (int64_t j = 0; j < across; ++j)
      after.push_back(arith::AddFOp::create(
          builder, loc, loop.getRegionIterArg(i * across + j),
          arith::MulFOp::create(builder, loc, a[i], b[j])));
  scf::YieldOp::create(builder, loc, after);
  return SmallVector<Value>(loop.getResults());
}

/// Scores of a block of keys, -inf where there is no key to be seen.
void AttentionTiler::computeScores(Value firstKey) {
  int64_t down = rows / squareThreads, across = keys / squareThreads;
  auto rowOf = [&](int64_t i) { return add(times(threadRow, down), i); };
  auto keyOf = [&](int64_t j) { return add(threadColumn, j * squareThreads); };
  SmallVector<Value> products = addProducts(
      SmallVector<Value>(down * across, number(0)), down, across, depth,
      [&](Value at, int64_t i) { return load(queryTile, {rowOf(i), at}); },
      [&](Value at, int64_t j) { return load(keyTile, {keyOf(j), at}); });
  for (int64_t i = 0; i < down; ++i)
    for (int64_t j = 0; j < across; ++j) {
      Value query = add(firstQuery, rowOf(i)), key = add(firstKey, keyOf(j));
      Value isSeen =
          make<arith::AndIOp>(less(query, numQueries), less(key, numKeys));
      if (offset)
        isSeen =
            make<arith::AndIOp>(isSeen, less(key, add(add(query, offset), 1)));
      Value score = choose(
          isSeen,
          [&] {
            return evaluate(op.getScores(), products[i * across + j],
                            op.getScoreExtras(), op.getScoreMaps(), query, key);
          },
          infinity());
      store(score, weightTile, {rowOf(i), keyOf(j)});
    }
}

/// Makes weights of scores, and notes how they change what was before. A warp
/// takes a row at a time, a lane every 32nd key.
void AttentionTiler::computeWeights() {
  constexpr int64_t warps = blockThreads / warpThreads;
  Value lane = make<arith::RemUIOp>(threads->getNumber(), index(warpThreads));
  Value warp = make<arith::DivUIOp>(threads->getNumber(), index(warpThreads));
  auto reduce = [&](Value value, auto combine) {
    for (int64_t distance = warpThreads / 2; distance > 0; distance /= 2)
      value = combine(value, exchangeInWarp(builder, loc, value, distance));
    return value;
  };
  auto maximum = [&](Value a, Value b) -> Value {
    return arith::MaximumFOp::create(builder, loc, a, b);
  };
  auto sum = [&](Value a, Value b) -> Value {
    return arith::AddFOp::create(builder, loc, a, b);
  };
  loop(warp, index(rows), index(warps), [&](Value row) {
    SmallVector<Value> scores;
    for (int64_t i = 0; i < keys / warpThreads; ++i)
      scores.push_back(load(weightTile, {row, add(lane, i * warpThreads)}));
    Value highest = scores[0];
    for (Value score : ArrayRef(scores).drop_front())
      highest = maximum(highest, score);
    Value before = load(maxima, row);
    highest = maximum(before, reduce(highest, maximum));
    // Without any key so far differences would be of two infinities.
    Value isNone = arith::CmpFOp::create(
        builder, loc, arith::CmpFPredicate::OEQ, highest, infinity());
    Value base =
        arith::SelectOp::create(builder, loc, isNone, number(0), highest);
    auto weigh = [&](Value score) -> Value {
      return math::ExpOp::create(
          builder, loc, arith::SubFOp::create(builder, loc, score, base));
    };
    Value total;
    for (auto [i, score] : llvm::enumerate(scores)) {
      Value weight = weigh(score);
      store(weight, weightTile, {row, add(lane, int64_t(i) * warpThreads)});
      total = total ? sum(total, weight) : weight;
    }
    total = reduce(total, sum);
    Value correction = weigh(before);
    Value all = arith::AddFOp::create(
        builder, loc,
        arith::MulFOp::create(builder, loc, load(sums, row), correction),
        total);
    // All lanes have read by then.
    NVVM::SyncWarpOp::create(
        builder, loc,
        arith::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(-1)));
    Value isFirst = arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::eq, lane, index(0));
    auto branch = scf::IfOp::create(builder, loc, isFirst);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(branch.thenBlock());
    store(highest, maxima, row);
    store(all, sums, row);
    store(correction, corrections, row);
  });
}

/// Means so far, corrected, and those of a block of keys. Columns beyond the
/// width are computed again from the last one and not stored.
SmallVector<Value> AttentionTiler::addMeans(ValueRange before) {
  int64_t down = rows / squareThreads,
          across = llvm::divideCeil(width, squareThreads);
  auto rowOf = [&](int64_t i) { return add(times(threadRow, down), i); };
  auto columnOf = [&](int64_t j) {
    return make<arith::MinUIOp>(add(threadColumn, j * squareThreads),
                                index(width - 1));
  };
  SmallVector<Value> means;
  for (int64_t i = 0; i < down; ++i) {
    Value correction = load(corrections, rowOf(i));
    for (int64_t j = 0; j < across; ++j)
      means.push_back(arith::MulFOp::create(
          builder, loc, before[i * across + j], correction));
  }
  return addProducts(
      means, down, across, keys,
      [&](Value at, int64_t i) { return load(weightTile, {rowOf(i), at}); },
      [&](Value at, int64_t j) { return load(valueTile, {at, columnOf(j)}); });
}

void AttentionTiler::storeMeans(ValueRange means) {
  int64_t down = rows / squareThreads,
          across = llvm::divideCeil(width, squareThreads);
  for (int64_t i = 0; i < down; ++i) {
    Value inTile = add(times(threadRow, down), i);
    Value query = add(firstQuery, inTile);
    Value total = load(sums, inTile);
    for (int64_t j = 0; j < across; ++j) {
      Value column = add(threadColumn, j * squareThreads);
      Value exists = less(query, numQueries);
      if (width % squareThreads)
        exists = make<arith::AndIOp>(exists, less(column, index(width)));
      auto branch = scf::IfOp::create(builder, loc, exists);
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPointToStart(branch.thenBlock());
      Value mean =
          arith::DivFOp::create(builder, loc, means[i * across + j], total);
      mean = evaluate(op.getEpilogue(), mean, op.getExtras(), op.getExtraMaps(),
                      query, column);
      store(mean, op.getInit(), apply(op.getResultMap(), query, column));
    }
  }
}

void AttentionTiler::run() {
  readSizes();
  scf::ForallOp units = createUnits();
  threads.emplace(builder, loc, blockThreads);
  createMemory();
  locate(units.getInductionVar(0));
  Value side = index(squareThreads);
  threadRow = make<arith::DivUIOp>(threads->getNumber(), side);
  threadColumn = make<arith::RemUIOp>(threads->getNumber(), side);
  copyRows(op.getQuery(), op.getQueryMap(), firstQuery, numQueries, rows, depth,
           queryTile);
  loop(threads->getNumber(), index(rows), index(blockThreads), [&](Value row) {
    store(infinity(), maxima, row);
    store(number(0), sums, row);
  });
  // Keys that the last query does not see are those of none.
  Value end = numKeys;
  if (offset)
    end = make<arith::MinSIOp>(end, add(add(firstQuery, rows), offset));
  int64_t count = rows / squareThreads * llvm::divideCeil(width, squareThreads);
  SmallVector<Value> means(count, number(0));
  auto blocks =
      scf::ForOp::create(builder, loc, index(0), end, index(keys), means);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(blocks.getBody());
    Value first = blocks.getInductionVar();
    copyRows(op.getKey(), op.getKeyMap(), first, numKeys, keys, depth, keyTile);
    copyRows(op.getValue(), op.getValueMap(), first, numKeys, keys, width,
             valueTile);
    barrier();
    computeScores(first);
    barrier();
    computeWeights();
    barrier();
    SmallVector<Value> after = addMeans(blocks.getRegionIterArgs());
    barrier();
    scf::YieldOp::create(builder, loc, after);
  }
  barrier();
  storeMeans(blocks.getResults());
  // The next unit begins with the memory that sums were read from.
  barrier();
  op.erase();
}

namespace {
struct TileAttention : nnc::impl::TileAttentionPassBase<TileAttention> {
  void runOnOperation() override {
    if (!isOnDevice(getOperation()))
      return;
    SymbolTable symbols(getOperation());
    SmallVector<kern::AttentionOp> ops;
    getOperation().walk([&](kern::AttentionOp op) { ops.push_back(op); });
    for (kern::AttentionOp op : ops) {
      auto isUnfit = [](int64_t size) {
        return ShapedType::isDynamic(size) || size > mostAttentionWidth ||
               size < 1;
      };
      if (!op.getSumType().isF32() || isUnfit(op.getExtents().columns) ||
          isUnfit(op.getScoreExtents().depth)) {
        op.emitOpError("has no kernel on a GPU; expected sums of f32 and up "
                       "to ")
            << mostAttentionWidth << " elements of each query and value";
        return signalPassFailure();
      }
      AttentionTiler(op, symbols).run();
    }
  }
};
} // namespace
