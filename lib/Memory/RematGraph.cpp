//===----------------------------------------------------------------------===//
// Operands and users of each node of a rematerialization problem.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "lib/Memory/RematGraph.h"

#include <algorithm>

using namespace nncmem::remat;

/// From sorted pairs, the row in the upper half.
Graph::Rows Graph::makeRows(size_t count, const std::vector<uint64_t> &pairs) {
  Rows rows;
  rows.begins.assign(count + 1, 0);
  rows.entries.reserve(pairs.size());
  for (uint64_t pair : pairs) {
    ++rows.begins[(pair >> 32) + 1];
    rows.entries.push_back(uint32_t(pair));
  }
  for (size_t i = 0; i < count; ++i)
    rows.begins[i + 1] += rows.begins[i];
  return rows;
}

Graph::Graph(const Problem &problem) {
  std::vector<uint64_t> pairs;
  pairs.reserve(problem.edges.size());
  for (const Edge &edge : problem.edges)
    pairs.push_back(uint64_t(edge.consumer) << 32 | edge.producer);
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  operands = makeRows(problem.nodes.size(), pairs);
  for (uint64_t &pair : pairs)
    pair = pair << 32 | pair >> 32;
  std::sort(pairs.begin(), pairs.end());
  users = makeRows(problem.nodes.size(), pairs);
}
