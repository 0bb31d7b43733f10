//===----------------------------------------------------------------------===//
// What ops that move data share: positions, slices, indices.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_NN_IR_MOVEMENTUTILS_H
#define NNC_DIALECTS_NN_IR_MOVEMENTUTILS_H

#include "nnc/DataIO/Tensor.h"
#include "nnc/Interfaces/ShapeOpInterface.h"

namespace mlir::nnc::nn {

/// The element type of a ranked tensor.
Type getElementTypeOf(Value tensor);

/// Row-major strides in elements.
SmallVector<int64_t> getRowMajorStrides(ArrayRef<int64_t> shape);

/// Calls `function` with the row-major number and the position of each element
/// of a tensor of `shape`, in order.
void forEachIndex(
    ArrayRef<int64_t> shape,
    function_ref<void(int64_t number, ArrayRef<int64_t> index)> function);

/// The row-major number of the element at `index`.
int64_t linearize(ArrayRef<int64_t> index, ArrayRef<int64_t> strides);

/// Writes copies of other tensors' elements into one tensor. The tensors must
/// have elements of one width.
class ElementCopier {
public:
  explicit ElementCopier(nncio::Tensor &result)
      : out(result.mutableData()), width(nncio::elementBytes(result.type())) {}

  /// result[to] = source[from], both row-major numbers in range.
  void copy(int64_t to, const nncio::Tensor &source, int64_t from) {
    std::memcpy(out + to * width, source.data() + from * width, width);
  }

private:
  uint8_t *out;
  size_t width;
};

/// For the evaluator: axis `i` of the result is axis `permutation[i]`.
nncio::Tensor transposeTensor(const nncio::Tensor &tensor,
                              ArrayRef<int64_t> permutation);

/// True if the elements of a list are at hand, as numbers or scalars.
bool canPermuteList(Value list);
/// A list, see canPermuteList, whose element `i` is element `order[i]`.
Value permuteList(OpBuilder &builder, Value list, ArrayRef<int64_t> order);

/// Reports an axis that is not one of `rank`.
LogicalResult checkAxis(DimBuilder &dims, int64_t axis, int64_t rank);

/// Reports a tensor that is not of rank 1 and of `length` elements (any fixed
/// number if negative). `what` names it, in the plural if several.
LogicalResult checkList(DimBuilder &dims, Value tensor, int64_t length,
                        const Twine &what);

/// Reports a tensor that is not of rank 0.
LogicalResult checkScalar(DimBuilder &dims, Value tensor, const Twine &what);

/// Reports a shape with more elements than can be addressed, as far as known.
LogicalResult checkElementCount(DimBuilder &dims, ArrayRef<Dim> shape);

/// Reports reading from a dimension of size 0 when `count` elements are asked
/// of it; becomes a check of the run where sizes are not known.
LogicalResult checkNotEmpty(DimBuilder &dims, Dim size, Dim count,
                            const Twine &what);

/// Reports `small` > `large`; becomes a check of the run where they are not
/// known.
LogicalResult checkAtMost(DimBuilder &dims, Dim small, Dim large,
                          const Twine &what);

/// True for a number or value that is surely 0 or more: made of dimensions and
/// positive numbers. Elements of unknown tensors are not.
bool isNonNegative(Dim dim);

/// max(dim, 0) where that may differ.
Dim atLeastZero(DimBuilder &dims, Dim dim);

/// The positions that a slice takes of an axis: `first`, `first + step`, …,
/// `count` of them. All are in the axis; `first` may be the axis's size when
/// there are none.
struct AxisSlice {
  Dim first;
  Dim count;
};

/// The slice of an axis of `size` elements from `start` to `end` in steps of
/// `step`, negative numbers and clamping as `nn.slice` has them. `step` is not
/// 0; if it is no number, either sign may come.
AxisSlice computeAxisSlice(DimBuilder &dims, Dim size, Dim start, Dim end,
                           Dim step);

/// How many numbers from `start` up (down for a negative step) to, and without,
/// `limit` there are in steps of `step`, which is not 0.
Dim computeStepCount(DimBuilder &dims, Dim start, Dim limit, Dim step);

} // namespace mlir::nnc::nn

#endif // NNC_DIALECTS_NN_IR_MOVEMENTUTILS_H
