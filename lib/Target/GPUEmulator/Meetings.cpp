//===----------------------------------------------------------------------===//
// Where threads wait for each other: lanes of a warp, barriers of a block.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Machine.h"

using namespace nncgpu;

static bool isSameOperation(const Site &a, const Site &b) {
  return a.handler == b.handler && a.config == b.config;
}

void Machine::meet(const Site &site, unsigned size,
                   std::bitset<warpgroupSize> lanes, Slot *results,
                   const Slot *args, Meeting::Body body) {
  Block &owner = block();
  unsigned lane = thread->index % size;
  uint32_t first = thread->index - lane;
  std::vector<Meeting> &open = size == warpSize
                                   ? owner.warps[first / warpSize]
                                   : owner.warpgroups[first / warpgroupSize];
  if (!lanes[lane]) {
    report(FindingKind::Misuse, &site,
           "lane " + llvm::Twine(lane) +
               " is not in the mask of the operation that it takes part in");
    lanes.set(lane);
  }
  Meeting *place = nullptr;
  for (Meeting &each : open) {
    if (!each.site || each.lanes != lanes || each.has(lane))
      continue;
    if (!isSameOperation(*each.site, site)) {
      report(FindingKind::Divergence, &site,
             "lanes of one " +
                 llvm::Twine(size == warpSize ? "warp" : "warpgroup") +
                 " carry out different operations together: '" + site.name +
                 "' here, '" + each.site->name + "' in " + each.site->function);
      abandon();
    }
    place = &each;
  }
  for (Meeting &each : open)
    if (!place && !each.site)
      place = &each;
  if (!place)
    place = &open.emplace_back();
  if (!place->site) {
    place->site = &site;
    place->body = body;
    place->first = &owner.threads[first];
    place->lanes = lanes;
    place->arrived.reset();
    place->expected.reset();
    for (unsigned i = 0; i < size && first + i < owner.threads.size(); ++i)
      place->expected[i] =
          lanes[i] && owner.threads[first + i].state != Thread::State::Done;
  }
  place->arrived.set(lane);
  place->args[lane] = args;
  place->results[lane] = results;
  if (place->arrived == place->expected)
    return tryMeeting(open, place - open.data());
  wait(site,
       {WaitReason::Kind::Lanes,
        (lanes & std::bitset<warpgroupSize>(0xffffffffu)).to_ulong(), size});
}

void Machine::tryMeeting(std::vector<Meeting> &open, size_t i) {
  Meeting &meeting = open[i];
  if (!meeting.site || meeting.arrived != meeting.expected ||
      meeting.arrived.none())
    return;
  Thread *self = thread;
  meeting.body(*this, meeting);
  thread = self;
  meeting.site = nullptr;
  for (unsigned lane = 0; lane < warpgroupSize; ++lane)
    if (meeting.has(lane))
      wake(meeting.thread(lane));
}

void Machine::leaveGroups(Thread &left) {
  for (unsigned size : {warpSize, warpgroupSize}) {
    std::vector<Meeting> &open =
        size == warpSize ? left.block->warps[left.index / size]
                         : left.block->warpgroups[left.index / size];
    for (size_t i = 0; i < open.size(); ++i) {
      open[i].expected.reset(left.index % size);
      tryMeeting(open, i);
    }
  }
}

