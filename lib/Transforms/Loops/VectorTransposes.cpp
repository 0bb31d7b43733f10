//===----------------------------------------------------------------------===//
// Loops over blocks that are turned around in registers.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "VectorLoops.h"

#include "dialects/Kern/Transforms/VectorSquare.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::nnc;

void VectorLoops::emitCrossed(const Point &point, Value begin, Value end) {
  LoopRange cross = plan.ranges[*plan.crossRange],
            vector = plan.ranges[*plan.vectorRange];
  bool cutsCross = plan.getPartRange().first == cross.first;
  std::pair<Value, Value> rows(begin, end),
      columns(number(0), getExtent(cutsCross ? vector : cross));
  if (!cutsCross)
    std::swap(rows, columns);
  int64_t step = plan.width * blocksAside, known = plan.getStaticExtent(cross);
  scf::ForOp loop = createLoop(builder, loc, rows.first, rows.second, step, {});
  if (!loop)
    return;
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  Value first = loop.getInductionVar(), last = add(first, number(step));
  if (ShapedType::isDynamic(known) || known % step)
    last = arith::MinUIOp::create(builder, loc, last, rows.second);
  emitCrossedPart(point, {first, last}, columns);
}

/// Steps over `bounds` of a range: whole vectors, then what remains, whose size
/// is given to `body` (null for whole vectors). Returns where that begins.
Value VectorLoops::emitSteps(LoopRange range, std::pair<Value, Value> bounds,
                             function_ref<void(Value, Value)> body) {
  auto [begin, end] = bounds;
  int64_t known = plan.getStaticExtent(range);
  bool isKnown = !ShapedType::isDynamic(known);
  // Parts begin at whole vectors.
  Value whole = isKnown && known % plan.width == 0
                    ? end
                    : createWholeEnd(builder, loc, begin, end, plan.width);
  auto emitLoop = [&](Value from, Value to, Value rest) {
    scf::ForOp loop = createLoop(builder, loc, from, to, plan.width, {});
    if (!loop)
      return;
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    body(loop.getInductionVar(), rest);
  };
  if (!isKnown || known >= plan.width)
    emitLoop(begin, whole, {});
  if (whole != end && plan.canMask)
    emitLoop(whole, end,
             isKnown ? number(known % plan.width)
                     : builder.createOrFold<arith::SubIOp>(loc, end, whole));
  return whole;
}

void VectorLoops::emitCrossedPart(const Point &point,
                                  std::pair<Value, Value> cross,
                                  std::pair<Value, Value> vector) {
  LoopRange crossRange = plan.ranges[*plan.crossRange],
            vectorRange = plan.ranges[*plan.vectorRange];
  Value end = emitSteps(vectorRange, vector, [&](Value at, Value numRows) {
    Point row = advance(point, vectorRange, at);
    Value rest = emitSteps(crossRange, cross, [&](Value column, Value count) {
      emitBlock(advance(row, crossRange, column), count, numRows);
    });
    if (!plan.canMask)
      emitCrossedElements(point, {rest, cross.second},
                          {at, add(at, number(plan.width))});
  });
  if (!plan.canMask)
    emitCrossedElements(point, cross, {end, vector.second});
}

/// What does not fill a block, one by one.
void VectorLoops::emitCrossedElements(const Point &point,
                                      std::pair<Value, Value> cross,
                                      std::pair<Value, Value> vector) {
  scf::ForOp outer = createLoop(builder, loc, cross.first, cross.second, 1, {});
  if (!outer)
    return;
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(outer.getBody());
  scf::ForOp inner =
      createLoop(builder, loc, vector.first, vector.second, 1, {});
  if (!inner)
    return;
  builder.setInsertionPointToStart(inner.getBody());
  Point place = advance(
      advance(point, plan.ranges[*plan.crossRange], outer.getInductionVar()),
      plan.ranges[*plan.vectorRange], inner.getInductionVar());
  storeResults(place, evaluate(place, 1, {}, {}), {});
}

//===----------------------------------------------------------------------===//
// One block
//===----------------------------------------------------------------------===//

/// Loads a block of `operand` and turns it around. Of each vector in memory the
/// first `numColumns` elements exist, and `numRows` vectors (all if null).
SmallVector<Value> VectorLoops::loadBlock(const Point &point, unsigned operand,
                                          Value numColumns, Value numRows) {
  LoopRange vector = plan.ranges[*plan.vectorRange];
  VectorType type = vectorType(memories[operand].getType(), plan.width);
  std::optional<int64_t> known =
      numRows ? getConstantIntValue(numRows) : int64_t(plan.width);
  SmallVector<Value> rows;
  for (int64_t i = 0; i < plan.width; ++i) {
    if (known && i >= *known) {
      rows.push_back(
          arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type)));
      continue;
    }
    Value count = numColumns;
    if (!known) {
      Value exists = arith::CmpIOp::create(
          builder, loc, arith::CmpIPredicate::ugt, numRows, number(i));
      count = arith::SelectOp::create(
          builder, loc, exists, count ? count : number(plan.width), number(0));
    }
    Value mask = count ? createMask(number(0), count, plan.width) : Value();
    Value at = advance(point, vector, number(i)).offsets[operand];
    rows.push_back(loadVector(memories[operand], at, plan.width, mask));
  }
  return kern::transposeSquare(builder, loc, std::move(rows));
}

/// A block at `point`: `numColumns` iterations of the crossing loop by
/// `numRows` of the vectors' loop exist, whole vectors where null.
void VectorLoops::emitBlock(const Point &point, Value numColumns,
                            Value numRows) {
  LoopRange cross = plan.ranges[*plan.crossRange];
  DenseMap<unsigned, SmallVector<Value>> blocks;
  for (auto [operand, isCrossed] : llvm::enumerate(plan.crossed))
    if (isCrossed)
      blocks[operand] = loadBlock(point, operand, numColumns, numRows);
  Value mask;
  if (numRows)
    mask = createMask(number(0), numRows, plan.width);
  std::optional<int64_t> known =
      numColumns ? getConstantIntValue(numColumns) : int64_t(plan.width);
  for (int64_t i = 0; i < known.value_or(plan.width); ++i) {
    OpBuilder::InsertionGuard guard(builder);
    if (!known) {
      Value exists = arith::CmpIOp::create(
          builder, loc, arith::CmpIPredicate::ugt, numColumns, number(i));
      auto guarded = scf::IfOp::create(builder, loc, exists);
      builder.setInsertionPointToStart(guarded.thenBlock());
    }
    for (auto &[operand, rows] : blocks)
      turned[operand] = rows[i];
    Point place = advance(point, cross, number(i));
    storeResults(place, evaluate(place, plan.width, mask, {}), mask);
  }
  turned.clear();
}
