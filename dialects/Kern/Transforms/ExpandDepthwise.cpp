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
class DepthwiseExpansion : public RowProducer {
public:
  DepthwiseExpansion(OpBuilder &builder, DepthwiseOp op, hw::TargetAttr target)
      : loops(builder, op.getLoc()), op(op), tiling(op.getTilingAttr()),
        epilogue(loops, op, tiling.getLanes()),
        tile(loops, op.getSumType(), tiling.getLanes(), target.getFma()),
        window(loops, op.getInput(), op.getInit(), op.getKernel(),
               op.getStrides(), op.getDilations(), op.getPads()),
        target(target) {
    channels = cast<MemRefType>(op.getInit().getType()).getShape().back();
  }

  LogicalResult run();

  /// As a producer of rows.
  LogicalResult prepareRows();
  Value getNumUnits() override;
  std::pair<Value, Value> getRows(Value unit) override;
  Value getMostRows() override;
  void emit(Value unit, Value target) override;

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
  Value chooseLines(int64_t pixelBytes, int64_t cacheBytes);
  Value divideUp(Value a, Value b) {
    return loops.div(loops.add(a, loops.sub(b, loops.index(1))), b);
  }
  LogicalResult verify();
  SmallVector<Value> getUnitSizes();
  void store(Value sums, const Place &place, Value column, Value channel,
             Value mask);

  LoopBuilder loops;
  DepthwiseOp op;
  hw::TilingAttr tiling;
  EpilogueEmitter epilogue;
  TileEmitter tile;
  Window window;
  int64_t channels;
  Value linesOfUnit;
  hw::TargetAttr target;
  /// Where lines from `firstLine` are written, null: into the result.
  Value rows, firstLine;
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
    for (int64_t j = 0; j < vectors; ++j)
      store(sums[i * vectors + j], place, loops.add(place.column, i),
            loops.add(channel, j * lanes), tailMask);
}

void DepthwiseExpansion::store(Value sums, const Place &place, Value column,
                               Value channel, Value mask) {
  ResultRun run;
  run.indices =
      window.getIndices(place.batch, place.plane, place.line, column, channel);
  run.mask = mask;
  if (!rows)
    return epilogue.finish(sums, run);
  Value line = loops.sub(place.line, firstLine);
  Value row = loops.add(loops.mul(line, window.width.output), column);
  loops.store(epilogue.apply(sums, run), rows, {row, channel}, mask);
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
  Value begin = loops.mul(at[2], linesOfUnit);
  Value end = loops.min(loops.add(begin, linesOfUnit), window.height.output);
  // Lines inside: those that neighbours share are still in the first cache.
  loops.strips(loops.index(0), window.width.output, tiling.getRows(),
               [&](Value column, int64_t count) {
                 loops.loop(begin, end, 1, [&](Value line) {
                   emitPixels({at[0], at[1], line, column}, count);
                 });
               });
}

LogicalResult DepthwiseExpansion::verify() {
  if (!op.getPacked())
    return op.emitOpError("expects a packed filter");
  return epilogue.verify();
}

SmallVector<Value> DepthwiseExpansion::getUnitSizes() {
  return {window.batch, window.depth.output,
          divideUp(window.height.output, linesOfUnit)};
}

LogicalResult DepthwiseExpansion::run() {
  if (failed(verify()))
    return failure();
  linesOfUnit = loops.index(getLinesOfUnit());
  SmallVector<Value> sizes = getUnitSizes();
  loops.units(getNumUnits(),
              [&](Value unit) { emitUnit(loops.delinearize(unit, sizes)); });
  return success();
}

//===----------------------------------------------------------------------===//
// As a producer of rows
//===----------------------------------------------------------------------===//

// Lines of a unit: enough rows for the tiles of a product, few enough that they
// stay in the second-level cache beside its weights and that there are units
// for several threads.
static constexpr int64_t fewestRows = 28, wantedUnits = 16;

