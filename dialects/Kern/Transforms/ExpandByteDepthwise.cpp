//===----------------------------------------------------------------------===//
// Expansion of depthwise convolutions of bytes: lines of the window side by
// side, so that one instruction multiplies and adds several of them.
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
/// A place of the input, `dot` lines of it and a block of `dot` vectors of
/// channels, is brought into the order of the products once, and used for all
/// results of a tile whose windows hold it.
class ByteDepthwiseExpansion {
public:
  ByteDepthwiseExpansion(OpBuilder &builder, DepthwiseOp op,
                         hw::TargetAttr target)
      : loops(builder, op.getLoc()), op(op), tiling(op.getTilingAttr()),
        epilogue(loops, op, tiling.getLanes()),
        tile(loops, op.getSumType(), tiling.getLanes(), target.getFma(),
             getByteProducts(op)),
        window(loops, op.getInput(), op.getInit(), op.getKernel(),
               op.getStrides(), op.getDilations(), op.getPads()),
        dot(tile.getDot()), block(tiling.getLanes() * dot),
        rows(std::clamp<int64_t>(int64_t(target.getVectorRegisters()) / 2 / dot,
                                 1, 4)) {
    channels = cast<MemRefType>(op.getInit().getType()).getShape().back();
  }

  LogicalResult run();

private:
  /// The first result of a tile.
  struct Place {
    Value batch, line, column, channel;
  };

  void emitUnit(ArrayRef<Value> at, int64_t lines);
  void emitTile(const Place &place, int64_t count, bool isTail);
  void addPlace(const Place &place, int64_t group, int64_t offset,
                int64_t count, int64_t vectors, MutableArrayRef<Value> sums);
  Value loadLine(const Place &place, int64_t line, int64_t offset);
  SmallVector<Value> interleave(ArrayRef<Value> lines);
  Value shuffle(Value a, Value b, ArrayRef<int64_t> mask);
  Value unpack(Value a, Value b, int64_t width, bool high);
  /// Blocks are loaded whole: past the last channel lie others or slack.
  bool needsCopy() const { return window.isPadded() || channels % block != 0; }

  LoopBuilder loops;
  DepthwiseOp op;
  hw::TilingAttr tiling;
  EpilogueEmitter epilogue;
  TileEmitter tile;
  Window window;
  int64_t dot;
  int64_t block; ///< Channels that are done together.
  int64_t rows;  ///< Results of a tile.
  int64_t channels;
  Value filter; ///< [kernel width, groups of lines, channels * dot]
  std::optional<PaddedLines> copy;
  Value firstLine; ///< Of the results whose lines `copy` holds.
};
} // namespace

Value ByteDepthwiseExpansion::shuffle(Value a, Value b,
                                      ArrayRef<int64_t> mask) {
  return vector::ShuffleOp::create(loops.builder, loops.loc, a, b, mask);
}

/// Elements of `width` bytes of the low or high halves of each 16 bytes, in
/// turn: one instruction.
Value ByteDepthwiseExpansion::unpack(Value a, Value b, int64_t width,
                                     bool high) {
  SmallVector<int64_t> mask;
  for (int64_t lane = 0; lane < block; lane += 16)
    for (int64_t at = 0; at < 8; at += width)
      for (int64_t from : {int64_t(0), block})
        for (int64_t byte = 0; byte < width; ++byte)
          mask.push_back(from + lane + (high ? 8 : 0) + at + byte);
  return shuffle(a, b, mask);
}

/// `dot` vectors: each has, for each of its channels, the element of each line.
SmallVector<Value> ByteDepthwiseExpansion::interleave(ArrayRef<Value> lines) {
  if (dot == 1)
    return {lines[0]};
  int64_t lanes = tiling.getLanes();
  SmallVector<Value> vectors;
  if (dot == 2) {
    for (int64_t v = 0; v < 2; ++v) {
      SmallVector<int64_t> mask;
      for (int64_t channel = v * lanes; channel < (v + 1) * lanes; ++channel)
        mask.append({channel, block + channel});
      vectors.push_back(shuffle(lines[0], lines[1], mask));
    }
    return vectors;
  }
  // Unpacking works in parts of 16 bytes: groups of four channels go first to
  // the part where they will be needed.
  int64_t parts = block / 16;
  SmallVector<int64_t> order;
  for (int64_t part = 0; part < parts; ++part)
    for (int64_t v = 0; v < 4; ++v)
      for (int64_t byte = 0; byte < 4; ++byte)
        order.push_back((v * parts + part) * 4 + byte);
  auto arranged = llvm::map_to_vector(
      lines, [&](Value line) { return shuffle(line, line, order); });
  for (bool high : {false, true}) {
    Value first = unpack(arranged[0], arranged[1], 1, high),
          second = unpack(arranged[2], arranged[3], 1, high);
    vectors.push_back(unpack(first, second, 2, false));
    vectors.push_back(unpack(first, second, 2, true));
  }
  return vectors;
}

