//===----------------------------------------------------------------------===//
// What the shape functions and references of contractions and windows share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_NN_IR_NNLINEARUTILS_H
#define NNC_DIALECTS_NN_IR_NNLINEARUTILS_H

#include "dialects/NN/IR/NNOps.h"

namespace mlir::nnc::nn {

inline RankedTensorType rankedTypeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType());
}

/// Fails unless all present operands have the first one's element type.
LogicalResult requireOneElementType(DimBuilder &dims, ValueRange operands);

/// Fails unless `tensor` has rank `lowest` to `highest`; `what` names it.
LogicalResult requireRank(DimBuilder &dims, Value tensor, StringRef what,
                          int64_t lowest, int64_t highest);

/// Calls `function` with a value of the accumulator type for tensors of
/// `type`: double for floats, uint64_t (which wraps) for integers.
template <typename Fn>
auto withAccumulator(nncio::ElementType type, Fn &&function) {
  return nncio::isFloat(type) ? function(double(0)) : function(uint64_t(0));
}

/// All elements in an accumulator type.
template <typename T>
std::vector<T> readElements(const nncio::Tensor &tensor) {
  if constexpr (std::is_same_v<T, double>)
    return tensor.toDoubles();
  std::vector<int64_t> numbers = tensor.toInts();
  return std::vector<T>(numbers.begin(), numbers.end());
}

/// Replaces the elements of `tensor`.
template <typename T>
void writeElements(nncio::Tensor &tensor, const std::vector<T> &values) {
  if constexpr (std::is_same_v<T, double>)
    tensor = nncio::Tensor::fromDoubles(tensor.type(), tensor.shape(), values);
  else
    tensor = nncio::Tensor::fromInts(
        tensor.type(), tensor.shape(),
        std::vector<int64_t>(values.begin(), values.end()));
}

/// Product of known dimensions, nullopt if one is dynamic or it overflows.
std::optional<int64_t> countStatic(ArrayRef<int64_t> sizes);

/// a * b, nullopt if one is unknown or it overflows.
std::optional<int64_t> multiplyCounts(std::optional<int64_t> a,
                                      std::optional<int64_t> b);

} // namespace mlir::nnc::nn

#endif // NNC_DIALECTS_NN_IR_NNLINEARUTILS_H
