//===----------------------------------------------------------------------===//
// What runs a cluster of blocks at a time: threads, warps, and what they wait
// for.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TARGET_GPUEMULATOR_MACHINE_H
#define NNC_LIB_TARGET_GPUEMULATOR_MACHINE_H

#include "lib/Target/GPUEmulator/AccessCounts.h"
#include "lib/Target/GPUEmulator/Fiber.h"
#include "lib/Target/GPUEmulator/SharedMemory.h"
#include "lib/Target/GPUEmulator/Site.h"
#include "nnc/Target/GPUEmulator/Emulator.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/Twine.h"

#include <atomic>
#include <bitset>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <set>

namespace nncgpu {

struct Block;
class Machine;

constexpr unsigned warpSize = 32;
constexpr unsigned warpgroupSize = 128;

/// What all machines of a launch share.
struct LaunchState {
  const Kernel *kernel;
  LaunchConfig config;
  LaunchOptions options;
  const DeviceMemory *memory;
  /// Copies of the arguments, and where they lie.
  void **parameters;
  uint64_t parametersBegin, parametersEnd;
  uint32_t blockThreads;
  uint32_t sharedBytes;

  /// Takes a finding unless its instruction had one of this kind.
  void report(FindingKind kind, const Site *site, std::string message);
  bool shouldStop() const { return stop; }

  std::mutex mutex;
  LaunchResult result;
  std::set<std::pair<FindingKind, const Site *>> reported;
  std::atomic<bool> stop{false};
};

/// Copies that a thread has asked for and not waited for: `cp.async` and the
/// stores of bulk copies.
struct CopyGroup {
  /// The event of the engine at which the group is complete.
  uint32_t time = 0;
  /// What has still to be done, if it was not done at once.
  std::vector<std::function<void()>> pending;
};

/// Groups in order of age, and copies that no group has yet.
struct CopyQueue {
  std::vector<CopyGroup> groups;
  std::vector<std::function<void()>> open;
  bool isUsed = false;
};

/// Why a thread does not go on; `value` is a lane mask, the number of a barrier
/// or an offset in shared memory, `other` a count or a parity.
struct WaitReason {
  enum class Kind { Lanes, NamedBarrier, Phase, Cluster, Memory };
  Kind kind = Kind::Lanes;
  uint64_t value = 0;
  uint64_t other = 0;
};

struct Thread {
  enum class State { Fresh, Ready, Blocked, Polling, Done };

  Block *block = nullptr;
  /// In the block, and in the cluster, where it is also the agent of its clock.
  uint32_t index = 0, agent = 0;
  Dim3 id;
  State state = State::Fresh;
  Fiber *fiber = nullptr;
  /// What it waits at and for, for messages.
  const Site *waitsAt = nullptr;
  WaitReason waitsFor;
  CopyQueue copies, bulkStores;
  uint32_t polls = 0;
  /// The phase of the cluster's barrier that it has arrived for.
  uint32_t clusterPhase = 0;

  unsigned lane() const { return index % warpSize; }
};

/// Lanes of a warp or of a warpgroup that carry out one instruction together.
struct Meeting {
  using Body = void (*)(Machine &machine, Meeting &meeting);

  const Site *site = nullptr;
  Body body = nullptr;
  /// The first thread of the group, and who is expected and has come.
  Thread *first = nullptr;
  std::bitset<warpgroupSize> lanes, expected, arrived;
  std::array<const Slot *, warpgroupSize> args;
  std::array<Slot *, warpgroupSize> results;

  /// Whether a lane takes part.
  bool has(unsigned lane) const { return arrived[lane]; }
  Thread &thread(unsigned lane) const { return first[lane]; }
};

/// A barrier of `bar.sync`.
struct NamedBarrier {
  uint32_t expected = 0;
  std::vector<Thread *> arrived;
  /// Those of `arrived` that wait, with where their result goes.
  std::vector<std::pair<Thread *, Slot *>> waiting;
  /// Of reductions: how many had a true predicate.
  uint32_t trueCount = 0;
  VectorClock clock;
};

/// A barrier object in shared memory.
struct TransactionBarrier {
  uint32_t expected = 0, pending = 0;
  int64_t bytes = 0;
  uint32_t phase = 0;
  uint32_t engine = 0;
  std::vector<Thread *> waiting;
  /// What arrivals of the running phase give, and what those before gave.
  VectorClock gathering, complete;
};

/// Products of a warpgroup that one of its warps has not waited for.
struct ProductQueue {
  /// The events of the engine at which committed groups are complete.
  std::vector<uint32_t> groups;
  bool isFenced = false;
};

/// The barrier of a cluster.
struct ClusterBarrier {
  uint32_t arrived = 0, phase = 0;
  std::vector<Thread *> waiting;
  VectorClock gathering, complete;
};

struct Block {
  Dim3 id;
  uint32_t rank = 0;
  SharedMemory shared;
  std::vector<Thread> threads;
  std::vector<std::vector<Meeting>> warps, warpgroups;
  std::array<NamedBarrier, 16> barriers;
  std::map<uint32_t, TransactionBarrier> transactions;
  std::vector<ProductQueue> products;
  uint32_t live = 0;
  AccessCounts counts;
};

/// Runs clusters one after the other on one thread of the operating system.
class Machine {
public:
  explicit Machine(LaunchState &launch);
  ~Machine();

