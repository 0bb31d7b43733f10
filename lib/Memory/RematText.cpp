//===----------------------------------------------------------------------===//
// The text form of rematerialization problems.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Memory/Remat.h"

#include <algorithm>
#include <charconv>
#include <cstring>

using namespace nncmem::remat;

namespace {
/// Takes a text apart into integers and knows where it is.
class Reader {
public:
  explicit Reader(const std::string &text)
      : next(text.data()), end(next + text.size()) {}

  /// The next number, which is the `what`, within [low, high]. False after an
  /// error, which is then kept.
  bool read(const char *what, int64_t low, int64_t high, int64_t &value);
  bool isAtEnd() {
    skipSpace();
    return next == end;
  }
  /// Numbers that the rest can hold at most.
  size_t mostLeft() const { return size_t(end - next) / 2 + 1; }
  void fail(const std::string &message) {
    error = "line " + std::to_string(line) + ": " + message;
  }

  std::string error;

private:
  void skipSpace() {
    for (; next != end && std::strchr(" \t\r\n\v\f", *next) && *next; ++next)
      line += *next == '\n';
  }
  /// What stands there, for messages.
  std::string word() const {
    const char *last = next;
    while (last != end && *last && !std::strchr(" \t\r\n\v\f", *last) &&
           last - next < 24)
      ++last;
    return std::string(next, last);
  }

  const char *next;
  const char *end;
  size_t line = 1;
};
} // namespace

bool Reader::read(const char *what, int64_t low, int64_t high, int64_t &value) {
  std::string expected = std::string("expected ") + what;
  if (isAtEnd()) {
    fail(expected + ", but the file ends");
    return false;
  }
  std::string found = word();
  auto [last, code] =
      std::from_chars(found.data(), found.data() + found.size(), value);
  if (code == std::errc::result_out_of_range) {
    fail(expected + ", but '" + found + "' does not fit into 64 bits");
    return false;
  }
  if (code != std::errc() || last != found.data() + found.size()) {
    fail(expected + ", an integer, but found '" + found + "'");
    return false;
  }
  if (value < low || value > high) {
    fail(expected + ", from " + std::to_string(low) + " to " +
         std::to_string(high) + ", but found " + found);
    return false;
  }
  next += found.size();
  return true;
}

/// The numbers of nodes and edges.
static bool readCounts(Reader &reader, size_t &nodes, size_t &edges) {
  int64_t n = 0, m = 0;
  if (!reader.read("the number of nodes", 1, maxNodes, n) ||
      !reader.read("the number of edges", 0, maxEdges, m))
    return false;
  nodes = size_t(n);
  edges = size_t(m);
  // Before memory is taken for them.
  if (3 * nodes + 2 * edges <= reader.mostLeft())
    return true;
  reader.fail(std::to_string(nodes) + " nodes and " + std::to_string(edges) +
              " edges are announced, but the file is too short for them");
  return false;
}

nncio::Result<Problem> nncmem::remat::parse(const std::string &text) {
  Reader reader(text);
  Problem problem;
  size_t nodes = 0, edges = 0;
  bool isGood = readCounts(reader, nodes, edges);
  problem.nodes.resize(isGood ? nodes : 0);
  for (size_t i = 0; i < nodes && isGood; ++i)
    isGood =
        reader.read("the size of a node", 0, INT64_MAX, problem.nodes[i].size);
  for (size_t i = 0; i < nodes && isGood; ++i)
    isGood = reader.read("the duration of a node", 0, INT64_MAX,
                         problem.nodes[i].duration);
  auto readNode = [&](const char *what, uint32_t &node) {
    int64_t value = 0;
    bool isRead = reader.read(what, 0, int64_t(nodes) - 1, value);
    node = uint32_t(value);
    return isRead;
  };
  for (size_t i = 0; i < edges && isGood; ++i) {
    Edge edge;
    isGood = readNode("the producer of an edge", edge.producer) &&
             readNode("the consumer of an edge", edge.consumer);
    problem.edges.push_back(edge);
  }
  for (size_t i = 0; i < nodes && isGood; ++i) {
    uint32_t node = 0;
    isGood = readNode("a node of the input order", node);
    problem.order.push_back(node);
  }
  if (isGood && !reader.isAtEnd())
    reader.fail("expected nothing behind the input order");
  if (!reader.error.empty())
    return nncio::Result<Problem>::failure(reader.error);
  if (nncio::Status status = check(problem); !status)
    return nncio::Result<Problem>::failure(status.error());
  return problem;
}