void Machine::syncNamed(const Site &site, uint32_t id, uint32_t count,
                        bool isArrival, bool predicate, Slot *result) {
  Block &owner = block();
  if (id >= owner.barriers.size() || count % warpSize != 0) {
    report(FindingKind::Misuse, &site,
           "expected a barrier below 16 and a multiple of 32 threads, found "
           "barrier " +
               llvm::Twine(id) + " and " + llvm::Twine(count) + " threads");
    abandon();
  }
  NamedBarrier &barrier = owner.barriers[id];
  uint32_t expected = count ? count : launch.blockThreads;
  if (!barrier.arrived.empty() && barrier.expected != expected) {
    report(FindingKind::Misuse, &site,
           "threads come to barrier " + llvm::Twine(id) + " for " +
               llvm::Twine(barrier.expected) + " and for " +
               llvm::Twine(expected) + " threads");
    abandon();
  }
  ++progress;
  barrier.expected = expected;
  barrier.arrived.push_back(thread);
  barrier.trueCount += predicate;
  if (isArrival)
    clocks.release(thread->agent, barrier.clock);
  else
    barrier.waiting.emplace_back(thread, result);
  thread->waitsAt = &site;
  if (barrier.arrived.size() >= expected)
    completeBarrier(barrier);
  else if (!isArrival)
    wait(site, {WaitReason::Kind::NamedBarrier, id, expected});
}

void Machine::completeBarrier(NamedBarrier &barrier) {
  ++counters.barriers;
  std::vector<uint32_t> agents;
  for (auto [waiter, result] : barrier.waiting) {
    agents.push_back(waiter->agent);
    if (result)
      *result = barrier.trueCount;
  }
  // Lanes of a warp come to an aligned barrier at one instruction.
  for (size_t i = 1; i < barrier.arrived.size(); ++i) {
    Thread &a = *barrier.arrived[i - 1], &b = *barrier.arrived[i];
    if (a.block == b.block && a.index / warpSize == b.index / warpSize &&
        a.waitsAt != b.waitsAt && a.waitsAt->config[0])
      report(FindingKind::Divergence, b.waitsAt,
             "lanes of one warp come to a barrier at different instructions");
  }
  clocks.meet(agents);
  for (uint32_t agent : agents)
    clocks.acquire(agent, barrier.clock);
  std::vector<std::pair<Thread *, Slot *>> waiting = std::move(barrier.waiting);
  barrier = NamedBarrier();
  for (auto [waiter, result] : waiting)
    wake(*waiter);
}

static void describeWait(llvm::raw_ostream &os, const WaitReason &reason) {
  switch (reason.kind) {
  case WaitReason::Kind::Lanes:
    os << "for lanes ";
    os.write_hex(reason.value);
    os << (reason.other == warpSize ? " of its warp" : " of its warpgroup");
    return;
  case WaitReason::Kind::NamedBarrier:
    os << "for " << reason.other << " threads at barrier " << reason.value;
    return;
  case WaitReason::Kind::Phase:
    os << "for the phase of parity " << reason.other
       << " of the mbarrier at offset " << reason.value;
    return;
  case WaitReason::Kind::Cluster:
    os << "for all threads of the cluster";
    return;
  case WaitReason::Kind::Memory:
    os << "for a change of memory";
    return;
  }
}

void Machine::reportDeadlock() {
  std::string text;
  llvm::raw_string_ostream os(text);
  uint32_t total = uint32_t(blocks.size()) * launch.blockThreads;
  os << "deadlock: " << live << " of " << total << " threads wait forever";
  // One thread for each place where some wait.
  std::map<const Site *, std::pair<Thread *, unsigned>> places;
  for (Block &each : blocks)
    for (Thread &waiter : each.threads)
      if (waiter.state != Thread::State::Done) {
        auto &place = places[waiter.waitsAt];
        place.first = place.first ? place.first : &waiter;
        ++place.second;
      }
  const Site *site = nullptr;
  size_t shown = 0;
  for (const auto &[at, place] : places) {
    if (++shown > 4)
      break;
    thread = place.first;
    site = at;
    os << "; " << place.second << " like " << nameThread(*thread) << " ";
    describeWait(os, thread->waitsFor);
    if (thread->waitsFor.kind == WaitReason::Kind::Phase)
      if (auto it = thread->block->transactions.find(
              uint32_t(thread->waitsFor.value));
          it != thread->block->transactions.end())
        os << " (" << it->second.pending << " arrivals and " << it->second.bytes
           << " bytes missing)";
  }
  if (live < total)
    os << "; " << total - live << " have left the kernel";
  report(FindingKind::Deadlock, site, text);
}