/// A number of lines, of those that are known, that divides them if one near
/// the right one does.
static int64_t chooseLines(int64_t lines, int64_t width, int64_t lineBytes,
                           int64_t cacheBytes) {
  int64_t fewest = std::clamp<int64_t>(
      llvm::divideCeil(fewestRows, std::max<int64_t>(width, 1)), 1, lines);
  int64_t most =
      std::max<int64_t>(cacheBytes / std::max<int64_t>(lineBytes, 1), fewest);
  int64_t wanted =
      std::clamp<int64_t>(llvm::divideCeil(lines, wantedUnits), fewest, most);
  for (int64_t more = wanted; more <= std::min(2 * wanted, most); ++more)
    if (lines % more == 0 && (more < lines || wanted == lines))
      return more;
  return wanted;
}

/// The same of lines that the run knows, but for whether it divides them.
Value DepthwiseExpansion::chooseLines(int64_t pixelBytes, int64_t cacheBytes) {
  Value one = loops.index(1);
  Value lines = loops.max(window.height.output, one);
  Value width = loops.max(window.width.output, one);
  Value fewest = loops.min(divideUp(loops.index(fewestRows), width), lines);
  Value most = loops.max(
      loops.div(loops.index(cacheBytes), loops.mul(width, pixelBytes)), fewest);
  return loops.min(loops.max(loops.divUp(lines, wantedUnits), fewest), most);
}

LogicalResult DepthwiseExpansion::prepareRows() {
  if (failed(verify()))
    return failure();
  Type type = cast<MemRefType>(op.getInit().getType()).getElementType();
  int64_t pixelBytes =
      std::max<int64_t>(channels, 1) *
      std::max<int64_t>(1, int64_t(type.getIntOrFloatBitWidth() / 8));
  int64_t cacheBytes = target.getL2Kib() * 1024 / 4;
  std::optional<int64_t> lines = getNumber(window.height.output),
                         width = getNumber(window.width.output);
  linesOfUnit =
      lines && width
          ? loops.index(::chooseLines(std::max<int64_t>(*lines, 1), *width,
                                      *width * pixelBytes, cacheBytes))
          : chooseLines(pixelBytes, cacheBytes);
  return success();
}

Value DepthwiseExpansion::getNumUnits() {
  SmallVector<Value> sizes = getUnitSizes();
  return loops.mul(loops.mul(sizes[0], sizes[1]), sizes[2]);
}

std::pair<Value, Value> DepthwiseExpansion::getRows(Value unit) {
  SmallVector<Value> at = loops.delinearize(unit, getUnitSizes());
  Value image = loops.add(loops.mul(at[0], window.depth.output), at[1]);
  Value line = loops.mul(at[2], linesOfUnit);
  Value first = loops.add(loops.mul(image, window.height.output), line);
  Value lines = linesOfUnit;
  std::optional<int64_t> all = getNumber(window.height.output),
                         part = getNumber(linesOfUnit);
  if (!all || !part || *all % *part)
    lines = loops.min(lines, loops.sub(window.height.output, line));
  return {loops.mul(first, window.width.output),
          loops.mul(lines, window.width.output)};
}

Value DepthwiseExpansion::getMostRows() {
  return loops.mul(linesOfUnit, window.width.output);
}

void DepthwiseExpansion::emit(Value unit, Value target) {
  SmallVector<Value> at = loops.delinearize(unit, getUnitSizes());
  rows = target;
  firstLine = loops.mul(at[2], linesOfUnit);
  emitUnit(at);
}

LogicalResult mlir::nnc::kern::expandDepthwise(OpBuilder &builder,
                                               DepthwiseOp op,
                                               hw::TargetAttr target) {
  return DepthwiseExpansion(builder, op, target).run();
}

std::unique_ptr<RowProducer>
mlir::nnc::kern::createDepthwiseRows(OpBuilder &builder, DepthwiseOp op,
                                     hw::TargetAttr target) {
  auto rows = std::make_unique<DepthwiseExpansion>(builder, op, target);
  if (failed(rows->prepareRows()))
    return nullptr;
  return rows;
}
