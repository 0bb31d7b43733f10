//===----------------------------------------------------------------------===//
// What ops that move data share: positions, slices, indices.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/MovementUtils.h"

#include "dialects/NN/IR/NNConstants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

/// Tensors of more elements are refused: no machine addresses them.
static constexpr int64_t maxElements = int64_t(1) << 48;

Type nn::getElementTypeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getElementType();
}

SmallVector<int64_t> nn::getRowMajorStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (int64_t axis = int64_t(shape.size()) - 2; axis >= 0; --axis)
    strides[axis] = strides[axis + 1] * shape[axis + 1];
  return strides;
}

void nn::forEachIndex(ArrayRef<int64_t> shape,
                      function_ref<void(int64_t, ArrayRef<int64_t>)> function) {
  int64_t count = 1, rank = shape.size();
  for (int64_t size : shape)
    count *= size;
  SmallVector<int64_t> index(rank, 0);
  for (int64_t number = 0; number < count; ++number) {
    function(number, index);
    for (int64_t axis = rank - 1; axis >= 0; --axis) {
      if (++index[axis] < shape[axis])
        break;
      index[axis] = 0;
    }
  }
}

int64_t nn::linearize(ArrayRef<int64_t> index, ArrayRef<int64_t> strides) {
  int64_t number = 0;
  for (auto [position, stride] : llvm::zip(index, strides))
    number += position * stride;
  return number;
}

nncio::Tensor nn::transposeTensor(const nncio::Tensor &tensor,
                                  ArrayRef<int64_t> permutation) {
  SmallVector<int64_t> inputStrides = getRowMajorStrides(tensor.shape()),
                       strides;
  std::vector<int64_t> shape;
  for (int64_t axis : permutation) {
    shape.push_back(tensor.shape()[axis]);
    strides.push_back(inputStrides[axis]);
  }
  nncio::Tensor result(tensor.type(), shape);
  ElementCopier out(result);
  forEachIndex(shape, [&](int64_t i, ArrayRef<int64_t> index) {
    out.copy(i, tensor, linearize(index, strides));
  });
  return result;
}

bool nn::canPermuteList(Value list) {
  return isConstantTensor(list) || list.getDefiningOp<tensor::FromElementsOp>();
}

Value nn::permuteList(OpBuilder &builder, Value list, ArrayRef<int64_t> order) {
  if (auto scalars = list.getDefiningOp<tensor::FromElementsOp>()) {
    SmallVector<Value> permuted;
    for (int64_t place : order)
      permuted.push_back(scalars.getElements()[place]);
    return tensor::FromElementsOp::create(builder, list.getLoc(),
                                          list.getType(), permuted);
  }
  nncio::Result<nncio::Tensor> numbers = getConstantTensor(list);
  SmallVector<int64_t> permuted;
  for (int64_t place : order)
    permuted.push_back(numbers->getInt(place));
  return createIndexConstant(builder, list.getLoc(), permuted);
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

LogicalResult nn::checkAxis(DimBuilder &dims, int64_t axis, int64_t rank) {
  if (axis >= 0 && axis < rank)
    return success();
  return dims.fail("expects an axis from 0 to " + Twine(rank - 1) +
                   ", but got " + Twine(axis));
}

LogicalResult nn::checkList(DimBuilder &dims, Value tensor, int64_t length,
                            const Twine &what) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (type.getRank() != 1 || type.isDynamicDim(0))
    return dims.fail("expects " + what + " of rank 1 and fixed length");
  if (length >= 0 && type.getDimSize(0) != length)
    return dims.fail("expects " + Twine(length) + " " + what + ", but got " +
                     Twine(type.getDimSize(0)));
  return success();
}

LogicalResult nn::checkScalar(DimBuilder &dims, Value tensor,
                              const Twine &what) {
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
  if (rank == 0)
    return success();
  return dims.fail("expects " + what + " of rank 0, but got rank " +
                   Twine(rank));
}

LogicalResult nn::checkElementCount(DimBuilder &dims, ArrayRef<Dim> shape) {
  Dim known(1);
  for (Dim dim : shape)
    if (dim.getConstant())
      known = dims.mul(known, dim);
  if (*known.getConstant() <= maxElements)
    return success();
  return dims.fail("has a result of more elements than can be addressed");
}

LogicalResult nn::checkNotEmpty(DimBuilder &dims, Dim size, Dim count,
                                const Twine &what) {
  if (size.isConstant(0) && count.getConstant() && *count.getConstant() > 0)
    return dims.fail("expects " + what + " not to be empty");
  if (count.isConstant(0) || (size.getConstant() && !size.isConstant(0)))
    return success();
  Dim zero(0);
  Dim wrong = dims.selectEqual(size, zero, count, zero);
  return dims.requireEqual(wrong, zero, "elements asked of an empty " + what);
}

LogicalResult nn::checkAtMost(DimBuilder &dims, Dim small, Dim large,
                              const Twine &what) {
  if (small.isSameAs(large))
    return success();
  if (small.getConstant() && large.getConstant()) {
    if (*small.getConstant() <= *large.getConstant())
      return success();
    return dims.fail("expects " + what + " of at most " +
                     Twine(*large.getConstant()) + ", but got " +
                     Twine(*small.getConstant()));
  }
  return dims.requireEqual(dims.min(small, large), small,
                           what + " and the bounds of them");
}

//===----------------------------------------------------------------------===//
// Slices
//===----------------------------------------------------------------------===//

