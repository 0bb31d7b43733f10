//===----------------------------------------------------------------------===//
// Chooses how the loops of contractions are cut.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "dialects/HW/IR/KnownTargets.h"
#include "dialects/Kern/IR/KernDialect.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"
#include "nnc/CostModel/Tiling.h"
#include "llvm/Support/FormatVariadic.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_TILEKERNELSPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

static int64_t getElementBytes(Value tensor) {
  Type type = cast<ShapedType>(tensor.getType()).getElementType();
  return std::max(1u, type.getIntOrFloatBitWidth() / 8);
}

static Type getSumType(Operation *op) {
  return cast<kern::EpilogueOpInterface>(op)
      .getEpilogue()
      .front()
      .getArgument(0)
      .getType();
}

static TilingChoice findBest(kern::ContractionOpInterface op,
                             hw::TargetAttr target) {
  return rankTilings(target, op.getExtents(), getSumType(op),
                     getElementBytes(op.getPackedOperand().get()))
      .front();
}

static remark::RemarkOpts getRemarkOpts(StringRef name) {
  return remark::RemarkOpts::name(name).category("nnc-tile-kernels");
}

//===----------------------------------------------------------------------===//
// Winograd's convolution
//===----------------------------------------------------------------------===//

/// True if there is a transform for it.
static bool hasWinogradForm(kern::ConvOp op) {
  ArrayRef<int64_t> filter =
      cast<ShapedType>(op.getFilter().getType()).getShape();
  auto isOne = [](int64_t number) { return number == 1; };
  return !op.getPacked() && op.getStrides().size() == 2 && op.getGroup() == 1 &&
         filter.take_back(2) == ArrayRef<int64_t>{3, 3} &&
         llvm::all_of(op.getStrides(), isOne) &&
         llvm::all_of(op.getDilations(), isOne) &&
         isa<FloatType>(getElementTypeOrSelf(op.getFilter().getType()));
}

/// The same convolution by the transform, in front of `op`.
static kern::WinogradOp createWinograd(kern::ConvOp op, int64_t tile) {
  OpBuilder builder(op);
  auto winograd = kern::WinogradOp::create(
      builder, op.getLoc(), op->getResultTypes(), tile, op.getInput(),
      op.getFilter(), op.getExtras(), op.getInit(), op.getPads(),
      /*packed=*/false, op.getExtraMaps(), hw::TilingAttr());
  IRMapping mapping;
  op.getEpilogue().cloneInto(&winograd.getEpilogue(), mapping);
  return winograd;
}

/// Cycles of an algorithm whose weights are `growth` times the filter. Of the
/// time to read them from memory prefetching hides about half (512 channels on
/// 7 x 7 places: 1.9 ms where products alone take 1.5 and reading 0.8).
static double predict(kern::ContractionOpInterface op, hw::TargetAttr target,
                      double growth) {
  auto filter = cast<ShapedType>(op.getPackedOperand().get().getType());
  double bytes = double(filter.getNumElements()) *
                 double(getElementBytes(op.getPackedOperand().get())) * growth;
  return findBest(op, target).cycles +
         predictStreaming(target, int64_t(bytes)) / 2;
}

/// Takes the fastest of the allowed algorithms; true if that is not the direct
/// one.
static bool useWinograd(kern::ConvOp op, hw::TargetAttr target,
                        ArrayRef<int64_t> tiles) {
  if (tiles.empty() || !hasWinogradForm(op))
    return false;
  double direct = predict(op, target, 1), best = direct;
  kern::WinogradOp chosen;
  for (int64_t tile : tiles) {
    kern::WinogradOp candidate = createWinograd(op, tile);
    double growth = double((tile + 2) * (tile + 2)) / 9;
    double cycles = predict(candidate, target, growth) +
                    predictWinogradTransforms(target, candidate.getExtents(),
                                              tile, getSumType(candidate));
    bool isBetter = cycles < best;
    if (isBetter)
      best = cycles;
    kern::WinogradOp loser = isBetter ? chosen : candidate;
    if (isBetter)
      chosen = candidate;
    if (loser)
      loser.erase();
  }
  if (!chosen) {
    remark::missed(op.getLoc(), getRemarkOpts("Winograd"))
        << "the direct convolution is predicted to be faster";
    return false;
  }
  remark::passed(op.getLoc(), getRemarkOpts("Winograd"))
      << llvm::formatv("F({0},3): {1:F2} times faster than direct by "
                       "prediction",
                       chosen.getTile(), direct / best)
             .str();
  op.replaceAllUsesWith(chosen.getResults());
  op.erase();
  return true;
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

static void tile(kern::ContractionOpInterface op, hw::TargetAttr target) {
  TilingChoice best = findBest(op, target);
  cast<kern::EpilogueOpInterface>(op.getOperation()).setTilingAttr(best.tiling);
  remark::passed(op.getLoc(), getRemarkOpts("Tiling"))
      << llvm::formatv("{0} rows by {1} vectors of {2}: {3:P0} of the "
                       "multiply-add peak expected",
                       best.tiling.getRows(), best.tiling.getVectors(),
                       best.tiling.getLanes(), best.efficiency)
             .str();
}

namespace {
struct TileKernels : nnc::impl::TileKernelsPassBase<TileKernels> {
  using TileKernelsPassBase::TileKernelsPassBase;

  void runOnOperation() override {
    hw::TargetAttr machine = hw::findTarget(getOperation(), target);
    if (!machine)
      return signalPassFailure();
    std::optional<SmallVector<int64_t>> tiles = getWinogradTiles(precision);
    if (!tiles) {
      getOperation()->emitError("expects precision strict, default or relaxed, "
                                "but got '")
          << precision << "'";
      return signalPassFailure();
    }
    SmallVector<kern::ConvOp> convolutions;
    getOperation().walk([&](kern::ConvOp op) { convolutions.push_back(op); });
    for (kern::ConvOp op : convolutions)
      if (!op.getTiling())
        numWinograd += useWinograd(op, machine, *tiles);
    getOperation().walk([&](kern::ContractionOpInterface op) {
      auto holder = dyn_cast<kern::EpilogueOpInterface>(op.getOperation());
      if (!holder || holder.getTilingAttr())
        return;
      tile(op, machine);
      ++numTiled;
    });
  }
};
} // namespace
