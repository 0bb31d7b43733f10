//===----------------------------------------------------------------------===//
// Ensembles of decision trees as a table of nodes.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ForestTable.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

Value Forest::createTable(NodeBinder &node) const {
  std::vector<int64_t> numbers;
  for (const Node &row : nodes)
    numbers.insert(numbers.end(),
                   {row.kind, row.first, row.second, row.third, row.missing});
  return node.constant(nncio::Tensor::fromInts(
      nncio::ElementType::I64, {int64_t(nodes.size()), 5}, numbers));
}

LogicalResult onnximport::checkForest(NodeBinder &node, const Forest &forest,
                                      Value features) {
  int64_t count = forest.nodes.size();
  int64_t width = node.typeOf(features).getDimSize(1);
  for (auto [i, row] : llvm::enumerate(forest.nodes)) {
    if (row.kind == 6)
      continue;
    if (row.first < 0 || (!ShapedType::isDynamic(width) && row.first >= width))
      return node.error(
          "has tree node " + Twine(i) + " on feature " + Twine(row.first) +
          ", but the input has " +
          (ShapedType::isDynamic(width) ? "no negative ones" : Twine(width)));
    for (int64_t child : {row.second, row.third})
      if (child < 0 || child >= count)
        return node.error("has tree node " + Twine(i) + " with child " +
                          Twine(child) + ", but there are " + Twine(count) +
                          " nodes");
  }
  for (int64_t root : forest.roots)
    if (root < 0 || root >= count)
      return node.error("has a tree that starts at node " + Twine(root) +
                        ", but there are " + Twine(count) + " nodes");
  for (int64_t id : forest.ids)
    if (id < 0 || id >= forest.targets)
      return node.error("has a weight for target " + Twine(id) +
                        ", but there are " + Twine(forest.targets));
  // Nodes that are on the path from a root are open.
  enum State : char { Unseen, Open, Done };
  SmallVector<char> states(count, Unseen);
  SmallVector<int64_t> stack(forest.roots);
  while (!stack.empty()) {
    int64_t at = stack.back();
    if (states[at] != Unseen || forest.isLeaf(at)) {
      states[at] = Done;
      stack.pop_back();
      continue;
    }
    states[at] = Open;
    for (int64_t child : {forest.nodes[at].second, forest.nodes[at].third}) {
      if (states[child] == Open)
        return node.error("has a tree with a cycle through node " +
                          Twine(child));
      if (states[child] == Unseen)
        stack.push_back(child);
    }
  }
  return success();
}

void onnximport::setWeights(Forest &forest, ArrayRef<LeafWeight> weights) {
  int64_t count = forest.nodes.size();
  SmallVector<int64_t> ends(count + 1, 0);
  for (const LeafWeight &weight : weights)
    ++ends[weight.node + 1];
  for (int64_t i = 0; i < count; ++i)
    ends[i + 1] += ends[i];
  for (int64_t i = 0; i < count; ++i)
    if (forest.isLeaf(i)) {
      forest.nodes[i].first = ends[i];
      forest.nodes[i].second = ends[i + 1];
    }
  forest.ids.resize(weights.size());
  forest.weights.resize(weights.size());
  for (const LeafWeight &weight : weights) {
    int64_t place = ends[weight.node]++;
    forest.ids[place] = weight.id;
    forest.weights[place] = weight.weight;
  }
}
