//===----------------------------------------------------------------------===//
// Takes element-wise ops on results into epilogues.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/Kern/Transforms/Passes.h"

#include "dialects/Kern/IR/KernDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"

namespace mlir::nnc::kern {
#define GEN_PASS_DEF_KERNFUSEEPILOGUESPASS
#include "dialects/Kern/Transforms/Passes.h.inc"
} // namespace mlir::nnc::kern

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::kern;

/// A vector of bits lies otherwise in memory than bits do.
static bool isByteSized(Type element) {
  return element.isIntOrFloat() && element.getIntOrFloatBitWidth() >= 8;
}

/// True if the region has a vector form: single element-wise ops.
static bool isVectorizable(Block &body) {
  return llvm::all_of(body.without_terminator(), [](Operation &op) {
    return op.getNumResults() == 1 &&
           (OpTrait::hasElementwiseMappableTraits(&op) ||
            op.hasTrait<OpTrait::ConstantLike>());
  });
}

/// Why `generic` can't go into the epilogue of its operand `number`, or null.
static const char *findObstacle(linalg::GenericOp generic, unsigned number) {
  Value sum = generic->getOperand(number);
  if (!sum.hasOneUse())
    return "the result is read elsewhere too";
  if (generic->getNumResults() != 1 || generic.getNumReductionLoops())
    return "the reader is not element-wise";
  AffineMap output =
      generic.getMatchingIndexingMap(generic.getDpsInitOperand(0));
  if (!output.isIdentity() ||
      !generic.getMatchingIndexingMap(&generic->getOpOperand(number))
           .isIdentity())
    return "the reader moves elements";
  if (cast<ShapedType>(generic.getDpsInits()[0].getType()).getShape() !=
      cast<ShapedType>(sum.getType()).getShape())
    return "the shapes are not known to be equal";
  if (!generic.getRegionOutputArgs()[0].use_empty())
    return "the reader updates its destination";
  for (OpOperand *input : generic.getDpsInputOperands())
    if (!isVectorReadable(generic.getMatchingIndexingMap(input)))
      return "an operand is not read along the last axis";
  for (Value operand : generic->getOperands())
    if (auto type = dyn_cast<RankedTensorType>(operand.getType());
        !type || !isByteSized(type.getElementType()))
      return "an operand is no tensor of whole bytes";
  if (!isVectorizable(*generic.getBody()))
    return "the reader has no vector form";
  return nullptr;
}

/// Splices the region of `generic` behind the epilogue of `op`, whose result is
/// its operand `number`.
static void fuse(EpilogueOpInterface op, linalg::GenericOp generic,
                 unsigned number) {
  Block &body = op.getEpilogue().front();
  SmallVector<Attribute> maps(op.getExtraMaps().begin(),
                              op.getExtraMaps().end());
  IRMapping mapping;
  Operation *yield = body.getTerminator();
  for (OpOperand *input : generic.getDpsInputOperands()) {
    BlockArgument from = generic.getMatchingBlockArgument(input);
    if (input->getOperandNumber() == number) {
      mapping.map(from, yield->getOperand(0));
      continue;
    }
    op.getExtrasMutable().append(input->get());
    maps.push_back(AffineMapAttr::get(generic.getMatchingIndexingMap(input)));
    mapping.map(from, body.addArgument(from.getType(), from.getLoc()));
  }
  OpBuilder builder(yield);
  op.setExtraMapsAttr(builder.getArrayAttr(maps));
  for (Operation &inner : generic.getBody()->without_terminator())
    builder.clone(inner, mapping);
  Value result = mapping.lookupOrDefault(
      generic.getBody()->getTerminator()->getOperand(0));
  yield->setOperand(0, result);
  // The destination: what the reader wrote to.
  auto destination = cast<DestinationStyleOpInterface>(op.getOperation());
  destination.getDpsInitsMutable()[0].set(generic.getDpsInits()[0]);
  op->getResult(0).setType(
      cast<RankedTensorType>(generic.getDpsInits()[0].getType()));
  op->moveBefore(generic);
  generic->getResult(0).replaceAllUsesWith(op->getResult(0));
  op->setLoc(
      FusedLoc::get(op->getContext(), {op->getLoc(), generic->getLoc()}));
  generic->erase();
}

namespace {
struct FuseEpilogues : kern::impl::KernFuseEpiloguesPassBase<FuseEpilogues> {
  void runOnOperation() override {
    SmallVector<EpilogueOpInterface> ops;
    getOperation().walk([&](EpilogueOpInterface op) {
      if (op->getNumResults() == 1)
        ops.push_back(op);
    });
    for (EpilogueOpInterface op : ops) {
      readSizesElsewhere(op);
      while (fuseReader(op)) {
        ++numFused;
        readSizesElsewhere(op);
      }
    }
  }

  /// The sizes of the result are those of its destination: who asks for them
  /// does not read elements.
  static void readSizesElsewhere(EpilogueOpInterface op) {
    auto destination = cast<DestinationStyleOpInterface>(op.getOperation());
    Value init = destination.getDpsInits()[0];
    op->getResult(0).replaceUsesWithIf(init, [](OpOperand &use) {
      return isa<tensor::DimOp>(use.getOwner());
    });
  }

  static bool fuseReader(EpilogueOpInterface op) {
    Value sum = op->getResult(0);
    if (sum.use_empty())
      return false;
    OpOperand &use = *sum.use_begin();
    auto generic = dyn_cast<linalg::GenericOp>(use.getOwner());
    if (!generic || !generic.isDpsInput(&use) ||
        generic->getBlock() != op->getBlock())
      return false;
    if (const char *why = findObstacle(generic, use.getOperandNumber())) {
      remark::missed(
          generic.getLoc(),
          remark::RemarkOpts::name("Epilogue").category("kern-fuse-epilogues"))
          << why;
      return false;
    }
    fuse(op, generic, use.getOperandNumber());
    return true;
  }
};
} // namespace
