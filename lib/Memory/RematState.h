//===----------------------------------------------------------------------===//
// A sequence of runs under edits: what an edit would change is told without
// making it, in time that follows from the edit, not from the sequence.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_MEMORY_REMATSTATE_H
#define NNC_LIB_MEMORY_REMATSTATE_H

#include "lib/Memory/RematGraph.h"

#include <array>

namespace nncmem::remat {

/// Steps to take out of a sequence and runs to put into it, both by positions
/// before the edit.
struct Edit {
  /// What `removed` and `inserted` hold at most.
  static constexpr unsigned capacity = 12;
  struct Insertion {
    uint32_t node;
    uint32_t before; ///< The position that it goes in front of.
  };
  std::array<uint32_t, capacity> removed;
  std::array<Insertion, capacity> inserted;
  unsigned numRemoved = 0, numInserted = 0;

  void clear() { numRemoved = numInserted = 0; }
  bool isFull() const {
    return numRemoved == capacity || numInserted == capacity;
  }
  void remove(uint32_t position) { removed[numRemoved++] = position; }
  /// Those in front of the same position stand in the order of these calls.
  void insert(uint32_t node, uint32_t before) {
    inserted[numInserted++] = {node, before};
  }
};

/// What an edit changes.
struct Change {
  double excess = 0;
  int64_t duration = 0;
};

/// A valid sequence: each step is an instance of a node with the instance that
/// uses it last, and the bytes in memory. Bytes are doubles that hold integers
/// exactly, which SSE2 adds and compares two at a time.
class State {
public:
  /// The graph and the problem must outlive this. `budget` in bytes.
  State(const Problem &problem, const Graph &graph, int64_t budget,
        unsigned maxCopies);

  /// Starts anew from a sequence that `simulate` accepts.
  void reset(const std::vector<uint32_t> &sequence);

  size_t size() const { return steps.size(); }
  uint32_t nodeAt(uint32_t position) const {
    return instances[steps[position]].node;
  }
  /// Bytes above the budget at this step, negative below it.
  double overAt(uint32_t position) const { return over[position]; }
  /// Of its last use; the position itself where there is none, size() for what
  /// is kept.
  uint32_t lastUseAt(uint32_t position) const {
    return endOf(instances[steps[position]]);
  }
  unsigned numCopies(uint32_t node) const { return counts[node]; }
  bool isRepeatable(uint32_t node) const {
    return counts[node] < maxCopies && problem.nodes[node].mayRecompute;
  }
  /// The latest position of `node` before `position`; `none` if there is none.
  uint32_t latestBefore(uint32_t node, uint32_t position) const;
  /// The first position of `node` after `position`; `none` if there is none.
  uint32_t firstAfter(uint32_t node, uint32_t position) const;
  /// The position of one of the copies, in order.
  uint32_t copyAt(uint32_t node, unsigned index) const {
    return instances[copies[node * mostCopies + index]].position;
  }
  static constexpr uint32_t none = UINT32_MAX;

  /// Sum over the steps of the bytes above the budget, in scaled bytes.
  double excess() const { return totalExcess; }
  int64_t duration() const { return totalDuration; }
  /// The budget in scaled bytes.
  double scaledBudget() const { return limit; }
  std::vector<uint32_t> sequence() const;

  /// What `edit` would change. False if a use would lose its producer. The
  /// insertions must be in ascending order.
  bool evaluate(const Edit &edit, Change &change);
  /// Makes the edit that was evaluated last, successfully.
  void apply();

private:
  struct Instance {
    uint32_t node;
    uint32_t position;
    uint32_t lastUser; ///< An instance; itself if unused; `none`: the end.
  };
  /// Where lives begin and end, finer than positions: insertions have keys
  /// between those of steps.
  static constexpr uint32_t keysPerStep = 2 * Edit::capacity;
  static uint32_t keyOf(uint32_t position) {
    return (position + 1) * keysPerStep;
  }
  uint32_t endKey() const {
    return (uint32_t(steps.size()) + 2) * keysPerStep - 1;
  }
  uint32_t endOf(const Instance &instance) const {
    return instance.lastUser == none ? uint32_t(steps.size())
                                     : instances[instance.lastUser].position;
  }
  uint32_t endKeyOf(const Instance &instance) const {
    return instance.lastUser == none
               ? endKey()
               : keyOf(instances[instance.lastUser].position);
  }

