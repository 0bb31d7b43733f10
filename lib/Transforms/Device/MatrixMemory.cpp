//===----------------------------------------------------------------------===//
// The factors of products by units for matrices: to shared memory, and from
// there to registers.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "MatrixTiler.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::nnc;

/// Copies of a thread that are written out; more are a loop.
static constexpr int64_t mostUnrolled = 8;

//===----------------------------------------------------------------------===//
// Copies to shared memory
//===----------------------------------------------------------------------===//

/// Where chunk `chunk` of row `row` is: so that the lanes that read at the same
/// time find their chunks in different banks.
Value MatrixTiler::permute(const FactorTile &plan, Value row, Value chunk) {
  Value by;
  if (plan.isAlongSum)
    by = times(rest(over(row, 4), 2), 4);
  else if (format->getBytes() == 4)
    by = times(rest(over(row, 4), 4), 2);
  else
    by = make<arith::AddIOp>(times(rest(over(row, 8), 4), 2), rest(row, 2));
  return make<arith::XOrIOp>(chunk, by);
}

/// Copies what thread `number` of as many as there are copies copies.
void MatrixTiler::copyPart(unsigned factor, Value stage, Value step,
                           Value number) {
  FactorTile &plan = factors[factor];
  // Neighbours read what lies beside each other.
  int64_t perRow = (plan.isReadAlongSum ? depth : plan.size) / plan.vector;
  Value fast = times(rest(number, perRow), plan.vector);
  Value slow = over(number, perRow);
  Value inOuter = plan.isReadAlongSum ? slow : fast;
  Value inSum = plan.isReadAlongSum ? fast : slow;
  Value outer =
      make<arith::AddIOp>(factor == 0 ? firstRow : firstColumn, inOuter);
  Value sum = make<arith::AddIOp>(times(step, depth), inSum);
  Value row = plan.isAlongSum ? inOuter : inSum;
  Value column = plan.isAlongSum ? inSum : inOuter;
  int64_t chunk = elementsPerChunk();
  Value place = times(permute(plan, row, over(column, chunk)), chunk);
  place = make<arith::AddIOp>(place, rest(column, chunk));
  row = make<arith::AddIOp>(times(stage, plan.sharedRows), row);
  Value isInside = isFactorInside(factor, outer, sum, plan.size, depth);
  SmallVector<Value> from = locateFactor(factor, outer, sum);
  Value source = product.getFactor(factor)->get();
  int64_t bytes = plan.vector * format->getBytes();
  if (bytes >= 4) {
    Value read;
    if (isInside)
      read = arith::SelectOp::create(builder, loc, isInside, index(plan.vector),
                                     index(0));
    nvgpu::DeviceAsyncCopyOp::create(
        builder, loc, nvgpu::DeviceAsyncTokenType::get(builder.getContext()),
        plan.memory, ValueRange{row, place}, source, from,
        builder.getIndexAttr(plan.vector), read,
        bytes == chunkBytes ? builder.getUnitAttr() : UnitAttr());
    return;
  }
  // Too short for a copy that goes on by itself.
  auto copy = [&](Value value) {
    memref::StoreOp::create(builder, loc, value, plan.memory,
                            ValueRange{row, place});
  };
  if (!isInside)
    return copy(memref::LoadOp::create(builder, loc, source, from));
  auto branch =
      scf::IfOp::create(builder, loc, isInside, /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.thenBlock());
  copy(memref::LoadOp::create(builder, loc, source, from));
  builder.setInsertionPointToStart(branch.elseBlock());
  Type type = cast<MemRefType>(source.getType()).getElementType();
  copy(arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type)));
}

void MatrixTiler::copyTile(unsigned factor, Value stage, Value step) {
  FactorTile &plan = factors[factor];
  int64_t count = plan.size * depth / plan.vector / threads->getCount();
  if (count <= mostUnrolled) {
    for (int64_t i = 0; i < count; ++i)
      copyPart(factor, stage, step,
               add(threads->getNumber(), i * threads->getCount()));
    return;
  }
  auto loop =
      scf::ForOp::create(builder, loc, index(0), index(count), index(1));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  Value number = make<arith::AddIOp>(
      times(loop.getInductionVar(), threads->getCount()), threads->getNumber());
  copyPart(factor, stage, step, number);
}

/// Begins to copy both tiles of step `step`, if there is one.
void MatrixTiler::copyTiles(Value stage, Value step) {
  Value isThere = below(times(step, depth), sums.getTotal());
  auto branch = scf::IfOp::create(builder, loc, isThere);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(branch.thenBlock());
    copyTile(0, stage, step);
    copyTile(1, stage, step);
  }
  // Also an empty group counts.
  NVVM::CpAsyncCommitGroupOp::create(builder, loc);
}

