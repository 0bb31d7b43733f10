//===----------------------------------------------------------------------===//
// Running the units of a kernel on several threads: the caller's executor, or
// workers of the context that wait between kernels.
//
// Units are cut into contiguous chunks, fixed by their number and that of the
// threads; kernels must not depend on where the cuts are. Kernels that are
// faster on one thread run on one.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Runtime/Device.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

using namespace nncrt;

// How long to look for work before sleeping, in ns: a host function needs less
// than a microsecond between two kernels, a wake some 10 µs or more. No
// sched_yield meanwhile: with more threads than CPUs it gives the CPU away for
// milliseconds, while one that sleeps is preferred when it is woken.
static constexpr int64_t sleepAfter = 60000;
/// Looks between two readings of the clock.
static constexpr int looks = 64;

static void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static int64_t now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return int64_t(time.tv_sec) * 1000000000 + time.tv_nsec;
}

/// Looks whether `isDone` until it is time to sleep. False: it was not.
template <typename Predicate>
static bool spin(Predicate isDone) {
  int64_t begin = 0;
  for (;;) {
    for (int i = 0; i < looks; ++i) {
      if (isDone())
        return true;
      relax();
    }
    int64_t time = now();
    if (begin == 0)
      begin = time;
    if (time - begin > sleepAfter)
      return false;
  }
}

namespace nncrt {
struct Worker {
  ThreadPool *pool;
  pthread_t thread;
  int32_t index; ///< Of its chunk; the caller's is 0.
};

/// Each line of cache has one kind of writer: the caller, who publishes; the
/// workers that are done; those that fall asleep.
struct ThreadPool {
  // Number of the job in the high bits, its chunks in the low 16: a worker
  // without a chunk in it never reads the job.
  alignas(NNCRT_ALIGNMENT) Atomic<uint64_t> ticket;
  Job job{};
  alignas(NNCRT_ALIGNMENT) Atomic<int32_t> pending;  ///< Chunks still run.
  alignas(NNCRT_ALIGNMENT) Atomic<int32_t> sleepers; ///< Wait for `wake`.
  Atomic<bool> callerSleeps;
  Atomic<bool> stop;
  alignas(NNCRT_ALIGNMENT) pthread_mutex_t mutex;
  pthread_cond_t wake; ///< Workers wait for a ticket.
  pthread_cond_t done; ///< The caller waits for the last chunk.
  int32_t numWorkers = 0;
  Worker *workers = nullptr;
};
} // namespace nncrt

static constexpr uint64_t chunkMask = 0xffff;
static_assert(maxThreads <= static_cast<int32_t>(chunkMask));

/// Where the kernel that this thread runs notes what it leaves out. Found
/// without a call, so that it costs nothing to speak of.
static thread_local Atomic<const char *> *currentOutside
    __attribute__((tls_model("initial-exec")));

void nncrt_out_of_bounds(const char *access) {
  // One of several is enough.
  if (currentOutside && !currentOutside->load())
    currentOutside->store(access);
}

void Job::runChunk(int32_t index) const {
  int64_t share = units / chunks, rest = units % chunks;
  int64_t begin = index * share + (index < rest ? index : rest);
  int64_t end = begin + share + (index < rest ? 1 : 0);
  Atomic<const char *> *around = currentOutside;
  currentOutside = outside;
  fn(args, begin, end, scratch + index * scratchStride);
  currentOutside = around;
}

int32_t nncrt::availableCpus() {
  unsigned long mask[128] = {}; // 8192 CPUs
  if (sched_getaffinity(0, sizeof mask, reinterpret_cast<cpu_set_t *>(mask)))
    return maxThreads;
  int32_t count = 0;
  for (unsigned long word : mask)
    count += __builtin_popcountl(word);
  return count > 0 ? count : 1;
}

