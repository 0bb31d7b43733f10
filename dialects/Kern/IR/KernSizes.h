//===----------------------------------------------------------------------===//
// What verifiers and packing of kern ops have in common.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_KERN_IR_KERNSIZES_H
#define NNC_DIALECTS_KERN_IR_KERNSIZES_H

#include "dialects/Kern/IR/KernDialect.h"

namespace mlir::nnc::kern {

inline ShapedType shapedTypeOf(Value value) {
  return cast<ShapedType>(value.getType());
}

/// Steps of `dot` products each that make `depth` of them.
inline int64_t countSteps(int64_t depth, int64_t dot) {
  return ShapedType::isDynamic(depth) ? depth : llvm::divideCeil(depth, dot);
}

/// Of two spatial axes; 1 of one.
inline int64_t getKernelHeight(DepthwiseOp op) {
  return op.getKernel().size() > 1 ? op.getKernel().front() : 1;
}

/// Channels of a packed filter of bytes: blocks of `dot` vectors.
inline int64_t getPaddedChannels(DepthwiseOp op) {
  return llvm::alignTo(shapedTypeOf(op.getInit()).getShape().back(),
                       op.getTilingAttr().getLanes() * int64_t(op.getDot()));
}

/// On memrefs: all inputs are read, the destination is written.
void addKernEffects(
    DestinationStyleOpInterface op,
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects);

/// What every op's epilogue and result must be like.
LogicalResult verifyKernEpilogue(EpilogueOpInterface op, ValueRange extras);

/// Reports a dimension that is known and not as it must be.
LogicalResult checkDim(Operation *op, StringRef what, int64_t axis,
                       int64_t size, int64_t expected);

} // namespace mlir::nnc::kern

#endif // NNC_DIALECTS_KERN_IR_KERNSIZES_H
