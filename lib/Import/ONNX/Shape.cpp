//===----------------------------------------------------------------------===//
// Import of constants, shapes and reshapes.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "GraphImporter.h"
#include "NodeBinder.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

static LogicalResult importIdentity(NodeBinder &node) {
  return node.result(node.input(0));
}

static LogicalResult importReshape(NodeBinder &node) {
  Value input = node.input(0), shape = node.input(1);
  if (!input || !shape)
    return failure();
  return node.result(node.create<nn::ReshapeOp>(
      input, shape, /*allow_zero=*/node.intAttr("allowzero", 0) != 0));
}

static LogicalResult importShape(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  int64_t rank = node.rankOf(input);
  auto clamp = [&](int64_t axis) {
    return std::min(std::max(axis < 0 ? axis + rank : axis, int64_t(0)), rank);
  };
  int64_t start = clamp(node.intAttr("start", 0));
  int64_t end = clamp(node.intAttr("end", rank));
  SmallVector<Dim> shape = node.shape(input);
  return node.result(node.indices(
      ArrayRef<Dim>(shape).slice(start, std::max(end - start, int64_t(0)))));
}

void onnximport::addShapeOperators(OpTable &table) {
  table.add("Identity", 1, importIdentity);
  table.add("Reshape", 5, importReshape);
  table.add("Shape", 1, importShape);
}