/// Returns when there is a ticket other than `seen`, or at the end.
static uint64_t awaitTicket(ThreadPool &pool, uint64_t seen) {
  uint64_t ticket = seen;
  bool found = spin([&] {
    ticket = pool.ticket.loadAcquire();
    return ticket != seen;
  });
  if (found)
    return ticket;
  pthread_mutex_lock(&pool.mutex);
  // Either the publisher sees this sleeper or the loop sees its ticket: both
  // sides write, then read, in sequentially consistent order.
  pool.sleepers.add(1);
  while ((ticket = pool.ticket.load()) == seen && !pool.stop.load())
    pthread_cond_wait(&pool.wake, &pool.mutex);
  pool.sleepers.add(-1);
  pthread_mutex_unlock(&pool.mutex);
  return ticket;
}

static void *workerMain(void *argument) {
  auto *worker = static_cast<Worker *>(argument);
  ThreadPool &pool = *worker->pool;
  uint64_t seen = 0;
  for (;;) {
    uint64_t ticket = awaitTicket(pool, seen);
    if (pool.stop.load())
      return nullptr;
    seen = ticket;
    if (worker->index >= static_cast<int32_t>(ticket & chunkMask))
      continue;
    pool.job.runChunk(worker->index);
    if (pool.pending.add(-1) == 0 && pool.callerSleeps.load()) {
      pthread_mutex_lock(&pool.mutex);
      pthread_cond_signal(&pool.done);
      pthread_mutex_unlock(&pool.mutex);
    }
  }
}

static void awaitDone(ThreadPool &pool) {
  if (spin([&] { return pool.pending.loadAcquire() == 0; }))
    return;
  pthread_mutex_lock(&pool.mutex);
  pool.callerSleeps.store(true);
  while (pool.pending.load() != 0)
    pthread_cond_wait(&pool.done, &pool.mutex);
  pool.callerSleeps.store(false);
  pthread_mutex_unlock(&pool.mutex);
}

/// Starts as many workers as possible; the process's signals are not theirs.
static void startWorkers(ThreadPool &pool, int32_t count) {
  sigset_t all, old;
  sigfillset(&all);
  bool isMasked = pthread_sigmask(SIG_SETMASK, &all, &old) == 0;
  for (int32_t i = 0; i < count; ++i) {
    Worker &worker = pool.workers[i];
    worker.pool = &pool;
    worker.index = i + 1;
    if (pthread_create(&worker.thread, nullptr, workerMain, &worker) != 0)
      break;
    ++pool.numWorkers;
  }
  if (isMasked)
    pthread_sigmask(SIG_SETMASK, &old, nullptr);
}

static ThreadPool *createPool(int32_t count) {
  void *memory = nullptr;
  if (posix_memalign(&memory, alignof(ThreadPool), sizeof(ThreadPool)) != 0)
    return nullptr;
  auto *pool = static_cast<ThreadPool *>(memory);
  *pool = ThreadPool();
  pthread_mutex_init(&pool->mutex, nullptr);
  pthread_cond_init(&pool->wake, nullptr);
  pthread_cond_init(&pool->done, nullptr);
  pool->workers =
      static_cast<Worker *>(calloc(static_cast<size_t>(count), sizeof(Worker)));
  if (pool->workers)
    startWorkers(*pool, count);
  return pool;
}

void nncrt::destroyPool(ThreadPool *pool) {
  if (!pool)
    return;
  pthread_mutex_lock(&pool->mutex);
  pool->stop.store(true);
  // A ticket of no chunks, for those that spin.
  pool->ticket.store(((pool->ticket.load() >> 16) + 1) << 16);
  pthread_cond_broadcast(&pool->wake);
  pthread_mutex_unlock(&pool->mutex);
  for (int32_t i = 0; i < pool->numWorkers; ++i)
    pthread_join(pool->workers[i].thread, nullptr);
  pthread_cond_destroy(&pool->done);
  pthread_cond_destroy(&pool->wake);
  pthread_mutex_destroy(&pool->mutex);
  free(pool->workers);
  free(pool);
}

void nncrt::runOnPool(ThreadPool *&pool, int32_t threads, Job &job) {
  if (!pool)
    pool = createPool(threads - 1);
  int32_t most = pool ? pool->numWorkers + 1 : 1;
  if (job.chunks > most)
    job.chunks = most;
  if (job.chunks == 1)
    return job.runChunk(0);
  pool->job = job;
  pool->pending.store(job.chunks - 1);
  uint64_t number = (pool->ticket.load() >> 16) + 1;
  pool->ticket.store(number << 16 | static_cast<uint64_t>(job.chunks));
  if (pool->sleepers.load() > 0) {
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
  }
  job.runChunk(0);
  awaitDone(*pool);
}

