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

/// Input lines of one batch, one plane of results and some lines of it, with
/// zeros around: [kernel depth, lines, padded width, channels].
class PaddedLines {
public:
  /// Memory for what `lines` lines of the result need, `channels` of each.
  PaddedLines(LoopBuilder &loops, const Window &window, Value input,
              Value lines, int64_t channels);

  /// Fills it for result lines from `line` of plane `plane`.
  void fill(Value batch, Value plane, Value line, Value firstChannel);

  Value memref;

private:
  void copyLine(Value batch, Value kernelDepth, Value to, Value fromPlane,
                Value fromLine, Value firstChannel);
  void fillElements(Value line, Value begin, Value end,
                    function_ref<Value(Value)> element);

  LoopBuilder &loops;
  const Window &window;
  Value input;
  Value inputLines; ///< Lines held.
  int64_t channels;
};

} // namespace mlir::nnc::kern

#endif // NNC_DIALECTS_KERN_TRANSFORMS_WINDOW_H
