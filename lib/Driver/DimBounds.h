//===----------------------------------------------------------------------===//
// Bounds of symbolic dimensions: --dim NAME<=N. The run refuses inputs beyond
// them, and memory is predicted at them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DRIVER_DIMBOUNDS_H
#define NNC_LIB_DRIVER_DIMBOUNDS_H

#include "Commands.h"

#include <map>

namespace mlir::nnc::driver {

/// The largest value of a dimension, by its name.
using DimBounds = std::map<std::string, int64_t>;

/// Whether the value of --dim is a bound, not a size.
bool isDimBound(StringRef text);

/// Reads those of --dim. Returns an exit code, after reporting what is wrong.
int readDimBounds(const Arguments &arguments, DimBounds &bounds);

/// Records the bounds on the entry point. Names that it does not have, and
/// dimensions that are larger already, are wrong usage.
int setDimBounds(ModuleOp module, const DimBounds &bounds);

/// The model with every bounded dimension at its bound: what needs most memory.
/// Returns an exit code.
int loadAtBounds(Session &session, const std::string &path,
                 const Arguments &arguments, const DimBounds &bounds,
                 OwningOpRef<ModuleOp> &module);

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_DIMBOUNDS_H
