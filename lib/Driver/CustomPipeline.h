//===----------------------------------------------------------------------===//
// --pipeline: passes of the user's own in place of the first phases.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DRIVER_CUSTOMPIPELINE_H
#define NNC_LIB_DRIVER_CUSTOMPIPELINE_H

#include "Commands.h"

namespace mlir::nnc::driver {

extern const nncrun::OptionSpec pipelineOption;

/// Exit code 2, after reporting why, for a --pipeline that does not parse, or
/// beside options that it leaves no place for.
int checkPipeline(const Arguments &arguments);

/// Runs --pipeline, if there is one, on a module that was just read. Returns an
/// exit code: 2 if the module is past the phase in whose place it runs, 3 if a
/// pass fails.
int runPipeline(const Arguments &arguments, ModuleOp module);

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_CUSTOMPIPELINE_H
