//===----------------------------------------------------------------------===//
// Products by units for matrices, `mma.sync`, from tiles that are copied to
// shared memory while earlier ones are computed.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_DEVICE_MATRIXTILER_H
#define NNC_LIB_TRANSFORMS_DEVICE_MATRIXTILER_H

#include "BlockReduction.h"
#include "MatrixFormat.h"
#include "ProductCode.h"

namespace mlir::nnc {

/// A tile of a block, the part of a warp, and how many tiles of the factors are
/// in shared memory at a time.
struct MatrixTile {
  int64_t rows, columns, warpRows, warpColumns, stages;

  int64_t getWarps() const { return rows / warpRows * (columns / warpColumns); }
};

/// Bytes of a factor's row of products in a tile: all banks once.
inline constexpr int64_t matrixDepthBytes = 128;
/// The longest copy, and what shared memory is permuted by.
inline constexpr int64_t chunkBytes = 16;
/// Rows or columns of a fragment.
inline constexpr int64_t fragmentRows = 32;

/// How a factor's tile lies in shared memory and comes there.
struct FactorTile {
  Value memory; ///< Rows of all stages, one after the other.
  int64_t size; ///< Rows or columns of the product.
  /// Does a row of shared memory run along the sum? Else along the factor's
  /// rows or columns.
  bool isAlongSum;
  /// Does a row of global memory?
  bool isReadAlongSum;
  int64_t sharedRows, width; ///< Of a stage, in elements.
  int64_t vector;            ///< Elements of a copy.
};

/// Rewrites one chain, if that is worth it.
class MatrixTiler : ProductCode {
public:
  MatrixTiler(const ProductChain &chain, SymbolTable &symbols,
              StringRef precision, int64_t multiprocessors)
      : ProductCode(chain, symbols),
        format(MatrixFormat::choose(product, precision)),
        multiprocessors(multiprocessors) {}

  /// False: nothing is changed.
  bool run();

private:
  bool chooseTile();
  void orderSums();
  int64_t getVector(unsigned factor, bool isAlongSum) const;
  void planFactor(unsigned factor);
  void createMemory();
  Value permute(const FactorTile &tile, Value row, Value chunk);
  void copyTile(unsigned factor, Value stage, Value step);
  void copyPart(unsigned factor, Value stage, Value step, Value number);
  void copyTiles(Value stage, Value step);
  MatrixFragment loadFragment(unsigned factor, Value stage, int64_t group,
                              int64_t block);
  void loadAlongSum(const FactorTile &tile, Value firstRow, int64_t group,
                    Value begin, SmallVectorImpl<Value> &words);
  void loadAcross(const FactorTile &tile, Value firstRow, int64_t group,
                  Value begin, SmallVectorImpl<Value> &words);
  void loadMatrices(const FactorTile &tile, Value firstRow, int64_t group,
                    Value begin, SmallVectorImpl<Value> &words);
  Value loadVector(Value memory, Value row, Value column, int64_t elements);
  void syncWarp();
  SmallVector<Value> multiplyTile(Value stage, ValueRange sums);
  SmallVector<Value> computeSums();
  Value placeOf(const FactorTile &tile, Value first, int64_t number,
                Value inFragment);
  void keepSums(ArrayRef<Value> sums);
  void finishSums();
  void finishColumns(Value row, Value column, ArrayRef<Value> values);

  bool isTransposed(const FactorTile &tile) const {
    return !tile.isAlongSum && format->getBytes() == 2;
  }
  int64_t elementsPerChunk() const { return chunkBytes / format->getBytes(); }

  std::optional<MatrixFormat> format;
  int64_t multiprocessors;
  MatrixTile tile = {};
  FactorTile factors[2];
  int64_t depth = 0;
  std::optional<BlockThreads> threads;
  Value kept; ///< Sums in shared memory.
  /// Of the warp in the tile, and of the thread in its warp: a warp is 8 groups
  /// of 4 lanes.
  Value warpRow, warpColumn, lane, laneGroup, inGroup;
};

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_DEVICE_MATRIXTILER_H
