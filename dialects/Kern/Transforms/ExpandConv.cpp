//===----------------------------------------------------------------------===//
// Expansion of convolutions: products of input runs with panels of the filter,
// without a matrix of windows in memory.
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

namespace {
class ConvExpansion {
public:
  ConvExpansion(OpBuilder &builder, ConvOp op, hw::TargetAttr target)
      : loops(builder, op.getLoc()), op(op), tiling(op.getTilingAttr()),
        epilogue(loops, op, tiling.getLanes()),
        tile(loops, op.getSumType(), tiling.getLanes(), target.getFma(),
             getByteProducts(op)),
        filter(cast<MemRefType>(op.getFilter().getType()).getShape()),
        window(loops, op.getInput(), op.getInit(),
               filter.slice(2, op.getStrides().size()), op.getStrides(),
               op.getDilations(), op.getPads()) {
    groups = op.getGroup();
    channels =
        cast<MemRefType>(op.getInput().getType()).getShape().back() / groups;
    panels = filter[1];
    features =
        cast<MemRefType>(op.getInit().getType()).getShape().back() / groups;
  }

  LogicalResult run();

private:
  /// Where a unit, or a tile in it, is.
  struct Place {
    Value batch, group, plane, line, column;
  };

  void emitUnit(ArrayRef<Value> place);
  void emitPanel(const Place &place, Value panel, bool isTail, Value lineEnd);
  void emitTile(const Place &place, int64_t count, Value panel, bool isTail,
                Value firstLine);
  SmallVector<Value> accumulate(const Place &place, int64_t count, Value panel,
                                int64_t vectors, Value firstLine);
  Value loadInput(const Place &place, int64_t pixel, Value kd, Value kh,
                  Value kw, Value channel, Value firstLine);
  int64_t getLinesOfUnit() const;
  int64_t getVectors(bool isTail) const {
    return isTail ? llvm::divideCeil(features % tiling.getColumns(),
                                     tiling.getLanes())
                  : tiling.getVectors();
  }
  /// True if a step of bytes reads beyond the last channel.
  bool needsSlack() const { return channels % tile.getDot() != 0; }
  /// Elements of a vector of the input.
  int64_t getCopyLanes() const { return tiling.getLanes() * tile.getDot(); }
  /// True if the elements of a window's line are one run of the source.
  bool isRun() const {
    return window.width.dilation == 1 && (padded || groups == 1);
  }

  LoopBuilder loops;
  ConvOp op;
  hw::TilingAttr tiling;
  EpilogueEmitter epilogue;
  TileEmitter tile;
  ArrayRef<int64_t> filter;
  Window window;
  int64_t groups;
  /// Of a group.
  int64_t channels, panels, features;
  Value weights; ///< [group * panels, depth, columns]
  Value input;   ///< The op's, or a copy with zeros around.
  Value source;  ///< `input`, or lines of it with zeros around.
  std::optional<PaddedLines> padded;
};
} // namespace

/// Output lines of a unit: `m_block` counts pixels.
int64_t ConvExpansion::getLinesOfUnit() const {
  std::optional<int64_t> width = getNumber(window.width.output);
  if (!tiling.getMBlock())
    return 0;
  return std::max<int64_t>(1, tiling.getMBlock() /
                                  std::max<int64_t>(width.value_or(64), 1));
}

Value ConvExpansion::loadInput(const Place &place, int64_t pixel, Value kd,
                               Value kh, Value kw, Value channel,
                               Value firstLine) {
  const WindowLine &depth = window.depth, &height = window.height,
                   &width = window.width;
  Value column = loops.mul(loops.add(place.column, pixel), width.stride);
  // With kw and channel in one, kw is 0.
  auto inRun = [&]() {
    return loops.add(loops.mul(loops.add(column, kw), channels), channel);
  };
  if (padded) {
    Value line =
        loops.add(loops.mul(loops.sub(place.line, firstLine), height.stride),
                  loops.mul(kh, height.dilation));
    if (isRun())
      return tile.loadFactor(source, {kd, line, inRun()});
    column = loops.add(column, loops.mul(kw, width.dilation));
    return tile.loadFactor(source, {kd, line, column, channel});
  }
  Value plane = loops.add(loops.mul(place.plane, depth.stride),
                          loops.mul(kd, depth.dilation));
  Value line = loops.add(loops.mul(place.line, height.stride),
                         loops.mul(kh, height.dilation));
  SmallVector<Value> indices;
  if (isRun()) {
    indices = window.getIndices(place.batch, plane, line, inRun(), channel);
    indices.pop_back();
  } else {
    column = loops.add(column, loops.mul(kw, width.dilation));
    indices =
        window.getIndices(place.batch, plane, line, column,
                          loops.add(loops.mul(place.group, channels), channel));
  }
  return tile.loadFactor(source, indices);
}

