//===----------------------------------------------------------------------===//
// Measures compiled libraries: what the child of 'nnc bench' does.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_RUNNER_BENCH_H
#define NNC_RUNNER_BENCH_H

#include "nnc/Runner/CommandLine.h"

namespace nncrun {

/// The options of a measurement, for one or two libraries: with two, their runs
/// alternate.
const CommandSpec &benchSpec();

/// Measures and prints one JSON object to stdout:
/// {"target": …, "results": […]}, a result a library, with the keys of
/// 'nnc bench' that a library knows. Returns an exit code.
int runBench(const Arguments &arguments);

} // namespace nncrun

#endif // NNC_RUNNER_BENCH_H
