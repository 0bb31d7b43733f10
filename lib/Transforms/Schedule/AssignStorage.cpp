//===----------------------------------------------------------------------===//
// Gives every kernel result a place.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "dialects/NN/IR/NNOps.h"
#include "nnc/Interfaces/ElementTypes.h"
#include "nnc/Memory/Storage.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_ASSIGNSTORAGEPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

/// Slots start on a cache line, in bytes; as NNCRT_ALIGNMENT.
static constexpr int64_t slotAlignment = 64;

namespace {
/// A kernel result that lives in the arena.
struct ArenaSlot {
  Value result;
  int64_t first = 0;
  int64_t last = 0;
  /// In bytes: a number, or an index value.
  std::optional<int64_t> staticSize;
  Value size;
};

class StorageAssigner {
public:
  explicit StorageAssigner(func::FuncOp function)
      : function(function), builder(function.getContext()) {}

  LogicalResult run();

private:
  void hoistEarlyOps();
  bool isEarly(Value value) const { return early.count(value); }
  int64_t getLastUse(Value value, int64_t position) const;
  void assignResult(OpResult result, ValueRange dims, int64_t position);
  Value createSize(OpResult result, ValueRange dims);
  LogicalResult placeStatic();
  void placeDynamic();

  func::FuncOp function;
  OpBuilder builder;
  DenseSet<Value> early;
  DenseMap<Value, int64_t> outputs;
  DenseMap<Value, nn::SlotAttr> slots;
  DenseMap<Operation *, int64_t> positions;
  SmallVector<ArenaSlot> arena;
  int64_t pools = 0;
};
} // namespace

/// Moves what depends on the inputs alone in front of the first kernel, so that
/// sizes are known before memory is needed.
void StorageAssigner::hoistEarlyOps() {
  Block &body = function.getBody().front();
  for (BlockArgument argument : body.getArguments())
    early.insert(argument);
  Operation *firstKernel = nullptr;
  for (Operation &op : llvm::make_early_inc_range(body)) {
    if (isa<nn::KernelOp>(op)) {
      if (!firstKernel)
        firstKernel = &op;
      continue;
    }
    if (op.hasTrait<OpTrait::IsTerminator>() ||
        !llvm::all_of(op.getOperands(), [&](Value v) { return isEarly(v); }))
      continue;
    if (firstKernel)
      op.moveBefore(firstKernel);
    early.insert(op.result_begin(), op.result_end());
  }
}

/// The last position at which the memory of `value` is read, through views.
int64_t StorageAssigner::getLastUse(Value value, int64_t position) const {
  int64_t last = position;
  for (Operation *user : value.getUsers()) {
    last = std::max(last, positions.lookup(user));
    if (isa<nn::ReshapeOp, tensor::CastOp>(user))
      last = std::max(last, getLastUse(user->getResult(0), last));
  }
  return last;
}

Value StorageAssigner::createSize(OpResult result, ValueRange dims) {
  auto type = cast<RankedTensorType>(result.getType());
  int64_t width = nncio::elementBytes(*toElementType(type.getElementType()));
  for (int64_t size : type.getShape())
    if (!ShapedType::isDynamic(size))
      width *= size;
  Location loc = result.getLoc();
  Value bytes = arith::ConstantIndexOp::create(builder, loc, width);
  for (Value dim : dims)
    bytes = builder.createOrFold<arith::MulIOp>(loc, bytes, dim);
  return bytes;
}

void StorageAssigner::assignResult(OpResult result, ValueRange dims,
                                   int64_t position) {
  MLIRContext *context = function.getContext();
  auto output = outputs.find(result);
  if (output != outputs.end()) {
    slots[result] = nn::SlotAttr::get(context, nn::SlotClass::output,
                                      output->second, std::nullopt);
    return;
  }
  if (!llvm::all_of(dims, [&](Value dim) { return isEarly(dim); })) {
    slots[result] =
        nn::SlotAttr::get(context, nn::SlotClass::pool, pools++, std::nullopt);
    return;
  }
  ArenaSlot slot;
  slot.result = result;
  slot.first = position;
  slot.last = getLastUse(result, position);
  auto type = cast<RankedTensorType>(result.getType());
  if (type.hasStaticShape())
    slot.staticSize =
        type.getNumElements() *
        nncio::elementBytes(*toElementType(type.getElementType()));
  else
    slot.size = createSize(result, dims);
  arena.push_back(slot);
}

