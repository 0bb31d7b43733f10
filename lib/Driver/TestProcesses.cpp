//===----------------------------------------------------------------------===//
// Runs tests in processes of their own.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "BackendTest.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::driver;
using Clock = std::chrono::steady_clock;

namespace {
/// A child that computes one result and writes it to a pipe.
struct Worker {
  size_t number;
  pid_t pid;
  int pipe;
  Clock::time_point deadline;
  std::string received;
  bool timedOut = false;
};
} // namespace

/// In the child: the outcome as a digit, then the reason.
[[noreturn]] static void work(int pipe, size_t number,
                              const std::function<TestResult(size_t)> &run) {
  // A crash is to be seen by its signal; what libraries print then is noise.
  nncrun::removeCrashHandler();
  int null = ::open("/dev/null", O_WRONLY);
  if (null >= 0)
    ::dup2(null, STDERR_FILENO);
  TestResult result = run(number);
  std::string text(1, char('0' + int(result.outcome)));
  text += result.reason;
  for (size_t at = 0; at < text.size();) {
    ssize_t written = ::write(pipe, text.data() + at, text.size() - at);
    if (written < 0 && errno != EINTR)
      break;
    at += written > 0 ? size_t(written) : 0;
  }
  // Without destructors and buffers that belong to the parent.
  ::_exit(0);
}

static bool startWorker(size_t number, double seconds,
                        const std::function<TestResult(size_t)> &run,
                        std::vector<Worker> &workers) {
  int ends[2];
  if (::pipe(ends) != 0)
    return false;
  pid_t pid = ::fork();
  if (pid < 0) {
    ::close(ends[0]);
    ::close(ends[1]);
    return false;
  }
  if (pid == 0) {
    ::close(ends[0]);
    work(ends[1], number, run);
  }
  ::close(ends[1]);
  Worker worker{number, pid, ends[0], {}, {}};
  worker.deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                       std::chrono::duration<double>(seconds));
  workers.push_back(std::move(worker));
  return true;
}

/// What a child that has closed its pipe left behind.
static TestResult finishWorker(const Worker &worker) {
  ::close(worker.pipe);
  int status = 0;
  while (::waitpid(worker.pid, &status, 0) < 0 && errno == EINTR)
    ;
  if (worker.timedOut)
    return {Outcome::Fail, "took longer than the time limit"};
  if (WIFSIGNALED(status))
    return {Outcome::Fail,
            std::string("crashed: ") + ::strsignal(WTERMSIG(status))};
  if (worker.received.empty())
    return {Outcome::Fail,
            "ended with exit code " + std::to_string(WEXITSTATUS(status))};
  return {Outcome(worker.received[0] - '0'), worker.received.substr(1)};
}

/// Waits for output or a deadline. True if the worker is done.
static bool serve(Worker &worker, short events) {
  if (!events && Clock::now() >= worker.deadline && !worker.timedOut) {
    worker.timedOut = true;
    ::kill(worker.pid, SIGKILL);
  }
  if (!events)
    return false;
  char buffer[4096];
  ssize_t count = ::read(worker.pipe, buffer, sizeof(buffer));
  if (count > 0)
    worker.received.append(buffer, size_t(count));
  return count == 0 || (count < 0 && errno != EINTR);
}

void driver::runIsolated(
    size_t count, unsigned jobs, double seconds,
    const std::function<TestResult(size_t)> &run,
    const std::function<void(size_t, const TestResult &)> &done) {
  std::vector<Worker> workers;
  std::vector<std::optional<TestResult>> results(count);
  size_t next = 0, reported = 0;
  while (reported < count) {
    while (next < count && workers.size() < jobs) {
      if (!startWorker(next, seconds, run, workers))
        results[next] = {Outcome::Fail,
                         std::string("cannot start a process: ") +
                             std::strerror(errno)};
      ++next;
    }
    std::vector<pollfd> polls;
    for (const Worker &worker : workers)
      polls.push_back({worker.pipe, POLLIN, 0});
    if (!polls.empty())
      ::poll(polls.data(), polls.size(), 100);
    for (size_t i = workers.size(); i-- > 0;) {
      if (!serve(workers[i], polls[i].revents))
        continue;
      results[workers[i].number] = finishWorker(workers[i]);
      workers.erase(workers.begin() + ptrdiff_t(i));
    }
    for (; reported < count && results[reported]; ++reported)
      done(reported, *results[reported]);
  }
}
