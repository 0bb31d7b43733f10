//===----------------------------------------------------------------------===//
// Import of convolutions and pooling.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_IMPORT_ONNX_LINEARWINDOW_H
#define NNC_LIB_IMPORT_ONNX_LINEARWINDOW_H

#include "OpTable.h"

namespace mlir::nnc::onnximport {

/// Called by addLinearOperators.
void addWindowOperators(OpTable &table);

} // namespace mlir::nnc::onnximport

#endif // NNC_LIB_IMPORT_ONNX_LINEARWINDOW_H
