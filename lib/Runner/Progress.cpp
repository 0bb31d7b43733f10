//===----------------------------------------------------------------------===//
// Tells a person at a terminal that long work goes on.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Runner/Progress.h"

#include <chrono>
#include <cstdlib>
#include <unistd.h>

using namespace nncrun;
using Clock = std::chrono::steady_clock;

/// The start of the line, and an end of what stood there.
static constexpr char clearLine[] = "\r\033[K";

static bool canClearLines(int file) {
  const char *kind = std::getenv("TERM");
  return ::isatty(file) && kind && *kind && std::string(kind) != "dumb";
}

static void writeAll(int file, const std::string &text) {
  // A line that is lost is no harm.
  if (::write(file, text.data(), text.size()) < 0)
    return;
}

Progress::Progress(std::string what, Options options)
    : options(options), what(std::move(what)) {
  if (!options.onlyTerminal || canClearLines(options.file))
    shower = std::thread([this] { showUntilDone(); });
}

Progress::~Progress() {
  if (!shower.joinable())
    return;
  {
    const std::lock_guard<std::mutex> lock(mutex);
    isDone = true;
  }
  changed.notify_all();
  shower.join();
}

void Progress::tell(std::string text) {
  const std::lock_guard<std::mutex> lock(mutex);
  what = std::move(text);
}

void Progress::showUntilDone() {
  const Clock::time_point begin = Clock::now();
  std::unique_lock<std::mutex> lock(mutex);
  std::chrono::duration<double> wait(options.delaySeconds);
  bool isShown = false;
  while (!changed.wait_for(lock, wait, [this] { return isDone; })) {
    const std::chrono::duration<double> spent = Clock::now() - begin;
    writeAll(options.file, clearLine + what + ", " +
                               std::to_string(long(spent.count())) + " s");
    isShown = true;
    wait = std::chrono::milliseconds(500);
  }
  if (isShown)
    writeAll(options.file, clearLine);
}
