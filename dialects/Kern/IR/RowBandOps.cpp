//===----------------------------------------------------------------------===//
// The contractions that can compute some rows of their result.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/Kern/IR/RowBandOps.h"

#include "dialects/Kern/IR/KernDialect.h"
#include "nnc/Interfaces/RowBandOpInterface.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::kern;

static ArrayRef<int64_t> shapeOf(Value value) {
  return cast<ShapedType>(value.getType()).getShape();
}

/// The band of an extra operand that `map` reads for `result`: places of the
/// result to those of the operand.
static FailureOr<std::optional<RowBand>> getExtraBand(AffineMap map,
                                                      RowBand result) {
  std::optional<RowBand> band;
  for (auto [axis, place] : llvm::enumerate(map.getResults())) {
    if (!place.isFunctionOfDim(unsigned(result.axis)))
      continue;
    if (band || !isa<AffineDimExpr>(place))
      return failure();
    band = RowBand{int64_t(axis), result.begin, result.end};
  }
  return band;
}

/// Bands of all operands but the first: all of the weights, and what the
/// epilogue reads and the result is written to by the result's places.
static LogicalResult addOtherBands(EpilogueOpInterface op, RowBand result,
                                   OperandBands &operands) {
  MutableOperandRange extras = op.getExtrasMutable();
  unsigned number = 0;
  for (OpOperand &operand : op->getOpOperands().drop_front()) {
    if (operand.get() == op.getInit()) {
      operands.push_back(result);
      continue;
    }
    bool isExtra = llvm::any_of(extras, [&](OpOperand &extra) {
      return extra.getOperandNumber() == operand.getOperandNumber();
    });
    if (!isExtra) {
      operands.push_back(std::nullopt);
      continue;
    }
    auto map = cast<AffineMapAttr>(op.getExtraMaps()[number++]).getValue();
    FailureOr<std::optional<RowBand>> band = getExtraBand(map, result);
    if (failed(band))
      return failure();
    operands.push_back(*band);
  }
  return success();
}

namespace {
/// Rows of a product are those of its left operand.
struct BandedGemm : RowBandOpInterface::ExternalModel<BandedGemm, GemmOp> {
  LogicalResult getOperandBands(Operation *self, RowBand result,
                                OperandBands &operands) const {
    auto op = cast<GemmOp>(self);
    int64_t rank = int64_t(shapeOf(op.getInit()).size());
    if (result.axis < int64_t(op.getBatch()) || result.axis >= rank - 1 ||
        int64_t(shapeOf(op.getLhs()).size()) != rank)
      return failure();
    operands.push_back(result);
    return addOtherBands(op, result, operands);
  }
};

/// Windows of `ConcreteOp` over the spatial axes, which follow the batch.
template <typename ConcreteModel, typename ConcreteOp>
struct BandedWindow
    : RowBandOpInterface::ExternalModel<ConcreteModel, ConcreteOp> {
  static std::optional<WindowBand> findBand(ConcreteOp op, RowBand result) {
    ArrayRef<int64_t> shape = shapeOf(op.getInput());
    if (result.axis == 0 || result.axis >= int64_t(shape.size()) - 1)
      return std::nullopt;
    BandWindow window = ConcreteModel::getWindow(op, result.axis - 1);
    window.padBegin = op.getPads()[result.axis - 1];
    window.inputSize = shape[result.axis];
    WindowBand band = getWindowBand(window, result);
    if (band.input.size() <= 0)
      return std::nullopt;
    return band;
  }
  LogicalResult getOperandBands(Operation *self, RowBand result,
                                OperandBands &operands) const {
    auto op = cast<ConcreteOp>(self);
    if (result.axis == 0) {
      operands.push_back(result);
      return addOtherBands(op, result, operands);
    }
    std::optional<WindowBand> band = findBand(op, result);
    if (!band)
      return failure();
    operands.push_back(band->input);
    return addOtherBands(op, result, operands);
  }
  Value buildBand(Operation *self, OpBuilder &builder, RowBand result,
                  ValueRange operands) const {
    auto op = cast<ConcreteOp>(self);
    auto copy = cast<ConcreteOp>(
        nnc::detail::cloneForBand(builder, op, result, operands));
    if (std::optional<WindowBand> band = findBand(op, result)) {
      SmallVector<int64_t> pads(op.getPads());
      pads[result.axis - 1] = band->padBegin;
      pads[result.axis - 1 + int64_t(pads.size()) / 2] = band->padEnd;
      copy.setPads(pads);
    }
    return copy->getResult(0);
  }
};

struct BandedConv : BandedWindow<BandedConv, ConvOp> {
  static BandWindow getWindow(ConvOp op, int64_t number) {
    return {shapeOf(op.getFilter())[2 + number], op.getStrides()[number],
            op.getDilations()[number], 0, 0};
  }
};

struct BandedDepthwise : BandedWindow<BandedDepthwise, DepthwiseOp> {
  static BandWindow getWindow(DepthwiseOp op, int64_t number) {
    return {op.getKernel()[number], op.getStrides()[number],
            op.getDilations()[number], 0, 0};
  }
};

struct BandedWinograd : BandedWindow<BandedWinograd, WinogradOp> {
  static BandWindow getWindow(WinogradOp, int64_t) { return {3, 1, 1, 0, 0}; }

  /// Places of one tile are computed from the same sums.
  int64_t getBandAlignment(Operation *self, int64_t axis) const {
    return axis == 0 ? 1 : int64_t(cast<WinogradOp>(self).getTile());
  }
};
} // namespace

void kern::attachRowBandOpInterface(MLIRContext &context) {
  ConvOp::attachInterface<BandedConv>(context);
  DepthwiseOp::attachInterface<BandedDepthwise>(context);
  GemmOp::attachInterface<BandedGemm>(context);
  WinogradOp::attachInterface<BandedWinograd>(context);
}
