//===----------------------------------------------------------------------===//
// Branch and bound for the storage problem with a given capacity: the tree.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_MEMORY_PACKINGSEARCH_H
#define NNC_LIB_MEMORY_PACKINGSEARCH_H

#include "nnc/Memory/Packing.h"

#include <chrono>

namespace nncmem {

struct Item {
  int32_t first; ///< Sections, both inclusive.
  int32_t last;
  int64_t size; ///< In units of the alignment.
  uint32_t buffer;

  bool covers(int32_t section) const {
    return first <= section && section <= last;
  }
  bool isWithin(int32_t low, int32_t high) const {
    return low <= first && last <= high;
  }
  bool operator==(const Item &other) const {
    return first == other.first && last == other.last && size == other.size;
  }
};

/// Which section is decided next: where the least may be wasted, where the
/// fewest buffers can lie, or the lowest.
enum class Rule { Slack, Count, Low };
/// Which buffer is tried first: the one that lives longest, the one that lives
/// where most do, the largest area, or the largest.
enum class Order { Length, Contention, Area, Size };

struct Strategy {
  Rule rule;
  Order order;
};

/// What one attempt comes to.
enum class Verdict { Found, Refuted, Undecided };

class PackingSearch {
public:
  PackingSearch(const Problem &problem, const PackingOptions &options);

  /// Does some section hold more than the capacity?
  bool isTooSmall() const;
  Verdict attempt(const Strategy &strategy, uint64_t noise, int64_t budget);

  int64_t getNodes() const { return nodes; }
  bool isOutOfTime() const { return outOfTime; }
  /// Can a refutation be trusted? Not if sizes were rounded up to an alignment
  /// that the buffer itself does not have.
  bool isExact() const { return exact; }
  void writeOffsets(std::vector<int64_t> &offsets) const;

private:
  struct Choice {
    int32_t section = -1;
    int32_t first = 0; ///< Of the valley.
    int32_t last = 0;
    int32_t candidates = 0;
  };
  /// What undoing needs: a buffer that was placed, or a raised floor.
  struct Step {
    int32_t item; ///< -1: a floor.
    int32_t section;
    int64_t floor;
  };

  void makeSections(const Problem &problem);
  void orderItems(Order order, uint64_t noise);
  bool solve(int32_t first, int32_t last);
  bool solvePiece(int32_t first, int32_t last);
  bool placeOneOf(const Choice &choice, int32_t first, int32_t last);
  bool raise(const Choice &choice);
  bool choose(int32_t first, int32_t last, Choice &choice);
  void findValleys(int32_t first, int32_t last);
  bool isSupported(const Item &item, int64_t floor) const;
  bool hasTwinBefore(int32_t section, size_t index) const;
  bool mayGoOn();
  void lookAtClock();
  void place(uint32_t index, int64_t floor);
  void undo(size_t mark);

  int64_t capacity, unit = 1;
  bool exact = true;
  const PackingOptions &options;
  std::chrono::steady_clock::time_point begin =
      std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point lastReport = begin;
  std::vector<Item> items;
  std::vector<std::vector<uint32_t>> covering; ///< Items by section.
  Rule rule = Rule::Slack;
  int64_t nodes = 0, limit = 0;
  bool outOfTime = false, isStopped = false;

  // By item.
  std::vector<uint8_t> placed;
  std::vector<int64_t> offsets;
  // By section.
  std::vector<int64_t> floors; ///< Below, all is decided.
  std::vector<int64_t> tops;   ///< The highest end of a placed buffer.
  std::vector<int64_t> open;   ///< Sum of the sizes of what is not placed.
  std::vector<int32_t> numOpen;
  std::vector<int32_t> joins; ///< Open items that the next section has too.
  // Of `choose`.
  std::vector<int32_t> valleys; ///< First section of the valley; -1: in none.
  std::vector<int64_t> walls;
  std::vector<int32_t> countSteps;
  std::vector<int64_t> sizeSteps;

  std::vector<Step> trail;
  std::vector<int64_t> savedTops;
};
} // namespace nncmem

#endif // NNC_LIB_MEMORY_PACKINGSEARCH_H
