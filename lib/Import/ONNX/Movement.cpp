//===----------------------------------------------------------------------===//
// Import of operators that move data.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "NodeBinder.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

static LogicalResult importTranspose(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  SmallVector<int64_t> permutation;
  for (int64_t axis = node.rankOf(input) - 1; axis >= 0; --axis)
    permutation.push_back(axis);
  return node.result(
      node.transpose(input, node.intsAttr("perm").value_or(permutation)));
}

void onnximport::addMovementOperators(OpTable &table) {
  table.add("Transpose", 1, importTranspose);
}
