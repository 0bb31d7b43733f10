//===----------------------------------------------------------------------===//
// Copies from global to shared memory that a thread waits for later
// (`cp.async`).
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Machine.h"

using namespace nncgpu;

/// config: bytes of a copy, whether how many are read is an operand.
static void copyAsync(const Site &site, Slot *, const Slot *args) {
  Machine &machine = Machine::current();
  auto bytes = uint32_t(site.config[0]);
  // What is not read becomes zeros.
  auto read = site.config[1] ? std::min(bytes, uint32_t(args[2])) : bytes;
  uint64_t to = machine.sharedAddress(args[0]), from = args[1];
  Machine::Access source;
  source.align = bytes;
  if (read && !machine.checkGlobal(site, from, read, source))
    return;
  Thread *owner = machine.thread;
  Machine::Access target;
  target.isWrite = true;
  target.align = bytes;
  target.engine = machine.clocks.copyEngine(owner->agent);
  target.time = machine.clocks.now(target.engine);
  if (!machine.checkShared(site, to, bytes, target))
    return;
  if (machine.launch.options.count) {
    uint32_t warp = owner->index / warpSize;
    owner->block->counts.note(machine.counters, warp, owner->lane(), site.index,
                              /*isShared=*/false, from, bytes);
  }
  machine.defer(owner->copies, [=] {
    std::memcpy(reinterpret_cast<void *>(to),
                reinterpret_cast<const void *>(from), read);
    std::memset(reinterpret_cast<void *>(to + read), 0, bytes - read);
  });
}

static void commitGroup(const Site &, Slot *, const Slot *) {
  Machine &machine = Machine::current();
  machine.commitCopies(machine.thread->copies);
}

static void waitGroup(const Site &, Slot *, const Slot *args) {
  Machine &machine = Machine::current();
  machine.waitCopies(machine.thread->copies, size_t(uint32_t(args[0])));
}

static void waitAll(const Site &, Slot *, const Slot *) {
  Machine &machine = Machine::current();
  machine.commitCopies(machine.thread->copies);
  machine.waitCopies(machine.thread->copies, 0);
}

bool nncgpu::matchAsyncCopies(llvm::StringRef opcode, Site &site) {
  llvm::StringRef name = opcode;
  if (!name.consume_front("cp.async."))
    return false;
  if (name == "commit.group" || name == "commit_group")
    site.handler = commitGroup;
  else if (name == "wait.group" || name == "wait_group")
    site.handler = waitGroup;
  else if (name == "wait.all" || name == "wait_all")
    site.handler = waitAll;
  if (site.handler)
    return true;
  // Intrinsics: "ca.shared.global.8" and with ".s".
  llvm::StringRef form = name;
  bool isCopy = form.consume_front("ca.shared.global.") ||
                form.consume_front("cg.shared.global.");
  bool hasSize = form.consume_back(".s");
  int32_t bytes;
  if (!isCopy || form.getAsInteger(10, bytes))
    return false;
  site.handler = copyAsync;
  site.config = {bytes, hasSize};
  return true;
}
