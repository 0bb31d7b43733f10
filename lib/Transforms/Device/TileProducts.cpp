//===----------------------------------------------------------------------===//
// Matrix products and convolutions by tiles in the shared memory of a block.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/DevicePasses.h"

#include "BlockReduction.h"
#include "ProductCode.h"
#include "dialects/HW/IR/KnownTargets.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
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
/// With fewer rows or columns a tile would be mostly empty.
static constexpr int64_t fewestRows = 32;
static constexpr int64_t fewestSums = 8;
/// Elements between rows of a tile beside its own: rows that are written across
/// begin in different banks of shared memory.
static constexpr int64_t padding = 1;

namespace {
/// Rewrites one chain as a loop over tiles.
class ProductTiler : ProductCode {
public:
  ProductTiler(const ProductChain &chain, SymbolTable &symbols,
               int64_t multiprocessors)
      : ProductCode(chain, symbols), multiprocessors(multiprocessors) {}

  /// False if the product is not worth it; then nothing is changed.
  bool run();

private:
  bool chooseTile();
  Value createTile(unsigned factor);
  void loadTile(unsigned factor, Value first, const BlockThreads &threads);
  Value loadFactor(unsigned factor, Value outer, Value sum);
  SmallVector<Value> multiplyTile(ValueRange sums);
  void storeSums(ArrayRef<Value> sums);

  int64_t multiprocessors;
  ProductTile tile = smallTile;
  Value shared[2];
  // Of the thread.
  Value threadRow, threadColumn;
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
  if (tiles >= multiprocessors)
    tile = largeTile;
  return true;
}

/// A tile of factor `factor`, of the block: a row for each product of a sum.
Value ProductTiler::createTile(unsigned factor) {
  auto memory = cast<MemRefType>(product.getFactor(factor)->get().getType());
  int64_t width = (factor == 0 ? tile.rows : tile.columns) + padding;
  return createShared({tile.depth, width}, memory.getElementType());
}

/// An element of a factor, 0 beyond its rows (or columns) or sums.
Value ProductTiler::loadFactor(unsigned factor, Value outer, Value sum) {
  OpOperand *operand = product.getFactor(factor);
  auto load = [&]() -> Value {
    return memref::LoadOp::create(builder, loc, operand->get(),
                                  locateFactor(factor, outer, sum));
  };
  Value isInside = isFactorInside(
      factor, outer, sum, factor == 0 ? tile.rows : tile.columns, tile.depth);
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
  int64_t inner = isAlongSum ? tile.depth : size;
  int64_t count = size * tile.depth / threads.getCount();
  SmallVector<Value> values;
  SmallVector<std::pair<Value, Value>> at;
  for (int64_t i = 0; i < count; ++i) {
    Value number = add(threads.getNumber(), i * threads.getCount());
    Value fast = rest(number, inner), slow = over(number, inner);
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
    return memref::LoadOp::create(
        builder, loc, shared[factor],
        ValueRange{loop.getInductionVar(), add(own, number * step)});
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

void ProductTiler::storeSums(ArrayRef<Value> values) {
  bool isInside = rows.isWhole(tile.rows) && columns.isWhole(tile.columns);
  for (int64_t i = 0; i < tile.threadRows; ++i) {
    Value row = add(make<arith::AddIOp>(firstRow, threadRow),
                    i * (tile.rows / tile.threadRows));
    for (int64_t j = 0; j < tile.threadColumns; ++j) {
      Value column = add(make<arith::AddIOp>(firstColumn, threadColumn),
                         j * (tile.columns / tile.threadColumns));
      OpBuilder::InsertionGuard guard(builder);
      if (!isInside) {
        Value exists = make<arith::AndIOp>(below(row, rows.getTotal()),
                                           below(column, columns.getTotal()));
        auto branch = scf::IfOp::create(builder, loc, exists);
        builder.setInsertionPointToStart(branch.thenBlock());
      }
      store(finishSum(values[i * tile.threadColumns + j],
                      locateSum(row, column)));
    }
  }
}

bool ProductTiler::run() {
  if (!chooseTile())
    return false;
  scf::ForallOp units = createUnits(tile.rows, tile.columns, tile.getThreads());
  BlockThreads threads(builder, loc, tile.getThreads());
  shared[0] = createTile(0);
  shared[1] = createTile(1);
  locateTile(units, tile.rows, tile.columns);
  int64_t across = tile.columns / tile.threadColumns;
  threadColumn = rest(threads.getNumber(), across);
  threadRow = over(threads.getNumber(), across);
  SmallVector<Value> values(tile.threadRows * tile.threadColumns,
                            getFirstSum());
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
  eraseChain();
  return true;
}

namespace {
struct TileProducts : nnc::impl::TileProductsPassBase<TileProducts> {
  using TileProductsPassBase::TileProductsPassBase;

  void runOnOperation() override {
    if (!isOnDevice(getOperation()))
      return;
    SymbolTable symbols(getOperation());
    int64_t multiprocessors = usualMultiprocessors;
    if (!target.empty()) {
      hw::TargetAttr gpu = hw::findTarget(getOperation(), target);
      if (!gpu)
        return signalPassFailure();
      multiprocessors = gpu.getCores();
    }
    for (auto kernel : getOperation().getOps<func::FuncOp>()) {
      if (!kernel->hasAttr(kernelAttrName) || !isMadeOfOps(kernel))
        continue;
      SmallVector<linalg::GenericOp> ops(
          kernel.getBody().front().getOps<linalg::GenericOp>());
      std::vector<Product> products;
      for (linalg::GenericOp op : ops)
        if (std::optional<Product> product = matchProduct(op))
          products.push_back(*product);
      for (const Product &product : products) {
        ProductChain chain = findChain(product);
        if (!tileForMatrixUnits(chain, symbols, precision, multiprocessors))
          ProductTiler(chain, symbols, multiprocessors).run();
      }
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
