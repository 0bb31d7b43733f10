//===----------------------------------------------------------------------===//
// Chooses how the loops of contractions are cut.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "dialects/HW/IR/KnownTargets.h"
#include "dialects/Kern/IR/KernDialect.h"
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

static void tile(kern::ContractionOpInterface op, hw::TargetAttr target) {
  auto holder = cast<kern::EpilogueOpInterface>(op.getOperation());
  Type sumType = holder.getEpilogue().front().getArgument(0).getType();
  TilingChoice best = rankTilings(target, op.getExtents(), sumType,
                                  getElementBytes(op.getPackedOperand().get()))
                          .front();
  holder.setTilingAttr(best.tiling);
  remark::passed(op.getLoc(), remark::RemarkOpts::name("Tiling").category(
                                  "nnc-tile-kernels"))
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
    hw::TargetAttr machine = hw::getKnownTarget(&getContext(), target);
    if (!machine) {
      getOperation()->emitError("target '")
          << target << "' is not known; known are "
          << llvm::join(hw::getKnownTargetNames(), ", ");
      return signalPassFailure();
    }
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
