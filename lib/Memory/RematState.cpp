//===----------------------------------------------------------------------===//
// A sequence of runs under edits.
//
// An edit changes the lives of the nodes whose runs come or go and of their
// operands, nothing else. Their old and new lives make a step function of bytes
// over the sequence, which is summed up where it is not zero.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Memory/RematState.h"

#include <algorithm>
#include <cmath>

using namespace nncmem::remat;

/// A power of two by which bytes are divided, so that all sums of bytes over a
/// sequence are exact in doubles.
static double findScale(const Problem &problem, unsigned maxCopies) {
  double bytes = 0;
  for (const Node &node : problem.nodes)
    bytes += double(node.size) + double(node.workspace);
  double sum = bytes * double(problem.nodes.size() * maxCopies + 1);
  double scale = 1;
  while (sum / scale > 0x1p52)
    scale *= 2;
  return scale;
}

State::State(const Problem &problem, const Graph &graph, int64_t budget,
             unsigned maxCopies)
    : problem(problem), graph(graph), maxCopies(maxCopies) {
  // Sizes are rounded up and the budget down: what fits here fits in bytes.
  double scale = findScale(problem, maxCopies);
  limit = std::floor(double(budget) / scale);
  size_t count = problem.nodes.size();
  for (const Node &node : problem.nodes) {
    sizes.push_back(std::ceil(double(node.size) / scale));
    workspaces.push_back(std::ceil(double(node.workspace) / scale));
    if (node.isKept)
      keptBytes += sizes.back();
  }
  copies.resize(count * mostCopies);
  counts.resize(count);
  changedStamps.resize(count);
  plannedStamps.resize(count);
  operands.resize(count);
}

void State::reset(const std::vector<uint32_t> &sequence) {
  size_t length = sequence.size();
  instances.resize(length);
  steps.resize(length);
  freeInstances.clear();
  removedStamps.assign(length, 0);
  std::fill(counts.begin(), counts.end(), 0);
  totalDuration = 0;
  for (uint32_t i = 0; i < length; ++i) {
    uint32_t node = sequence[i];
    steps[i] = i;
    instances[i] = {node, i, i};
    for (uint32_t operand : graph.operandsOf(node))
      instances[copies[operand * mostCopies + counts[operand] - 1]].lastUser =
          i;
    copies[node * mostCopies + counts[node]++] = i;
    totalDuration += problem.nodes[node].duration;
  }
  for (uint32_t node = 0; node < counts.size(); ++node)
    if (problem.nodes[node].isKept)
      instances[copies[node * mostCopies + counts[node] - 1]].lastUser = none;
  std::vector<double> freed(length + 1);
  for (const Instance &instance : instances)
    freed[endOf(instance)] += sizes[instance.node];
  over.resize(length);
  double live = -limit;
  totalExcess = 0;
  for (uint32_t i = 0; i < length; ++i) {
    live += sizes[sequence[i]];
    over[i] = live + workspaces[sequence[i]];
    totalExcess += std::max(over[i], 0.0);
    live -= freed[i];
  }
}

std::vector<uint32_t> State::sequence() const {
  std::vector<uint32_t> result;
  result.reserve(steps.size());
  for (uint32_t instance : steps)
    result.push_back(instances[instance].node);
  return result;
}

uint32_t State::latestBefore(uint32_t node, uint32_t position) const {
  for (unsigned i = counts[node]; i-- > 0;)
    if (uint32_t at = copyAt(node, i); at < position)
      return at;
  return none;
}

uint32_t State::firstAfter(uint32_t node, uint32_t position) const {
  for (unsigned i = 0; i < counts[node]; ++i)
    if (uint32_t at = copyAt(node, i); at > position)
      return at;
  return none;
}

//===----------------------------------------------------------------------===//
// Evaluation
//===----------------------------------------------------------------------===//

void State::noteChanged(uint32_t node) {
  if (changedStamps[node] == stamp)
    return;
  changedStamps[node] = stamp;
  changedNodes.push_back(node);
}

