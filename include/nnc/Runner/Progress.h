//===----------------------------------------------------------------------===//
// Tells a person at a terminal that long work goes on.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_RUNNER_PROGRESS_H
#define NNC_RUNNER_PROGRESS_H

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace nncrun {

/// While it lives, and from `delaySeconds` on, one line on stderr says what is
/// done and for how long; it is gone in the end. Says nothing where stderr is
/// no terminal, or one that can't clear a line.
class Progress {
public:
  struct Options {
    double delaySeconds = 2;
    /// Where the line goes, a file descriptor.
    int file = 2;
    bool onlyTerminal = true;
  };

  explicit Progress(std::string what) : Progress(std::move(what), Options()) {}
  Progress(std::string what, Options options);
  ~Progress();
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;

  /// Something else is done now.
  void tell(std::string what);

private:
  void showUntilDone();

  Options options;
  std::mutex mutex;
  std::condition_variable changed;
  std::string what;
  bool isDone = false;
  std::thread shower;
};

} // namespace nncrun

#endif // NNC_RUNNER_PROGRESS_H
