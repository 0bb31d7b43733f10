//===----------------------------------------------------------------------===//
// Expansion of convolutions by Winograd's transform: A. Lavin and S. Gray,
// "Fast Algorithms for Convolutional Neural Networks", 2015.
//
// Panels are the outer loop of the products, so that transformed weights are
// read once and in the order of their addresses, and the products of a panel
// are transformed while they are in the cache.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "EpilogueEmitter.h"
#include "Expand.h"
#include "TileEmitter.h"
#include "Window.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::kern;

/// The matrices of the paper, row-major. Points 0, 1, -1 (and 2, -2) and
/// infinity.
static constexpr double inputTransform2[] = {1, 0,  -1, 0, 0, 1, 1, 0,
                                             0, -1, 1,  0, 0, 1, 0, -1};
static constexpr double outputTransform2[] = {1, 1, 1, 0, 0, 1, -1, -1};
static constexpr double inputTransform4[] = {
    4, 0,  -5, 0, 1, 0, 0, -4, -4, 1,  1, 0, 0, 4, -4, -1, 1, 0,
    0, -2, -1, 2, 1, 0, 0, 2,  -1, -2, 1, 0, 0, 4, 0,  -5, 0, 1};
static constexpr double outputTransform4[] = {
    1, 1, 1, 1, 1, 0, 0, 1, -1, 2, -2, 0, 0, 1, 1, 4, 4, 0, 0, 1, -1, 8, -8, 1};

namespace {
class WinogradExpansion {
public:
  WinogradExpansion(OpBuilder &builder, WinogradOp op, hw::TargetAttr target)
      : loops(builder, op.getLoc()), op(op), tiling(op.getTilingAttr()),
        epilogue(loops, op, tiling.getLanes()),
        tile(loops, op.getSumType(), tiling.getLanes(), target.getFma()),
        window(loops, op.getInput(), op.getInit(), {3, 3}, {1, 1}, {1, 1},
               op.getPads()),
        size(op.getTile()), span(size + 2) {
    channels = cast<MemRefType>(op.getInput().getType()).getShape().back();
    features = cast<MemRefType>(op.getInit().getType()).getShape().back();
    panels = llvm::divideCeil(features, tiling.getColumns());
  }

  LogicalResult run();

private:
  /// A run of lines of tiles, counted over all batches.
  struct Lines {
    Value begin, end;
  };

  void transformInput(Value line, Value number, Value transformed);
  void transformTile(ArrayRef<Value> line, Value column, Value number,
                     Value transformed);
  void transformChannels(Value batch, Value y, Value x, Value channel,
                         bool isTail, Value number, Value transformed,
                         function_ref<Value(int64_t, int64_t)> exists);
  void multiplyPanel(Value panel, Value transformed, Value products,
                     Value tiles);
  void transformPanel(Value panel, bool isTail, Lines lines, Value products);
  void transformOutput(Value panel, int64_t vector, bool isTail, Value line,
                       Value column, Value number, Value products);
  void emitPanels(Value begin, Value end, Lines lines, Value transformed,
                  Value products);
  /// rows x columns elements of `matrix` times the rows of `from`, whose rows
  /// have `width` elements: the result is rows x width.
  SmallVector<Value> multiply(ArrayRef<double> matrix, int64_t rows,
                              ArrayRef<Value> from, int64_t width);
  SmallVector<Value> transpose(ArrayRef<Value> from, int64_t rows);
  Value combine(Value sum, Value value, double factor);

  LoopBuilder loops;
  WinogradOp op;
  hw::TilingAttr tiling;
  EpilogueEmitter epilogue;
  TileEmitter tile;
  Window window;
  int64_t size, span;
  int64_t channels, features, panels;
  Value tileLines, tileColumns; ///< Of one batch.
};
} // namespace

//===----------------------------------------------------------------------===//
// Small matrices of vectors
//===----------------------------------------------------------------------===//

Value WinogradExpansion::combine(Value sum, Value value, double factor) {
  OpBuilder &b = loops.builder;
  if (factor == 0)
    return sum;
  if (factor == 1)
    return sum ? Value(arith::AddFOp::create(b, loops.loc, sum, value)) : value;
  if (factor == -1)
    return sum ? Value(arith::SubFOp::create(b, loops.loc, sum, value))
               : Value(arith::NegFOp::create(b, loops.loc, value));
  VectorType type = tile.getVectorType();
  Value constant = arith::ConstantOp::create(
      b, loops.loc,
      DenseElementsAttr::get(
          type, b.getFloatAttr(type.getElementType(), factor).getValue()));
  return sum ? tile.multiplyAdd(constant, value, sum)
             : Value(arith::MulFOp::create(b, loops.loc, constant, value));
}

