//===----------------------------------------------------------------------===//
// The expansion of attention.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_KERN_TRANSFORMS_ATTENTIONEXPANSION_H
#define NNC_DIALECTS_KERN_TRANSFORMS_ATTENTIONEXPANSION_H

#include "EpilogueEmitter.h"
#include "TileEmitter.h"

#include "mlir/Dialect/Math/IR/Math.h"

namespace mlir::nnc::kern {

/// A unit has some queries of one head and walks keys by blocks.
class AttentionExpansion {
public:
  AttentionExpansion(OpBuilder &builder, AttentionOp op, hw::TargetAttr target)
      : loops(builder, op.getLoc()), b(builder), op(op),
        tiling(op.getTilingAttr()), lanes(tiling.getLanes()),
        columns(tiling.getColumns()), sumType(op.getSumType()),
        epilogue(loops, op, lanes),
        tile(loops, sumType, lanes, target.getFma()) {}

  LogicalResult run();

private:
  /// Keys [begin, end), which is the first block of a query or its last.
  struct Block {
    Value begin, end, isFirst, isLast;
  };
  /// Queries row, …, row + count - 1.
  struct Strip {
    Value row;
    int64_t count;
  };
  /// Of a query: the sum of weights so far, and by what means of the blocks
  /// before are to be multiplied, null where there is one block.
  struct Weighted {
    Value sum, correction;
  };

  int64_t chooseRows();
  void emitUnit(Value unit);
  void emitBlock(Value begin, Value rowsBegin, Value rowsEnd, Value limit);
  void packKeys(const Block &block);
  void packKeySquare(Value key, Value panel, Value first, Value limit);
  void packValues(const Block &block);
  void emitStrip(const Strip &strip, Block block);
  void emitScores(const Strip &strip, const Block &block);
  void emitScorePanel(const Strip &strip, const Block &block, Value panel,
                      int64_t vectors, bool isTail);
  SmallVector<Value> emitMaxima(const Strip &strip, Value end);
  Value emitExponentials(int64_t i, Value end, Value base);
  Value emitWeight(Value difference);
  Value loadUnlessFirst(const Block &block, Value memref, Value place,
                        Value other);
  SmallVector<Weighted> emitWeights(const Strip &strip, const Block &block);
  void emitMeans(const Strip &strip, const Block &block,
                 ArrayRef<Weighted> weighted);
  void emitMeanPanel(const Strip &strip, const Block &block,
                     ArrayRef<Weighted> weighted, Value column, int64_t vectors,
                     bool isTail);

  void finishMeans(const Strip &strip, ArrayRef<Weighted> weighted,
                   ArrayRef<Value> total, ArrayRef<Value> columnsAt,
                   ArrayRef<Value> masks);

  /// The batch indices of the unit, then `row` and `last`.
  SmallVector<Value> getLoopIndices(Value row, Value last);
  Value getLimit(Value row);
  Value number(double value) {
    return arith::ConstantOp::create(b, loops.loc,
                                     b.getFloatAttr(sumType, value));
  }
  Value greater(Value x, Value y);
  Value exponential(Value x) { return math::ExpOp::create(b, loops.loc, x); }

  LoopBuilder loops;
  OpBuilder &b;
  AttentionOp op;
  hw::TilingAttr tiling;
  int64_t lanes, columns;
  Type sumType;
  EpilogueEmitter epilogue;
  TileEmitter tile;

  SmallVector<Value> batchSizes, batchIndices;
  Value numQueries, numKeys, depth, width;
  Value offset; ///< Keys that the first query sees beyond its own number.
  int64_t keyBlock = 0, rowsOfUnit = 0;
  bool isOneBlock = false, copiesValues = true;
  Value firstRow; ///< Of the unit.
  /// [panels, depth, columns], [keys, width], [tile rows, keys].
  Value keys, values, weights;
  /// Of the queries of a unit, between blocks: [rows, width], [rows] twice.
  Value means, maxima, sums;
};

} // namespace mlir::nnc::kern

#endif // NNC_DIALECTS_KERN_TRANSFORMS_ATTENTIONEXPANSION_H
