//===----------------------------------------------------------------------===//
// Brings the constant operands of contractions into panels.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "KernelMerging.h"
#include "PackNarrowWeights.h"
#include "nnc/Transforms/Passes.h"

#include "dialects/Kern/IR/KernDialect.h"
#include "dialects/NN/IR/WeightTransforms.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_PACKWEIGHTSPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

static SmallVector<Attribute> getTransforms(const kern::Packing &packing,
                                            MLIRContext *context) {
  SmallVector<Attribute> transforms;
  if (packing.winogradTile)
    transforms.push_back(nn::WinogradAttr::get(context, packing.winogradTile));
  transforms.push_back(nn::RelayoutAttr::get(context, packing.shape,
                                             packing.pads, packing.split,
                                             packing.permutation));
  return transforms;
}

/// Replaces the operand by a packed one; false if it is no constant, or has no
/// elements: parts of 0 say nothing.
static bool pack(kern::ContractionOpInterface op, nn::KernelOp kernel) {
  Value viewed = getViewed(op.getPackedOperand().get());
  auto argument = dyn_cast<BlockArgument>(viewed);
  Block &body = kernel.getBody().front();
  auto type = cast<RankedTensorType>(viewed.getType());
  if (!type.hasStaticShape() || type.getNumElements() == 0 ||
      (argument && argument.getOwner() != &body))
    return false;
  Value constant =
      argument ? kernel.getInputs()[argument.getArgNumber()] : viewed;
  Operation *views = op.getPackedOperand().get().getDefiningOp();
  kern::Packing packing = op.getPacking();
  // What was small enough to be made in the kernel is not when it is padded.
  OpBuilder builder(kernel);
  Operation *inKernel = argument ? nullptr : constant.getDefiningOp();
  if (inKernel && !isa<nn::ConstantOp>(inKernel))
    return false;
  if (inKernel)
    constant = builder.clone(*inKernel)->getResult(0);
  FailureOr<Value> packed = nn::transformWeight(
      builder, constant, getTransforms(packing, op->getContext()));
  if (failed(packed))
    return false;
  kernel.getInputsMutable().append(*packed);
  op.setPacked(body.addArgument(packed->getType(), packed->getLoc()));
  eraseUnusedViews(views);
  if (inKernel && inKernel->use_empty())
    inKernel->erase();
  dropUnusedInputs(kernel);
  return true;
}

namespace {
struct PackWeights : nnc::impl::PackWeightsPassBase<PackWeights> {
  void runOnOperation() override {
    getOperation().walk([&](nn::KernelOp kernel) {
      SmallVector<kern::ContractionOpInterface> ops;
      for (Operation &op : kernel.getBody().front())
        if (auto contraction = dyn_cast<kern::ContractionOpInterface>(op))
          ops.push_back(contraction);
      for (kern::ContractionOpInterface op : ops)
        if (!op.isPacked() &&
            cast<kern::EpilogueOpInterface>(op.getOperation()).getTilingAttr())
          numPacked += pack(op, kernel);
      for (auto op : llvm::make_early_inc_range(
               kernel.getBody().front().getOps<kern::NarrowGemmOp>()))
        if (!op.getPacked() && op.getTilingAttr())
          numPacked += packNarrow(op, kernel);
    });
  }
};
} // namespace