void State::beginEdit(const Edit &next) {
  edit = next;
  change = Change();
  changedNodes.clear();
  lives.clear();
  plans.clear();
  intervals.clear();
  events.clear();
  if (++stamp == 0) {
    for (auto *stamps : {&removedStamps, &changedStamps, &plannedStamps})
      std::fill(stamps->begin(), stamps->end(), 0);
    stamp = 1;
  }
  for (unsigned i = 0; i < edit.numRemoved; ++i) {
    uint32_t instance = steps[edit.removed[i]];
    removedStamps[instance] = stamp;
    noteChanged(instances[instance].node);
    change.duration -= problem.nodes[instances[instance].node].duration;
  }
  for (unsigned i = 0; i < edit.numInserted; ++i) {
    const Edit::Insertion &insertion = edit.inserted[i];
    insertionKeys[i] = keyOf(insertion.before) - keysPerStep + 1 + i;
    noteChanged(insertion.node);
    change.duration += problem.nodes[insertion.node].duration;
  }
}

/// The runs of `node` after the edit, in order.
unsigned State::collectLives(uint32_t node, Life *made) const {
  unsigned count = 0;
  for (unsigned i = 0; i < counts[node]; ++i) {
    uint32_t instance = copies[node * mostCopies + i];
    if (isRemoved(instance))
      continue;
    uint32_t key = keyOf(instances[instance].position);
    made[count++] = {instance, key, instance, key};
  }
  if (changedStamps[node] != stamp)
    return count;
  for (unsigned i = 0; i < edit.numInserted; ++i) {
    if (edit.inserted[i].node != node)
      continue;
    uint32_t key = insertionKeys[i];
    unsigned at = count++;
    for (; at > 0 && made[at - 1].key > key; --at)
      made[at] = made[at - 1];
    made[at] = {insertionBit | i, key, insertionBit | i, key};
  }
  return count;
}

/// Finds the last user of each run. False if a user has no run before it.
bool State::bindUsers(uint32_t node, Life *made, unsigned count) const {
  auto bind = [&](uint32_t user, uint32_t key) {
    unsigned at = count;
    while (at > 0 && made[at - 1].key > key)
      --at;
    if (at == 0)
      return false;
    if (key > made[at - 1].userKey) {
      made[at - 1].user = user;
      made[at - 1].userKey = key;
    }
    return true;
  };
  for (uint32_t user : graph.usersOf(node)) {
    for (unsigned i = 0; i < counts[user]; ++i) {
      uint32_t instance = copies[user * mostCopies + i];
      if (!isRemoved(instance) &&
          !bind(instance, keyOf(instances[instance].position)))
        return false;
    }
    if (changedStamps[user] != stamp)
      continue;
    for (unsigned i = 0; i < edit.numInserted; ++i)
      if (edit.inserted[i].node == user &&
          !bind(insertionBit | i, insertionKeys[i]))
        return false;
  }
  if (problem.nodes[node].isKept) {
    made[count - 1].user = none;
    made[count - 1].userKey = endKey();
  }
  return true;
}

/// Bytes more where `first` < key <= `last`; fewer the other way round.
void State::addInterval(uint32_t first, uint32_t last, double bytes) {
  if (first == last)
    return;
  if (first > last) {
    std::swap(first, last);
    bytes = -bytes;
  }
  intervals.push_back({first, last, bytes});
  events.push_back({first / keysPerStep, bytes});
  events.push_back({last / keysPerStep, -bytes});
}

/// What is not as it was, as bytes over keys.
void State::addIntervals(uint32_t node, const Life *made, unsigned count) {
  double bytes = sizes[node];
  bool isPaired = count == counts[node];
  for (unsigned i = 0; i < counts[node]; ++i) {
    const Instance &instance = instances[copies[node * mostCopies + i]];
    uint32_t first = keyOf(instance.position), last = endKeyOf(instance);
    if (isPaired) {
      addInterval(made[i].key, first, bytes);
      addInterval(last, made[i].userKey, bytes);
    } else {
      addInterval(first, last, -bytes);
    }
  }
  for (unsigned i = 0; i < count && !isPaired; ++i)
    addInterval(made[i].key, made[i].userKey, bytes);
}

void State::addPlan(uint32_t node, const Life *made, unsigned count) {
  addIntervals(node, made, count);
  plans.push_back({node, uint32_t(lives.size()), count});
  lives.insert(lives.end(), made, made + count);
}

