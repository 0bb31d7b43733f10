//===----------------------------------------------------------------------===//
// Expansion of products with matrices of few blocks.
//
// A unit turns its rows around first: in a panel of them the same step of the
// depth of all rows lies together, wherever the next block stands. Blocks as
// wide as a vector then multiply a vector of columns by a number of each row;
// narrow ones a number of each column by vectors of rows, as in E. Elsen et
// al., "Fast Sparse ConvNets" (arXiv 1911.09723), with several columns a block.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "EpilogueEmitter.h"
#include "Expand.h"
#include "TileEmitter.h"
#include "VectorSquare.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::kern;

namespace {
/// What both forms share.
class SparseExpansion {
public:
  SparseExpansion(OpBuilder &builder, SparseOp op, hw::TargetAttr target)
      : loops(builder, op.getLoc()), op(op), tiling(op.getTilingAttr()),
        lanes(tiling.getLanes()), epilogue(loops, op, lanes),
        tile(loops, op.getSumType(), lanes, target.getFma(),
             // Signs are flipped while rows are turned around.
             {multipliesBytes(op) ? int64_t(op.getDot()) : 0, false}) {}
  virtual ~SparseExpansion() = default;

  LogicalResult run();

protected:
  /// Where the operand has what one position of the window reads for a row.
  struct Source {
    Value offset; ///< Of the first channel, in elements.
    Value exists; ///< An i1, null: yes.
  };

  /// Rows of a unit.
  virtual int64_t countRows() const = 0;
  /// The products of the rows from `first` with all columns.
  virtual void emitProducts(Value first, Value panel) = 0;

  /// An element of a list of i32.
  Value loadNumber(Value list, Value at);
  ResultRun getRun(Value row, Value column, Value mask);
  /// Which lanes of a vector of columns exist; null if all do.
  Value getMask(Value column);
  /// Rows of a panel: those of a unit, to whole squares.
  int64_t countPlaces() const { return llvm::alignTo(countRows(), lanes); }
  Value makePanel(Value first);
  Source getSource(Value row, ArrayRef<Value> position);
  void turnRows(Value first, ArrayRef<Value> position, Value panel);
  SmallVector<Value> turnSquare(ArrayRef<Source> sources, Value channel,
                                int64_t steps);

  LoopBuilder loops;
  SparseOp op;
  hw::TilingAttr tiling;
  int64_t lanes;
  EpilogueEmitter epilogue;
  TileEmitter tile;
  SmallVector<Value> rowSizes;
  Value m, n;
  Value flat;       ///< The operand as one axis.
  int64_t channels; ///< Its last axis.
};

/// Blocks as wide as a vector.
class WideExpansion : public SparseExpansion {
public:
  using SparseExpansion::SparseExpansion;

private:
  int64_t countRows() const override { return tiling.getRows(); }
  void emitProducts(Value first, Value panel) override;
  void emitTile(Value row, int64_t count, Value panel, Value place);
};

/// Narrow blocks.
class NarrowExpansion : public SparseExpansion {
public:
  using SparseExpansion::SparseExpansion;

private:
  int64_t countRows() const override { return lanes * tiling.getVectors(); }
  void emitProducts(Value first, Value panel) override;
  void emitBlocks(Value group, Value panel, Value sums, Value place);
  void emitStrip(Value strip, Value first, Value panel);
};
} // namespace

//===----------------------------------------------------------------------===//
// Shared
//===----------------------------------------------------------------------===//

Value SparseExpansion::loadNumber(Value list, Value at) {
  OpBuilder &b = loops.builder;
  Value number = memref::LoadOp::create(b, loops.loc, list, at);
  return arith::IndexCastUIOp::create(b, loops.loc, b.getIndexType(), number);
}

ResultRun SparseExpansion::getRun(Value row, Value column, Value mask) {
  ResultRun run;
  llvm::append_range(run.indices, loops.delinearize(row, rowSizes));
  run.indices.push_back(column);
  run.mask = mask;
  return run;
}

Value SparseExpansion::getMask(Value column) {
  if (*getNumber(n) % lanes == 0)
    return {};
  return loops.firstLanes(loops.sub(n, column), lanes);
}

