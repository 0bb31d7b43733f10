//===----------------------------------------------------------------------===//
// Instructions of a warp: shuffles, votes, matches, reductions.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Target/GPUEmulator/Machine.h"
#include "llvm/ADT/StringSwitch.h"

using namespace nncgpu;

static std::bitset<warpgroupSize> lanesOf(Slot mask) {
  return std::bitset<warpgroupSize>(uint32_t(mask));
}

namespace {
enum Shuffle { Up, Down, Butterfly, Index };
enum Vote { All, Any, Uniform, Ballot };
enum Reduction { Add, Min, Max, UMin, UMax, And, Or, Xor, FMin, FMax };
} // namespace

/// The lane that `shfl` reads from, and whether it is in its segment; see
/// "shfl.sync" in the PTX manual.
static std::pair<unsigned, bool> sourceLane(Shuffle mode, unsigned lane,
                                            uint32_t offset, uint32_t control) {
  uint32_t clamp = control & 31, segment = control >> 8 & 31;
  int maxLane = int((lane & segment) | (clamp & ~segment));
  int minLane = int(lane & segment);
  int source = 0;
  bool isInside = false;
  switch (mode) {
  case Up:
    source = int(lane) - int(offset & 31);
    isInside = source >= maxLane;
    break;
  case Down:
    source = int(lane + (offset & 31));
    isInside = source <= maxLane;
    break;
  case Butterfly:
    source = int(lane ^ (offset & 31));
    isInside = source <= maxLane;
    break;
  case Index:
    source = minLane | int(offset & 31 & ~segment);
    isInside = source <= maxLane;
    break;
  }
  return {isInside ? unsigned(source) : lane, isInside};
}

static void shuffleBody(Machine &machine, Meeting &meeting) {
  ++machine.counters.shuffles;
  auto mode = Shuffle(meeting.site->config[0]);
  bool hasPredicate = meeting.site->config[1];
  std::array<Slot, warpSize> values;
  for (unsigned lane = 0; lane < warpSize; ++lane)
    if (meeting.has(lane))
      values[lane] = meeting.args[lane][1];
  for (unsigned lane = 0; lane < warpSize; ++lane) {
    if (!meeting.has(lane))
      continue;
    auto [source, isInside] =
        sourceLane(mode, lane, uint32_t(meeting.args[lane][2]),
                   uint32_t(meeting.args[lane][3]));
    if (!meeting.has(source)) {
      machine.thread = &meeting.thread(lane);
      machine.report(FindingKind::Misuse, meeting.site,
                     "a shuffle reads lane " + llvm::Twine(source) +
                         ", which does not take part");
      source = lane;
    }
    meeting.results[lane][0] = values[source];
    if (hasPredicate)
      meeting.results[lane][1] = isInside;
  }
}

static void voteBody(Machine &, Meeting &meeting) {
  uint32_t ballot = 0, present = 0;
  for (unsigned lane = 0; lane < warpSize; ++lane)
    if (meeting.has(lane)) {
      present |= 1u << lane;
      ballot |= uint32_t(meeting.args[lane][1] & 1) << lane;
    }
  Slot result = 0;
  switch (Vote(meeting.site->config[0])) {
  case All:
    result = ballot == present;
    break;
  case Any:
    result = ballot != 0;
    break;
  case Uniform:
    result = ballot == 0 || ballot == present;
    break;
  case Ballot:
    result = ballot;
    break;
  }
  for (unsigned lane = 0; lane < warpSize; ++lane)
    if (meeting.has(lane))
      meeting.results[lane][0] = result;
}

static void matchBody(Machine &, Meeting &meeting) {
  bool isAll = meeting.site->config[0];
  for (unsigned lane = 0; lane < warpSize; ++lane) {
    if (!meeting.has(lane))
      continue;
    uint32_t same = 0, present = 0;
    for (unsigned other = 0; other < warpSize; ++other)
      if (meeting.has(other)) {
        present |= 1u << other;
        same |= uint32_t(meeting.args[other][1] == meeting.args[lane][1])
                << other;
      }
    if (isAll) {
      meeting.results[lane][0] = same == present ? present : 0;
      meeting.results[lane][1] = same == present;
    } else {
      meeting.results[lane][0] = same;
    }
  }
}

static uint32_t reduce(Reduction operation, uint32_t a, uint32_t b) {
  float x = bitsTo<float>(a), y = bitsTo<float>(b);
  switch (operation) {
  case Add:
    return a + b;
  case Min:
    return uint32_t(std::min(int32_t(a), int32_t(b)));
  case Max:
    return uint32_t(std::max(int32_t(a), int32_t(b)));
  case UMin:
    return std::min(a, b);
  case UMax:
    return std::max(a, b);
  case And:
    return a & b;
  case Or:
    return a | b;
  case Xor:
    return a ^ b;
  case FMin:
    return uint32_t(floatSlot(y < x || x != x ? y : x));
  case FMax:
    return uint32_t(floatSlot(y > x || x != x ? y : x));
  }
  return a;
}

