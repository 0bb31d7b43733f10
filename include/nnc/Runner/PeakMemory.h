//===----------------------------------------------------------------------===//
// How much memory this process has had at most.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_RUNNER_PEAKMEMORY_H
#define NNC_RUNNER_PEAKMEMORY_H

#include <cstdint>

namespace nncrun {

/// Bytes of the largest resident set of this process since it started its
/// program; -1 if the system does not tell. Unlike getrusage's ru_maxrss, which
/// Linux hands on through fork and exec, it counts nothing of the parent's.
int64_t peakResidentBytes();

} // namespace nncrun

#endif // NNC_RUNNER_PEAKMEMORY_H
