//===----------------------------------------------------------------------===//
// Lowers one entry function to calls of the runtime.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "HostLowering.h"

#include "dialects/NN/IR/NNConstants.h"
#include "mlir/IR/Matchers.h"
#include "nnc/Analysis/ScheduleLifetimes.h"
#include "nnc/Interfaces/ElementTypes.h"
#include "nnc/Runtime/nnc.h"
#include "nnc/Transforms/Passes.h"

#include <cstring>

using namespace mlir;
using namespace mlir::nnc;

HostLowering::HostLowering(func::FuncOp entry, SymbolTable &symbols,
                           ArtifactTables &tables, bool isDevice)
    : entry(entry), symbols(symbols), tables(tables), isDevice(isDevice),
      builder(entry.getContext()), loc(entry.getLoc()),
      pointerType(LLVM::LLVMPointerType::get(entry.getContext())) {}

//===----------------------------------------------------------------------===//
// Small pieces
//===----------------------------------------------------------------------===//

Value HostLowering::number(int64_t value) {
  return LLVM::ConstantOp::create(builder, loc, builder.getI64Type(),
                                  builder.getI64IntegerAttr(value));
}

Value HostLowering::number32(int64_t value) {
  return LLVM::ConstantOp::create(builder, loc, builder.getI32Type(),
                                  builder.getI32IntegerAttr(value));
}

Value HostLowering::call(StringRef runtimeEntry, Type result,
                         ValueRange operands) {
  auto module = host->getParentOfType<ModuleOp>();
  if (!symbols.lookup(runtimeEntry)) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(module.getBody());
    SmallVector<Type> results;
    if (result)
      results.push_back(result);
    auto declaration = func::FuncOp::create(
        builder, module.getLoc(), runtimeEntry,
        builder.getFunctionType(operands.getTypes(), results));
    declaration.setPrivate();
    symbols.insert(declaration);
  }
  SmallVector<Type> results;
  if (result)
    results.push_back(result);
  auto op = func::CallOp::create(builder, loc, runtimeEntry, results, operands);
  return result ? op.getResult(0) : Value();
}

Value HostLowering::toI64(Value scalar) {
  Type type = scalar.getType(), wide = builder.getI64Type();
  if (type == wide)
    return scalar;
  if (type.isIndex())
    return arith::IndexCastOp::create(builder, loc, wide, scalar);
  unsigned width = type.getIntOrFloatBitWidth();
  if (isa<FloatType>(type))
    scalar = arith::BitcastOp::create(builder, loc,
                                      builder.getIntegerType(width), scalar);
  return width == 64 ? scalar
                     : arith::ExtUIOp::create(builder, loc, wide, scalar);
}

Value HostLowering::offsetPointer(Value pointer, Value bytes) {
  return LLVM::GEPOp::create(builder, loc, pointerType, builder.getI8Type(),
                             pointer, ArrayRef<LLVM::GEPArg>{bytes});
}

Value HostLowering::loadElement(Value pointer, Value index, Type elementType) {
  bool isBool = elementType.isInteger(1);
  Type stored = isBool ? builder.getI8Type() : elementType;
  Value address = LLVM::GEPOp::create(builder, loc, pointerType, stored,
                                      pointer, ArrayRef<LLVM::GEPArg>{index});
  Value value = LLVM::LoadOp::create(builder, loc, stored, address,
                                     /*alignment=*/1);
  if (!isBool)
    return value;
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(stored));
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, value,
                               zero);
}

Value HostLowering::createArray(ValueRange values) {
  Value array;
  {
    // In the first block, so that the stack grows once.
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(&host.getBody().front());
    array = LLVM::AllocaOp::create(
        builder, loc, pointerType, builder.getI64Type(),
        number(std::max<int64_t>(values.size(), 1)), /*alignment=*/8);
  }
  for (auto [index, value] : llvm::enumerate(values)) {
    Value address =
        LLVM::GEPOp::create(builder, loc, pointerType, builder.getI64Type(),
                            array, ArrayRef<LLVM::GEPArg>{int32_t(index)});
    LLVM::StoreOp::create(builder, loc, value, address);
  }
  return array;
}

Value HostLowering::readOnHost(Value pointer, Value bytes) {
  if (!isDevice)
    return pointer;
  Value copy = call("nncrt_to_host", pointerType, {context, pointer, bytes});
  returnIfNull(copy);
  return copy;
}

Value HostLowering::giveToKernels(Value pointer, Value bytes) {
  if (!isDevice)
    return pointer;
  Value copy = call("nncrt_to_device", pointerType, {context, pointer, bytes});
  returnIfNull(copy);
  return copy;
}