SmallVector<Value> ConvExpansion::accumulate(const Place &place, int64_t count,
                                             Value panel, int64_t vectors,
                                             Value firstLine) {
  int64_t lanes = tiling.getLanes(), dot = tile.getDot();
  // Steps of bytes end with each place.
  int64_t steps = llvm::divideCeil(channels, dot);
  bool isJoint = isRun() && channels % dot == 0;
  int64_t kernelW = isJoint ? 1 : window.width.kernel;
  int64_t inner = isJoint ? window.width.kernel * steps : steps;
  int64_t width = tiling.getColumns() * dot;
  Value zero = loops.index(0);
  auto level = [&](int64_t size, ArrayRef<Value> init,
                   LoopBuilder::CarryingBody body) {
    return loops.loop(zero, loops.index(size), 1, init, body);
  };
  Value depth =
      loops.index(window.depth.kernel * window.height.kernel * kernelW * inner);
  auto innermost = [&](Value kd, Value kh, Value kw, ArrayRef<Value> sums) {
    Value row = loops.add(loops.mul(kd, window.height.kernel), kh);
    Value base = loops.mul(loops.add(loops.mul(row, kernelW), kw), inner);
    Value end = loops.index(inner);
    int64_t step = TileEmitter::getStep(zero, end);
    auto ahead = [&](Value at) {
      if (!tiling.getPrefetch())
        return;
      std::optional<int64_t> places = getNumber(window.width.output);
      int64_t strips = llvm::divideCeil(places.value_or(64), tiling.getRows()) *
                       std::max<int64_t>(getLinesOfUnit(), 4);
      Value size = loops.mul(depth, width);
      Value strip = loops.add(
          loops.mul(loops.sub(place.line, firstLine),
                    loops.divUp(window.width.output, tiling.getRows())),
          loops.div(place.column, tiling.getRows()));
      PanelPrefetch(loops, weights, width, strips)
          .fetch(loops.mul(panel, size), size, strip, depth,
                 loops.add(base, at), step);
    };
    return tile.accumulate(
        zero, end, sums, count,
        [&](int64_t pixel, Value at) {
          return loadInput(place, pixel, kd, kh, kw, loops.mul(at, dot),
                           firstLine);
        },
        [&](int64_t j, Value at) {
          return tile.loadColumns(weights, {panel, loops.add(base, at),
                                            loops.index(j * lanes * dot)});
        },
        ahead);
  };
  return level(window.depth.kernel, tile.zeros(count * vectors),
               [&](Value kd, ArrayRef<Value> planeSums) {
                 return level(window.height.kernel, planeSums,
                              [&](Value kh, ArrayRef<Value> lineSums) {
                                return level(
                                    kernelW, lineSums,
                                    [&](Value kw, ArrayRef<Value> sums) {
                                      return innermost(kd, kh, kw, sums);
                                    });
                              });
               });
}

void ConvExpansion::emitTile(const Place &place, int64_t count, Value panel,
                             bool isTail, Value firstLine) {
  int64_t vectors = getVectors(isTail), lanes = tiling.getLanes();
  Value whole = loops.add(loops.mul(place.group, panels), panel);
  SmallVector<Value> sums = accumulate(place, count, whole, vectors, firstLine);
  Value feature = loops.add(loops.mul(place.group, features),
                            loops.mul(panel, tiling.getColumns()));
  int64_t rest = features % tiling.getColumns();
  for (int64_t pixel = 0; pixel < count; ++pixel)
    for (int64_t j = 0; j < vectors; ++j) {
      ResultRun run;
      run.indices = window.getIndices(place.batch, place.plane, place.line,
                                      loops.add(place.column, pixel),
                                      loops.add(feature, j * lanes));
      if (isTail && rest < (j + 1) * lanes)
        run.mask = loops.firstLanes(loops.index(rest - j * lanes), lanes);
      epilogue.finish(sums[pixel * vectors + j], run);
    }
}