SmallVector<Value> WinogradExpansion::multiply(ArrayRef<double> matrix,
                                               int64_t rows,
                                               ArrayRef<Value> from,
                                               int64_t width) {
  int64_t inner = from.size() / width;
  SmallVector<Value> result;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < width; ++column) {
      Value sum;
      // Start with what needs no negation.
      for (bool positive : {true, false})
        for (int64_t k = 0; k < inner; ++k)
          if ((matrix[row * inner + k] > 0) == positive)
            sum =
                combine(sum, from[k * width + column], matrix[row * inner + k]);
      result.push_back(sum);
    }
  return result;
}

SmallVector<Value> WinogradExpansion::transpose(ArrayRef<Value> from,
                                                int64_t rows) {
  int64_t columns = from.size() / rows;
  SmallVector<Value> result;
  for (int64_t column = 0; column < columns; ++column)
    for (int64_t row = 0; row < rows; ++row)
      result.push_back(from[row * columns + column]);
  return result;
}

//===----------------------------------------------------------------------===//
// Input
//===----------------------------------------------------------------------===//

/// Tile at (y, x) of the input, 16 or 36 vectors of channels, into place
/// `number` of [positions, tiles, channels]. `exists` is null inside.
void WinogradExpansion::transformChannels(
    Value batch, Value y, Value x, Value channel, bool isTail, Value number,
    Value transformed, function_ref<Value(int64_t, int64_t)> exists) {
  int64_t lanes = tiling.getLanes();
  Value tail;
  if (isTail)
    tail = loops.firstLanes(loops.index(channels % lanes), lanes);
  SmallVector<Value> elements;
  for (int64_t i = 0; i < span; ++i)
    for (int64_t j = 0; j < span; ++j) {
      SmallVector<Value> indices{batch, loops.add(y, i), loops.add(x, j),
                                 channel};
      Value mask = tail;
      if (exists) {
        Value own = tile.broadcast(exists(i, j));
        mask = tail ? loops.both(tail, own) : own;
      }
      elements.push_back(
          tile.convert(loops.load(op.getInput(), indices, lanes, mask)));
    }
  ArrayRef<double> matrix =
      size == 2 ? ArrayRef<double>(inputTransform2) : inputTransform4;
  // B^T d B as B^T (B^T d^T)^T.
  SmallVector<Value> half = multiply(matrix, span, elements, span);
  SmallVector<Value> whole =
      transpose(multiply(matrix, span, transpose(half, span), span), span);
  for (auto [position, value] : llvm::enumerate(whole)) {
    loops.store(value, transformed, {loops.index(position), number, channel},
                tail);
  }
}

void WinogradExpansion::transformTile(ArrayRef<Value> line, Value column,
                                      Value number, Value transformed) {
  Value y =
      loops.sub(loops.mul(line[1], size), loops.index(window.height.padBefore));
  Value x =
      loops.sub(loops.mul(column, size), loops.index(window.width.padBefore));
  int64_t lanes = tiling.getLanes(), full = channels / lanes * lanes;
  auto all = [&](function_ref<Value(int64_t, int64_t)> exists) {
    loops.loop(loops.index(0), loops.index(full), lanes, [&](Value channel) {
      transformChannels(line[0], y, x, channel, false, number, transformed,
                        exists);
    });
    if (channels % lanes)
      transformChannels(line[0], y, x, loops.index(full), true, number,
                        transformed, exists);
    return SmallVector<Value>();
  };
  auto isInside = [&](Value place, Value limit) {
    return loops.both(loops.less(loops.index(-1), place),
                      loops.less(place, limit));
  };
  Value inside = loops.both(
      loops.both(isInside(y, window.height.input),
                 isInside(loops.add(y, span - 1), window.height.input)),
      loops.both(isInside(x, window.width.input),
                 isInside(loops.add(x, span - 1), window.width.input)));
  loops.ifElse(
      inside, [&]() { return all(nullptr); },
      [&]() {
        SmallVector<Value> rows, columns;
        for (int64_t i = 0; i < span; ++i) {
          rows.push_back(isInside(loops.add(y, i), window.height.input));
          columns.push_back(isInside(loops.add(x, i), window.width.input));
        }
        return all([&](int64_t i, int64_t j) {
          return loops.both(rows[i], columns[j]);
        });
      });
}

