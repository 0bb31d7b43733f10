//===----------------------------------------------------------------------===//
// The geometry of a window op on memrefs, channels last.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_KERN_TRANSFORMS_WINDOW_H
#define NNC_DIALECTS_KERN_TRANSFORMS_WINDOW_H

#include "LoopBuilder.h"

namespace mlir::nnc::kern {

/// One spatial axis.
struct WindowLine {
  Value input, output; ///< Sizes.
  int64_t kernel = 1, stride = 1, dilation = 1, padBefore = 0, padAfter = 0;
};

/// Three spatial axes, depth, height and width; those that an op lacks have
/// size 1.
struct Window {
  /// `input` and `output` are [N, spatial..., C]; attributes have one entry a
  /// spatial axis of the op, `pads` two.
  Window(LoopBuilder &loops, Value input, Value output,
         ArrayRef<int64_t> kernel, ArrayRef<int64_t> strides,
         ArrayRef<int64_t> dilations, ArrayRef<int64_t> pads);

  bool isPadded() const;
  /// The indices of an element of `input` or the result, of the op's rank.
  SmallVector<Value> getIndices(Value batch, Value depth, Value height,
                                Value width, Value channel) const;

  int64_t rank; ///< Spatial axes of the op.
  Value batch;
  WindowLine depth, height, width;
};

/// Copies input lines by vectors of `lanes`, with the zeros before and behind.
class LineCopier {
public:
  /// `channels` of each line are copied. Around the input is the element of the
  /// memref `padding` of rank 0, null: 0.
  LineCopier(LoopBuilder &loops, const Window &window, Value input,
             int64_t channels, int64_t lanes, Value padding = {});

  /// The columns of a line with those of the padding.
  Value getWidth() const;
  /// Writes input line `line` of plane `plane`, zeros where there is none, to
  /// element `start` of `target`.
  void copy(Value target, Value start, Value batch, Value plane, Value line,
            Value firstChannel) const;

private:
  LoopBuilder &loops;
  const Window &window;
  int64_t lanes, channels;
  Value padding;
  bool isWhole; ///< All channels are copied, so that a line is one run.
  Value input;
};

/// The operand of rank 0 that lies around the input of `op`; null: zeros.
template <typename OpTy>
Value getPadding(OpTy op) {
  std::optional<int64_t> extra = op.getPaddingExtra();
  return extra ? op.getExtras()[*extra] : Value();
}

/// Input lines of one batch, one plane of results and some lines of it, with
/// zeros around: [kernel depth, lines, padded width, channels].
class PaddedLines {
public:
  /// Memory for what `lines` lines of the result need, `channels` of each;
  /// `slack` elements behind the last may be read. Around the input is the
  /// element of `padding`, as in LineCopier.
  PaddedLines(LoopBuilder &loops, const Window &window, Value input,
              Value lines, int64_t channels, int64_t lanes, Value padding = {},
              int64_t slack = 0);

  /// Fills it for result lines from `line` of plane `plane`.
  void fill(Value batch, Value plane, Value line, Value firstChannel);

  Value memref;

private:
  LoopBuilder &loops;
  const Window &window;
  LineCopier copier;
  Value inputLines; ///< Lines held.
  Value spacing;    ///< From one plane's first line to the next plane's.
};

/// A copy of all of the input with its padding, made by work units of its own;
/// `window` becomes that of an op on the copy, which needs no padding.
Value padInput(LoopBuilder &loops, Window &window, Value input, int64_t lanes,
               Value padding = {});

} // namespace mlir::nnc::kern

#endif // NNC_DIALECTS_KERN_TRANSFORMS_WINDOW_H
