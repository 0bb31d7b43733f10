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

LogicalResult mlir::nnc::kern::verifyRegion(Operation *op, Region &region,
                                            ArrayAttr maps) {
  for (Attribute attr : maps)
    if (!isVectorReadable(cast<AffineMapAttr>(attr).getValue()))
      return op->emitOpError("has an extra operand that is not read along the "
                             "last axis: ")
             << attr;
  for (Operation &inner : region.front().without_terminator())
    if (!OpTrait::hasElementwiseMappableTraits(&inner) &&
        !inner.hasTrait<OpTrait::ConstantLike>())
      return inner.emitOpError("has no vector form in an epilogue");
  return success();
}

LogicalResult mlir::nnc::kern::verifyContiguous(Operation *op,
                                                ValueRange strided) {
  for (Value operand : op->getOperands())
    if (!isContiguous(operand) && !llvm::is_contained(strided, operand))
      return op->emitOpError("expects contiguous memrefs, but got ")
             << operand.getType();
  return success();
}

LogicalResult EpilogueEmitter::verify(ValueRange strided) {
  if (failed(verifyRegion(op, op.getEpilogue(), op.getExtraMaps())))
    return failure();
  return verifyContiguous(op, strided);
}

/// The elements of an extra operand at `run`, of `lanes`.
static Value loadExtra(LoopBuilder &loops, Value memref, AffineMap map,
                       const ResultRun &run, int64_t lanes) {
  OpBuilder &b = loops.builder;
  SmallVector<Value> indices = loops.apply(map, run.indices);
  if (map.isFunctionOfDim(map.getNumDims() - 1))
    return loops.load(memref, indices, lanes, run.mask);
  Value scalar = memref::LoadOp::create(b, loops.loc, memref, indices);
  return vector::BroadcastOp::create(
      b, loops.loc, VectorType::get(lanes, scalar.getType()), scalar);
}

Value mlir::nnc::kern::applyRegion(LoopBuilder &loops, Region &region,
                                   ValueRange extras, ArrayAttr maps,
                                   Value sums, const ResultRun &run) {
  OpBuilder &b = loops.builder;
  Block &body = region.front();
  int64_t lanes = cast<VectorType>(sums.getType()).getNumElements();
  auto vectorOf = [&](Type element) { return VectorType::get(lanes, element); };
  IRMapping mapping;
  mapping.map(body.getArgument(0), sums);
  for (auto [index, attr] : llvm::enumerate(maps)) {
    BlockArgument argument = body.getArgument(index + 1);
    if (!argument.use_empty())
      mapping.map(argument,
                  loadExtra(loops, extras[index],
                            cast<AffineMapAttr>(attr).getValue(), run, lanes));
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
  return mapping.lookup(body.getTerminator()->getOperand(0));
}

Value EpilogueEmitter::apply(Value sums, const ResultRun &run) {
  SmallVector<Value> extras;
  for (OpOperand &extra : op.getExtrasMutable())
    extras.push_back(extra.get());
  return applyRegion(loops, op.getEpilogue(), extras, op.getExtraMaps(), sums,
                     run);
}

void EpilogueEmitter::finish(Value sums, const ResultRun &run) {
  loops.store(apply(sums, run), op.getInit(), run.indices, run.mask);
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
