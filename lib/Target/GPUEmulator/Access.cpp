//===----------------------------------------------------------------------===//
// Checks accesses of memory, and words what is wrong.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Access.h"

#include "lib/Target/GPUEmulator/Machine.h"
#include "llvm/Support/raw_ostream.h"

using namespace nncgpu;

static std::string nameIndex(const Dim3 &index) {
  return ("(" + llvm::Twine(index.x) + "," + llvm::Twine(index.y) + "," +
          llvm::Twine(index.z) + ")")
      .str();
}

std::string Machine::nameThread(const Thread &each) const {
  std::string text = "thread " + nameIndex(each.id);
  if (blocks.size() > 1)
    text += " of block " + nameIndex(each.block->id);
  return text;
}

std::string Machine::nameAgent(uint32_t agent) const {
  uint32_t perBlock = launch.blockThreads;
  uint32_t count = perBlock * uint32_t(blocks.size());
  auto threadAt = [&](uint32_t i) {
    return nameThread(blocks[i / perBlock].threads[i % perBlock]);
  };
  if (agent < count)
    return threadAt(agent);
  if (agent < 2 * count)
    return "an asynchronous copy of " + threadAt(agent - count);
  if (agent < clocks.barrierEngine(0))
    return "a wgmma of warpgroup " + std::to_string(agent - 2 * count);
  for (const Block &each : blocks)
    for (const auto &[offset, barrier] : each.transactions)
      if (barrier.engine == agent)
        return "an asynchronous copy for the mbarrier at offset " +
               std::to_string(offset);
  return "an asynchronous copy";
}

void LaunchState::report(FindingKind kind, const Site *site,
                         std::string message) {
  constexpr size_t maxFindings = 16;
  std::lock_guard<std::mutex> lock(mutex);
  if (!reported.insert({kind, site}).second ||
      result.findings.size() >= maxFindings)
    return;
  result.findings.push_back({kind, std::move(message)});
}

void Machine::report(FindingKind kind, const Site *site,
                     const llvm::Twine &message) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << message << "; kernel '" << launch.kernel->name << "'";
  if (thread)
    os << ", block " << nameIndex(thread->block->id) << ", thread "
       << nameIndex(thread->id);
  if (site) {
    os << ", at '" << site->name << "'";
    if (!site->location.empty())
      os << " (" << site->location << ")";
  }
  launch.report(kind, site, std::move(text));
}

void Machine::reportConflict(const Site &site, const SharedConflict &conflict,
                             Block &owner, const Access &access) {
  std::string subject =
      access.engine ? nameAgent(access.engine) : nameThread(*thread);
  std::string where =
      "offset " + std::to_string(conflict.offset) + " of shared memory";
  if (&owner != thread->block)
    where += " of block " + nameIndex(owner.id);
  if (!conflict.other)
    return report(FindingKind::Uninitialized, &site,
                  subject + " reads " + where + ", which nothing has written");
  report(FindingKind::Race, &site,
         "race: " + subject + (access.isWrite ? " writes " : " reads ") +
             where + ", which " + nameAgent(*conflict.other) +
             (conflict.otherWrites ? " writes" : " reads") +
             ", and nothing orders them");
}

Block *Machine::findShared(uint64_t address) {
  for (Block &each : blocks)
    if (each.shared.holds(address))
      return &each;
  return nullptr;
}

uint64_t Machine::sharedAddress(uint64_t address) {
  if (findShared(address))
    return address;
  SharedMemory &shared = block().shared;
  return reinterpret_cast<uint64_t>(shared.data()) + shared.offsetOf(address);
}

/// "reads 4 bytes", for messages.
static std::string nameAccess(const Machine::Access &access, uint64_t bytes) {
  return (access.isWrite ? "writes " : "reads ") + std::to_string(bytes) +
         (bytes == 1 ? " byte" : " bytes");
}

static bool checkAlignment(Machine &machine, const Site &site, uint64_t address,
                           uint64_t bytes, const Machine::Access &access) {
  if (address % access.align == 0)
    return true;
  machine.report(FindingKind::Misaligned, &site,
                 "misaligned: " + llvm::Twine(nameAccess(access, bytes)) +
                     " at an address that is " +
                     llvm::Twine(address % access.align) +
                     " beyond a multiple of " + llvm::Twine(access.align));
  return false;
}

