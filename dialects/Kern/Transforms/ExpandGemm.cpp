//===----------------------------------------------------------------------===//
// Expansion of matrix products.
//
// The loops around the register tile are those of K. Goto and R. van de Geijn,
// "Anatomy of High-Performance Matrix Multiplication", 2008, without a copy of
// the left operand: it is read where it lies.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "EpilogueEmitter.h"
#include "Expand.h"
#include "TileEmitter.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::kern;

namespace {
class GemmExpansion {
public:
  GemmExpansion(OpBuilder &builder, GemmOp op, hw::TargetAttr target,
                bool isProduced)
      : isProduced(isProduced), loops(builder, op.getLoc()), op(op),
        tiling(op.getTilingAttr()), epilogue(loops, op, tiling.getLanes()),
        tile(loops, op.getSumType(), tiling.getLanes(), target.getFma(),
             getByteProducts(op)),
        target(target) {}

  /// Checks the op and finds its sizes.
  LogicalResult prepare();
  void run();
  /// Rows [begin, begin + count), which `rows` has, by all panels.
  void emitProduced(Value rows, Value begin, Value count);

private:
  /// A range of rows, or of columns in panels.
  struct Range {
    Value begin, end;
  };

  void emitUnit(Value unit);
  void emitRows(Range rows, Range panels);
  bool convertsRows();
  void convertRows(Range rows);
  void emitDepthBlock(Range rows, Range panels, Range depth, Value isFirst,
                      Value isLast);
  void emitPanel(Range rows, Value panel, bool isTail, Range depth,
                 Value isFirst, Value isLast);
  void emitTile(Value row, int64_t count, Value panel, bool isTail, Range depth,
                Value isFirst, Value isLast, Value panelData);
  Value copyPanel(Value panel, bool isTail, Range depth);
  Value getMask(Value panel, int64_t vector, bool isTail);
  Value loadRow(ArrayRef<Value> row, Value step);
  SmallVector<Value> getOperandBatch(Value operand);
  int64_t getVectors(bool isTail) const;
  ResultRun getRun(Value row, Value column, Value mask);
  /// True if panels are copied together before they are used.
  bool copiesPanels();

  bool isProduced; ///< The left operand does not exist as a whole.
  LoopBuilder loops;
  GemmOp op;
  hw::TilingAttr tiling;
  EpilogueEmitter epilogue;
  TileEmitter tile;
  hw::TargetAttr target;
  int64_t batchRank = 0;
  /// [batch..., M, K], rhs as in the op.
  Value lhs, rhs;
  Value firstRow; ///< That `lhs` has, null: the first.
  SmallVector<Value> batchSizes, rowSizes, batchIndices, lhsBatch, rhsBatch;
  Value m, n, k;
  Value elements;     ///< Of the depth, of which k are the steps.
  int64_t kBlock = 0; ///< Blocks of the depth, 0: there is one.
  /// Number of panels, and of those that are full.
  Value numPanels, fullPanels;
  Range unitRows;
};
} // namespace

/// Of the last panel of a known number of columns; all of them else.
int64_t GemmExpansion::getVectors(bool isTail) const {
  std::optional<int64_t> columns = getNumber(n);
  if (!isTail || !columns)
    return tiling.getVectors();
  return llvm::divideCeil(*columns % tiling.getColumns(), tiling.getLanes());
}

bool GemmExpansion::copiesPanels() {
  Type type = cast<MemRefType>(rhs.getType()).getElementType();
  bool isNarrow = isa<FloatType>(type) && type != op.getSumType();
  if (op.getLayout() == RhsLayout::Panels && !isNarrow)
    return false;
  // One strip of rows reads each element once: no use in copying it first.
  std::optional<int64_t> rows = getNumber(m);
  return op.getLayout() == RhsLayout::Columns || !rows ||
         *rows > tiling.getRows();
}

/// Which lanes of a vector of columns exist; null if all do.
Value GemmExpansion::getMask(Value panel, int64_t vector, bool isTail) {
  if (!isTail)
    return {};
  int64_t lanes = tiling.getLanes();
  Value first =
      loops.add(loops.mul(panel, tiling.getColumns()), vector * lanes);
  Value rest = loops.sub(n, first);
  if (std::optional<int64_t> known = getNumber(rest); known && *known >= lanes)
    return {};
  return loops.firstLanes(rest, lanes);
}

