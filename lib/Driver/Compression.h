//===----------------------------------------------------------------------===//
// Options that make a model smaller while it is compiled.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DRIVER_COMPRESSION_H
#define NNC_LIB_DRIVER_COMPRESSION_H

#include "Compile.h"

namespace mlir::nnc::driver {

/// --prune, --recipe and what they need.
const std::vector<nncrun::OptionSpec> &compressionOptions();

/// Reads them and lets the end of the graph phase of `request` do what they
/// ask for. Wrong usage is reported; returns an exit code.
int readCompression(const Arguments &arguments, CompileRequest &request);

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_COMPRESSION_H