LogicalResult SparseExpansion::run() {
  if (failed(epilogue.verify()))
    return failure();
  int64_t rank = cast<MemRefType>(op.getInit().getType()).getRank();
  m = loops.index(1);
  for (int64_t axis = 0; axis < rank - 1; ++axis) {
    rowSizes.push_back(loops.dim(op.getInit(), axis));
    m = loops.mul(m, rowSizes.back());
  }
  n = loops.dim(op.getInit(), rank - 1);
  flat = loops.collapse(op.getLhs(), 0, rank);
  channels = *getNumber(loops.dim(op.getLhs(), rank - 1));
  loops.units(loops.divUp(m, countRows()), [&](Value unit) {
    Value first = loops.mul(unit, countRows());
    emitProducts(first, makePanel(first));
  });
  return success();
}

//===----------------------------------------------------------------------===//
// Panels
//===----------------------------------------------------------------------===//

/// The rows from `first` as [steps of the depth, rows]; bytes of a step lie
/// together.
Value SparseExpansion::makePanel(Value first) {
  Type element = getElementTypeOrSelf(op.getLhs().getType());
  Value panel = loops.allocate({loops.index(op.getDepth() / tile.getDot()),
                                loops.index(countPlaces() * tile.getDot())},
                               element);
  ArrayRef<int64_t> kernel = op.getWindowPart(0);
  SmallVector<Value> position;
  std::function<void()> visit = [&] {
    if (position.size() == kernel.size())
      return turnRows(first, position, panel);
    loops.loop(loops.index(0), loops.index(kernel[position.size()]), 1,
               [&](Value at) {
                 position.push_back(at);
                 visit();
                 position.pop_back();
               });
  };
  visit();
  return panel;
}

/// Rows behind the last are the last: what they make is not written.
SparseExpansion::Source SparseExpansion::getSource(Value row,
                                                   ArrayRef<Value> position) {
  Value last = loops.sub(m, loops.index(1));
  row = loops.min(row, last);
  if (position.empty())
    return {loops.mul(row, channels), {}};
  SmallVector<Value> place = loops.delinearize(row, rowSizes);
  Source source{place[0], {}};
  for (auto [axis, tap] : llvm::enumerate(position)) {
    Value size = loops.dim(op.getLhs(), axis + 1);
    Value at = loops.add(loops.mul(place[axis + 1], op.getWindowPart(1)[axis]),
                         loops.mul(tap, op.getWindowPart(2)[axis]));
    int64_t pad = op.getWindowPart(3)[axis];
    if (pad || op.getWindowPart(4)[axis]) {
      at = loops.sub(at, loops.index(pad));
      Value inside =
          loops.both(loops.less(loops.index(-1), at), loops.less(at, size));
      source.exists =
          source.exists ? loops.both(source.exists, inside) : inside;
      at = loops.max(loops.min(at, loops.sub(size, loops.index(1))),
                     loops.index(0));
    }
    source.offset = loops.add(loops.mul(source.offset, size), at);
  }
  source.offset = loops.mul(source.offset, channels);
  return source;
}

/// A square of as many rows as lanes by as many steps from `channel`, of which
/// `steps` exist: vectors of rows.
SmallVector<Value> SparseExpansion::turnSquare(ArrayRef<Source> sources,
                                               Value channel, int64_t steps) {
  OpBuilder &b = loops.builder;
  int64_t dot = tile.getDot();
  Type element = getElementTypeOrSelf(op.getLhs().getType());
  Type word = dot > 1 ? Type(b.getIntegerType(8 * dot)) : element;
  auto wordType = VectorType::get(lanes, word);
  Value mask;
  if (steps < lanes)
    mask = loops.firstLanes(loops.index(steps * dot), lanes * dot);
  Value zero;
  SmallVector<Value> rows;
  for (const Source &source : sources) {
    Value row =
        loops.load(flat, loops.add(source.offset, channel), lanes * dot, mask);
    if (source.exists) {
      if (!zero)
        zero = arith::ConstantOp::create(b, loops.loc,
                                         b.getZeroAttr(row.getType()));
      row = arith::SelectOp::create(b, loops.loc, source.exists, row, zero);
    }
    if (op.getFlips()) {
      Value tops = arith::ConstantOp::create(
          b, loops.loc,
          DenseElementsAttr::get(cast<VectorType>(row.getType()),
                                 APInt(8, 0x80)));
      row = arith::XOrIOp::create(b, loops.loc, row, tops);
    }
    rows.push_back(
        dot > 1 ? Value(vector::BitCastOp::create(b, loops.loc, wordType, row))
                : row);
  }
  rows = transposeSquare(b, loops.loc, std::move(rows));
  if (dot > 1)
    for (Value &row : rows)
      row = vector::BitCastOp::create(
          b, loops.loc, VectorType::get(lanes * dot, element), row);
  return rows;
}