ResultRun GemmExpansion::getRun(Value row, Value column, Value mask) {
  ResultRun run;
  llvm::append_range(run.indices, batchIndices);
  llvm::append_range(run.indices, loops.delinearize(row, rowSizes));
  run.indices.push_back(column);
  run.mask = mask;
  return run;
}

/// Copies depth x panel of the right operand, as elements of sums, into
/// scratch, zeros behind the last column: [depth, columns].
Value GemmExpansion::copyPanel(Value panel, bool isTail, Range depth) {
  OpBuilder &b = loops.builder;
  Type type = op.getSumType();
  int64_t columns = tiling.getColumns(), lanes = tiling.getLanes();
  // Of blocks the last may be shorter.
  Value size = kBlock ? loops.index(kBlock) : loops.sub(depth.end, depth.begin);
  Value copy = loops.allocate({size, loops.index(columns)}, type);
  Value first = loops.mul(panel, columns);
  bool isPanels = op.getLayout() == RhsLayout::Panels;
  if (isPanels || op.getLayout() == RhsLayout::Rows) {
    loops.loop(depth.begin, depth.end, 1, [&](Value at) {
      Value to = loops.sub(at, depth.begin);
      for (int64_t j = 0; j < getVectors(isTail); ++j) {
        SmallVector<Value> from(rhsBatch);
        if (isPanels)
          from.append({panel, at, loops.index(j * lanes)});
        else
          from.append({at, loops.add(first, j * lanes)});
        Value mask = isPanels ? Value() : getMask(panel, j, isTail);
        Value row = loops.load(rhs, from, lanes, mask);
        loops.store(tile.convert(row), copy, {to, loops.index(j * lanes)});
      }
    });
    return copy;
  }
  Value end = isTail ? loops.sub(n, first) : loops.index(columns);
  loops.loop(loops.index(0), end, 1, [&](Value column) {
    loops.loop(depth.begin, depth.end, 1, [&](Value at) {
      SmallVector<Value> from(rhsBatch);
      from.append({loops.add(first, column), at});
      Value element = memref::LoadOp::create(b, loops.loc, rhs, from);
      memref::StoreOp::create(b, loops.loc, tile.convert(element), copy,
                              ValueRange{loops.sub(at, depth.begin), column});
    });
  });
  if (!isTail)
    return copy;
  Value element = arith::ConstantOp::create(b, loops.loc, b.getZeroAttr(type));
  loops.loop(end, loops.index(columns), 1, [&](Value column) {
    loops.loop(depth.begin, depth.end, 1, [&](Value at) {
      memref::StoreOp::create(b, loops.loc, element, copy,
                              ValueRange{loops.sub(at, depth.begin), column});
    });
  });
  return copy;
}

/// A row at a step of the depth; of the last one, which may be of fewer bytes
/// than the others, only what exists is read.
Value GemmExpansion::loadRow(ArrayRef<Value> row, Value step) {
  OpBuilder &b = loops.builder;
  int64_t dot = tile.getDot();
  SmallVector<Value> indices(row);
  indices.push_back(loops.mul(step, dot));
  std::optional<int64_t> at = getNumber(indices.back()),
                         size = getNumber(elements);
  if (!at || !size || *at + dot <= *size)
    return tile.loadFactor(lhs, indices);
  Value part = arith::ConstantOp::create(
      b, loops.loc, b.getZeroAttr(VectorType::get(dot, b.getI8Type())));
  for (int64_t i = 0; *at + i < *size; ++i) {
    indices.back() = loops.index(*at + i);
    Value byte = memref::LoadOp::create(b, loops.loc, lhs, indices);
    part = vector::InsertOp::create(b, loops.loc, byte, part, i);
  }
  return part;
}

