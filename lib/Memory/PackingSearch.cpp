//===----------------------------------------------------------------------===//
// Branch and bound for the storage problem with a given capacity.
//
// As in MiniMalloc (Moffitt and Fernando, "MiniMalloc: A Lightweight Memory
// Allocator for Hardware-Accelerated Machine Learning", ASPLOS 2023), time is
// cut into sections in which the same buffers live, each with a floor below
// which all is decided; a section in which what is left does not fit above the
// floor ends a branch; parts of time that no open buffer joins are solved one
// by one; and attempts with several orders take turns with growing limits.
//
// Branching is by place instead of by buffer: a valley is a run of sections of
// equal floor between higher ones. What comes to lie on the floor of one of its
// sections is a buffer that lies within the valley, or nothing: then the floor
// there rises to where something can come to lie. So every placement that rests
// on others is found once.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Memory/PackingSearch.h"

#include <algorithm>

using namespace nncmem;
using Clock = std::chrono::steady_clock;

void PackingSearch::lookAtClock() {
  Clock::time_point now = Clock::now();
  auto secondsSince = [&](Clock::time_point then) {
    return std::chrono::duration<double>(now - then).count();
  };
  outOfTime |= options.timeLimit > 0 && secondsSince(begin) > options.timeLimit;
  isStopped |= outOfTime;
  if (!options.onProgress || secondsSince(lastReport) < 1)
    return;
  lastReport = now;
  options.onProgress(nodes);
}

bool PackingSearch::mayGoOn() {
  if (++nodes > limit)
    isStopped = true;
  if (nodes % 1024 == 0)
    lookAtClock();
  return !isStopped;
}

void PackingSearch::place(uint32_t index, int64_t floor) {
  const Item &item = items[index];
  trail.push_back({int32_t(index), item.first, floor});
  placed[index] = 1;
  offsets[index] = floor;
  for (int32_t s = item.first; s <= item.last; ++s) {
    savedTops.push_back(tops[s]);
    floors[s] = tops[s] = floor + item.size;
    open[s] -= item.size;
    --numOpen[s];
    joins[s] -= s < item.last;
  }
}

void PackingSearch::undo(size_t mark) {
  for (; trail.size() > mark; trail.pop_back()) {
    const Step &step = trail.back();
    if (step.item < 0) {
      floors[step.section] = step.floor;
      continue;
    }
    const Item &item = items[step.item];
    placed[step.item] = 0;
    for (int32_t s = item.last; s >= item.first; --s) {
      tops[s] = savedTops.back();
      savedTops.pop_back();
      floors[s] = step.floor;
      open[s] += item.size;
      ++numOpen[s];
      joins[s] += s < item.last;
    }
  }
}

/// Places all that is open in these sections; leaves things as they were if
/// that fails.
bool PackingSearch::solve(int32_t first, int32_t last) {
  size_t mark = trail.size();
  for (int32_t begin = first; begin <= last; ++begin) {
    if (numOpen[begin] == 0)
      continue;
    int32_t end = begin;
    while (end < last && joins[end] != 0)
      ++end;
    if (!solvePiece(begin, end)) {
      undo(mark);
      return false;
    }
    begin = end;
  }
  return true;
}

/// The same for sections of which open items join each to the next. On failure
/// the caller undoes.
bool PackingSearch::solvePiece(int32_t first, int32_t last) {
  Choice choice;
  do {
    if (!mayGoOn() || !choose(first, last, choice))
      return false;
    if (choice.candidates > 0 && placeOneOf(choice, first, last))
      return true;
  } while (!isStopped && raise(choice));
  return false;
}

bool PackingSearch::placeOneOf(const Choice &choice, int32_t first,
                               int32_t last) {
  int64_t floor = floors[choice.section];
  const std::vector<uint32_t> &list = covering[choice.section];
  for (size_t k = 0; k < list.size(); ++k) {
    const Item &item = items[list[k]];
    if (placed[list[k]] || !item.isWithin(choice.first, choice.last) ||
        !isSupported(item, floor) || hasTwinBefore(choice.section, k))
      continue;
    size_t mark = trail.size();
    place(list[k], floor);
    if (solve(first, last))
      return true;
    undo(mark);
    if (isStopped)
      return false;
  }
  return false;
}

