//===----------------------------------------------------------------------===//
// The ONNX nodes that an op came from.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_ANALYSIS_NODENAMES_H
#define NNC_ANALYSIS_NODENAMES_H

#include "mlir/IR/Location.h"
#include "llvm/ADT/SmallVector.h"

namespace mlir::nnc {

/// The names of the nodes in a location, in its order. They live as long as the
/// context.
SmallVector<StringRef> getNodeNames(Location loc);

} // namespace mlir::nnc

#endif // NNC_ANALYSIS_NODENAMES_H
