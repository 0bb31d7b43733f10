//===----------------------------------------------------------------------===//
// What element-wise ops share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/ElementwiseUtils.h"

using namespace mlir;
using namespace mlir::nnc;

LogicalResult nn::inferElementwise(ValueRange operands, Type elementType,
                                   DimBuilder &dims,
                                   SmallVectorImpl<ResultShape> &shapes) {
  SmallVector<Dim> shape;
  Type first = cast<RankedTensorType>(operands[0].getType()).getElementType();
  for (Value operand : operands) {
    Type type = cast<RankedTensorType>(operand.getType()).getElementType();
    if (!elementType && type != first) {
      std::string text;
      llvm::raw_string_ostream(text)
          << "expects operands of one element type, but got " << first
          << " and " << type;
      return dims.fail(text);
    }
    FailureOr<SmallVector<Dim>> both =
        dims.broadcast(shape, dims.shape(operand));
    if (failed(both))
      return failure();
    shape = std::move(*both);
  }
  shapes.push_back({elementType ? elementType : first, shape});
  return success();
}

void nn::forEachBroadcast(
    const nncio::Tensor &result, ArrayRef<nncio::Tensor> operands,
    function_ref<void(int64_t, ArrayRef<int64_t>)> function) {
  int64_t rank = result.rank();
  // Row-major strides of each operand, 0 along broadcast axes.
  SmallVector<SmallVector<int64_t>> strides;
  for (const nncio::Tensor &operand : operands) {
    SmallVector<int64_t> stride(rank, 0);
    int64_t lag = rank - operand.rank(), step = 1;
    for (int64_t axis = rank - 1; axis >= lag; --axis) {
      int64_t size = operand.shape()[axis - lag];
      stride[axis] = size == 1 ? 0 : step;
      step *= size;
    }
    strides.push_back(stride);
  }
  SmallVector<int64_t> index(rank, 0), positions(operands.size(), 0);
  for (int64_t i = 0; i < result.size(); ++i) {
    function(i, positions);
    for (int64_t axis = rank - 1; axis >= 0; --axis) {
      bool carry = ++index[axis] == result.shape()[axis];
      for (auto [position, stride] : llvm::zip(positions, strides))
        position += carry ? -stride[axis] * (index[axis] - 1) : stride[axis];
      if (!carry)
        break;
      index[axis] = 0;
    }
  }
}

std::string nn::evaluateUnary(ArrayRef<nncio::Tensor> operands,
                              MutableArrayRef<nncio::Tensor> results,
                              function_ref<double(double)> onFloat,
                              function_ref<int64_t(int64_t)> onInt) {
  const nncio::Tensor &input = operands[0];
  bool isFloat = nncio::isFloat(input.type());
  for (int64_t i = 0; i < input.size(); ++i) {
    if (isFloat)
      results[0].setDouble(i, onFloat(input.getDouble(i)));
    else
      results[0].setInt(i, onInt(input.getInt(i)));
  }
  return "";
}

std::string nn::evaluateBinary(ArrayRef<nncio::Tensor> operands,
                               MutableArrayRef<nncio::Tensor> results,
                               function_ref<double(double, double)> onFloat,
                               function_ref<int64_t(int64_t, int64_t)> onInt) {
  const nncio::Tensor &a = operands[0], &b = operands[1];
  bool isFloat = nncio::isFloat(a.type());
  forEachBroadcast(results[0], operands,
                   [&](int64_t i, ArrayRef<int64_t> at) {
                     if (isFloat)
                       results[0].setDouble(
                           i, onFloat(a.getDouble(at[0]), b.getDouble(at[1])));
                     else
                       results[0].setInt(i,
                                         onInt(a.getInt(at[0]), b.getInt(at[1])));
                   });
  return "";
}

std::optional<int64_t> nn::countResultElements(Operation *op) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  if (!type.hasStaticShape())
    return std::nullopt;
  return type.getNumElements();
}