void GemmExpansion::emitTile(Value row, int64_t count, Value panel, bool isTail,
                             Range depth, Value isFirst, Value isLast,
                             Value panelData) {
  int64_t vectors = getVectors(isTail), lanes = tiling.getLanes();
  Value column = loops.mul(panel, tiling.getColumns());
  SmallVector<ResultRun> runs;
  SmallVector<Value> masks;
  for (int64_t j = 0; j < vectors; ++j)
    masks.push_back(getMask(panel, j, isTail));
  for (int64_t i = 0; i < count; ++i)
    for (int64_t j = 0; j < vectors; ++j)
      runs.push_back(
          getRun(loops.add(row, i), loops.add(column, j * lanes), masks[j]));
  SmallVector<Value> sums = loops.ifElse(
      isFirst, [&]() { return tile.zeros(count * vectors); },
      [&]() {
        return llvm::map_to_vector(runs, [&](const ResultRun &run) {
          return epilogue.loadPartial(run);
        });
      });
  auto rowElement = [&](int64_t i, Value at) -> Value {
    SmallVector<Value> indices(lhsBatch);
    Value place = firstRow ? loops.sub(row, firstRow) : row;
    indices.push_back(loops.add(place, i));
    return loadRow(indices, at);
  };
  auto columnVector = [&](int64_t j, Value at) -> Value {
    if (panelData)
      return loops.load(panelData,
                        {loops.sub(at, depth.begin), loops.index(j * lanes)},
                        lanes);
    SmallVector<Value> indices(rhsBatch);
    if (op.getLayout() == RhsLayout::Panels) {
      indices.append({panel, at, loops.index(j * lanes * tile.getDot())});
      return tile.loadColumns(rhs, indices);
    }
    indices.append({at, loops.add(column, j * lanes)});
    return loops.load(rhs, indices, lanes, masks[j]);
  };
  int64_t step = TileEmitter::getStep(depth.begin, depth.end);
  bool prefetches = tiling.getPrefetch() &&
                    op.getLayout() == RhsLayout::Panels && rhsBatch.empty();
  auto ahead = [&](Value at) {
    if (!prefetches)
      return;
    std::optional<int64_t> rows =
        getNumber(loops.sub(unitRows.end, unitRows.begin));
    std::optional<int64_t> strips;
    if (rows)
      strips = llvm::divideCeil(*rows, tiling.getRows());
    int64_t width = tiling.getColumns() * tile.getDot();
    Value panelSize = loops.mul(k, width);
    Value start =
        loops.add(loops.mul(panel, panelSize), loops.mul(depth.begin, width));
    PanelPrefetch(loops, rhs, width, strips)
        .fetch(start, panelSize,
               loops.div(loops.sub(row, unitRows.begin), tiling.getRows()),
               loops.sub(depth.end, depth.begin), loops.sub(at, depth.begin),
               step);
  };
  std::optional<int64_t> size = getNumber(elements), end = getNumber(depth.end);
  // A shorter step comes by itself.
  Value whole = depth.end;
  if (size && end && *size % tile.getDot())
    whole = loops.index(*end - 1);
  sums = tile.accumulate(depth.begin, whole, sums, count, rowElement,
                         columnVector, ahead);
  if (whole != depth.end)
    sums = tile.accumulate(whole, depth.end, sums, count, rowElement,
                           columnVector);
  loops.ifElse(
      isLast,
      [&]() {
        for (auto [sum, run] : llvm::zip(sums, runs))
          epilogue.finish(sum, run);
        return SmallVector<Value>();
      },
      [&]() {
        for (auto [sum, run] : llvm::zip(sums, runs))
          epilogue.storePartial(sum, run);
        return SmallVector<Value>();
      });
}

void GemmExpansion::emitPanel(Range rows, Value panel, bool isTail, Range depth,
                              Value isFirst, Value isLast) {
  Value data = copiesPanels() ? copyPanel(panel, isTail, depth) : Value();
  loops.strips(
      rows.begin, rows.end, tiling.getRows(),
      [&](Value row, int64_t count) {
        emitTile(row, count, panel, isTail, depth, isFirst, isLast, data);
      },
      isProduced ? Value() : m);
}

void GemmExpansion::emitDepthBlock(Range rows, Range panels, Range depth,
                                   Value isFirst, Value isLast) {
  loops.loop(panels.begin, loops.min(panels.end, fullPanels), 1,
             [&](Value panel) {
               emitPanel(rows, panel, /*isTail=*/false, depth, isFirst, isLast);
             });
  if (getNumber(fullPanels) && getNumber(fullPanels) == getNumber(numPanels))
    return;
  loops.ifTrue(loops.less(fullPanels, panels.end), [&]() {
    emitPanel(rows, fullPanels, /*isTail=*/true, depth, isFirst, isLast);
  });
}

