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

/// Does what they ask for with an imported module, by the predictions of
/// `request`, whose phases are still to be run: the module is of the graph
/// phase then, which runs once more and cleans up. Wrong usage is reported.
/// Returns an exit code.
int compressModule(const Arguments &arguments, ModuleOp module,
                   const CompileRequest &request);

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_COMPRESSION_H
