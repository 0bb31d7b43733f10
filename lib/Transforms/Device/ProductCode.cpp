//===----------------------------------------------------------------------===//
// What all ways to compute a product by tiles of blocks of threads share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ProductCode.h"
#include "BlockReduction.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "nnc/Transforms/DevicePasses.h"

using namespace mlir;
using namespace mlir::nnc;

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

LoopGroup::LoopGroup(OpBuilder &builder, Location loc, ArrayRef<unsigned> loops,
                     ArrayRef<Range> ranges)
    : loops(loops) {
  for (unsigned loop : loops)
    extents.push_back(
        getValueOrCreateConstantIndexOp(builder, loc, ranges[loop].size));
  total = arith::ConstantIndexOp::create(builder, loc, 1);
  for (Value extent : extents)
    total = builder.createOrFold<arith::MulIOp>(loc, total, extent);
}

void LoopGroup::locate(OpBuilder &builder, Location loc, Value number,
                       SmallVectorImpl<Value> &places) const {
  if (loops.empty())
    return;
  if (loops.size() == 1) {
    places[loops[0]] = number;
    return;
  }
  // GPUs divide 32 bits in fewer instructions than 64.
  bool isNarrow = getFixed() && *getFixed() <= INT32_MAX;
  auto cast = [&](Type type, Value value) -> Value {
    return isNarrow
               ? builder.createOrFold<arith::IndexCastUIOp>(loc, type, value)
               : value;
  };
  Type narrow = builder.getI32Type(), wide = builder.getIndexType();
  number = cast(narrow, number);
  for (unsigned i = loops.size(); i-- > 1;) {
    Value extent = cast(narrow, extents[i]);
    places[loops[i]] =
        cast(wide, builder.createOrFold<arith::RemUIOp>(loc, number, extent));
    number = builder.createOrFold<arith::DivUIOp>(loc, number, extent);
  }
  places[loops[0]] = cast(wide, number);
}

//===----------------------------------------------------------------------===//
// Units and memory
//===----------------------------------------------------------------------===//

ProductCode::ProductCode(const ProductChain &chain, SymbolTable &symbols)
    : chain(chain), product(this->chain.product), op(product.op),
      symbols(symbols), builder(op), loc(op.getLoc()) {
  SmallVector<Range> ranges =
      cast<linalg::LinalgOp>(op.getOperation()).createLoopRanges(builder, loc);
  batch = LoopGroup(builder, loc, product.batch, ranges);
  rows = LoopGroup(builder, loc, product.rows, ranges);
  columns = LoopGroup(builder, loc, product.columns, ranges);
  sums = LoopGroup(builder, loc, product.sums, ranges);
}

scf::ForallOp ProductCode::createUnits(int64_t tileRows, int64_t tileColumns,
                                       int64_t threads) {
  Operation *last = chain.epilogues.empty() ? op : chain.epilogues.back().op;
  builder.setInsertionPointAfter(last);
  Value units = make<arith::MulIOp>(
      make<arith::CeilDivUIOp>(rows.getTotal(), index(tileRows)),
      make<arith::CeilDivUIOp>(columns.getTotal(), index(tileColumns)));
  units = make<arith::MulIOp>(units, batch.getTotal());
  auto loop = scf::ForallOp::create(
      builder, loc, ArrayRef<OpFoldResult>{getAsOpFoldResult(units)},
      ValueRange(), std::nullopt);
  loop->setAttr(blockThreadsAttrName, builder.getI64IntegerAttr(threads));
  builder.setInsertionPointToStart(loop.getBody());
  return loop;
}

void ProductCode::locateTile(scf::ForallOp units, int64_t tileRows,
                             int64_t tileColumns) {
  Value unit = units.getInductionVar(0);
  Value perRow =
      make<arith::CeilDivUIOp>(columns.getTotal(), index(tileColumns));
  Value perColumn = make<arith::CeilDivUIOp>(rows.getTotal(), index(tileRows));
  firstColumn = times(make<arith::RemUIOp>(unit, perRow), tileColumns);
  Value others = make<arith::DivUIOp>(unit, perRow);
  firstRow = times(make<arith::RemUIOp>(others, perColumn), tileRows);
  batchNumber = make<arith::DivUIOp>(others, perColumn);
}

Value ProductCode::createShared(ArrayRef<int64_t> shape, Type element) {
  return createSharedMemory(builder, op, symbols, shape, element);
}

