//===----------------------------------------------------------------------===//
// Sequences and optional values of an entry function as calls of the runtime.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "HostLowering.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "nnc/Interfaces/ElementTypes.h"
#include "nnc/Runtime/nnc.h"

using namespace mlir;
using namespace mlir::nnc;

static int64_t getElementBytes(Value tensor) {
  return nncio::elementBytes(*toElementType(
      cast<RankedTensorType>(tensor.getType()).getElementType()));
}

Value HostLowering::loadInput(BlockArgument argument) {
  Value index = number32(argument.getArgNumber());
  if (auto type = dyn_cast<RankedTensorType>(argument.getType())) {
    Value data = call("nncrt_input", pointerType, {context, index});
    if (!isString(type.getElementType()))
      return data;
    returnIfNull(data);
    return giveToKernels(data, countBytes(type, *getDims(argument)));
  }
  Value list = call("nncrt_input_list", pointerType, {context, index});
  // An absent value is no failure.
  returnIfNonzero(call("nncrt_status", builder.getI32Type(), context));
  return list;
}

Value HostLowering::getLength(Value list) {
  return call("nncrt_list_length", builder.getI64Type(), {context, list});
}

FailureOr<Value> HostLowering::insertIntoList(Operation *op, Value list,
                                              Value position, Value tensor) {
  std::optional<SmallVector<Value>> dims = getDims(tensor);
  if (!dims)
    return op->emitOpError("takes a tensor whose dimensions are not known yet");
  auto type = cast<RankedTensorType>(tensor.getType());
  Value data = readOnHost(mapping.lookup(tensor), countBytes(type, *dims));
  Value result =
      call("nncrt_list_insert", pointerType,
           {context, list, position, data, number(getElementBytes(tensor)),
            number32(dims->size()), createArray(*dims)});
  returnIfNull(result);
  return result;
}

LogicalResult HostLowering::lowerInsert(nn::SequenceInsertOp op) {
  Value list = mapping.lookup(op.getSequence());
  Value position = op.getPosition() ? toI64(mapping.lookup(op.getPosition()))
                                    : getLength(list);
  FailureOr<Value> result = insertIntoList(op, list, position, op.getElement());
  if (failed(result))
    return failure();
  mapping.map(op.getResult(), *result);
  return success();
}

void HostLowering::bindFromList(Value result, StringRef runtimeEntry,
                                SmallVector<Value> operands) {
  auto type = cast<RankedTensorType>(result.getType());
  SmallVector<Value> known;
  for (int64_t size : type.getShape())
    known.push_back(number(ShapedType::isDynamic(size) ? -1 : size));
  Value array = createArray(known);
  operands.push_back(array);
  Value data = call(runtimeEntry, pointerType, operands);
  returnIfNull(data);
  SmallVector<Value> dims;
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    dims.push_back(type.isDynamicDim(axis)
                       ? loadElement(array, number(axis), builder.getI64Type())
                       : known[axis]);
  boundDims[result] = dims;
  mapping.map(result, giveToKernels(data, countBytes(type, dims)));
}

LogicalResult HostLowering::lowerOptionalGet(nn::OptionalGetOp op) {
  Value list = mapping.lookup(op.getOptional());
  if (auto type = dyn_cast<RankedTensorType>(op.getType())) {
    bindFromList(op.getResult(), "nncrt_list_at",
                 {context, list, number(0), number32(type.getRank())});
    return success();
  }
  Value null = LLVM::ZeroOp::create(builder, loc, pointerType);
  Value isNull =
      LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::eq, list, null);
  lowerCheck(isNull, "reads an optional value that is absent");
  mapping.map(op.getResult(), list);
  return success();
}

LogicalResult HostLowering::lowerSequenceOp(Operation *op) {
  if (auto insert = dyn_cast<nn::SequenceInsertOp>(op))
    return lowerInsert(insert);
  if (auto get = dyn_cast<nn::OptionalGetOp>(op))
    return lowerOptionalGet(get);
  auto create = dyn_cast<nn::OptionalCreateOp>(op);
  if (create && !create.getValue()) {
    mapping.map(op->getResult(0),
                LLVM::ZeroOp::create(builder, loc, pointerType));
    return success();
  }
  bool isTensor = create && isa<RankedTensorType>(create.getValue().getType());
  if (isTensor || isa<nn::SequenceCreateOp>(op)) {
    Value list = call("nncrt_list_create", pointerType, context);
    returnIfNull(list);
    for (auto [i, element] : llvm::enumerate(op->getOperands())) {
      FailureOr<Value> longer = insertIntoList(op, list, number(i), element);
      if (failed(longer))
        return failure();
      list = *longer;
    }
    mapping.map(op->getResult(0), list);
    return success();
  }
  Value list = mapping.lookup(op->getOperand(0));
  if (isa<nn::OptionalCreateOp, nn::SequenceCastOp>(op)) {
    mapping.map(op->getResult(0), list);
  } else if (auto has = dyn_cast<nn::OptionalHasOp>(op)) {
    Value null = LLVM::ZeroOp::create(builder, loc, pointerType);
    mapping.map(has.getResult(),
                LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::ne,
                                     list, null));
  } else if (auto length = dyn_cast<nn::SequenceLengthOp>(op)) {
    mapping.map(length.getResult(),
                arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                           getLength(list)));
  } else if (auto at = dyn_cast<nn::SequenceAtOp>(op)) {
    int64_t rank = cast<RankedTensorType>(at.getType()).getRank();
    bindFromList(at.getResult(), "nncrt_list_at",
                 {context, list, toI64(mapping.lookup(at.getPosition())),
                  number32(rank)});
  } else if (auto join = dyn_cast<nn::SequenceJoinOp>(op)) {
    int64_t rank = cast<RankedTensorType>(join.getType()).getRank();
    bindFromList(join.getResult(), "nncrt_list_join",
                 {context, list, number32(join.getAxis()),
                  number32(join.getNewAxis()),
                  number(getElementBytes(join.getResult())),
                  number32(rank - join.getNewAxis())});
  } else if (auto erase = dyn_cast<nn::SequenceEraseOp>(op)) {
    Value position = erase.getPosition()
                         ? toI64(mapping.lookup(erase.getPosition()))
                         : number(-1);
    Value result =
        call("nncrt_list_erase", pointerType, {context, list, position});
    returnIfNull(result);
    mapping.map(erase.getResult(), result);
  } else {
    return op->emitOpError("has no form on the host");
  }
  return success();
}
