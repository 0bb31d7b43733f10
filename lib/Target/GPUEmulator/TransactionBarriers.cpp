//===----------------------------------------------------------------------===//
// Barrier objects in shared memory (`mbarrier`), which count arrivals and
// bytes.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/TransactionBarriers.h"

using namespace nncgpu;

static constexpr uint32_t objectBytes = 8;

std::pair<Block *, TransactionBarrier *>
nncgpu::findBarrier(Machine &machine, const Site &site, uint64_t address) {
  address = machine.sharedAddress(address);
  Block *block = machine.findShared(address);
  uint32_t offset = block->shared.offsetOf(address);
  auto it = block->transactions.find(offset);
  if (it == block->transactions.end()) {
    machine.report(FindingKind::Misuse, &site,
                   "no mbarrier was initialized at offset " +
                       llvm::Twine(offset) + " of shared memory");
    machine.abandon();
  }
  return {block, &it->second};
}

/// Ends the phase if nothing is missing.
static void finishPhase(Machine &machine, TransactionBarrier &barrier) {
  if (barrier.pending != 0 || barrier.bytes != 0)
    return;
  ++barrier.phase;
  barrier.pending = barrier.expected;
  barrier.complete.join(barrier.gathering);
  barrier.gathering.clear();
  for (Thread *waiter : barrier.waiting)
    machine.wake(*waiter);
  barrier.waiting.clear();
}

void nncgpu::completeBytes(Machine &machine, TransactionBarrier &barrier,
                           int64_t bytes, uint32_t time) {
  barrier.bytes -= bytes;
  barrier.gathering.raise(barrier.engine, time);
  finishPhase(machine, barrier);
}

static void initialize(const Site &site, Slot *, const Slot *args) {
  Machine &machine = Machine::current();
  uint64_t address = machine.sharedAddress(args[0]);
  Machine::Access access;
  access.isWrite = true;
  access.align = objectBytes;
  if (!machine.checkShared(site, address, objectBytes, access))
    machine.abandon();
  auto count = uint32_t(args[1]);
  if (count == 0 || count >= 1u << 20) {
    machine.report(FindingKind::Misuse, &site,
                   "expected an mbarrier for 1 to 1048575 arrivals, found " +
                       llvm::Twine(count));
    machine.abandon();
  }
  Block &block = *machine.findShared(address);
  TransactionBarrier &barrier =
      block.transactions[block.shared.offsetOf(address)];
  barrier = TransactionBarrier();
  barrier.expected = barrier.pending = count;
  barrier.engine = machine.clocks.barrierEngine(machine.transactionCount++);
}

static void invalidate(const Site &site, Slot *, const Slot *args) {
  Machine &machine = Machine::current();
  auto [block, barrier] = findBarrier(machine, site, args[0]);
  uint64_t address = machine.sharedAddress(args[0]);
  block->transactions.erase(block->shared.offsetOf(address));
}

/// Uses of a barrier come after its initialization: reads of the object, whose
/// bytes only the initialization writes. Who has learnt of it by a barrier of
/// the block knows it.
static void noteUse(Machine &machine, const Site &site, Slot address) {
  Machine::Access access;
  access.align = objectBytes;
  access.isAtomic = true;
  machine.checkShared(site, machine.sharedAddress(address), objectBytes,
                      access);
}

static void arrive(Machine &machine, const Site &site, Slot address,
                   uint32_t count, int64_t bytes, bool isDrop) {
  auto [block, barrier] = findBarrier(machine, site, address);
  noteUse(machine, site, address);
  if (barrier->pending < count) {
    machine.report(FindingKind::Misuse, &site,
                   "the mbarrier at offset " +
                       llvm::Twine(block->shared.offsetOf(
                           machine.sharedAddress(address))) +
                       " gets more arrivals than the " +
                       llvm::Twine(barrier->expected) +
                       " that its phase expects");
    machine.abandon();
  }
  machine.clocks.release(machine.thread->agent, barrier->gathering);
  barrier->pending -= count;
  barrier->bytes += bytes;
  if (isDrop)
    barrier->expected -= count;
  finishPhase(machine, *barrier);
}

/// config: whether bytes are expected, whether an arrival count is an operand,
/// whether the thread is not expected again. Gives the phase that was running.
static void arriveHandler(const Site &site, Slot *results, const Slot *args) {
  Machine &machine = Machine::current();
  auto [block, barrier] = findBarrier(machine, site, args[0]);
  uint64_t state = uint64_t(barrier->phase) << 32 | barrier->pending;
  uint32_t count = site.config[1] ? uint32_t(args[1]) : 1;
  int64_t bytes = site.config[0] ? int64_t(uint32_t(args[1])) : 0;
  arrive(machine, site, args[0], count, bytes, site.config[2] != 0);
  results[0] = state;
}

