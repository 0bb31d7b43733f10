//===----------------------------------------------------------------------===//
// Ensembles of decision trees as a table of nodes.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_IMPORT_ONNX_FORESTTABLE_H
#define NNC_LIB_IMPORT_ONNX_FORESTTABLE_H

#include "NodeBinder.h"

namespace mlir::nnc::onnximport {

/// What nn.tree_leaves and nn.tree_weights take, see the group's description.
struct Forest {
  struct Node {
    int64_t kind = 6, first = 0, second = 0, third = 0, missing = 0;
  };
  SmallVector<Node> nodes;
  SmallVector<double> thresholds;
  SmallVector<int64_t> roots;
  SmallVector<int64_t> ids;
  SmallVector<double> weights;
  int64_t targets = 0;

  bool isLeaf(int64_t node) const { return nodes[node].kind == 6; }
  Value createTable(NodeBinder &node) const;
};

/// An entry of a list of weights.
struct LeafWeight {
  int64_t node, id;
  double weight;
};

/// Reports features, children and targets that are not there, and cycles.
LogicalResult checkForest(NodeBinder &node, const Forest &forest,
                          Value features);

/// Gives each leaf its weights, in one run of the lists. The nodes of weights
/// are leaves.
void setWeights(Forest &forest, ArrayRef<LeafWeight> weights);

} // namespace mlir::nnc::onnximport

#endif // NNC_LIB_IMPORT_ONNX_FORESTTABLE_H
