//===----------------------------------------------------------------------===//
// The geometry of window ops, and input lines with zeros around them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Window.h"

using namespace mlir;
using namespace mlir::nnc::kern;

Window::Window(LoopBuilder &loops, Value input, Value output,
               ArrayRef<int64_t> kernel, ArrayRef<int64_t> strides,
               ArrayRef<int64_t> dilations, ArrayRef<int64_t> pads)
    : rank(strides.size()), batch(loops.dim(output, 0)) {
  WindowLine *lines[] = {&depth, &height, &width};
  for (WindowLine *line : lines)
    line->input = line->output = loops.index(1);
  for (int64_t axis = 0; axis < rank; ++axis) {
    WindowLine &line = *lines[3 - rank + axis];
    line = {loops.dim(input, axis + 1),
            loops.dim(output, axis + 1),
            kernel[axis],
            strides[axis],
            dilations[axis],
            pads[axis],
            pads[rank + axis]};
  }
}

bool Window::isPadded() const {
  return llvm::any_of(
      ArrayRef<const WindowLine *>{&depth, &height, &width},
      [](const WindowLine *line) { return line->padBefore || line->padAfter; });
}

SmallVector<Value> Window::getIndices(Value batch, Value depth, Value height,
                                      Value width, Value channel) const {
  SmallVector<Value> indices{batch};
  if (rank > 2)
    indices.push_back(depth);
  if (rank > 1)
    indices.push_back(height);
  indices.append({width, channel});
  return indices;
}

//===----------------------------------------------------------------------===//
// Lines with zeros around
//===----------------------------------------------------------------------===//

namespace {
/// Writes runs of elements of a flat memref by vectors.
class RunWriter {
public:
  RunWriter(LoopBuilder &loops, Value memref, int64_t lanes, Value padding)
      : loops(loops), memref(memref), lanes(lanes), padding(padding),
        type(cast<MemRefType>(memref.getType()).getElementType()) {}

  void fill(Value begin, Value size) {
    write(begin, size, [&](Value, int64_t count, Value) -> Value {
      if (padding)
        return count == 1
                   ? padding
                   : vector::BroadcastOp::create(loops.builder, loops.loc,
                                                 getType(count), padding)
                         .getResult();
      return arith::ConstantOp::create(
          loops.builder, loops.loc, loops.builder.getZeroAttr(getType(count)));
    });
  }

  /// `size` elements of `source` from `indices` on, along its last axis.
  void copy(Value begin, Value size, Value source, ArrayRef<Value> indices) {
    write(begin, size, [&](Value at, int64_t count, Value mask) -> Value {
      SmallVector<Value> from = llvm::to_vector(indices);
      from.back() = loops.add(from.back(), loops.sub(at, begin));
      if (count == 1)
        return memref::LoadOp::create(loops.builder, loops.loc, source, from);
      return loops.load(source, from, count, mask);
    });
  }

private:
  Type getType(int64_t count) const {
    return count == 1 ? type : VectorType::get(count, type);
  }

  void write(Value begin, Value size,
             function_ref<Value(Value, int64_t, Value)> element) {
    Value rest = loops.rem(size, loops.index(lanes)),
          whole = loops.add(begin, loops.sub(size, rest)),
          end = loops.add(begin, size);
    if (std::optional<int64_t> known = getNumber(size); known && !*known)
      return;
    loops.loop(begin, whole, lanes, [&](Value at) {
      loops.store(element(at, lanes, {}), memref, at);
    });
    // Most targets have masks for elements of 32 bits and more only.
    if (type.getIntOrFloatBitWidth() >= 32)
      return loops.loop(whole, end, lanes, [&](Value at) {
        Value mask = loops.firstLanes(rest, lanes);
        loops.store(element(at, lanes, mask), memref, at, mask);
      });
    loops.loop(whole, end, 1, [&](Value at) {
      memref::StoreOp::create(loops.builder, loops.loc, element(at, 1, {}),
                              memref, at);
    });
  }

  LoopBuilder &loops;
  Value memref;
  int64_t lanes;
  Value padding;
  Type type;
};
} // namespace

/// The size of an axis with its padding.
static Value getPadded(LoopBuilder &loops, const WindowLine &line) {
  return loops.add(line.input, line.padBefore + line.padAfter);
}

LineCopier::LineCopier(LoopBuilder &loops, const Window &window, Value input,
                       int64_t channels, int64_t lanes, Value padding)
    : loops(loops), window(window), lanes(lanes), channels(channels),
      padding(padding),
      isWhole(cast<MemRefType>(input.getType()).getShape().back() == channels),
      input(isWhole ? loops.collapse(input, window.rank, window.rank + 2)
                    : input) {}

Value LineCopier::getWidth() const { return getPadded(loops, window.width); }

