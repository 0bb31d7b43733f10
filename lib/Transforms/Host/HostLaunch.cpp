//===----------------------------------------------------------------------===//
// Launches of kernels, and the memory that they share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "DeviceThunk.h"
#include "HostLowering.h"
#include "SharedMemory.h"

#include "nnc/Runtime/nncrt.h"
#include "nnc/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::nnc;

//===----------------------------------------------------------------------===//
// Arguments and functions of kernels
//===----------------------------------------------------------------------===//

std::optional<SmallVector<Value>>
HostLowering::getKernelScalars(nn::LaunchOp launch) {
  SmallVector<Value> scalars, tensors;
  for (Value input : launch.getInputs()) {
    if (isa<RankedTensorType>(input.getType()))
      tensors.push_back(input);
    else if (mapping.contains(input))
      scalars.push_back(toI64(mapping.lookup(input)));
    else
      return std::nullopt;
  }
  llvm::append_range(tensors, launch.getResults());
  for (Value tensor : tensors) {
    auto type = cast<RankedTensorType>(tensor.getType());
    if (type.hasStaticShape())
      continue;
    std::optional<SmallVector<Value>> dims = getDims(tensor);
    if (!dims)
      return std::nullopt;
    for (int64_t axis = 0; axis < type.getRank(); ++axis)
      if (type.isDynamicDim(axis))
        scalars.push_back((*dims)[axis]);
  }
  return scalars;
}

FlatSymbolRefAttr HostLowering::getThunk(func::FuncOp kernel) {
  std::string name = isDevice ? getDeviceThunkName(kernel)
                              : (kernel.getSymName() + ".entry").str();
  auto symbol = FlatSymbolRefAttr::get(builder.getContext(), name);
  if (symbols.lookup(name))
    return symbol;
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointAfter(kernel);
  symbols.insert(isDevice ? createDeviceThunk(builder, kernel, name)
                          : createThunk(kernel, name));
  return symbol;
}

func::FuncOp HostLowering::createThunk(func::FuncOp kernel, StringRef name) {
  Type i64 = builder.getI64Type();
  auto thunk = func::FuncOp::create(
      builder, kernel.getLoc(), name,
      builder.getFunctionType({pointerType, i64, i64, pointerType}, {}));
  thunk.setPrivate();
  Block *body = thunk.addEntryBlock();
  builder.setInsertionPointToStart(body);
  SmallVector<Value> arguments;
  TypeRange types = kernel.getArgumentTypes();
  for (auto [index, type] : llvm::enumerate(types.drop_back(3)))
    arguments.push_back(LLVM::LoadOp::create(
        builder, loc, type,
        LLVM::GEPOp::create(builder, loc, pointerType, i64,
                            body->getArgument(0),
                            ArrayRef<LLVM::GEPArg>{int32_t(index)})));
  arguments.append(
      {body->getArgument(1), body->getArgument(2), body->getArgument(3)});
  func::CallOp::create(builder, loc, kernel, arguments);
  func::ReturnOp::create(builder, loc);
  return thunk;
}

SmallVector<Attribute> HostLowering::getThunks(func::FuncOp kernel) {
  auto phases = kernel->getAttrOfType<ArrayAttr>(phasesAttrName);
  if (!phases)
    return {getThunk(kernel)};
  SmallVector<Attribute> thunks;
  for (auto phase : phases.getAsRange<FlatSymbolRefAttr>())
    thunks.push_back(getThunk(symbols.lookup<func::FuncOp>(phase.getValue())));
  return thunks;
}

SmallVector<Value> HostLowering::callCompanion(nn::LaunchOp launch,
                                               StringRef suffix,
                                               ArrayRef<Value> scalars) {
  auto companion =
      symbols.lookup<func::FuncOp>((launch.getCallee() + suffix).str());
  if (!companion)
    return {};
  // It looks at the scalars alone: null for pointers, also that to what units
  // share, and no units.
  SmallVector<Value> operands;
  Value null = LLVM::ZeroOp::create(builder, loc, pointerType);
  TypeRange types = companion.getArgumentTypes();
  for (Type type : types.drop_back(3)) {
    if (isa<LLVM::LLVMPointerType>(type)) {
      operands.push_back(null);
      continue;
    }
    operands.push_back(scalars.front());
    scalars = scalars.drop_front();
  }
  operands.append({number(0), number(0), null});
  return func::CallOp::create(builder, loc, companion, operands).getResults();
}

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

