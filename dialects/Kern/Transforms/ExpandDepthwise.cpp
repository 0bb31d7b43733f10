//===----------------------------------------------------------------------===//
// Expansion of depthwise convolutions: vectors of channels, a tile of pixels.
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
class DepthwiseExpansion {
public:
  DepthwiseExpansion(OpBuilder &builder, DepthwiseOp op, hw::TargetAttr target)
      : loops(builder, op.getLoc()), op(op), tiling(op.getTilingAttr()),
        epilogue(loops, op, tiling.getLanes()),
        tile(loops, op.getSumType(), tiling.getLanes(), target.getFma()),
        window(loops, op.getInput(), op.getInit(), op.getKernel(),
               op.getStrides(), op.getDilations(), op.getPads()) {
    channels = cast<MemRefType>(op.getInit().getType()).getShape().back();
  }

  LogicalResult run();

private:
  /// The first pixel of a tile.
  struct Place {
    Value batch, plane, line, column;
  };

  void emitUnit(ArrayRef<Value> place);
  void emitPixels(const Place &place, int64_t count);
  void emitChannels(const Place &place, int64_t count,
                    function_ref<Value(int64_t)> isColumn);
  void emitTile(const Place &place, int64_t count, Value channel,
                int64_t vectors, bool isTail,
                function_ref<Value(int64_t)> isColumn);
  Value combine(Value mask, Value condition);
  /// The positions of the kernel that lie inside of the input for a result at
  /// `place`: [first, last).
  std::pair<Value, Value> getTaps(const WindowLine &line, Value place);
  Value getInputPlace(const WindowLine &line, Value place, Value tap);
  int64_t getLinesOfUnit() const;

  LoopBuilder loops;
  DepthwiseOp op;
  hw::TilingAttr tiling;
  EpilogueEmitter epilogue;
  TileEmitter tile;
  Window window;
  int64_t channels;
};
} // namespace

int64_t DepthwiseExpansion::getLinesOfUnit() const {
  constexpr int64_t elements = 1 << 13; // a few microseconds
  int64_t width = getNumber(window.width.output).value_or(64);
  return std::max<int64_t>(1,
                           elements / std::max<int64_t>(width * channels, 1));
}

std::pair<Value, Value> DepthwiseExpansion::getTaps(const WindowLine &line,
                                                    Value place) {
  if (!line.padBefore && !line.padAfter)
    return {loops.index(0), loops.index(line.kernel)};
  // Before the input by `before`, ending behind it.
  Value start = loops.mul(place, line.stride);
  Value before =
      loops.max(loops.sub(loops.index(line.padBefore), start), loops.index(0));
  Value rest = loops.max(
      loops.sub(loops.add(line.input, line.padBefore), start), loops.index(0));
  return {
      loops.min(loops.divUp(before, line.dilation), loops.index(line.kernel)),
      loops.min(loops.divUp(rest, line.dilation), loops.index(line.kernel))};
}

Value DepthwiseExpansion::getInputPlace(const WindowLine &line, Value place,
                                        Value tap) {
  Value at =
      loops.add(loops.mul(place, line.stride), loops.mul(tap, line.dilation));
  return loops.sub(at, loops.index(line.padBefore));
}

Value DepthwiseExpansion::combine(Value mask, Value condition) {
  if (!condition)
    return mask;
  Value all = tile.broadcast(condition);
  return mask ? loops.both(mask, all) : all;
}

