//===----------------------------------------------------------------------===//
// Which operators take tensors of strings.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_IMPORT_ONNX_STRINGOPERANDS_H
#define NNC_LIB_IMPORT_ONNX_STRINGOPERANDS_H

#include "NodeBinder.h"

namespace mlir::nnc::onnximport {

/// Reports an input of strings that the node's operator does not take: all but
/// those that move elements, compare for equality or look at shapes.
LogicalResult checkStrings(NodeBinder &node);

} // namespace mlir::nnc::onnximport

#endif // NNC_LIB_IMPORT_ONNX_STRINGOPERANDS_H
