//===----------------------------------------------------------------------===//
// Runs the threads of a cluster in turn until all are done.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Machine.h"

#include <sys/mman.h>
#include <thread>

using namespace nncgpu;

/// The most blocks of a cluster that any GPU has.
static constexpr size_t maxWindows = 16;

struct Machine::Resources {
  std::vector<std::unique_ptr<Fiber>> fibers;
  uint8_t *windows = nullptr;

  Resources() {
    constexpr size_t align = SharedMemory::windowBytes;
    void *memory =
        mmap(nullptr, (maxWindows + 1) * align, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory != MAP_FAILED)
      windows = reinterpret_cast<uint8_t *>(
          (reinterpret_cast<uint64_t>(memory) + align - 1) / align * align);
  }
};

namespace {
/// Resources are kept for the life of the process.
struct Pool {
  std::mutex mutex;
  std::vector<std::shared_ptr<void>> unused;
};
} // namespace

static Pool &pool() {
  static Pool *instance = new Pool;
  return *instance;
}

static thread_local Machine *currentMachine = nullptr;

Machine &Machine::current() { return *currentMachine; }

Machine::Machine(LaunchState &launch) : launch(launch) {
  Pool &shared = pool();
  std::lock_guard<std::mutex> lock(shared.mutex);
  if (shared.unused.empty()) {
    resources = std::make_shared<Resources>();
  } else {
    resources = std::static_pointer_cast<Resources>(shared.unused.back());
    shared.unused.pop_back();
  }
  for (const auto &fiber : resources->fibers)
    freeFibers.push_back(fiber.get());
}

Machine::~Machine() {
  if (!isValid())
    return;
  Pool &shared = pool();
  std::lock_guard<std::mutex> lock(shared.mutex);
  shared.unused.push_back(std::move(resources));
}

bool Machine::isValid() const { return resources->windows != nullptr; }

void Machine::beginBlock(Block &block, uint32_t rank, Dim3 id) {
  block.id = id;
  block.rank = rank;
  uint32_t count = launch.blockThreads;
  block.live = count;
  block.shared.begin(resources->windows + rank * SharedMemory::windowBytes,
                     launch.sharedBytes);
  block.threads.resize(count);
  const Dim3 &extent = launch.config.block;
  for (uint32_t i = 0; i < count; ++i) {
    Thread &each = block.threads[i];
    each.block = &block;
    each.index = i;
    each.agent = rank * count + i;
    each.id = {i % extent.x, i / extent.x % extent.y, i / extent.x / extent.y};
    each.state = Thread::State::Fresh;
    each.fiber = nullptr;
    each.polls = 0;
    each.clusterPhase = 0;
    if (each.copies.isUsed)
      each.copies = CopyQueue();
    if (each.bulkStores.isUsed)
      each.bulkStores = CopyQueue();
    ready.push_back(&each);
  }
  block.warps.assign((count + warpSize - 1) / warpSize, {});
  block.warpgroups.assign((count + warpgroupSize - 1) / warpgroupSize, {});
  block.products.assign(block.warps.size(), ProductQueue());
  for (NamedBarrier &barrier : block.barriers)
    barrier = NamedBarrier();
  block.transactions.clear();
  block.counts.begin();
}

void Machine::runCluster(Dim3 first, uint64_t number) {
  currentMachine = this;
  if (launch.options.seed)
    random.seed(launch.options.seed * 0x9E3779B97F4A7C15u + number);
  const Dim3 &extent = launch.config.cluster;
  blocks.resize(extent.count());
  live = uint32_t(blocks.size()) * launch.blockThreads;
  clocks.begin(live);
  clusterBarrier = ClusterBarrier();
  transactionCount = 0;
  for (uint32_t rank = 0; rank < blocks.size(); ++rank) {
    uint32_t x = rank % extent.x, y = rank / extent.x % extent.y,
             z = rank / extent.x / extent.y;
    beginBlock(blocks[rank], rank, {first.x + x, first.y + y, first.z + z});
  }
  if (launch.options.seed)
    std::shuffle(ready.begin(), ready.end(), random);
  while (live && !isAbandoned) {
    Thread *next = pick();
    if (!next) {
      if (!launch.shouldStop())
        reportDeadlock();
      isAbandoned = launch.stop = true;
      break;
    }
    resume(*next);
  }
  for (Block &each : blocks)
    each.counts.finish(counters);
  if (!isAbandoned)
    runSome(deferred);
  ready.clear();
  polling.clear();
  deferred.clear();
}

void Machine::addCounts() {
  std::lock_guard<std::mutex> lock(launch.mutex);
  launch.result.counters += counters;
}

