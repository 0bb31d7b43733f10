//===----------------------------------------------------------------------===//
// The analytical model of tilings.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/CostModel/Tiling.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"
#include <set>

using namespace mlir;
using namespace mlir::nnc;

namespace {
/// Sizes to calculate with.
struct Sizes {
  int64_t batch, rows, runs, columns, depth;
};

class TilingModel {
public:
  TilingModel(hw::TargetAttr target, const kern::Extents &extents,
              Type elementType, int64_t operandBytes)
      : target(target), extents(extents), bytes(operandBytes),
        lanes(target.getLanes(elementType)) {
    auto known = [](int64_t size, int64_t otherwise) {
      return ShapedType::isDynamic(size) ? otherwise
                                         : std::max<int64_t>(size, 1);
    };
    auto [rows, runs] = assumeRowsAndRuns(extents);
    sizes = {known(extents.batch, 1), rows, runs, known(extents.columns, 512),
             known(extents.depth, 512)};
  }

  SmallVector<TilingChoice> rank();
  TilingCost predict(hw::TilingAttr tiling);

private:
  /// Cycles of a step of the depth of a tile.
  double getStepCycles(int64_t rows, int64_t vectors, int64_t depthBlock) const;
  double getWindowCycles(int64_t rows, int64_t vectors) const;
  double getProductCycles(int64_t rows, int64_t vectors,
                          int64_t depthBlock) const;
  double getStripCycles(int64_t rows, int64_t vectors) const;
  bool fitsRegisters(int64_t rows, int64_t vectors) const;
  int64_t getDepthBlock() const;
  hw::TilingAttr complete(int64_t rows, int64_t vectors,
                          int64_t depthBlock) const;

  void joinLines();

  hw::TargetAttr target;
  const kern::Extents &extents;
  int64_t bytes, lanes;
  Sizes sizes;
  bool cutsLines = false; ///< Units have some of the lines of tiles.
};
} // namespace

/// Sums, one row of vectors and a broadcast factor; with 32 registers two more
/// to spare, since the register allocator spills without.
bool TilingModel::fitsRegisters(int64_t rows, int64_t vectors) const {
  return rows * vectors + vectors + 1 <= target.getVectorRegisters() * 15 / 16;
}

/// A step of a window over vectors, from loads of all steps of one of its
/// lines. Places that several rows read are loaded once if they fit the
/// registers beside the sums. (3 x 3 on 32 channels of 112 x 112 places: 4 rows
/// by 2 vectors took 0.8 of the time of 13 by 2.)
double TilingModel::getWindowCycles(int64_t rows, int64_t vectors) const {
  std::set<int64_t> places;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t tap = 0; tap < extents.window; ++tap)
      places.insert(row * extents.stride + tap * extents.dilation);
  int64_t own = extents.window; // weights
  bool shares = fitsRegisters(rows + int64_t(places.size()), vectors);
  int64_t loads = own + (shares ? int64_t(places.size()) : rows * own);
  return std::max({double(rows * vectors) / target.getFmaPorts(),
                   double(loads * vectors) / double(2 * own),
                   double(target.getFmaLatency())});
}

double TilingModel::getStepCycles(int64_t rows, int64_t vectors,
                                  int64_t depthBlock) const {
  if (extents.window)
    return getWindowCycles(rows, vectors);
  double work = double(rows * vectors) / target.getFmaPorts();
  double loads = double(rows + vectors) / 2;
  double latency = target.getFmaLatency();
  bool strided = sizes.depth * bytes >= 1024;
  int64_t panelBytes = depthBlock * vectors * lanes * bytes;
  double streamed = 0;
  if (panelBytes > target.getL1Kib() * 1024 * 3 / 4)
    // Half of the bandwidth: the left operand wants lines too, and no kernel
    // keeps all fills in flight.
    streamed =
        2 * double(vectors * lanes * bytes) / target.getL2BytesPerCycle();
  // Rows lie apart: each is a stream of its own that misses the first cache
  // once a line, while columns come in order.
  double misses = strided ? 0.08 * double(rows) : 0.02 * double(rows);
  return std::max({work, loads, latency, streamed}) + misses;
}

