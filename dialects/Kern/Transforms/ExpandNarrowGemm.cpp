//===----------------------------------------------------------------------===//
// Expansion of products with matrices in few bits.
//
// Few rows are bound by reading the matrix: codes are widened in registers as
// often as there are strips of rows, and scales are applied to the sums of a
// group. Many rows are bound by multiply-adds: a panel is widened to f32 in
// scratch once for all rows of a unit.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ExpandNarrowGemm.h"
#include "EpilogueEmitter.h"
#include "NarrowCodes.h"
#include "TileEmitter.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::kern;

namespace {
class NarrowGemmExpansion {
public:
  NarrowGemmExpansion(OpBuilder &builder, NarrowGemmOp op,
                      hw::TargetAttr target)
      : loops(builder, op.getLoc()), op(op), tiling(op.getTilingAttr()),
        lanes(tiling.getLanes()), epilogue(loops, op, lanes),
        tile(loops, op.getSumType(), lanes, target.getFma()),
        codes(loops, op.getStored(), lanes, target), target(target) {}

  LogicalResult run();

private:
  /// A range of rows, or of panels.
  struct Range {
    Value begin, end;
  };
  /// A tile in registers: rows from `row` on by the vectors of a panel.
  struct Tile {
    Value row;
    int64_t rows;
    Value panel;
    int64_t vectors;
  };
  /// What codes of a group are multiplied by and what is added then.
  struct Parameters {
    SmallVector<Value> scales, offsets;
  };

  void emitUnit(Value unit);
  void forEachPanel(Range panels, function_ref<void(Value, bool)> body);
  int64_t getVectors(bool isTail) const;
  SmallVector<ResultRun> getRuns(const Tile &tile);
  Parameters loadParameters(Value panel, Value group, int64_t vectors);
  SmallVector<Value> loadElements(const Tile &tile, Value group, Value step);
  Value loadRow(Value row, Value depth);

  void emitDirect(Range rows, Range panels);
  void emitDirectTile(const Tile &tile);
  SmallVector<Value> addGroup(const Tile &tile, Value group, int64_t size,
                              ArrayRef<Value> sums);
  SmallVector<Value> sumGroup(const Tile &tile, Value group, int64_t size);
  void addStep(const Tile &tile, Value group, Value step, int64_t count,
               MutableArrayRef<Value> sums);
  void prefetch(const Tile &tile, Value group, Value step, int64_t steps);

  void emitWide(Range rows, Range panels);
  void emitBlock(Range rows, Range panels, Value begin, int64_t size,
                 Value isFirst, Value isLast);
  Value widenPanel(Value panel, int64_t vectors, Value begin, int64_t size);
  void widenGroup(const Tile &tile, Value group, Value begin, int64_t size,
                  Value copy, Value to);
  int64_t getDepthBlock();

  LoopBuilder loops;
  NarrowGemmOp op;
  hw::TilingAttr tiling;
  int64_t lanes;
  EpilogueEmitter epilogue;
  TileEmitter tile;
  NarrowCodes codes;
  hw::TargetAttr target;
  Value lhs; ///< [M, K]
  SmallVector<Value> rowSizes;
  Value m, numPanels;
  int64_t columns = 0, depth = 0, group = 0, perElement = 1;
};
} // namespace

//===----------------------------------------------------------------------===//
// Shared by both ways
//===----------------------------------------------------------------------===//

/// Of the last panel, or of a full one.
int64_t NarrowGemmExpansion::getVectors(bool isTail) const {
  return isTail ? llvm::divideCeil(columns % tiling.getColumns(), lanes)
                : tiling.getVectors();
}

/// Calls `body` with each panel, and whether it is one of fewer columns.
void NarrowGemmExpansion::forEachPanel(Range panels,
                                       function_ref<void(Value, bool)> body) {
  Value full = loops.index(columns / tiling.getColumns());
  loops.loop(panels.begin, loops.min(panels.end, full), 1,
             [&](Value panel) { body(panel, false); });
  if (columns % tiling.getColumns())
    loops.ifTrue(loops.less(full, panels.end), [&]() { body(full, true); });
}

