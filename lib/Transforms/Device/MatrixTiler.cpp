//===----------------------------------------------------------------------===//
// Products by units for matrices: plans, sums, and what is done with these.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "MatrixTiler.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

#include <vector>

using namespace mlir;
using namespace mlir::nnc;

/// 96 and 64 KiB: every GPU from sm_80 on has 99 KiB for a block.
static constexpr MatrixTile largeTile{128, 128, 64, 32, 3};
static constexpr MatrixTile smallTile{64, 64, 32, 32, 4};
/// With fewer rows or columns, or products of a sum, a tile is mostly empty.
static constexpr int64_t fewestRows = 8;
static constexpr int64_t fewestSums = 8;
/// Neighbouring columns that a thread finishes.
static constexpr int64_t columnsAtOnce = 4;

//===----------------------------------------------------------------------===//
// Plans
//===----------------------------------------------------------------------===//

bool MatrixTiler::chooseTile() {
  auto isSmall = [](const LoopGroup &group, int64_t least) {
    return group.getFixed() && *group.getFixed() < least;
  };
  if (!format || isSmall(rows, fewestRows) || isSmall(columns, fewestRows) ||
      isSmall(sums, fewestSums))
    return false;
  tile = smallTile;
  if (!rows.getFixed() || !columns.getFixed() || !batch.getFixed())
    return true;
  int64_t tiles = llvm::divideCeil(*rows.getFixed(), largeTile.rows) *
                  llvm::divideCeil(*columns.getFixed(), largeTile.columns) *
                  *batch.getFixed();
  // Of split numbers there are not enough registers for more.
  if (tiles >= multiprocessors && !format->isSplit())
    tile = largeTile;
  return true;
}

/// The loop of the last dimension of an operand, if it is one of `loops` and
/// takes steps of 1.
static std::optional<unsigned> getContiguousLoop(AffineMap map,
                                                 ArrayRef<unsigned> loops) {
  if (map.getNumResults() == 0)
    return std::nullopt;
  auto last = dyn_cast<AffineDimExpr>(map.getResults().back());
  if (!last || !llvm::is_contained(loops, last.getPosition()))
    return std::nullopt;
  return last.getPosition();
}

/// Products are numbered so that those of a factor lie beside each other.
void MatrixTiler::orderSums() {
  for (unsigned factor : {0, 1}) {
    std::optional<unsigned> loop = getContiguousLoop(
        op.getMatchingIndexingMap(product.getFactor(factor)), product.sums);
    if (!loop)
      continue;
    SmallVector<unsigned> order(product.sums);
    llvm::erase(order, *loop);
    order.push_back(*loop);
    SmallVector<Range> ranges = cast<linalg::LinalgOp>(op.getOperation())
                                    .createLoopRanges(builder, loc);
    sums = LoopGroup(builder, loc, order, ranges);
    return;
  }
}

/// How many elements that lie beside each other begin at multiples of their own
/// size, up to 16 bytes, whatever the other loops do.
int64_t MatrixTiler::getVector(unsigned factor, bool isAlongSum) const {
  OpOperand *operand = product.getFactor(factor);
  const LoopGroup &group = isAlongSum ? sums : factor == 0 ? rows : columns;
  AffineMap map = linalg::GenericOp(op).getMatchingIndexingMap(operand);
  std::optional<unsigned> loop = getContiguousLoop(map, group.getLoops());
  if (!loop || group.getLoops().back() != *loop)
    return 1;
  int64_t extent = cast<linalg::LinalgOp>(linalg::GenericOp(op).getOperation())
                       .getStaticLoopRanges()[*loop];
  auto type = cast<MemRefType>(operand->get().getType());
  SmallVector<int64_t> strides;
  int64_t offset = 0;
  if (ShapedType::isDynamic(extent) ||
      failed(type.getStridesAndOffset(strides, offset)) ||
      ShapedType::isDynamic(offset) || strides.back() != 1)
    return 1;
  auto isMultiple = [&](int64_t vector) {
    if (extent % vector || offset % vector)
      return false;
    for (auto [expr, stride] :
         llvm::drop_end(llvm::zip(map.getResults(), strides)))
      if (ShapedType::isDynamic(stride)
              ? vector != 1
              : expr.getLargestKnownDivisor() * stride % vector != 0)
        return false;
    return true;
  };
  int64_t vector = elementsPerChunk();
  while (!isMultiple(vector))
    vector /= 2;
  return vector;
}

void MatrixTiler::planFactor(unsigned factor) {
  FactorTile &plan = factors[factor];
  plan.size = factor == 0 ? tile.rows : tile.columns;
  AffineMap map = op.getMatchingIndexingMap(product.getFactor(factor));
  bool isAcross =
      getContiguousLoop(map, factor == 0 ? product.rows : product.columns)
          .has_value();
  plan.isReadAlongSum = !isAcross;
  plan.vector = getVector(factor, plan.isReadAlongSum);
  // No instruction transposes bytes on their way to registers.
  plan.isAlongSum = plan.isReadAlongSum || format->getBytes() == 1;
  if (plan.isAlongSum != plan.isReadAlongSum)
    plan.vector = 1;
  plan.sharedRows = plan.isAlongSum ? plan.size : depth;
  plan.width = plan.isAlongSum ? depth : plan.size;
}