static void reductionBody(Machine &, Meeting &meeting) {
  auto operation = Reduction(meeting.site->config[0]);
  std::optional<uint32_t> value;
  for (unsigned lane = 0; lane < warpSize; ++lane)
    if (meeting.has(lane)) {
      auto next = uint32_t(meeting.args[lane][0]);
      value = value ? reduce(operation, *value, next) : next;
    }
  for (unsigned lane = 0; lane < warpSize; ++lane)
    if (meeting.has(lane))
      meeting.results[lane][0] = *value;
}

/// The lanes of `bar.warp.sync` know what the others did.
static void syncBody(Machine &machine, Meeting &meeting) {
  llvm::SmallVector<uint32_t> agents;
  for (unsigned lane = 0; lane < warpSize; ++lane)
    if (meeting.has(lane))
      agents.push_back(meeting.thread(lane).agent);
  machine.clocks.meet(agents);
}

static void electBody(Machine &, Meeting &meeting) {
  unsigned leader = 0;
  while (!meeting.has(leader))
    ++leader;
  for (unsigned lane = 0; lane < warpSize; ++lane)
    if (meeting.has(lane)) {
      meeting.results[lane][0] = leader;
      meeting.results[lane][1] = lane == leader;
    }
}

/// A handler for an instruction whose lane mask is operand `mask`.
template <Meeting::Body body, unsigned mask>
static void meetInWarp(const Site &site, Slot *results, const Slot *args) {
  Machine::current().meet(site, warpSize, lanesOf(args[mask]), results, args,
                          body);
}

static void activeMask(const Site &, Slot *results, const Slot *) {
  Machine &machine = Machine::current();
  uint32_t first = machine.thread->index / warpSize * warpSize, mask = 0;
  std::vector<Thread> &threads = machine.block().threads;
  for (uint32_t lane = 0; lane < warpSize && first + lane < threads.size();
       ++lane)
    mask |= uint32_t(threads[first + lane].state != Thread::State::Done)
            << lane;
  results[0] = mask;
}

static bool matchReduction(llvm::StringRef name, Site &site) {
  int operation = llvm::StringSwitch<int>(name)
                      .Cases({"add", "add.s32", "add.u32"}, Add)
                      .Cases({"min", "min.s32"}, Min)
                      .Cases({"max", "max.s32"}, Max)
                      .Cases({"umin", "min.u32"}, UMin)
                      .Cases({"umax", "max.u32"}, UMax)
                      .Cases({"and", "and.b32"}, And)
                      .Cases({"or", "or.b32"}, Or)
                      .Cases({"xor", "xor.b32"}, Xor)
                      .Cases({"fmin", "min.f32"}, FMin)
                      .Cases({"fmax", "max.f32"}, FMax)
                      .Default(-1);
  site.config = {operation};
  site.handler = meetInWarp<reductionBody, 1>;
  site.writesFirst = true;
  return operation >= 0;
}

static bool matchShuffle(llvm::StringRef opcode, Site &site) {
  auto [mode, type] = opcode.split('.');
  int kind = llvm::StringSwitch<int>(mode)
                 .Case("up", Up)
                 .Case("down", Down)
                 .Case("bfly", Butterfly)
                 .Case("idx", Index)
                 .Default(-1);
  site.config = {kind, type.ends_with("p")};
  site.handler = meetInWarp<shuffleBody, 0>;
  return kind >= 0;
}

bool nncgpu::matchWarp(llvm::StringRef opcode, Site &site) {
  llvm::StringRef name = opcode;
  if (name.consume_front("shfl.sync."))
    return matchShuffle(name, site);
  if (name.consume_front("redux.sync."))
    return matchReduction(name, site);
  if (name.consume_front("vote.") && name.consume_back(".sync")) {
    int kind = llvm::StringSwitch<int>(name)
                   .Case("all", All)
                   .Case("any", Any)
                   .Case("uni", Uniform)
                   .Case("ballot", Ballot)
                   .Default(-1);
    site.config = {kind};
    site.handler = meetInWarp<voteBody, 0>;
    return kind >= 0;
  }
  bool isMatchAll = opcode.starts_with("match.all.sync");
  if (isMatchAll || opcode.starts_with("match.any.sync")) {
    site.config = {isMatchAll};
    site.handler = meetInWarp<matchBody, 0>;
    return true;
  }
  if (opcode == "bar.warp.sync") {
    site.handler = meetInWarp<syncBody, 0>;
    return true;
  }
  if (opcode == "elect.sync") {
    site.handler = meetInWarp<electBody, 0>;
    site.writesFirst = true;
    return true;
  }
  if (opcode == "activemask") {
    site.handler = activeMask;
    return true;
  }
  return false;
}