/// A block of channels of line `line` of the window, `offset` places from its
/// first one.
Value ByteDepthwiseExpansion::loadLine(const Place &place, int64_t line,
                                       int64_t offset) {
  OpBuilder &b = loops.builder;
  if (line >= window.height.kernel)
    return arith::ConstantOp::create(
        b, loops.loc, b.getZeroAttr(VectorType::get(block, b.getI8Type())));
  Value column =
      loops.add(loops.mul(place.column, window.width.stride), offset);
  Value zero = loops.index(0), from = place.line;
  if (copy)
    from = loops.sub(from, firstLine);
  from = loops.add(loops.mul(from, window.height.stride),
                   line * window.height.dilation);
  if (copy)
    return tile.flip(
        loops.load(copy->memref, {zero, from, column, place.channel}, block));
  return tile.flip(loops.load(
      op.getInput(),
      window.getIndices(place.batch, zero, from, column, place.channel),
      block));
}

/// Adds what lies `offset` places from the first window's first one.
void ByteDepthwiseExpansion::addPlace(const Place &place, int64_t group,
                                      int64_t offset, int64_t count,
                                      int64_t vectors,
                                      MutableArrayRef<Value> sums) {
  const WindowLine &width = window.width;
  SmallVector<std::pair<int64_t, int64_t>> uses; // result, tap
  for (int64_t i = 0; i < count; ++i) {
    int64_t rest = offset - i * width.stride;
    if (rest >= 0 && rest % width.dilation == 0 &&
        rest / width.dilation < width.kernel)
      uses.push_back({i, rest / width.dilation});
  }
  if (uses.empty())
    return;
  SmallVector<Value> lines;
  for (int64_t line = 0; line < dot; ++line)
    lines.push_back(loadLine(place, group * dot + line, offset));
  SmallVector<Value> factors = interleave(lines);
  for (int64_t v = 0; v < vectors; ++v) {
    Value factor = tile.toFactors(factors[v]);
    for (auto [result, tap] : uses) {
      Value weights = tile.loadColumns(
          filter,
          {loops.index(tap), loops.index(group),
           loops.mul(loops.add(place.channel, v * tiling.getLanes()), dot)});
      Value &sum = sums[result * vectors + v];
      sum = tile.multiplyAdd(factor, tile.toColumns(weights), sum);
    }
  }
}

void ByteDepthwiseExpansion::emitTile(const Place &place, int64_t count,
                                      bool isTail) {
  const WindowLine &width = window.width;
  int64_t lanes = tiling.getLanes(), rest = channels % block;
  int64_t vectors = isTail ? llvm::divideCeil(rest, lanes) : dot;
  SmallVector<Value> sums = tile.zeros(count * vectors);
  int64_t reach =
      (count - 1) * width.stride + (width.kernel - 1) * width.dilation;
  int64_t groups = llvm::divideCeil(window.height.kernel, dot);
  for (int64_t group = 0; group < groups; ++group)
    for (int64_t offset = 0; offset <= reach; ++offset)
      addPlace(place, group, offset, count, vectors, sums);
  for (int64_t i = 0; i < count; ++i)
    for (int64_t v = 0; v < vectors; ++v) {
      ResultRun run;
      run.indices = window.getIndices(place.batch, loops.index(0), place.line,
                                      loops.add(place.column, i),
                                      loops.add(place.channel, v * lanes));
      if (isTail && rest < (v + 1) * lanes)
        run.mask = loops.firstLanes(loops.index(rest - v * lanes), lanes);
      epilogue.finish(sums[i * vectors + v], run);
    }
}

void ByteDepthwiseExpansion::emitUnit(ArrayRef<Value> at, int64_t lines) {
  Value begin = loops.mul(at[1], lines);
  Value end = loops.min(loops.add(begin, lines), window.height.output);
  if (needsCopy()) {
    copy.emplace(loops, window, op.getInput(), loops.index(lines), channels,
                 block, getPadding(op), block);
    copy->fill(at[0], loops.index(0), begin, loops.index(0));
    firstLine = begin;
  }
  int64_t full = channels / block * block;
  loops.strips(loops.index(0), window.width.output, rows,
               [&](Value column, int64_t count) {
                 loops.loop(begin, end, 1, [&](Value line) {
                   loops.loop(loops.index(0), loops.index(full), block,
                              [&](Value channel) {
                                emitTile({at[0], line, column, channel}, count,
                                         /*isTail=*/false);
                              });
                   if (full < channels)
                     emitTile({at[0], line, column, loops.index(full)}, count,
                              /*isTail=*/true);
                 });
               });
}

LogicalResult ByteDepthwiseExpansion::run() {
  constexpr int64_t elements = 1 << 15; // a few microseconds
  if (!op.getPacked())
    return op.emitOpError("expects a packed filter");
  if (failed(epilogue.verify()))
    return failure();
  filter = loops.collapse(op.getFilter(), 2, 4);
  int64_t width = getNumber(window.width.output).value_or(64);
  int64_t lines =
      std::max<int64_t>(1, elements / std::max<int64_t>(width * channels, 1));
  if (std::optional<int64_t> all = getNumber(window.height.output))
    lines = std::min(lines, std::max<int64_t>(*all, 1));
  SmallVector<Value> sizes{window.batch,
                           loops.divUp(window.height.output, lines)};
  loops.units(loops.mul(sizes[0], sizes[1]), [&](Value unit) {
    emitUnit(loops.delinearize(unit, sizes), lines);
  });
  return success();
}

LogicalResult mlir::nnc::kern::expandByteDepthwise(OpBuilder &builder,
                                                   DepthwiseOp op,
                                                   hw::TargetAttr target) {
  return ByteDepthwiseExpansion(builder, op, target).run();
}