/// Where the sums of a tile go, row by row.
SmallVector<ResultRun> NarrowGemmExpansion::getRuns(const Tile &tile) {
  SmallVector<ResultRun> runs;
  Value first = loops.mul(tile.panel, tiling.getColumns());
  for (int64_t i = 0; i < tile.rows; ++i)
    for (int64_t j = 0; j < tile.vectors; ++j) {
      ResultRun run;
      run.indices = loops.delinearize(loops.add(tile.row, i), rowSizes);
      run.indices.push_back(loops.add(first, j * lanes));
      // The panel with columns missing has a known number.
      std::optional<int64_t> column = getNumber(run.indices.back());
      if (column && *column + lanes > columns)
        run.mask = loops.firstLanes(loops.index(columns - *column), lanes);
      runs.push_back(run);
    }
  return runs;
}

/// Vectors of scales, and of what zero points add; none where there are none.
NarrowGemmExpansion::Parameters
NarrowGemmExpansion::loadParameters(Value panel, Value group, int64_t vectors) {
  OpBuilder &b = loops.builder;
  Parameters parameters;
  if (!op.getScale())
    return parameters;
  VectorType floats = tile.getVectorType();
  for (int64_t j = 0; j < vectors; ++j) {
    SmallVector<Value> place{panel, group, loops.index(j * lanes)};
    Value scale = tile.convert(loops.load(op.getScale(), place, lanes));
    if (op.getZeroPoint()) {
      Value point = loops.load(op.getZeroPoint(), place, lanes);
      point = arith::ExtSIOp::create(
          b, loops.loc, VectorType::get(lanes, b.getI32Type()), point);
      point = arith::SIToFPOp::create(b, loops.loc, floats, point);
      Value product = arith::MulFOp::create(b, loops.loc, point, scale);
      parameters.offsets.push_back(
          arith::NegFOp::create(b, loops.loc, product));
    }
    if (codes.getFactor() != 1) {
      Value factor = arith::ConstantOp::create(
          b, loops.loc,
          DenseElementsAttr::get(floats, float(codes.getFactor())));
      scale = arith::MulFOp::create(b, loops.loc, scale, factor);
    }
    parameters.scales.push_back(scale);
  }
  return parameters;
}

/// Packed elements of a step of a group, a vector each.
SmallVector<Value> NarrowGemmExpansion::loadElements(const Tile &tile,
                                                     Value group, Value step) {
  SmallVector<Value> elements;
  for (int64_t j = 0; j < tile.vectors; ++j)
    elements.push_back(
        loops.load(op.getWeights(),
                   {tile.panel, group, step, loops.index(j * lanes)}, lanes));
  return elements;
}

Value NarrowGemmExpansion::loadRow(Value row, Value depth) {
  Value element = memref::LoadOp::create(loops.builder, loops.loc, lhs,
                                         ValueRange{row, depth});
  return tile.convert(element);
}

void NarrowGemmExpansion::emitUnit(Value unit) {
  int64_t mBlock = tiling.getMBlock(), nBlock = tiling.getNBlock();
  Value nBlocks = nBlock ? loops.divUp(numPanels, nBlock) : loops.index(1);
  Value mBlocks = mBlock ? loops.divUp(m, mBlock) : loops.index(1);
  SmallVector<Value> place = loops.delinearize(unit, {nBlocks, mBlocks});
  Range rows{loops.index(0), m}, panels{loops.index(0), numPanels};
  if (mBlock) {
    rows.begin = loops.mul(place[1], mBlock);
    rows.end = loops.min(loops.add(rows.begin, mBlock), m);
  }
  if (nBlock) {
    panels.begin = loops.mul(place[0], nBlock);
    panels.end = loops.min(loops.add(panels.begin, nBlock), numPanels);
  }
  Value most = loops.index(getMostDirectRows(tiling, target));
  loops.ifElse(
      loops.less(most, loops.sub(rows.end, rows.begin)),
      [&]() {
        emitWide(rows, panels);
        return SmallVector<Value>();
      },
      [&]() {
        emitDirect(rows, panels);
        return SmallVector<Value>();
      });
}