double TilingModel::getProductCycles(int64_t rows, int64_t vectors,
                                     int64_t depthBlock) const {
  int64_t columns = vectors * lanes;
  auto ofRows = [&](int64_t height) {
    double full = getStepCycles(height, vectors, depthBlock);
    double cycles = double(sizes.columns / columns) * full;
    if (int64_t rest = sizes.columns % columns)
      cycles +=
          getStepCycles(height, llvm::divideCeil(rest, lanes), depthBlock);
    return cycles;
  };
  double cycles = double(sizes.rows / rows) * ofRows(rows);
  if (int64_t rest = sizes.rows % rows)
    cycles += ofRows(rest);
  // Tiles at the edges are done under masks, half as fast.
  if (extents.isPadded)
    cycles += 2 * ofRows(rows);
  return cycles * double(sizes.depth) * double(sizes.batch) *
         double(sizes.runs);
}

/// Before and after the depth: sums are cleared, finished and written.
double TilingModel::getStripCycles(int64_t rows, int64_t vectors) const {
  double strips = double(llvm::divideCeil(sizes.rows, rows)) *
                  double(llvm::divideCeil(sizes.columns, vectors * lanes));
  return strips * (8 + double(rows * vectors)) * double(sizes.batch) *
         double(sizes.runs);
}

/// Blocks of some 512, so that a panel of a block stays in the second-level
/// cache; measured to be flat between 256 and 1024.
int64_t TilingModel::getDepthBlock() const {
  constexpr int64_t most = 1024, wanted = 512;
  if (!extents.canSplitDepth)
    return 0;
  if (ShapedType::isDynamic(extents.depth) || sizes.depth <= most)
    return ShapedType::isDynamic(extents.depth) ? wanted : 0;
  int64_t blocks = llvm::divideCeil(sizes.depth, wanted);
  return llvm::alignTo(llvm::divideCeil(sizes.depth, blocks), 16);
}

/// The loops around the tile. Rows are cut so that a block of them stays in
/// half of the second-level cache beside the panels. Panels of a unit share
/// such a block. Units are many, so that any number of threads gets an even
/// share, and each is worth some ten microseconds.
hw::TilingAttr TilingModel::complete(int64_t rows, int64_t vectors,
                                     int64_t depthBlock) const {
  constexpr int64_t wantedUnits = 16, workOfUnit = 1 << 19;
  int64_t depth = depthBlock ? depthBlock : sizes.depth;
  int64_t half = target.getL2Kib() * 1024 / 2;
  int64_t panels = llvm::divideCeil(sizes.columns, vectors * lanes);
  // Products that a panel of a unit takes part in.
  int64_t products = extents.rowBytes ? sizes.batch : 1;
  int64_t weights = sizes.columns * depth * bytes * products;
  int64_t panelWork = depth * vectors * lanes * products;
  int64_t allRows = sizes.rows * sizes.runs;
  bool prefetch = sizes.columns * sizes.depth * bytes * products >= half;
  if (cutsLines)
    return hw::TilingAttr::get(target.getContext(), lanes, rows, vectors,
                               llvm::alignTo(sizes.rows, rows), 0, depthBlock,
                               weights > half);
  int64_t rowBytes = extents.rowBytes ? extents.rowBytes : depth * 4;
  int64_t blockRows = std::clamp<int64_t>(half / rowBytes, rows, 256);
  bool fits = allRows * rowBytes <= 2 * half;
  bool isDynamic = ShapedType::isDynamic(extents.rows) ||
                   ShapedType::isDynamic(extents.runs);
  // Many rows: a unit has some of them. Few rows and many weights: a unit has
  // some of the panels, so that each thread reads its own weights, but all of
  // the rows, and results that the next kernel's threads find elsewhere.
  int64_t shared = allRows * (sizes.depth + sizes.columns / 2) * bytes;
  bool cutRows = allRows > 2 * blockRows || isDynamic ||
                 (sizes.runs > 1 && weights <= half) ||
                 (sizes.batch == 1 && weights <= half / 2 && weights < shared);
  if (extents.rowBytes)
    cutRows = false;
  int64_t mBlock = 0, nBlock = 0;
  if (cutRows && isDynamic && weights > half) {
    // As if rows were few, for the weights' sake, but in blocks if they are
    // not.
    mBlock = llvm::alignTo(blockRows, rows);
    nBlock = std::clamp<int64_t>(panels * sizes.batch / wantedUnits, 1, 8);
  } else if (cutRows) {
    if (llvm::divideCeil(allRows, blockRows) * sizes.batch < wantedUnits)
      blockRows = std::min<int64_t>(
          allRows,
          std::max<int64_t>({allRows * sizes.batch / wantedUnits, rows,
                             int64_t(llvm::divideCeil(
                                 workOfUnit, sizes.depth * sizes.columns))}));
    mBlock = llvm::alignTo(blockRows, rows);
    if (weights > half)
      nBlock = std::max<int64_t>(half / (panelWork * bytes), 1);
  }
  if (!cutRows || (weights > half && fits && !isDynamic)) {
    mBlock = 0;
    // A few rows take as long as eight: the weights have to come first.
    int64_t least =
        llvm::divideCeil(workOfUnit, std::max<int64_t>(panelWork, 1) *
                                         std::max<int64_t>(allRows, 8));
    int64_t alike = extents.rowBytes ? 1 : sizes.batch;
    nBlock = std::max<int64_t>(
        std::min<int64_t>(panels * alike / wantedUnits, 8), least);
    if (nBlock >= panels)
      nBlock = 0;
  }
  return hw::TilingAttr::get(target.getContext(), lanes, rows, vectors, mBlock,
                             nBlock, depthBlock, prefetch);
}

