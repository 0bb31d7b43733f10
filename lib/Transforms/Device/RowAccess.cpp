//===----------------------------------------------------------------------===//
// How linalg ops on buffers walk along rows.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/RowAccess.h"

using namespace mlir;
using namespace mlir::nnc;

static bool isContiguousAlong(linalg::LinalgOp op, OpOperand &operand,
                              unsigned loop) {
  auto type = dyn_cast<MemRefType>(operand.get().getType());
  if (!type)
    return true;
  AffineMap map = op.getMatchingIndexingMap(&operand);
  for (auto [position, expr] : llvm::enumerate(map.getResults())) {
    if (!expr.isFunctionOfDim(loop))
      continue;
    SmallVector<int64_t> strides;
    int64_t offset;
    if (position + 1 != map.getNumResults() || !isa<AffineDimExpr>(expr) ||
        failed(type.getStridesAndOffset(strides, offset)) ||
        strides.back() != 1)
      return false;
  }
  return true;
}

bool mlir::nnc::isContiguousAlong(linalg::LinalgOp op, unsigned loop) {
  return llvm::all_of(op->getOpOperands(), [&](OpOperand &operand) {
    return ::isContiguousAlong(op, operand, loop);
  });
}

bool mlir::nnc::isRowWise(linalg::LinalgOp op, ArrayRef<unsigned> outer) {
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  SmallVector<utils::IteratorType> kinds = op.getIteratorTypesArray();
  std::optional<unsigned> last;
  for (unsigned loop = ranges.size(); loop-- > 0;) {
    if (ranges[loop] == 1 || llvm::is_contained(outer, loop))
      continue;
    if (!last)
      last = loop;
    if (kinds[loop] != kinds[*last])
      return false;
  }
  return !last || isContiguousAlong(op, *last);
}
