//===----------------------------------------------------------------------===//
// Operands and users of each node of a rematerialization problem.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_MEMORY_REMATGRAPH_H
#define NNC_LIB_MEMORY_REMATGRAPH_H

#include "nnc/Memory/Remat.h"

namespace nncmem::remat {

inline constexpr uint32_t noNode = UINT32_MAX;

/// Nodes in a row, in memory of a graph.
struct NodeRange {
  const uint32_t *first;
  const uint32_t *last;
  const uint32_t *begin() const { return first; }
  const uint32_t *end() const { return last; }
  size_t size() const { return size_t(last - first); }
};

/// The edges by node, each once; ascending.
class Graph {
public:
  explicit Graph(const Problem &problem);

  NodeRange operandsOf(uint32_t node) const { return operands.of(node); }
  NodeRange usersOf(uint32_t node) const { return users.of(node); }

private:
  /// Compressed rows.
  struct Rows {
    std::vector<uint32_t> begins;
    std::vector<uint32_t> entries;
    NodeRange of(uint32_t node) const {
      return {entries.data() + begins[node], entries.data() + begins[node + 1]};
    }
  };
  static Rows makeRows(size_t count, const std::vector<uint64_t> &pairs);

  Rows operands, users;
};

} // namespace nncmem::remat

#endif // NNC_LIB_MEMORY_REMATGRAPH_H
