//===----------------------------------------------------------------------===//
// Barriers of a block and of a cluster.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Machine.h"

using namespace nncgpu;

/// config: whether lanes must come together (read by the machine), whether a
/// count is an operand, whether the thread only arrives.
static void syncBlock(const Site &site, Slot *, const Slot *args) {
  uint32_t count = site.config[1] ? uint32_t(args[1]) : 0;
  Machine::current().syncNamed(site, uint32_t(args[0]), count,
                               site.config[2] != 0, false, nullptr);
}

/// config[3]: 0 counts true predicates, 1 asks for all, 2 for any.
static void reduceBlock(const Site &site, Slot *results, const Slot *args) {
  Machine &machine = Machine::current();
  bool hasCount = site.config[1];
  uint32_t count = hasCount ? uint32_t(args[1]) : 0;
  machine.syncNamed(site, uint32_t(args[0]), count, false,
                    args[hasCount ? 2 : 1] & 1, results);
  uint32_t expected = count ? count : machine.launch.blockThreads;
  if (site.config[3] == 1)
    results[0] = results[0] == expected;
  else if (site.config[3] == 2)
    results[0] = results[0] != 0;
}

bool nncgpu::matchBarriers(llvm::StringRef opcode, Site &site) {
  llvm::StringRef name = opcode;
  // Assembly: "bar.sync 1, 128", "barrier.sync.aligned 0".
  bool isArrive =
      opcode.starts_with("bar.arrive") || opcode.starts_with("barrier.arrive");
  if (isArrive || opcode.starts_with("bar.sync") ||
      opcode.starts_with("barrier.sync")) {
    site.handler = syncBlock;
    site.config = {opcode.starts_with("bar.") || opcode.ends_with(".aligned"),
                   isArrive, isArrive, 0};
    return true;
  }
  if (!name.consume_front("barrier.cta."))
    return false;
  bool hasCount = name.consume_back(".count");
  if (!hasCount)
    name.consume_back(".all");
  if (name.consume_front("red.")) {
    site.handler = reduceBlock;
    site.config = {name.contains("aligned"), hasCount, 0,
                   name.starts_with("and")  ? 1
                   : name.starts_with("or") ? 2
                                            : 0};
    return true;
  }
  bool isArrival = name.starts_with("arrive");
  if (!isArrival && !name.starts_with("sync"))
    return false;
  site.handler = syncBlock;
  site.config = {name.contains("aligned"), hasCount, isArrival, 0};
  return true;
}