bool State::planNode(uint32_t node) {
  Life made[mostLives];
  unsigned count = collectLives(node, made);
  if (count == 0 || count > maxCopies || !bindUsers(node, made, count))
    return false;
  addPlan(node, made, count);
  return true;
}

/// A node that runs as before, but of which users come or go.
bool State::planOperand(uint32_t node) {
  const Operand &operand = operands[node];
  const Instance &instance = instances[copies[node * mostCopies]];
  if (counts[node] > 1 || problem.nodes[node].isKept)
    return planNode(node);
  uint32_t key = keyOf(instance.position), end = endKeyOf(instance);
  if (operand.firstUse < key)
    return false;
  // All but the last user leave no trace.
  if (operand.lastUse < end) {
    if (!isRemoved(instance.lastUser))
      return true;
    return planNode(node);
  }
  Life made = {copies[node * mostCopies], key, operand.lastUser,
               operand.lastUse};
  addPlan(node, &made, 1);
  return true;
}

/// Notes the operands of a run that comes (with its key) or goes.
void State::noteOperands(uint32_t node, uint32_t user, uint32_t key) {
  for (uint32_t operand : graph.operandsOf(node)) {
    if (plannedStamps[operand] != stamp) {
      plannedStamps[operand] = stamp;
      affected.push_back(operand);
      operands[operand] = {UINT32_MAX, 0, none};
    }
    if (user == none)
      continue;
    Operand &entry = operands[operand];
    entry.firstUse = std::min(entry.firstUse, key);
    if (key > entry.lastUse) {
      entry.lastUse = key;
      entry.lastUser = user;
    }
  }
}

/// By step, equal ones joined, zeros left out.
void State::sortEvents() {
  // There are few.
  for (size_t i = 1; i < events.size(); ++i) {
    Event event = events[i];
    size_t at = i;
    for (; at > 0 && events[at - 1].step > event.step; --at)
      events[at] = events[at - 1];
    events[at] = event;
  }
  size_t kept = 0;
  for (size_t i = 0; i < events.size();) {
    Event event = events[i++];
    for (; i < events.size() && events[i].step == event.step; ++i)
      event.bytes += events[i].bytes;
    if (event.bytes != 0)
      events[kept++] = event;
  }
  events.resize(kept);
}

