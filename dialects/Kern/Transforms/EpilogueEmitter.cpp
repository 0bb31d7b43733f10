//===----------------------------------------------------------------------===//
// Vector code of epilogues.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "EpilogueEmitter.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::nnc::kern;

bool mlir::nnc::kern::isVectorReadable(AffineMap map) {
  unsigned last = map.getNumDims() - 1;
  for (auto [index, expr] : llvm::enumerate(map.getResults())) {
    if (!expr.isFunctionOfDim(last))
      continue;
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (!dim || index + 1 != map.getNumResults())
      return false;
  }
  return true;
}

static bool isContiguous(Value memref) {
  auto type = dyn_cast<MemRefType>(memref.getType());
  return type && type.getLayout().isIdentity();
}

LogicalResult EpilogueEmitter::verify() {
  for (Attribute attr : op.getExtraMaps())
    if (!isVectorReadable(cast<AffineMapAttr>(attr).getValue()))
      return op->emitOpError("has an extra operand that is not read along the "
                             "last axis: ")
             << attr;
  for (Value operand : op->getOperands())
    if (!isContiguous(operand))
      return op->emitOpError("expects contiguous memrefs, but got ")
             << operand.getType();
  for (Operation &inner : op.getEpilogue().front().without_terminator())
    if (!OpTrait::hasElementwiseMappableTraits(&inner) &&
        !inner.hasTrait<OpTrait::ConstantLike>())
      return inner.emitOpError("has no vector form in an epilogue");
  return success();
}

Value EpilogueEmitter::loadExtra(Value memref, AffineMap map,
                                 const ResultRun &run) {
  OpBuilder &b = loops.builder;
  SmallVector<Value> indices;
  for (AffineExpr expr : map.getResults()) {
    AffineMap single = AffineMap::get(map.getNumDims(), 0, expr);
    indices.push_back(b.createOrFold<affine::AffineApplyOp>(
        loops.loc, single, ValueRange(run.indices)));
  }
  unsigned last = map.getNumDims() - 1;
  if (!map.isFunctionOfDim(last)) {
    Value scalar = memref::LoadOp::create(b, loops.loc, memref, indices);
    return vector::BroadcastOp::create(b, loops.loc, vectorOf(scalar.getType()),
                                       scalar);
  }
  return loops.load(memref, indices, lanes, run.mask);
}

void EpilogueEmitter::finish(Value sums, const ResultRun &run) {
  OpBuilder &b = loops.builder;
  Block &body = op.getEpilogue().front();
  IRMapping mapping;
  mapping.map(body.getArgument(0), sums);
  MutableOperandRange extras = op.getExtrasMutable();
  for (auto [index, attr] : llvm::enumerate(op.getExtraMaps())) {
    BlockArgument argument = body.getArgument(index + 1);
    if (!argument.use_empty())
      mapping.map(argument,
                  loadExtra(extras[index].get(),
                            cast<AffineMapAttr>(attr).getValue(), run));
  }
  // What is defined around the region is the same for all elements.
  auto mapOuter = [&](Operation &user) {
    for (Value operand : user.getOperands())
      if (!mapping.contains(operand))
        mapping.map(operand,
                    vector::BroadcastOp::create(
                        b, loops.loc, vectorOf(operand.getType()), operand));
  };
  for (Operation &inner : body.without_terminator()) {
    mapOuter(inner);
    Operation *copy = b.clone(inner, mapping);
    if (inner.hasTrait<OpTrait::ConstantLike>()) {
      mapping.map(inner.getResult(0),
                  vector::BroadcastOp::create(
                      b, loops.loc, vectorOf(inner.getResult(0).getType()),
                      copy->getResult(0)));
      continue;
    }
    for (Value result : copy->getResults())
      result.setType(vectorOf(result.getType()));
  }
  mapOuter(*body.getTerminator());
  Value result = mapping.lookup(body.getTerminator()->getOperand(0));
  loops.store(result, op.getInit(), run.indices, run.mask);
}

bool EpilogueEmitter::canHoldPartial() {
  return cast<ShapedType>(op.getInit().getType()).getElementType() ==
         op.getEpilogue().front().getArgument(0).getType();
}

Value EpilogueEmitter::loadPartial(const ResultRun &run) {
  return loops.load(op.getInit(), run.indices, lanes, run.mask);
}

void EpilogueEmitter::storePartial(Value sums, const ResultRun &run) {
  loops.store(sums, op.getInit(), run.indices, run.mask);
}
