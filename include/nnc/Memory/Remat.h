//===----------------------------------------------------------------------===//
// The rematerialization problem: in which order a graph's nodes run, and which
// of them run again, so that a memory budget holds and the time is least.
// Problem and solver know nothing of IR; compilers translate to them and back.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_MEMORY_REMAT_H
#define NNC_MEMORY_REMAT_H

#include "nnc/DataIO/FileBytes.h"

#include <functional>

namespace nncmem::remat {

/// One computation and its result.
struct Node {
  int64_t size = 0;     ///< Of the result, in bytes.
  int64_t duration = 0; ///< Of one run, in any unit.
  /// Bytes that it needs besides while it runs.
  int64_t workspace = 0;
  /// May it run more than once?
  bool mayRecompute = true;
  /// Its last result stays to the end: an output.
  bool isKept = false;
};

/// An edge: `consumer` reads the result of `producer`.
struct Edge {
  uint32_t producer = 0;
  uint32_t consumer = 0;
};

/// An instance. A solution is a sequence of nodes in which each stands at least
/// once and every use has its producer somewhere before it. A use reads the
/// latest earlier instance of its producer; an instance is in memory from its
/// own step to that of its last use.
struct Problem {
  std::vector<Node> nodes;
  std::vector<Edge> edges;     ///< May repeat.
  std::vector<uint32_t> order; ///< Each node once, producers first.
};

inline constexpr size_t maxNodes = 1000000;
inline constexpr size_t maxEdges = 16000000;

/// Is the problem sane? Sizes and durations are not negative and their sums fit
/// into int64_t, edges join nodes, and `order` is a topological order of all.
/// The message names what is wrong.
nncio::Status check(const Problem &problem);

/// What a sequence needs.
struct Footprint {
  int64_t peak = 0;     ///< Most bytes in memory at one step.
  int64_t duration = 0; ///< Sum over the sequence.
  size_t peakStep = 0;  ///< The first step with that peak.
};

/// Runs a sequence by the definition, step by step. The message tells at which
/// step an operand is missing, or which node never runs or runs again though it
/// must not. The problem must have passed `check`. O(steps + uses).
nncio::Result<Footprint> simulate(const Problem &problem,
                                  const std::vector<uint32_t> &sequence);

/// The instances in memory at `step` of a sequence that `simulate` accepts, by
/// their positions in it, ascending.
std::vector<size_t> liveAt(const Problem &problem,
                           const std::vector<uint32_t> &sequence, size_t step);

/// No sequence needs less memory: the largest sum of a node's result, operands
/// and workspace, or of what is kept, in bytes.
int64_t lowerBound(const Problem &problem);

/// The problem in the text form of the reference instances: a line "n m", the
/// n sizes, the n durations, m lines "producer consumer", the n nodes of the
/// input order. Numbers are separated by any white space. A failure's message
/// has the line.
nncio::Result<Problem> parse(const std::string &text);

/// What a search may spend, and how.
struct Options {
  int64_t budget = 0; ///< In bytes.
  uint64_t seed = 1;
  /// Moves to try. The result depends on the problem, the budget, the seed and
  /// this, unless the time limit cuts the search off.
  int64_t steps = 0;
  double timeLimit = 0; ///< In seconds; 0 for none.
  /// Most runs of one node, from 1 to `mostCopies`; 1 looks for orders only.
  unsigned maxCopies = 4;
  /// Called about once a second with the share of the work done, from 0 to 1,
  /// and the duration of the best sequence, -1 before there is one.
  std::function<void(double, int64_t)> onProgress;
};

inline constexpr unsigned mostCopies = 8;

/// What a search has found.
struct Solution {
  /// Within the budget if `isFeasible`, else the one that comes nearest to it.
  std::vector<uint32_t> sequence;
  Footprint footprint;
  bool isFeasible = false;
  /// Nothing can be better: every node runs once and the budget holds, or the
  /// budget is below `lowerBound`.
  bool isProven = false;
  int64_t steps = 0;     ///< Moves tried.
  bool isCutOff = false; ///< The time limit ended the search.
};

/// Steps that take about `seconds` on one core of today's machines, by the size
/// of the problem. A rule of thumb that is the same everywhere.
int64_t stepsFor(const Problem &problem, double seconds);

/// Simulated annealing over sequences. Moves shift an instance between its
/// operands and its uses, insert a recomputation before a use (with operands
/// that are no longer there), or delete a superfluous instance; memory above
/// the budget is a penalty. The problem must have passed `check`.
Solution solve(const Problem &problem, const Options &options);

} // namespace nncmem::remat

#endif // NNC_MEMORY_REMAT_H
