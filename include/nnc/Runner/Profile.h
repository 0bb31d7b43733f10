//===----------------------------------------------------------------------===//
// A profile as Chrome trace events.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_RUNNER_PROFILE_H
#define NNC_RUNNER_PROFILE_H

#include "nnc/Runner/Executable.h"

namespace nncrun {

/// The text of a trace file, which Perfetto opens: one complete event a kernel,
/// starting at 0, with its ONNX nodes, predicted and measured microseconds,
/// bytes and FLOPs as arguments; what is unknown is left out.
std::string traceText(const std::vector<KernelEvent> &events,
                      const std::string &model);

} // namespace nncrun

#endif // NNC_RUNNER_PROFILE_H