Value HostLowering::getUnits(nn::LaunchOp launch, func::FuncOp kernel,
                             ArrayRef<Value> scalars) {
  auto units = kernel->getAttrOfType<DenseI64ArrayAttr>(unitsAttrName);
  if (!units)
    return createArray(number(1));
  SmallVector<Value> dynamic = callCompanion(launch, ".units", scalars);
  ArrayRef<Value> rest = dynamic;
  SmallVector<Value> counts;
  for (int64_t count : units.asArrayRef()) {
    if (count < 0 && !rest.empty()) {
      counts.push_back(rest.front());
      rest = rest.drop_front();
      continue;
    }
    counts.push_back(number(count));
  }
  return createArray(counts);
}

LogicalResult HostLowering::lowerLaunch(nn::LaunchOp op) {
  auto kernel = symbols.lookup<func::FuncOp>(op.getCallee());
  SmallVector<Value> arguments;
  auto addPointer = [&](Value pointer) {
    arguments.push_back(
        LLVM::PtrToIntOp::create(builder, loc, builder.getI64Type(), pointer));
  };
  for (Value input : op.getInputs())
    if (isa<RankedTensorType>(input.getType()))
      addPointer(mapping.lookup(input));
  for (auto [result, slot] : llvm::zip(op->getResults(), op.getSlots())) {
    FailureOr<Value> pointer =
        getResultPointer(result, cast<nn::SlotAttr>(slot));
    if (failed(pointer))
      return failure();
    addPointer(*pointer);
    mapping.map(result, *pointer);
  }
  std::optional<SmallVector<Value>> scalars = getKernelScalars(op);
  if (!scalars)
    return op.emitOpError("needs a size that is not known yet");
  if (lateScratch.contains(op)) {
    SmallVector<Value> bytes = callCompanion(op, ".scratch", *scalars);
    returnIfNonzero(call("nncrt_grow_scratch", builder.getI32Type(),
                         {context, bytes.front()}));
  }
  arguments.append(*scalars);
  if (kernel->hasAttr(sharedBytesAttrName))
    addPointer(getSharedPointer(op, *scalars));
  int64_t row = tables.addKernel(op, getThunks(kernel));
  Value units = getUnits(op, kernel, *scalars);
  call("nncrt_parallel", Type(),
       {context, number32(row), createArray(arguments), units});
  return success();
}

//===----------------------------------------------------------------------===//
// Scratch
//===----------------------------------------------------------------------===//

Value HostLowering::getSharedPointer(nn::LaunchOp launch,
                                     ArrayRef<Value> scalars) {
  if (!lateShared.contains(launch)) {
    auto fixed = fixedShared.find(launch);
    return offsetPointer(call("nncrt_arena", pointerType, context),
                         fixed != fixedShared.end() ? number(fixed->second)
                         : sharedOffset             ? sharedOffset
                                                    : number(0));
  }
  SmallVector<Value> bytes = callCompanion(launch, ".shared", scalars);
  storage.pools = std::max(storage.pools, sharedPool + 1);
  Value pointer = call("nncrt_pool", pointerType,
                       {context, number32(sharedPool), bytes.front()});
  returnIfNull(pointer);
  return pointer;
}

/// The larger of two sizes; either may be null.
static Value getMax(OpBuilder &builder, Location loc, Value a, Value b) {
  if (!a || !b)
    return a ? a : b;
  return arith::MaxSIOp::create(builder, loc, a, b);
}