void WinogradExpansion::transformInput(Value line, Value number,
                                       Value transformed) {
  SmallVector<Value> place = loops.delinearize(line, {window.batch, tileLines});
  loops.loop(loops.index(0), tileColumns, 1, [&](Value column) {
    transformTile(place, column, loops.add(number, column), transformed);
  });
}

//===----------------------------------------------------------------------===//
// Products and output
//===----------------------------------------------------------------------===//

/// products[position, tile] = transformed[position, tile] times the panel.
void WinogradExpansion::multiplyPanel(Value panel, Value transformed,
                                      Value products, Value tiles) {
  OpBuilder &b = loops.builder;
  int64_t lanes = tiling.getLanes(), vectors = tiling.getVectors();
  Value filter = op.getFilter();
  Value zero = loops.index(0), depth = loops.index(channels);
  std::optional<int64_t> strips;
  if (std::optional<int64_t> known = getNumber(tiles))
    strips = llvm::divideCeil(*known, tiling.getRows());
  loops.loop(zero, loops.index(span * span), 1, [&](Value position) {
    Value block = loops.mul(depth, tiling.getColumns());
    Value start =
        loops.mul(loops.add(loops.mul(panel, span * span), position), block);
    loops.strips(
        zero, tiles, tiling.getRows(), [&](Value first, int64_t count) {
          auto ahead = [&](Value at) {
            if (tiling.getPrefetch())
              PanelPrefetch(loops, filter, tiling.getColumns(), strips)
                  .fetch(start, block, loops.div(first, tiling.getRows()),
                         depth, at, TileEmitter::getStep(zero, depth));
          };
          SmallVector<Value> sums = tile.accumulate(
              zero, depth, tile.zeros(count * vectors), count,
              [&](int64_t i, Value at) -> Value {
                return memref::LoadOp::create(
                    b, loops.loc, transformed,
                    ValueRange{position, loops.add(first, i), at});
              },
              [&](int64_t j, Value at) {
                return loops.load(filter,
                                  {panel, position, at, loops.index(j * lanes)},
                                  lanes);
              },
              ahead);
          for (int64_t i = 0; i < count; ++i)
            for (int64_t j = 0; j < vectors; ++j)
              loops.store(
                  sums[i * vectors + j], products,
                  {position, loops.add(first, i), loops.index(j * lanes)});
        });
  });
}

void WinogradExpansion::transformOutput(Value panel, int64_t vector,
                                        bool isTail, Value line, Value column,
                                        Value number, Value products) {
  OpBuilder &b = loops.builder;
  int64_t lanes = tiling.getLanes();
  SmallVector<Value> elements;
  for (int64_t position = 0; position < span * span; ++position)
    elements.push_back(loops.load(
        products, {loops.index(position), number, loops.index(vector * lanes)},
        lanes));
  ArrayRef<double> matrix =
      size == 2 ? ArrayRef<double>(outputTransform2) : outputTransform4;
  SmallVector<Value> half = multiply(matrix, size, elements, span);
  SmallVector<Value> whole =
      transpose(multiply(matrix, size, transpose(half, size), size), size);
  SmallVector<Value> place = loops.delinearize(line, {window.batch, tileLines});
  Value feature =
      loops.add(loops.mul(panel, tiling.getColumns()), vector * lanes);
  int64_t rest = features % tiling.getColumns() - vector * lanes;
  Value mask;
  if (isTail && rest < lanes)
    mask = loops.firstLanes(loops.index(rest), lanes);
  auto isWhole = [&](Value limit) {
    std::optional<int64_t> known = getNumber(limit);
    return known && *known % size == 0;
  };
  for (int64_t i = 0; i < size; ++i)
    for (int64_t j = 0; j < size; ++j) {
      Value y = loops.add(loops.mul(place[1], size), i);
      Value x = loops.add(loops.mul(column, size), j);
      Value inside =
          arith::ConstantOp::create(b, loops.loc, b.getBoolAttr(true));
      if (i && !isWhole(window.height.output))
        inside = loops.less(y, window.height.output);
      if (j && !isWhole(window.width.output))
        inside = loops.both(inside, loops.less(x, window.width.output));
      loops.ifTrue(inside, [&]() {
        epilogue.finish(whole[i * size + j], {{place[0], y, x, feature}, mask});
      });
    }
}

