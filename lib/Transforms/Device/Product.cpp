//===----------------------------------------------------------------------===//
// Sums of products among linalg ops on buffers.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Product.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace mlir::nnc;

/// The argument of `body` behind conversions to wider types; null if there is
/// more.
static BlockArgument getFactorArgument(Value value, Block &body) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<arith::ExtFOp, arith::ExtSIOp, arith::ExtUIOp>(op))
      return {};
    value = op->getOperand(0);
  }
  auto argument = cast<BlockArgument>(value);
  return argument.getOwner() == &body ? argument : BlockArgument();
}

/// sum + first * second, in any order of operands; what is not there adds 0 if
/// both factors are 0.
static bool isMultiplyAdd(Block &body) {
  Operation *add = body.getTerminator()->getOperand(0).getDefiningOp();
  if (!add || !isa<arith::AddFOp, arith::AddIOp>(add))
    return false;
  BlockArgument sum = body.getArgument(2);
  unsigned other = add->getOperand(0) == sum ? 1 : 0;
  Operation *multiply = add->getOperand(other).getDefiningOp();
  if (add->getOperand(1 - other) != sum || !multiply ||
      !isa<arith::MulFOp, arith::MulIOp>(multiply))
    return false;
  BlockArgument a = getFactorArgument(multiply->getOperand(0), body);
  BlockArgument b = getFactorArgument(multiply->getOperand(1), body);
  return a && b && a.getArgNumber() + b.getArgNumber() == 1;
}

/// Does the last dimension of the operand move with one of these loops, by
/// steps of 1?
static bool isContiguousAlong(AffineMap map, ArrayRef<unsigned> loops) {
  if (map.getNumResults() == 0)
    return false;
  auto last = dyn_cast<AffineDimExpr>(map.getResults().back());
  return last && llvm::is_contained(loops, last.getPosition());
}

std::optional<Product> mlir::nnc::matchProduct(linalg::GenericOp op) {
  if (op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1 ||
      !op.hasPureBufferSemantics() || !isMultiplyAdd(*op.getBody()))
    return std::nullopt;
  for (Value input : op.getDpsInputs())
    if (!isa<MemRefType>(input.getType()))
      return std::nullopt;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  if (!maps[2].isProjectedPermutation())
    return std::nullopt;
  Product product;
  product.op = op;
  for (auto [loop, range] : llvm::enumerate(
           cast<linalg::LinalgOp>(op.getOperation()).getStaticLoopRanges())) {
    if (range == 1)
      continue;
    bool a = maps[0].isFunctionOfDim(loop), b = maps[1].isFunctionOfDim(loop),
         c = maps[2].isFunctionOfDim(loop);
    if (a + b + c < 2)
      return std::nullopt;
    (!c   ? product.sums
     : !b ? product.rows
     : !a ? product.columns
          : product.batch)
        .push_back(loop);
  }
  for (unsigned i : {0, 1})
    product.isSumContiguous[i] = isContiguousAlong(maps[i], product.sums);
  return product;
}

/// The buffer behind views.
static Value getBuffer(Value memref) {
  while (auto view = memref.getDefiningOp<ViewLikeOpInterface>())
    memref = view.getViewSource();
  return memref;
}

/// Reads nothing but its operands, whatever the place.
static bool isOfOperandsAlone(linalg::GenericOp op) {
  return llvm::all_of(op.getBody()->getOperations(), [](Operation &inner) {
    return isMemoryEffectFree(&inner) && !isa<linalg::IndexOp>(inner) &&
           inner.getNumRegions() == 0;
  });
}

static bool hasNoOtherUsers(Value buffer, Operation *reader,
                            ArrayRef<Operation *> known) {
  return llvm::all_of(buffer.getUsers(), [&](Operation *user) {
    return user == reader || llvm::is_contained(known, user);
  });
}