LogicalResult StorageAssigner::placeStatic() {
  SmallVector<nncmem::Buffer> buffers;
  for (const ArenaSlot &slot : arena)
    buffers.push_back({*slot.staticSize, slotAlignment, int32_t(slot.first),
                       int32_t(slot.last)});
  nncmem::Problem problem{buffers.data(), buffers.size()};
  nncmem::Outcome outcome = nncmem::check(problem);
  if (!outcome)
    return function.emitError("can't plan the memory: a tensor ")
           << nncmem::errorText(outcome.error);
  SmallVector<int64_t> offsets(buffers.size());
  std::vector<int64_t> work(nncmem::workBytes(buffers.size()) / 8 + 1);
  int64_t bytes = nncmem::greedyBySize(problem, offsets.data(), work.data());
  for (auto [index, slot] : llvm::enumerate(arena))
    slots[slot.result] = nn::SlotAttr::get(
        function.getContext(), nn::SlotClass::arena, index, offsets[index]);
  function->setAttr(arenaBytesAttrName, builder.getI64IntegerAttr(bytes));
  return success();
}

void StorageAssigner::placeDynamic() {
  SmallVector<Value> sizes;
  SmallVector<int64_t> lifetimes;
  for (auto [index, slot] : llvm::enumerate(arena)) {
    sizes.push_back(slot.staticSize
                        ? Value(arith::ConstantIndexOp::create(
                              builder, slot.result.getLoc(), *slot.staticSize))
                        : slot.size);
    lifetimes.append({slot.first, slot.last});
    slots[slot.result] = nn::SlotAttr::get(
        function.getContext(), nn::SlotClass::arena, index, std::nullopt);
  }
  nn::PlaceOp::create(builder, function.getLoc(), sizes, lifetimes);
}

LogicalResult StorageAssigner::run() {
  Block &body = function.getBody().front();
  SmallVector<nn::KernelOp> kernels;
  // A host op reads when the kernel after it runs.
  for (Operation &op : body) {
    positions[&op] = kernels.size();
    if (auto kernel = dyn_cast<nn::KernelOp>(op))
      kernels.push_back(kernel);
  }
  hoistEarlyOps();
  for (OpOperand &operand : body.getTerminator()->getOpOperands()) {
    Value value = operand.get();
    while (value.getDefiningOp<nn::ReshapeOp>() ||
           value.getDefiningOp<tensor::CastOp>())
      value = value.getDefiningOp()->getOperand(0);
    if (!value.getDefiningOp<nn::KernelOp>() ||
        !outputs.try_emplace(value, operand.getOperandNumber()).second)
      return function.emitOpError("expects each result to be made by a kernel "
                                  "of its own");
  }
  if (kernels.empty())
    return success();
  builder.setInsertionPoint(kernels.front());
  for (nn::KernelOp kernel : kernels) {
    ValueRange dims = kernel.getResultDims();
    for (OpResult result : kernel->getResults()) {
      size_t count =
          cast<RankedTensorType>(result.getType()).getNumDynamicDims();
      assignResult(result, dims.take_front(count), positions[kernel]);
      dims = dims.drop_front(count);
    }
  }
  if (llvm::all_of(arena,
                   [](const ArenaSlot &s) { return bool(s.staticSize); })) {
    if (failed(placeStatic()))
      return failure();
  } else {
    placeDynamic();
  }
  for (nn::KernelOp kernel : kernels) {
    SmallVector<Attribute> own;
    for (Value result : kernel.getResults())
      own.push_back(slots[result]);
    kernel.setSlotsAttr(builder.getArrayAttr(own));
  }
  return success();
}

namespace {
struct AssignStorage : nnc::impl::AssignStoragePassBase<AssignStorage> {
  void runOnOperation() override {
    if (getOperation()->hasAttr(nn::NNDialect::entryAttrName) &&
        failed(StorageAssigner(getOperation()).run()))
      signalPassFailure();
  }
};
} // namespace
