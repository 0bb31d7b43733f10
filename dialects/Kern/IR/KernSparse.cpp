//===----------------------------------------------------------------------===//
// kern.sparse: verifier and sizes.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/Kern/IR/KernSizes.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::kern;

void SparseOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addKernEffects(cast<DestinationStyleOpInterface>(getOperation()), effects);
}

ArrayRef<int64_t> SparseOp::getWindowPart(unsigned part) {
  if (!getWindow())
    return {};
  int64_t rank = getWindow()->size() / 5;
  return getWindow()->slice(part * rank, rank);
}

int64_t SparseOp::getNumBlocks() {
  return shapedTypeOf(getValues()).getDimSize(0);
}

int64_t SparseOp::getDepth() {
  int64_t channels = shapedTypeOf(getLhs()).getShape().back();
  return multiplySizes({channels, multiplySizes(getWindowPart(0))});
}

/// The lists of a window.
static LogicalResult verifyWindow(SparseOp op) {
  if (!op.getWindow())
    return success();
  int64_t size = op.getWindow()->size();
  int64_t rank = shapedTypeOf(op.getLhs()).getRank() - 2;
  if (rank < 1 || rank > 3 || size != 5 * rank)
    return op.emitOpError("expects a window of five numbers for each of one to "
                          "three spatial axes, but got ")
           << size << " for " << op.getLhs().getType();
  for (auto [index, number] : llvm::enumerate(*op.getWindow()))
    if (number < (int64_t(index) < 3 * rank ? 1 : 0))
      return op.emitOpError("expects sizes, strides and dilations of 1 or more "
                            "and pads of 0 or more, but got ")
             << op.getWindowAttr();
  return success();
}

/// The blocks, and where they stand.
static LogicalResult verifyBlocks(SparseOp op) {
  ShapedType values = shapedTypeOf(op.getValues()),
             starts = shapedTypeOf(op.getStarts()),
             places = shapedTypeOf(op.getPlaces()),
             result = shapedTypeOf(op.getInit());
  int64_t columns = op.getColumns(), dot = op.getDot();
  if (columns < 1 || (dot != 1 && dot != 2 && dot != 4))
    return op.emitOpError("expects 'columns' of 1 or more and 'dot' of 1, 2 or "
                          "4, but got ")
           << columns << " and " << dot;
  if (!starts.getElementType().isInteger(32) ||
      !places.getElementType().isInteger(32) || starts.getRank() != 1 ||
      places.getRank() != 1)
    return op.emitOpError("expects starts and places of i32 and rank 1, but "
                          "got ")
           << starts << " and " << places;
  if (ShapedType::isDynamic(result.getShape().back()) ||
      ShapedType::isDynamic(op.getDepth()) || values.getRank() != 2 ||
      !values.hasStaticShape())
    return op.emitOpError("expects a known number of columns, of the depth and "
                          "of blocks");
  int64_t groups = llvm::divideCeil(result.getShape().back(), columns);
  if (values.getDimSize(1) != columns * dot ||
      places.getDimSize(0) != values.getDimSize(0) ||
      starts.getDimSize(0) != groups + 1)
    return op.emitOpError("expects ")
           << columns * dot << " values and one place a block, and "
           << groups + 1 << " starts, but got " << values << ", " << places
           << " and " << starts;
  return success();
}

LogicalResult SparseOp::verify() {
  if (failed(verifyKernEpilogue(cast<EpilogueOpInterface>(getOperation()),
                                getExtras())) ||
      failed(verifyWindow(*this)) || failed(verifyBlocks(*this)))
    return failure();
  ShapedType lhs = shapedTypeOf(getLhs()), result = shapedTypeOf(getInit());
  if (lhs.getRank() != result.getRank() || lhs.getRank() < 2)
    return emitOpError("expects operands of equal rank, at least 2, but got ")
           << lhs << " and " << result;
  int64_t shared = getWindow() ? 1 : lhs.getRank() - 1;
  for (int64_t axis = 0; axis < shared; ++axis)
    if (!ShapedType::isDynamic(lhs.getDimSize(axis)) &&
        !ShapedType::isDynamic(result.getDimSize(axis)) &&
        lhs.getDimSize(axis) != result.getDimSize(axis))
      return emitOpError("expects dimension ")
             << axis << " of the left operand to be " << result.getDimSize(axis)
             << ", but got " << lhs.getDimSize(axis);
  bool areBytes = multipliesBytes(*this);
  if (!areBytes && (getDot() != 1 || getFlips()))
    return emitOpError("expects operands of i8 and sums of i32 with 'dot' or "
                       "'flips'");
  if (areBytes && !lhs.getElementType().isInteger(8))
    return emitOpError("expects both operands to be of 8 bits");
  return success();
}

Extents SparseOp::getExtents() {
  ArrayRef<int64_t> shape = shapedTypeOf(getInit()).getShape();
  return {1,
          multiplySizes(shape.drop_back()),
          1,
          shape.back(),
          countSteps(getDepth(), getDot()),
          /*canSplitDepth=*/false};
}