/// Otherwise it could be pushed down, which is another branch.
bool PackingSearch::isSupported(const Item &item, int64_t floor) const {
  return std::find(tops.begin() + item.first, tops.begin() + item.last + 1,
                   floor) != tops.begin() + item.last + 1;
}

/// Of open items that are alike, the first in order goes first.
bool PackingSearch::hasTwinBefore(int32_t section, size_t index) const {
  const std::vector<uint32_t> &list = covering[section];
  for (size_t k = 0; k < index; ++k)
    if (!placed[list[k]] && items[list[k]] == items[list[index]])
      return true;
  return false;
}

/// Nothing comes to lie on the floor of the section: it rises to the lowest
/// place at which something can. False if there is none below the capacity.
bool PackingSearch::raise(const Choice &choice) {
  int32_t section = choice.section;
  int64_t floor = floors[section];
  // What lies within the valley, but not on this floor, rests on another one
  // that is not there yet.
  int64_t least = INT64_MAX;
  for (size_t i = 0; i < items.size() && choice.candidates > 0; ++i)
    if (!placed[i] && items[i].isWithin(choice.first, choice.last) &&
        !items[i].covers(section))
      least = std::min(least, items[i].size);
  int64_t next = INT64_MAX;
  for (uint32_t index : covering[section]) {
    const Item &item = items[index];
    if (placed[index])
      continue;
    int64_t high = *std::max_element(floors.begin() + item.first,
                                     floors.begin() + item.last + 1);
    if (high == floor)
      high = least == INT64_MAX ? INT64_MAX : floor + least;
    next = std::min(next, high);
  }
  if (next > capacity - open[section])
    return false;
  trail.push_back({-1, section, floor});
  floors[section] = next;
  return true;
}

/// Marks valleys and how high the lower of their walls is. No open item leaves
/// a piece, so its borders are as high as the arena.
void PackingSearch::findValleys(int32_t first, int32_t last) {
  for (int32_t begin = first; begin <= last;) {
    int32_t end = begin;
    while (end < last && floors[end + 1] == floors[begin])
      ++end;
    int64_t left = begin == first ? capacity : floors[begin - 1];
    int64_t right = end == last ? capacity : floors[end + 1];
    int64_t wall = std::min(left, right);
    bool isValley = wall > floors[begin];
    for (int32_t s = begin; s <= end; ++s) {
      valleys[s] = isValley ? begin : -1;
      walls[s] = wall;
    }
    begin = end + 1;
  }
}

/// The section to decide next. False if some section of a valley cannot be
/// filled well enough.
bool PackingSearch::choose(int32_t first, int32_t last, Choice &choice) {
  findValleys(first, last);
  std::fill(countSteps.begin() + first, countSteps.begin() + last + 2, 0);
  std::fill(sizeSteps.begin() + first, sizeSteps.begin() + last + 2, 0);
  for (size_t i = 0; i < items.size(); ++i) {
    const Item &item = items[i];
    if (placed[i] || !item.isWithin(first, last) || valleys[item.first] < 0 ||
        valleys[item.first] != valleys[item.last])
      continue;
    ++countSteps[item.first];
    --countSteps[item.last + 1];
    sizeSteps[item.first] += item.size;
    sizeSteps[item.last + 1] -= item.size;
  }
  int32_t count = 0, best = -1, bestCount = 0;
  int64_t size = 0, bestKey = 0;
  for (int32_t s = first; s <= last; ++s) {
    count += countSteps[s];
    size += sizeSteps[s];
    if (valleys[s] < 0)
      continue;
    // Below the wall only what lies within the valley fills the section.
    int64_t slack = capacity - floors[s] - open[s];
    int64_t wasted = std::max<int64_t>(walls[s] - floors[s] - size, 0);
    if (wasted > slack)
      return false;
    int64_t key = rule == Rule::Low     ? floors[s]
                  : rule == Rule::Count ? count
                                        : slack - wasted;
    // What nothing can lie on costs no branch.
    if (count == 0)
      key = -1;
    if (best < 0 || key < bestKey || (key == bestKey && count < bestCount)) {
      best = s;
      bestKey = key;
      bestCount = count;
    }
  }
  choice.section = best;
  choice.candidates = bestCount;
  choice.first = choice.last = valleys[best];
  while (choice.last < last && valleys[choice.last + 1] == choice.first)
    ++choice.last;
  return true;
}
