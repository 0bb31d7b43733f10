//===----------------------------------------------------------------------===//
// The table of known machines.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_HW_IR_KNOWNTARGETS_H
#define NNC_DIALECTS_HW_IR_KNOWNTARGETS_H

#include "dialects/HW/IR/HWDialect.h"
#include "dialects/HW/IR/TargetDescription.h"
#include "mlir/IR/Operation.h"

#include <optional>

namespace mlir::nnc::hw {

/// The description of the machine called `name` (an LLVM CPU name such as
/// "znver5" or a level such as "x86-64-v3"); a null attribute if the table does
/// not hold it.
TargetAttr getKnownTarget(MLIRContext *context, StringRef name);

/// The same for a pass on `op`: an unknown name is an error there that lists
/// the known ones. A name that ends with ".json" is a file of a description.
TargetAttr findTarget(Operation *op, StringRef name);

/// Of the machine called `name`, or described by that file; nullopt if the
/// table does not hold it or the file can't be read.
std::optional<FloatInstructions> getFloatInstructions(StringRef name);

/// Is the machine called `name`, or described by that file, a GPU? False for a
/// name that the table does not hold.
bool isGpuTarget(StringRef name);

/// How many products of bytes, unsigned by signed, an instruction of the CPU
/// called `name` adds to a sum of 32 bits without losing any: 4, 2, or 1 where
/// it is not known to have one.
int64_t getByteDot(StringRef name);

/// All names in the table, in its order.
SmallVector<StringRef> getKnownTargetNames();

} // namespace mlir::nnc::hw

#endif // NNC_DIALECTS_HW_IR_KNOWNTARGETS_H