  /// The machine that runs the calling fiber.
  static Machine &current();

  /// False if there was no memory.
  bool isValid() const;
  void runCluster(Dim3 first, uint64_t number);
  void addCounts();

  LaunchState &launch;
  /// The thread in whose name things happen: the running one, or one for which
  /// that acts.
  Thread *thread = nullptr;
  Clocks clocks;
  Counters counters;
  std::vector<Block> blocks;
  std::mt19937_64 random;
  ClusterBarrier clusterBarrier;
  /// mbarriers that were initialized in the running cluster.
  uint32_t transactionCount = 0;

  Block &block() { return *thread->block; }
  uint32_t clusterSize() const { return uint32_t(blocks.size()); }

  /// Stops the running thread until `wake`; `waitsFor` names what it needs.
  void wait(const Site &site, WaitReason waitsFor);
  void wake(Thread &thread);
  /// Lets others run; for loops that ask again and again.
  void poll(const Site &site, WaitReason waitsFor);
  /// Ends the running thread.
  [[noreturn]] void exitThread();
  /// Ends the launch, after a finding that leaves nothing to go on with.
  [[noreturn]] void abandon();

  /// Carries out `body` once all of `lanes` have come, which are relative to
  /// the running thread's group of `size`, 32 or 128.
  void meet(const Site &site, unsigned size, std::bitset<warpgroupSize> lanes,
            Slot *results, const Slot *args, Meeting::Body body);

  /// Arrives at a named barrier, and waits unless `isArrival`; `result` gets
  /// how many predicates were true.
  void syncNamed(const Site &site, uint32_t id, uint32_t count, bool isArrival,
                 bool predicate, Slot *result);

  /// Does an asynchronous copy now or later, when its group is waited for.
  void defer(CopyQueue &queue, std::function<void()> work);
  /// Closes the group of what was asked for since the last one.
  void commitCopies(CopyQueue &queue);
  /// Waits until at most `left` groups are not complete.
  void waitCopies(CopyQueue &queue, size_t left);
  /// Does an asynchronous copy now or at some time.
  void defer(std::function<void()> work);

  /// Checks an access of `bytes` bytes by the running thread and notes it in
  /// shared memory; `agent` 0 stands for the thread itself, others for engines.
  struct Access {
    bool isWrite = false;
    bool isAtomic = false;
    uint32_t align = 1;
    /// The engine, if it is not the thread itself, and its time.
    uint32_t engine = 0;
    uint32_t time = 0;
  };
  bool checkShared(const Site &site, uint64_t address, uint32_t bytes,
                   const Access &access);
  bool checkGlobal(const Site &site, uint64_t address, uint64_t bytes,
                   const Access &access);
  /// Of whatever memory the address is in.
  bool check(const Site &site, uint64_t address, uint64_t bytes,
             const Access &access);
  /// Whether it is in the running thread's frame or among the arguments.
  bool isLocal(uint64_t address, uint64_t bytes) const;
  /// The block of the cluster whose window holds an address; null if none does.
  Block *findShared(uint64_t address);
  /// The address in the running block's window that 32 bits stand for; one of
  /// 64 bits in a window is kept.
  uint64_t sharedAddress(uint64_t address);

  void report(FindingKind kind, const Site *site, const llvm::Twine &message);
  /// "thread (3,0,0)", or the engine that works for one.
  std::string nameAgent(uint32_t agent) const;
  std::string nameThread(const Thread &thread) const;

  /// What wrong accesses go to instead.
  alignas(256) uint8_t scratch[4096];

private:
  static void fiberEntry();
  void beginBlock(Block &block, uint32_t rank, Dim3 id);
  void leaveGroups(Thread &thread);
  void tryMeeting(std::vector<Meeting> &open, size_t i);
  void resume(Thread &thread);
  Thread *pick();
  bool wakePolling();
  bool runDeferred();
  void reportDeadlock();
  void completeBarrier(NamedBarrier &barrier);
  void reportConflict(const Site &site, const SharedConflict &conflict,
                      Block &owner, const Access &access);
  /// Whether a copy that could happen now does.
  bool happensNow();
  void runSome(std::vector<std::function<void()>> &work);

  /// Memory that machines leave to those after them.
  struct Resources;
  std::shared_ptr<Resources> resources;
  std::vector<Fiber *> freeFibers;
  std::deque<Thread *> ready;
  std::vector<Thread *> polling;
  std::vector<std::function<void()>> deferred;
  /// Counts events that may let a polling thread go on.
  uint64_t progress = 0, progressAtPoll = 0;
  std::optional<std::chrono::steady_clock::time_point> stuckSince;
  uint32_t live = 0;
  Thread *running = nullptr;
  DeviceMemory::Block lastBlock;
  bool isAbandoned = false;
};

} // namespace nncgpu

#endif // NNC_LIB_TARGET_GPUEMULATOR_MACHINE_H
