//===----------------------------------------------------------------------===//
// Data movement: shapes, reference.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/MovementUtils.h"
#include "dialects/NN/IR/NNOps.h"
#include "dialects/NN/IR/SameDims.h"

#include "llvm/ADT/SmallBitVector.h"
#include <numeric>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

//===----------------------------------------------------------------------===//
// ReshapeOp
//===----------------------------------------------------------------------===//

/// True if `dim` comes from data and so may be one of the special numbers.
static bool isAnyNumber(Dim dim) {
  return dim.getValue() && !isNonNegative(dim);
}

/// The product of `dims` over that of `divisors`, without what is on both
/// sides. Where the divisors have an element of 0 the result is 0 or a
/// dimension.
static Dim divideProducts(DimBuilder &dims, ArrayRef<Dim> total,
                          ArrayRef<Dim> divisors) {
  SmallVector<Dim> rest(total);
  int64_t above = 1, below = 1;
  Dim divisor(1);
  for (Dim dim : divisors) {
    if (dim.getConstant()) {
      below = *dims.mul(below, dim).getConstant();
      continue;
    }
    auto *same =
        llvm::find_if(rest, [&](Dim other) { return other.isSameAs(dim); });
    if (same != rest.end())
      rest.erase(same);
    else
      divisor = dims.mul(divisor, dim);
  }
  Dim dividend(1);
  for (Dim dim : rest) {
    if (dim.getConstant())
      above = *dims.mul(above, dim).getConstant();
    else
      dividend = dims.mul(dividend, dim);
  }
  if (below == 0)
    return 0;
  int64_t common = std::gcd(above, below);
  dividend = dims.mul(dividend, common ? above / common : above);
  divisor = dims.mul(divisor, common ? below / common : below);
  if (divisor.getConstant())
    return dims.floorDiv(dividend, divisor);
  Dim quotient = dims.floorDiv(dividend, dims.max(divisor, 1));
  if (quotient.getValue())
    if (auto division =
            quotient.getValue().getDefiningOp<arith::FloorDivSIOp>())
      division->setAttr(freeIfEmptyAttrName,
                        UnitAttr::get(division->getContext()));
  return quotient;
}

/// Replaces dimensions of 0 by the input's; false after reporting one that the
/// input does not have.
static bool copyZeros(DimBuilder &dims, ArrayRef<Dim> input,
                      MutableArrayRef<Dim> shape) {
  for (auto [axis, dim] : llvm::enumerate(shape)) {
    if (dim.isConstant(0) && axis >= input.size()) {
      (void)dims.fail("copies dimension " + Twine(axis) +
                      ", but the input has rank " + Twine(input.size()));
      return false;
    }
    if (dim.isConstant(0))
      dim = input[axis];
    else if (axis < input.size() && isAnyNumber(dim))
      dim = dims.selectEqual(dim, 0, input[axis], dim);
  }
  return true;
}

/// Replaces what data says may be -1 by the dimension that then is inferred.
static void inferAtRun(DimBuilder &dims, ArrayRef<Dim> input,
                       MutableArrayRef<Dim> shape) {
  SmallVector<bool> open;
  SmallVector<Dim> others;
  for (Dim dim : shape) {
    open.push_back(isAnyNumber(dim));
    others.push_back(open.back() ? dims.selectEqual(dim, -1, 1, dim) : dim);
  }
  if (!llvm::is_contained(open, true))
    return;
  Dim inferred = divideProducts(dims, input, others);
  for (auto [dim, isOpen] : llvm::zip(shape, open))
    if (isOpen)
      dim = dims.selectEqual(dim, -1, inferred, dim);
}

LogicalResult ReshapeOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                     SmallVectorImpl<ResultShape> &shapes) {
  if (failed(checkList(dims, adaptor.getShape(), -1, "a shape")))
    return failure();
  SmallVector<Dim> input = dims.shape(adaptor.getInput());
  SmallVector<Dim> shape = dims.elements(adaptor.getShape()), known;
  if (!adaptor.getAllowZero() && !copyZeros(dims, input, shape))
    return failure();
  std::optional<size_t> inferred;
  for (auto [axis, dim] : llvm::enumerate(shape)) {
    if (dim.getConstant() && *dim.getConstant() < -1)
      return dims.fail("expects dimensions of -1 or more, but got " +
                       Twine(*dim.getConstant()));
    if (!dim.isConstant(-1)) {
      known.push_back(dim);
      continue;
    }
    if (inferred)
      return dims.fail("expects at most one dimension of -1");
    inferred = axis;
  }
  // A tensor without elements leaves the dimension undetermined: 0 then.
  if (inferred)
    shape[*inferred] = divideProducts(dims, input, known);
  else
    inferAtRun(dims, input, shape);
  if (failed(dims.requireEqual(dims.product(input), dims.product(shape),
                               "element counts of a reshape")))
    return failure();
  shapes.push_back({getElementTypeOf(adaptor.getInput()), shape});
  return success();
}