/// Sum of max(0, over + bytes) - max(0, over). In four sums, which compilers
/// may not make of one themselves.
static double sumRaised(const double *over, size_t count, double bytes) {
  double sums[4] = {0, 0, 0, 0};
  size_t i = 0;
  for (; i + 4 <= count; i += 4)
    for (unsigned k = 0; k < 4; ++k)
      sums[k] +=
          std::max(over[i + k] + bytes, 0.0) - std::max(over[i + k], 0.0);
  for (; i < count; ++i)
    sums[0] += std::max(over[i] + bytes, 0.0) - std::max(over[i], 0.0);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/// Bytes in memory in front of an insertion, after the edit.
double State::bytesBefore(unsigned insertion) const {
  uint32_t before = edit.inserted[insertion].before;
  double bytes = before == steps.size()
                     ? keptBytes - limit
                     : over[before] - ownBytes(nodeAt(before));
  uint32_t key = insertionKeys[insertion];
  for (const Interval &interval : intervals)
    if (interval.first < key && key <= interval.last)
      bytes += interval.bytes;
  return bytes;
}

double State::sumExcess() {
  sortEvents();
  double sum = 0, bytes = 0;
  double removedBytes[Edit::capacity] = {};
  for (size_t i = 0; i < events.size(); ++i) {
    bytes += events[i].bytes;
    uint32_t begin = events[i].step;
    uint32_t end = i + 1 < events.size() ? events[i + 1].step : begin;
    end = std::min(end, uint32_t(steps.size()));
    if (bytes == 0 || begin >= end)
      continue;
    sum += sumRaised(over.data() + begin, end - begin, bytes);
    for (unsigned k = 0; k < edit.numRemoved; ++k)
      if (begin <= edit.removed[k] && edit.removed[k] < end)
        removedBytes[k] = bytes;
  }
  for (unsigned k = 0; k < edit.numRemoved; ++k)
    sum -= std::max(over[edit.removed[k]] + removedBytes[k], 0.0);
  for (unsigned k = 0; k < edit.numInserted; ++k) {
    insertionOver[k] = bytesBefore(k) + ownBytes(edit.inserted[k].node);
    sum += std::max(insertionOver[k], 0.0);
  }
  return sum;
}

bool State::evaluate(const Edit &next, Change &result) {
  beginEdit(next);
  affected.clear();
  for (unsigned i = 0; i < edit.numRemoved; ++i)
    noteOperands(nodeAt(edit.removed[i]), none, 0);
  for (unsigned i = 0; i < edit.numInserted; ++i)
    noteOperands(edit.inserted[i].node, insertionBit | i, insertionKeys[i]);
  for (uint32_t node : changedNodes)
    if (!planNode(node))
      return false;
  for (uint32_t node : affected)
    if (changedStamps[node] != stamp && !planOperand(node))
      return false;
  change.excess = sumExcess();
  result = change;
  return true;
}

//===----------------------------------------------------------------------===//
// Edits
//===----------------------------------------------------------------------===//

/// Makes room for insertions, takes out what is removed.
void State::moveSteps() {
  uint32_t length = uint32_t(steps.size());
  uint32_t first = length, last = 0;
  for (unsigned i = 0; i < edit.numRemoved; ++i) {
    first = std::min(first, edit.removed[i]);
    last = std::max(last, edit.removed[i] + 1);
  }
  for (unsigned i = 0; i < edit.numInserted; ++i) {
    first = std::min(first, edit.inserted[i].before);
    last = std::max(last, edit.inserted[i].before);
  }
  if (edit.numInserted != edit.numRemoved)
    last = length;
  newSteps.clear();
  newOver.clear();
  unsigned insertion = 0;
  for (uint32_t at = first; at <= last; ++at) {
    for (;
         insertion < edit.numInserted && edit.inserted[insertion].before == at;
         ++insertion) {
      newSteps.push_back(insertedInstances[insertion]);
      newOver.push_back(insertionOver[insertion]);
    }
    if (at == last || isRemoved(steps[at]))
      continue;
    newSteps.push_back(steps[at]);
    newOver.push_back(over[at]);
  }
  size_t newLength = length + edit.numInserted - edit.numRemoved;
  steps.resize(newLength);
  over.resize(newLength);
  std::copy(newSteps.begin(), newSteps.end(), steps.begin() + first);
  std::copy(newOver.begin(), newOver.end(), over.begin() + first);
  for (size_t i = first; i < first + newSteps.size(); ++i)
    instances[steps[i]].position = uint32_t(i);
}

/// Lists of copies and last users.
void State::updateNodes() {
  auto resolve = [&](uint32_t reference) {
    return reference != none && (reference & insertionBit)
               ? insertedInstances[reference & ~insertionBit]
               : reference;
  };
  for (const Plan &plan : plans) {
    for (unsigned i = 0; i < plan.count; ++i) {
      const Life &life = lives[plan.begin + i];
      uint32_t instance = resolve(life.instance);
      copies[plan.node * mostCopies + i] = instance;
      instances[instance].node = plan.node;
      instances[instance].lastUser = resolve(life.user);
    }
    counts[plan.node] = uint8_t(plan.count);
  }
}

void State::apply() {
  double bytes = 0;
  for (size_t i = 0; i + 1 < events.size(); ++i) {
    bytes += events[i].bytes;
    uint32_t end = std::min(events[i + 1].step, uint32_t(steps.size()));
    for (uint32_t at = events[i].step; at < end; ++at)
      over[at] += bytes;
  }
  for (unsigned i = 0; i < edit.numRemoved; ++i)
    freeInstances.push_back(steps[edit.removed[i]]);
  // Instances that go keep their stamp until the steps are moved, so new ones
  // must not take their numbers before.
  size_t reusable = freeInstances.size() - edit.numRemoved;
  for (unsigned i = 0; i < edit.numInserted; ++i) {
    if (reusable > 0) {
      insertedInstances[i] = freeInstances[--reusable];
      freeInstances.erase(freeInstances.begin() + ptrdiff_t(reusable));
      continue;
    }
    insertedInstances[i] = uint32_t(instances.size());
    instances.push_back({});
    removedStamps.push_back(0);
  }
  moveSteps();
  updateNodes();
  totalExcess += change.excess;
  totalDuration += change.duration;
}
