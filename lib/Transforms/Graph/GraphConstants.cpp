//===----------------------------------------------------------------------===//
// Constants that have not been folded yet, and broadcast ones.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "GraphConstants.h"

#include "dialects/NN/IR/NNConstants.h"
#include "nnc/Interfaces/EvalOpInterface.h"

using namespace mlir;
using namespace mlir::nnc;

/// As deep as chains of ops on parameters are.
static constexpr int deepest = 4;

static std::optional<nncio::Tensor> evaluate(Value value, int depth) {
  if (nn::isConstantTensor(value)) {
    nncio::Result<nncio::Tensor> tensor = nn::getConstantTensor(value);
    return tensor ? std::optional(*tensor) : std::nullopt;
  }
  Operation *op = value.getDefiningOp();
  if (!op || depth == 0 || op->getNumResults() != 1 ||
      !isa<EvalOpInterface>(op))
    return std::nullopt;
  SmallVector<nncio::Tensor> operands;
  for (Value operand : op->getOperands()) {
    std::optional<nncio::Tensor> tensor = evaluate(operand, depth - 1);
    if (!tensor)
      return std::nullopt;
    operands.push_back(*tensor);
  }
  nncio::Result<std::vector<nncio::Tensor>> results = evaluateOp(op, operands);
  return results ? std::optional(results->front()) : std::nullopt;
}

std::optional<nncio::Tensor> mlir::nnc::evaluateConstant(Value value) {
  return evaluate(value, deepest);
}

SmallVector<int64_t> mlir::nnc::getBroadcastStrides(ArrayRef<int64_t> shape,
                                                    ArrayRef<int64_t> small) {
  SmallVector<int64_t> strides(shape.size(), 0);
  int64_t stride = 1, ahead = int64_t(shape.size()) - int64_t(small.size());
  for (int64_t axis = int64_t(small.size()) - 1; axis >= 0; --axis) {
    strides[ahead + axis] = small[axis] == 1 ? 0 : stride;
    stride *= small[axis];
  }
  return strides;
}

int64_t mlir::nnc::getBroadcastPlace(int64_t i, ArrayRef<int64_t> shape,
                                     ArrayRef<int64_t> strides) {
  int64_t place = 0;
  for (int64_t axis = int64_t(shape.size()) - 1; axis >= 0; --axis) {
    place += i % shape[axis] * strides[axis];
    i /= shape[axis];
  }
  return place;
}
