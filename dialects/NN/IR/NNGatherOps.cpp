//===----------------------------------------------------------------------===//
// Gather and scatter: shapes, reference.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/MovementUtils.h"
#include "dialects/NN/IR/NNOps.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

/// The position that element `i` of `indices` names in an axis of `size`; a
/// negative one if there is none, which `message` then says.
static int64_t readIndex(const nncio::Tensor &indices, int64_t i, int64_t size,
                         std::string &message) {
  int64_t index = indices.getInt(i);
  int64_t position = index < 0 ? index + size : index;
  if (position >= 0 && position < size)
    return position;
  message = "index " + std::to_string(index) + " is not from " +
            std::to_string(-size) + " to " + std::to_string(size - 1);
  return -1;
}

//===----------------------------------------------------------------------===//
// GatherOp
//===----------------------------------------------------------------------===//

LogicalResult GatherOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                    SmallVectorImpl<ResultShape> &shapes) {
  SmallVector<Dim> input = dims.shape(adaptor.getInput());
  SmallVector<Dim> indices = dims.shape(adaptor.getIndices());
  int64_t axis = adaptor.getAxis();
  if (failed(checkAxis(dims, axis, input.size())) ||
      failed(checkNotEmpty(dims, input[axis], dims.product(indices),
                           "the gathered axis")))
    return failure();
  SmallVector<Dim> shape(ArrayRef(input).take_front(axis));
  shape.append(indices);
  llvm::append_range(shape, ArrayRef(input).drop_front(axis + 1));
  if (failed(checkElementCount(dims, shape)))
    return failure();
  shapes.push_back({getElementTypeOf(adaptor.getInput()), shape});
  return success();
}

std::string GatherOp::evaluate(ArrayRef<nncio::Tensor> operands,
                               MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &input = operands[0], &indices = operands[1];
  int64_t axis = getAxis(), size = input.shape()[axis], outer = 1, inner = 1;
  for (int64_t i = 0; i < input.rank(); ++i)
    if (i != axis)
      (i < axis ? outer : inner) *= input.shape()[i];
  std::string message;
  ElementCopier out(results[0]);
  int64_t to = 0;
  for (int64_t i = 0; i < outer; ++i)
    for (int64_t j = 0; j < indices.size(); ++j) {
      int64_t at = readIndex(indices, j, size, message);
      if (at < 0)
        return message;
      for (int64_t k = 0; k < inner; ++k)
        out.copy(to++, input, (i * size + at) * inner + k);
    }
  return "";
}

//===----------------------------------------------------------------------===//
// GatherElementsOp
//===----------------------------------------------------------------------===//

/// Indices that name one position of `axis` for each of their own positions.
static LogicalResult checkElementIndices(Value input, Value indices,
                                         int64_t axis, DimBuilder &dims) {
  SmallVector<Dim> inputShape = dims.shape(input);
  SmallVector<Dim> shape = dims.shape(indices);
  if (failed(checkAxis(dims, axis, inputShape.size())))
    return failure();
  if (shape.size() != inputShape.size())
    return dims.fail("expects indices of rank " + Twine(inputShape.size()) +
                     ", but got rank " + Twine(shape.size()));
  for (int64_t i = 0; i < int64_t(shape.size()); ++i)
    if (i != axis &&
        failed(checkAtMost(dims, shape[i], inputShape[i],
                           "dimension " + Twine(i) + " of the indices")))
      return failure();
  return checkNotEmpty(dims, inputShape[axis], dims.product(shape),
                       "the indexed axis");
}

LogicalResult
GatherElementsOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                              SmallVectorImpl<ResultShape> &shapes) {
  if (failed(checkElementIndices(adaptor.getInput(), adaptor.getIndices(),
                                 adaptor.getAxis(), dims)))
    return failure();
  shapes.push_back(
      {getElementTypeOf(adaptor.getInput()), dims.shape(adaptor.getIndices())});
  return success();
}

std::string GatherElementsOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                       MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &input = operands[0], &indices = operands[1];
  SmallVector<int64_t> strides = getRowMajorStrides(input.shape());
  int64_t axis = getAxis();
  std::string message;
  ElementCopier out(results[0]);
  forEachIndex(indices.shape(), [&](int64_t i, ArrayRef<int64_t> index) {
    int64_t at = readIndex(indices, i, input.shape()[axis], message);
    if (at >= 0)
      out.copy(i, input,
               linearize(index, strides) + (at - index[axis]) * strides[axis]);
  });
  return message;
}

//===----------------------------------------------------------------------===//
// GatherNDOp
//===----------------------------------------------------------------------===//