void WinogradExpansion::transformPanel(Value panel, bool isTail, Lines lines,
                                       Value products) {
  int64_t vectors = isTail ? llvm::divideCeil(features % tiling.getColumns(),
                                              tiling.getLanes())
                           : tiling.getVectors();
  loops.loop(lines.begin, lines.end, 1, [&](Value line) {
    Value first = loops.mul(loops.sub(line, lines.begin), tileColumns);
    loops.loop(loops.index(0), tileColumns, 1, [&](Value column) {
      for (int64_t vector = 0; vector < vectors; ++vector)
        transformOutput(panel, vector, isTail, line, column,
                        loops.add(first, column), products);
    });
  });
}

void WinogradExpansion::emitPanels(Value begin, Value end, Lines lines,
                                   Value transformed, Value products) {
  Value tiles = loops.mul(loops.sub(lines.end, lines.begin), tileColumns);
  int64_t full = features / tiling.getColumns();
  loops.loop(begin, loops.min(end, loops.index(full)), 1, [&](Value panel) {
    multiplyPanel(panel, transformed, products, tiles);
    transformPanel(panel, /*isTail=*/false, lines, products);
  });
  if (full == panels)
    return;
  loops.ifTrue(loops.less(loops.index(full), end), [&]() {
    multiplyPanel(loops.index(full), transformed, products, tiles);
    transformPanel(loops.index(full), /*isTail=*/true, lines, products);
  });
}

LogicalResult WinogradExpansion::run() {
  if (!op.getPacked())
    return op.emitOpError("expects a packed filter");
  if (failed(epilogue.verify()))
    return failure();
  tileLines = loops.divUp(window.height.output, size);
  tileColumns = loops.divUp(window.width.output, size);
  Value zero = loops.index(0), positions = loops.index(span * span);
  Value allLines = loops.mul(window.batch, tileLines);
  Value columns = loops.index(tiling.getColumns());
  auto transformAll = [&](Lines lines, Value transformed) {
    loops.loop(lines.begin, lines.end, 1, [&](Value line) {
      transformInput(line, loops.mul(loops.sub(line, lines.begin), tileColumns),
                     transformed);
    });
  };
  if (tiling.getMBlock()) {
    // A unit transforms its own lines and multiplies them with all panels.
    Value own = loops.max(loops.div(loops.index(tiling.getMBlock()),
                                    loops.max(tileColumns, loops.index(1))),
                          loops.index(1));
    Value numUnits =
        loops.div(loops.add(allLines, loops.sub(own, loops.index(1))), own);
    loops.units(numUnits, [&](Value unit) {
      Lines lines{loops.mul(unit, own), {}};
      lines.end = loops.min(loops.add(lines.begin, own), allLines);
      Value most = loops.mul(tileColumns, own);
      Value transformed = loops.allocate(
          {positions, most, loops.index(channels)}, op.getSumType());
      Value products =
          loops.allocate({positions, most, columns}, op.getSumType());
      transformAll(lines, transformed);
      emitPanels(zero, loops.index(panels), lines, transformed, products);
    });
    return success();
  }
  // All lines are transformed first; then a unit has some of the panels.
  Value tiles = loops.mul(allLines, tileColumns);
  Value transformed = loops.allocate({positions, tiles, loops.index(channels)},
                                     op.getSumType());
  loops.units(allLines, [&](Value line) {
    transformInput(line, loops.mul(line, tileColumns), transformed);
  });
  int64_t block = tiling.getNBlock() ? tiling.getNBlock() : panels;
  loops.units(loops.index(llvm::divideCeil(panels, block)), [&](Value unit) {
    Value products =
        loops.allocate({positions, tiles, columns}, op.getSumType());
    Value begin = loops.mul(unit, block);
    emitPanels(begin, loops.min(loops.add(begin, block), loops.index(panels)),
               {zero, allLines}, transformed, products);
  });
  return success();
}

LogicalResult mlir::nnc::kern::expandWinograd(OpBuilder &builder, WinogradOp op,
                                              hw::TargetAttr target) {
  return WinogradExpansion(builder, op, target).run();
}
