//===----------------------------------------------------------------------===//
// Ops that can compute some rows of their result from some of their operands'.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_INTERFACES_ROWBANDOPINTERFACE_H
#define NNC_INTERFACES_ROWBANDOPINTERFACE_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpDefinition.h"

#include <optional>

namespace mlir::nnc {

/// The places [begin, end) along one axis of a tensor.
struct RowBand {
  int64_t axis = 0, begin = 0, end = 0;

  int64_t size() const { return end - begin; }
  bool operator==(const RowBand &other) const {
    return axis == other.axis && begin == other.begin && end == other.end;
  }
};

/// One an operand; nullopt: all of it.
using OperandBands = SmallVector<std::optional<RowBand>>;

/// `type` with the size of `band` along its axis.
RankedTensorType getBandType(Type type, RowBand band);

/// A window that slides along an axis of `inputSize` elements.
struct BandWindow {
  int64_t kernel, stride, dilation, padBegin, inputSize;
};

/// The part of the input that a band of windows reads, and the padding that
/// remains before and behind it. Empty parts are possible only for windows of
/// padding alone.
struct WindowBand {
  RowBand input;
  int64_t padBegin, padEnd;
};
WindowBand getWindowBand(const BandWindow &window, RowBand result);

/// What an operand that broadcasts to the shape of a result is read by for
/// `result`: dimensions are aligned at their last.
std::optional<RowBand> getBroadcastBand(Value operand, RowBand result,
                                        int64_t resultRank);

/// As the methods of the interface, for element-wise ops, empty tensors and ops
/// that have it; other ops can't.
LogicalResult getOperandBands(Operation *op, RowBand result,
                              OperandBands &operands);
int64_t getBandAlignment(Operation *op, int64_t axis);
Value buildBand(OpBuilder &builder, Operation *op, RowBand result,
                ValueRange operands);

namespace detail {
/// The same op on `operands`, its result of the size of `band`.
Operation *cloneForBand(OpBuilder &builder, Operation *op, RowBand band,
                        ValueRange operands);
} // namespace detail

} // namespace mlir::nnc

#include "nnc/Interfaces/RowBandOpInterface.h.inc"

#endif // NNC_INTERFACES_ROWBANDOPINTERFACE_H