std::string ReshapeOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                MutableArrayRef<nncio::Tensor> results) {
  if (operands[0].size() != results[0].size())
    return "the shape does not hold the input's elements";
  results[0] = operands[0].reshaped(results[0].shape());
  return "";
}

//===----------------------------------------------------------------------===//
// TransposeOp
//===----------------------------------------------------------------------===//

LogicalResult TransposeOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                       SmallVectorImpl<ResultShape> &shapes) {
  SmallVector<Dim> input = dims.shape(adaptor.getInput());
  ArrayRef<int64_t> permutation = adaptor.getPermutation();
  llvm::SmallBitVector seen(input.size());
  if (permutation.size() != input.size())
    return dims.fail("expects a permutation of " + Twine(input.size()) +
                     " axes, but got " + Twine(permutation.size()));
  SmallVector<Dim> shape;
  for (int64_t axis : permutation) {
    if (axis < 0 || axis >= int64_t(input.size()) || seen.test(axis))
      return dims.fail("expects each axis once in the permutation");
    seen.set(axis);
    shape.push_back(input[axis]);
  }
  shapes.push_back({getElementTypeOf(adaptor.getInput()), shape});
  return success();
}

std::string TransposeOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                  MutableArrayRef<nncio::Tensor> results) {
  results[0] = transposeTensor(operands[0], getPermutation());
  return "";
}

//===----------------------------------------------------------------------===//
// BroadcastOp
//===----------------------------------------------------------------------===//

LogicalResult BroadcastOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                       SmallVectorImpl<ResultShape> &shapes) {
  if (failed(checkList(dims, adaptor.getShape(), -1, "a shape")))
    return failure();
  SmallVector<Dim> wanted = dims.elements(adaptor.getShape());
  for (Dim &dim : wanted) {
    if (dim.getConstant() && *dim.getConstant() < 0)
      return dims.fail("expects dimensions of 0 or more, but got " +
                       Twine(*dim.getConstant()));
    dim = atLeastZero(dims, dim);
  }
  FailureOr<SmallVector<Dim>> shape =
      dims.broadcast(dims.shape(adaptor.getInput()), wanted);
  if (failed(shape) || failed(checkElementCount(dims, *shape)))
    return failure();
  shapes.push_back({getElementTypeOf(adaptor.getInput()), *shape});
  return success();
}

std::string BroadcastOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                  MutableArrayRef<nncio::Tensor> results) {
  ElementCopier out(results[0]);
  forEachBroadcast(results[0], operands[0],
                   [&](int64_t i, ArrayRef<int64_t> positions) {
                     out.copy(i, operands[0], positions[0]);
                   });
  return "";
}

std::optional<OpLayout> BroadcastOp::getOpLayout(ArrayRef<int64_t> layout) {
  auto from = cast<RankedTensorType>(getInput().getType());
  auto shape = cast<RankedTensorType>(getShape().getType());
  bool isAligned = from.getRank() == getType().getRank() &&
                   shape.getDimSize(0) == from.getRank();
  if (!isAligned || !canPermuteList(getShape()))
    return std::nullopt;
  return nnc::detail::getFirstOperandLayout(*this, layout);
}

Operation *BroadcastOp::buildInLayout(OpBuilder &builder,
                                      ArrayRef<int64_t> layout,
                                      ValueRange operands) {
  Value shape = permuteList(builder, getShape(), layout);
  return nnc::detail::cloneInLayout(builder, *this, *getOpLayout(layout),
                                    {operands[0], shape});
}

//===----------------------------------------------------------------------===//
// SliceOp
//===----------------------------------------------------------------------===//

