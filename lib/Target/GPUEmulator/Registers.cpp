//===----------------------------------------------------------------------===//
// Special registers, and instructions that only hardware notices.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Machine.h"
#include "llvm/ADT/StringMap.h"

#include <chrono>

using namespace nncgpu;

/// A handler that gives one value, computed from the machine `m`.
#define NNC_REGISTER(value)                                                    \
  [](const Site &, Slot *results, const Slot *) {                              \
    [[maybe_unused]] Machine &m = Machine::current();                          \
    results[0] = Slot(value);                                                  \
  }

static uint64_t nanoseconds() {
  return uint64_t(std::chrono::steady_clock::now().time_since_epoch().count());
}

static Dim3 clusters(Machine &m) {
  const Dim3 &grid = m.launch.config.grid, &size = m.launch.config.cluster;
  return {grid.x / size.x, grid.y / size.y, grid.z / size.z};
}

/// The rank of the running block in its cluster, as an index.
static Dim3 rankIndex(Machine &m) {
  const Dim3 &size = m.launch.config.cluster;
  uint32_t rank = m.block().rank;
  return {rank % size.x, rank / size.x % size.y, rank / size.x / size.y};
}

static void doNothing(const Site &, Slot *, const Slot *) {}

static void exitThread(const Site &, Slot *, const Slot *) {
  Machine::current().exitThread();
}

/// A sleeper waits for somebody.
static void sleep(const Site &site, Slot *, const Slot *) {
  Machine::current().poll(site, {WaitReason::Kind::Memory});
}

static const llvm::StringMap<Handler> &registers() {
  static const llvm::StringMap<Handler> table = {
      {"tid.x", NNC_REGISTER(m.thread->id.x)},
      {"tid.y", NNC_REGISTER(m.thread->id.y)},
      {"tid.z", NNC_REGISTER(m.thread->id.z)},
      {"ntid.x", NNC_REGISTER(m.launch.config.block.x)},
      {"ntid.y", NNC_REGISTER(m.launch.config.block.y)},
      {"ntid.z", NNC_REGISTER(m.launch.config.block.z)},
      {"ctaid.x", NNC_REGISTER(m.block().id.x)},
      {"ctaid.y", NNC_REGISTER(m.block().id.y)},
      {"ctaid.z", NNC_REGISTER(m.block().id.z)},
      {"nctaid.x", NNC_REGISTER(m.launch.config.grid.x)},
      {"nctaid.y", NNC_REGISTER(m.launch.config.grid.y)},
      {"nctaid.z", NNC_REGISTER(m.launch.config.grid.z)},
      {"clusterid.x", NNC_REGISTER(m.block().id.x / m.launch.config.cluster.x)},
      {"clusterid.y", NNC_REGISTER(m.block().id.y / m.launch.config.cluster.y)},
      {"clusterid.z", NNC_REGISTER(m.block().id.z / m.launch.config.cluster.z)},
      {"nclusterid.x", NNC_REGISTER(clusters(m).x)},
      {"nclusterid.y", NNC_REGISTER(clusters(m).y)},
      {"nclusterid.z", NNC_REGISTER(clusters(m).z)},
      {"cluster.ctaid.x", NNC_REGISTER(rankIndex(m).x)},
      {"cluster.ctaid.y", NNC_REGISTER(rankIndex(m).y)},
      {"cluster.ctaid.z", NNC_REGISTER(rankIndex(m).z)},
      {"cluster.nctaid.x", NNC_REGISTER(m.launch.config.cluster.x)},
      {"cluster.nctaid.y", NNC_REGISTER(m.launch.config.cluster.y)},
      {"cluster.nctaid.z", NNC_REGISTER(m.launch.config.cluster.z)},
      {"cluster.ctarank", NNC_REGISTER(m.block().rank)},
      {"cluster.nctarank", NNC_REGISTER(m.clusterSize())},
      {"laneid", NNC_REGISTER(m.thread->lane())},
      {"warpid", NNC_REGISTER(m.thread->index / warpSize)},
      {"nwarpid", NNC_REGISTER(m.block().warps.size())},
      {"warpsize", NNC_REGISTER(warpSize)},
      {"smid", NNC_REGISTER(0)},
      {"nsmid", NNC_REGISTER(1)},
      {"lanemask.eq", NNC_REGISTER(1u << m.thread->lane())},
      {"lanemask.lt", NNC_REGISTER((1u << m.thread->lane()) - 1)},
      {"lanemask.le", NNC_REGISTER((2u << m.thread->lane()) - 1)},
      {"lanemask.ge", NNC_REGISTER(~((1u << m.thread->lane()) - 1))},
      {"lanemask.gt", NNC_REGISTER(~((2u << m.thread->lane()) - 1))},
      {"clock", NNC_REGISTER(uint32_t(nanoseconds()))},
      {"clock64", NNC_REGISTER(nanoseconds())},
      {"globaltimer", NNC_REGISTER(nanoseconds())},
      {"globaltimer.lo", NNC_REGISTER(uint32_t(nanoseconds()))},
      {"dynamic.smem.size", NNC_REGISTER(m.launch.config.dynamicShared)},
      {"total.smem.size", NNC_REGISTER(m.launch.sharedBytes)},
  };
  return table;
}
#undef NNC_REGISTER

bool nncgpu::matchRegisters(llvm::StringRef opcode, Site &site) {
  llvm::StringRef name = opcode;
  if (name.consume_front("read.ptx.sreg.")) {
    std::string dotted = name.str();
    std::replace(dotted.begin(), dotted.end(), '_', '.');
    auto it = registers().find(dotted);
    if (it != registers().end())
      site.handler = it->second;
    return site.handler != nullptr;
  }
  if (opcode == "exit") {
    site.handler = exitThread;
    return true;
  }
  if (opcode.starts_with("nanosleep")) {
    site.handler = sleep;
    return true;
  }
  // Orders of memory between threads hold by themselves here, and the order
  // that the fences of proxies make is not checked.
  constexpr llvm::StringLiteral silent[] = {
      "membar",   "fence",       "prefetch",  "applypriority",
      "discard",  "setmaxnreg",  "prefetchu", "griddepcontrol",
      "pm.event", "createpolicy"};
  if (!llvm::any_of(silent, [&](llvm::StringRef prefix) {
        return opcode.starts_with(prefix);
      }))
    return false;
  site.handler = doNothing;
  return true;
}
