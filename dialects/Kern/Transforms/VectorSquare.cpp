//===----------------------------------------------------------------------===//
// Squares of elements in registers.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/Kern/Transforms/VectorSquare.h"

#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

/// By exchanging smaller squares beside the diagonal: of one element first, of
/// half of the square at last.
SmallVector<Value> mlir::nnc::kern::transposeSquare(OpBuilder &builder,
                                                    Location loc,
                                                    SmallVector<Value> rows) {
  int64_t size = rows.size();
  for (int64_t side = 1; side < size; side *= 2)
    for (int64_t row = 0; row < size; ++row) {
      if (row & side)
        continue;
      SmallVector<int64_t> low, high;
      for (int64_t i = 0; i < size; ++i) {
        low.push_back(i & side ? size + i - side : i);
        high.push_back(i & side ? size + i : i + side);
      }
      Value upper = rows[row], lower = rows[row + side];
      rows[row] = vector::ShuffleOp::create(builder, loc, upper, lower, low);
      rows[row + side] =
          vector::ShuffleOp::create(builder, loc, upper, lower, high);
    }
  return rows;
}