Value ProductCode::getFirstSum() {
  if (chain.fill)
    return chain.fill.getInputs()[0];
  Type type =
      cast<MemRefType>(product.getResult()->get().getType()).getElementType();
  return arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

SmallVector<Value> ProductCode::getIndices(linalg::GenericOp owner,
                                           OpOperand &operand,
                                           ArrayRef<Value> places) {
  AffineMap map = owner.getMatchingIndexingMap(&operand);
  SmallVector<Value> indices;
  for (AffineExpr expr : map.getResults())
    indices.push_back(affine::AffineApplyOp::create(
        builder, loc, AffineMap::get(map.getNumDims(), 0, expr), places));
  return indices;
}

SmallVector<Value> ProductCode::locateFactor(unsigned factor, Value outer,
                                             Value sum) {
  SmallVector<Value> places(op.getNumLoops(), index(0));
  batch.locate(builder, loc, batchNumber, places);
  (factor == 0 ? rows : columns).locate(builder, loc, outer, places);
  sums.locate(builder, loc, sum, places);
  return getIndices(op, *product.getFactor(factor), places);
}

Value ProductCode::isFactorInside(unsigned factor, Value outer, Value sum,
                                  int64_t tileOuter, int64_t tileSums) {
  const LoopGroup &group = factor == 0 ? rows : columns;
  Value isInside;
  if (!group.isWhole(tileOuter))
    isInside = below(outer, group.getTotal());
  if (!sums.isWhole(tileSums)) {
    Value isSummed = below(sum, sums.getTotal());
    isInside = isInside ? make<arith::AndIOp>(isInside, isSummed) : isSummed;
  }
  return isInside;
}

SmallVector<Value> ProductCode::locateSum(Value row, Value column) {
  SmallVector<Value> places(op.getNumLoops(), index(0));
  batch.locate(builder, loc, batchNumber, places);
  rows.locate(builder, loc, row, places);
  columns.locate(builder, loc, column, places);
  return places;
}

/// What the body of `owner` makes of one element, `value` of operand `known`.
Value ProductCode::evaluate(linalg::GenericOp owner, OpOperand *known,
                            Value value, ArrayRef<Value> places) {
  IRMapping mapping;
  if (known)
    mapping.map(owner.getMatchingBlockArgument(known), value);
  for (OpOperand *input : owner.getDpsInputOperands()) {
    if (input == known)
      continue;
    Value element = input->get();
    if (isa<MemRefType>(element.getType()))
      element = memref::LoadOp::create(builder, loc, element,
                                       getIndices(owner, *input, places));
    mapping.map(owner.getMatchingBlockArgument(input), element);
  }
  for (Operation &inner : owner.getBody()->without_terminator())
    builder.clone(inner, mapping);
  return mapping.lookupOrDefault(
      owner.getBody()->getTerminator()->getOperand(0));
}

/// Where the loops of `map` are if it leads to `at`; it is a permutation.
static SmallVector<Value> invert(AffineMap map, ArrayRef<Value> at) {
  SmallVector<Value> places(map.getNumDims());
  for (auto [place, expr] : llvm::zip(at, map.getResults()))
    places[cast<AffineDimExpr>(expr).getPosition()] = place;
  return places;
}

ProductCode::Stored ProductCode::finishSum(Value sum, ArrayRef<Value> places) {
  OpOperand *result = product.getResult();
  Stored stored{sum, result->get(), getIndices(op, *result, places)};
  if (!chain.fill) {
    Value old;
    if (chain.init)
      old = evaluate(chain.init, nullptr, Value(),
                     invert(chain.init.getMatchingIndexingMap(
                                chain.init.getDpsInitOperand(0)),
                            stored.at));
    else
      old = memref::LoadOp::create(builder, loc, stored.memory, stored.at);
    stored.value = isa<FloatType>(sum.getType())
                       ? Value(arith::AddFOp::create(builder, loc, old, sum))
                       : Value(arith::AddIOp::create(builder, loc, old, sum));
  }
  for (ProductEpilogue &epilogue : chain.epilogues) {
    SmallVector<Value> own =
        invert(epilogue.op.getMatchingIndexingMap(epilogue.sums), stored.at);
    stored.value = evaluate(epilogue.op, epilogue.sums, stored.value, own);
    OpOperand *init = epilogue.op.getDpsInitOperand(0);
    stored.at = getIndices(epilogue.op, *init, own);
    stored.memory = init->get();
  }
  return stored;
}

void ProductCode::store(const Stored &element) {
  memref::StoreOp::create(builder, loc, element.value, element.memory,
                          element.at);
}

void ProductCode::eraseChain() {
  for (ProductEpilogue &epilogue : llvm::reverse(chain.epilogues))
    epilogue.op.erase();
  op.erase();
  if (chain.fill)
    chain.fill.erase();
  if (chain.init)
    chain.init.erase();
}
