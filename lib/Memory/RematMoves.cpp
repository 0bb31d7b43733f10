//===----------------------------------------------------------------------===//
// The moves of simulated annealing over sequences of runs.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Memory/RematMoves.h"

#include <algorithm>

using namespace nncmem::remat;

uint32_t Moves::firstUseAfter(uint32_t node, uint32_t position) const {
  uint32_t first = State::none;
  for (uint32_t user : graph.usersOf(node))
    first = std::min(first, state.firstAfter(user, position));
  return first;
}

Moves::Window Moves::findWindow(uint32_t position) const {
  uint32_t node = state.nodeAt(position);
  uint32_t first = 0;
  auto bound = [&](uint32_t other) {
    uint32_t at = state.latestBefore(other, position);
    if (at != State::none)
      first = std::max(first, at + 1);
  };
  for (uint32_t operand : graph.operandsOf(node))
    bound(operand);
  bound(node);
  uint32_t end =
      std::min(firstUseAfter(node, position), state.firstAfter(node, position));
  uint32_t last = std::min(end, uint32_t(state.size())) - 1;
  return {first, last};
}

/// Late results do not take memory for long, so the end is the likeliest.
uint32_t Moves::chooseTarget(const Window &window, uint32_t position) {
  double chance = random.unit();
  if (chance < 0.3)
    return window.last;
  if (chance < 0.45)
    return window.first;
  if (chance < 0.7) {
    // Nearby.
    uint32_t reach = 8;
    uint32_t first =
        std::max(window.first, position - std::min(position, reach));
    uint32_t last = std::min(window.last, position + reach);
    return first + random.below(last - first + 1);
  }
  return window.first + random.below(window.last - window.first + 1);
}

bool Moves::shift(Edit &edit) {
  uint32_t position = random.below(uint32_t(state.size()));
  Window window = findWindow(position);
  if (window.first >= window.last)
    return false;
  uint32_t target = chooseTarget(window, position);
  if (target == position)
    return false;
  edit.remove(position);
  edit.insert(state.nodeAt(position), target + (target > position));
  return true;
}

/// Moves a step late, and with it those operands that it alone uses.
bool Moves::shiftWithOperands(Edit &edit) {
  uint32_t position = random.below(uint32_t(state.size()));
  Window window = findWindow(position);
  if (position >= window.last)
    return false;
  uint32_t target = random.below(2)
                        ? window.last
                        : position + 1 + random.below(window.last - position);
  uint32_t node = state.nodeAt(position);
  edit.remove(position);
  for (uint32_t operand : graph.operandsOf(node)) {
    uint32_t at = state.latestBefore(operand, position);
    if (edit.isFull() || edit.numRemoved > 4)
      break;
    if (state.lastUseAt(at) != position ||
        firstUseAfter(operand, at) != position)
      continue;
    edit.remove(at);
    edit.insert(operand, target + 1);
  }
  if (edit.numRemoved == 1)
    return false;
  edit.insert(node, target + 1);
  return true;
}

/// A step in memory above the budget; State::none if there is none.
uint32_t Moves::findOver() {
  uint32_t length = uint32_t(state.size());
  uint32_t start = random.below(length);
  for (uint32_t i = start; i < length; ++i)
    if (state.overAt(i) > 0)
      return i;
  for (uint32_t i = 0; i < start; ++i)
    if (state.overAt(i) > 0)
      return i;
  return State::none;
}

/// Inserts a run, and before it runs of operands that are gone by then.
void Moves::insertDead(uint32_t node, uint32_t before, unsigned depth,
                       Edit &edit) {
  for (uint32_t operand : graph.operandsOf(node)) {
    uint32_t at = state.latestBefore(operand, before);
    if (at == State::none || state.lastUseAt(at) >= before || depth == 0 ||
        !state.isRepeatable(operand) || random.below(2))
      continue;
    for (unsigned i = 0; i < edit.numInserted; ++i)
      if (edit.inserted[i].node == operand)
        return;
    insertDead(operand, before, depth - 1, edit);
    if (edit.numInserted + 2 >= Edit::capacity)
      return;
    edit.insert(operand, before);
  }
}

bool Moves::insertWithOperands(uint32_t node, uint32_t before, Edit &edit) {
  if (!state.isRepeatable(node))
    return false;
  insertDead(node, before, random.below(4), edit);
  edit.insert(node, before);
  return true;
}

