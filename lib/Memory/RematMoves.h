//===----------------------------------------------------------------------===//
// The moves of simulated annealing over sequences of runs.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_MEMORY_REMATMOVES_H
#define NNC_LIB_MEMORY_REMATMOVES_H

#include "lib/Memory/RematState.h"

namespace nncmem::remat {

/// Steele, Lea and Flood's SplitMix64: the same numbers everywhere.
class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}

  uint64_t next() {
    uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// From [0, count); `count` is positive.
  uint32_t below(uint32_t count) {
    return uint32_t(((next() >> 32) * count) >> 32);
  }
  /// From [0, 1).
  double unit() { return double(next() >> 11) * 0x1p-53; }

private:
  uint64_t state;
};

/// Proposes edits of a state.
class Moves {
public:
  Moves(const Problem &problem, const Graph &graph, const State &state,
        Random &random)
      : problem(problem), graph(graph), state(state), random(random) {}

  /// False if the move that was chosen has nothing to do here.
  bool propose(Edit &edit);
  /// To be called when the last proposal has been applied.
  void noteApplied();
  /// To be called when the state's sequence is another one.
  void reset();

private:
  /// Where a step may go without leaving what it reads or is read by behind.
  struct Window {
    uint32_t first;
    uint32_t last;
  };
  bool choose(Edit &edit);
  Window findWindow(uint32_t position) const;
  uint32_t chooseTarget(const Window &window, uint32_t position);
  bool shift(Edit &edit);
  bool shiftWithOperands(Edit &edit);
  bool recomputeLive(Edit &edit);
  bool recomputeOperand(Edit &edit);
  bool insertWithOperands(uint32_t node, uint32_t before, Edit &edit);
  void insertDead(uint32_t node, uint32_t before, unsigned depth, Edit &edit);
  bool dropSurplus(Edit &edit);
  bool replaceSurplus(Edit &edit);
  uint32_t findOver();
  uint32_t firstUseAfter(uint32_t node, uint32_t position) const;
  void noteCopies(uint32_t node);

  const Problem &problem;
  const Graph &graph;
  const State &state;
  Random &random;
  /// Nodes that run more than once, and by node its place in that list.
  std::vector<uint32_t> surplus, surplusPlaces;
  std::vector<uint32_t> touched; ///< Nodes of the last proposal.
  std::vector<uint32_t> kept;
};

} // namespace nncmem::remat

#endif // NNC_LIB_MEMORY_REMATMOVES_H