Value HostLowering::countBytes(RankedTensorType type, ValueRange dims) {
  Value bytes =
      number(nncio::elementBytes(*toElementType(type.getElementType())));
  for (Value dim : dims)
    bytes = arith::MulIOp::create(builder, loc, bytes, dim);
  return bytes;
}

void HostLowering::returnIf(Value condition, function_ref<Value()> status) {
  Block *current = builder.getInsertionBlock();
  Block *next = current->splitBlock(builder.getInsertionPoint());
  Block *leave = builder.createBlock(&host.getBody(), host.getBody().end());
  func::ReturnOp::create(builder, loc, status());
  builder.setInsertionPointToEnd(current);
  cf::CondBranchOp::create(builder, loc, condition, leave, ValueRange(), next,
                           ValueRange());
  builder.setInsertionPointToStart(next);
}

std::optional<SmallVector<Value>> HostLowering::getDims(Value tensor) {
  auto bound = boundDims.find(tensor);
  if (bound != boundDims.end())
    return bound->second;
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<Value> dims(type.getRank());
  SmallVector<Value> source;
  if (auto cast = tensor.getDefiningOp<tensor::CastOp>())
    source = getDims(cast.getSource()).value_or(SmallVector<Value>());
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    if (!type.isDynamicDim(axis)) {
      dims[axis] = number(type.getDimSize(axis));
      continue;
    }
    Value size = source.empty() ? getDynamicDim(tensor, axis) : source[axis];
    if (!size)
      return std::nullopt;
    dims[axis] = size;
  }
  return dims;
}

