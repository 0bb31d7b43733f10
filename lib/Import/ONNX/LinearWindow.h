//===----------------------------------------------------------------------===//
// Import of matrix products, convolutions and pooling.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_IMPORT_ONNX_LINEARWINDOW_H
#define NNC_LIB_IMPORT_ONNX_LINEARWINDOW_H

#include "NodeBinder.h"

namespace mlir::nnc::onnximport {

/// Called by addLinearOperators.
void addWindowOperators(OpTable &table);

/// The convolution of inputs 0 and 1 with the bias in input 2, if it is given.
/// Null after an error, which is reported.
Value createConv(NodeBinder &node);

/// The general matrix product of inputs 0 to 2 (Gemm); failure or null after an
/// error, which is reported.
FailureOr<Value> createGemm(NodeBinder &node);

/// The average pooling of `input` with the node's window attributes. Null after
/// an error, which is reported.
Value createAveragePool(NodeBinder &node, Value input);

/// An exact convolution with the node's window attributes; zero points may be
/// null and broadcast to their operand. Null after an error, which is reported.
Value createConvInteger(NodeBinder &node, Value input, Value filter,
                        Value inputZeroPoint, Value filterZeroPoint);

} // namespace mlir::nnc::onnximport

#endif // NNC_LIB_IMPORT_ONNX_LINEARWINDOW_H
