//===----------------------------------------------------------------------===//
// Which tiling a contraction should have on a machine, by an analytical model.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COSTMODEL_TILING_H
#define NNC_COSTMODEL_TILING_H

#include "dialects/HW/IR/HWDialect.h"
#include "dialects/Kern/IR/KernDialect.h"

namespace mlir::nnc {

/// A tiling and what it costs by prediction.
struct TilingChoice {
  hw::TilingAttr tiling;
  /// Cycles of one core for all of the contraction.
  double cycles;
  /// Share of the cycles that the multiply-adds of the result alone take.
  double efficiency;
};

/// All tilings worth considering, the best first; never empty. Unknown extents
/// count as large. The model: a tile of r rows and v vectors takes, a step of
/// the depth, the most of r v / ports (multiply-adds), (r + v) / 2 (loads),
/// the latency of a multiply-add (each register is added to once a step), and
/// the bytes of its panel by the bandwidth of the second-level cache where the
/// panel does not stay in the first. Rows and columns that do not fill their
/// tile count as what their own tile takes.
///
/// `elementType` is that of the sums, `operandBytes` the width of an element of
/// the packed operand.
SmallVector<TilingChoice> rankTilings(hw::TargetAttr target,
                                      const kern::Extents &extents,
                                      Type elementType, int64_t operandBytes);

/// What a contraction costs with a tiling that has been chosen, on one core.
struct TilingCost {
  /// For all products, what rests of rows and columns do not fill included.
  double cycles = 0;
  /// For what is done once a tile: sums are cleared, finished and written.
  double stripCycles = 0;
  /// Vectors and factors that are loaded for the products.
  double loads = 0;
  /// Those of them that are loaded to all lanes.
  double broadcasts = 0;
  /// Parts that threads can share out.
  double units = 1;
  /// How often the packed operand, and the rows, are read in full.
  double packedReads = 1, rowReads = 1;
};

/// The same model as that of rankTilings for one tiling; a null one stands for
/// the best. Unknown extents count as large.
TilingCost predictTiling(hw::TargetAttr target, const kern::Extents &extents,
                         Type elementType, int64_t operandBytes,
                         hw::TilingAttr tiling);

/// The tiles of Winograd's transform that a precision allows: none for
/// "strict", 2 for "default", 2 and 4 for "relaxed"; nullopt for other names.
std::optional<SmallVector<int64_t>> getWinogradTiles(StringRef precision);

/// Cycles of one core for the transforms of Winograd's convolution with this
/// tile, 2 or 4, beside its products.
double predictWinogradTransforms(hw::TargetAttr target,
                                 const kern::Extents &extents, int64_t tile,
                                 Type elementType);

/// Cycles of one core in which main memory gives `bytes`: weights of a whole
/// model do not stay in a cache from one run to the next.
double predictStreaming(hw::TargetAttr target, int64_t bytes);

} // namespace mlir::nnc

#endif // NNC_COSTMODEL_TILING_H