//===----------------------------------------------------------------------===//
// Few rows: widened in registers
//===----------------------------------------------------------------------===//

void NarrowGemmExpansion::emitDirect(Range rows, Range panels) {
  forEachPanel(panels, [&](Value panel, bool isTail) {
    loops.strips(
        rows.begin, rows.end, getDirectRows(tiling, target),
        [&](Value row, int64_t count) {
          emitDirectTile({row, count, panel, getVectors(isTail)});
        },
        tiling.getMBlock() ? Value() : m);
  });
}

void NarrowGemmExpansion::emitDirectTile(const Tile &place) {
  SmallVector<Value> sums = tile.zeros(place.rows * place.vectors);
  int64_t whole = depth / group, rest = depth % group;
  sums = loops.loop(loops.index(0), loops.index(whole), 1, sums,
                    [&](Value at, ArrayRef<Value> old) {
                      return addGroup(place, at, group, old);
                    });
  if (rest)
    sums = addGroup(place, loops.index(whole), rest, sums);
  for (auto [sum, run] : llvm::zip(sums, getRuns(place)))
    epilogue.finish(sum, run);
}

/// `sums` and the products of a group.
SmallVector<Value> NarrowGemmExpansion::addGroup(const Tile &place, Value at,
                                                 int64_t size,
                                                 ArrayRef<Value> sums) {
  SmallVector<Value> parts = sumGroup(place, at, size);
  Parameters parameters = loadParameters(place.panel, at, place.vectors);
  SmallVector<Value> result;
  for (int64_t i = 0; i < place.rows; ++i)
    for (int64_t j = 0; j < place.vectors; ++j) {
      int64_t number = i * place.vectors + j;
      Value sum = sums[number], part = parts[number];
      if (parameters.scales.empty())
        sum = arith::AddFOp::create(loops.builder, loops.loc, sum, part);
      else
        sum = tile.multiplyAdd(part, parameters.scales[j], sum);
      if (!parameters.offsets.empty())
        sum = tile.multiplyAdd(parts[place.rows * place.vectors + i],
                               parameters.offsets[j], sum);
      result.push_back(sum);
    }
  return result;
}

/// Sums of rows' elements times codes; with zero points also, behind them, of
/// the elements of each row.
SmallVector<Value> NarrowGemmExpansion::sumGroup(const Tile &place, Value at,
                                                 int64_t size) {
  int64_t count = place.rows * (place.vectors + (op.getZeroPoint() ? 1 : 0));
  SmallVector<Value> sums = tile.zeros(count);
  int64_t steps = size / perElement, rest = size % perElement;
  int64_t unrolled = 1;
  while (perElement * unrolled < 8 && steps % (2 * unrolled) == 0)
    unrolled *= 2;
  sums = loops.loop(loops.index(0), loops.index(steps), unrolled, sums,
                    [&](Value step, ArrayRef<Value> old) {
                      SmallVector<Value> current(old);
                      for (int64_t i = 0; i < unrolled; ++i)
                        addStep(place, at, loops.add(step, i), perElement,
                                current);
                      prefetch(place, at, step, unrolled);
                      return current;
                    });
  if (rest)
    addStep(place, at, loops.index(steps), rest, sums);
  return sums;
}

