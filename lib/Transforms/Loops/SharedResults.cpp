//===----------------------------------------------------------------------===//
// Kernels whose result is written over an operand.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "SharedResults.h"

#include "dialects/Kern/IR/KernDialect.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "nnc/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::nnc;

int64_t mlir::nnc::getSharedArgument(func::FuncOp kernel, unsigned index) {
  auto shared = kernel->getAttrOfType<DenseI64ArrayAttr>(inPlaceAttrName);
  return shared && index < shared.size() ? shared[index] : -1;
}

/// True if the destination is the result's memory and nothing has written there
/// before: a tensor of no contents that `op` alone uses.
static bool startsEmpty(Value destination) {
  return destination.hasOneUse() &&
         destination.getDefiningOp<tensor::EmptyOp>();
}

/// Each iteration reads one element of `argument` and writes the element at the
/// same place.
static bool isPointwise(linalg::GenericOp op, OpOperand &use) {
  if (op.getNumDpsInits() != 1 || !op.isDpsInput(&use) ||
      op.getNumLoops() != op.getNumParallelLoops())
    return false;
  OpOperand *init = op.getDpsInitOperand(0);
  AffineMap map = op.getMatchingIndexingMap(init);
  return startsEmpty(init->get()) && map.isPermutation() &&
         op.getMatchingIndexingMap(&use) == map &&
         use.get().getType() == init->get().getType();
}

/// Expansions load what an epilogue reads of an element, compute, and store
/// that element, once each; but blocks of the depth store partial sums before.
static bool isPointwise(kern::EpilogueOpInterface op, OpOperand &use) {
  MutableOperandRange extras = op.getExtrasMutable();
  for (auto [index, extra] : llvm::enumerate(extras)) {
    if (&extra != &use)
      continue;
    hw::TilingAttr tiling = op.getTilingAttr();
    auto map = cast<AffineMapAttr>(op.getExtraMaps()[index]).getValue();
    return tiling && !tiling.getKBlock() && map.isIdentity() &&
           startsEmpty(op.getInit()) &&
           use.get().getType() == op.getInit().getType();
  }
  return false;
}

/// The only use that reads elements, or null.
static OpOperand *findOnlyRead(Value value) {
  OpOperand *found = nullptr;
  for (OpOperand &use : value.getUses()) {
    if (isa<tensor::DimOp>(use.getOwner()))
      continue;
    if (found)
      return nullptr;
    found = &use;
  }
  return found;
}

/// True if `value` may be computed in the place of `argument`.
static bool isPointwise(Value value, BlockArgument argument) {
  OpOperand *read = findOnlyRead(argument);
  if (!read || !findOnlyRead(value))
    return false;
  OpOperand &use = *read;
  Operation *op = use.getOwner();
  if (op != value.getDefiningOp() || op->getNumResults() != 1)
    return false;
  if (auto generic = dyn_cast<linalg::GenericOp>(op))
    return isPointwise(generic, use);
  auto contraction = dyn_cast<kern::EpilogueOpInterface>(op);
  return contraction && isPointwise(contraction, use);
}

void mlir::nnc::protectSharedArguments(func::FuncOp kernel) {
  Block &body = kernel.getBody().front();
  for (OpOperand &result : body.getTerminator()->getOpOperands()) {
    int64_t number = getSharedArgument(kernel, result.getOperandNumber());
    if (number < 0)
      continue;
    BlockArgument argument = body.getArgument(number);
    if (isPointwise(result.get(), argument))
      continue;
    OpBuilder builder = OpBuilder::atBlockBegin(&body);
    Value copy = bufferization::AllocTensorOp::create(
        builder, kernel.getLoc(), cast<RankedTensorType>(argument.getType()),
        /*dynamicSizes=*/ValueRange(), /*copy=*/argument);
    argument.replaceAllUsesExcept(copy, copy.getDefiningOp());
    remark::missed(
        kernel.getLoc(),
        remark::RemarkOpts::name("InPlace").category("nnc-lower-kernel-abi"))
        << "an operand is copied, since the result takes its place";
  }
}
