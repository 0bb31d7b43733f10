//===----------------------------------------------------------------------===//
// The expansions of the kern ops.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_KERN_TRANSFORMS_EXPAND_H
#define NNC_DIALECTS_KERN_TRANSFORMS_EXPAND_H

#include "RowProducer.h"
#include "dialects/Kern/IR/KernDialect.h"

namespace mlir::nnc::kern {

/// Each writes `op`, on memrefs and with a tiling, as loops in front of it.
/// Fails with a diagnostic if it can't.
LogicalResult expandAttention(OpBuilder &builder, AttentionOp op,
                              hw::TargetAttr target);
LogicalResult expandGemm(OpBuilder &builder, GemmOp op, hw::TargetAttr target);
/// Products with one left operand, which is not read, but made by `producer`:
/// the units of all are one loop, in front of the last of them.
LogicalResult expandGemms(OpBuilder &builder, ArrayRef<GemmOp> ops,
                          hw::TargetAttr target, RowProducer &producer);
LogicalResult expandConv(OpBuilder &builder, ConvOp op, hw::TargetAttr target);
LogicalResult expandDepthwise(OpBuilder &builder, DepthwiseOp op,
                              hw::TargetAttr target);
/// The same for products of bytes.
LogicalResult expandByteDepthwise(OpBuilder &builder, DepthwiseOp op,
                                  hw::TargetAttr target);
LogicalResult expandSparse(OpBuilder &builder, SparseOp op,
                           hw::TargetAttr target);
LogicalResult expandWinograd(OpBuilder &builder, WinogradOp op,
                             hw::TargetAttr target);

/// The lines of a depthwise convolution of known sizes as rows for a product;
/// null, with a diagnostic, if it can't be expanded.
std::unique_ptr<RowProducer>
createDepthwiseRows(OpBuilder &builder, DepthwiseOp op, hw::TargetAttr target);

/// Normalized rows for products, `rowsOfUnit` at a time.
std::unique_ptr<RowProducer> createNormalizedRows(OpBuilder &builder,
                                                  NormalizeOp op,
                                                  hw::TargetAttr target,
                                                  int64_t rowsOfUnit);

} // namespace mlir::nnc::kern

#endif // NNC_DIALECTS_KERN_TRANSFORMS_EXPAND_H
