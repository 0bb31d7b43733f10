//===----------------------------------------------------------------------===//
// What all ways to compute a product by tiles of blocks of threads share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_DEVICE_PRODUCTCODE_H
#define NNC_LIB_TRANSFORMS_DEVICE_PRODUCTCODE_H

#include "Product.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/SymbolTable.h"

namespace mlir::nnc {

/// Multiprocessors of a GPU of which nothing is known: fewer large tiles than
/// these leave some idle.
inline constexpr int64_t usualMultiprocessors = 128;

/// A group of loops as one, counted from the last loop on.
class LoopGroup {
public:
  LoopGroup() = default;
  LoopGroup(OpBuilder &builder, Location loc, ArrayRef<unsigned> loops,
            ArrayRef<Range> ranges);

  Value getTotal() const { return total; }
  std::optional<int64_t> getFixed() const { return getConstantIntValue(total); }
  ArrayRef<unsigned> getLoops() const { return loops; }
  /// Are there `tile` iterations, or a multiple?
  bool isWhole(int64_t tile) const {
    return getFixed() && *getFixed() % tile == 0;
  }

  /// Sets the loops' values in `places` for iteration `number` of all.
  void locate(OpBuilder &builder, Location loc, Value number,
              SmallVectorImpl<Value> &places) const;

private:
  SmallVector<unsigned> loops;
  SmallVector<Value> extents;
  Value total;
};

/// Rewrites a chain as a loop whose iterations, tiles of the result, are taken
/// by blocks. How a block computes its sums is up to who derives from it.
class ProductCode {
protected:
  ProductCode(const ProductChain &chain, SymbolTable &symbols);

  Value index(int64_t value) {
    return builder.createOrFold<arith::ConstantIndexOp>(loc, value);
  }
  template <typename Op>
  Value make(Value a, Value b) {
    return builder.createOrFold<Op>(loc, a, b);
  }
  Value add(Value a, int64_t b) { return make<arith::AddIOp>(a, index(b)); }
  Value times(Value a, int64_t b) { return make<arith::MulIOp>(a, index(b)); }
  Value over(Value a, int64_t b) { return make<arith::DivUIOp>(a, index(b)); }
  Value rest(Value a, int64_t b) { return make<arith::RemUIOp>(a, index(b)); }
  Value below(Value a, Value b) {
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult, a, b);
  }

  /// The loop over tiles of these rows and columns, behind all that the
  /// epilogues read; code is made in its body from then on.
  scf::ForallOp createUnits(int64_t tileRows, int64_t tileColumns,
                            int64_t threads);
  /// Sets where the tile of the iteration begins.
  void locateTile(scf::ForallOp units, int64_t tileRows, int64_t tileColumns);
  /// Uninitialized shared memory of the block, of a size that is known.
  Value createShared(ArrayRef<int64_t> shape, Type element);
  /// What sums start with.
  Value getFirstSum();

  SmallVector<Value> getIndices(linalg::GenericOp owner, OpOperand &operand,
                                ArrayRef<Value> places);
  /// Places of factor `factor`'s element for its row or column `outer` and
  /// product `sum`.
  SmallVector<Value> locateFactor(unsigned factor, Value outer, Value sum);
  /// Is there such an element? Null if there is always.
  Value isFactorInside(unsigned factor, Value outer, Value sum,
                       int64_t tileOuter, int64_t tileSums);
  /// Places of the result's element.
  SmallVector<Value> locateSum(Value row, Value column);

  /// An element and where it goes.
  struct Stored {
    Value value, memory;
    SmallVector<Value> at;
  };
  /// What the chain makes of the sum at `places`.
  Stored finishSum(Value sum, ArrayRef<Value> places);
  void store(const Stored &element);
  /// Removes the ops that the loop stands for.
  void eraseChain();

  ProductChain chain;
  Product &product;
  linalg::GenericOp op;
  SymbolTable &symbols;
  OpBuilder builder;
  Location loc;
  LoopGroup batch, rows, columns, sums;
  Value batchNumber, firstRow, firstColumn;

private:
  Value evaluate(linalg::GenericOp owner, OpOperand *known, Value value,
                 ArrayRef<Value> places);
};

/// Computes a chain by units for matrices, if the types and `precision` (one of
/// CompilerOptions::precision) allow that on every GPU from sm_80 on, and the
/// product is large enough. False: nothing is changed.
bool tileForMatrixUnits(const ProductChain &chain, SymbolTable &symbols,
                        StringRef precision, int64_t multiprocessors);

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_DEVICE_PRODUCTCODE_H
