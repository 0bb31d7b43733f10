//===----------------------------------------------------------------------===//
// Import of operators that gather and scatter by indices.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "NodeBinder.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

template <typename OpTy>
static LogicalResult importGather(NodeBinder &node) {
  Value input = node.input(0), indices = node.input(1);
  if (!input || !indices)
    return failure();
  FailureOr<int64_t> axis =
      node.normalizeAxis(node.intAttr("axis", 0), node.rankOf(input));
  if (failed(axis))
    return failure();
  return node.result(node.create<OpTy>(input, indices, *axis));
}

static LogicalResult importGatherND(NodeBinder &node) {
  Value input = node.input(0), indices = node.input(1);
  if (!input || !indices)
    return failure();
  return node.result(node.create<nn::GatherNDOp>(
      input, indices, node.intAttr("batch_dims", 0)));
}

static FailureOr<nn::ScatterReduction> getReduction(NodeBinder &node) {
  std::string name = node.stringAttr("reduction", "none");
  if (auto reduction = nn::symbolizeScatterReduction(name))
    return *reduction;
  return node.error("expects reduction none, add, mul, max or min, but got '" +
                    name + "'");
}

static LogicalResult importScatterElements(NodeBinder &node) {
  Value input = node.input(0), indices = node.input(1);
  Value updates = node.input(2);
  FailureOr<nn::ScatterReduction> reduction = getReduction(node);
  if (!input || !indices || !updates || failed(reduction))
    return failure();
  FailureOr<int64_t> axis =
      node.normalizeAxis(node.intAttr("axis", 0), node.rankOf(input));
  if (failed(axis))
    return failure();
  return node.result(node.create<nn::ScatterElementsOp>(input, indices, updates,
                                                        *axis, *reduction));
}

static LogicalResult importScatterND(NodeBinder &node) {
  Value input = node.input(0), indices = node.input(1);
  Value updates = node.input(2);
  FailureOr<nn::ScatterReduction> reduction = getReduction(node);
  if (!input || !indices || !updates || failed(reduction))
    return failure();
  return node.result(
      node.create<nn::ScatterNDOp>(input, indices, updates, *reduction));
}

void onnximport::addGatherOperators(OpTable &table) {
  table.add("Gather", 1, importGather<nn::GatherOp>);
  table.add("GatherElements", 11, importGather<nn::GatherElementsOp>);
  table.add("GatherND", 11, importGatherND);
  table.add("Scatter", 9, importScatterElements);
  table.add("ScatterElements", 11, importScatterElements);
  table.add("ScatterND", 11, importScatterND);
}
