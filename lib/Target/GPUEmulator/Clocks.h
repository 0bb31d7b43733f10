//===----------------------------------------------------------------------===//
// Who knows of whose work: vector clocks of the threads of a cluster and of the
// engines that copy and multiply on their behalf.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TARGET_GPUEMULATOR_CLOCKS_H
#define NNC_LIB_TARGET_GPUEMULATOR_CLOCKS_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <vector>

namespace nncgpu {

/// The latest event of each agent that is known to have happened before;
/// what lies beyond the end is 0.
class VectorClock {
public:
  uint32_t get(uint32_t agent) const {
    return agent < times.size() ? times[agent] : 0;
  }
  void raise(uint32_t agent, uint32_t time) {
    if (agent >= times.size())
      times.resize(agent + 1);
    if (times[agent] < time)
      times[agent] = time;
  }
  void join(const VectorClock &other) {
    if (times.size() < other.times.size())
      times.resize(other.times.size());
    for (size_t i = 0, e = other.times.size(); i < e; ++i)
      times[i] = times[i] < other.times[i] ? other.times[i] : times[i];
  }
  uint32_t size() const { return uint32_t(times.size()); }
  void clear() { times.clear(); }

private:
  std::vector<uint32_t> times;
};

/// The clocks of a cluster. Agents are numbered: threads first, then engines.
/// An event of an agent has its time; an access at event (agent, time) happens
/// before what thread t does next if t knows of it, by itself or because all
/// threads do (`everyone`).
class Clocks {
public:
  /// Forgets everything; clocks go on, so that earlier events are known to all.
  void begin(uint32_t threads);

  /// The agents for the copies that a thread issues, for the products of a
  /// warpgroup, and for the copies that end at a barrier in shared memory.
  uint32_t copyEngine(uint32_t thread) const { return threads + thread; }
  uint32_t productEngine(uint32_t group) const { return 2 * threads + group; }
  uint32_t barrierEngine(uint32_t barrier) const {
    return 2 * threads + (threads + 127) / 128 + barrier;
  }

  uint32_t now(uint32_t agent) {
    if (agent >= times.size())
      times.resize(agent + 1, base + 1);
    return times[agent];
  }
  void tick(uint32_t agent) {
    now(agent);
    ++times[agent];
  }

  bool knows(uint32_t thread, uint32_t agent, uint32_t time) const {
    return agent == thread || time <= base || everyone.get(agent) >= time ||
           known[thread].get(agent) >= time;
  }
  void learn(uint32_t thread, uint32_t agent, uint32_t time) {
    known[thread].raise(agent, time);
  }
  /// What a thread gives away when it releases, and takes when it acquires. A
  /// release is an event: what the thread does afterwards is not in it.
  void release(uint32_t thread, VectorClock &into);
  void acquire(uint32_t thread, const VectorClock &from) {
    known[thread].join(from);
  }
  /// All of `group` wait for each other.
  void meet(llvm::ArrayRef<uint32_t> group);

private:
  uint32_t threads = 0;
  /// Events up to this one are of earlier clusters.
  uint32_t base = 0;
  std::vector<uint32_t> times;
  std::vector<VectorClock> known;
  VectorClock everyone;
};

} // namespace nncgpu

#endif // NNC_LIB_TARGET_GPUEMULATOR_CLOCKS_H