/// All tiles in one piece, where the sums are at the end.
void MatrixTiler::createMemory() {
  int64_t offsets[2], bytes = 0;
  for (unsigned factor : {0, 1}) {
    offsets[factor] = bytes;
    bytes += tile.stages * factors[factor].size * matrixDepthBytes;
  }
  Type sum = getFirstSum().getType();
  int64_t sumBytes = tile.rows * tile.columns * sizeof(float);
  Value memory = createShared({std::max(bytes, sumBytes)}, builder.getI8Type());
  Attribute space = cast<MemRefType>(memory.getType()).getMemorySpace();
  auto view = [&](int64_t offset, int64_t height, int64_t width, Type element) {
    auto type = MemRefType::get({height, width}, element,
                                MemRefLayoutAttrInterface(), space);
    return memref::ViewOp::create(builder, loc, type, memory, index(offset),
                                  ValueRange());
  };
  for (unsigned factor : {0, 1}) {
    FactorTile &plan = factors[factor];
    auto type = cast<MemRefType>(product.getFactor(factor)->get().getType());
    plan.memory = view(offsets[factor], tile.stages * plan.sharedRows,
                       plan.width, type.getElementType());
  }
  kept = view(0, tile.rows, tile.columns, sum);
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

/// Lanes of a warp wait for each other, and see what they have written.
void MatrixTiler::syncWarp() {
  NVVM::SyncWarpOp::create(
      builder, loc,
      arith::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(-1)));
}

/// The sums after the products of a tile: by fragment of rows, fragment of
/// columns, 16 rows, 8 columns, and what MatrixFormat::multiply says.
SmallVector<Value> MatrixTiler::multiplyTile(Value stage, ValueRange before) {
  SmallVector<Value> sums(before);
  int64_t down = tile.warpRows / fragmentRows,
          across = tile.warpColumns / fragmentRows;
  for (int64_t group = 0; group < depth / format->getGroup(); ++group) {
    std::vector<MatrixFragment> b;
    for (int64_t j = 0; j < across; ++j)
      b.push_back(loadFragment(1, stage, group, j));
    MutableArrayRef<Value> next(sums);
    for (int64_t i = 0; i < down; ++i) {
      // Fragments of all rows at a time are more than there are registers.
      if (i > 0)
        syncWarp();
      MatrixFragment a = loadFragment(0, stage, group, i);
      for (int64_t j = 0; j < across; ++j)
        for (unsigned row : {0, 2})
          for (unsigned column : {0, 1, 2, 3}) {
            llvm::copy(format->multiply(builder, loc, a, row, b[j], column,
                                        next.take_front(4)),
                       next.begin());
            next = next.drop_front(4);
          }
    }
    syncWarp();
  }
  return sums;
}

SmallVector<Value> MatrixTiler::computeSums() {
  for (int64_t stage = 0; stage < tile.stages - 1; ++stage)
    copyTiles(index(stage), index(stage));
  int64_t count = tile.warpRows * tile.warpColumns / warpThreads;
  SmallVector<Value> first(count, getFirstSum());
  Value steps = make<arith::CeilDivUIOp>(sums.getTotal(), index(depth));
  auto loop =
      scf::ForOp::create(builder, loc, index(0), steps, index(1), first);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  Value step = loop.getInductionVar();
  NVVM::CpAsyncWaitGroupOp::create(builder, loc, tile.stages - 2);
  // All see the tile of this step, and have read that before.
  threads->createBarrier(builder, loc);
  Value later = add(step, tile.stages - 1);
  copyTiles(rest(later, tile.stages), later);
  SmallVector<Value> after =
      multiplyTile(rest(step, tile.stages), loop.getRegionIterArgs());
  scf::YieldOp::create(builder, loc, after);
  return SmallVector<Value>(loop.getResults());
}

/// Row or column `number` of the four of a lane (by `inFragment`, of 8) in the
/// fragment that begins at `first`.
Value MatrixTiler::placeOf(const FactorTile &plan, Value first, int64_t number,
                           Value inFragment) {
  Value own = isTransposed(plan) ? add(inFragment, 8 * number)
                                 : add(times(inFragment, 4), number);
  return make<arith::AddIOp>(first, own);
}

