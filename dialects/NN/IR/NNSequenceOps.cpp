//===----------------------------------------------------------------------===//
// Sequences and optional values: verifiers, and what is known before the run.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/Sequences.h"
#include "dialects/NN/IR/SignatureTypes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

bool mlir::nnc::nn::isHostOp(Operation *op) {
  auto isOther = [](Type type) {
    return isa<SequenceType, OptionalType>(type);
  };
  return isa<NNDialect>(op->getDialect()) &&
         (llvm::any_of(op->getOperandTypes(), isOther) ||
          llvm::any_of(op->getResultTypes(), isOther));
}

std::optional<SignatureType> mlir::nnc::nn::getSignatureType(Type type) {
  SignatureType result;
  if (auto optional = dyn_cast<OptionalType>(type)) {
    result.isOptional = true;
    type = optional.getElementType();
  }
  if (auto sequence = dyn_cast<SequenceType>(type)) {
    result.isSequence = true;
    result.tensor = sequence.getElementType();
  } else {
    result.tensor = dyn_cast<RankedTensorType>(type);
  }
  bool isPlain = !result.isSequence && !result.isOptional;
  if (!result.tensor || (!isPlain && isString(result.tensor.getElementType())))
    return std::nullopt;
  return result;
}

LogicalResult OptionalType::verify(function_ref<InFlightDiagnostic()> emitError,
                                   Type elementType) {
  if (isa<RankedTensorType, SequenceType>(elementType))
    return success();
  return emitError() << "expects an optional tensor or sequence, but got "
                     << elementType;
}

/// Can a tensor of type `element` be an element of `sequence`?
static LogicalResult verifyElement(Operation *op, Type element,
                                   SequenceType sequence) {
  auto from = cast<RankedTensorType>(element);
  TensorType to = sequence.getElementType();
  if (from.getElementType() == to.getElementType() &&
      (!to.hasRank() ||
       succeeded(verifyCompatibleShape(from.getShape(), to.getShape()))))
    return success();
  return op->emitOpError("expects elements of type ")
         << to << ", but got " << from;
}

namespace {
/// Known elements, and a known position among them.
struct KnownPlace {
  SmallVector<Value> elements;
  size_t position;
};
} // namespace

/// What `op` reads or changes of `sequence`, if both are known: `extra` places
/// are behind the elements, and no position means the last place.
static FailureOr<KnownPlace> findKnownPlace(Operation *op, Value sequence,
                                            Value position, int64_t extra,
                                            PatternRewriter &rewriter) {
  std::optional<SmallVector<Value>> elements = getKnownElements(sequence);
  if (!elements)
    return rewriter.notifyMatchFailure(op, "of an unknown length");
  int64_t length = elements->size();
  std::optional<int64_t> number =
      position ? getConstantIntValue(position) : length + extra - 1;
  std::optional<size_t> place;
  if (number)
    place = resolvePosition(*number, length + extra, length);
  if (!place)
    return rewriter.notifyMatchFailure(op, "at an unknown position");
  return KnownPlace{*elements, *place};
}

//===----------------------------------------------------------------------===//
// Sequences
//===----------------------------------------------------------------------===//

LogicalResult SequenceCreateOp::verify() {
  for (Type type : getElements().getTypes())
    if (failed(verifyElement(*this, type, getType())))
      return failure();
  return success();
}

LogicalResult SequenceInsertOp::verify() {
  TensorType from = getSequence().getType().getElementType();
  TensorType to = getType().getElementType();
  if (from.getElementType() != to.getElementType() ||
      (from.hasRank() && to.hasRank() &&
       failed(verifyCompatibleShape(from.getShape(), to.getShape()))))
    return emitOpError("expects a result of the operand's elements ")
           << from << ", but got " << to;
  return verifyElement(*this, getElement().getType(), getType());
}

LogicalResult SequenceInsertOp::canonicalize(SequenceInsertOp op,
                                             PatternRewriter &rewriter) {
  FailureOr<KnownPlace> known = findKnownPlace(
      op, op.getSequence(), op.getPosition(), /*extra=*/1, rewriter);
  if (failed(known))
    return failure();
  known->elements.insert(known->elements.begin() + known->position,
                         op.getElement());
  rewriter.replaceOpWithNewOp<SequenceCreateOp>(op, op.getType(),
                                                known->elements);
  return success();
}

LogicalResult SequenceEraseOp::canonicalize(SequenceEraseOp op,
                                            PatternRewriter &rewriter) {
  FailureOr<KnownPlace> known = findKnownPlace(
      op, op.getSequence(), op.getPosition(), /*extra=*/0, rewriter);
  if (failed(known))
    return failure();
  known->elements.erase(known->elements.begin() + known->position);
  rewriter.replaceOpWithNewOp<SequenceCreateOp>(op, op.getType(),
                                                known->elements);
  return success();
}

