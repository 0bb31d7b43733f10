//===----------------------------------------------------------------------===//
// How much memory this process has had at most.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Runner/PeakMemory.h"

#include <cstdio>
#include <memory>

int64_t nncrun::peakResidentBytes() {
  struct Close {
    void operator()(std::FILE *file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file(std::fopen("/proc/self/status", "r"));
  char line[256];
  while (file && std::fgets(line, sizeof(line), file.get())) {
    long long kibibytes = 0;
    if (std::sscanf(line, "VmHWM: %lld kB", &kibibytes) == 1)
      return kibibytes * 1024;
  }
  return -1;
}