//===----------------------------------------------------------------------===//
// From shared memory to registers
//===----------------------------------------------------------------------===//

/// `elements` beside each other; 16 bytes, aligned.
Value MatrixTiler::loadVector(Value memory, Value row, Value column,
                              int64_t elements) {
  Type element = cast<MemRefType>(memory.getType()).getElementType();
  return vector::LoadOp::create(builder, loc,
                                VectorType::get(elements, element), memory,
                                ValueRange{row, column}, /*nontemporal=*/false,
                                llvm::MaybeAlign(chunkBytes));
}

/// A lane takes the same 16 bytes of 4 rows.
void MatrixTiler::loadAlongSum(const FactorTile &plan, Value stageRow,
                               int64_t group, Value begin,
                               SmallVectorImpl<Value> &words) {
  Value chunk = add(inGroup, group * 4);
  Value row = make<arith::AddIOp>(begin, times(laneGroup, 4));
  Value column = times(permute(plan, row, chunk), elementsPerChunk());
  for (int64_t i = 0; i < 4; ++i) {
    Value bits =
        loadVector(plan.memory, make<arith::AddIOp>(stageRow, add(row, i)),
                   column, elementsPerChunk());
    if (format->getBytes() < 4)
      bits = vector::BitCastOp::create(
          builder, loc, VectorType::get(4, builder.getI32Type()), bits);
    for (int64_t word = 0; word < 4; ++word)
      words.push_back(vector::ExtractOp::create(builder, loc, bits, word));
  }
}

/// A lane takes 16 bytes of 4 rows of shared memory, and of each the product
/// that it needs.
void MatrixTiler::loadAcross(const FactorTile &plan, Value stageRow,
                             int64_t group, Value begin,
                             SmallVectorImpl<Value> &words) {
  Value chunk = make<arith::AddIOp>(over(begin, 4), laneGroup);
  Value row = add(times(inGroup, 4), group * format->getGroup());
  Value column = times(permute(plan, row, chunk), 4);
  SmallVector<Value> loaded;
  for (int64_t i = 0; i < 4; ++i)
    loaded.push_back(loadVector(
        plan.memory, make<arith::AddIOp>(stageRow, add(row, i)), column, 4));
  for (int64_t i = 0; i < 4; ++i)
    for (Value products : loaded)
      words.push_back(vector::ExtractOp::create(builder, loc, products, i));
}

/// Matrices of 8 products by 8 rows (or columns) that are transposed on their
/// way; rows of a matrix are chosen so that registers hold the products that
/// those of `loadAlongSum` do.
void MatrixTiler::loadMatrices(const FactorTile &plan, Value stageRow,
                               int64_t group, Value begin,
                               SmallVectorImpl<Value> &words) {
  Value inMatrix = rest(lane, 8), matrix = over(lane, 8);
  Value row = add(times(over(inMatrix, 2), 8), group * format->getGroup());
  row = make<arith::AddIOp>(row, rest(inMatrix, 2));
  row = make<arith::AddIOp>(row, times(matrix, 2));
  auto type = cast<MemRefType>(plan.memory.getType());
  for (int64_t i = 0; i < 4; ++i) {
    Value chunk = add(over(begin, 8), i);
    Value loaded = nvgpu::LdMatrixOp::create(
        builder, loc, VectorType::get({4, 2}, type.getElementType()),
        plan.memory,
        ValueRange{make<arith::AddIOp>(stageRow, row),
                   times(permute(plan, row, chunk), 8)},
        /*transpose=*/true, /*numTiles=*/4);
    for (int64_t word = 0; word < 4; ++word) {
      Value pair = vector::ExtractOp::create(builder, loc, loaded, word);
      pair = vector::BitCastOp::create(
          builder, loc, VectorType::get(1, builder.getI32Type()), pair);
      words.push_back(vector::ExtractOp::create(builder, loc, pair, 0));
    }
  }
}

MatrixFragment MatrixTiler::loadFragment(unsigned factor, Value stage,
                                         int64_t group, int64_t block) {
  FactorTile &plan = factors[factor];
  Value begin = add(factor == 0 ? warpRow : warpColumn, block * fragmentRows);
  Value stageRow = times(stage, plan.sharedRows);
  SmallVector<Value> words;
  if (plan.isAlongSum)
    loadAlongSum(plan, stageRow, group, begin, words);
  else if (isTransposed(plan))
    loadMatrices(plan, stageRow, group, begin, words);
  else
    loadAcross(plan, stageRow, group, begin, words);
  return format->convert(builder, loc, words);
}
