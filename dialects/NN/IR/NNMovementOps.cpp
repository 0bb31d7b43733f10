//===----------------------------------------------------------------------===//
// Data movement: shapes, reference.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/NNOps.h"

#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

static Type elementTypeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getElementType();
}

//===----------------------------------------------------------------------===//
// ReshapeOp
//===----------------------------------------------------------------------===//

LogicalResult ReshapeOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                     SmallVectorImpl<ResultShape> &shapes) {
  auto shapeType = cast<RankedTensorType>(adaptor.getShape().getType());
  if (shapeType.getRank() != 1 || shapeType.isDynamicDim(0))
    return dims.fail("expects a shape of rank 1 and fixed length");
  SmallVector<Dim> input = dims.shape(adaptor.getInput());
  SmallVector<Dim> shape = dims.elements(adaptor.getShape());
  std::optional<size_t> inferred;
  Dim known(1);
  for (auto [axis, dim] : llvm::enumerate(shape)) {
    if (dim.isConstant(0) && !adaptor.getAllowZero()) {
      if (axis >= input.size())
        return dims.fail("copies dimension " + Twine(axis) +
                         ", but the input has rank " + Twine(input.size()));
      dim = input[axis];
    }
    if (dim.isConstant(-1)) {
      if (inferred)
        return dims.fail("expects at most one dimension of -1");
      inferred = axis;
      continue;
    }
    known = dims.mul(known, dim);
  }
  Dim total = dims.product(input);
  if (inferred) {
    // A zero-size tensor leaves the dimension undetermined: 0 then.
    shape[*inferred] =
        known.isConstant(0) ? Dim(0) : dims.floorDiv(total, known);
    known = dims.mul(known, shape[*inferred]);
  }
  if (failed(dims.requireEqual(total, known, "element counts of a reshape")))
    return failure();
  shapes.push_back({elementTypeOf(adaptor.getInput()), shape});
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
  shapes.push_back({elementTypeOf(adaptor.getInput()), shape});
  return success();
}

std::string TransposeOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                  MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &input = operands[0];
  nncio::Tensor &result = results[0];
  ArrayRef<int64_t> permutation = getPermutation();
  size_t width = nncio::elementBytes(input.type()), rank = permutation.size();
  SmallVector<int64_t> strides(rank, 1), index(rank, 0);
  for (int64_t axis = int64_t(rank) - 2; axis >= 0; --axis)
    strides[axis] = strides[axis + 1] * input.shape()[axis + 1];
  uint8_t *out = result.mutableData();
  for (int64_t i = 0; i < result.size(); ++i) {
    int64_t from = 0;
    for (size_t axis = 0; axis < rank; ++axis)
      from += index[axis] * strides[permutation[axis]];
    std::memcpy(out + i * width, input.data() + from * width, width);
    for (int64_t axis = int64_t(rank) - 1; axis >= 0; --axis) {
      if (++index[axis] < result.shape()[axis])
        break;
      index[axis] = 0;
    }
  }
  return "";
}