/// Writes what one position of the window reads for the rows from `first` to
/// the steps of that position.
void SparseExpansion::turnRows(Value first, ArrayRef<Value> position,
                               Value panel) {
  int64_t dot = tile.getDot(), all = channels / dot;
  Value base = loops.index(0);
  for (auto [axis, at] : llvm::enumerate(position))
    base = loops.add(loops.mul(base, op.getWindowPart(0)[axis]), at);
  base = loops.mul(base, all);
  loops.loop(loops.index(0), loops.index(countPlaces()), lanes, [&](Value to) {
    SmallVector<Source> sources;
    for (int64_t i = 0; i < lanes; ++i)
      sources.push_back(
          getSource(loops.add(first, loops.add(to, i)), position));
    auto turn = [&](Value step, int64_t count) {
      SmallVector<Value> square =
          turnSquare(sources, loops.mul(step, dot), count);
      for (int64_t i = 0; i < count; ++i)
        loops.store(square[i], panel,
                    {loops.add(loops.add(base, step), i), loops.mul(to, dot)});
    };
    int64_t whole = all / lanes * lanes;
    loops.loop(loops.index(0), loops.index(whole), lanes,
               [&](Value step) { turn(step, lanes); });
    if (all > whole)
      turn(loops.index(whole), all - whole);
  });
}

//===----------------------------------------------------------------------===//
// Blocks as wide as a vector
//===----------------------------------------------------------------------===//

void WideExpansion::emitProducts(Value first, Value panel) {
  Value end = loops.min(loops.add(first, countRows()), m);
  loops.strips(
      first, end, countRows(),
      [&](Value row, int64_t count) {
        emitTile(row, count, panel, loops.sub(row, first));
      },
      m);
}

/// `count` rows from `row`, which is row `place` of the panel.
void WideExpansion::emitTile(Value row, int64_t count, Value panel,
                             Value place) {
  Value strips = loops.divUp(n, lanes);
  loops.loop(loops.index(0), strips, 1, [&](Value strip) {
    Value begin = loadNumber(op.getStarts(), strip);
    Value end = loadNumber(op.getStarts(), loops.add(strip, 1));
    SmallVector<Value> sums = tile.accumulate(
        begin, end, tile.zeros(count), count,
        [&](int64_t i, Value at) {
          return tile.loadFactor(
              panel, {loadNumber(op.getPlaces(), at),
                      loops.mul(loops.add(place, i), tile.getDot())});
        },
        [&](int64_t, Value at) {
          return tile.loadColumns(op.getValues(), {at, loops.index(0)});
        });
    Value column = loops.mul(strip, lanes), mask = getMask(column);
    for (int64_t i = 0; i < count; ++i)
      epilogue.finish(sums[i], getRun(loops.add(row, i), column, mask));
  });
}

//===----------------------------------------------------------------------===//
// Narrow blocks
//===----------------------------------------------------------------------===//

