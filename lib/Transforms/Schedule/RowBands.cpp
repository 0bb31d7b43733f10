//===----------------------------------------------------------------------===//
// Which rows of their inputs kernels read for some rows of their result.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "RowBands.h"

#include "nnc/Analysis/ScheduleLifetimes.h"

#include <numeric>

using namespace mlir;
using namespace mlir::nnc;

std::optional<int64_t> mlir::nnc::findRowAxis(Value tensor) {
  auto type = dyn_cast<RankedTensorType>(tensor.getType());
  if (!type || !type.hasStaticShape() || type.getNumElements() == 0)
    return std::nullopt;
  for (auto [axis, size] : llvm::enumerate(type.getShape()))
    if (size != 1)
      return int64_t(axis);
  return std::nullopt;
}

RowBand mlir::nnc::getAllRows(Value tensor) {
  int64_t axis = *findRowAxis(tensor);
  return {axis, 0, cast<RankedTensorType>(tensor.getType()).getDimSize(axis)};
}

int64_t mlir::nnc::getRowBytes(Value tensor) {
  return getStaticBytes(cast<RankedTensorType>(tensor.getType())) /
         getAllRows(tensor).size();
}

RowBand mlir::nnc::getViewedRows(nn::ReshapeOp view, RowBand &band) {
  RowBand from = getAllRows(view.getInput());
  int64_t fromBytes = getRowBytes(view.getInput());
  int64_t toBytes = getRowBytes(view.getResult());
  int64_t unit = std::lcm(fromBytes, toBytes);
  int64_t all = fromBytes * from.size();
  int64_t begin = band.begin * toBytes / unit * unit;
  int64_t end = std::min<int64_t>(
      int64_t(llvm::alignTo(uint64_t(band.end * toBytes), uint64_t(unit))),
      all);
  band.begin = begin / toBytes;
  band.end = end / toBytes;
  return {from.axis, begin / fromBytes, end / fromBytes};
}

int64_t mlir::nnc::getBandAlignment(nn::KernelOp kernel, int64_t axis) {
  int64_t alignment = 1;
  for (Operation &op : kernel.getBody().front().without_terminator())
    alignment = std::lcm(alignment, getBandAlignment(&op, axis));
  return alignment;
}

namespace {
/// Goes from a kernel's result to its inputs.
class BandAnalysis {
public:
  BandAnalysis(nn::KernelOp kernel, RowBand result) : kernel(kernel) {
    band.result = result;
  }

  bool run();
  KernelBand band;

private:
  bool visit(Operation &op);
  bool need(Value value, std::optional<RowBand> rows);

  nn::KernelOp kernel;
  /// What is needed of the values of the body.
  DenseMap<Value, std::optional<RowBand>> needs;
};
} // namespace

/// False if different parts of a value inside are needed.
bool BandAnalysis::need(Value value, std::optional<RowBand> rows) {
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument) {
    auto [known, isNew] = needs.try_emplace(value, rows);
    return isNew || known->second == rows;
  }
  unsigned number = argument.getArgNumber();
  bool isKnown = llvm::any_of(band.inputs, [&](const KernelBand::Input &input) {
    return input.number == number && input.band == rows;
  });
  if (!isKnown)
    band.inputs.push_back({number, rows});
  return true;
}

bool BandAnalysis::visit(Operation &op) {
  std::optional<RowBand> rows;
  bool isNeeded = false;
  for (Value result : op.getResults())
    if (auto known = needs.find(result); known != needs.end()) {
      isNeeded = true;
      rows = known->second;
    }
  if (!isNeeded)
    return true;
  if (!rows) {
    band.wholes.insert(&op);
    return llvm::all_of(op.getOperands(), [&](Value operand) {
      return need(operand, std::nullopt);
    });
  }
  int64_t alignment = getBandAlignment(&op, rows->axis);
  auto type = cast<RankedTensorType>(op.getResult(0).getType());
  if (rows->begin % alignment != 0 ||
      (rows->end % alignment != 0 && rows->end != type.getDimSize(rows->axis)))
    return false;
  OperandBands operands;
  if (failed(getOperandBands(&op, *rows, operands)))
    return false;
  band.bands[&op] = *rows;
  return llvm::all_of(llvm::zip(op.getOperands(), operands), [&](auto pair) {
    return need(std::get<0>(pair), std::get<1>(pair));
  });
}

bool BandAnalysis::run() {
  Block &body = kernel.getBody().front();
  if (kernel->getNumResults() != 1 ||
      !need(body.getTerminator()->getOperand(0), band.result))
    return false;
  for (Operation &op : llvm::reverse(body.without_terminator()))
    if (!visit(op))
      return false;
  return true;
}

std::optional<KernelBand> mlir::nnc::analyzeBand(nn::KernelOp kernel,
                                                 RowBand result) {
  BandAnalysis analysis(kernel, result);
  if (!analysis.run())
    return std::nullopt;
  return std::move(analysis.band);
}
