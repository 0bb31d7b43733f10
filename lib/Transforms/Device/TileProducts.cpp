//===----------------------------------------------------------------------===//
// Matrix products and convolutions by tiles in the shared memory of a block.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/DevicePasses.h"

#include "BlockReduction.h"
#include "Product.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/SymbolTable.h"
#include "nnc/Transforms/Passes.h"

#include <vector>

namespace mlir::nnc {
#define GEN_PASS_DEF_TILEPRODUCTSPASS
#include "nnc/Transforms/DevicePasses.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

namespace {
/// What a block of threads computes at a time: `rows` x `columns` sums over
/// steps of `depth` products. A thread has `threadRows` x `threadColumns` sums
/// in registers.
struct ProductTile {
  int64_t rows, columns, depth, threadRows, threadColumns;

  int64_t getThreads() const {
    return rows / threadRows * (columns / threadColumns);
  }
};
} // namespace

/// 64 sums and 16 elements are 80 of 255 registers, and each element that comes
/// from shared memory is used 8 times; a product needs many such tiles to keep
/// all multiprocessors busy.
static constexpr ProductTile largeTile{128, 128, 8, 8, 8};
static constexpr ProductTile smallTile{64, 64, 16, 4, 4};
/// Multiprocessors of the GPUs of the table of known targets, about: fewer
/// large tiles than these leave some idle.
static constexpr int64_t enoughTiles = 128;
/// With fewer rows or columns a tile would be mostly empty.
static constexpr int64_t fewestRows = 32;
static constexpr int64_t fewestSums = 8;
/// Elements between rows of a tile beside its own: rows that are written across
/// begin in different banks of shared memory.
static constexpr int64_t padding = 1;

namespace {
/// A group of loops as one, counted from the last loop on.
class LoopGroup {
public:
  LoopGroup() = default;
  LoopGroup(OpBuilder &builder, Location loc, ArrayRef<unsigned> loops,
            ArrayRef<Range> ranges)
      : loops(loops) {
    for (unsigned loop : loops)
      extents.push_back(
          getValueOrCreateConstantIndexOp(builder, loc, ranges[loop].size));
    total = arith::ConstantIndexOp::create(builder, loc, 1);
    for (Value extent : extents)
      total = builder.createOrFold<arith::MulIOp>(loc, total, extent);
  }

  Value getTotal() const { return total; }
  std::optional<int64_t> getFixed() const { return getConstantIntValue(total); }

  /// Sets the loops' values in `places` for iteration `number` of all.
  void locate(OpBuilder &builder, Location loc, Value number,
              SmallVectorImpl<Value> &places) const {
    for (unsigned i = loops.size(); i-- > 0;) {
      if (i == 0) {
        places[loops[i]] = number;
        return;
      }
      places[loops[i]] =
          builder.createOrFold<arith::RemUIOp>(loc, number, extents[i]);
      number = builder.createOrFold<arith::DivUIOp>(loc, number, extents[i]);
    }
  }

private:
  SmallVector<unsigned> loops;
  SmallVector<Value> extents;
  Value total;
};

/// Rewrites one chain as a loop over tiles.
class ProductTiler {
public:
  ProductTiler(const ProductChain &chain, SymbolTable &symbols)
      : chain(chain), product(this->chain.product), op(product.op),
        symbols(symbols), builder(op), loc(op.getLoc()) {}

  /// False if the product is not worth it; then nothing is changed.
  bool run();

private:
  Value index(int64_t value) {
    return builder.createOrFold<arith::ConstantIndexOp>(loc, value);
  }
  template <typename Op>
  Value make(Value a, Value b) {
    return builder.createOrFold<Op>(loc, a, b);
  }
  Value below(Value a, Value b) {
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult, a, b);
  }
  bool chooseTile();
  Value createShared(unsigned factor);
  void locateBlock(Value unit, const BlockThreads &threads);
  SmallVector<Value> getIndices(linalg::GenericOp owner, OpOperand &operand,
                                ArrayRef<Value> places);
  void loadTile(unsigned factor, Value first, const BlockThreads &threads);
  Value loadFactor(unsigned factor, Value outer, Value sum);
  SmallVector<Value> multiplyTile(ValueRange sums);
  void storeSums(ArrayRef<Value> sums);
  void storeSum(Value sum, ArrayRef<Value> places);
  Value evaluate(linalg::GenericOp owner, OpOperand *known, Value value,
                 ArrayRef<Value> places);