/// The batch indices of an operand: 0 where its axis is 1.
SmallVector<Value> GemmExpansion::getOperandBatch(Value operand) {
  SmallVector<Value> indices;
  for (int64_t axis = 0; axis < batchRank; ++axis) {
    Value isOne = loops.equal(loops.dim(operand, axis), loops.index(1));
    indices.push_back(loops.select(isOne, loops.index(0), batchIndices[axis]));
  }
  return indices;
}

void GemmExpansion::emitUnit(Value unit) {
  int64_t mBlock = tiling.getMBlock(), nBlock = tiling.getNBlock();
  Value mBlocks = mBlock ? loops.divUp(m, mBlock) : loops.index(1);
  Value nBlocks = nBlock ? loops.divUp(numPanels, nBlock) : loops.index(1);
  SmallVector<Value> sizes(batchSizes);
  sizes.append({nBlocks, mBlocks});
  SmallVector<Value> place = loops.delinearize(unit, sizes);
  batchIndices.assign(place.begin(), place.begin() + batchRank);
  lhsBatch = getOperandBatch(lhs);
  rhsBatch = getOperandBatch(rhs);
  Range rows{loops.index(0), m}, panels{loops.index(0), numPanels};
  if (mBlock) {
    rows.begin = loops.mul(place[batchRank + 1], mBlock);
    rows.end = loops.min(loops.add(rows.begin, mBlock), m);
  }
  if (nBlock) {
    panels.begin = loops.mul(place[batchRank], nBlock);
    panels.end = loops.min(loops.add(panels.begin, nBlock), numPanels);
  }
  if (convertsRows())
    convertRows(rows);
  emitRows(rows, panels);
}

/// True if the rows of a unit are brought to the type of sums once, in place of
/// each element again for each panel (as instructions on single numbers, which
/// would take as long as the sums).
bool GemmExpansion::convertsRows() {
  Type type = cast<MemRefType>(lhs.getType()).getElementType();
  std::optional<int64_t> rows =
      tiling.getMBlock() ? int64_t(tiling.getMBlock()) : getNumber(m);
  std::optional<int64_t> depth = getNumber(k), panels = getNumber(numPanels);
  return type != op.getSumType() && isa<FloatType>(type) && rows && depth &&
         *rows > 1 && (!panels || *panels > 1) &&
         *rows * *depth * op.getSumType().getIntOrFloatBitWidth() / 8 <=
             target.getL2Kib() * 1024 / 2;
}

void GemmExpansion::convertRows(Range rows) {
  int64_t lanes = tiling.getLanes(), depth = *getNumber(k);
  Value count = tiling.getMBlock() ? loops.index(tiling.getMBlock()) : Value(m);
  Value converted = loops.allocate({count, k}, op.getSumType());
  auto convert = [&](Value row, Value at, Value mask) {
    SmallVector<Value> from(lhsBatch);
    from.append({row, at});
    Value numbers = tile.convert(loops.load(lhs, from, lanes, mask));
    loops.store(numbers, converted, {loops.sub(row, rows.begin), at}, mask);
  };
  int64_t full = depth / lanes * lanes;
  loops.loop(rows.begin, rows.end, 1, [&](Value row) {
    loops.loop(loops.index(0), loops.index(full), lanes,
               [&](Value at) { convert(row, at, {}); });
    if (depth > full)
      convert(row, loops.index(full),
              loops.firstLanes(loops.index(depth - full), lanes));
  });
  lhs = converted;
  lhsBatch.clear();
  firstRow = rows.begin;
}

void GemmExpansion::emitProduced(Value rows, Value begin, Value count) {
  lhs = rows;
  firstRow = begin;
  emitRows({begin, loops.add(begin, count)}, {loops.index(0), numPanels});
}