LogicalResult SequenceAtOp::verify() {
  TensorType from = getSequence().getType().getElementType();
  auto to = cast<RankedTensorType>(getType());
  if (from.getElementType() == to.getElementType() && from.hasRank() &&
      succeeded(verifyCompatibleShape(from.getShape(), to.getShape())))
    return success();
  return emitOpError("expects a result of the sequence's element type ")
         << from << ", but got " << to;
}

LogicalResult SequenceAtOp::canonicalize(SequenceAtOp op,
                                         PatternRewriter &rewriter) {
  FailureOr<KnownPlace> known = findKnownPlace(
      op, op.getSequence(), op.getPosition(), /*extra=*/0, rewriter);
  if (failed(known))
    return failure();
  Value element = known->elements[known->position];
  if (element.getType() != op.getType())
    element =
        tensor::CastOp::create(rewriter, op.getLoc(), op.getType(), element);
  rewriter.replaceOp(op, element);
  return success();
}

LogicalResult SequenceLengthOp::canonicalize(SequenceLengthOp op,
                                             PatternRewriter &rewriter) {
  std::optional<SmallVector<Value>> elements =
      getKnownElements(op.getSequence());
  if (!elements)
    return rewriter.notifyMatchFailure(op, "of an unknown length");
  rewriter.replaceOpWithNewOp<arith::ConstantIndexOp>(op, elements->size());
  return success();
}

LogicalResult SequenceCastOp::verify() {
  TensorType from = getSequence().getType().getElementType();
  TensorType to = getType().getElementType();
  bool fits = from.getElementType() == to.getElementType();
  if (fits && to.hasRank() && from.hasRank())
    fits =
        from.getRank() == to.getRank() &&
        llvm::all_of(llvm::zip(from.getShape(), to.getShape()), [](auto sizes) {
          auto [a, b] = sizes;
          return ShapedType::isDynamic(b) || a == b;
        });
  else
    fits &= !to.hasRank();
  if (fits)
    return success();
  return emitOpError("expects less exact elements than ")
         << from << ", but got " << to;
}

LogicalResult SequenceCastOp::canonicalize(SequenceCastOp op,
                                           PatternRewriter &rewriter) {
  std::optional<SmallVector<Value>> elements =
      getKnownElements(op.getSequence());
  if (!elements)
    return rewriter.notifyMatchFailure(op, "of an unknown length");
  rewriter.replaceOpWithNewOp<SequenceCreateOp>(op, op.getType(), *elements);
  return success();
}

LogicalResult SequenceJoinOp::verify() {
  TensorType from = getSequence().getType().getElementType();
  auto to = cast<RankedTensorType>(getType());
  if (!from.hasRank())
    return emitOpError("expects elements of a known rank, but got ") << from;
  int64_t rank = from.getRank() + getNewAxis();
  if (from.getElementType() != to.getElementType() || to.getRank() != rank)
    return emitOpError("expects a result of rank ")
           << rank << " and the elements' type, but got " << to;
  if (int64_t(getAxis()) < 0 || int64_t(getAxis()) >= rank)
    return emitOpError("expects an axis from 0 to ")
           << rank - 1 << ", but got " << int64_t(getAxis());
  return success();
}

//===----------------------------------------------------------------------===//
// Optional values
//===----------------------------------------------------------------------===//

LogicalResult OptionalCreateOp::verify() {
  if (!getValue() || getValue().getType() == getType().getElementType())
    return success();
  return emitOpError("expects a value of type ")
         << getType().getElementType() << ", but got " << getValue().getType();
}

LogicalResult OptionalHasOp::canonicalize(OptionalHasOp op,
                                          PatternRewriter &rewriter) {
  auto create = op.getOptional().getDefiningOp<OptionalCreateOp>();
  if (!create)
    return rewriter.notifyMatchFailure(op, "not known before the run");
  rewriter.replaceOpWithNewOp<arith::ConstantOp>(
      op, rewriter.getBoolAttr(bool(create.getValue())));
  return success();
}

LogicalResult OptionalGetOp::canonicalize(OptionalGetOp op,
                                          PatternRewriter &rewriter) {
  auto create = op.getOptional().getDefiningOp<OptionalCreateOp>();
  if (!create || !create.getValue())
    return rewriter.notifyMatchFailure(op, "not known before the run");
  rewriter.replaceOp(op, create.getValue());
  return success();
}