  ProductChain chain;
  Product &product;
  linalg::GenericOp op;
  SymbolTable &symbols;
  OpBuilder builder;
  Location loc;
  ProductTile tile = smallTile;
  LoopGroup batch, rows, columns, sums;
  unsigned numLoops = 0;
  Value shared[2];
  // Of the unit and the thread.
  Value batchNumber, firstRow, firstColumn, threadRow, threadColumn;
};
} // namespace

bool ProductTiler::chooseTile() {
  auto isSmall = [](const LoopGroup &group, int64_t least) {
    return group.getFixed() && *group.getFixed() < least;
  };
  if (isSmall(rows, fewestRows) || isSmall(columns, fewestRows) ||
      isSmall(sums, fewestSums))
    return false;
  if (!rows.getFixed() || !columns.getFixed() || !batch.getFixed())
    return true;
  int64_t tiles = llvm::divideCeil(*rows.getFixed(), largeTile.rows) *
                  llvm::divideCeil(*columns.getFixed(), largeTile.columns) *
                  *batch.getFixed();
  if (tiles >= enoughTiles)
    tile = largeTile;
  return true;
}

/// A tile of factor `factor`, of the block: a row for each product of a sum.
Value ProductTiler::createShared(unsigned factor) {
  auto memory = cast<MemRefType>(product.getFactor(factor)->get().getType());
  int64_t width = (factor == 0 ? tile.rows : tile.columns) + padding;
  auto type = MemRefType::get(
      {tile.depth, width}, memory.getElementType(), AffineMap(),
      builder.getI64IntegerAttr(int64_t(NVVM::NVVMMemorySpace::Shared)));
  auto kernel = op->getParentOfType<func::FuncOp>();
  OpBuilder atModule(kernel);
  auto global = memref::GlobalOp::create(
      atModule, loc, (kernel.getSymName() + ".tile").str(),
      builder.getStringAttr("private"), type, builder.getUnitAttr(),
      /*constant=*/false, /*alignment=*/builder.getI64IntegerAttr(16));
  symbols.insert(global);
  return memref::GetGlobalOp::create(builder, loc, type, global.getSymName());
}

void ProductTiler::locateBlock(Value unit, const BlockThreads &threads) {
  Value perRow =
      make<arith::CeilDivUIOp>(columns.getTotal(), index(tile.columns));
  Value perColumn = make<arith::CeilDivUIOp>(rows.getTotal(), index(tile.rows));
  Value columnTile = make<arith::RemUIOp>(unit, perRow);
  Value rest = make<arith::DivUIOp>(unit, perRow);
  Value rowTile = make<arith::RemUIOp>(rest, perColumn);
  batchNumber = make<arith::DivUIOp>(rest, perColumn);
  firstRow = make<arith::MulIOp>(rowTile, index(tile.rows));
  firstColumn = make<arith::MulIOp>(columnTile, index(tile.columns));
  Value across = index(tile.columns / tile.threadColumns);
  threadColumn = make<arith::RemUIOp>(threads.getNumber(), across);
  threadRow = make<arith::DivUIOp>(threads.getNumber(), across);
}

SmallVector<Value> ProductTiler::getIndices(linalg::GenericOp owner,
                                            OpOperand &operand,
                                            ArrayRef<Value> places) {
  AffineMap map = owner.getMatchingIndexingMap(&operand);
  SmallVector<Value> indices;
  for (AffineExpr expr : map.getResults())
    indices.push_back(affine::AffineApplyOp::create(
        builder, loc, AffineMap::get(map.getNumDims(), 0, expr), places));
  return indices;
}

