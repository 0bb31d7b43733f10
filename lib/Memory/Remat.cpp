//===----------------------------------------------------------------------===//
// Checks of a rematerialization problem and of its solutions, and its bound.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Memory/Remat.h"

#include "lib/Memory/RematGraph.h"

#include <algorithm>

using namespace nncmem::remat;
using nncio::Status;

static Status fail(std::string message) {
  return Status::failure(std::move(message));
}

static std::string nodeText(size_t node) {
  return "node " + std::to_string(node);
}

static Status checkNodes(const Problem &problem) {
  if (problem.nodes.empty())
    return fail("expected at least one node");
  if (problem.nodes.size() > maxNodes)
    return fail("expected at most " + std::to_string(maxNodes) +
                " nodes, but found " + std::to_string(problem.nodes.size()));
  int64_t bytes = 0, time = 0;
  for (size_t i = 0; i < problem.nodes.size(); ++i) {
    const Node &node = problem.nodes[i];
    if (node.size < 0 || node.workspace < 0)
      return fail(nodeText(i) + " has a negative size");
    if (node.duration < 0)
      return fail(nodeText(i) + " has a negative duration");
    if (__builtin_add_overflow(bytes, node.size, &bytes) ||
        __builtin_add_overflow(bytes, node.workspace, &bytes))
      return fail(nodeText(i) + " makes the sum of sizes overflow");
    // Every copy counts.
    if (node.duration > INT64_MAX / mostCopies ||
        __builtin_add_overflow(time, node.duration * mostCopies, &time))
      return fail(nodeText(i) + " makes the sum of durations overflow");
  }
  return nncio::Success();
}

/// Positions in the input order by node.
static Status checkOrder(const Problem &problem,
                         std::vector<uint32_t> &positions) {
  size_t count = problem.nodes.size();
  if (problem.order.size() != count)
    return fail("the input order has " + std::to_string(problem.order.size()) +
                " nodes, but the problem has " + std::to_string(count));
  positions.assign(count, noNode);
  for (size_t i = 0; i < count; ++i) {
    uint32_t node = problem.order[i];
    if (node >= count)
      return fail("the input order names " + nodeText(node) +
                  ", but the last one is " + std::to_string(count - 1));
    if (positions[node] != noNode)
      return fail("the input order names " + nodeText(node) + " twice");
    positions[node] = uint32_t(i);
  }
  return nncio::Success();
}

Status nncmem::remat::check(const Problem &problem) {
  if (Status status = checkNodes(problem); !status)
    return status;
  if (problem.edges.size() > maxEdges)
    return fail("expected at most " + std::to_string(maxEdges) +
                " edges, but found " + std::to_string(problem.edges.size()));
  std::vector<uint32_t> positions;
  if (Status status = checkOrder(problem, positions); !status)
    return status;
  for (size_t i = 0; i < problem.edges.size(); ++i) {
    const Edge &edge = problem.edges[i];
    uint32_t last = std::max(edge.producer, edge.consumer);
    if (last >= problem.nodes.size())
      return fail("edge " + std::to_string(i) + " joins " + nodeText(last) +
                  ", but the last one is " +
                  std::to_string(problem.nodes.size() - 1));
    if (edge.producer == edge.consumer)
      return fail("edge " + std::to_string(i) + " joins " +
                  nodeText(edge.producer) + " to itself");
    // An order that respects all edges also shows that there is no cycle.
    if (positions[edge.producer] > positions[edge.consumer])
      return fail("the input order has " + nodeText(edge.consumer) +
                  " before its operand, " + nodeText(edge.producer));
  }
  return nncio::Success();
}

/// The last position at which each instance is needed; `sequence.size()` for
/// what is kept.
static nncio::Result<std::vector<size_t>>
findLastUses(const Problem &problem, const Graph &graph,
             const std::vector<uint32_t> &sequence) {
  using Uses = nncio::Result<std::vector<size_t>>;
  constexpr size_t none = SIZE_MAX;
  std::vector<size_t> latest(problem.nodes.size(), none);
  std::vector<size_t> lastUses(sequence.size());
  for (size_t step = 0; step < sequence.size(); ++step) {
    uint32_t node = sequence[step];
    std::string at = "step " + std::to_string(step) + ": ";
    if (node >= problem.nodes.size())
      return Uses::failure(at + "there is no " + nodeText(node));
    if (latest[node] != none && !problem.nodes[node].mayRecompute)
      return Uses::failure(at + nodeText(node) + " must not run again");
    for (uint32_t operand : graph.operandsOf(node)) {
      if (latest[operand] == none)
        return Uses::failure(at + nodeText(node) +
                             " runs before its operand, " + nodeText(operand));
      lastUses[latest[operand]] = step;
    }
    latest[node] = lastUses[step] = step;
  }
  for (size_t node = 0; node < latest.size(); ++node) {
    if (latest[node] == none)
      return Uses::failure(nodeText(node) + " never runs");
    if (problem.nodes[node].isKept)
      lastUses[latest[node]] = sequence.size();
  }
  return lastUses;
}

nncio::Result<Footprint>
nncmem::remat::simulate(const Problem &problem,
                        const std::vector<uint32_t> &sequence) {
  Graph graph(problem);
  auto lastUses = findLastUses(problem, graph, sequence);
  if (!lastUses)
    return nncio::Result<Footprint>::failure(lastUses.error());
  // What is freed after each step.
  std::vector<int64_t> freed(sequence.size() + 1);
  for (size_t step = 0; step < sequence.size(); ++step)
    freed[(*lastUses)[step]] += problem.nodes[sequence[step]].size;
  Footprint footprint;
  int64_t live = 0;
  for (size_t step = 0; step < sequence.size(); ++step) {
    const Node &node = problem.nodes[sequence[step]];
    live += node.size;
    if (live + node.workspace > footprint.peak) {
      footprint.peak = live + node.workspace;
      footprint.peakStep = step;
    }
    footprint.duration += node.duration;
    live -= freed[step];
  }
  return footprint;
}

std::vector<size_t> nncmem::remat::liveAt(const Problem &problem,
                                          const std::vector<uint32_t> &sequence,
                                          size_t step) {
  std::vector<size_t> live;
  if (auto lastUses = findLastUses(problem, Graph(problem), sequence))
    for (size_t i = 0; i <= step && i < sequence.size(); ++i)
      if ((*lastUses)[i] >= step)
        live.push_back(i);
  return live;
}

int64_t nncmem::remat::lowerBound(const Problem &problem) {
  Graph graph(problem);
  int64_t bound = 0, kept = 0;
  for (size_t i = 0; i < problem.nodes.size(); ++i) {
    const Node &node = problem.nodes[i];
    int64_t sum = node.size + node.workspace;
    for (uint32_t operand : graph.operandsOf(uint32_t(i)))
      sum += problem.nodes[operand].size;
    bound = std::max(bound, sum);
    if (node.isKept)
      kept += node.size;
  }
  return std::max(bound, kept);
}
