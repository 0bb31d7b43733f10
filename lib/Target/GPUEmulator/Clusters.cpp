//===----------------------------------------------------------------------===//
// Blocks of a cluster: their barrier, and their shared memory.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Machine.h"

using namespace nncgpu;

static void arriveCluster(const Site &site, Slot *, const Slot *) {
  Machine &machine = Machine::current();
  ClusterBarrier &barrier = machine.clusterBarrier;
  Thread &self = *machine.thread;
  if (self.clusterPhase > barrier.phase) {
    machine.report(FindingKind::Misuse, &site,
                   "a thread arrives at the cluster's barrier twice without "
                   "waiting for it");
    machine.abandon();
  }
  self.clusterPhase = barrier.phase + 1;
  machine.clocks.release(self.agent, barrier.gathering);
  if (++barrier.arrived < machine.clusterSize() * machine.launch.blockThreads)
    return;
  ++barrier.phase;
  barrier.arrived = 0;
  barrier.complete = std::move(barrier.gathering);
  barrier.gathering = VectorClock();
  for (Thread *waiter : barrier.waiting)
    machine.wake(*waiter);
  barrier.waiting.clear();
}

static void waitCluster(const Site &site, Slot *, const Slot *) {
  Machine &machine = Machine::current();
  ClusterBarrier &barrier = machine.clusterBarrier;
  Thread &self = *machine.thread;
  while (barrier.phase < self.clusterPhase) {
    barrier.waiting.push_back(&self);
    machine.wait(site, {WaitReason::Kind::Cluster, 0, 0});
  }
  machine.clocks.acquire(self.agent, barrier.complete);
}

/// The address of another block's variable; config[0]: assembly gives the
/// address as 32 bits, which stand for a place in the own block.
static void mapAddress(const Site &site, Slot *results, const Slot *args) {
  Machine &machine = Machine::current();
  auto rank = uint32_t(args[1]);
  if (rank >= machine.clusterSize()) {
    machine.report(FindingKind::Misuse, &site,
                   "expected a block below the " +
                       llvm::Twine(machine.clusterSize()) +
                       " of the cluster, found " + llvm::Twine(rank));
    machine.abandon();
  }
  SharedMemory &target = machine.blocks[rank].shared;
  results[0] = reinterpret_cast<uint64_t>(target.data()) +
               target.offsetOf(machine.sharedAddress(args[0]));
}

static void findRank(const Site &, Slot *results, const Slot *args) {
  Machine &machine = Machine::current();
  results[0] = machine.findShared(machine.sharedAddress(args[0]))->rank;
}

static void isShared(const Site &, Slot *results, const Slot *args) {
  Machine &machine = Machine::current();
  results[0] = machine.block().shared.holds(args[0]);
}

static void isSharedInCluster(const Site &, Slot *results, const Slot *args) {
  results[0] = Machine::current().findShared(args[0]) != nullptr;
}

static void isGlobal(const Site &, Slot *results, const Slot *args) {
  results[0] = Machine::current().launch.memory->find(args[0]) != nullptr;
}

bool nncgpu::matchClusters(llvm::StringRef opcode, Site &site) {
  site.writesFirst = true;
  if (opcode.starts_with("barrier.cluster.")) {
    site.writesFirst = false;
    site.handler = opcode.contains(".wait") ? waitCluster : arriveCluster;
  } else if (opcode == "mapa" || opcode == "mapa.shared.cluster" ||
             opcode == "mapa.u64") {
    // A 32-bit address has no room for the block.
    site.handler = mapAddress;
  } else if (opcode.starts_with("getctarank")) {
    site.handler = findRank;
  } else if (opcode == "isspacep.shared") {
    site.handler = isShared;
  } else if (opcode == "isspacep.shared.cluster") {
    site.handler = isSharedInCluster;
  } else if (opcode == "isspacep.global") {
    site.handler = isGlobal;
  } else {
    site.writesFirst = false;
  }
  return site.handler != nullptr;
}