LogicalResult SliceOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                   SmallVectorImpl<ResultShape> &shapes) {
  ArrayRef<int64_t> axes = adaptor.getAxes(), steps = adaptor.getSteps();
  int64_t count = axes.size();
  if (int64_t(steps.size()) != count)
    return dims.fail("expects " + Twine(count) + " steps, but got " +
                     Twine(steps.size()));
  if (failed(checkList(dims, adaptor.getStarts(), count, "starts")) ||
      failed(checkList(dims, adaptor.getEnds(), count, "ends")))
    return failure();
  SmallVector<Dim> shape = dims.shape(adaptor.getInput());
  llvm::SmallBitVector seen(shape.size());
  for (int64_t i = 0; i < count; ++i) {
    if (failed(checkAxis(dims, axes[i], shape.size())))
      return failure();
    if (seen.test(axes[i]))
      return dims.fail("names axis " + Twine(axes[i]) + " twice");
    seen.set(axes[i]);
    if (steps[i] == 0)
      return dims.fail("expects steps that are not 0");
    shape[axes[i]] =
        computeAxisSlice(dims, shape[axes[i]],
                         dims.element(adaptor.getStarts(), i),
                         dims.element(adaptor.getEnds(), i), steps[i])
            .count;
  }
  shapes.push_back({getElementTypeOf(adaptor.getInput()), shape});
  return success();
}

std::string SliceOp::evaluate(ArrayRef<nncio::Tensor> operands,
                              MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &input = operands[0];
  SmallVector<int64_t> inputStrides = getRowMajorStrides(input.shape());
  SmallVector<int64_t> strides = inputStrides;
  int64_t origin = 0;
  for (auto [i, axis] : llvm::enumerate(getAxes())) {
    int64_t size = input.shape()[axis], step = getSteps()[i];
    int64_t start = operands[1].getInt(i);
    if (start < 0)
      start += size;
    start = std::min(std::max(start, int64_t(0)), step > 0 ? size : size - 1);
    origin += start * inputStrides[axis];
    // A huge step is never taken twice.
    step = std::min(std::max(step, -size), size);
    strides[axis] *= step;
  }
  ElementCopier out(results[0]);
  forEachIndex(results[0].shape(), [&](int64_t i, ArrayRef<int64_t> index) {
    out.copy(i, input, origin + linearize(index, strides));
  });
  return "";
}

std::optional<OpLayout> SliceOp::getOpLayout(ArrayRef<int64_t> layout) {
  return nnc::detail::getFirstOperandLayout(*this, layout);
}

Operation *SliceOp::buildInLayout(OpBuilder &builder, ArrayRef<int64_t> layout,
                                  ValueRange operands) {
  auto copy = cast<SliceOp>(nnc::detail::cloneInLayout(
      builder, *this, *getOpLayout(layout), operands));
  copy.setAxes(findAxes(layout, getAxes()));
  return copy;
}

//===----------------------------------------------------------------------===//
// ConcatOp
//===----------------------------------------------------------------------===//

LogicalResult ConcatOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                    SmallVectorImpl<ResultShape> &shapes) {
  ValueRange inputs = adaptor.getInputs();
  if (inputs.empty())
    return dims.fail("expects at least one operand");
  int64_t axis = adaptor.getAxis();
  SmallVector<Dim> shape = dims.shape(inputs[0]);
  if (failed(checkAxis(dims, axis, shape.size())))
    return failure();
  Type type = getElementTypeOf(inputs[0]);
  for (Value input : inputs.drop_front()) {
    SmallVector<Dim> other = dims.shape(input);
    if (getElementTypeOf(input) != type)
      return dims.fail("expects operands of one element type");
    if (other.size() != shape.size())
      return dims.fail("expects operands of one rank, but got " +
                       Twine(shape.size()) + " and " + Twine(other.size()));
    for (int64_t i = 0; i < int64_t(shape.size()); ++i) {
      if (i == axis) {
        shape[i] = dims.add(shape[i], other[i]);
        continue;
      }
      FailureOr<Dim> same = dims.requireEqual(
          shape[i], other[i], "dimensions " + Twine(i) + " of joined tensors");
      if (failed(same))
        return failure();
      shape[i] = *same;
    }
  }
  if (failed(checkElementCount(dims, shape)))
    return failure();
  shapes.push_back({type, shape});
  return success();
}

bool TransposeOp::movesOnce() { return true; }
bool SliceOp::movesOnce() { return true; }
bool ConcatOp::movesOnce() { return true; }
bool ConcatOp::isDataOperand(unsigned) { return true; }

std::string ConcatOp::evaluate(ArrayRef<nncio::Tensor> operands,
                               MutableArrayRef<nncio::Tensor> results) {
  int64_t axis = getAxis(), offset = 0;
  SmallVector<int64_t> strides = getRowMajorStrides(results[0].shape());
  ElementCopier out(results[0]);
  for (const nncio::Tensor &input : operands) {
    forEachIndex(input.shape(), [&](int64_t i, ArrayRef<int64_t> index) {
      out.copy(linearize(index, strides) + offset * strides[axis], input, i);
    });
    offset += input.shape()[axis];
  }
  return "";
}