Value HostLowering::getDynamicDim(Value tensor, int64_t axis) {
  auto known = [&](Value value) {
    return mapping.contains(value) ? toI64(mapping.lookup(value)) : Value();
  };
  auto argument = dyn_cast<BlockArgument>(tensor);
  if (argument && argument.getOwner() == &entry.getBody().front())
    return call("nncrt_input_dim", builder.getI64Type(),
                {context, number32(argument.getArgNumber()), number32(axis)});
  if (auto reshape = tensor.getDefiningOp<nn::ReshapeOp>()) {
    auto shape = reshape.getShape().getDefiningOp<tensor::FromElementsOp>();
    return shape ? known(shape.getElements()[axis]) : Value();
  }
  auto launch = tensor.getDefiningOp<nn::LaunchOp>();
  if (!launch)
    return {};
  // Sizes are listed result by result.
  size_t number = 0;
  for (OpResult result : launch->getResults()) {
    auto type = cast<RankedTensorType>(result.getType());
    if (result == tensor) {
      for (int64_t before = 0; before < axis; ++before)
        number += type.isDynamicDim(before);
      break;
    }
    number += type.getNumDynamicDims();
  }
  return known(launch.getResultDims()[number]);
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

LogicalResult HostLowering::lowerExtract(tensor::ExtractOp op) {
  std::optional<SmallVector<Value>> dims = getDims(op.getTensor());
  if (!dims)
    return op.emitOpError("reads a tensor whose dimensions are not known yet");
  Value index = number(0);
  for (auto [position, size] : llvm::zip(op.getIndices(), *dims)) {
    index = arith::MulIOp::create(builder, loc, index, size);
    index = arith::AddIOp::create(builder, loc, index,
                                  toI64(mapping.lookup(position)));
  }
  Type type = op.getType();
  if (type.isUnsignedInteger())
    return op.emitOpError("reads an unsigned scalar, which has no host form");
  Value pointer = mapping.lookup(op.getTensor());
  if (isDevice) {
    int64_t width = nncio::elementBytes(*toElementType(type));
    Value offset = arith::MulIOp::create(builder, loc, index, number(width));
    pointer = readOnHost(offsetPointer(pointer, offset), number(width));
    index = number(0);
  }
  mapping.map(op.getResult(), loadElement(pointer, index, type));
  return success();
}

/// Strings as nnc.h has them, as an attribute of bytes.
static ElementsAttr packStrings(DenseStringElementsAttr data) {
  std::vector<int64_t> offsets{0};
  std::string text;
  for (StringRef string : data.getValues<StringRef>()) {
    text += string;
    offsets.push_back(text.size());
  }
  size_t head = offsets.size() * sizeof(int64_t);
  nncio::Tensor packed(nncio::ElementType::U8, {int64_t(head + text.size())});
  std::memcpy(packed.mutableData(), offsets.data(), head);
  std::memcpy(packed.mutableData() + head, text.data(), text.size());
  return nn::toAttribute(data.getContext(), packed);
}

void HostLowering::lowerConstant(Value result, Attribute data) {
  auto type = cast<RankedTensorType>(result.getType());
  auto strings = dyn_cast<DenseStringElementsAttr>(data);
  ElementsAttr packed = strings ? packStrings(strings) : ElementsAttr();
  int64_t offset =
      packed
          ? tables.addWeight(packed, cast<RankedTensorType>(packed.getType()))
          : tables.addWeight(data, type);
  Value base = call("nncrt_weights", pointerType, context);
  Value pointer = offsetPointer(base, number(offset));
  if (strings) {
    pointer = readOnHost(pointer, number(packed.getNumElements()));
    pointer = call("nncrt_strings", pointerType,
                   {context, pointer, number(type.getNumElements())});
    returnIfNull(pointer);
    pointer = giveToKernels(
        pointer, number(type.getNumElements() * int64_t(sizeof(int64_t))));
  }
  mapping.map(result, pointer);
}

void HostLowering::lowerAssert(nn::AssertOp op) {
  Value holds = mapping.lookup(op.getCondition());
  Value one =
      arith::ConstantOp::create(builder, loc, builder.getBoolAttr(true));
  lowerCheck(arith::XOrIOp::create(builder, loc, holds, one), op.getMessage());
}

void HostLowering::lowerCheck(Value fails, StringRef message) {
  returnIf(fails, [&]() {
    std::string text = message.str();
    text.push_back('\0');
    auto module = host->getParentOfType<ModuleOp>();
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(module.getBody());
    auto type = LLVM::LLVMArrayType::get(builder.getI8Type(), text.size());
    auto global = LLVM::GlobalOp::create(
        builder, loc, type, /*isConstant=*/true, LLVM::Linkage::Internal,
        "message", builder.getStringAttr(text));
    symbols.insert(global);
    builder.setInsertionPointToEnd(&host.getBody().back());
    Value address = LLVM::AddressOfOp::create(builder, loc, global);
    return call("nncrt_fail", builder.getI32Type(),
                {context, number32(NNC_INVALID_VALUE), address});
  });
}

FailureOr<Value> HostLowering::getOutputPointer(int64_t index) {
  Value output = entry.getBody().front().getTerminator()->getOperand(index);
  std::optional<SmallVector<Value>> dims = getDims(output);
  if (!dims)
    return entry.emitOpError("has an output whose dimensions are known only "
                             "after the kernel that makes it");
  Value pointer = call("nncrt_output", pointerType,
                       {context, number32(index), createArray(*dims)});
  returnIfNull(pointer);
  return pointer;
}

FailureOr<Value> HostLowering::getResultPointer(OpResult result,
                                                nn::SlotAttr slot) {
  if (slot.getKind() == nn::SlotClass::output) {
    FailureOr<Value> pointer = getOutputPointer(slot.getIndex());
    return failed(pointer) || !slot.getOffset()
               ? pointer
               : offsetPointer(*pointer, number(*slot.getOffset()));
  }
  if (slot.getKind() == nn::SlotClass::arena) {
    if (!slot.getOffset() && slot.getIndex() >= int64_t(offsets.size()))
      return entry.emitOpError("has an arena slot that nothing places");
    Value offset =
        slot.getOffset() ? number(*slot.getOffset()) : offsets[slot.getIndex()];
    return offsetPointer(call("nncrt_arena", pointerType, context), offset);
  }
  std::optional<SmallVector<Value>> dims = getDims(result);
  if (!dims)
    return entry.emitOpError("has a result of unknown size");
  Value bytes = countBytes(cast<RankedTensorType>(result.getType()), *dims);
  storage.pools = std::max(storage.pools, slot.getIndex() + 1);
  Value pointer = call("nncrt_pool", pointerType,
                       {context, number32(slot.getIndex()), bytes});
  returnIfNull(pointer);
  return pointer;
}

void HostLowering::returnIfNonzero(Value status) {
  Value fails = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne,
                                      status, number32(0));
  returnIf(fails, [&]() { return status; });
}

void HostLowering::returnIfNull(Value pointer) {
  Value null = LLVM::ZeroOp::create(builder, loc, pointerType);
  Value isNull = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::eq,
                                      pointer, null);
  returnIf(isNull, [&]() {
    return call("nncrt_status", builder.getI32Type(), context);
  });
}

LogicalResult HostLowering::lowerStretch(Operation *op) {
  Value pointer = mapping.lookup(op->getOperand(0));
  if (isa<tensor::ExtractSliceOp>(op)) {
    std::optional<int64_t> offset = findStretch(op);
    if (!offset)
      return op->emitOpError("expects a stretch along the outermost axis");
    pointer = offsetPointer(pointer, number(*offset));
  }
  mapping.map(op->getResult(0), pointer);
  return success();
}