/// Lines of tiles are one run of rows, a unit's or all: some lines if the
/// weights stay in the cache beside them, else all of them, once they fit.
void TilingModel::joinLines() {
  constexpr int64_t wantedUnits = 16;
  int64_t half = target.getL2Kib() * 1024 / 2;
  int64_t weights = sizes.columns * sizes.depth * bytes * sizes.batch;
  bool isKnown = !ShapedType::isDynamic(extents.rows) &&
                 !ShapedType::isDynamic(extents.runs);
  int64_t lines = sizes.runs;
  if (!isKnown || weights <= half ||
      sizes.rows * sizes.runs * extents.rowBytes > 2 * half)
    lines = std::clamp<int64_t>(half / (extents.rowBytes * sizes.rows), 1,
                                std::max<int64_t>(sizes.runs / wantedUnits, 1));
  cutsLines = !isKnown || lines < sizes.runs;
  sizes.runs = std::max<int64_t>(sizes.runs / lines, 1);
  sizes.rows *= lines;
}

SmallVector<TilingChoice> TilingModel::rank() {
  constexpr int64_t mostRows = 14, mostVectors = 8;
  // Twice what hides the latency; of a window only edges get larger with more.
  const int64_t mostSums = 2 * target.getFmaLatency() * target.getFmaPorts();
  double ideal = double(sizes.batch) * sizes.rows * sizes.runs * sizes.columns *
                 sizes.depth / double(lanes) / target.getFmaPorts();
  int64_t depthBlock = getDepthBlock();
  if (extents.rowBytes)
    joinLines();
  int64_t ownVectors = llvm::divideCeil(sizes.columns, lanes);
  SmallVector<TilingChoice> choices;
  for (int64_t rows = 1; rows <= std::min(mostRows, sizes.rows); ++rows)
    for (int64_t vectors = 1; vectors <= std::min(mostVectors, ownVectors);
         ++vectors) {
      if (!fitsRegisters(rows, vectors) ||
          (extents.window && rows * vectors > mostSums))
        continue;
      double cycles = getProductCycles(rows, vectors,
                                       depthBlock ? depthBlock : sizes.depth) +
                      getStripCycles(rows, vectors);
      choices.push_back(
          {complete(rows, vectors, depthBlock), cycles, ideal / cycles});
    }
  // Of equal cost, the larger tile: it has more to overlap.
  llvm::sort(choices, [](const TilingChoice &a, const TilingChoice &b) {
    auto key = [](const TilingChoice &choice) {
      return std::tuple(choice.cycles,
                        -choice.tiling.getRows() * choice.tiling.getVectors(),
                        choice.tiling.getVectors());
    };
    return key(a) < key(b);
  });
  return choices;
}

