//===----------------------------------------------------------------------===//
// Checks the contract of the schedule phase.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "nnc/Analysis/ScheduleLifetimes.h"
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
  ScheduleLifetimes lifetimes(function);
  int64_t previous = -1;
  for (nn::KernelOp kernel : lifetimes.getKernels()) {
    if (!kernel.getOrder() || int64_t(*kernel.getOrder()) <= previous)
      return kernel.emitOpError("expects an order above ")
             << previous << ", that of the kernel before";
    previous = *kernel.getOrder();
    if (!kernel.getSlots())
      return kernel.emitOpError("expects a slot for each result");
  }
  SmallVector<Extent> extents;
  for (nn::KernelOp kernel : lifetimes.getKernels())
    for (auto [result, attr] :
         llvm::zip(kernel->getResults(), *kernel.getSlots())) {
      auto slot = cast<nn::SlotAttr>(attr);
      auto type = cast<RankedTensorType>(result.getType());
      if (slot.getKind() != nn::SlotClass::arena || !slot.getOffset() ||
          !type.hasStaticShape())
        continue;
      int64_t bytes =
          type.getNumElements() *
          nncio::elementBytes(*toElementType(type.getElementType()));
      auto [first, last] = lifetimes.getLifetime(result);
      extents.push_back(
          {kernel, *slot.getOffset(), *slot.getOffset() + bytes, first, last});
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
