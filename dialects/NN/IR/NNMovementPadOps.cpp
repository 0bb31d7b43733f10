//===----------------------------------------------------------------------===//
// Padding, repetition, ranges, triangles: shapes, reference.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/MovementUtils.h"
#include "dialects/NN/IR/NNOps.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

//===----------------------------------------------------------------------===//
// PadOp
//===----------------------------------------------------------------------===//

static LogicalResult checkPadValue(PadOp::Adaptor adaptor, DimBuilder &dims) {
  Value value = adaptor.getValue();
  if (!value)
    return success();
  if (adaptor.getMode() != PadMode::Constant)
    return dims.fail("expects no value in mode " +
                     stringifyPadMode(adaptor.getMode()));
  if (getElementTypeOf(value) != getElementTypeOf(adaptor.getInput()))
    return dims.fail("expects a value of the input's element type");
  return checkScalar(dims, value, "a value");
}

LogicalResult PadOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                 SmallVectorImpl<ResultShape> &shapes) {
  SmallVector<Dim> shape = dims.shape(adaptor.getInput());
  int64_t rank = shape.size();
  if (failed(checkList(dims, adaptor.getPads(), 2 * rank, "pads")) ||
      failed(checkPadValue(adaptor, dims)))
    return failure();
  for (int64_t axis = 0; axis < rank; ++axis) {
    Dim before = dims.element(adaptor.getPads(), axis);
    Dim after = dims.element(adaptor.getPads(), rank + axis);
    Dim size = dims.add(dims.add(shape[axis], before), after);
    if (size.getConstant() && *size.getConstant() < 0)
      return dims.fail("removes more elements than axis " + Twine(axis) +
                       " has");
    size = atLeastZero(dims, size);
    if (adaptor.getMode() != PadMode::Constant &&
        failed(checkNotEmpty(dims, shape[axis], size,
                             "axis " + Twine(axis) + " of the padded input")))
      return failure();
    shape[axis] = size;
  }
  if (failed(checkElementCount(dims, shape)))
    return failure();
  shapes.push_back({getElementTypeOf(adaptor.getInput()), shape});
  return success();
}

bool PadOp::isDataOperand(unsigned index) { return index != 1; }

/// The position in an axis of `size` elements that a position outside takes its
/// element from; -1 if none.
static int64_t mapPadded(int64_t position, int64_t size, PadMode mode) {
  if (position >= 0 && position < size)
    return position;
  switch (mode) {
  case PadMode::Constant:
    return -1;
  case PadMode::Edge:
    return position < 0 ? 0 : size - 1;
  case PadMode::Reflect: {
    int64_t period = std::max<int64_t>(2 * (size - 1), 1);
    int64_t at = ((position % period) + period) % period;
    return at < size ? at : period - at;
  }
  case PadMode::Wrap:
    return ((position % size) + size) % size;
  }
  return -1;
}

std::string PadOp::evaluate(ArrayRef<nncio::Tensor> operands,
                            MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &input = operands[0];
  SmallVector<int64_t> strides = getRowMajorStrides(input.shape());
  ElementCopier out(results[0]);
  forEachIndex(results[0].shape(), [&](int64_t i, ArrayRef<int64_t> index) {
    int64_t from = 0;
    for (int64_t axis = 0; axis < input.rank(); ++axis) {
      int64_t at = mapPadded(index[axis] - operands[1].getInt(axis),
                             input.shape()[axis], getMode());
      if (at < 0) {
        if (operands.size() > 2)
          out.copy(i, operands[2], 0);
        return;
      }
      from += at * strides[axis];
    }
    out.copy(i, input, from);
  });
  return "";
}

std::optional<OpLayout> PadOp::getOpLayout(ArrayRef<int64_t> layout) {
  if (!canPermuteList(getPads()))
    return std::nullopt;
  return nnc::detail::getFirstOperandLayout(*this, layout);
}

Operation *PadOp::buildInLayout(OpBuilder &builder, ArrayRef<int64_t> layout,
                                ValueRange operands) {
  SmallVector<int64_t> order(layout);
  for (int64_t axis : layout)
    order.push_back(axis + layout.size());
  SmallVector<Value> own(operands);
  own[1] = permuteList(builder, getPads(), order);
  return nnc::detail::cloneInLayout(builder, *this, *getOpLayout(layout), own);
}

//===----------------------------------------------------------------------===//
// TileOp
//===----------------------------------------------------------------------===//

LogicalResult TileOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                  SmallVectorImpl<ResultShape> &shapes) {
  SmallVector<Dim> shape = dims.shape(adaptor.getInput());
  if (failed(checkList(dims, adaptor.getRepeats(), shape.size(), "repeats")))
    return failure();
  for (auto [axis, dim] : llvm::enumerate(shape)) {
    Dim repeats = dims.element(adaptor.getRepeats(), axis);
    if (repeats.getConstant() && *repeats.getConstant() < 0)
      return dims.fail("expects repeats of 0 or more, but got " +
                       Twine(*repeats.getConstant()));
    dim = dims.mul(dim, atLeastZero(dims, repeats));
  }
  if (failed(checkElementCount(dims, shape)))
    return failure();
  shapes.push_back({getElementTypeOf(adaptor.getInput()), shape});
  return success();
}

std::string TileOp::evaluate(ArrayRef<nncio::Tensor> operands,
                             MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &input = operands[0];
  SmallVector<int64_t> strides = getRowMajorStrides(input.shape());
  ElementCopier out(results[0]);
  forEachIndex(results[0].shape(), [&](int64_t i, ArrayRef<int64_t> index) {
    int64_t from = 0;
    for (auto [axis, size] : llvm::enumerate(input.shape()))
      from += index[axis] % size * strides[axis];
    out.copy(i, input, from);
  });
  return "";
}