void ConvExpansion::emitPanel(const Place &place, Value panel, bool isTail,
                              Value lineEnd) {
  loops.loop(place.line, lineEnd, 1, [&](Value line) {
    Place tilePlace = place;
    tilePlace.line = line;
    loops.strips(loops.index(0), window.width.output, tiling.getRows(),
                 [&](Value column, int64_t count) {
                   tilePlace.column = column;
                   emitTile(tilePlace, count, panel, isTail, place.line);
                 });
  });
}

void ConvExpansion::emitUnit(ArrayRef<Value> at) {
  Place place{at[0], at[1], at[2], {}, loops.index(0)};
  int64_t lines = getLinesOfUnit(), nBlock = tiling.getNBlock();
  place.line = lines ? loops.mul(at[4], lines) : loops.index(0);
  Value lineEnd =
      lines ? loops.min(loops.add(place.line, lines), window.height.output)
            : window.height.output;
  if (window.isPadded() || needsSlack()) {
    padded.emplace(loops, window, input,
                   lines ? loops.index(lines) : window.height.output, channels,
                   getCopyLanes(), getPadding(op),
                   needsSlack() ? tile.getDot() : 0);
    padded->fill(place.batch, place.plane, place.line,
                 loops.mul(place.group, channels));
    source = isRun() ? loops.collapse(padded->memref, 2, 4) : padded->memref;
  } else {
    source = input;
    if (isRun())
      source = loops.collapse(source, window.rank, window.rank + 2);
  }
  Value first = nBlock ? loops.mul(at[3], nBlock) : loops.index(0);
  Value last = nBlock ? loops.min(loops.add(first, nBlock), loops.index(panels))
                      : loops.index(panels);
  int64_t full = features / tiling.getColumns();
  loops.loop(first, loops.min(last, loops.index(full)), 1, [&](Value panel) {
    emitPanel(place, panel, /*isTail=*/false, lineEnd);
  });
  if (full == panels)
    return;
  loops.ifTrue(loops.less(loops.index(full), last), [&]() {
    emitPanel(place, loops.index(full), /*isTail=*/true, lineEnd);
  });
}

LogicalResult ConvExpansion::run() {
  if (!op.getPacked())
    return op.emitOpError("expects a packed filter");
  if (failed(epilogue.verify()))
    return failure();
  // [group, panel, kernel..., channels, columns]
  int64_t rank = window.rank;
  weights = op.getFilter();
  if (tile.getDot() > 1)
    weights = loops.collapse(weights, rank + 3, rank + 5);
  weights = loops.collapse(weights, 2, rank + 3);
  weights = loops.collapse(weights, 0, 2);
  int64_t lines = getLinesOfUnit(), nBlock = tiling.getNBlock();
  // Units that share lines also share their copy.
  input = op.getInput();
  if (nBlock && nBlock < panels && window.isPadded() && !needsSlack())
    input = padInput(loops, window, input, getCopyLanes(), getPadding(op));
  SmallVector<Value> sizes{
      window.batch, loops.index(groups), window.depth.output,
      nBlock ? loops.index(llvm::divideCeil(panels, nBlock)) : loops.index(1),
      lines ? loops.divUp(window.height.output, lines) : loops.index(1)};
  Value units = loops.index(1);
  for (Value size : sizes)
    units = loops.mul(units, size);
  loops.units(units,
              [&](Value unit) { emitUnit(loops.delinearize(unit, sizes)); });
  return success();
}

LogicalResult mlir::nnc::kern::expandConv(OpBuilder &builder, ConvOp op,
                                          hw::TargetAttr target) {
  return ConvExpansion(builder, op, target).run();
}