/// Runs something again that is in memory where that is above the budget.
bool Moves::recomputeLive(Edit &edit) {
  uint32_t over = findOver();
  if (over == State::none || over == 0)
    return false;
  for (int tries = 0; tries < 16; ++tries) {
    uint32_t at = random.below(over);
    if (state.lastUseAt(at) <= over)
      continue;
    uint32_t use = firstUseAfter(state.nodeAt(at), over);
    // What is kept is used at the end.
    if (use == State::none && state.lastUseAt(at) == state.size())
      use = uint32_t(state.size());
    return use != State::none &&
           insertWithOperands(state.nodeAt(at), use, edit);
  }
  return false;
}

bool Moves::recomputeOperand(Edit &edit) {
  uint32_t before = random.below(uint32_t(state.size() + !kept.empty()));
  if (before == state.size())
    return insertWithOperands(kept[random.below(uint32_t(kept.size()))], before,
                              edit);
  NodeRange operands = graph.operandsOf(state.nodeAt(before));
  if (operands.size() == 0)
    return false;
  return insertWithOperands(
      operands.first[random.below(uint32_t(operands.size()))], before, edit);
}

bool Moves::dropSurplus(Edit &edit) {
  if (surplus.empty())
    return false;
  uint32_t node = surplus[random.below(uint32_t(surplus.size()))];
  edit.remove(state.copyAt(node, random.below(state.numCopies(node))));
  return true;
}

/// Drops one run and adds another, of the same node or of an operand or user.
bool Moves::replaceSurplus(Edit &edit) {
  if (!dropSurplus(edit))
    return false;
  uint32_t position = edit.removed[0], node = state.nodeAt(position);
  uint32_t other = node;
  NodeRange operands = graph.operandsOf(node);
  if (operands.size() != 0 && random.below(3) == 0)
    other = operands.first[random.below(uint32_t(operands.size()))];
  if (!problem.nodes[other].mayRecompute)
    return false;
  NodeRange users = graph.usersOf(other);
  if (users.size() == 0)
    return false;
  uint32_t user = users.first[random.below(uint32_t(users.size()))];
  edit.insert(other, state.copyAt(user, random.below(state.numCopies(user))));
  return true;
}

bool Moves::choose(Edit &edit) {
  edit.clear();
  double chance = random.unit();
  if (chance < 0.45)
    return shift(edit);
  if (chance < 0.55)
    return shiftWithOperands(edit);
  if (chance < 0.75)
    return recomputeLive(edit) ||
           (edit.numInserted == 0 && recomputeOperand(edit));
  if (chance < 0.80)
    return recomputeOperand(edit);
  if (chance < 0.88)
    return replaceSurplus(edit);
  return dropSurplus(edit);
}

bool Moves::propose(Edit &edit) {
  if (!choose(edit))
    return false;
  touched.clear();
  for (unsigned i = 0; i < edit.numRemoved; ++i)
    touched.push_back(state.nodeAt(edit.removed[i]));
  for (unsigned i = 0; i < edit.numInserted; ++i)
    touched.push_back(edit.inserted[i].node);
  return true;
}

//===----------------------------------------------------------------------===//
// The list of nodes that run more than once
//===----------------------------------------------------------------------===//

void Moves::noteCopies(uint32_t node) {
  bool isListed = surplusPlaces[node] != noNode;
  if ((state.numCopies(node) > 1) == isListed)
    return;
  if (!isListed) {
    surplusPlaces[node] = uint32_t(surplus.size());
    surplus.push_back(node);
    return;
  }
  uint32_t place = surplusPlaces[node];
  surplus[place] = surplus.back();
  surplusPlaces[surplus[place]] = place;
  surplus.pop_back();
  surplusPlaces[node] = noNode;
}

void Moves::noteApplied() {
  for (uint32_t node : touched)
    noteCopies(node);
}

void Moves::reset() {
  kept.clear();
  for (uint32_t node = 0; node < problem.nodes.size(); ++node)
    if (problem.nodes[node].isKept)
      kept.push_back(node);
  surplus.clear();
  surplusPlaces.assign(problem.nodes.size(), noNode);
  for (uint32_t node = 0; node < problem.nodes.size(); ++node)
    noteCopies(node);
}
