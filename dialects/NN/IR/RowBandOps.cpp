//===----------------------------------------------------------------------===//
// The ops that can compute some rows of their result.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/RowBandOps.h"

#include "dialects/NN/IR/HostScalars.h"
#include "dialects/NN/IR/NNConstants.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "nnc/Interfaces/RowBandOpInterface.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

static RankedTensorType typeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType());
}

/// The same places of the first operand, all of the others.
static void addSameBand(Operation *op, RowBand result, OperandBands &operands) {
  operands.push_back(result);
  operands.append(op->getNumOperands() - 1, std::nullopt);
}

namespace {
//===----------------------------------------------------------------------===//
// Products and windows
//===----------------------------------------------------------------------===//

/// Rows of the left matrix, or matrices of a batch.
struct BandedMatMul
    : RowBandOpInterface::ExternalModel<BandedMatMul, MatMulOp> {
  LogicalResult getOperandBands(Operation *self, RowBand result,
                                OperandBands &operands) const {
    auto op = cast<MatMulOp>(self);
    int64_t rank = typeOf(op.getResult()).getRank();
    int64_t left = typeOf(op.getLhs()).getRank();
    int64_t right = typeOf(op.getRhs()).getRank();
    if (left < 2 || right < 2 || result.axis == rank - 1)
      return failure();
    operands.push_back(getBroadcastBand(op.getLhs(), result, rank));
    operands.push_back(result.axis == rank - 2
                           ? std::nullopt
                           : getBroadcastBand(op.getRhs(), result, rank));
    return success();
  }
};

/// Sizes of the window of a pooling or convolution along its axes.
template <typename OpTy>
SmallVector<int64_t> getKernelSizes(OpTy op) {
  return SmallVector<int64_t>(op.getKernel());
}
template <>
SmallVector<int64_t> getKernelSizes(ConvOp op) {
  return SmallVector<int64_t>(
      typeOf(op.getFilter()).getShape().take_back(op.getStrides().size()));
}

/// Windows with padding that is written out. `ceil_mode` becomes padding.
template <typename OpTy>
struct BandedWindow
    : RowBandOpInterface::ExternalModel<BandedWindow<OpTy>, OpTy> {
  static std::optional<WindowBand> findBand(OpTy op, RowBand result) {
    int64_t number = result.axis - getFirstSpatialAxis(op.getChannelsLast());
    if (number < 0 || number >= int64_t(op.getStrides().size()) ||
        op.getAutoPad() != AutoPad::NotSet)
      return std::nullopt;
    BandWindow window{getKernelSizes(op)[number], op.getStrides()[number],
                      op.getDilations()[number], op.getPads()[number],
                      typeOf(op.getInput()).getDimSize(result.axis)};
    WindowBand band = getWindowBand(window, result);
    if (band.input.size() <= 0)
      return std::nullopt;
    return band;
  }
  LogicalResult getOperandBands(Operation *self, RowBand result,
                                OperandBands &operands) const {
    auto op = cast<OpTy>(self);
    if (result.axis == 0) {
      addSameBand(op, result, operands);
      return success();
    }
    std::optional<WindowBand> band = findBand(op, result);
    if (!band)
      return failure();
    addSameBand(op, band->input, operands);
    return success();
  }
  Value buildBand(Operation *self, OpBuilder &builder, RowBand result,
                  ValueRange operands) const {
    auto op = cast<OpTy>(self);
    auto copy =
        cast<OpTy>(nnc::detail::cloneForBand(builder, op, result, operands));
    if (result.axis == 0)
      return copy.getResult();
    WindowBand band = *findBand(op, result);
    int64_t number = result.axis - getFirstSpatialAxis(op.getChannelsLast());
    SmallVector<int64_t> pads(op.getPads());
    pads[number] = band.padBegin;
    pads[number + int64_t(pads.size()) / 2] = band.padEnd;
    copy.setPads(pads);
    if constexpr (!std::is_same_v<OpTy, ConvOp>)
      copy.setCeilMode(false);
    return copy.getResult();
  }
};

/// What `ceil_mode` reads behind the padding never counts, padding may.
struct BandedAveragePool
    : RowBandOpInterface::ExternalModel<BandedAveragePool, AveragePoolOp> {
  LogicalResult getOperandBands(Operation *self, RowBand result,
                                OperandBands &operands) const {
    auto op = cast<AveragePoolOp>(self);
    if (op.getCeilMode() && op.getCountIncludePad())
      return failure();
    return BandedWindow<AveragePoolOp>().getOperandBands(self, result,
                                                         operands);
  }
  Value buildBand(Operation *self, OpBuilder &builder, RowBand result,
                  ValueRange operands) const {
    return BandedWindow<AveragePoolOp>().buildBand(self, builder, result,
                                                   operands);
  }
};

//===----------------------------------------------------------------------===//
// Movements
//===----------------------------------------------------------------------===//

struct BandedTranspose
    : RowBandOpInterface::ExternalModel<BandedTranspose, TransposeOp> {
  LogicalResult getOperandBands(Operation *self, RowBand result,
                                OperandBands &operands) const {
    int64_t from = cast<TransposeOp>(self).getPermutation()[result.axis];
    operands.push_back(RowBand{from, result.begin, result.end});
    return success();
  }
};

struct BandedConcat
    : RowBandOpInterface::ExternalModel<BandedConcat, ConcatOp> {
  LogicalResult getOperandBands(Operation *self, RowBand result,
                                OperandBands &operands) const {
    auto op = cast<ConcatOp>(self);
    int64_t axis = op.getAxis();
    if (axis < 0)
      axis += typeOf(op.getResult()).getRank();
    if (axis == result.axis)
      return failure();
    operands.append(op->getNumOperands(), result);
    return success();
  }
};

/// An op on one tensor that leaves the axes apart that it does not name.
template <typename OpTy, typename GetAxes>
LogicalResult addBandBeside(OpTy op, GetAxes getAxes, RowBand result,
                            OperandBands &operands) {
  if (llvm::is_contained(getAxes(op), result.axis))
    return failure();
  addSameBand(op, result, operands);
  return success();
}

struct BandedSlice : RowBandOpInterface::ExternalModel<BandedSlice, SliceOp> {
  LogicalResult getOperandBands(Operation *self, RowBand result,
                                OperandBands &operands) const {
    return addBandBeside(
        cast<SliceOp>(self), [](SliceOp op) { return op.getAxes(); }, result,
        operands);
  }
};

//===----------------------------------------------------------------------===//
// Reductions
//===----------------------------------------------------------------------===//

struct BandedSoftmax
    : RowBandOpInterface::ExternalModel<BandedSoftmax, SoftmaxOp> {
  LogicalResult getOperandBands(Operation *self, RowBand result,
                                OperandBands &operands) const {
    auto getAxes = [](SoftmaxOp op) {
      int64_t axis = op.getAxis();
      return SmallVector<int64_t>{
          axis < 0 ? axis + typeOf(op.getResult()).getRank() : axis};
    };
    return addBandBeside(cast<SoftmaxOp>(self), getAxes, result, operands);
  }
};

struct BandedNormalize
    : RowBandOpInterface::ExternalModel<BandedNormalize, NormalizeOp> {
  LogicalResult getOperandBands(Operation *self, RowBand result,
                                OperandBands &operands) const {
    auto op = cast<NormalizeOp>(self);
    if (llvm::is_contained(op.getAxes(), result.axis))
      return failure();
    operands.push_back(result);
    for (Value factor : op->getOperands().drop_front())
      operands.push_back(
          getBroadcastBand(factor, result, typeOf(op.getResult()).getRank()));
    return success();
  }
};

struct BandedReduce
    : RowBandOpInterface::ExternalModel<BandedReduce, ReduceOp> {
  LogicalResult getOperandBands(Operation *self, RowBand result,
                                OperandBands &operands) const {
    auto op = cast<ReduceOp>(self);
    SmallVector<int64_t> kept;
    for (int64_t axis = 0; axis < typeOf(op.getInput()).getRank(); ++axis)
      if (op.getKeepDims() || !llvm::is_contained(op.getAxes(), axis))
        kept.push_back(axis);
    int64_t from = kept[result.axis];
    if (llvm::is_contained(op.getAxes(), from))
      return failure();
    operands.push_back(RowBand{from, result.begin, result.end});
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Resizing
//===----------------------------------------------------------------------===//

/// Along axes that grow by a whole factor: the nearest place before, or the
/// means of neighbours around half places. Of these a row of the input more is
/// resized on each side, and what it gives is cut off.
struct BandedResize
    : RowBandOpInterface::ExternalModel<BandedResize, ResizeOp> {
  /// 0 if the axis does not grow by a factor whose positions are exact.
  static int64_t getFactor(ResizeOp op, int64_t axis) {
    int64_t from = typeOf(op.getInput()).getDimSize(axis);
    int64_t to = typeOf(op.getResult()).getDimSize(axis);
    return from > 0 && to % from == 0 && llvm::isPowerOf2_64(to / from)
               ? to / from
               : 0;
  }
  static bool isNearest(ResizeOp op) {
    return op.getMode() == Interpolation::nearest &&
           op.getCoordinates() == CoordinateMode::asymmetric &&
           op.getRounding() == NearestRounding::floor;
  }
  static bool isLinear(ResizeOp op) {
    return op.getMode() == Interpolation::linear && !op.getExcludeOutside() &&
           op.getCoordinates() == CoordinateMode::half_pixel;
  }
  static bool changes(ResizeOp op, int64_t axis) {
    return llvm::is_contained(op.getAxes(), axis);
  }
  /// Rows of the input; of the nearest ones just those, else one more each
  /// side.
  static RowBand getInputBand(ResizeOp op, RowBand result) {
    int64_t factor = getFactor(op, result.axis);
    int64_t more = isNearest(op) ? 0 : 1;
    int64_t size = typeOf(op.getInput()).getDimSize(result.axis);
    return {
        result.axis, std::max<int64_t>(result.begin / factor - more, 0),
        std::min<int64_t>(llvm::divideCeil(result.end, factor) + more, size)};
  }

  int64_t getBandAlignment(Operation *self, int64_t axis) const {
    auto op = cast<ResizeOp>(self);
    return changes(op, axis) && isNearest(op)
               ? std::max<int64_t>(getFactor(op, axis), 1)
               : 1;
  }
  LogicalResult getOperandBands(Operation *self, RowBand result,
                                OperandBands &operands) const {
    auto op = cast<ResizeOp>(self);
    RowBand input = result;
    if (changes(op, result.axis)) {
      if (op.getRoi() || !(isNearest(op) || isLinear(op)) ||
          getFactor(op, result.axis) == 0)
        return failure();
      input = getInputBand(op, result);
    }
    addSameBand(op, input, operands);
    return success();
  }
  Value buildBand(Operation *self, OpBuilder &builder, RowBand result,
                  ValueRange operands) const {
    auto op = cast<ResizeOp>(self);
    if (!changes(op, result.axis))
      return nnc::detail::cloneForBand(builder, op, result, operands)
          ->getResult(0);
    RowBand input = getInputBand(op, result);
    int64_t factor = getFactor(op, result.axis);
    RowBand whole{result.axis, input.begin * factor, input.end * factor};
    RankedTensorType type = getBandType(op.getType(), whole);
    SmallVector<int64_t> sizes;
    for (int64_t axis : op.getAxes())
      sizes.push_back(type.getDimSize(axis));
    SmallVector<Value> own(operands);
    own[1] = ConstantOp::create(builder, op.getLoc(),
                                builder.getI64TensorAttr(sizes));
    Value resized =
        nnc::detail::cloneForBand(builder, op, whole, own)->getResult(0);
    if (whole == result)
      return resized;
    SmallVector<OpFoldResult> offsets(type.getRank(), builder.getIndexAttr(0));
    SmallVector<OpFoldResult> steps(type.getRank(), builder.getIndexAttr(1));
    SmallVector<OpFoldResult> lengths;
    RankedTensorType cut = getBandType(op.getType(), result);
    for (int64_t size : cut.getShape())
      lengths.push_back(builder.getIndexAttr(size));
    offsets[result.axis] = builder.getIndexAttr(result.begin - whole.begin);
    return tensor::ExtractSliceOp::create(builder, op.getLoc(), cut, resized,
                                          offsets, lengths, steps);
  }
};
} // namespace

void nn::attachRowBandOpInterface(MLIRContext &context) {
  AveragePoolOp::attachInterface<BandedAveragePool>(context);
  ConcatOp::attachInterface<BandedConcat>(context);
  ConvOp::attachInterface<BandedWindow<ConvOp>>(context);
  LpPoolOp::attachInterface<BandedWindow<LpPoolOp>>(context);
  MatMulOp::attachInterface<BandedMatMul>(context);
  MaxPoolOp::attachInterface<BandedWindow<MaxPoolOp>>(context);
  NormalizeOp::attachInterface<BandedNormalize>(context);
  ReduceOp::attachInterface<BandedReduce>(context);
  ResizeOp::attachInterface<BandedResize>(context);
  SliceOp::attachInterface<BandedSlice>(context);
  SoftmaxOp::attachInterface<BandedSoftmax>(context);
  TransposeOp::attachInterface<BandedTranspose>(context);
}
