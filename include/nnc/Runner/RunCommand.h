//===----------------------------------------------------------------------===//
// What 'run' does once it has something that runs.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_RUNNER_RUNCOMMAND_H
#define NNC_RUNNER_RUNCOMMAND_H

#include "nnc/Runner/CommandLine.h"
#include "nnc/Runner/Executable.h"

namespace nncrun {

/// The options that `runExecutable` reads.
const std::vector<OptionSpec> &runOptions();

/// Gathers the inputs, runs once, writes the outputs or prints a summary of
/// them, compares with what is expected. `folder` gives inputs that are not
/// named; empty for none. Returns an exit code.
int runExecutable(Executable &executable, const Arguments &arguments,
                  const std::string &model, const std::string &folder);

} // namespace nncrun

#endif // NNC_RUNNER_RUNCOMMAND_H
