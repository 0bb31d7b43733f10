//===----------------------------------------------------------------------===//
// Verifier, effects and cost of kern.normalize.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/Kern/IR/KernSizes.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::kern;

void NormalizeOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addKernEffects(cast<DestinationStyleOpInterface>(getOperation()), effects);
}

LogicalResult NormalizeOp::verify() {
  ShapedType input = shapedTypeOf(getInput()), result = shapedTypeOf(getInit());
  bool isTensor = isa<RankedTensorType>(result);
  if (getOperation()->getNumResults() != (isTensor ? 1 : 0) ||
      (isTensor && getOperation()->getResult(0).getType() != result))
    return emitOpError("expects one result of the type of its destination, or "
                       "none where that is a memref");
  if (!input.getElementType().isF32() || input.getRank() < 1 ||
      result.getElementType() != input.getElementType() ||
      failed(verifyCompatibleShape(input, result)))
    return emitOpError("expects rows of f32 and a destination of their shape, "
                       "but got ")
           << input << " and " << result;
  int64_t depth = input.getShape().back();
  if (ShapedType::isDynamic(depth))
    return emitOpError("expects a known number of elements in a row");
  for (Value parameter : {getScale(), getBias()}) {
    if (!parameter)
      continue;
    ShapedType type = shapedTypeOf(parameter);
    if (type.getRank() != 1 || type.getDimSize(0) != depth ||
        type.getElementType() != input.getElementType())
      return emitOpError("expects 'scale' and 'bias' to have the ")
             << depth << " elements of a row, but got " << type;
  }
  return success();
}

/// Mean 1, deviation 1, variance 2, difference and factor 2.
std::optional<int64_t> NormalizeOp::getFlops() {
  ShapedType input = shapedTypeOf(getInput());
  if (!input.hasStaticShape())
    return std::nullopt;
  int64_t affine = (getScale() ? 1 : 0) + (getBias() ? 1 : 0);
  return input.getNumElements() * ((getUncentered() ? 3 : 6) + affine);
}
