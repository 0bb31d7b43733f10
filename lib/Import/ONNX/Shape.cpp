//===----------------------------------------------------------------------===//
// Import of shapes and reshapes.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "MovementSupport.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

static LogicalResult importIdentity(NodeBinder &node) {
  return node.result(node.anyInput(0));
}

//===----------------------------------------------------------------------===//
// Reshape, Flatten, Expand
//===----------------------------------------------------------------------===//

static LogicalResult importReshapeOfAttribute(NodeBinder &node) {
  Value input = node.input(0);
  auto shape = node.intsAttr("shape");
  if (!input)
    return failure();
  if (!shape)
    return node.error("expects attribute 'shape'");
  return node.result(node.create<nn::ReshapeOp>(input, node.indices(*shape),
                                                /*allow_zero=*/false));
}

static LogicalResult importReshape(NodeBinder &node) {
  Value input = node.input(0), shape = node.input(1);
  if (!input || !shape)
    return failure();
  return node.result(node.create<nn::ReshapeOp>(
      input, shape, /*allow_zero=*/node.intAttr("allowzero", 0) != 0));
}

static LogicalResult importFlatten(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  int64_t rank = node.rankOf(input), axis = node.intAttr("axis", 1);
  if (axis < -rank || axis > rank)
    return node.error("expects an axis from " + Twine(-rank) + " to " +
                      Twine(rank) + ", but got " + Twine(axis));
  if (axis < 0)
    axis += rank;
  SmallVector<Dim> shape = node.shape(input);
  DimBuilder dims(node.builder(), node.loc());
  SmallVector<Dim> flat{dims.product(ArrayRef(shape).take_front(axis)),
                        dims.product(ArrayRef(shape).drop_front(axis))};
  return node.result(node.reshape(input, flat));
}

static LogicalResult importExpand(NodeBinder &node) {
  Value input = node.input(0), shape = node.input(1);
  if (!input || !shape)
    return failure();
  return node.result(node.create<nn::BroadcastOp>(input, shape));
}

//===----------------------------------------------------------------------===//
// Squeeze, Unsqueeze
//===----------------------------------------------------------------------===//

/// The axes of the attribute (to opset 12) or of the input; none if absent.
static FailureOr<std::optional<SmallVector<Dim>>> getAxes(NodeBinder &node) {
  if (node.version() < 13) {
    auto axes = node.intsAttr("axes");
    return axes ? std::optional(toDims(*axes)) : std::nullopt;
  }
  Value axes = node.optionalInput(1);
  if (!axes)
    return std::optional<SmallVector<Dim>>();
  FailureOr<SmallVector<Dim>> numbers = readElements(node, axes, "axes");
  if (failed(numbers))
    return failure();
  return std::optional(*numbers);
}

/// For each axis of `rank` 1 if `axes` names it, else 0.
static FailureOr<SmallVector<Dim>> markAxes(NodeBinder &node, int64_t rank,
                                            ArrayRef<Dim> axes) {
  return spreadByAxis(node, rank, axes, SmallVector<Dim>(axes.size(), Dim(1)),
                      0);
}

/// Dimensions of 1 where `marks` has 1, and those of `shape` in order
/// elsewhere.
static SmallVector<Dim> insertOnes(DimBuilder &dims, ArrayRef<Dim> shape,
                                   ArrayRef<Dim> marks) {
  SmallVector<Dim> result;
  Dim before(0); // marks so far
  for (auto [axis, mark] : llvm::enumerate(marks)) {
    Dim from = dims.sub(Dim(axis), before), size(1);
    for (auto [i, dim] : llvm::enumerate(shape))
      size = dims.selectEqual(from, Dim(i), dim, size);
    result.push_back(dims.selectEqual(mark, 1, 1, size));
    before = dims.add(before, mark);
  }
  return result;
}

/// The dimensions of `shape` whose mark is not 1: `count` of them.
static SmallVector<Dim> removeMarked(DimBuilder &dims, ArrayRef<Dim> shape,
                                     ArrayRef<Dim> marks, size_t count) {
  SmallVector<Dim> result(count, Dim(1));
  Dim kept(0); // dimensions kept so far
  for (auto [dim, mark] : llvm::zip(shape, marks)) {
    for (auto [i, size] : llvm::enumerate(result)) {
      Dim here = dims.selectEqual(mark, 1, -1, kept);
      size = dims.selectEqual(here, Dim(i), dim, size);
    }
    kept = dims.add(kept, dims.sub(1, mark));
  }
  return result;
}

static LogicalResult importUnsqueeze(NodeBinder &node) {
  Value input = node.input(0);
  auto axes = getAxes(node);
  if (!input || failed(axes))
    return failure();
  if (!*axes)
    return node.error("expects axes, but got none");
  int64_t rank = node.rankOf(input) + (*axes)->size();
  FailureOr<SmallVector<Dim>> marks = markAxes(node, rank, **axes);
  if (failed(marks))
    return failure();
  DimBuilder dims(node.builder(), node.loc());
  return node.result(
      node.reshape(input, insertOnes(dims, node.shape(input), *marks)));
}

/// Marks of all dimensions that are 1; reports one that is not known.
static FailureOr<SmallVector<Dim>> markOnes(NodeBinder &node,
                                            ArrayRef<Dim> shape) {
  SmallVector<Dim> marks;
  for (auto [axis, dim] : llvm::enumerate(shape)) {
    if (!dim.getConstant())
      return node.error("expects axes, or dimensions that are known, but "
                        "dimension " +
                        Twine(axis) + " is not");
    marks.push_back(dim.isConstant(1) ? 1 : 0);
  }
  return marks;
}

static LogicalResult importSqueeze(NodeBinder &node) {
  Value input = node.input(0);
  auto axes = getAxes(node);
  if (!input || failed(axes))
    return failure();
  SmallVector<Dim> shape = node.shape(input);
  FailureOr<SmallVector<Dim>> marks =
      *axes ? markAxes(node, shape.size(), **axes) : markOnes(node, shape);
  if (failed(marks))
    return failure();
  size_t removed = *axes ? (*axes)->size() : 0;
  for (auto [axis, mark] : llvm::enumerate(*marks)) {
    if (!*axes)
      removed += mark.isConstant(1);
    if (mark.isConstant(1) && shape[axis].getConstant() &&
        !shape[axis].isConstant(1))
      return node.error("expects dimension " + Twine(axis) +
                        " to be 1, but got " +
                        Twine(*shape[axis].getConstant()));
  }
  if (removed > shape.size())
    return node.error("expects at most " + Twine(shape.size()) +
                      " axes, but got " + Twine(removed));
  DimBuilder dims(node.builder(), node.loc());
  return node.result(node.reshape(
      input, removeMarked(dims, shape, *marks, shape.size() - removed)));
}

//===----------------------------------------------------------------------===//
// Shape, Size
//===----------------------------------------------------------------------===//

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

static LogicalResult importSize(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  DimBuilder dims(node.builder(), node.loc());
  return node.result(makeScalarIndex(node, dims.product(node.shape(input))));
}

void onnximport::addShapeOperators(OpTable &table) {
  table.add("Expand", 8, importExpand);
  table.add("Flatten", 1, importFlatten);
  table.add("Identity", 1, importIdentity);
  table.add("Reshape", 1, importReshapeOfAttribute);
  table.add("Reshape", 5, importReshape);
  table.add("Shape", 1, importShape);
  table.add("Size", 1, importSize);
  table.add("Squeeze", 1, importSqueeze);
  table.add("Unsqueeze", 1, importUnsqueeze);
}
