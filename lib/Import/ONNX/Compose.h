//===----------------------------------------------------------------------===//
// Pieces that operators composed of several ops are built from. All of them
// pass a null operand on, whose error has been reported.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_IMPORT_ONNX_COMPOSE_H
#define NNC_LIB_IMPORT_ONNX_COMPOSE_H

#include "NodeBinder.h"

namespace mlir::nnc::onnximport {

/// Input `index` if it is given; sets `valid` to false after an error.
Value readOptional(NodeBinder &node, size_t index, bool &valid);

/// Reports the first of the inputs from `first` on that is given: `what` says
/// what they ask for.
LogicalResult rejectInputs(NodeBinder &node, size_t first, size_t end,
                           StringRef what);

/// Reports a tensor of another rank.
LogicalResult checkRank(NodeBinder &node, Value tensor, int64_t rank,
                        const Twine &what);

/// The tensor with elements of `type`.
Value convertTo(NodeBinder &node, Value tensor, Type type);

/// Each element times a number.
Value scaleBy(NodeBinder &node, Value tensor, double factor);

/// The sum with an addend that may be absent (null).
Value addOptional(NodeBinder &node, Value tensor, Value addend);

/// The elements from `begin` up to, and without, `end` of an axis.
Value sliceAxis(NodeBinder &node, Value tensor, int64_t axis, Dim begin,
                Dim end);

/// Tensors joined along an axis.
Value joinAxis(NodeBinder &node, ArrayRef<Value> tensors, int64_t axis);

/// The tensor with elements equal to `fill` after the end of its last axis, so
/// that this has `size`; one that is known to be longer is reported.
Value padLastAxis(NodeBinder &node, Value tensor, Dim size, double fill);

/// The i64 numbers 0, 1, ... below `size`, as a tensor of rank 1.
Value countUp(NodeBinder &node, Dim size);

/// A tensor of the element type and dimensions with all elements equal.
Value fill(NodeBinder &node, Type type, double value, ArrayRef<Dim> shape);

/// One element of `parameters` for each block of `size` places along `axis`,
/// repeated for each of the `length` places.
Value spreadBlocks(NodeBinder &node, Value parameters, int64_t axis, Dim length,
                   int64_t size);

/// Channels from axis 1 to the last axis, or back.
Value moveChannels(NodeBinder &node, Value tensor, bool toLast);

/// [B, S, H * D] as [B, H, S, D] and back.
Value splitHeads(NodeBinder &node, Value tensor, int64_t heads);
Value mergeHeads(NodeBinder &node, Value tensor);

/// `cache` with `rows` written along `axis`, which both have: in entry b of the
/// first axis from place `starts[b]` on (from 0 if null). What lies behind the
/// end is left out, or, if `circular`, written from the beginning on.
Value writeRows(NodeBinder &node, Value cache, Value rows, int64_t axis,
                Value starts, bool circular);

} // namespace mlir::nnc::onnximport

#endif // NNC_LIB_IMPORT_ONNX_COMPOSE_H
