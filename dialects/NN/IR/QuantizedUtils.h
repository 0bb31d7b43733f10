//===----------------------------------------------------------------------===//
// What the shape functions of quantized ops share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_NN_IR_QUANTIZEDUTILS_H
#define NNC_DIALECTS_NN_IR_QUANTIZEDUTILS_H

#include "nnc/Interfaces/ShapeOpInterface.h"

namespace mlir::nnc::nn {

/// Fails unless `operand`, called `name`, broadcasts to `shape` without
/// enlarging it. A dimension that is 1 only in the run counts as different.
LogicalResult checkBroadcastsInto(Value operand, ArrayRef<Dim> shape,
                                  StringRef name, DimBuilder &dims);

} // namespace mlir::nnc::nn

#endif // NNC_DIALECTS_NN_IR_QUANTIZEDUTILS_H