/// The sums of one group of columns for all places, to rows `place` and
/// following of `sums`.
void NarrowExpansion::emitBlocks(Value group, Value panel, Value sums,
                                 Value place) {
  int64_t columns = op.getColumns(), vectors = tiling.getVectors();
  Value begin = loadNumber(op.getStarts(), group);
  Value end = loadNumber(op.getStarts(), loops.add(group, 1));
  SmallVector<Value> results = loops.loop(
      begin, end, 1, tile.zeros(columns * vectors),
      [&](Value block, ArrayRef<Value> old) {
        SmallVector<Value> current(old);
        Value step = loadNumber(op.getPlaces(), block);
        SmallVector<Value> elements;
        for (int64_t j = 0; j < vectors; ++j)
          elements.push_back(
              loops.load(panel, {step, loops.index(j * lanes)}, lanes));
        for (int64_t i = 0; i < columns; ++i) {
          Value weight = tile.broadcast(
              memref::LoadOp::create(loops.builder, loops.loc, op.getValues(),
                                     ValueRange{block, loops.index(i)}));
          for (int64_t j = 0; j < vectors; ++j) {
            Value &sum = current[i * vectors + j];
            sum = tile.multiplyAdd(weight, elements[j], sum);
          }
        }
        return current;
      });
  for (int64_t i = 0; i < columns; ++i)
    for (int64_t j = 0; j < vectors; ++j)
      loops.store(results[i * vectors + j], sums,
                  {loops.add(place, i), loops.index(j * lanes)});
}

/// A vector of columns for the rows from `first`: sums, turned around, then
/// the epilogue row by row.
void NarrowExpansion::emitStrip(Value strip, Value first, Value panel) {
  int64_t columns = op.getColumns(), places = countPlaces();
  Value sums = loops.allocate({loops.index(lanes), loops.index(places)},
                              op.getSumType());
  Value rows = loops.allocate({loops.index(places), loops.index(lanes)},
                              op.getSumType());
  Value groups = loops.divUp(n, columns);
  Value begin = loops.mul(strip, lanes / columns);
  Value end = loops.min(loops.add(begin, lanes / columns), groups);
  loops.loop(begin, end, 1, [&](Value group) {
    emitBlocks(group, panel, sums, loops.mul(loops.sub(group, begin), columns));
  });
  loops.loop(loops.index(0), loops.index(places), lanes, [&](Value at) {
    SmallVector<Value> square;
    for (int64_t i = 0; i < lanes; ++i)
      square.push_back(loops.load(sums, {loops.index(i), at}, lanes));
    square = transposeSquare(loops.builder, loops.loc, std::move(square));
    for (int64_t i = 0; i < lanes; ++i)
      loops.store(square[i], rows, {loops.add(at, i), loops.index(0)});
  });
  Value column = loops.mul(strip, lanes), mask = getMask(column);
  Value count = loops.min(loops.sub(m, first), loops.index(places));
  loops.loop(loops.index(0), count, 1, [&](Value row) {
    Value results = loops.load(rows, {row, loops.index(0)}, lanes);
    epilogue.finish(results, getRun(loops.add(first, row), column, mask));
  });
}

void NarrowExpansion::emitProducts(Value first, Value panel) {
  loops.loop(loops.index(0), loops.divUp(n, lanes), 1,
             [&](Value strip) { emitStrip(strip, first, panel); });
}

//===----------------------------------------------------------------------===//
// Both
//===----------------------------------------------------------------------===//

LogicalResult mlir::nnc::kern::expandSparse(OpBuilder &builder, SparseOp op,
                                            hw::TargetAttr target) {
  int64_t lanes = op.getTilingAttr().getLanes(), columns = op.getColumns();
  int64_t channels = cast<ShapedType>(op.getLhs().getType()).getShape().back();
  Type rows = getElementTypeOrSelf(op.getLhs().getType()),
       values = getElementTypeOrSelf(op.getValues().getType());
  bool areBytes = multipliesBytes(op) && op.getDot() > 1;
  if (!areBytes && (rows != op.getSumType() || values != op.getSumType()))
    return op.emitOpError("expects elements of the type of sums, or bytes with "
                          "'dot', but got ")
           << rows << " and " << values;
  if (channels % int64_t(op.getDot()))
    return op.emitOpError("expects channels in whole steps of ")
           << op.getDot() << ", but got " << channels;
  if (columns == lanes)
    return WideExpansion(builder, op, target).run();
  if (lanes % columns || areBytes)
    return op.emitOpError("expects blocks as wide as the ")
           << lanes << " lanes of its tiling, or narrower ones of floats that "
           << "divide them, but got " << columns << " columns";
  return NarrowExpansion(builder, op, target).run();
}