  /// An instance, or an insertion, as the edit will leave it.
  struct Life {
    uint32_t instance; ///< With `insertionBit`, the number of an insertion.
    uint32_t key;
    uint32_t user; ///< The last, in the same form; `none`: the end.
    uint32_t userKey;
  };
  static constexpr uint32_t insertionBit = 1u << 31;
  static constexpr unsigned mostLives = mostCopies + Edit::capacity;
  /// All lives of one node after the edit: lives[begin, begin + count).
  struct Plan {
    uint32_t node;
    uint32_t begin;
    uint32_t count;
  };
  /// Where insertions use a node: keys, and who is last.
  struct Operand {
    uint32_t firstUse;
    uint32_t lastUse;
    uint32_t lastUser;
  };
  /// Bytes that are in memory more, or fewer, where `first` < key <= `last`.
  struct Interval {
    uint32_t first;
    uint32_t last;
    double bytes;
  };
  /// Bytes more from a step on.
  struct Event {
    uint32_t step;
    double bytes;
  };

  void beginEdit(const Edit &edit);
  void noteChanged(uint32_t node);
  void noteOperands(uint32_t node, uint32_t user, uint32_t key);
  void addPlan(uint32_t node, const Life *made, unsigned count);
  bool planOperand(uint32_t node);
  bool planNode(uint32_t node);
  unsigned collectLives(uint32_t node, Life *made) const;
  bool bindUsers(uint32_t node, Life *made, unsigned count) const;
  void addInterval(uint32_t first, uint32_t last, double bytes);
  void addIntervals(uint32_t node, const Life *made, unsigned count);
  void sortEvents();
  double sumExcess();
  double bytesBefore(unsigned insertion) const;
  double ownBytes(uint32_t node) const {
    return sizes[node] + workspaces[node];
  }
  bool isRemoved(uint32_t instance) const {
    return removedStamps[instance] == stamp;
  }
  void moveSteps();
  void updateNodes();

  const Problem &problem;
  const Graph &graph;
  unsigned maxCopies;
  double limit;
  double keptBytes = 0;
  std::vector<double> sizes, workspaces;

  std::vector<uint32_t> steps; ///< Instances.
  std::vector<double> over;
  std::vector<Instance> instances;
  std::vector<uint32_t> freeInstances;
  std::vector<uint32_t> copies; ///< mostCopies a node, by position.
  std::vector<uint8_t> counts;
  double totalExcess = 0;
  int64_t totalDuration = 0;

  // The edit at hand.
  Edit edit;
  Change change;
  uint32_t stamp = 0;
  std::vector<uint32_t> removedStamps; ///< By instance.
  std::vector<uint32_t> changedStamps; ///< By node: runs come or go.
  std::vector<uint32_t> plannedStamps; ///< By node: operands.
  std::vector<uint32_t> changedNodes, affected;
  std::vector<Operand> operands; ///< By node, if affected.
  std::array<uint32_t, Edit::capacity> insertionKeys;
  std::array<double, Edit::capacity> insertionOver;
  std::array<uint32_t, Edit::capacity> insertedInstances;
  std::vector<Life> lives;
  std::vector<Plan> plans;
  std::vector<Interval> intervals;
  std::vector<Event> events;
  std::vector<uint32_t> newSteps;
  std::vector<double> newOver;
};

} // namespace nncmem::remat

#endif // NNC_LIB_MEMORY_REMATSTATE_H