/// The op that reads `buffer`, the sums so far, as the next one of its chain:
/// element by element, in any order of axes. Between it and `last` nothing
/// touches memory.
static std::optional<ProductEpilogue> findReader(Value buffer, Operation *last,
                                                 ArrayRef<Operation *> known) {
  Operation *next = last->getNextNode();
  while (next && (isMemoryEffectFree(next) || isa<memref::AllocOp>(next)))
    next = next->getNextNode();
  auto reader = dyn_cast_or_null<linalg::GenericOp>(next);
  if (!reader || reader.getNumDpsInits() != 1 ||
      reader.getNumLoops() != reader.getNumParallelLoops() ||
      !reader.hasPureBufferSemantics())
    return std::nullopt;
  ProductEpilogue epilogue{reader, nullptr};
  Value result = reader.getDpsInits()[0];
  for (OpOperand *input : reader.getDpsInputOperands()) {
    AffineMap map = reader.getMatchingIndexingMap(input);
    if (input->get() == buffer) {
      if (epilogue.sums || !map.isPermutation())
        return std::nullopt;
      epilogue.sums = input;
    } else if (getBuffer(input->get()) == getBuffer(result) &&
               (input->get() != result ||
                map != reader.getMatchingIndexingMap(
                           reader.getDpsInitOperand(0)))) {
      // Other threads may have written it by then.
      return std::nullopt;
    }
  }
  OpOperand *init = reader.getDpsInitOperand(0);
  if (reader.payloadUsesValueFromOperand(init)) {
    if (epilogue.sums || result != buffer)
      return std::nullopt;
    epilogue.sums = init;
  }
  if (!epilogue.sums || !isOfOperandsAlone(reader) ||
      !reader.getMatchingIndexingMap(init).isPermutation())
    return std::nullopt;
  // Nobody misses what is not stored.
  bool isOverwritten =
      result == buffer && reader.getMatchingIndexingMap(epilogue.sums) ==
                              reader.getMatchingIndexingMap(init);
  if (!isOverwritten && (!buffer.getDefiningOp<memref::AllocOp>() ||
                         !hasNoOtherUsers(buffer, reader, known)))
    return std::nullopt;
  return epilogue;
}

/// Do `ops` leave what `op` reads as it is, so far as one can see?
static bool keepInputsOf(linalg::GenericOp op, ArrayRef<linalg::LinalgOp> ops) {
  for (linalg::LinalgOp other : ops)
    for (Value written : other.getDpsInits()) {
      Value buffer = getBuffer(written);
      if (!buffer.getDefiningOp<memref::AllocOp>() ||
          llvm::any_of(op.getDpsInputs(),
                       [&](Value input) { return getBuffer(input) == buffer; }))
        return false;
    }
  return true;
}

/// What writes the result before the product, if that can be done later.
static void findStart(ProductChain &chain) {
  Value result = chain.product.getResult()->get();
  Value buffer = getBuffer(result);
  SmallVector<linalg::LinalgOp> between;
  for (Operation *before = chain.product.op->getPrevNode(); before;
       before = before->getPrevNode()) {
    if (isMemoryEffectFree(before) || isa<memref::AllocOp>(before))
      continue;
    auto op = dyn_cast<linalg::LinalgOp>(before);
    if (!op || !op.hasPureBufferSemantics())
      return;
    bool isOfResult = llvm::any_of(op->getOperands(), [&](Value operand) {
      return getBuffer(operand) == buffer;
    });
    if (!isOfResult) {
      between.push_back(op);
      continue;
    }
    if (op.getNumDpsInits() != 1 || op.getDpsInits()[0] != result)
      return;
    if (auto fill = dyn_cast<linalg::FillOp>(before))
      chain.fill = fill;
    auto init = dyn_cast<linalg::GenericOp>(before);
    if (!init)
      return;
    OpOperand *written = init.getDpsInitOperand(0);
    bool readsResult = llvm::any_of(init.getDpsInputs(), [&](Value input) {
      return getBuffer(input) == buffer;
    });
    if (!readsResult && init.getNumLoops() == init.getNumParallelLoops() &&
        !init.payloadUsesValueFromOperand(written) &&
        init.getMatchingIndexingMap(written).isPermutation() &&
        isOfOperandsAlone(init) && keepInputsOf(init, between))
      chain.init = init;
    return;
  }
}

ProductChain mlir::nnc::findChain(const Product &product) {
  ProductChain chain;
  chain.product = product;
  linalg::GenericOp op = product.op;
  Value buffer = product.getResult()->get();
  findStart(chain);
  SmallVector<Operation *> known{op};
  for (Operation *start :
       {chain.fill.getOperation(), chain.init.getOperation()})
    if (start)
      known.push_back(start);
  Operation *last = op;
  while (std::optional<ProductEpilogue> next =
             findReader(buffer, last, known)) {
    chain.epilogues.push_back(*next);
    last = next->op;
    buffer = next->op.getDpsInits()[0];
    known = {last};
  }
  return chain;
}
