//===----------------------------------------------------------------------===//
// Branch and bound for the storage problem with a given capacity: sections,
// orders and attempts.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Memory/Packing.h"

#include "lib/Memory/PackingSearch.h"

#include <algorithm>

using namespace nncmem;

constexpr Strategy strategies[] = {
    {Rule::Slack, Order::Length},   {Rule::Slack, Order::Contention},
    {Rule::Slack, Order::Area},     {Rule::Low, Order::Length},
    {Rule::Low, Order::Contention}, {Rule::Low, Order::Area},
    {Rule::Count, Order::Length},   {Rule::Count, Order::Contention},
    {Rule::Count, Order::Area},     {Rule::Slack, Order::Size},
    {Rule::Low, Order::Size},       {Rule::Count, Order::Size},
};

PackingSearch::PackingSearch(const Problem &problem,
                             const PackingOptions &options)
    : options(options) {
  int64_t least = INT64_MAX;
  for (size_t i = 0; i < problem.count; ++i) {
    unit = std::max(unit, problem.buffers[i].alignment);
    least = std::min(least, problem.buffers[i].alignment);
  }
  exact = unit == 1 || least == unit;
  // The last buffer may end unaligned.
  capacity = options.capacity / unit;
  if (options.capacity % unit != 0)
    exact = false;
  makeSections(problem);
}

/// A section begins where a buffer does: whatever ends in between, most live at
/// its begin.
void PackingSearch::makeSections(const Problem &problem) {
  std::vector<int32_t> begins;
  for (size_t i = 0; i < problem.count; ++i)
    if (problem.buffers[i].size != 0)
      begins.push_back(problem.buffers[i].first);
  std::sort(begins.begin(), begins.end());
  begins.erase(std::unique(begins.begin(), begins.end()), begins.end());
  auto sectionOf = [&](int32_t position) {
    return int32_t(std::upper_bound(begins.begin(), begins.end(), position) -
                   begins.begin()) -
           1;
  };
  size_t count = begins.size();
  covering.resize(count);
  for (auto *values : {&floors, &tops, &open, &walls})
    values->resize(count);
  for (auto *values : {&numOpen, &joins, &valleys})
    values->resize(count);
  countSteps.resize(count + 1);
  sizeSteps.resize(count + 1);
  for (size_t i = 0; i < problem.count; ++i) {
    const Buffer &b = problem.buffers[i];
    if (b.size == 0)
      continue;
    exact &= b.size % unit == 0 || b.alignment == unit;
    // No overflow: `check` has reserved the padding.
    Item item = {sectionOf(b.first), sectionOf(b.last), (b.size - 1) / unit + 1,
                 uint32_t(i)};
    for (int32_t s = item.first; s <= item.last; ++s) {
      covering[s].push_back(uint32_t(items.size()));
      open[s] += item.size;
      ++numOpen[s];
      joins[s] += s < item.last;
    }
    items.push_back(item);
  }
  placed.resize(items.size());
  offsets.resize(items.size());
}

bool PackingSearch::isTooSmall() const {
  return std::any_of(open.begin(), open.end(),
                     [&](int64_t sum) { return sum > capacity; });
}

void PackingSearch::writeOffsets(std::vector<int64_t> &result) const {
  for (size_t i = 0; i < items.size(); ++i)
    result[items[i].buffer] = offsets[i] * unit;
}

/// Sorts the items of each section; `noise`, if not 0, blurs the measure.
void PackingSearch::orderItems(Order order, uint64_t noise) {
  std::vector<double> keys;
  for (const Item &item : items) {
    double length = item.last - item.first + 1;
    double key = double(item.size);
    if (order == Order::Length)
      key = length;
    else if (order == Order::Area)
      key *= length;
    else if (order == Order::Contention)
      key = double(*std::max_element(open.begin() + item.first,
                                     open.begin() + item.last + 1));
    if (noise != 0) {
      // Steele, Lea and Flood's SplitMix64.
      uint64_t z = (noise += 0x9e3779b97f4a7c15u);
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
      key *= 0.75 + 0.5 * double((z ^ (z >> 31)) >> 11) * 0x1p-53;
    }
    keys.push_back(key);
  }
  auto area = [&](const Item &item) {
    return double(item.size) * (item.last - item.first + 1);
  };
  for (std::vector<uint32_t> &list : covering)
    std::sort(list.begin(), list.end(), [&](uint32_t a, uint32_t b) {
      if (keys[a] != keys[b])
        return keys[a] > keys[b];
      double areaA = area(items[a]), areaB = area(items[b]);
      return areaA != areaB ? areaA > areaB : a < b;
    });
}

Verdict PackingSearch::attempt(const Strategy &strategy, uint64_t noise,
                               int64_t budget) {
  rule = strategy.rule;
  limit = nodes + budget;
  isStopped = false;
  orderItems(strategy.order, noise);
  if (solve(0, int32_t(covering.size()) - 1))
    return Verdict::Found;
  return isStopped ? Verdict::Undecided : Verdict::Refuted;
}

Packing nncmem::pack(const Problem &problem, const PackingOptions &options) {
  // Beyond, trees are too high to be searched.
  constexpr size_t mostBuffers = 4096;
  Packing packing;
  if (problem.count > mostBuffers)
    return packing;
  PackingSearch search(problem, options);
  if (search.isTooSmall()) {
    packing.isRefuted = search.isExact();
    return packing;
  }
  Verdict verdict = Verdict::Undecided;
  auto isOver = [&] {
    return verdict != Verdict::Undecided || search.isOutOfTime() ||
           search.getNodes() >= options.nodes;
  };
  // Attempts succeed soon or hardly ever, so there are many short ones, each
  // with another blur.
  uint64_t noise = 0;
  for (int64_t budget = 3000; !isOver(); budget = budget * 13 / 10, ++noise)
    for (const Strategy &strategy : strategies)
      if (!isOver())
        verdict =
            search.attempt(strategy, noise,
                           std::min(budget, options.nodes - search.getNodes()));
  packing.isFound = verdict == Verdict::Found;
  packing.isRefuted = verdict == Verdict::Refuted && search.isExact();
  packing.nodes = search.getNodes();
  packing.isCutOff = search.isOutOfTime() && !packing.isFound;
  if (packing.isFound) {
    packing.offsets.resize(problem.count);
    search.writeOffsets(packing.offsets);
  }
  return packing;
}