LogicalResult HostLowering::lowerBlock(Block &block) {
  for (Operation &op : block.without_terminator())
    if (failed(lowerOp(&op)))
      return failure();
  return success();
}

LogicalResult HostLowering::lowerOp(Operation *op) {
  loc = op->getLoc();
  if (auto constant = dyn_cast<nn::ConstantOp>(op)) {
    lowerConstant(constant, constant.getValue());
    return success();
  }
  if (auto weight = dyn_cast<nn::WeightOp>(op)) {
    lowerConstant(weight, weight.getData());
    return success();
  }
  if (isa<nn::ReshapeOp, tensor::CastOp>(op)) {
    mapping.map(op->getResult(0), mapping.lookup(op->getOperand(0)));
    return success();
  }
  if (isStretchView(op))
    return lowerStretch(op);
  if (auto dim = dyn_cast<tensor::DimOp>(op)) {
    std::optional<SmallVector<Value>> dims = getDims(dim.getSource());
    std::optional<int64_t> axis = dim.getConstantIndex();
    if (!dims || !axis || *axis < 0 || *axis >= int64_t(dims->size()))
      return dim.emitOpError("asks for a dimension that is not known yet");
    mapping.map(dim.getResult(),
                arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                           (*dims)[*axis]));
    return success();
  }
  if (auto extract = dyn_cast<tensor::ExtractOp>(op))
    return lowerExtract(extract);
  if (isa<tensor::FromElementsOp>(op))
    return success(); // its users have taken the scalars
  if (auto check = dyn_cast<nn::AssertOp>(op)) {
    lowerAssert(check);
    return success();
  }
  if (auto place = dyn_cast<nn::PlaceOp>(op)) {
    SmallVector<Value> sizes;
    for (Value size : place.getSizes())
      sizes.push_back(mapping.lookup(size));
    prepareScratch(/*isPlaced=*/true);
    lowerPlace(sizes, place.getLifetimes());
    isStarted = true;
    return success();
  }
  if (auto launch = dyn_cast<nn::LaunchOp>(op)) {
    start();
    return lowerLaunch(launch);
  }
  if (nn::isHostOp(op))
    return lowerSequenceOp(op);
  if (isa<scf::IfOp, scf::ForOp, scf::WhileOp>(op))
    return lowerControlFlow(op);
  if (auto select = dyn_cast<arith::SelectOp>(op);
      select && isa<RankedTensorType>(select.getType()))
    return lowerSelect(select);
  if (isa<func::ReturnOp>(op)) {
    for (OpOperand &operand : op->getOpOperands())
      if (!isa<RankedTensorType>(operand.get().getType()))
        returnIfNonzero(call("nncrt_output_list", builder.getI32Type(),
                             {context, number32(operand.getOperandNumber()),
                              mapping.lookup(operand.get())}));
    func::ReturnOp::create(builder, loc, number32(NNC_OK));
    return success();
  }
  ElementsAttr elements;
  if (matchPattern(op, m_Constant(&elements))) {
    lowerConstant(op->getResult(0), elements);
    return success();
  }
  if (isa<arith::ArithDialect>(op->getDialect())) {
    builder.clone(*op, mapping);
    return success();
  }
  return op->emitOpError("has no form on the host");
}

FailureOr<func::FuncOp> HostLowering::run() {
  builder.setInsertionPointAfter(entry);
  host = func::FuncOp::create(
      builder, loc, (entry.getSymName() + ".host").str(),
      builder.getFunctionType(pointerType, builder.getI32Type()));
  symbols.insert(host);
  host.setPrivate();
  Block *body = host.addEntryBlock();
  context = body->getArgument(0);
  builder.setInsertionPointToStart(body);
  if (auto bytes = entry->getAttrOfType<IntegerAttr>(arenaBytesAttrName))
    storage.arenaBytes = bytes.getInt();
  else
    storage.arenaBytes = entry.getOps<nn::PlaceOp>().empty() ? 0 : -1;
  storage.arenaLowerBound = storage.arenaBytes == 0 ? 0 : -1;
  for (BlockArgument argument : entry.getArguments())
    mapping.map(argument, loadInput(argument));
  for (Operation &op : entry.getBody().front())
    if (failed(lowerOp(&op)))
      return failure();
  tables.addEntry(entry, FlatSymbolRefAttr::get(host.getSymNameAttr()),
                  storage);
  return host;
}
