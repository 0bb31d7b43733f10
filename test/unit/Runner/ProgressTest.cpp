//===----------------------------------------------------------------------===//
// Progress of long work.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Runner/Progress.h"
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <unistd.h>

using namespace nncrun;

/// What a Progress writes that lives for some time.
static std::string record(Progress::Options options, int milliseconds) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  options.file = ends[1];
  {
    Progress progress("first", options);
    progress.tell("second");
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
  }
  ::close(ends[1]);
  std::string text(1000, '\0');
  const ssize_t size = ::read(ends[0], text.data(), text.size());
  ::close(ends[0]);
  text.resize(size > 0 ? size_t(size) : 0);
  return text;
}

TEST(Progress, SaysWhatIsDoneAndClearsTheLine) {
  Progress::Options options;
  options.delaySeconds = 0.01;
  options.onlyTerminal = false;
  EXPECT_EQ(record(options, 100), "\r\033[Ksecond, 0 s\r\033[K");
}

TEST(Progress, IsQuietBeforeTheDelay) {
  Progress::Options options;
  options.delaySeconds = 100;
  options.onlyTerminal = false;
  EXPECT_EQ(record(options, 20), "");
}

TEST(Progress, IsQuietWhereNobodyLooks) {
  Progress::Options options;
  options.delaySeconds = 0.01;
  EXPECT_EQ(record(options, 50), "");
}