/// Puts sums where lanes find neighbours. Columns of a lane are beside each
/// other: four of different instructions, or two of one.
void MatrixTiler::keepSums(ArrayRef<Value> sums) {
  int64_t down = tile.warpRows / fragmentRows,
          across = tile.warpColumns / fragmentRows;
  auto keep = [&](Value row, Value column, ArrayRef<Value> values) {
    Type type = VectorType::get(values.size(), values[0].getType());
    Value chunk = make<arith::XOrIOp>(over(column, 4), rest(over(row, 4), 2));
    column = make<arith::AddIOp>(times(chunk, 4), rest(column, 4));
    vector::StoreOp::create(
        builder, loc,
        vector::FromElementsOp::create(builder, loc, type, values), kept,
        ValueRange{row, column}, /*nontemporal=*/false,
        llvm::MaybeAlign(values.size() * sizeof(float)));
  };
  for (int64_t i = 0; i < down; ++i)
    for (int64_t j = 0; j < across; ++j)
      for (int64_t r = 0; r < 4; ++r) {
        Value row =
            placeOf(factors[0], add(warpRow, i * fragmentRows), r, laneGroup);
        Value first = add(warpColumn, j * fragmentRows);
        // Of 16 rows, a lane has one in each half.
        auto sum = [&](int64_t c, int64_t parity) {
          return sums[(((i * across + j) * 2 + r / 2) * 4 + c) * 4 + r % 2 * 2 +
                      parity];
        };
        Value even = times(inGroup, 2);
        if (isTransposed(factors[1]))
          for (int64_t c = 0; c < 4; ++c)
            keep(row, placeOf(factors[1], first, c, even),
                 {sum(c, 0), sum(c, 1)});
        else
          for (int64_t parity : {0, 1})
            keep(row, placeOf(factors[1], first, 0, add(even, parity)),
                 {sum(0, parity), sum(1, parity), sum(2, parity),
                  sum(3, parity)});
      }
}

/// The elements of sums in a row, so far as they exist.
void MatrixTiler::finishColumns(Value row, Value column,
                                ArrayRef<Value> values) {
  OpBuilder::InsertionGuard guard(builder);
  auto enter = [&](Value condition) {
    auto branch = scf::IfOp::create(builder, loc, condition);
    builder.setInsertionPointToStart(branch.thenBlock());
  };
  if (!rows.isWhole(tile.rows))
    enter(below(row, rows.getTotal()));
  bool areAlike = columns.isWhole(columnsAtOnce);
  if (areAlike && !columns.isWhole(tile.columns))
    enter(below(column, columns.getTotal()));
  SmallVector<Stored> finished;
  for (auto [i, value] : llvm::enumerate(values)) {
    Value own = add(column, int64_t(i));
    OpBuilder::InsertionGuard inner(builder);
    if (!areAlike) {
      enter(below(own, columns.getTotal()));
      store(finishSum(value, locateSum(row, own)));
      continue;
    }
    finished.push_back(finishSum(value, locateSum(row, own)));
  }
  // Together, so that they can be one access.
  for (const Stored &element : finished)
    store(element);
}

/// Takes the sums of this warp row by row.
void MatrixTiler::finishSums() {
  int64_t perRow = tile.warpColumns / columnsAtOnce;
  auto loop = scf::ForOp::create(
      builder, loc, lane, index(tile.warpRows * perRow), index(warpThreads));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  Value row =
      make<arith::AddIOp>(warpRow, over(loop.getInductionVar(), perRow));
  Value column = make<arith::AddIOp>(
      warpColumn, times(rest(loop.getInductionVar(), perRow), columnsAtOnce));
  Value chunk = make<arith::XOrIOp>(over(column, 4), rest(over(row, 4), 2));
  Value values = loadVector(kept, row, times(chunk, 4), columnsAtOnce);
  SmallVector<Value> elements;
  for (int64_t i = 0; i < columnsAtOnce; ++i)
    elements.push_back(vector::ExtractOp::create(builder, loc, values, i));
  finishColumns(make<arith::AddIOp>(firstRow, row),
                make<arith::AddIOp>(firstColumn, column), elements);
}

bool MatrixTiler::run() {
  if (!chooseTile())
    return false;
  depth = matrixDepthBytes / format->getBytes();
  orderSums();
  planFactor(0);
  planFactor(1);
  int64_t count = tile.getWarps() * warpThreads;
  scf::ForallOp units = createUnits(tile.rows, tile.columns, count);
  threads.emplace(builder, loc, count);
  createMemory();
  locateTile(units, tile.rows, tile.columns);
  lane = rest(threads->getNumber(), warpThreads);
  laneGroup = over(lane, 4);
  inGroup = rest(lane, 4);
  Value warp = over(threads->getNumber(), warpThreads);
  int64_t across = tile.columns / tile.warpColumns;
  warpRow = times(over(warp, across), tile.warpRows);
  warpColumn = times(rest(warp, across), tile.warpColumns);
  SmallVector<Value> values = computeSums();
  // Sums take the place of tiles that all have read.
  threads->createBarrier(builder, loc);
  keepSums(values);
  syncWarp();
  finishSums();
  // The next tiles take the place of sums.
  threads->createBarrier(builder, loc);
  eraseChain();
  return true;
}

bool mlir::nnc::tileForMatrixUnits(const ProductChain &chain,
                                   SymbolTable &symbols, StringRef precision,
                                   int64_t multiprocessors) {
  return MatrixTiler(chain, symbols, precision, multiprocessors).run();
}
