//===----------------------------------------------------------------------===//
// Contractions and windows: shapes, reference, cost.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/NNOps.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

//===----------------------------------------------------------------------===//
// MatMulOp
//===----------------------------------------------------------------------===//

LogicalResult MatMulOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                    SmallVectorImpl<ResultShape> &shapes) {
  auto lhsType = cast<RankedTensorType>(adaptor.getLhs().getType());
  auto rhsType = cast<RankedTensorType>(adaptor.getRhs().getType());
  if (lhsType.getElementType() != rhsType.getElementType())
    return dims.fail("expects operands of one element type");
  if (lhsType.getRank() == 0 || rhsType.getRank() == 0)
    return dims.fail("expects operands of rank 1 or more");
  SmallVector<Dim> lhs = dims.shape(adaptor.getLhs());
  SmallVector<Dim> rhs = dims.shape(adaptor.getRhs());
  bool isRow = lhs.size() == 1, isColumn = rhs.size() == 1;
  Dim depth = rhs[isColumn ? 0 : rhs.size() - 2];
  if (failed(dims.requireEqual(lhs.back(), depth, "contracted dimensions")))
    return failure();
  ArrayRef<Dim> lhsBatch = ArrayRef(lhs).drop_back(isRow ? 1 : 2);
  ArrayRef<Dim> rhsBatch = ArrayRef(rhs).drop_back(isColumn ? 1 : 2);
  FailureOr<SmallVector<Dim>> shape = dims.broadcast(lhsBatch, rhsBatch);
  if (failed(shape))
    return failure();
  if (!isRow)
    shape->push_back(lhs[lhs.size() - 2]);
  if (!isColumn)
    shape->push_back(rhs.back());
  shapes.push_back({lhsType.getElementType(), *shape});
  return success();
}

/// `tensor` as a stack of matrices: [batch..., rows, columns].
static nncio::Tensor asMatrices(const nncio::Tensor &tensor, bool asColumn) {
  if (tensor.rank() > 1)
    return tensor;
  int64_t size = tensor.size();
  return asColumn ? tensor.reshaped({size, 1}) : tensor.reshaped({1, size});
}

/// Product of one pair of matrices at row-major offsets; T is the accumulator.
template <typename T>
static void multiplyMatrices(ArrayRef<T> a, ArrayRef<T> b, MutableArrayRef<T> c,
                             int64_t rows, int64_t depth, int64_t columns) {
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t k = 0; k < depth; ++k)
      for (int64_t j = 0; j < columns; ++j)
        c[i * columns + j] += a[i * depth + k] * b[k * columns + j];
}

template <typename T>
static std::vector<T> multiplyStacks(const std::vector<T> &a,
                                     const std::vector<T> &b,
                                     const nncio::Tensor &lhs,
                                     const nncio::Tensor &rhs,
                                     const nncio::Tensor &result) {
  int64_t rows = lhs.shape()[lhs.rank() - 2], depth = lhs.shape().back();
  int64_t columns = rhs.shape().back();
  int64_t size = rows * columns;
  auto batches = [](const nncio::Tensor &t) {
    return nncio::Tensor(nncio::ElementType::Bool,
                         {t.shape().begin(), t.shape().end() - 2});
  };
  std::vector<T> c(result.size(), T(0));
  if (!size || !depth)
    return c;
  nncio::Tensor lhsBatch = batches(lhs), rhsBatch = batches(rhs);
  std::vector<int64_t> shape;
  size_t rank = std::max(lhsBatch.rank(), rhsBatch.rank());
  shape.assign(result.shape().begin(), result.shape().begin() + rank);
  nncio::Tensor batch(nncio::ElementType::Bool, shape);
  forEachBroadcast(batch, {lhsBatch, rhsBatch},
                   [&](int64_t i, ArrayRef<int64_t> at) {
                     multiplyMatrices<T>(
                         ArrayRef<T>(a).slice(at[0] * rows * depth, rows * depth),
                         ArrayRef<T>(b).slice(at[1] * depth * columns,
                                              depth * columns),
                         MutableArrayRef<T>(c).slice(i * size, size), rows,
                         depth, columns);
                   });
  return c;
}

std::string MatMulOp::evaluate(ArrayRef<nncio::Tensor> operands,
                               MutableArrayRef<nncio::Tensor> results) {
  nncio::Tensor lhs = asMatrices(operands[0], /*asColumn=*/false);
  nncio::Tensor rhs = asMatrices(operands[1], /*asColumn=*/true);
  nncio::Tensor &result = results[0];
  if (nncio::isFloat(lhs.type()))
    result = nncio::Tensor::fromDoubles(
        result.type(), result.shape(),
        multiplyStacks(lhs.toDoubles(), rhs.toDoubles(), lhs, rhs, result));
  else
    result = nncio::Tensor::fromInts(
        result.type(), result.shape(),
        multiplyStacks(lhs.toInts(), rhs.toInts(), lhs, rhs, result));
  return "";
}

std::optional<int64_t> MatMulOp::getFlops() {
  auto lhs = cast<RankedTensorType>(getLhs().getType());
  std::optional<int64_t> elements = countResultElements(*this);
  if (!elements || lhs.isDynamicDim(lhs.getRank() - 1))
    return std::nullopt;
  return 2 * *elements * lhs.getDimSize(lhs.getRank() - 1);
}