void GemmExpansion::emitRows(Range rows, Range panels) {
  unitRows = rows;
  OpBuilder &b = loops.builder;
  Value yes = arith::ConstantOp::create(b, loops.loc, b.getBoolAttr(true));
  if (!kBlock)
    return emitDepthBlock(rows, panels, {loops.index(0), k}, yes, yes);
  // Whole blocks have a known size; the last one, shorter or not, is apart.
  Value last =
      loops.mul(loops.max(loops.sub(loops.divUp(k, kBlock), loops.index(1)),
                          loops.index(0)),
                kBlock);
  Value no = arith::ConstantOp::create(b, loops.loc, b.getBoolAttr(false));
  loops.loop(loops.index(0), last, kBlock, [&](Value at) {
    Value isFirst = loops.equal(at, loops.index(0));
    emitDepthBlock(rows, panels, {at, loops.add(at, kBlock)}, isFirst, no);
  });
  Value isFirst = loops.equal(last, loops.index(0));
  emitDepthBlock(rows, panels, {last, k}, isFirst, yes);
}

LogicalResult GemmExpansion::prepare() {
  if (failed(epilogue.verify()))
    return failure();
  if (tile.getDot() > 1 && op.getLayout() != RhsLayout::Panels)
    return op.emitOpError("expects a packed right operand with 'dot'");
  batchRank = op.getBatch();
  int64_t rank = cast<MemRefType>(op.getLhs().getType()).getRank();
  if (!isProduced)
    lhs = loops.collapse(op.getLhs(), batchRank, rank - 1);
  rhs = op.getRhs();
  for (int64_t axis = 0; axis < batchRank; ++axis)
    batchSizes.push_back(loops.dim(op.getInit(), axis));
  m = loops.index(1);
  for (int64_t axis = batchRank; axis < rank - 1; ++axis) {
    rowSizes.push_back(loops.dim(op.getInit(), axis));
    m = loops.mul(m, rowSizes.back());
  }
  n = loops.dim(op.getInit(), rank - 1);
  elements = loops.dim(op.getLhs(), rank - 1);
  k = loops.divUp(elements, tile.getDot());
  // A step of bytes is one run.
  if (tile.getDot() > 1)
    rhs = loops.collapse(rhs, batchRank + 2, batchRank + 4);
  // Only a result of the type of sums can hold them between blocks.
  std::optional<int64_t> depth = getNumber(k);
  kBlock = epilogue.canHoldPartial() ? tiling.getKBlock() : 0;
  if (depth && *depth <= kBlock)
    kBlock = 0;
  numPanels = loops.divUp(n, tiling.getColumns());
  fullPanels = loops.div(n, tiling.getColumns());
  return success();
}

void GemmExpansion::run() {
  Value units = loops.index(1);
  for (Value size : batchSizes)
    units = loops.mul(units, size);
  if (tiling.getMBlock())
    units = loops.mul(units, loops.divUp(m, tiling.getMBlock()));
  if (tiling.getNBlock())
    units = loops.mul(units, loops.divUp(numPanels, tiling.getNBlock()));
  loops.units(units, [&](Value unit) { emitUnit(unit); });
}

LogicalResult mlir::nnc::kern::expandGemm(OpBuilder &builder, GemmOp op,
                                          hw::TargetAttr target) {
  GemmExpansion expansion(builder, op, target, /*isProduced=*/false);
  if (failed(expansion.prepare()))
    return failure();
  expansion.run();
  return success();
}

LogicalResult mlir::nnc::kern::expandGemms(OpBuilder &builder,
                                           ArrayRef<GemmOp> ops,
                                           hw::TargetAttr target,
                                           RowProducer &producer) {
  std::vector<std::unique_ptr<GemmExpansion>> expansions;
  for (GemmOp op : ops) {
    expansions.push_back(std::make_unique<GemmExpansion>(builder, op, target,
                                                         /*isProduced=*/true));
    if (failed(expansions.back()->prepare()))
      return failure();
  }
  auto type = cast<MemRefType>(ops.front()->getOperand(0).getType());
  LoopBuilder loops(builder, GemmOp(ops.back()).getLoc());
  loops.units(producer.getNumUnits(), [&](Value unit) {
    auto [begin, count] = producer.getRows(unit);
    Value rows = loops.allocate(
        {producer.getMostRows(), loops.index(type.getShape().back())},
        type.getElementType());
    producer.emit(unit, rows);
    for (const auto &expansion : expansions)
      expansion->emitProduced(rows, begin, count);
  });
  return success();
}