TilingCost TilingModel::predict(hw::TilingAttr tiling) {
  if (!tiling)
    tiling = TilingModel(*this).rank().front().tiling;
  lanes = tiling.getLanes();
  if (extents.rowBytes)
    joinLines();
  int64_t rows = tiling.getRows(), vectors = tiling.getVectors();
  int64_t depthBlock = tiling.getKBlock() ? tiling.getKBlock() : sizes.depth;
  TilingCost cost;
  cost.cycles = getProductCycles(rows, vectors, depthBlock);
  cost.stripCycles = getStripCycles(rows, vectors);
  double allRows = double(sizes.rows) * double(sizes.runs);
  double rowBlocks =
      tiling.getMBlock() ? std::ceil(allRows / double(tiling.getMBlock())) : 1;
  double panels = std::ceil(double(sizes.columns) / double(vectors * lanes));
  double panelBlocks =
      tiling.getNBlock() ? std::ceil(panels / double(tiling.getNBlock())) : 1;
  double products = extents.rowBytes ? 1 : double(sizes.batch);
  double steps = double(sizes.batch) * std::ceil(allRows / double(rows)) *
                 panels * double(sizes.depth);
  cost.loads = steps * double(rows + vectors);
  cost.broadcasts = extents.window ? 0 : steps * double(rows);
  cost.units = rowBlocks * panelBlocks * products;
  cost.packedReads = rowBlocks;
  cost.rowReads = panelBlocks;
  return cost;
}

TilingCost mlir::nnc::predictTiling(hw::TargetAttr target,
                                    const kern::Extents &extents,
                                    Type elementType, int64_t operandBytes,
                                    hw::TilingAttr tiling) {
  return TilingModel(target, extents, elementType, operandBytes)
      .predict(tiling);
}

SmallVector<TilingChoice> mlir::nnc::rankTilings(hw::TargetAttr target,
                                                 const kern::Extents &extents,
                                                 Type elementType,
                                                 int64_t operandBytes) {
  return TilingModel(target, extents, elementType, operandBytes).rank();
}

std::optional<SmallVector<int64_t>>
mlir::nnc::getWinogradTiles(StringRef precision) {
  using Tiles = SmallVector<int64_t>;
  return llvm::StringSwitch<std::optional<Tiles>>(precision)
      .Case("strict", Tiles())
      .Case("default", Tiles{2})
      .Case("relaxed", Tiles{2, 4})
      .Default(std::nullopt);
}

/// A tile's input: (tile + 2)^2 loads and stores and the additions between,
/// counted from the transform matrices with two of each a cycle; its output
/// likewise.
double mlir::nnc::predictWinogradTransforms(hw::TargetAttr target,
                                            const kern::Extents &extents,
                                            int64_t tile, Type elementType) {
  double input = tile == 2 ? 32 : 120, output = tile == 2 ? 22 : 80;
  double lanes = target.getLanes(elementType);
  auto [rows, runs] = assumeRowsAndRuns(extents);
  return double(rows) * double(runs) *
         (std::ceil(double(extents.depth) / lanes) * input +
          std::ceil(double(extents.columns) / lanes) * output);
}

double mlir::nnc::predictStreaming(hw::TargetAttr target, int64_t bytes) {
  double lanes = double(target.getVectorBits()) / 32;
  double gigahertz =
      double(target.getGflops()) / (2 * lanes * target.getFmaPorts());
  double gbps = target.getDramGbps();
  return gbps > 0 ? double(bytes) / gbps * gigahertz : 0;
}
