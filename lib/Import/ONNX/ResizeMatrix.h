//===----------------------------------------------------------------------===//
// Resizing along an axis as a matrix, for what a window of few elements can't
// do.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_IMPORT_ONNX_RESIZEMATRIX_H
#define NNC_LIB_IMPORT_ONNX_RESIZEMATRIX_H

#include "NodeBinder.h"

namespace mlir::nnc::onnximport {

/// One axis that becomes smaller, its elements weighted over as many neighbors
/// as fall into one place of the result (antialiasing).
struct AxisShrink {
  int64_t axis, from, to;
  /// Places of the result a place of the input.
  double scale;
  nn::Interpolation mode;
  nn::CoordinateMode coordinates;
  double cubicCoefficient;
  bool excludeOutside;
};

/// The input resized along the axis. Null after an error, which is reported.
Value shrinkAxis(NodeBinder &node, Value input, const AxisShrink &shrink);

} // namespace mlir::nnc::onnximport

#endif // NNC_LIB_IMPORT_ONNX_RESIZEMATRIX_H
