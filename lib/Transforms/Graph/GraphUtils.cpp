//===----------------------------------------------------------------------===//
// What passes on graphs share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "GraphUtils.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "nnc/Interfaces/ShapeOpInterface.h"

using namespace mlir;
using namespace mlir::nnc;

void mlir::nnc::narrowType(OpResult result, RankedTensorType type) {
  Type old = result.getType();
  result.setType(type);
  // Only ops with a shape function may see their operands change.
  SmallVector<OpOperand *> others;
  for (OpOperand &use : result.getUses())
    if (!isa<ShapeOpInterface, tensor::DimOp, tensor::ExtractOp,
             tensor::CastOp>(use.getOwner()))
      others.push_back(&use);
  if (others.empty())
    return;
  OpBuilder builder(result.getContext());
  builder.setInsertionPointAfterValue(result);
  Value cast = tensor::CastOp::create(builder, result.getLoc(), old, result);
  for (OpOperand *use : others)
    use->set(cast);
}
