//===----------------------------------------------------------------------===//
// Ops that can compute some rows of their result from some of their operands'.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Interfaces/RowBandOpInterface.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "nnc/Interfaces/ScalarOpInterface.h"

using namespace mlir;
using namespace mlir::nnc;

#include "nnc/Interfaces/RowBandOpInterface.cpp.inc"

RankedTensorType mlir::nnc::getBandType(Type type, RowBand band) {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<int64_t> shape(tensor.getShape());
  shape[band.axis] = band.size();
  return tensor.clone(shape);
}

WindowBand mlir::nnc::getWindowBand(const BandWindow &window, RowBand result) {
  int64_t first = result.begin * window.stride - window.padBegin;
  int64_t last = (result.end - 1) * window.stride - window.padBegin +
                 (window.kernel - 1) * window.dilation;
  auto clamp = [&](int64_t place) {
    return std::clamp<int64_t>(place, 0, window.inputSize);
  };
  WindowBand band;
  band.input = {result.axis, clamp(first), clamp(last + 1)};
  band.padBegin = band.input.begin - first;
  band.padEnd = last + 1 - band.input.end;
  return band;
}

std::optional<RowBand>
mlir::nnc::getBroadcastBand(Value operand, RowBand result, int64_t resultRank) {
  auto type = dyn_cast<RankedTensorType>(operand.getType());
  int64_t axis = type ? result.axis - (resultRank - type.getRank()) : -1;
  if (axis < 0 || type.getDimSize(axis) == 1)
    return std::nullopt;
  return RowBand{axis, result.begin, result.end};
}

LogicalResult mlir::nnc::getOperandBands(Operation *op, RowBand result,
                                         OperandBands &operands) {
  if (op->getNumResults() != 1)
    return failure();
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type || !type.hasStaticShape())
    return failure();
  if (isa<tensor::EmptyOp>(op))
    return success();
  if (isa<ScalarOpInterface>(op)) {
    for (Value operand : op->getOperands())
      operands.push_back(getBroadcastBand(operand, result, type.getRank()));
    return success();
  }
  auto banded = dyn_cast<RowBandOpInterface>(op);
  return banded ? banded.getOperandBands(result, operands) : failure();
}

int64_t mlir::nnc::getBandAlignment(Operation *op, int64_t axis) {
  auto banded = dyn_cast<RowBandOpInterface>(op);
  return banded ? banded.getBandAlignment(axis) : 1;
}

Value mlir::nnc::buildBand(OpBuilder &builder, Operation *op, RowBand result,
                           ValueRange operands) {
  if (auto banded = dyn_cast<RowBandOpInterface>(op))
    return banded.buildBand(builder, result, operands);
  return detail::cloneForBand(builder, op, result, operands)->getResult(0);
}

Operation *mlir::nnc::detail::cloneForBand(OpBuilder &builder, Operation *op,
                                           RowBand band, ValueRange operands) {
  IRMapping mapping;
  mapping.map(op->getOperands(), operands);
  Operation *copy = builder.clone(*op, mapping);
  // An operand that is there twice may have been cut in two ways.
  copy->setOperands(operands);
  Value result = copy->getResult(0);
  result.setType(getBandType(result.getType(), band));
  return copy;
}