static void runTask(void *data, int32_t index) {
  auto *job = static_cast<const Job *>(data);
  if (index >= 0 && index < job->chunks)
    job->runChunk(index);
}

static void runJob(nnc_context &context, Job &job) {
  if (job.chunks <= 1)
    return job.runChunk(0);
  if (context.executor)
    return context.executor(context.executorData, job.chunks, runTask, &job);
  runOnPool(context.workers, context.threads, job);
}

// Timed runs of each kind; the least counts, so that a disturbed one does not.
static constexpr int32_t trials = 3;
/// A kernel that takes longer on all threads needs no trial: starting them is
/// some microseconds.
static constexpr int64_t surelyWideNs = 50000;
static constexpr int32_t settled = 1 + 2 * trials;

bool ThreadChoice::isWide(int64_t count) {
  if (count / 2 > units || count < units / 2) {
    units = count;
    runs = 0;
    leastNs[0] = leastNs[1] = INT64_MAX;
  }
  // The first run finds caches cold, and settles large kernels.
  return isOpen() ? runs % 2 == 0 : leastNs[1] < leastNs[0];
}

bool ThreadChoice::isOpen() const { return runs < settled; }

void ThreadChoice::record(bool wide, int64_t ns) {
  if (runs == 0 && ns > surelyWideNs) {
    runs = settled;
    leastNs[1] = 0;
    return;
  }
  if (runs > 0 && ns < leastNs[wide])
    leastNs[wide] = ns;
  ++runs;
}

static void runPhases(nnc_context &context, const nncrt_kernel &kernel,
                      const int64_t *args, const int64_t *units,
                      int32_t threads) {
  for (int32_t phase = 0; phase < kernel.num_phases; ++phase) {
    int64_t count = units[phase];
    if (count <= 0)
      continue;
    int32_t chunks = count < threads ? static_cast<int32_t>(count) : threads;
    Job job{kernel.phases[phase],
            args,
            count,
            chunks,
            context.scratch,
            context.scratchStride,
            &context.outside};
    runJob(context, job);
  }
}

/// Runs a kernel on one thread or on all, whatever has been faster.
static void runKernel(nnc_context &context, int32_t index, const int64_t *args,
                      const int64_t *units) {
  const nncrt_kernel &kernel = context.tables->kernels[index];
  int64_t most = 0;
  for (int32_t phase = 0; phase < kernel.num_phases; ++phase)
    if (units[phase] > most)
      most = units[phase];
  if (!context.choices || most <= 1)
    return runPhases(context, kernel, args, units, context.threads);
  ThreadChoice &choice = context.choices[index];
  bool wide = choice.isWide(most);
  int32_t threads = wide ? context.threads : 1;
  if (!choice.isOpen())
    return runPhases(context, kernel, args, units, threads);
  int64_t begin = now();
  runPhases(context, kernel, args, units, threads);
  choice.record(wide, now() - begin);
}

void nncrt_parallel(nnc_context *context, int32_t index, const int64_t *args,
                    const int64_t *units) {
  if (context->isQuery)
    return;
  if (index < 0 || index >= context->tables->num_kernels) {
    recordFailure(*context, NNC_INTERNAL_ERROR,
                  "the model has %d kernels but calls number %d",
                  context->tables->num_kernels, index);
    return;
  }
  const nncrt_kernel &kernel = context->tables->kernels[index];
  auto run = [&] {
    if (context->device)
      launchPhases(*context, index, args, units,
                   /*wait=*/context->profile != nullptr);
    else
      runKernel(*context, index, args, units);
    if (const char *access = context->outside.load()) {
      context->outside.store(nullptr);
      recordFailure(*context, NNC_INTERNAL_ERROR, "%s", access);
    }
  };
  if (!context->profile)
    return run();
  nnc_profile_event event{kernel.name,         kernel.nodes, now(),       0,
                          kernel.predicted_us, kernel.flops, kernel.bytes};
  run();
  event.end_ns = now();
  context->profile(context->profileData, &event);
}
