//===----------------------------------------------------------------------===//
// Import of operators that search and sort.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "NodeBinder.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

/// TopK; before version 10 k is an attribute.
static LogicalResult importTopK(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  FailureOr<int64_t> axis =
      node.normalizeAxis(node.intAttr("axis", -1), node.rankOf(input));
  if (failed(axis))
    return failure();
  Value k;
  if (node.version() >= 10)
    k = node.input(1);
  else if (node.hasAttr("k"))
    k = node.indices({Dim(node.intAttr("k", 0))});
  else
    return node.error("expects attribute 'k'");
  if (!k)
    return failure();
  bool isSmallest = node.intAttr("largest", 1) == 0;
  SmallVector<Value> results =
      node.createMulti<nn::TopKOp>(2, input, k, *axis, isSmallest);
  if (results.empty())
    return failure();
  return success(succeeded(node.result(0, results[0])) &&
                 succeeded(node.result(1, results[1])));
}

/// `tensor` as i64: an integer as it is, other numbers converted.
static Value asIndexTensor(NodeBinder &node, Value tensor) {
  Type type = node.elementTypeOf(tensor);
  if (type.isSignlessInteger(32) || type.isSignlessInteger(64))
    return tensor;
  return node.create<nn::CastOp>(tensor, node.builder().getI64Type());
}

static LogicalResult importOneHot(NodeBinder &node) {
  Value indices = node.input(0), depth = node.input(1), values = node.input(2);
  if (!indices || !depth || !values)
    return failure();
  FailureOr<int64_t> axis =
      node.normalizeAxis(node.intAttr("axis", -1), node.rankOf(indices) + 1);
  if (failed(axis))
    return failure();
  depth = asIndexTensor(node, depth);
  if (!depth)
    return failure();
  return node.result(node.create<nn::OneHotOp>(indices, depth, values, *axis));
}

/// Positions of what is not zero, [rank, count].
static Value createNonZero(NodeBinder &node, Value input) {
  Value count = node.create<nn::CountNonZeroOp>(input);
  return count ? node.create<nn::NonZeroOp>(input, count) : Value();
}

static LogicalResult importNonZero(NodeBinder &node) {
  Value input = node.input(0);
  return input ? node.result(createNonZero(node, input)) : failure();
}

/// Gathers what the condition selects.
static LogicalResult importCompress(NodeBinder &node) {
  Value input = node.input(0), condition = node.input(1);
  if (!input || !condition)
    return failure();
  if (node.rankOf(condition) != 1)
    return node.error("expects a condition of rank 1, but got rank " +
                      Twine(node.rankOf(condition)));
  int64_t axis = 0;
  if (node.hasAttr("axis")) {
    FailureOr<int64_t> known =
        node.normalizeAxis(node.intAttr("axis", 0), node.rankOf(input));
    if (failed(known))
      return failure();
    axis = *known;
  } else {
    DimBuilder dims(node.builder(), node.loc());
    input = node.reshape(input, {dims.product(node.shape(input))});
  }
  Value positions = createNonZero(node, condition);
  if (!positions)
    return failure();
  positions = node.reshape(positions, {node.shape(positions)[1]});
  return positions
             ? node.result(node.create<nn::GatherOp>(input, positions, axis))
             : failure();
}

static LogicalResult importUnique(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  IntegerAttr axis;
  if (node.hasAttr("axis")) {
    FailureOr<int64_t> known =
        node.normalizeAxis(node.intAttr("axis", 0), node.rankOf(input));
    if (failed(known))
      return failure();
    axis = node.builder().getI64IntegerAttr(*known);
  }
  Value count = node.create<nn::CountUniqueOp>(input, axis);
  if (!count)
    return failure();
  UnitAttr sorted;
  if (node.intAttr("sorted", 1) != 0)
    sorted = node.builder().getUnitAttr();
  SmallVector<Value> results =
      node.createMulti<nn::UniqueOp>(4, input, count, axis, sorted);
  for (size_t i = 0; i < results.size(); ++i)
    if (failed(node.result(i, results[i])))
      return failure();
  return success(!results.empty());
}

/// The op has room for all boxes; what it found is cut out of it.
static LogicalResult importNonMaxSuppression(NodeBinder &node) {
  Value boxes = node.input(0), scores = node.input(1);
  if (!boxes || !scores)
    return failure();
  int64_t format = node.intAttr("center_point_box", 0);
  if (format != 0 && format != 1)
    return node.error("expects 'center_point_box' to be 0 or 1, but got " +
                      Twine(format));
  Type type = node.elementTypeOf(boxes);
  // Nothing is selected unless a number is given; every score is above
  // minus infinity.
  Value limit = node.hasInput(2) ? node.input(2) : node.indices({Dim(0)});
  Value overlap = node.hasInput(3) ? node.input(3) : node.scalar(type, 0);
  Value threshold =
      node.hasInput(4)
          ? node.input(4)
          : node.scalar(type, -std::numeric_limits<double>::infinity());
  if (!limit || !overlap || !threshold)
    return failure();
  SmallVector<Value> found = node.createMulti<nn::NonMaxSuppressionOp>(
      2, boxes, scores, limit, overlap, threshold, format == 1);
  if (found.empty())
    return failure();
  return node.result(node.create<nn::SliceOp>(found[0], node.indices({Dim(0)}),
                                              found[1], ArrayRef<int64_t>{0},
                                              ArrayRef<int64_t>{1}));
}

void onnximport::addSelectionOperators(OpTable &table) {
  table.add("Compress", 9, importCompress);
  table.add("NonMaxSuppression", 10, importNonMaxSuppression);
  table.add("NonZero", 9, importNonZero);
  table.add("OneHot", 9, importOneHot);
  table.add("TopK", 1, importTopK);
  table.add("Unique", 11, importUnique);
}
