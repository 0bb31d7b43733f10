//===----------------------------------------------------------------------===//
// Gives every kernel result a place.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "ArenaPlan.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "nnc/Interfaces/ElementTypes.h"
#include "nnc/Memory/Storage.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_ASSIGNSTORAGEPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

namespace {
class StorageAssigner {
public:
  explicit StorageAssigner(func::FuncOp function)
      : function(function), builder(function.getContext()) {}

  LogicalResult run();

private:
  void hoistEarlyOps();
  void hoist(Operation *op);
  bool isEarly(Value value) const { return early.count(value); }
  void assignResult(OpResult result, ValueRange dims,
                    const ScheduleLifetimes &lifetimes);
  /// Gives all results of a slot its number, and its offset if that is known.
  void assignSlot(size_t index, std::optional<int64_t> offset);
  Value createSize(OpResult result, ValueRange dims);
  LogicalResult placeStatic();
  void placeDynamic();

  func::FuncOp function;
  OpBuilder builder;
  DenseSet<Value> early;
  DenseMap<Value, int64_t> outputs;
  DenseMap<Value, nn::SlotAttr> slots;
  /// The first op of the body that is or holds a kernel.
  Operation *firstWork = nullptr;
  ArenaPlan arena;
  int64_t pools = 0;
};
} // namespace

static bool holdsKernel(Operation &op) {
  return op.walk([](nn::KernelOp) { return WalkResult::interrupt(); })
      .wasInterrupted();
}

/// Moves what depends on the inputs alone in front of the first kernel, so that
/// sizes are known before memory is needed. From branches and loops only what
/// may be computed although they do not run: an element may be there only if
/// the branch is taken.
void StorageAssigner::hoistEarlyOps() {
  Block &body = function.getBody().front();
  for (BlockArgument argument : body.getArguments())
    early.insert(argument);
  for (Operation &op : llvm::make_early_inc_range(body)) {
    if (!firstWork && holdsKernel(op))
      firstWork = &op;
    hoist(&op);
    if (op.getNumRegions() && !isa<nn::KernelOp>(op))
      op.walk<WalkOrder::PreOrder>([&](Operation *nested) {
        if (isa<nn::KernelOp>(nested))
          return WalkResult::skip();
        if (nested != &op && isPure(nested) && !isa<tensor::ExtractOp>(nested))
          hoist(nested);
        return WalkResult::advance();
      });
  }
}

void StorageAssigner::hoist(Operation *op) {
  if (op->getNumRegions() || op->hasTrait<OpTrait::IsTerminator>() ||
      !llvm::all_of(op->getOperands(), [&](Value v) { return isEarly(v); }))
    return;
  if (firstWork && firstWork != op)
    op->moveBefore(firstWork);
  early.insert(op->result_begin(), op->result_end());
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
                                   const ScheduleLifetimes &lifetimes) {
  MLIRContext *context = function.getContext();
  auto output = outputs.find(result);
  if (output != outputs.end()) {
    std::optional<int64_t> offset;
    if (std::optional<JoinedPart> part = getJoinedPart(result))
      offset = part->offset;
    slots[result] = nn::SlotAttr::get(context, nn::SlotClass::output,
                                      output->second, offset);
    return;
  }
  if (!llvm::all_of(dims, [&](Value dim) { return isEarly(dim); })) {
    slots[result] =
        nn::SlotAttr::get(context, nn::SlotClass::pool, pools++, std::nullopt);
    return;
  }
  if (OpResult made = arena.add(result, lifetimes)) {
    auto kernel = cast<nn::KernelOp>(result.getOwner());
    remark::passed(
        kernel.getLoc(),
        remark::RemarkOpts::name("InPlace").category("nnc-assign-storage"))
        << kernel.getName() << " writes over the result of "
        << cast<nn::KernelOp>(made.getOwner()).getName();
    return;
  }
  ArenaSlot &slot = arena.slots.back();
  if (!slot.staticSize && slot.results.front() == result)
    slot.size = createSize(result, dims);
}

void StorageAssigner::assignSlot(size_t index, std::optional<int64_t> offset) {
  for (Value result : arena.slots[index].results) {
    std::optional<JoinedPart> part = getJoinedPart(cast<OpResult>(result));
    std::optional<int64_t> own = offset;
    if (own && part)
      *own += part->offset;
    slots[result] = nn::SlotAttr::get(function.getContext(),
                                      nn::SlotClass::arena, index, own);
  }
}

LogicalResult StorageAssigner::placeStatic() {
  SmallVector<nncmem::Buffer> buffers = arena.getBuffers();
  nncmem::Problem problem{buffers.data(), buffers.size()};
  nncmem::Outcome outcome = nncmem::check(problem);
  if (!outcome)
    return function.emitError("can't plan the memory: a tensor ")
           << nncmem::errorText(outcome.error);
  SmallVector<int64_t> offsets(buffers.size());
  std::vector<int64_t> work(nncmem::workBytes(buffers.size()) / 8 + 1);
  int64_t bytes = nncmem::solve(problem, offsets.data(), work.data());
  for (size_t index = 0; index < buffers.size(); ++index)
    assignSlot(index, offsets[index]);
  int64_t bound = nncmem::lowerBound(problem, work.data());
  function->setAttr(arenaBytesAttrName, builder.getI64IntegerAttr(bytes));
  function->setAttr(arenaLowerBoundAttrName, builder.getI64IntegerAttr(bound));
  remark::analysis(
      function.getLoc(),
      remark::RemarkOpts::name("Arena").category("nnc-assign-storage"))
      << remark::metric("Bytes", bytes) << remark::metric("LowerBound", bound)
      << remark::metric("Slots", int64_t(buffers.size()));
  return success();
}

void StorageAssigner::placeDynamic() {
  SmallVector<Value> sizes;
  SmallVector<int64_t> lifetimes;
  for (auto [index, slot] : llvm::enumerate(arena.slots)) {
    Location loc = slot.results.front().getLoc();
    sizes.push_back(slot.staticSize ? Value(arith::ConstantIndexOp::create(
                                          builder, loc, *slot.staticSize))
                                    : slot.size);
    lifetimes.append({slot.first, slot.last});
    assignSlot(index, std::nullopt);
  }
  nn::PlaceOp::create(builder, function.getLoc(), sizes, lifetimes);
}

LogicalResult StorageAssigner::run() {
  Block &body = function.getBody().front();
  hoistEarlyOps();
  for (OpOperand &operand : body.getTerminator()->getOpOperands()) {
    if (!isa<RankedTensorType>(operand.get().getType()))
      continue;
    SmallVector<OpResult> made = getWrittenResults(operand.get());
    bool isNew = !made.empty();
    for (OpResult value : made)
      isNew &= outputs.try_emplace(value, operand.getOperandNumber()).second;
    if (!isNew)
      return function.emitOpError("expects each result to be made by a kernel "
                                  "of its own");
  }
  ScheduleLifetimes lifetimes(function);
  ArrayRef<nn::KernelOp> kernels = lifetimes.getKernels();
  if (kernels.empty())
    return success();
  builder.setInsertionPoint(firstWork);
  for (nn::KernelOp kernel : kernels) {
    ValueRange dims = kernel.getResultDims();
    for (OpResult result : kernel->getResults()) {
      size_t count =
          cast<RankedTensorType>(result.getType()).getNumDynamicDims();
      assignResult(result, dims.take_front(count), lifetimes);
      dims = dims.drop_front(count);
    }
  }
  if (llvm::all_of(arena.slots,
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
