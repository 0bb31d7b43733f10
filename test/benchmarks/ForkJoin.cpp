//===----------------------------------------------------------------------===//
// What it costs to hand a job to the runtime's threads and to wait for them:
//   NNCForkJoinBenchmark [THREADS]
//
// Prints minimum, median and 99th percentile of one fork and join, hot and
// after pauses.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Internal.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

using Clock = std::chrono::steady_clock;

static void nothing(const int64_t *, int64_t, int64_t, void *) {}

/// Nanoseconds of `count` fork-joins, each after `pause`; ascending.
static std::vector<int64_t> measure(nncrt::ThreadPool *&pool, int32_t threads,
                                    int count, Clock::duration pause) {
  std::vector<int64_t> times;
  for (int i = 0; i < count; ++i) {
    for (Clock::time_point begin = Clock::now();
         Clock::now() - begin < pause;) {
    }
    nncrt::Job job{nothing, nullptr, threads, threads, nullptr, 0};
    Clock::time_point begin = Clock::now();
    nncrt::runOnPool(pool, threads, job);
    times.push_back(std::chrono::duration_cast<std::chrono::nanoseconds>(
                        Clock::now() - begin)
                        .count());
  }
  std::sort(times.begin(), times.end());
  return times;
}

static void report(const char *what, const std::vector<int64_t> &times) {
  std::printf("%-22s min %7lld  median %7lld  p99 %7lld ns\n", what,
              static_cast<long long>(times.front()),
              static_cast<long long>(times[times.size() / 2]),
              static_cast<long long>(times[times.size() * 99 / 100]));
}

int main(int argc, char **argv) {
  using namespace std::chrono_literals;
  int32_t threads =
      argc > 1 ? std::atoi(argv[1])
               : static_cast<int32_t>(std::thread::hardware_concurrency());
  threads = std::clamp(threads, 1, nncrt::maxThreads);
  nncrt::ThreadPool *pool = nullptr;
  measure(pool, threads, 1000, 0ns);
  report("hot", measure(pool, threads, 100000, 0ns));
  report("after 10 us", measure(pool, threads, 10000, 10us));
  report("after 50 us", measure(pool, threads, 5000, 50us));
  report("after 1 ms (asleep)", measure(pool, threads, 500, 1ms));
  nncrt::destroyPool(pool);
  return 0;
}