/// Checks tuples of indices into the axes of `input` behind the first
/// `batchDims`; sets `depth` to their length.
static LogicalResult checkTuples(Value input, Value indices, int64_t batchDims,
                                 int64_t &depth, DimBuilder &dims) {
  auto type = cast<RankedTensorType>(indices.getType());
  SmallVector<Dim> inputShape = dims.shape(input);
  SmallVector<Dim> shape = dims.shape(indices);
  int64_t rank = inputShape.size();
  if (rank == 0 || type.getRank() == 0 || type.isDynamicDim(type.getRank() - 1))
    return dims.fail(
        "expects an input of rank 1 or more and indices whose last "
        "dimension is fixed");
  depth = type.getShape().back();
  if (batchDims < 0 || batchDims >= std::min(rank, type.getRank()))
    return dims.fail("expects batch dimensions from 0 to " +
                     Twine(std::min(rank, type.getRank()) - 1) + ", but got " +
                     Twine(batchDims));
  if (depth < 1 || depth > rank - batchDims)
    return dims.fail("expects tuples of 1 to " + Twine(rank - batchDims) +
                     " indices, but got " + Twine(depth));
  for (int64_t axis = 0; axis < batchDims; ++axis)
    if (failed(dims.requireEqual(inputShape[axis], shape[axis],
                                 "batch dimensions " + Twine(axis))))
      return failure();
  Dim count = dims.product(shape);
  for (int64_t i = 0; i < depth; ++i)
    if (failed(checkNotEmpty(dims, inputShape[batchDims + i], count,
                             "the indexed axes")))
      return failure();
  return success();
}

LogicalResult GatherNDOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                      SmallVectorImpl<ResultShape> &shapes) {
  int64_t depth = 0, batchDims = adaptor.getBatchDims();
  if (failed(checkTuples(adaptor.getInput(), adaptor.getIndices(), batchDims,
                         depth, dims)))
    return failure();
  SmallVector<Dim> input = dims.shape(adaptor.getInput());
  SmallVector<Dim> shape = dims.shape(adaptor.getIndices());
  shape.pop_back();
  llvm::append_range(shape, ArrayRef(input).drop_front(batchDims + depth));
  if (failed(checkElementCount(dims, shape)))
    return failure();
  shapes.push_back({getElementTypeOf(adaptor.getInput()), shape});
  return success();
}

/// The row-major number of the first element of the slice that tuple `tuple` of
/// `indices` names in `input`, behind `batchDims` axes; negative if there is
/// none, which `message` then says.
static int64_t readTuple(const nncio::Tensor &indices, int64_t tuple,
                         const nncio::Tensor &input, int64_t batchDims,
                         std::string &message) {
  int64_t depth = indices.shape().back(), from = 0;
  SmallVector<int64_t> strides = getRowMajorStrides(input.shape());
  for (int64_t i = 0; i < depth; ++i) {
    int64_t axis = batchDims + i;
    int64_t at =
        readIndex(indices, tuple * depth + i, input.shape()[axis], message);
    if (at < 0)
      return -1;
    from += at * strides[axis];
  }
  return from;
}

/// Product of the dimensions in [from, to).
static int64_t countBetween(ArrayRef<int64_t> shape, int64_t from, int64_t to) {
  int64_t count = 1;
  for (int64_t axis = from; axis < to; ++axis)
    count *= shape[axis];
  return count;
}

std::string GatherNDOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                 MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &input = operands[0], &indices = operands[1];
  int64_t batchDims = getBatchDims(), depth = indices.shape().back();
  int64_t slice = countBetween(input.shape(), batchDims + depth, input.rank());
  int64_t entry = countBetween(input.shape(), batchDims, input.rank());
  int64_t batches = countBetween(input.shape(), 0, batchDims);
  int64_t tuples = countBetween(indices.shape(), batchDims, indices.rank() - 1);
  std::string message;
  ElementCopier out(results[0]);
  for (int64_t i = 0; i < batches * tuples; ++i) {
    int64_t from = readTuple(indices, i, input, batchDims, message);
    if (from < 0)
      return message;
    from += i / tuples * entry;
    for (int64_t k = 0; k < slice; ++k)
      out.copy(i * slice + k, input, from + k);
  }
  return "";
}

//===----------------------------------------------------------------------===//
// ScatterElementsOp, ScatterNDOp
//===----------------------------------------------------------------------===//

/// target[to] = target[to] joined with source[from].
static void join(nncio::Tensor &target, int64_t to, const nncio::Tensor &source,
                 int64_t from, ScatterReduction reduction) {
  auto apply = [&](auto old, auto update) {
    switch (reduction) {
    case ScatterReduction::None:
      return update;
    case ScatterReduction::Add:
      return decltype(old)(old + update);
    case ScatterReduction::Mul:
      return decltype(old)(old * update);
    case ScatterReduction::Max:
      // Of floats a NaN wins.
      return old > update || old != old ? old : update;
    case ScatterReduction::Min:
      return old < update || old != old ? old : update;
    }
    return update;
  };
  if (nncio::isFloat(target.type()))
    target.setDouble(to, apply(target.getDouble(to), source.getDouble(from)));
  else if (nncio::isUnsigned(target.type()) ||
           reduction == ScatterReduction::Add ||
           reduction == ScatterReduction::Mul)
    // Unsigned arithmetic wraps around.
    target.setInt(
        to, apply(uint64_t(target.getInt(to)), uint64_t(source.getInt(from))));
  else
    target.setInt(to, apply(target.getInt(to), source.getInt(from)));
}

