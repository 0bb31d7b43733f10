//===----------------------------------------------------------------------===//
// How products with matrices in few bits are cut.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/CostModel/NarrowTiling.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::nnc;

/// Panels of a unit: some units for each thread, each worth some microseconds.
static int64_t choosePanels(int64_t panels, int64_t rows, int64_t panelWork) {
  constexpr int64_t wantedUnits = 16, workOfUnit = 1 << 19, mostPanels = 8;
  // A few rows take as long as eight: the weights have to come first.
  int64_t least =
      llvm::divideCeil(workOfUnit, panelWork * std::max<int64_t>(rows, 8));
  int64_t block = std::max(std::min(panels / wantedUnits, mostPanels), least);
  return block >= panels ? 0 : block;
}

TilingChoice mlir::nnc::chooseNarrowTiling(hw::TargetAttr target,
                                           kern::NarrowGemmOp op) {
  constexpr int64_t mostRowsOfUnit = 256, blockRows = 128, someRegisters = 32;
  kern::Extents extents = op.getExtents();
  Type sums = op.getSumType();
  int64_t lanes = target.getLanes(sums),
          registers = target.getVectorRegisters();
  bool isDynamic = ShapedType::isDynamic(extents.rows);
  int64_t allRows = isDynamic ? blockRows : std::max<int64_t>(extents.rows, 1);
  int64_t vectors = !isDynamic && allRows == 1   ? 4
                    : registers >= someRegisters ? 3
                                                 : 2;
  vectors =
      std::min<int64_t>(vectors, llvm::divideCeil(extents.columns, lanes));
  // As many as the register tile of other products may have.
  int64_t rows = std::clamp<int64_t>(
      (registers * 15 / 16 - 1 - vectors) / vectors, 1, allRows);
  int64_t panels = llvm::divideCeil(extents.columns, lanes * vectors);
  int64_t panelWork = extents.depth * lanes * vectors;
  int64_t mBlock = isDynamic || allRows > mostRowsOfUnit
                       ? llvm::alignTo(blockRows, rows)
                       : 0;
  int64_t nBlock = choosePanels(panels, isDynamic ? 1 : allRows, panelWork);
  auto weights = cast<ShapedType>(op.getWeights().getType());
  int64_t bits = op.getStored().getIntOrFloatBitWidth();
  bool prefetch = weights.getNumElements() / 8 * bits >=
                  int64_t(target.getL2Kib()) * 1024 / 2;
  auto tiling = hw::TilingAttr::get(target.getContext(), lanes, rows, vectors,
                                    mBlock, nBlock, /*k_block=*/0, prefetch);
  double cycles =
      predictTiling(target, extents, sums, /*operandBytes=*/1, tiling).cycles;
  double ideal = double(allRows) * double(extents.columns) *
                 double(extents.depth) / double(lanes) / target.getFmaPorts();
  return {tiling, cycles, ideal / cycles};
}