bool Machine::checkShared(const Site &site, uint64_t address, uint32_t bytes,
                          const Access &access) {
  Block *owner = findShared(address);
  uint32_t size = block().shared.bytes();
  uint32_t offset = block().shared.offsetOf(address);
  if (!owner || offset + bytes > size) {
    report(FindingKind::OutOfBounds, &site,
           "out of bounds: " + nameAccess(access, bytes) + " at offset " +
               llvm::Twine(offset) +
               " of shared memory, of which the block has " +
               llvm::Twine(size) + " bytes");
    return false;
  }
  if (!checkAlignment(*this, site, address, bytes, access))
    return false;
  SharedAccess note;
  note.agent = access.engine ? access.engine : thread->agent;
  note.time = access.engine ? access.time : clocks.now(thread->agent);
  note.thread = thread->agent;
  note.isWrite = access.isWrite;
  note.isAtomic = access.isAtomic;
  if (auto conflict = owner->shared.note(clocks, note, offset, bytes))
    reportConflict(site, *conflict, *owner, access);
  return true;
}

bool Machine::checkGlobal(const Site &site, uint64_t address, uint64_t bytes,
                          const Access &access) {
  bool isInside = address >= lastBlock.begin && bytes <= lastBlock.bytes &&
                  address - lastBlock.begin <= lastBlock.bytes - bytes;
  if (!isInside) {
    const DeviceMemory::Block *found = launch.memory->find(address);
    if (!found || address + bytes > found->end()) {
      report(FindingKind::OutOfBounds, &site,
             "out of bounds: " + nameAccess(access, bytes) +
                 " of global memory " + launch.memory->describe(address));
      return false;
    }
    lastBlock = *found;
  }
  return checkAlignment(*this, site, address, bytes, access);
}

bool Machine::isLocal(uint64_t address, uint64_t bytes) const {
  return running->fiber->holds(reinterpret_cast<const void *>(address)) ||
         (address >= launch.parametersBegin &&
          address + bytes <= launch.parametersEnd);
}

bool Machine::check(const Site &site, uint64_t address, uint64_t bytes,
                    const Access &access) {
  if (findShared(address))
    return checkShared(site, address, uint32_t(bytes), access);
  if (isLocal(address, bytes))
    return checkAlignment(*this, site, address, bytes, access);
  return checkGlobal(site, address, bytes, access);
}

/// Loops that read memory until it changes let others run now and then.
static void countPoll(Machine &machine, const Site &site) {
  constexpr uint32_t accessesPerPoll = 64;
  if (site.isAtomic && ++machine.thread->polls % accessesPerPoll == 0)
    machine.poll(site, {WaitReason::Kind::Memory});
}

static Machine::Access accessOf(const Site &site) {
  Machine::Access access;
  access.isWrite = site.isWrite;
  access.isAtomic = site.isAtomic;
  access.align = site.align;
  return access;
}

static uint8_t *finishAccess(Machine &machine, const Site &site,
                             uint64_t address, bool isGood, bool isShared) {
  if (!isGood)
    return machine.scratch;
  if (machine.launch.options.count)
    machine.block().counts.note(
        machine.counters, machine.thread->index / warpSize,
        machine.thread->lane(), site.index, isShared, address, site.bytes);
  return reinterpret_cast<uint8_t *>(address);
}

uint8_t *nncgpu::accessGlobal(const Site &site, uint64_t address) {
  Machine &machine = Machine::current();
  countPoll(machine, site);
  bool isGood = machine.checkGlobal(site, address, site.bytes, accessOf(site));
  return finishAccess(machine, site, address, isGood, /*isShared=*/false);
}

uint8_t *nncgpu::accessShared(const Site &site, uint64_t address) {
  Machine &machine = Machine::current();
  countPoll(machine, site);
  address = machine.sharedAddress(address);
  bool isGood = machine.checkShared(site, address, site.bytes, accessOf(site));
  return finishAccess(machine, site, address, isGood, /*isShared=*/true);
}

uint8_t *nncgpu::accessGeneric(const Site &site, uint64_t address) {
  Machine &machine = Machine::current();
  if (machine.findShared(address))
    return accessShared(site, address);
  if (!machine.isLocal(address, site.bytes))
    return accessGlobal(site, address);
  bool isGood = machine.check(site, address, site.bytes, accessOf(site));
  return isGood ? reinterpret_cast<uint8_t *>(address) : machine.scratch;
}

void nncgpu::accessRange(const Site &site, uint64_t address, uint64_t bytes) {
  Machine &machine = Machine::current();
  if (bytes != 0 && !machine.check(site, address, bytes, accessOf(site)))
    machine.abandon();
}

uint8_t *nncgpu::sharedBase() {
  return Machine::current().block().shared.data();
}

uint8_t *nncgpu::dynamicShared() {
  Machine &machine = Machine::current();
  return machine.block().shared.data() + machine.launch.kernel->staticShared;
}

void nncgpu::trapThread(const Site &site) {
  Machine &machine = Machine::current();
  machine.report(FindingKind::Trap, &site, "the kernel stops itself by a trap");
  machine.abandon();
}