/// Lets those run again that ask for a change, if there may have been one.
bool Machine::wakePolling() {
  // Memory is changed by other blocks as well, and by what is not counted here.
  constexpr std::chrono::seconds patience(5);
  using Clock = std::chrono::steady_clock;
  bool isStuck = progress == progressAtPoll && !runDeferred();
  if (!isStuck) {
    stuckSince.reset();
  } else {
    bool canChange = llvm::any_of(polling, [](Thread *each) {
      return each->waitsFor.kind == WaitReason::Kind::Memory;
    });
    if (!stuckSince)
      stuckSince = Clock::now();
    if (!canChange || launch.shouldStop() ||
        Clock::now() - *stuckSince > patience)
      return false;
    std::this_thread::yield();
  }
  progressAtPoll = progress;
  ready.insert(ready.end(), polling.begin(), polling.end());
  polling.clear();
  return true;
}

/// The next thread that can run, after as many asynchronous copies as that
/// takes; null if there is none.
Thread *Machine::pick() {
  bool isShuffled = launch.options.seed != 0;
  if (isShuffled && !launch.options.lazyCopies && random() % 4 == 0)
    runDeferred();
  while (ready.empty())
    if (polling.empty() ? !runDeferred() : !wakePolling())
      return nullptr;
  size_t i = isShuffled ? random() % ready.size() : 0;
  Thread *next = ready[i];
  ready.erase(ready.begin() + i);
  return next;
}

void Machine::resume(Thread &next) {
  thread = running = &next;
  if (next.state == Thread::State::Fresh) {
    if (freeFibers.empty()) {
      resources->fibers.push_back(std::make_unique<Fiber>());
      freeFibers.push_back(resources->fibers.back().get());
    }
    next.fiber = freeFibers.back();
    freeFibers.pop_back();
    if (!next.fiber->isValid()) {
      report(FindingKind::Misuse, nullptr, "no memory for stacks of threads");
      isAbandoned = launch.stop = true;
      return;
    }
    next.fiber->start(fiberEntry);
  }
  next.state = Thread::State::Ready;
  next.fiber->enter();
  if (next.state == Thread::State::Done)
    freeFibers.push_back(next.fiber);
}

void Machine::fiberEntry() {
  Machine &machine = current();
  machine.launch.kernel->entry(machine.launch.parameters);
  machine.exitThread();
}

void Machine::exitThread() {
  Thread &self = *thread;
  self.state = Thread::State::Done;
  --live;
  --self.block->live;
  ++progress;
  leaveGroups(self);
  for (CopyQueue *queue : {&self.copies, &self.bulkStores})
    if (queue->isUsed) {
      commitCopies(*queue);
      waitCopies(*queue, 0);
    }
  self.fiber->leave();
  llvm_unreachable("a thread that has ended does not go on");
}

void Machine::abandon() {
  isAbandoned = launch.stop = true;
  running->fiber->leave();
  llvm_unreachable("nothing goes on after the launch was given up");
}

void Machine::wait(const Site &site, WaitReason waitsFor) {
  Thread &self = *thread;
  ++progress;
  self.state = Thread::State::Blocked;
  self.waitsAt = &site;
  self.waitsFor = waitsFor;
  self.fiber->leave();
}

void Machine::wake(Thread &other) {
  ++progress;
  if (other.state != Thread::State::Blocked)
    return;
  other.state = Thread::State::Ready;
  ready.push_back(&other);
}

void Machine::poll(const Site &site, WaitReason waitsFor) {
  Thread &self = *thread;
  self.state = Thread::State::Polling;
  self.waitsAt = &site;
  self.waitsFor = waitsFor;
  polling.push_back(&self);
  self.fiber->leave();
}

bool Machine::happensNow() {
  return !launch.options.lazyCopies &&
         (launch.options.seed == 0 || random() % 2 == 0);
}

void Machine::defer(std::function<void()> work) {
  ++progress;
  if (happensNow())
    return work();
  deferred.push_back(std::move(work));
}

bool Machine::runDeferred() {
  if (deferred.empty())
    return false;
  size_t i = launch.options.seed ? random() % deferred.size() : 0;
  std::function<void()> work = std::move(deferred[i]);
  deferred.erase(deferred.begin() + i);
  work();
  ++progress;
  return true;
}

void Machine::runSome(std::vector<std::function<void()>> &work) {
  for (const auto &each : work)
    each();
  work.clear();
}

void Machine::defer(CopyQueue &queue, std::function<void()> work) {
  queue.isUsed = true;
  if (happensNow())
    return work();
  queue.open.push_back(std::move(work));
}

void Machine::commitCopies(CopyQueue &queue) {
  uint32_t engine = clocks.copyEngine(thread->agent);
  queue.isUsed = true;
  queue.groups.push_back({clocks.now(engine), std::move(queue.open)});
  queue.open.clear();
  clocks.tick(engine);
}

void Machine::waitCopies(CopyQueue &queue, size_t left) {
  while (queue.groups.size() > left) {
    CopyGroup group = std::move(queue.groups.front());
    queue.groups.erase(queue.groups.begin());
    runSome(group.pending);
    clocks.learn(thread->agent, clocks.copyEngine(thread->agent), group.time);
  }
}
