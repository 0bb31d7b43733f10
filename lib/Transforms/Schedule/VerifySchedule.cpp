//===----------------------------------------------------------------------===//
// Checks the contract of the schedule phase.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "dialects/NN/IR/NNOps.h"
#include "nnc/Interfaces/ElementTypes.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_VERIFYSCHEDULEPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

namespace {
/// A placed arena slot: bytes [begin, end) at positions [first, last].
struct Extent {
  Operation *kernel;
  int64_t begin, end, first, last;
};
} // namespace

static int64_t getLastUse(Value value,
                          const DenseMap<Operation *, int64_t> &positions) {
  int64_t last = 0;
  for (Operation *user : value.getUsers()) {
    last = std::max(last, positions.lookup(user));
    if (isa<nn::ReshapeOp, tensor::CastOp>(user))
      last = std::max(last, getLastUse(user->getResult(0), positions));
  }
  return last;
}

static LogicalResult verifyExtents(ArrayRef<Extent> extents) {
  for (size_t i = 0; i < extents.size(); ++i)
    for (size_t j = i + 1; j < extents.size(); ++j) {
      const Extent &a = extents[i], &b = extents[j];
      if (a.first <= b.last && b.first <= a.last && a.begin < b.end &&
          b.begin < a.end)
        return b.kernel->emitOpError("writes arena bytes ")
               << b.begin << " to " << b.end << " that hold a live result at "
               << a.begin << " to " << a.end;
    }
  return success();
}

static LogicalResult verifySchedule(func::FuncOp function) {
  DenseMap<Operation *, int64_t> positions;
  int64_t position = 0;
  int64_t previous = -1;
  for (Operation &op : function.getBody().front()) {
    positions[&op] = position;
    auto kernel = dyn_cast<nn::KernelOp>(op);
    if (!kernel)
      continue;
    ++position;
    if (!kernel.getOrder() || int64_t(*kernel.getOrder()) <= previous)
      return kernel.emitOpError("expects an order above ")
             << previous << ", that of the kernel before";
    previous = *kernel.getOrder();
    if (!kernel.getSlots())
      return kernel.emitOpError("expects a slot for each result");
  }
  SmallVector<Extent> extents;
  for (auto kernel : function.getOps<nn::KernelOp>())
    for (auto [result, attr] :
         llvm::zip(kernel.getResults(), *kernel.getSlots())) {
      auto slot = cast<nn::SlotAttr>(attr);
      auto type = cast<RankedTensorType>(result.getType());
      if (slot.getKind() != nn::SlotClass::arena || !slot.getOffset() ||
          !type.hasStaticShape())
        continue;
      int64_t bytes =
          type.getNumElements() *
          nncio::elementBytes(*toElementType(type.getElementType()));
      int64_t first = positions[kernel];
      extents.push_back({kernel, *slot.getOffset(), *slot.getOffset() + bytes,
                         first,
                         std::max(first, getLastUse(result, positions))});
    }
  return verifyExtents(extents);
}

namespace {
struct VerifySchedule : nnc::impl::VerifySchedulePassBase<VerifySchedule> {
  void runOnOperation() override {
    if (getOperation()->hasAttr(nn::NNDialect::entryAttrName) &&
        failed(verifySchedule(getOperation())))
      signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace
