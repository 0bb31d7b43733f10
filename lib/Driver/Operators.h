//===----------------------------------------------------------------------===//
// The table of supported operators.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DRIVER_OPERATORS_H
#define NNC_LIB_DRIVER_OPERATORS_H

#include "Commands.h"

namespace mlir::nnc::driver {

/// Prints the table in the form that --list-operators says. Returns an exit
/// code.
int listOperators(const Arguments &arguments);

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_OPERATORS_H