/// config[0]: 1 expects bytes, -1 says that they have come.
static void expectBytes(const Site &site, Slot *, const Slot *args) {
  Machine &machine = Machine::current();
  auto [block, barrier] = findBarrier(machine, site, args[0]);
  noteUse(machine, site, args[0]);
  auto bytes = int64_t(uint32_t(args[1]));
  if (site.config[0] < 0)
    return completeBytes(machine, *barrier, bytes, 0);
  barrier->bytes += bytes;
}

/// Whether the phase that a waiter names is over: by its parity, or by what an
/// arrival gave.
static bool isOver(const TransactionBarrier &barrier, const Site &site,
                   Slot which) {
  bool byParity = site.config[0];
  return byParity ? (barrier.phase & 1) != (which & 1)
                  : barrier.phase != uint32_t(which >> 32);
}

/// config: whether the phase is named by its parity, whether the thread waits.
static void testHandler(const Site &site, Slot *results, const Slot *args) {
  Machine &machine = Machine::current();
  auto [block, barrier] = findBarrier(machine, site, args[0]);
  noteUse(machine, site, args[0]);
  uint64_t offset = block->shared.offsetOf(machine.sharedAddress(args[0]));
  bool waits = site.config[1];
  WaitReason reason{WaitReason::Kind::Phase, offset, args[1] & 1};
  while (waits && !isOver(*barrier, site, args[1])) {
    barrier->waiting.push_back(machine.thread);
    machine.wait(site, reason);
  }
  results[0] = isOver(*barrier, site, args[1]);
  if (results[0])
    machine.clocks.acquire(machine.thread->agent, barrier->complete);
  else
    machine.poll(site, reason);
}

static void pendingCount(const Site &, Slot *results, const Slot *args) {
  results[0] = uint32_t(args[0]);
}

/// The barrier gets an arrival once the thread's copies so far are done.
/// config[0]: whether the arrival is one more than expected.
static void arriveByCopies(const Site &site, Slot *, const Slot *args) {
  Machine &machine = Machine::current();
  auto [block, barrier] = findBarrier(machine, site, args[0]);
  if (site.config[0])
    ++barrier->pending;
  machine.commitCopies(machine.thread->copies);
  machine.waitCopies(machine.thread->copies, 0);
  arrive(machine, site, args[0], 1, 0, false);
}

static bool matchWait(llvm::StringRef name, Site &site) {
  bool isTry = name.starts_with("try.wait") || name.starts_with("try_wait");
  bool isTest = name.starts_with("test.wait") || name.starts_with("test_wait");
  if (!isTry && !isTest)
    return false;
  site.config = {name.contains("parity"), isTry};
  site.handler = testHandler;
  site.writesFirst = true;
  return true;
}

static bool matchArrival(llvm::StringRef name, bool isIntrinsic, Site &site) {
  if (!name.consume_front("arrive"))
    return false;
  bool isDrop = name.consume_front(".drop") || name.consume_front("_drop");
  bool expects = name.contains("expect");
  // A place, and perhaps a count.
  bool hasCount = !expects && site.operands == 2;
  site.config = {expects, hasCount, isDrop};
  site.handler = arriveHandler;
  site.writesFirst = !isIntrinsic;
  return true;
}

bool nncgpu::matchTransactionBarriers(llvm::StringRef opcode, Site &site) {
  llvm::StringRef name = opcode;
  if (name.consume_front("cp.async.mbarrier.arrive")) {
    site.config = {!name.starts_with(".noinc")};
    site.handler = arriveByCopies;
    return true;
  }
  if (!name.consume_front("mbarrier."))
    return false;
  bool isIntrinsic = !name.contains(".b64");
  if (name.starts_with("init"))
    site.handler = initialize;
  else if (name.starts_with("inval"))
    site.handler = invalidate;
  else if (name.starts_with("pending"))
    site.handler = pendingCount;
  if (site.handler)
    return true;
  bool expects = name.starts_with("expect"),
       ends = name.starts_with("complete");
  if (expects || ends) {
    site.config = {expects ? 1 : -1};
    site.handler = expectBytes;
    return true;
  }
  return matchWait(name, site) || matchArrival(name, isIntrinsic, site);
}