/// Adds the products of the first `count` codes of a step.
void NarrowGemmExpansion::addStep(const Tile &place, Value at, Value step,
                                  int64_t count, MutableArrayRef<Value> sums) {
  OpBuilder &b = loops.builder;
  SmallVector<Value> elements = loadElements(place, at, step);
  Value first = loops.add(loops.mul(at, group), loops.mul(step, perElement));
  for (int64_t code = 0; code < count; ++code) {
    SmallVector<Value> widened;
    for (Value element : elements)
      widened.push_back(codes.widen(element, code));
    for (int64_t i = 0; i < place.rows; ++i) {
      Value factor = tile.broadcast(
          loadRow(loops.add(place.row, i), loops.add(first, code)));
      for (int64_t j = 0; j < place.vectors; ++j) {
        Value &sum = sums[i * place.vectors + j];
        sum = tile.multiplyAdd(factor, widened[j], sum);
      }
      if (op.getZeroPoint()) {
        Value &sum = sums[place.rows * place.vectors + i];
        sum = arith::AddFOp::create(b, loops.loc, sum, factor);
      }
    }
  }
}

/// Asks for what comes some KiB later.
void NarrowGemmExpansion::prefetch(const Tile &place, Value at, Value step,
                                   int64_t steps) {
  if (!tiling.getPrefetch())
    return;
  int64_t perGroup = cast<ShapedType>(op.getWeights().getType()).getDimSize(2);
  int64_t panelSize = op.getGroups() * perGroup * tiling.getColumns();
  PanelPrefetch(loops, op.getWeights(), tiling.getColumns(), /*strips=*/1)
      .fetch(loops.mul(place.panel, panelSize), loops.index(panelSize),
             loops.index(0), loops.index(op.getGroups() * perGroup),
             loops.add(loops.mul(at, perGroup), step), steps);
}

//===----------------------------------------------------------------------===//
// Many rows: a panel widened once
//===----------------------------------------------------------------------===//

/// Products between two visits of the result: whole groups, or parts of the one
/// that there is.
int64_t NarrowGemmExpansion::getDepthBlock() {
  constexpr int64_t wanted = 512;
  if (!epilogue.canHoldPartial() || depth <= 2 * wanted)
    return depth;
  int64_t least = op.getGroups() == 1 ? perElement : group;
  return std::min<int64_t>(depth, llvm::alignTo(wanted, least));
}

void NarrowGemmExpansion::emitWide(Range rows, Range panels) {
  OpBuilder &b = loops.builder;
  Value yes = arith::ConstantOp::create(b, loops.loc, b.getBoolAttr(true));
  Value no = arith::ConstantOp::create(b, loops.loc, b.getBoolAttr(false));
  int64_t block = getDepthBlock();
  int64_t last = (depth - 1) / block * block;
  loops.loop(loops.index(0), loops.index(last), block, [&](Value at) {
    emitBlock(rows, panels, at, block, loops.equal(at, loops.index(0)), no);
  });
  emitBlock(rows, panels, loops.index(last), depth - last, last ? no : yes,
            yes);
}

/// Products of the depth from `begin` on.
void NarrowGemmExpansion::emitBlock(Range rows, Range panels, Value begin,
                                    int64_t size, Value isFirst, Value isLast) {
  auto emitStrip = [&](const Tile &place, Value data) {
    SmallVector<ResultRun> runs = getRuns(place);
    SmallVector<Value> sums = loops.ifElse(
        isFirst, [&]() { return tile.zeros(runs.size()); },
        [&]() {
          return llvm::map_to_vector(runs, [&](const ResultRun &run) {
            return epilogue.loadPartial(run);
          });
        });
    sums = tile.accumulate(
        loops.index(0), loops.index(size), sums, place.rows,
        [&](int64_t i, Value at) {
          return loadRow(loops.add(place.row, i), loops.add(begin, at));
        },
        [&](int64_t j, Value at) {
          return loops.load(data, {at, loops.index(j * lanes)}, lanes);
        });
    for (auto [sum, run] : llvm::zip(sums, runs)) {
      if (getNumber(isLast) != 0)
        epilogue.finish(sum, run);
      else
        epilogue.storePartial(sum, run);
    }
  };
  forEachPanel(panels, [&](Value panel, bool isTail) {
    int64_t vectors = getVectors(isTail);
    Value data = widenPanel(panel, vectors, begin, size);
    loops.strips(
        rows.begin, rows.end, tiling.getRows(),
        [&](Value row, int64_t count) {
          emitStrip({row, count, panel, vectors}, data);
        },
        m);
  });
}