/// An element of a factor, 0 beyond its rows (or columns) or sums.
Value ProductTiler::loadFactor(unsigned factor, Value outer, Value sum) {
  const LoopGroup &group = factor == 0 ? rows : columns;
  int64_t size = factor == 0 ? tile.rows : tile.columns;
  OpOperand *operand = product.getFactor(factor);
  auto load = [&]() -> Value {
    SmallVector<Value> places(numLoops, index(0));
    batch.locate(builder, loc, batchNumber, places);
    group.locate(builder, loc, outer, places);
    sums.locate(builder, loc, sum, places);
    return memref::LoadOp::create(builder, loc, operand->get(),
                                  getIndices(op, *operand, places));
  };
  Value isInside;
  if (!group.getFixed() || *group.getFixed() % size)
    isInside = below(outer, group.getTotal());
  if (!sums.getFixed() || *sums.getFixed() % tile.depth) {
    Value isSummed = below(sum, sums.getTotal());
    isInside = isInside ? make<arith::AndIOp>(isInside, isSummed) : isSummed;
  }
  if (!isInside)
    return load();
  Type type = cast<MemRefType>(operand->get().getType()).getElementType();
  auto branch = scf::IfOp::create(builder, loc, type, isInside,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(branch.thenBlock());
  scf::YieldOp::create(builder, loc, load());
  builder.setInsertionPointToStart(branch.elseBlock());
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  scf::YieldOp::create(builder, loc, zero);
  return branch.getResult(0);
}

/// Copies products [first, first + depth) of a factor; neighbouring threads
/// take elements that lie beside each other.
void ProductTiler::loadTile(unsigned factor, Value first,
                            const BlockThreads &threads) {
  int64_t size = factor == 0 ? tile.rows : tile.columns;
  Value begin = factor == 0 ? firstRow : firstColumn;
  bool isAlongSum = product.isSumContiguous[factor];
  Value inner = index(isAlongSum ? tile.depth : size);
  int64_t count = size * tile.depth / threads.getCount();
  SmallVector<Value> values;
  SmallVector<std::pair<Value, Value>> at;
  for (int64_t i = 0; i < count; ++i) {
    Value number =
        make<arith::AddIOp>(threads.getNumber(), index(i * threads.getCount()));
    Value fast = make<arith::RemUIOp>(number, inner);
    Value slow = make<arith::DivUIOp>(number, inner);
    Value outer = isAlongSum ? slow : fast, sum = isAlongSum ? fast : slow;
    at.push_back({sum, outer});
    values.push_back(loadFactor(factor, make<arith::AddIOp>(begin, outer),
                                make<arith::AddIOp>(first, sum)));
  }
  for (auto [value, place] : llvm::zip(values, at))
    memref::StoreOp::create(builder, loc, value, shared[factor],
                            ValueRange{place.first, place.second});
}

/// The sums after the products of a tile.
SmallVector<Value> ProductTiler::multiplyTile(ValueRange before) {
  auto loop = scf::ForOp::create(builder, loc, index(0), index(tile.depth),
                                 index(1), before);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  auto load = [&](unsigned factor, int64_t number, Value own, int64_t step) {
    Value at = make<arith::AddIOp>(own, index(number * step));
    return memref::LoadOp::create(builder, loc, shared[factor],
                                  ValueRange{loop.getInductionVar(), at});
  };
  SmallVector<Value> a, b, after;
  for (int64_t i = 0; i < tile.threadRows; ++i)
    a.push_back(load(0, i, threadRow, tile.rows / tile.threadRows));
  for (int64_t j = 0; j < tile.threadColumns; ++j)
    b.push_back(load(1, j, threadColumn, tile.columns / tile.threadColumns));
  Block *body = op.getBody();
  for (int64_t i = 0; i < tile.threadRows; ++i)
    for (int64_t j = 0; j < tile.threadColumns; ++j) {
      IRMapping mapping;
      mapping.map(body->getArgument(0), a[i]);
      mapping.map(body->getArgument(1), b[j]);
      mapping.map(body->getArgument(2),
                  loop.getRegionIterArg(i * tile.threadColumns + j));
      for (Operation &inner : body->without_terminator())
        builder.clone(inner, mapping);
      after.push_back(mapping.lookup(body->getTerminator()->getOperand(0)));
    }
  scf::YieldOp::create(builder, loc, after);
  return SmallVector<Value>(loop.getResults());
}

/// What the body of `owner` makes of one element, `value` of operand `known`.
Value ProductTiler::evaluate(linalg::GenericOp owner, OpOperand *known,
                             Value value, ArrayRef<Value> places) {
  IRMapping mapping;
  for (OpOperand *input : owner.getDpsInputOperands()) {
    Value element = input->get();
    if (input == known)
      element = value;
    else if (isa<MemRefType>(element.getType()))
      element = memref::LoadOp::create(builder, loc, element,
                                       getIndices(owner, *input, places));
    mapping.map(owner.getMatchingBlockArgument(input), element);
  }
  for (Operation &inner : owner.getBody()->without_terminator())
    builder.clone(inner, mapping);
  return mapping.lookupOrDefault(
      owner.getBody()->getTerminator()->getOperand(0));
}

void ProductTiler::storeSum(Value sum, ArrayRef<Value> places) {
  OpOperand *result = product.getResult();
  SmallVector<Value> at = getIndices(op, *result, places);
  if (!chain.fill) {
    Value old = memref::LoadOp::create(builder, loc, result->get(), at);
    sum = isa<FloatType>(sum.getType())
              ? Value(arith::AddFOp::create(builder, loc, old, sum))
              : Value(arith::AddIOp::create(builder, loc, old, sum));
  }
  Value memory = result->get();
  for (ProductEpilogue &epilogue : chain.epilogues) {
    // Where the loops of the epilogue are if its operand is there.
    AffineMap map = epilogue.op.getMatchingIndexingMap(epilogue.sums);
    SmallVector<Value> own(map.getNumDims());
    for (auto [place, expr] : llvm::zip(at, map.getResults()))
      own[cast<AffineDimExpr>(expr).getPosition()] = place;
    sum = evaluate(epilogue.op, epilogue.sums, sum, own);
    OpOperand *init = epilogue.op.getDpsInitOperand(0);
    at = getIndices(epilogue.op, *init, own);
    memory = init->get();
  }
  memref::StoreOp::create(builder, loc, sum, memory, at);
}

void ProductTiler::storeSums(ArrayRef<Value> values) {
  auto isWhole = [](const LoopGroup &group, int64_t size) {
    return group.getFixed() && *group.getFixed() % size == 0;
  };
  bool isInside = isWhole(rows, tile.rows) && isWhole(columns, tile.columns);
  for (int64_t i = 0; i < tile.threadRows; ++i) {
    Value row = make<arith::AddIOp>(make<arith::AddIOp>(firstRow, threadRow),
                                    index(i * (tile.rows / tile.threadRows)));
    SmallVector<Value> places(numLoops, index(0));
    batch.locate(builder, loc, batchNumber, places);
    rows.locate(builder, loc, row, places);
    for (int64_t j = 0; j < tile.threadColumns; ++j) {
      Value column =
          make<arith::AddIOp>(make<arith::AddIOp>(firstColumn, threadColumn),
                              index(j * (tile.columns / tile.threadColumns)));
      OpBuilder::InsertionGuard guard(builder);
      if (!isInside) {
        Value exists = make<arith::AndIOp>(below(row, rows.getTotal()),
                                           below(column, columns.getTotal()));
        auto branch = scf::IfOp::create(builder, loc, exists);
        builder.setInsertionPointToStart(branch.thenBlock());
      }
      columns.locate(builder, loc, column, places);
      storeSum(values[i * tile.threadColumns + j], places);
    }
  }
}

bool ProductTiler::run() {
  numLoops = op.getNumLoops();
  SmallVector<Range> ranges =
      cast<linalg::LinalgOp>(op.getOperation()).createLoopRanges(builder, loc);
  batch = LoopGroup(builder, loc, product.batch, ranges);
  rows = LoopGroup(builder, loc, product.rows, ranges);
  columns = LoopGroup(builder, loc, product.columns, ranges);
  sums = LoopGroup(builder, loc, product.sums, ranges);
  if (!chooseTile())
    return false;
  // Behind all that the epilogues read.
  Operation *last = chain.epilogues.empty() ? op : chain.epilogues.back().op;
  builder.setInsertionPointAfter(last);
  Value units = make<arith::MulIOp>(
      make<arith::CeilDivUIOp>(rows.getTotal(), index(tile.rows)),
      make<arith::CeilDivUIOp>(columns.getTotal(), index(tile.columns)));
  units = make<arith::MulIOp>(units, batch.getTotal());
  auto loop = scf::ForallOp::create(
      builder, loc, ArrayRef<OpFoldResult>{getAsOpFoldResult(units)},
      ValueRange(), std::nullopt);
  loop->setAttr(blockThreadsAttrName,
                builder.getI64IntegerAttr(tile.getThreads()));
  builder.setInsertionPointToStart(loop.getBody());
  BlockThreads threads(builder, loc, tile.getThreads());
  shared[0] = createShared(0);
  shared[1] = createShared(1);
  locateBlock(loop.getInductionVar(0), threads);
  Type type =
      cast<MemRefType>(product.getResult()->get().getType()).getElementType();
  Value first = chain.fill ? chain.fill.getInputs()[0]
                           : Value(arith::ConstantOp::create(
                                 builder, loc, builder.getZeroAttr(type)));
  SmallVector<Value> values(tile.threadRows * tile.threadColumns, first);
  auto steps = scf::ForOp::create(builder, loc, index(0), sums.getTotal(),
                                  index(tile.depth), values);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(steps.getBody());
    loadTile(0, steps.getInductionVar(), threads);
    loadTile(1, steps.getInductionVar(), threads);
    threads.createBarrier(builder, loc);
    SmallVector<Value> after = multiplyTile(steps.getRegionIterArgs());
    threads.createBarrier(builder, loc);
    scf::YieldOp::create(builder, loc, after);
  }
  storeSums(SmallVector<Value>(steps.getResults()));
  for (ProductEpilogue &epilogue : llvm::reverse(chain.epilogues))
    epilogue.op.erase();
  op.erase();
  if (chain.fill)
    chain.fill.erase();
  return true;
}

namespace {
struct TileProducts : nnc::impl::TileProductsPassBase<TileProducts> {
  void runOnOperation() override {
    if (!isOnDevice(getOperation()))
      return;
    SymbolTable symbols(getOperation());
    for (auto kernel : getOperation().getOps<func::FuncOp>()) {
      if (!kernel->hasAttr(kernelAttrName) || !isMadeOfOps(kernel))
        continue;
      SmallVector<linalg::GenericOp> ops(
          kernel.getBody().front().getOps<linalg::GenericOp>());
      std::vector<Product> products;
      for (linalg::GenericOp op : ops)
        if (std::optional<Product> product = matchProduct(op))
          products.push_back(*product);
      for (const Product &product : products)
        ProductTiler(findChain(product), symbols).run();
    }
  }

private:
  /// Then all phases are functions of their own.
  static bool isMadeOfOps(func::FuncOp kernel) {
    return llvm::all_of(kernel.getBody().front().without_terminator(),
                        [](Operation &op) {
                          return isa<linalg::LinalgOp, memref::AllocOp>(op) ||
                                 isMemoryEffectFree(&op);
                        });
  }
};
} // namespace
