//===----------------------------------------------------------------------===//
// Checks the contract of the schedule phase.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "InPlace.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "nnc/Interfaces/ElementTypes.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_VERIFYSCHEDULEPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

namespace {
/// An arena result, alive at positions [first, last].
struct Extent {
  OpResult result;
  nn::SlotAttr slot;
  int64_t first, last;

  /// Bytes [begin, end), of a static tensor with a known place.
  bool isPlaced() const { return slot.getOffset() && type().hasStaticShape(); }
  RankedTensorType type() const {
    return cast<RankedTensorType>(result.getType());
  }
  int64_t begin() const { return *slot.getOffset(); }
  int64_t end() const {
    return begin() +
           type().getNumElements() *
               nncio::elementBytes(*toElementType(type().getElementType()));
  }
  bool meets(const Extent &other) const {
    if (last < other.first || other.last < first)
      return false;
    if (!isPlaced() || !other.isPlaced())
      return slot.getIndex() == other.slot.getIndex();
    return begin() < other.end() && other.begin() < end();
  }
};
} // namespace

/// Results that are alive together keep apart, unless the later one is written
/// over the earlier, at the same place.
static LogicalResult verifyExtents(ArrayRef<Extent> extents,
                                   const ScheduleLifetimes &lifetimes) {
  for (size_t i = 0; i < extents.size(); ++i)
    for (size_t j = i + 1; j < extents.size(); ++j) {
      const Extent &a = extents[i], &b = extents[j];
      if (!a.meets(b))
        continue;
      auto kernel = cast<nn::KernelOp>(b.result.getOwner());
      if (a.slot == b.slot && mayOverwrite(kernel, a.result, lifetimes))
        continue;
      if (!a.isPlaced() || !b.isPlaced())
        return kernel.emitOpError("writes arena slot ")
               << b.slot.getIndex() << ", which holds a live result";
      return kernel.emitOpError("writes arena bytes ")
             << b.begin() << " to " << b.end() << " that hold a live result at "
             << a.begin() << " to " << a.end();
    }
  return success();
}

/// What the run places lives as long as all results in it.
static LogicalResult verifyPlace(func::FuncOp function,
                                 ArrayRef<Extent> extents) {
  for (nn::PlaceOp place : function.getOps<nn::PlaceOp>())
    for (const Extent &extent : extents) {
      size_t index = extent.slot.getIndex();
      ArrayRef<int64_t> lives = place.getLifetimes();
      if (lives.size() < 2 * (index + 1) || extent.first < lives[2 * index] ||
          lives[2 * index + 1] < extent.last)
        return place.emitOpError("expects slot ")
               << index << " to live from " << extent.first << " to "
               << extent.last << ", as a result in it does";
    }
  return success();
}

/// The slot of a kernel result, once storage is assigned.
static nn::SlotAttr getSlot(OpResult result) {
  auto kernel = cast<nn::KernelOp>(result.getOwner());
  return cast<nn::SlotAttr>((*kernel.getSlots())[result.getResultNumber()]);
}

/// Parts of a joined tensor lie one behind the other in one place.
static LogicalResult verifyJoin(tensor::ConcatOp join) {
  nn::SlotAttr before;
  int64_t end = 0;
  for (Value part : join.getInputs()) {
    OpResult result = getKernelResult(part);
    nn::SlotAttr slot = result ? getSlot(result) : nn::SlotAttr();
    if (!slot || !slot.getOffset())
      return join.emitOpError("expects to join results of kernels whose places "
                              "are known");
    if (before &&
        (slot.getKind() != before.getKind() ||
         slot.getIndex() != before.getIndex() || *slot.getOffset() != end))
      return join.emitOpError("expects a part at ")
             << end << " of the slot of the part before, but got " << slot;
    before = slot;
    end = *slot.getOffset() +
          getStaticBytes(cast<RankedTensorType>(part.getType()));
  }
  return success();
}

/// Views of a stretch of memory are along an axis before which there is but one
/// place.
static LogicalResult verifyStretches(func::FuncOp function) {
  auto isOutermost = [](ArrayRef<int64_t> shape, int64_t axis) {
    return llvm::all_of(shape.take_front(axis),
                        [](int64_t size) { return size == 1; });
  };
  for (Operation &op : function.getBody().front()) {
    if (auto join = dyn_cast<tensor::ConcatOp>(op)) {
      if (!join.getType().hasStaticShape() ||
          !isOutermost(join.getType().getShape(), join.getDim()))
        return join.emitOpError("expects to join along the outermost axis");
      if (failed(verifyJoin(join)))
        return failure();
    }
    auto slice = dyn_cast<tensor::ExtractSliceOp>(op);
    if (slice && !findStretch(slice))
      return slice.emitOpError("expects a stretch along the outermost axis");
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
      auto [first, last] = lifetimes.getLifetime(result);
      if (slot.getKind() == nn::SlotClass::arena)
        extents.push_back({result, slot, first, last});
    }
  if (failed(verifyPlace(function, extents)) ||
      failed(verifyStretches(function)))
    return failure();
  return verifyExtents(extents, lifetimes);
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
