//===----------------------------------------------------------------------===//
// Threads of the library and of the caller, contexts side by side, profiles.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "AllocationCount.h"
#include "FakeModel.h"
#include "lib/Runtime/Internal.h"

#include <sched.h>

#include <atomic>
#include <set>
#include <thread>

namespace {

struct Problem {
  int64_t rows, columns;
  std::vector<float> a, b, y;

  Problem(int64_t rows, int64_t columns)
      : rows(rows), columns(columns),
        a(fake::ramp(static_cast<size_t>(rows * columns))),
        b(fake::ramp(static_cast<size_t>(rows))), y(a.size()) {}

  nnc_status run(fake::Context &context) {
    std::vector<nnc_value> inputs = {nnc::tensor(a.data(), {rows, columns}),
                                     nnc::tensor(b.data(), {rows})};
    std::vector<nnc_value> outputs = {nnc::tensor(y.data(), {rows, columns})};
    return context.run(fake::dynamicEntry, inputs, outputs);
  }
  std::vector<float> expected() const {
    std::vector<float> result(a.size());
    for (size_t i = 0; i < a.size(); ++i)
      result[i] = (a[i] + b[i / static_cast<size_t>(columns)]) * 2 + 1;
    return result;
  }
};

TEST(Threads, ResultsDoNotDependOnThem) {
  for (int64_t rows : {1, 2, 3, 4, 100})
    for (int32_t threads = 1; threads <= 4; ++threads) {
      SCOPED_TRACE(threads);
      fake::Context context(threads);
      for (int round = 0; round < 50; ++round) {
        Problem p(rows, 37);
        ASSERT_EQ(p.run(context), NNC_OK) << context.message();
        ASSERT_EQ(p.y, p.expected());
      }
    }
}

TEST(Threads, WarmRunsDoNotAllocate) {
  fake::Context context(2);
  Problem p(50, 30);
  ASSERT_EQ(p.run(context), NNC_OK);
  std::vector<nnc_value> inputs = {nnc::tensor(p.a.data(), {50, 30}),
                                   nnc::tensor(p.b.data(), {50})};
  std::vector<nnc_value> outputs = {nnc::tensor(p.y.data(), {50, 30})};
  int64_t before = allocationCount();
  for (int i = 0; i < 2000; ++i)
    ASSERT_EQ(context.run(fake::dynamicEntry, inputs, outputs), NNC_OK);
  EXPECT_EQ(allocationCount(), before);
  EXPECT_EQ(p.y, p.expected());
}

TEST(Threads, RunAfterWorkersWentToSleep) {
  fake::Context context(2);
  for (int i = 0; i < 20; ++i) {
    Problem p(9, 9);
    ASSERT_EQ(p.run(context), NNC_OK);
    ASSERT_EQ(p.y, p.expected());
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

/// Straight on the pool, with more threads than CPUs.
TEST(ThreadPool, EveryUnitOnceAlsoWhenOversubscribed) {
  auto kernel = [](const int64_t *args, int64_t begin, int64_t end, void *) {
    auto *marks = reinterpret_cast<int *>(args[0]);
    for (int64_t i = begin; i < end; ++i)
      ++marks[i];
  };
  nncrt::ThreadPool *pool = nullptr;
  for (int round = 0; round < 3000; ++round) {
    auto units = static_cast<int64_t>(1 + round % 23);
    std::vector<int> marks(static_cast<size_t>(units));
    int64_t args[] = {reinterpret_cast<int64_t>(marks.data())};
    nncrt::Job job{kernel,  args,
                   units,   static_cast<int32_t>(std::min<int64_t>(units, 8)),
                   nullptr, 0,
                   nullptr};
    nncrt::runOnPool(pool, 8, job);
    ASSERT_EQ(marks, std::vector<int>(marks.size(), 1)) << units;
  }
  nncrt::destroyPool(pool);
}

TEST(ThreadPool, SplitsEvenlyAndWithoutOverflow) {
  std::vector<std::pair<int64_t, int64_t>> ranges;
  auto kernel = [](const int64_t *args, int64_t begin, int64_t end, void *) {
    reinterpret_cast<std::vector<std::pair<int64_t, int64_t>> *>(args[0])
        ->emplace_back(begin, end);
  };
  int64_t args[] = {reinterpret_cast<int64_t>(&ranges)};
  for (int64_t units : {int64_t(7), int64_t(8), int64_t(4096), INT64_MAX}) {
    ranges.clear();
    nncrt::Job job{kernel, args, units, 7, nullptr, 0, nullptr};
    for (int32_t i = 0; i < 7; ++i)
      job.runChunk(i);
    int64_t next = 0;
    for (auto [begin, end] : ranges) {
      EXPECT_EQ(begin, next);
      EXPECT_GE(end - begin, units / 7);
      EXPECT_LE(end - begin - 1, units / 7);
      next = end;
    }
    EXPECT_EQ(next, units);
  }
}

/// What a fresh choice does with runs of these times.
std::vector<bool> runChoice(nncrt::ThreadChoice &choice, int64_t units,
                            int64_t oneNs, int64_t allNs, int runs) {
  std::vector<bool> wide;
  for (int run = 0; run < runs; ++run) {
    wide.push_back(choice.isWide(units));
    if (choice.isOpen())
      choice.record(wide.back(), wide.back() ? allNs : oneNs);
  }
  return wide;
}

TEST(ThreadChoice, TakesWhatWasFaster) {
  nncrt::ThreadChoice small{}, large{}, huge{};
  std::vector<bool> tried = {true, false, true, false, true, false, true};
  std::vector<bool> one = tried, all = tried;
  one.resize(12, false);
  all.resize(12, true);
  EXPECT_EQ(runChoice(small, 8, 1000, 4000, 12), one);
  EXPECT_EQ(runChoice(large, 8, 9000, 6000, 12), all);
  // No run on one thread for a kernel that surely needs more.
  EXPECT_EQ(runChoice(huge, 8, 9000000, 5000000, 12),
            std::vector<bool>(12, true));
}

TEST(ThreadChoice, OneDisturbedRunDoesNotCount) {
  nncrt::ThreadChoice choice{};
  int run = 0;
  while (choice.isWide(8), choice.isOpen()) {
    bool wide = choice.isWide(8);
    choice.record(wide, run++ == 3 ? 1000000 : wide ? 4000 : 1000);
  }
  EXPECT_FALSE(choice.isWide(8));
}

TEST(ThreadChoice, OtherSizesAreOtherKernels) {
  nncrt::ThreadChoice choice{};
  runChoice(choice, 8, 1000, 4000, 12);
  EXPECT_FALSE(choice.isWide(15));
  EXPECT_FALSE(choice.isWide(4));
  EXPECT_TRUE(choice.isWide(100));
  EXPECT_TRUE(choice.isOpen());
  runChoice(choice, 100, 9000, 4000, 12);
  EXPECT_TRUE(choice.isWide(100));
  EXPECT_FALSE(choice.isOpen());
}

TEST(Threads, NotMoreThanTheAffinityAllows) {
  cpu_set_t old, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof old, &old), 0);
  CPU_ZERO(&one);
  for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu)
    if (CPU_ISSET(cpu, &old))
      CPU_SET(cpu, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(nncrt::availableCpus(), 1);
  {
    fake::Context context(4);
    Problem p(16, 16);
    EXPECT_EQ(p.run(context), NNC_OK);
    // Two slots of 1024 bytes and the scratch of one thread.
    EXPECT_EQ(nnc_context_bytes(context), 2048u + 128u);
  }
  ASSERT_EQ(sched_setaffinity(0, sizeof old, &old), 0);
  EXPECT_EQ(nncrt::availableCpus(), CPU_COUNT(&old));
}

struct ExecutorLog {
  int calls = 0;
  int32_t most = 0;
};

/// Runs tasks backwards on threads of its own, and some that do not exist.
void logExecutor(void *data, int32_t count, void (*task)(void *, int32_t),
                 void *taskData) {
  auto *log = static_cast<ExecutorLog *>(data);
  ++log->calls;
  log->most = std::max(log->most, count);
  std::vector<std::thread> threads;
  for (int32_t i = count; i >= -1; --i)
    threads.emplace_back(task, taskData, i);
  for (std::thread &thread : threads)
    thread.join();
}

TEST(Threads, ExecutorOfTheCaller) {
  for (int32_t threads : {2, 3, 8}) {
    ExecutorLog log;
    nnc_context_options options = nnc::Context::options(threads);
    options.executor = logExecutor;
    options.executor_data = &log;
    fake::Context context(options);
    Problem p(33, 7);
    ASSERT_EQ(p.run(context), NNC_OK) << context.message();
    EXPECT_EQ(p.y, p.expected());
    EXPECT_EQ(log.calls, 3);
    EXPECT_EQ(log.most, threads);
  }
}

TEST(Threads, ContextsSideBySide) {
  std::atomic<int> wrong{0};
  auto work = [&](int64_t rows) {
    fake::Context context(2);
    for (int i = 0; i < 300; ++i) {
      Problem p(rows + i % 3, 11);
      if (p.run(context) != NNC_OK || p.y != p.expected())
        ++wrong;
    }
  };
  std::thread first(work, 5), second(work, 60);
  first.join();
  second.join();
  EXPECT_EQ(wrong, 0);
}

struct Profile {
  std::vector<nnc_profile_event> events;
  nnc_context *context = nullptr;
  nnc_status nested = NNC_OK;
};

void record(void *data, const nnc_profile_event *event) {
  auto *profile = static_cast<Profile *>(data);
  profile->events.push_back(*event);
  if (profile->context)
    profile->nested =
        nnc_context_run(profile->context, 0, nullptr, 0, nullptr, 0, nullptr);
}

TEST(ProfileCallback, OnePerKernel) {
  fake::Context context;
  Profile profile;
  nnc_context_set_profile(context, record, &profile);
  Problem p(4, 4);
  ASSERT_EQ(p.run(context), NNC_OK);
  ASSERT_EQ(profile.events.size(), 3u);
  EXPECT_STREQ(profile.events[0].kernel, "add_row");
  EXPECT_STREQ(profile.events[1].kernel, "double");
  EXPECT_STREQ(profile.events[1].nodes, "mul_1\nmul_2");
  EXPECT_EQ(profile.events[1].predicted_us, 1.5);
  EXPECT_EQ(profile.events[1].flops, 16);
  EXPECT_EQ(profile.events[1].bytes, 128);
  EXPECT_LT(profile.events[2].predicted_us, 0);
  for (const nnc_profile_event &event : profile.events)
    EXPECT_LE(event.begin_ns, event.end_ns);
  EXPECT_LE(profile.events[0].end_ns, profile.events[1].begin_ns);

  nnc_context_set_profile(context, nullptr, nullptr);
  ASSERT_EQ(p.run(context), NNC_OK);
  EXPECT_EQ(profile.events.size(), 3u);
}

TEST(ProfileCallback, MayNotRunTheSameContext) {
  fake::Context context;
  Profile profile;
  profile.context = context;
  nnc_context_set_profile(context, record, &profile);
  Problem p(4, 4);
  ASSERT_EQ(p.run(context), NNC_OK);
  EXPECT_EQ(profile.nested, NNC_INVALID_ARGUMENT);
  EXPECT_EQ(p.y, p.expected());
}

} // namespace
