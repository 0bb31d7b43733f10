//===----------------------------------------------------------------------===//
// Simulated annealing over sequences of runs: rounds, temperatures, the end.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Memory/RematMoves.h"

#include <algorithm>
#include <chrono>
#include <cmath>

using namespace nncmem::remat;
using Clock = std::chrono::steady_clock;

namespace {
/// A cooling from `hot` to `coldest`. Temperatures are in percent: a move that
/// adds that much of the duration, or of the budget over it at one step, is
/// taken with a chance of 1/e.
struct Round {
  double share; ///< Of all steps.
  double hot;
  bool fromBest; ///< Else from the input order.
};
/// Short ones first, so that there is something soon.
constexpr Round rounds[] = {
    {1.0 / 16, 2, false}, {1.0 / 16, 1, false}, {1.0 / 8, 0.3, true},
    {1.0 / 4, 1, false},  {1.0 / 8, 0.3, true}, {1.0 / 4, 2, false},
    {1.0 / 8, 0.3, true},
};
constexpr double coldest = 0.002;

class Search {
public:
  Search(const Problem &problem, const Options &options)
      : problem(problem), options(options), graph(problem),
        state(problem, graph, options.budget,
              std::clamp(options.maxCopies, 1u, mostCopies)),
        random(options.seed), moves(problem, graph, state, random) {}
  Solution run();

private:
  void reset(const std::vector<uint32_t> &sequence);
  void anneal(const Round &round);
  void dropNeedless();
  bool dropOne();
  void noteBest();
  void lookAtClock();
  bool isOver() const { return best.isCutOff || best.isProven; }

  const Problem &problem;
  const Options &options;
  Graph graph;
  State state;
  Random random;
  Moves moves;
  int64_t least = 0; ///< The sum of all durations.
  double weight = 1; ///< Of memory above the budget.
  Solution best;
  double bestExcess = INFINITY;
  Clock::time_point begin = Clock::now(), lastReport = begin;
};
} // namespace

void Search::reset(const std::vector<uint32_t> &sequence) {
  state.reset(sequence);
  moves.reset();
  noteBest();
}

void Search::noteBest() {
  bool fits = state.excess() == 0;
  bool isBetter =
      best.sequence.empty() ||
      (best.isFeasible ? fits && state.duration() < best.footprint.duration
                       : fits || state.excess() < bestExcess);
  if (!isBetter)
    return;
  best.isFeasible = fits;
  bestExcess = state.excess();
  best.sequence = state.sequence();
  best.footprint.duration = state.duration();
  best.isProven = fits && state.duration() == least;
}

void Search::lookAtClock() {
  Clock::time_point now = Clock::now();
  auto secondsSince = [&](Clock::time_point then) {
    return std::chrono::duration<double>(now - then).count();
  };
  if (options.timeLimit > 0 && secondsSince(begin) > options.timeLimit)
    best.isCutOff = true;
  if (!options.onProgress || secondsSince(lastReport) < 1)
    return;
  lastReport = now;
  options.onProgress(double(best.steps) / double(options.steps),
                     best.isFeasible ? best.footprint.duration : -1);
}

void Search::anneal(const Round &round) {
  auto steps = int64_t(round.share * double(options.steps));
  double timeScale = 100.0 / double(std::max<int64_t>(least, 1));
  double excessScale = 100.0 * weight / std::max(state.scaledBudget(), 1.0);
  double temperature = round.hot;
  Edit edit;
  Change change;
  for (int64_t i = 0; i < steps && !isOver(); ++i, ++best.steps) {
    if (i % 256 == 0)
      temperature =
          round.hot * std::pow(coldest / round.hot, double(i) / double(steps));
    if (i % 1024 == 0)
      lookAtClock();
    if (!moves.propose(edit) || !state.evaluate(edit, change))
      continue;
    double worse =
        double(change.duration) * timeScale + change.excess * excessScale;
    if (worse > 0 && random.unit() >= std::exp(-worse / temperature))
      continue;
    state.apply();
    moves.noteApplied();
    if (change.duration < 0 || change.excess < 0)
      noteBest();
  }
}

/// Drops the most costly run that is not needed.
bool Search::dropOne() {
  Edit edit, bestEdit;
  Change change;
  int64_t gain = -1;
  for (uint32_t position = 0; position < state.size(); ++position) {
    if (state.numCopies(state.nodeAt(position)) < 2)
      continue;
    edit.clear();
    edit.remove(position);
    if (!state.evaluate(edit, change) || change.excess != 0 ||
        -change.duration <= gain)
      continue;
    gain = -change.duration;
    bestEdit = edit;
  }
  if (gain < 0)
    return false;
  state.evaluate(bestEdit, change);
  state.apply();
  return true;
}

void Search::dropNeedless() {
  if (!best.isFeasible)
    return;
  state.reset(best.sequence);
  while (dropOne())
    ;
  best.sequence = state.sequence();
  best.footprint.duration = state.duration();
  best.isProven = state.duration() == least;
}

Solution Search::run() {
  for (const Node &node : problem.nodes)
    least += node.duration;
  reset(problem.order);
  for (const Round &round : rounds) {
    if (isOver())
      break;
    reset(round.fromBest ? best.sequence : problem.order);
    anneal(round);
    dropNeedless();
    // Memory was too cheap.
    if (!best.isFeasible)
      weight *= 2;
  }
  best.footprint = *simulate(problem, best.sequence);
  return best;
}

int64_t nncmem::remat::stepsFor(const Problem &problem, double seconds) {
  auto count = double(problem.nodes.size());
  // Measured: a move costs more where lives are longer, about linearly.
  double steps = seconds * 1.5e6 / (1 + count / 200);
  // Small graphs have few sequences.
  return int64_t(std::min(steps, 20000 * count * count));
}

Solution nncmem::remat::solve(const Problem &problem, const Options &options) {
  if (lowerBound(problem) > options.budget) {
    Solution solution;
    solution.sequence = problem.order;
    solution.footprint = *simulate(problem, problem.order);
    solution.isProven = true;
    return solution;
  }
  return Search(problem, options).run();
}
