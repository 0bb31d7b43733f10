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

PaddedLines::PaddedLines(LoopBuilder &loops, const Window &window, Value input,
                         Value lines, int64_t channels)
    : loops(loops), window(window), input(input), channels(channels) {
  const WindowLine &height = window.height, &width = window.width;
  inputLines =
      loops.add(loops.mul(loops.sub(lines, loops.index(1)), height.stride),
                (height.kernel - 1) * height.dilation + 1);
  Value padded = loops.add(width.input, width.padBefore + width.padAfter);
  memref = loops.allocate({loops.index(window.depth.kernel), inputLines, padded,
                           loops.index(channels)},
                          cast<MemRefType>(input.getType()).getElementType());
}

/// Elements [begin, end) of a line, [columns, channels] as one run.
void PaddedLines::fillElements(Value line, Value begin, Value end,
                               function_ref<Value(Value)> element) {
  OpBuilder &b = loops.builder;
  loops.loop(begin, end, 1, [&](Value at) {
    memref::StoreOp::create(b, loops.loc, element(at), line, ValueRange{at});
  });
}

void PaddedLines::copyLine(Value batch, Value kernelDepth, Value to,
                           Value fromPlane, Value fromLine,
                           Value firstChannel) {
  OpBuilder &b = loops.builder;
  auto type = cast<MemRefType>(memref.getType());
  Value zero = arith::ConstantOp::create(b, loops.loc,
                                         b.getZeroAttr(type.getElementType()));
  Value flat = loops.collapse(memref, 0, 4);
  Value padded =
      loops.mul(loops.add(window.width.input,
                          window.width.padBefore + window.width.padAfter),
                channels);
  Value start =
      loops.mul(loops.add(loops.mul(kernelDepth, inputLines), to), padded);
  Value first = loops.add(start, window.width.padBefore * channels);
  Value last = loops.add(first, loops.mul(window.width.input, channels));
  Value end = loops.add(start, padded);
  auto zeroElement = [&](Value) { return zero; };
  auto isInside = [&](Value place, Value size) {
    return loops.both(loops.less(loops.index(-1), place),
                      loops.less(place, size));
  };
  Value exists = loops.both(isInside(fromPlane, window.depth.input),
                            isInside(fromLine, window.height.input));
  loops.ifElse(
      exists,
      [&]() {
        fillElements(flat, start, first, zeroElement);
        loops.loop(loops.index(0), window.width.input, 1, [&](Value column) {
          Value at = loops.add(first, loops.mul(column, channels));
          loops.loop(loops.index(0), loops.index(channels), 1, [&](Value c) {
            Value value = memref::LoadOp::create(
                b, loops.loc, input,
                window.getIndices(batch, fromPlane, fromLine, column,
                                  loops.add(firstChannel, c)));
            memref::StoreOp::create(b, loops.loc, value, flat,
                                    ValueRange{loops.add(at, c)});
          });
        });
        fillElements(flat, last, end, zeroElement);
        return SmallVector<Value>();
      },
      [&]() {
        fillElements(flat, start, end, zeroElement);
        return SmallVector<Value>();
      });
}

void PaddedLines::fill(Value batch, Value plane, Value line,
                       Value firstChannel) {
  const WindowLine &depth = window.depth, &height = window.height;
  Value firstLine =
      loops.sub(loops.mul(line, height.stride), loops.index(height.padBefore));
  loops.loop(loops.index(0), loops.index(depth.kernel), 1, [&](Value kd) {
    Value from = loops.add(loops.mul(plane, depth.stride),
                           loops.mul(kd, depth.dilation));
    from = loops.sub(from, loops.index(depth.padBefore));
    loops.loop(loops.index(0), inputLines, 1, [&](Value to) {
      copyLine(batch, kd, to, from, loops.add(firstLine, to), firstChannel);
    });
  });
}
