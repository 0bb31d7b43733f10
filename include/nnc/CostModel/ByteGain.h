//===----------------------------------------------------------------------===//
// How much faster a machine multiplies bytes than floats.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COSTMODEL_BYTEGAIN_H
#define NNC_COSTMODEL_BYTEGAIN_H

#include "dialects/HW/IR/HWDialect.h"

namespace mlir::nnc {

/// Products of bytes by those of f32 in the same time, at the peak of both: 4
/// where one instruction adds four (VNNI), 1 where two of them add two, or one
/// adds one.
double getByteGain(hw::TargetAttr target);

} // namespace mlir::nnc

#endif // NNC_COSTMODEL_BYTEGAIN_H