void LineCopier::copy(Value target, Value start, Value batch, Value plane,
                      Value line, Value firstChannel) const {
  Value around;
  if (padding)
    around = memref::LoadOp::create(loops.builder, loops.loc, padding);
  RunWriter writer(
      loops,
      loops.collapse(target, 0, cast<MemRefType>(target.getType()).getRank()),
      lanes, around);
  Value before = loops.index(window.width.padBefore * channels),
        after = loops.index(window.width.padAfter * channels),
        size = loops.mul(window.width.input, channels);
  Value first = loops.add(start, before), last = loops.add(first, size);
  auto isInside = [&](Value place, Value size) {
    return loops.both(loops.less(loops.index(-1), place),
                      loops.less(place, size));
  };
  Value exists = loops.both(isInside(plane, window.depth.input),
                            isInside(line, window.height.input));
  auto copyColumns = [&]() {
    SmallVector<Value> from =
        window.getIndices(batch, plane, line, loops.index(0), loops.index(0));
    if (isWhole) {
      from.pop_back();
      return writer.copy(first, size, input, from);
    }
    loops.loop(loops.index(0), window.width.input, 1, [&](Value column) {
      Value at = loops.add(first, loops.mul(column, channels));
      writer.copy(at, loops.index(channels), input,
                  window.getIndices(batch, plane, line, column, firstChannel));
    });
  };
  loops.ifElse(
      exists,
      [&]() {
        writer.fill(start, before);
        copyColumns();
        writer.fill(last, after);
        return SmallVector<Value>();
      },
      [&]() {
        writer.fill(start, loops.mul(getWidth(), channels));
        return SmallVector<Value>();
      });
}

PaddedLines::PaddedLines(LoopBuilder &loops, const Window &window, Value input,
                         Value lines, int64_t channels, int64_t lanes,
                         Value padding, int64_t slack)
    : loops(loops), window(window),
      copier(loops, window, input, channels, lanes, padding) {
  const WindowLine &height = window.height;
  inputLines =
      loops.add(loops.mul(loops.sub(lines, loops.index(1)), height.stride),
                (height.kernel - 1) * height.dilation + 1);
  // A line has a column at least.
  spacing = loops.add(inputLines, llvm::divideCeil(slack, channels));
  memref = loops.allocate({loops.index(window.depth.kernel), spacing,
                           copier.getWidth(), loops.index(channels)},
                          cast<MemRefType>(input.getType()).getElementType());
}

void PaddedLines::fill(Value batch, Value plane, Value line,
                       Value firstChannel) {
  const WindowLine &depth = window.depth, &height = window.height;
  int64_t channels = cast<MemRefType>(memref.getType()).getShape().back();
  Value size = loops.mul(copier.getWidth(), channels);
  Value firstLine =
      loops.sub(loops.mul(line, height.stride), loops.index(height.padBefore));
  loops.loop(loops.index(0), loops.index(depth.kernel), 1, [&](Value kd) {
    Value from = loops.add(loops.mul(plane, depth.stride),
                           loops.mul(kd, depth.dilation));
    from = loops.sub(from, loops.index(depth.padBefore));
    loops.loop(loops.index(0), inputLines, 1, [&](Value to) {
      Value start = loops.mul(loops.add(loops.mul(kd, spacing), to), size);
      copier.copy(memref, start, batch, from, loops.add(firstLine, to),
                  firstChannel);
    });
  });
}

Value mlir::nnc::kern::padInput(LoopBuilder &loops, Window &window, Value input,
                                int64_t lanes, Value padding) {
  auto type = cast<MemRefType>(input.getType());
  int64_t channels = type.getShape().back();
  LineCopier copier(loops, window, input, channels, lanes, padding);
  Value planes = getPadded(loops, window.depth),
        lines = getPadded(loops, window.height);
  SmallVector<Value> sizes = window.getIndices(
      window.batch, planes, lines, copier.getWidth(), loops.index(channels));
  Value memref = loops.allocate(sizes, type.getElementType());
  SmallVector<Value> counts{window.batch, planes, lines};
  Value size = loops.mul(copier.getWidth(), channels);
  loops.units(
      loops.mul(loops.mul(window.batch, planes), lines), [&](Value unit) {
        SmallVector<Value> at = loops.delinearize(unit, counts);
        copier.copy(memref, loops.mul(unit, size), at[0],
                    loops.sub(at[1], loops.index(window.depth.padBefore)),
                    loops.sub(at[2], loops.index(window.height.padBefore)),
                    loops.index(0));
      });
  for (WindowLine *line : {&window.depth, &window.height, &window.width}) {
    line->input = getPadded(loops, *line);
    line->padBefore = line->padAfter = 0;
  }
  return memref;
}