/// [size, columns] of a panel in scratch.
Value NarrowGemmExpansion::widenPanel(Value panel, int64_t vectors, Value begin,
                                      int64_t size) {
  Value copy = loops.allocate(
      {loops.index(size), loops.index(tiling.getColumns())}, op.getSumType());
  Tile place{Value(), 0, panel, vectors};
  if (op.getGroups() == 1) {
    widenGroup(place, loops.index(0), begin, size, copy, loops.index(0));
    return copy;
  }
  Value first = loops.div(begin, group);
  int64_t whole = size / group, rest = size % group;
  loops.loop(loops.index(0), loops.index(whole), 1, [&](Value at) {
    widenGroup(place, loops.add(first, at), loops.index(0), group, copy,
               loops.mul(at, group));
  });
  if (rest)
    widenGroup(place, loops.add(first, whole), loops.index(0), rest, copy,
               loops.index(whole * group));
  return copy;
}

/// `size` rows of a group from its row `begin` on, a multiple of the codes of
/// an element, to row `to` of `copy` and after.
void NarrowGemmExpansion::widenGroup(const Tile &place, Value at, Value begin,
                                     int64_t size, Value copy, Value to) {
  Parameters parameters = loadParameters(place.panel, at, place.vectors);
  Value firstStep = loops.div(begin, perElement);
  auto widenStep = [&](Value step, int64_t count) {
    SmallVector<Value> elements =
        loadElements(place, at, loops.add(firstStep, step));
    Value row = loops.add(to, loops.mul(step, perElement));
    for (int64_t code = 0; code < count; ++code)
      for (auto [j, element] : llvm::enumerate(elements)) {
        Value number = codes.widen(element, code);
        if (!parameters.offsets.empty())
          number = tile.multiplyAdd(number, parameters.scales[j],
                                    parameters.offsets[j]);
        else if (!parameters.scales.empty())
          number = arith::MulFOp::create(loops.builder, loops.loc, number,
                                         parameters.scales[j]);
        loops.store(number, copy,
                    {loops.add(row, code), loops.index(j * lanes)});
      }
  };
  int64_t steps = size / perElement, rest = size % perElement;
  loops.loop(loops.index(0), loops.index(steps), 1,
             [&](Value step) { widenStep(step, perElement); });
  if (rest)
    widenStep(loops.index(steps), rest);
}

//===----------------------------------------------------------------------===//
// The whole
//===----------------------------------------------------------------------===//

LogicalResult NarrowGemmExpansion::run() {
  if (failed(epilogue.verify()))
    return failure();
  if (!op.getPacked())
    return op.emitOpError("expects packed weights; run the pass that packs "
                          "them");
  int64_t rank = cast<MemRefType>(op.getLhs().getType()).getRank();
  lhs = loops.collapse(op.getLhs(), 0, rank - 1);
  m = loops.index(1);
  for (int64_t axis = 0; axis < rank - 1; ++axis) {
    rowSizes.push_back(loops.dim(op.getInit(), axis));
    m = loops.mul(m, rowSizes.back());
  }
  columns = op.getColumns();
  depth = op.getExtents().depth;
  group = op.getGroup();
  perElement = op.getCodesPerElement();
  numPanels = loops.index(llvm::divideCeil(columns, tiling.getColumns()));
  Value units = loops.index(1);
  if (tiling.getMBlock())
    units = loops.mul(units, loops.divUp(m, tiling.getMBlock()));
  if (tiling.getNBlock())
    units = loops.mul(units, loops.divUp(numPanels, tiling.getNBlock()));
  loops.units(units, [&](Value unit) { emitUnit(unit); });
  return success();
}

LogicalResult mlir::nnc::kern::expandNarrowGemm(OpBuilder &builder,
                                                NarrowGemmOp op,
                                                hw::TargetAttr target) {
  return NarrowGemmExpansion(builder, op, target).run();
}
