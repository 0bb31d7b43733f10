//===----------------------------------------------------------------------===//
// What the imports of element-wise operators share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_IMPORT_ONNX_ELEMENTWISEIMPORT_H
#define NNC_LIB_IMPORT_ONNX_ELEMENTWISEIMPORT_H

#include "NodeBinder.h"

namespace mlir::nnc::onnximport {

/// A node of one input and no attributes that is one op.
template <typename OpTy>
LogicalResult importUnary(NodeBinder &node) {
  Value input = node.input(0);
  return node.result(input ? node.create<OpTy>(input) : Value());
}

/// The activation functions, part of `addElementwiseOperators`.
void addActivationOperators(OpTable &table);

} // namespace mlir::nnc::onnximport

#endif // NNC_LIB_IMPORT_ONNX_ELEMENTWISEIMPORT_H
