//===----------------------------------------------------------------------===//
// Lets element-wise loops write over the operand that they read.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "mlir/Interfaces/DestinationStyleOpInterface.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_COMPUTEINPLACEPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

/// True if `operand` is made in this kernel for `op` alone, and `op` reads each
/// element where it writes its result.
static bool isOverwritable(linalg::GenericOp op, OpOperand *operand,
                           OpOperand *init) {
  Value value = operand->get();
  return value.hasOneUse() && value.getType() == init->get().getType() &&
         value.getDefiningOp<DestinationStyleOpInterface>() &&
         op.getMatchingIndexingMap(operand) == op.getMatchingIndexingMap(init);
}

/// The operand that the result of `op` can take the place of, or null.
static OpOperand *findOverwritable(linalg::GenericOp op) {
  // What a loop carries must stay in the place that it came in.
  if (!isa<func::FuncOp>(op->getParentOp()) ||
      op.getNumLoops() != op.getNumParallelLoops() || op.getNumDpsInits() != 1)
    return nullptr;
  OpOperand *init = op.getDpsInitOperand(0);
  if (!init->get().getDefiningOp<tensor::EmptyOp>() ||
      op.payloadUsesValueFromOperand(init))
    return nullptr;
  for (OpOperand *operand : op.getDpsInputOperands())
    if (isOverwritable(op, operand, init))
      return operand;
  return nullptr;
}

/// ins(%a, %b) outs(%empty) becomes ins(%b) outs(%a).
static void overwrite(linalg::GenericOp op, OpOperand *operand) {
  OpBuilder builder(op);
  unsigned number = operand->getOperandNumber();
  SmallVector<Value> inputs(op.getInputs());
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  Value target = operand->get();
  inputs.erase(inputs.begin() + number);
  maps.erase(maps.begin() + number);
  auto copy = linalg::GenericOp::create(builder, op.getLoc(),
                                        op.getResultTypes(), inputs, target,
                                        maps, op.getIteratorTypesArray());
  copy.getRegion().takeBody(op.getRegion());
  Block &body = copy.getRegion().front();
  body.getArgument(number).replaceAllUsesWith(body.getArguments().back());
  body.eraseArgument(number);
  op.replaceAllUsesWith(copy.getResults());
  op.erase();
}

namespace {
struct ComputeInPlace : nnc::impl::ComputeInPlacePassBase<ComputeInPlace> {
  void runOnOperation() override {
    if (!getOperation()->hasAttr(kernelAttrName))
      return;
    SmallVector<linalg::GenericOp> ops;
    getOperation().walk([&](linalg::GenericOp op) { ops.push_back(op); });
    for (linalg::GenericOp op : ops)
      if (OpOperand *operand = findOverwritable(op))
        overwrite(op, operand);
  }
};
} // namespace