std::optional<OpLayout> TileOp::getOpLayout(ArrayRef<int64_t> layout) {
  if (!canPermuteList(getRepeats()))
    return std::nullopt;
  return nnc::detail::getFirstOperandLayout(*this, layout);
}

Operation *TileOp::buildInLayout(OpBuilder &builder, ArrayRef<int64_t> layout,
                                 ValueRange operands) {
  Value repeats = permuteList(builder, getRepeats(), layout);
  return nnc::detail::cloneInLayout(builder, *this, *getOpLayout(layout),
                                    {operands[0], repeats});
}

//===----------------------------------------------------------------------===//
// RangeOp
//===----------------------------------------------------------------------===//

LogicalResult RangeOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                   SmallVectorImpl<ResultShape> &shapes) {
  Type type = getElementTypeOf(adaptor.getStart());
  if (getElementTypeOf(adaptor.getDelta()) != type)
    return dims.fail("expects start and delta of one element type");
  if (failed(checkScalar(dims, adaptor.getStart(), "a start")) ||
      failed(checkScalar(dims, adaptor.getDelta(), "a delta")) ||
      failed(checkScalar(dims, adaptor.getSize(), "a size")))
    return failure();
  Dim size = atLeastZero(dims, dims.element(adaptor.getSize(), 0));
  if (failed(checkElementCount(dims, size)))
    return failure();
  shapes.push_back({type, {size}});
  return success();
}

std::string RangeOp::evaluate(ArrayRef<nncio::Tensor> operands,
                              MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &start = operands[0], &delta = operands[1];
  bool isFloat = nncio::isFloat(start.type());
  for (int64_t i = 0; i < results[0].size(); ++i) {
    if (isFloat)
      results[0].setDouble(i, start.getDouble(0) + i * delta.getDouble(0));
    else
      // Unsigned arithmetic wraps around.
      results[0].setInt(i, uint64_t(start.getInt(0)) +
                               uint64_t(i) * uint64_t(delta.getInt(0)));
  }
  return "";
}

std::optional<int64_t> RangeOp::getFlops() {
  std::optional<int64_t> elements = countResultElements(*this);
  if (!elements)
    return std::nullopt;
  return 2 * *elements;
}

//===----------------------------------------------------------------------===//
// TriluOp
//===----------------------------------------------------------------------===//

LogicalResult TriluOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                   SmallVectorImpl<ResultShape> &shapes) {
  SmallVector<Dim> shape = dims.shape(adaptor.getInput());
  if (shape.size() < 2)
    return dims.fail("expects an input of rank 2 or more, but got rank " +
                     Twine(shape.size()));
  if (failed(checkScalar(dims, adaptor.getK(), "a diagonal")))
    return failure();
  shapes.push_back({getElementTypeOf(adaptor.getInput()), shape});
  return success();
}

std::string TriluOp::evaluate(ArrayRef<nncio::Tensor> operands,
                              MutableArrayRef<nncio::Tensor> results) {
  int64_t k = operands[1].getInt(0);
  ElementCopier out(results[0]);
  forEachIndex(results[0].shape(), [&](int64_t i, ArrayRef<int64_t> index) {
    int64_t diagonal = index.back() - index[index.size() - 2];
    if (getUpper() ? diagonal >= k : diagonal <= k)
      out.copy(i, operands[0], i);
  });
  return "";
}

//===----------------------------------------------------------------------===//
// ReverseSequenceOp
//===----------------------------------------------------------------------===//

LogicalResult
ReverseSequenceOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                               SmallVectorImpl<ResultShape> &shapes) {
  SmallVector<Dim> shape = dims.shape(adaptor.getInput());
  int64_t time = adaptor.getTimeAxis(), batch = adaptor.getBatchAxis();
  if (shape.size() < 2)
    return dims.fail("expects an input of rank 2 or more, but got rank " +
                     Twine(shape.size()));
  if (std::min(time, batch) != 0 || std::max(time, batch) != 1)
    return dims.fail(
        "expects time and batch axes 0 and 1 or 1 and 0, but got " +
        Twine(time) + " and " + Twine(batch));
  auto lengths = cast<RankedTensorType>(adaptor.getLengths().getType());
  if (lengths.getRank() != 1)
    return dims.fail("expects lengths of rank 1, but got rank " +
                     Twine(lengths.getRank()));
  if (failed(dims.requireEqual(shape[batch], dims.dim(adaptor.getLengths(), 0),
                               "batch size and number of lengths")))
    return failure();
  shapes.push_back({getElementTypeOf(adaptor.getInput()), shape});
  return success();
}

std::string
ReverseSequenceOp::evaluate(ArrayRef<nncio::Tensor> operands,
                            MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &input = operands[0], &lengths = operands[1];
  int64_t time = getTimeAxis(), batch = getBatchAxis();
  for (int64_t i = 0; i < lengths.size(); ++i)
    if (lengths.getInt(i) < 0 || lengths.getInt(i) > input.shape()[time])
      return "length " + std::to_string(lengths.getInt(i)) +
             " is not from 0 to " + std::to_string(input.shape()[time]);
  SmallVector<int64_t> strides = getRowMajorStrides(input.shape());
  ElementCopier out(results[0]);
  forEachIndex(results[0].shape(), [&](int64_t i, ArrayRef<int64_t> index) {
    int64_t at = index[time], length = lengths.getInt(index[batch]);
    int64_t from = at < length ? length - 1 - at : at;
    out.copy(i, input, i + (from - at) * strides[time]);
  });
  return "";
}
