//===----------------------------------------------------------------------===//
// Work in processes of its own: a crash is a finding.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Runner/CommandLine.h"
#include "nnc/Runner/Executable.h"
#include "nnc/Smith/Differential.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace nncsmith;

/// Models that one process judges: contexts are small, but LLVM keeps some.
static constexpr uint64_t seedsInProcess = 25;
/// Address space of a process: a model must not need more.
static constexpr rlim_t memoryLimit = rlim_t(16) << 30;

static void writeAll(int file, const std::string &text) {
  for (size_t done = 0; done < text.size();) {
    ssize_t count = write(file, text.data() + done, text.size() - done);
    if (count < 0 && errno != EINTR)
      return;
    done += count > 0 ? size_t(count) : 0;
  }
}

static std::string toLine(const Finding &finding) {
  std::string line(1, char(finding.verdict));
  line += finding.reason;
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line + "\n";
}

/// What a process wrote, a line a finding, and how it died.
static std::vector<Finding> runProcess(
    const std::function<void(const std::function<void(const Finding &)> &)>
        &work,
    unsigned seconds) {
  int ends[2];
  if (pipe(ends))
    return {{Verdict::Crashes, "no process can be started"}};
  pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    nncrun::removeCrashHandler();
    // What libraries print when they die is noise.
    if (!freopen("/dev/null", "w", stderr))
      _exit(1);
#if !defined(__SANITIZE_ADDRESS__)
    rlimit limit{memoryLimit, memoryLimit};
    setrlimit(RLIMIT_AS, &limit);
#endif
    alarm(seconds);
    work([&](const Finding &finding) {
      writeAll(ends[1], toLine(finding));
      alarm(seconds);
    });
    _exit(0);
  }
  close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t count;
       (count = read(ends[0], buffer, sizeof buffer)) > 0 || errno == EINTR;) {
    if (count <= 0) {
      errno = 0;
      continue;
    }
    text.append(buffer, size_t(count));
  }
  close(ends[0]);
  int status = 0;
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
    ;
  std::vector<Finding> findings;
  for (const std::string &line : nncrun::splitLines(text))
    if (!line.empty())
      findings.push_back({Verdict(line[0]), line.substr(1)});
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
    findings.push_back(
        {Verdict::Hangs, "takes over " + std::to_string(seconds) + " s"});
  else if (WIFSIGNALED(status))
    findings.push_back({Verdict::Crashes, strsignal(WTERMSIG(status))});
  else if (WEXITSTATUS(status) || child < 0)
    findings.push_back({Verdict::Crashes, "ended without a verdict"});
  return findings;
}

Finding nncsmith::runApart(const std::function<Finding()> &work,
                           unsigned seconds) {
  std::vector<Finding> findings =
      runProcess([&](auto tell) { tell(work()); }, seconds);
  return findings.empty() ? Finding() : findings.front();
}

void nncsmith::judgeSeeds(
    uint64_t first, uint64_t count, unsigned seconds,
    const std::function<Finding(uint64_t)> &judgeSeed,
    const std::function<bool(uint64_t, const Finding &)> &done) {
  for (uint64_t next = first; next < first + count;) {
    uint64_t end = std::min(first + count, next + seedsInProcess);
    std::vector<Finding> findings = runProcess(
        [&](auto tell) {
          for (uint64_t seed = next; seed < end; ++seed)
            tell(judgeSeed(seed));
        },
        seconds);
    if (findings.empty())
      findings.emplace_back();
    for (const Finding &finding : findings)
      if (next < end && !done(next++, finding))
        return;
  }
}
