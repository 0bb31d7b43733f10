//===----------------------------------------------------------------------===//
// The register tile of a contraction: sums of products in registers.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_KERN_TRANSFORMS_TILEEMITTER_H
#define NNC_DIALECTS_KERN_TRANSFORMS_TILEEMITTER_H

#include "LoopBuilder.h"

namespace mlir::nnc::kern {

/// How bytes are multiplied: rows, unsigned, with columns, signed.
struct ByteProducts {
  /// Products of a step, that one instruction adds to a sum; 0: no bytes.
  int64_t dot = 0;
  /// Rows are signed and count as their element plus 128.
  bool flips = false;
};

/// Those of `op`, a product or convolution.
template <typename OpTy>
ByteProducts getByteProducts(OpTy op) {
  if (!multipliesBytes(op))
    return {};
  return {int64_t(op.getDot()), op.getFlips()};
}

/// Sums of rows x vectors registers. The order of products is that of the
/// loops, whatever the tile.
class TileEmitter {
public:
  /// `sumType` is the type of sums; with `fma` multiply and add round once.
  TileEmitter(LoopBuilder &loops, Type sumType, int64_t lanes, bool fma,
              ByteProducts bytes = {})
      : loops(loops), sumType(sumType), lanes(lanes), fma(fma), bytes(bytes) {}

  VectorType getVectorType() const { return VectorType::get(lanes, sumType); }
  SmallVector<Value> zeros(int64_t count);

  /// `sums` is row-major by row and vector. For each k of [begin, end), adds
  /// the scalar `row(i, k)` times the vector `column(j, k)` to sum (i, j).
  /// Of bytes k counts steps; each has the vectors that loadFactor and
  /// loadColumns read.
  /// `ahead(k)` is called once in `step` values of k, 4 where the number of
  /// them is known to divide by it, for prefetches.
  SmallVector<Value> accumulate(Value begin, Value end, ArrayRef<Value> sums,
                                int64_t rows,
                                function_ref<Value(int64_t, Value)> row,
                                function_ref<Value(int64_t, Value)> column,
                                function_ref<void(Value)> ahead = {});

  /// Values of k that a call of `ahead` stands for.
  static int64_t getStep(Value begin, Value end);

  Value multiplyAdd(Value a, Value b, Value sum);
  /// Elements of the depth in a step.
  int64_t getDot() const { return std::max<int64_t>(bytes.dot, 1); }
  /// One row's part of a step.
  Value loadFactor(Value memref, ValueRange indices);
  /// The columns' part of a step, a vector of sums wide.
  Value loadColumns(Value memref, ValueRange indices, Value mask = {});
  /// Of bytes: a vector of rows' elements, a step for each sum.
  Value flip(Value elements);
  /// A scalar or vector of an operand in the type of sums.
  Value convert(Value value);
  /// Columns, or a vector of a factor each, as multiplyAdd takes them.
  Value toColumns(Value value);
  Value toFactors(Value value);
  Value broadcast(Value scalar);

private:
  Value multiplyAddBytes(Value factors, Value columns, Value sum);
  Value spread(Value factor);

  LoopBuilder &loops;
  Type sumType;
  int64_t lanes;
  bool fma;
  ByteProducts bytes;
};

/// Fetches the next panel while this one is computed with: each strip of rows
/// the part that is its own, so that all strips together fetch all of it. With
/// one strip, which streams the weights, what comes some KiB later.
class PanelPrefetch {
public:
  /// `data` holds panels of `columns`, one after the other; `strips`, about,
  /// use each.
  PanelPrefetch(LoopBuilder &loops, Value data, int64_t columns,
                std::optional<int64_t> strips);

  /// At step `position` of `depth` steps of strip `strip`; `panel` is the place
  /// of the first element of this panel's block, `panelSize` the distance to
  /// the next panel's. Called once in `step` positions.
  void fetch(Value panel, Value panelSize, Value strip, Value depth,
             Value position, int64_t step);

private:
  LoopBuilder &loops;
  Value flat;
  int64_t columns, strips, line;
};

} // namespace mlir::nnc::kern

#endif // NNC_DIALECTS_KERN_TRANSFORMS_TILEEMITTER_H
