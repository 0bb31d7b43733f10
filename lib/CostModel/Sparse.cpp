//===----------------------------------------------------------------------===//
// What products with matrices of few blocks cost.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/CostModel/Sparse.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::nnc;

/// Estimates, held against measurements on an Emerald Rapids
/// (test/benchmarks/compare-sparse.sh): cycles of
/// turning a square of rows around, an element of a vector; those of a list of
/// blocks, for its ends and a branch that is not foreseen; those of finishing a
/// row of narrow blocks' sums; and by what blocks take longer than their
/// arithmetic, and wide ones with panels beyond the first-level cache.
static constexpr double turnCycles = 4, listCycles = 18, rowCycles = 4,
                        blockFactor = 1.1, farFactor = 1.35;

SparseShape SparseShape::get(kern::SparseOp op) {
  kern::Extents extents = op.getExtents();
  return {extents.rows,      extents.columns,          extents.depth,
          op.getNumBlocks(), int64_t(op.getColumns()), int64_t(op.getDot())};
}

/// Rows to calculate with where they are not known.
static int64_t assumeRows(const SparseShape &shape) {
  constexpr int64_t middle = 128;
  return ShapedType::isDynamic(shape.rows) ? middle
                                           : std::max<int64_t>(shape.rows, 1);
}

hw::TilingAttr mlir::nnc::chooseSparseTiling(hw::TargetAttr target,
                                             const SparseShape &shape,
                                             Type sumType) {
  int64_t lanes = target.getLanes(sumType), rows = assumeRows(shape);
  int64_t registers = target.getVectorRegisters() * 15 / 16;
  auto make = [&](int64_t tileRows, int64_t vectors) {
    return hw::TilingAttr::get(target.getContext(), lanes, tileRows, vectors,
                               /*m_block=*/0, /*n_block=*/0, /*k_block=*/0,
                               /*prefetch=*/false);
  };
  if (shape.blockColumns == lanes) {
    // A vector of columns and a broadcast factor beside the sums; strips alike.
    int64_t most = std::max<int64_t>(registers - 2, 1);
    return make(llvm::divideCeil(rows, llvm::divideCeil(rows, most)), 1);
  }
  // Enough sums to hide the latency of adding to them.
  int64_t wanted = std::max<int64_t>(4, 8 / shape.blockColumns);
  int64_t vectors = std::clamp<int64_t>(
      (registers - 1) / (shape.blockColumns + 1), 1, wanted);
  vectors = std::min<int64_t>(vectors, llvm::divideCeil(rows, lanes));
  return make(shape.blockColumns, vectors);
}

TilingCost mlir::nnc::predictSparse(hw::TargetAttr target,
                                    const SparseShape &shape, Type sumType,
                                    hw::TilingAttr tiling) {
  bool isWide = shape.blockColumns == tiling.getLanes();
  int64_t lanes = tiling.getLanes(), vectors = tiling.getVectors();
  int64_t unitRows = isWide ? int64_t(tiling.getRows()) : lanes * vectors;
  double rows = double(assumeRows(shape));
  double units = std::ceil(rows / double(unitRows));
  double squares = units * double(llvm::divideCeil(unitRows, lanes));
  double ofSquare = turnCycles * double(lanes);
  int64_t rowsOfSums = isWide ? int64_t(tiling.getRows()) : shape.blockColumns;
  double sums = double(rowsOfSums * vectors);
  // Two loads a cycle: numbers of one side, vectors of the other, a place.
  double loads = double(isWide ? unitRows + 2 : vectors + rowsOfSums + 1) / 2;
  // The panel's part of a step, from the second-level cache if it must be.
  int64_t bytes = sumType.getIntOrFloatBitWidth() / 8;
  int64_t stepBytes =
      int64_t(llvm::alignTo(unitRows, lanes)) * (isWide ? 4 : bytes);
  bool isFar = shape.steps * stepBytes > target.getL1Kib() * 1024 * 3 / 4;
  double streamed =
      isFar ? double(stepBytes) / double(target.getL2BytesPerCycle()) : 0;
  double step = std::max({sums / double(target.getFmaPorts()), loads, streamed,
                          double(target.getFmaLatency())});
  double lists =
      units * double(llvm::divideCeil(shape.columns, shape.blockColumns));
  double strips = std::ceil(double(shape.columns) / double(lanes));
  TilingCost cost;
  cost.cycles = units * double(shape.blocks) * step *
                (isWide && isFar ? farFactor : blockFactor);
  cost.stripCycles =
      squares * std::ceil(double(shape.steps) / double(lanes)) * ofSquare +
      lists * (listCycles + sums);
  // Narrow blocks' sums are turned around once more.
  if (!isWide)
    cost.stripCycles += strips * (squares * ofSquare + rows * rowCycles);
  cost.loads = units * double(shape.blocks) * loads * 2;
  cost.units = units;
  cost.packedReads = units;
  return cost;
}