static bool isNonNegativeValue(Value value, unsigned depth = 0) {
  if (std::optional<int64_t> number = getConstantIndex(value))
    return *number >= 0;
  Operation *op = value.getDefiningOp();
  // Deeper arithmetic is rare; the answer no is always safe.
  if (!op || depth > 16)
    return false;
  auto isOperandNonNegative = [&](Value operand) {
    return isNonNegativeValue(operand, depth + 1);
  };
  if (isa<arith::MaxSIOp>(op))
    return llvm::any_of(op->getOperands(), isOperandNonNegative);
  if (isa<arith::AddIOp, arith::MulIOp, arith::DivSIOp, arith::FloorDivSIOp,
          arith::CeilDivSIOp, arith::MinSIOp, arith::IndexCastOp>(op))
    return llvm::all_of(op->getOperands(), isOperandNonNegative);
  if (auto select = dyn_cast<arith::SelectOp>(op))
    return isOperandNonNegative(select.getTrueValue()) &&
           isOperandNonNegative(select.getFalseValue());
  return isa<tensor::DimOp>(op);
}

bool nn::isNonNegative(Dim dim) {
  if (std::optional<int64_t> number = dim.getConstant())
    return *number >= 0;
  return dim.getValue() && isNonNegativeValue(dim.getValue());
}

Dim nn::atLeastZero(DimBuilder &dims, Dim dim) {
  return isNonNegative(dim) ? dim : dims.max(dim, 0);
}

/// `position`, or the one that it counts from the end of an axis of `size`.
static Dim wrapNegative(DimBuilder &dims, Dim position, Dim size) {
  if (isNonNegative(position))
    return position;
  if (position.getConstant())
    return dims.add(size, position);
  return dims.selectLess(position, 0, dims.add(position, size), position);
}

static Dim minimum(DimBuilder &dims, Dim a, Dim b) {
  int64_t most = std::numeric_limits<int64_t>::max();
  if (a.isSameAs(b) || b.isConstant(most))
    return a;
  return a.isConstant(most) ? b : dims.min(a, b);
}

/// A position counted from 0 and clamped to 0 … size.
static Dim clampForward(DimBuilder &dims, Dim position, Dim size) {
  Dim at = wrapNegative(dims, position, size);
  return position.isConstant(0) ? position
                                : minimum(dims, atLeastZero(dims, at), size);
}

/// One more than a position clamped to lowest … size - 1; `lowest` is 0 or -1.
static Dim clampBackward(DimBuilder &dims, Dim position, Dim size,
                         int64_t lowest) {
  if (position.isConstant(-1))
    return size;
  if (position.isConstant(std::numeric_limits<int64_t>::max()))
    return size;
  if (position.isConstant(std::numeric_limits<int64_t>::min()) && lowest < 0)
    return 0;
  Dim at = wrapNegative(dims, position, size);
  Dim clamped = dims.min(dims.max(at, lowest), dims.sub(size, 1));
  return dims.add(clamped, 1);
}

/// ceil(distance / step), 0 if negative.
static Dim countSteps(DimBuilder &dims, Dim distance, Dim step) {
  return atLeastZero(dims, dims.ceilDiv(distance, step));
}

/// -step without overflow.
static Dim negate(DimBuilder &dims, Dim step) { return dims.sub(0, step); }

static nn::AxisSlice sliceForward(DimBuilder &dims, Dim size, Dim start,
                                  Dim end, Dim step) {
  Dim first = clampForward(dims, start, size);
  Dim last = clampForward(dims, end, size);
  Dim distance = dims.sub(last, first);
  // Both are clamped alike: from 0, or up to the size, nothing is negative.
  if (first.isConstant(0) || last.isSameAs(size))
    return {first, dims.ceilDiv(distance, step)};
  return {first, countSteps(dims, distance, step)};
}

static nn::AxisSlice sliceBackward(DimBuilder &dims, Dim size, Dim start,
                                   Dim end, Dim step) {
  Dim first = clampBackward(dims, start, size, /*lowest=*/0);
  Dim last = clampBackward(dims, end, size, /*lowest=*/-1);
  Dim distance = dims.sub(first, last);
  Dim count = last.isConstant(0)
                  ? dims.ceilDiv(distance, negate(dims, step))
                  : countSteps(dims, distance, negate(dims, step));
  return {dims.sub(first, 1), count};
}

nn::AxisSlice nn::computeAxisSlice(DimBuilder &dims, Dim size, Dim start,
                                   Dim end, Dim step) {
  if (std::optional<int64_t> number = step.getConstant())
    return *number > 0 ? sliceForward(dims, size, start, end, step)
                       : sliceBackward(dims, size, start, end, step);
  // Divisors are kept positive; the result of the wrong sign is not taken.
  AxisSlice up = sliceForward(dims, size, start, end, dims.max(step, 1));
  AxisSlice down = sliceBackward(dims, size, start, end, dims.min(step, -1));
  return {dims.selectLess(step, 0, down.first, up.first),
          dims.selectLess(step, 0, down.count, up.count)};
}

Dim nn::computeStepCount(DimBuilder &dims, Dim start, Dim limit, Dim step) {
  if (std::optional<int64_t> number = step.getConstant())
    return *number > 0
               ? countSteps(dims, dims.sub(limit, start), step)
               : countSteps(dims, dims.sub(start, limit), negate(dims, step));
  Dim up = countSteps(dims, dims.sub(limit, start), dims.max(step, 1));
  Dim down = countSteps(dims, dims.sub(start, limit),
                        negate(dims, dims.min(step, -1)));
  return dims.selectLess(step, 0, down, up);
}