/// Checks what both scatters have in common.
static LogicalResult checkUpdates(Value input, Value updates,
                                  ScatterReduction reduction,
                                  DimBuilder &dims) {
  Type type = getElementTypeOf(input);
  if (getElementTypeOf(updates) != type)
    return dims.fail("expects updates of the input's element type");
  if (type.isInteger(1) && reduction != ScatterReduction::None)
    return dims.fail("expects numbers for reduction " +
                     stringifyScatterReduction(reduction) + ", but got bool");
  return success();
}

/// Checks that `updates` have dimensions `shape`.
static LogicalResult checkUpdateShape(Value updates, ArrayRef<Dim> shape,
                                      DimBuilder &dims) {
  SmallVector<Dim> actual = dims.shape(updates);
  if (actual.size() != shape.size())
    return dims.fail("expects updates of rank " + Twine(shape.size()) +
                     ", but got rank " + Twine(actual.size()));
  for (auto [axis, dim] : llvm::enumerate(shape))
    if (failed(dims.requireEqual(actual[axis], dim,
                                 "dimensions " + Twine(axis) +
                                     " of updates and what they update")))
      return failure();
  return success();
}

/// One operation for each update that is joined by arithmetic.
static std::optional<int64_t> countJoins(Value updates,
                                         ScatterReduction reduction) {
  auto type = cast<RankedTensorType>(updates.getType());
  if (reduction == ScatterReduction::None)
    return 0;
  if (!type.hasStaticShape())
    return std::nullopt;
  return type.getNumElements();
}

LogicalResult
ScatterElementsOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                               SmallVectorImpl<ResultShape> &shapes) {
  if (failed(checkUpdates(adaptor.getInput(), adaptor.getUpdates(),
                          adaptor.getReduction(), dims)) ||
      failed(checkElementIndices(adaptor.getInput(), adaptor.getIndices(),
                                 adaptor.getAxis(), dims)) ||
      failed(checkUpdateShape(adaptor.getUpdates(),
                              dims.shape(adaptor.getIndices()), dims)))
    return failure();
  shapes.push_back(
      {getElementTypeOf(adaptor.getInput()), dims.shape(adaptor.getInput())});
  return success();
}

std::string
ScatterElementsOp::evaluate(ArrayRef<nncio::Tensor> operands,
                            MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &indices = operands[1], &updates = operands[2];
  nncio::Tensor &result = results[0];
  result = operands[0];
  result.mutableData(); // unshared once, not on each write
  SmallVector<int64_t> strides = getRowMajorStrides(result.shape());
  int64_t axis = getAxis();
  std::string message;
  forEachIndex(indices.shape(), [&](int64_t i, ArrayRef<int64_t> index) {
    int64_t at = readIndex(indices, i, result.shape()[axis], message);
    if (at >= 0)
      join(result,
           linearize(index, strides) + (at - index[axis]) * strides[axis],
           updates, i, getReduction());
  });
  return message;
}

std::optional<int64_t> ScatterElementsOp::getFlops() {
  return countJoins(getUpdates(), getReduction());
}

LogicalResult ScatterNDOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                       SmallVectorImpl<ResultShape> &shapes) {
  int64_t depth = 0;
  if (failed(checkUpdates(adaptor.getInput(), adaptor.getUpdates(),
                          adaptor.getReduction(), dims)) ||
      failed(checkTuples(adaptor.getInput(), adaptor.getIndices(),
                         /*batchDims=*/0, depth, dims)))
    return failure();
  SmallVector<Dim> input = dims.shape(adaptor.getInput());
  SmallVector<Dim> updates = dims.shape(adaptor.getIndices());
  updates.pop_back();
  llvm::append_range(updates, ArrayRef(input).drop_front(depth));
  if (failed(checkUpdateShape(adaptor.getUpdates(), updates, dims)))
    return failure();
  shapes.push_back({getElementTypeOf(adaptor.getInput()), input});
  return success();
}

std::string ScatterNDOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                  MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &indices = operands[1], &updates = operands[2];
  nncio::Tensor &result = results[0];
  result = operands[0];
  result.mutableData(); // unshared once, not on each write
  int64_t depth = indices.shape().back();
  int64_t slice = countBetween(result.shape(), depth, result.rank());
  int64_t tuples = countBetween(indices.shape(), 0, indices.rank() - 1);
  std::string message;
  for (int64_t i = 0; i < tuples; ++i) {
    int64_t to = readTuple(indices, i, operands[0], /*batchDims=*/0, message);
    if (to < 0)
      return message;
    for (int64_t k = 0; k < slice; ++k)
      join(result, to + k, updates, i * slice + k, getReduction());
  }
  return "";
}

std::optional<int64_t> ScatterNDOp::getFlops() {
  return countJoins(getUpdates(), getReduction());
}