void DepthwiseExpansion::emitTile(const Place &place, int64_t count,
                                  Value channel, int64_t vectors, bool isTail,
                                  function_ref<Value(int64_t)> isColumn) {
  int64_t lanes = tiling.getLanes(), kernelW = window.width.kernel;
  Value tailMask;
  if (isTail)
    tailMask = loops.firstLanes(loops.index(channels % lanes), lanes);
  auto line = [&](Value kd, Value kh, ArrayRef<Value> old) {
    SmallVector<Value> sums = llvm::to_vector(old);
    Value fromPlane = getInputPlace(window.depth, place.plane, kd);
    Value fromLine = getInputPlace(window.height, place.line, kh);
    Value row = loops.add(loops.mul(kd, window.height.kernel), kh);
    for (int64_t kw = 0; kw < kernelW; ++kw)
      for (int64_t j = 0; j < vectors; ++j) {
        Value at = loops.add(channel, j * lanes);
        Value weight = tile.convert(loops.load(
            op.getFilter(), {loops.add(loops.mul(row, kernelW), kw), at}, lanes,
            tailMask));
        for (int64_t i = 0; i < count; ++i) {
          int64_t offset = i * window.width.stride + kw * window.width.dilation;
          Value column = loops.add(
              getInputPlace(window.width, place.column, loops.index(0)),
              offset);
          Value mask = combine(tailMask, isColumn ? isColumn(offset) : Value());
          Value value = tile.convert(loops.load(
              op.getInput(),
              window.getIndices(place.batch, fromPlane, fromLine, column, at),
              lanes, mask));
          Value &sum = sums[i * vectors + j];
          sum = tile.multiplyAdd(weight, value, sum);
        }
      }
    return sums;
  };
  std::pair<Value, Value> planes = getTaps(window.depth, place.plane);
  std::pair<Value, Value> lines = getTaps(window.height, place.line);
  SmallVector<Value> sums =
      loops.loop(planes.first, planes.second, 1, tile.zeros(count * vectors),
                 [&](Value kd, ArrayRef<Value> planeSums) {
                   return loops.loop(lines.first, lines.second, 1, planeSums,
                                     [&](Value kh, ArrayRef<Value> lineSums) {
                                       return line(kd, kh, lineSums);
                                     });
                 });
  for (int64_t i = 0; i < count; ++i)
    for (int64_t j = 0; j < vectors; ++j) {
      ResultRun run;
      run.indices = window.getIndices(place.batch, place.plane, place.line,
                                      loops.add(place.column, i),
                                      loops.add(channel, j * lanes));
      run.mask = tailMask;
      epilogue.finish(sums[i * vectors + j], run);
    }
}

void DepthwiseExpansion::emitChannels(const Place &place, int64_t count,
                                      function_ref<Value(int64_t)> isColumn) {
  int64_t lanes = tiling.getLanes(), wide = tiling.getColumns();
  int64_t full = channels / wide * wide;
  loops.loop(loops.index(0), loops.index(full), wide, [&](Value channel) {
    emitTile(place, count, channel, tiling.getVectors(), /*isTail=*/false,
             isColumn);
  });
  if (int64_t rest = (channels - full) / lanes)
    emitTile(place, count, loops.index(full), rest, /*isTail=*/false, isColumn);
  if (channels % lanes)
    emitTile(place, count, loops.index(channels - channels % lanes), 1,
             /*isTail=*/true, isColumn);
}

void DepthwiseExpansion::emitPixels(const Place &place, int64_t count) {
  const WindowLine &width = window.width;
  int64_t reach =
      (count - 1) * width.stride + (width.kernel - 1) * width.dilation;
  Value first = getInputPlace(width, place.column, loops.index(0));
  if (!width.padBefore && !width.padAfter)
    return emitChannels(place, count, nullptr);
  Value isInside = loops.both(loops.less(loops.index(-1), first),
                              loops.less(loops.add(first, reach), width.input));
  DenseMap<int64_t, Value> conditions;
  loops.ifElse(
      isInside,
      [&]() {
        emitChannels(place, count, nullptr);
        return SmallVector<Value>();
      },
      [&]() {
        for (int64_t i = 0; i < count; ++i)
          for (int64_t kw = 0; kw < width.kernel; ++kw) {
            int64_t offset = i * width.stride + kw * width.dilation;
            Value at = loops.add(first, offset);
            Value &condition = conditions[offset];
            if (!condition)
              condition = loops.both(loops.less(loops.index(-1), at),
                                     loops.less(at, width.input));
          }
        emitChannels(place, count,
                     [&](int64_t offset) { return conditions[offset]; });
        return SmallVector<Value>();
      });
}

void DepthwiseExpansion::emitUnit(ArrayRef<Value> at) {
  int64_t lines = getLinesOfUnit();
  Value begin = loops.mul(at[2], lines);
  Value end = loops.min(loops.add(begin, lines), window.height.output);
  // Lines inside: those that neighbours share are still in the first cache.
  loops.strips(loops.index(0), window.width.output, tiling.getRows(),
               [&](Value column, int64_t count) {
                 loops.loop(begin, end, 1, [&](Value line) {
                   emitPixels({at[0], at[1], line, column}, count);
                 });
               });
}

LogicalResult DepthwiseExpansion::run() {
  if (!op.getPacked())
    return op.emitOpError("expects a packed filter");
  if (failed(epilogue.verify()))
    return failure();
  SmallVector<Value> sizes{window.batch, window.depth.output,
                           loops.divUp(window.height.output, getLinesOfUnit())};
  Value units = loops.mul(loops.mul(sizes[0], sizes[1]), sizes[2]);
  loops.units(units,
              [&](Value unit) { emitUnit(loops.delinearize(unit, sizes)); });
  return success();
}

LogicalResult mlir::nnc::kern::expandDepthwise(OpBuilder &builder,
                                               DepthwiseOp op,
                                               hw::TargetAttr target) {
  return DepthwiseExpansion(builder, op, target).run();
}