void HostLowering::prepareLaunch(nn::LaunchOp launch, bool isPlaced) {
  auto kernel = symbols.lookup<func::FuncOp>(launch.getCallee());
  auto getFixed = [&](StringRef name) {
    auto bytes = kernel->getAttrOfType<IntegerAttr>(name);
    return bytes ? bytes.getInt() : 0;
  };
  storage.scratchBytes =
      std::max(storage.scratchBytes, getFixed(scratchBytesAttrName));
  for (Attribute attribute : launch.getSlots())
    if (auto slot = cast<nn::SlotAttr>(attribute);
        slot.getKind() == nn::SlotClass::pool)
      sharedPool = std::max(sharedPool, slot.getIndex() + 1);
  auto has = [&](StringRef suffix) {
    return bool(symbols.lookup((launch.getCallee() + suffix).str()));
  };
  bool isScratchDynamic = has(".scratch"), isSharedDynamic = has(".shared");
  if (!isSharedDynamic)
    sharedBytes = std::max(sharedBytes, getFixed(sharedBytesAttrName));
  if (!isScratchDynamic && !isSharedDynamic)
    return;
  std::optional<SmallVector<Value>> scalars = getKernelScalars(launch);
  if (isScratchDynamic && !scalars)
    lateScratch.insert(launch);
  else if (isScratchDynamic)
    scratch = getMax(builder, loc, scratch,
                     callCompanion(launch, ".scratch", *scalars).front());
  // A fixed arena has no place that varies.
  if (isSharedDynamic && (!scalars || !isPlaced))
    lateShared.insert(launch);
  else if (isSharedDynamic)
    shared = getMax(builder, loc, shared,
                    callCompanion(launch, ".shared", *scalars).front());
}

void HostLowering::prepareScratch(bool isPlaced) {
  entry.walk([&](nn::LaunchOp launch) { prepareLaunch(launch, isPlaced); });
  bool isDynamic = bool(scratch);
  scratch = getMax(builder, loc, scratch, number(storage.scratchBytes));
  if (isDynamic)
    storage.scratchBytes = -1;
  if (isPlaced && (shared || sharedBytes))
    shared = getMax(builder, loc, shared, number(sharedBytes));
  else if (!isPlaced)
    placeShared();
}

void HostLowering::placeShared() {
  SharedMemory memory(entry);
  entry.walk([&](nn::LaunchOp launch) {
    auto kernel = symbols.lookup<func::FuncOp>(launch.getCallee());
    auto bytes = kernel->getAttrOfType<IntegerAttr>(sharedBytesAttrName);
    if (bytes && bytes.getInt() && !lateShared.contains(launch))
      memory.add(launch, bytes.getInt());
  });
  memory.finish();
  entry.walk([&](nn::LaunchOp launch) {
    if (std::optional<int64_t> offset = memory.getOffset(launch))
      fixedShared[launch] = *offset;
  });
  storage.arenaBytes = memory.getArenaBytes();
  storage.arenaLowerBound = memory.getLowerBound();
}

void HostLowering::lowerPlace(ValueRange sizes, ArrayRef<int64_t> lifetimes) {
  SmallVector<Value> bytes;
  for (Value size : sizes)
    bytes.push_back(toI64(size));
  storage.lifetimes.assign(lifetimes.begin(), lifetimes.end());
  // What the units of a kernel share is one more slot, alive in all kernels.
  if (shared) {
    bytes.push_back(shared);
    storage.lifetimes.append({0, std::numeric_limits<int32_t>::max()});
  }
  Value array = createArray(bytes);
  SmallVector<Value> zeros(bytes.size(), number(0));
  Value placed = createArray(zeros);
  Value status = call("nncrt_place", builder.getI32Type(),
                      {context, array, scratch, placed});
  returnIfNonzero(status);
  for (size_t i = 0; i < bytes.size(); ++i)
    offsets.push_back(loadElement(placed, number(i), builder.getI64Type()));
  if (shared)
    sharedOffset = offsets.pop_back_val();
  storage.slots = bytes.size();
}

void HostLowering::start() {
  if (isStarted)
    return;
  prepareScratch(/*isPlaced=*/false);
  // The run reserves a fixed arena by itself unless its scratch varies.
  if (storage.scratchBytes < 0)
    lowerPlace({}, {});
  isStarted = true;
}
