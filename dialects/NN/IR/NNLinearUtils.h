//===----------------------------------------------------------------------===//
// What the shape functions and references of contractions and windows share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_NN_IR_NNLINEARUTILS_H
#define NNC_DIALECTS_NN_IR_NNLINEARUTILS_H

#include "dialects/NN/IR/NNOps.h"
#include "dialects/NN/IR/WindowUtils.h"

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

/// Dimensions of the matrix product of two tensors; reports through `dims` what
/// does not fit.
FailureOr<SmallVector<Dim>> inferMatMulDims(DimBuilder &dims, Value lhs,
                                            Value rhs);

/// For the evaluator: their matrix product into `result`.
void multiplyTensors(const nncio::Tensor &lhs, const nncio::Tensor &rhs,
                     nncio::Tensor &result);

/// What convolutions have in common; the bias may be null.
struct ConvolutionView {
  Value input, filter, bias;
  int64_t group;
  WindowAttrs window;
};

/// Checks ranks and group, and appends the geometry of the windows.
LogicalResult resolveConvolution(const ConvolutionView &conv, DimBuilder &dims,
                                 SmallVectorImpl<WindowAxis> &axes);

/// The result's shape, of `elementType`.
LogicalResult inferConvolution(const ConvolutionView &conv, Type elementType,
                               DimBuilder &dims,
                               SmallVectorImpl<ResultShape> &shapes);

/// For the evaluator: the convolution of input `[N, C, spatial...]`, filter
/// and, if there are three operands, bias into `result`.
void convolveTensors(ArrayRef<nncio::Tensor> operands, int64_t group,
                     ArrayRef<WindowAxis> axes, nncio::Tensor &result);

/// Product of known dimensions, nullopt if one is dynamic or it overflows.
std::optional<int64_t> countStatic(ArrayRef<int64_t> sizes);

/// a * b, nullopt if one is unknown or it overflows.
std::optional<int64_t> multiplyCounts(std::optional<int64_t> a,
                                      std::optional<int64_t> b);

} // namespace mlir::nnc::nn

#endif // NNC_DIALECTS_NN_IR_NNLINEARUTILS_H
