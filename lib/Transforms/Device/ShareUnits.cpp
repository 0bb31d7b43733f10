//===----------------------------------------------------------------------===//
// Lets the threads of a GPU's block take a work unit together.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/DevicePasses.h"

#include "BlockReduction.h"
#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/TilingInterface.h"
#include "nnc/Transforms/Passes.h"
#include "nnc/Transforms/RowAccess.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_SHAREUNITSPASS
#include "nnc/Transforms/DevicePasses.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

/// Rows of more elements than these are worth a block of several warps.
static constexpr int64_t mostOfWarp = 1024;
static constexpr int64_t largeBlock = 256;

namespace {
/// How the threads of a block share an op.
struct OpPlan {
  linalg::LinalgOp op;
  /// The loop whose iterations threads take in turn; nullopt: the first thread
  /// does what little there is.
  std::optional<unsigned> loop;
  int64_t extent = 1; ///< Of the loop, or dynamic.
  /// Of a reduction's results, in order; empty if the loop is parallel.
  SmallVector<Operation *> combiners;
};
} // namespace

/// The ops that combine the results of a reduction; empty if one has another
/// form or no neutral element.
static SmallVector<Operation *> findCombiners(linalg::LinalgOp op) {
  SmallVector<Operation *> combiners;
  for (unsigned i = 0; i < op.getNumDpsInits(); ++i) {
    SmallVector<Operation *> chain;
    if (!matchReduction(op.getRegionOutputArgs(), i, chain) ||
        chain.size() != 1 || chain[0]->getNumOperands() != 2 ||
        chain[0]->getNumResults() != 1 || !arith::getNeutralElement(chain[0]))
      return {};
    combiners.push_back(chain[0]);
  }
  return combiners;
}

/// Nullopt: threads can't share it, or not with neighbouring elements.
static std::optional<OpPlan> planOp(linalg::LinalgOp op) {
  if (!op.hasPureBufferSemantics())
    return std::nullopt;
  OpPlan plan;
  plan.op = op;
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  SmallVector<utils::IteratorType> kinds = op.getIteratorTypesArray();
  bool isOneElement = true, hasParallel = false;
  for (auto [loop, range] : llvm::enumerate(ranges)) {
    isOneElement &= range == 1;
    hasParallel |= range != 1 && kinds[loop] == utils::IteratorType::parallel;
  }
  if (isOneElement)
    return plan;
  for (unsigned loop = ranges.size(); loop-- > 0;) {
    bool isParallel = kinds[loop] == utils::IteratorType::parallel;
    if (ranges[loop] == 1 || isParallel != hasParallel ||
        !isContiguousAlong(op, loop))
      continue;
    plan.loop = loop;
    plan.extent = ranges[loop];
    if (!isParallel)
      plan.combiners = findCombiners(op);
    if (isParallel || !plan.combiners.empty())
      return plan;
    return std::nullopt;
  }
  return std::nullopt;
}

/// Plans of the linalg ops of a unit; empty if it is not to be shared.
static SmallVector<OpPlan> planUnit(Block &block) {
  SmallVector<OpPlan> plans;
  bool isWorthIt = false;
  for (Operation &op : block.without_terminator()) {
    auto structured = dyn_cast<linalg::LinalgOp>(op);
    if (!structured) {
      if (!isMemoryEffectFree(&op) && !isa<memref::AllocOp>(op))
        return {};
      continue;
    }
    std::optional<OpPlan> plan = planOp(structured);
    if (!plan)
      return {};
    isWorthIt |= plan->loop && (ShapedType::isDynamic(plan->extent) ||
                                plan->extent >= warpThreads);
    plans.push_back(std::move(*plan));
  }
  return isWorthIt ? plans : SmallVector<OpPlan>();
}

static int64_t chooseThreads(ArrayRef<OpPlan> plans) {
  for (const OpPlan &plan : plans)
    if (plan.loop &&
        (ShapedType::isDynamic(plan.extent) || plan.extent > mostOfWarp))
      return largeBlock;
  return warpThreads;
}

namespace {
/// Rewrites one op of a unit for all threads of its block.
class OpSharer {
public:
  OpSharer(const OpPlan &plan, const BlockThreads &threads)
      : plan(plan), op(plan.op), threads(threads), builder(op),
        loc(op.getLoc()), ranges(op.createLoopRanges(builder, loc)) {}

  LogicalResult run() {
    if (!plan.loop) {
      threads.runInFirst(builder, loc, [&](OpBuilder &inside) {
        inside.clone(*op.getOperation());
      });
    } else if (plan.combiners.empty()) {
      if (failed(shareLoop()))
        return failure();
    } else {
      shareReduction();
    }
    threads.createBarrier(builder, loc);
    op.erase();
    return success();
  }

private:
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  }
  Value extent(unsigned loop) {
    return getValueOrCreateConstantIndexOp(builder, loc, ranges[loop].size);
  }

  /// Neighbouring threads take neighbouring iterations.
  LogicalResult shareLoop() {
    Value bound = extent(*plan.loop);
    auto loop = scf::ForOp::create(builder, loc, threads.getNumber(), bound,
                                   index(threads.getCount()));
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    SmallVector<OpFoldResult> offsets(ranges.size(), builder.getIndexAttr(0));
    SmallVector<OpFoldResult> sizes = llvm::map_to_vector(
        ranges, [](const Range &range) { return range.size; });
    offsets[*plan.loop] = loop.getInductionVar();
    sizes[*plan.loop] = builder.getIndexAttr(1);
    auto tiling = dyn_cast<TilingInterface>(op.getOperation());
    if (!tiling)
      return op.emitOpError("can't be shared by the threads of a block");
    return tiling.getTiledImplementation(builder, offsets, sizes);
  }

  /// Each thread reduces its own iterations, then all results are reduced.
  void shareReduction() {
    SmallVector<Value> values;
    for (auto [combiner, init] : llvm::zip(plan.combiners, op.getDpsInits()))
      values.push_back(arith::ConstantOp::create(
          builder, loc, *arith::getNeutralElement(combiner)));
    SmallVector<Value> places(ranges.size(), index(0));
    SmallVector<unsigned> loops;
    for (unsigned i = 0; i < ranges.size(); ++i)
      if (i != *plan.loop && !isConstantIntValue(ranges[i].size, 1))
        loops.push_back(i);
    loops.push_back(*plan.loop);
    values = reduceLoops(loops, places, values);
    values = threads.reduce(builder, loc, values, plan.combiners);
    threads.runInFirst(builder, loc, [&](OpBuilder &inside) {
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPoint(inside.getInsertionBlock(),
                                inside.getInsertionPoint());
      for (auto [i, combiner] : llvm::enumerate(plan.combiners)) {
        OpOperand *init = op.getDpsInitOperand(i);
        SmallVector<Value> indices = getIndices(*init, places);
        Value old = memref::LoadOp::create(builder, loc, init->get(), indices);
        memref::StoreOp::create(builder, loc,
                                combine(builder, combiner, old, values[i]),
                                init->get(), indices);
      }
    });
  }

  /// The loops from the first one on, around the body with `values` before it.
  SmallVector<Value> reduceLoops(ArrayRef<unsigned> loops,
                                 SmallVectorImpl<Value> &places,
                                 ValueRange values) {
    if (loops.empty())
      return cloneBody(places, values);
    bool isShared = loops.front() == *plan.loop;
    Value bound = extent(loops.front());
    Value first = isShared ? threads.getNumber() : index(0);
    Value step = index(isShared ? threads.getCount() : 1);
    auto loop = scf::ForOp::create(builder, loc, first, bound, step, values);
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    places[loops.front()] = loop.getInductionVar();
    SmallVector<Value> results =
        reduceLoops(loops.drop_front(), places, loop.getRegionIterArgs());
    scf::YieldOp::create(builder, loc, results);
    places[loops.front()] = Value();
    return SmallVector<Value>(loop.getResults());
  }

  SmallVector<Value> getIndices(OpOperand &operand, ArrayRef<Value> places) {
    SmallVector<Value> own(places);
    for (Value &place : own)
      if (!place)
        place = index(0);
    AffineMap map = op.getMatchingIndexingMap(&operand);
    SmallVector<Value> indices;
    for (AffineExpr expr : map.getResults())
      indices.push_back(affine::AffineApplyOp::create(
          builder, loc, AffineMap::get(map.getNumDims(), 0, expr), own));
    return indices;
  }

  SmallVector<Value> cloneBody(ArrayRef<Value> places, ValueRange values) {
    IRMapping mapping;
    for (OpOperand *input : op.getDpsInputOperands()) {
      Value value = input->get();
      if (isa<MemRefType>(value.getType()))
        value = memref::LoadOp::create(builder, loc, value,
                                       getIndices(*input, places));
      mapping.map(op.getMatchingBlockArgument(input), value);
    }
    mapping.map(op.getRegionOutputArgs(), values);
    Block *body = op.getBlock();
    for (Operation &inner : body->without_terminator()) {
      if (auto position = dyn_cast<linalg::IndexOp>(inner))
        mapping.map(position.getResult(), places[position.getDim()]);
      else
        builder.clone(inner, mapping);
    }
    return llvm::map_to_vector(
        body->getTerminator()->getOperands(),
        [&](Value value) { return mapping.lookupOrDefault(value); });
  }

  const OpPlan &plan;
  linalg::LinalgOp op;
  const BlockThreads &threads;
  OpBuilder builder;
  Location loc;
  SmallVector<Range> ranges;
};

struct ShareUnits : nnc::impl::ShareUnitsPassBase<ShareUnits> {
  void runOnOperation() override {
    func::FuncOp kernel = getOperation();
    if (!kernel->hasAttr(kernelAttrName) || !isOnDevice(kernel) ||
        !isMadeOfLoops(kernel))
      return;
    wrapAlone(kernel);
    for (auto unit : kernel.getOps<scf::ForallOp>())
      if (failed(share(unit)))
        return signalPassFailure();
    if (llvm::any_of(kernel.getOps<scf::ForallOp>(), [](scf::ForallOp unit) {
          return unit->hasAttr(blockThreadsAttrName);
        }))
      wrapRest(kernel);
  }

private:
  /// Only then all phases are functions of their own, whatever else they do.
  static bool isMadeOfLoops(func::FuncOp kernel) {
    return llvm::all_of(
        kernel.getBody().front().without_terminator(), [](Operation &op) {
          return isa<scf::ForallOp, linalg::LinalgOp, memref::AllocOp>(op) ||
                 isMemoryEffectFree(&op);
        });
  }

  /// Makes one unit of an op that was not worth cutting, if a block can share
  /// it.
  static void wrapAlone(func::FuncOp kernel) {
    SmallVector<linalg::LinalgOp> alone(
        kernel.getBody().front().getOps<linalg::LinalgOp>());
    for (linalg::LinalgOp op : alone) {
      std::optional<OpPlan> plan = planOp(op);
      if (!plan || !plan->loop ||
          (!ShapedType::isDynamic(plan->extent) && plan->extent < warpThreads))
        continue;
      OpBuilder builder(op);
      auto unit = scf::ForallOp::create(
          builder, op.getLoc(), ArrayRef<OpFoldResult>{builder.getIndexAttr(1)},
          ValueRange(), std::nullopt);
      op->moveBefore(unit.getBody()->getTerminator());
    }
  }

  /// Makes a unit of each row of ops that are in none. Lowered where they stand
  /// they would read memory between the phases, which then were one, and that
  /// is one thread's.
  static void wrapRest(func::FuncOp kernel) {
    SmallVector<linalg::LinalgOp> row;
    auto wrap = [&]() {
      if (row.empty())
        return;
      OpBuilder builder(row.back());
      auto unit =
          scf::ForallOp::create(builder, row.back().getLoc(),
                                ArrayRef<OpFoldResult>{builder.getIndexAttr(1)},
                                ValueRange(), std::nullopt);
      for (linalg::LinalgOp op : row)
        op->moveBefore(unit.getBody()->getTerminator());
      row.clear();
    };
    for (Operation &op : llvm::make_early_inc_range(kernel.getBody().front())) {
      if (auto alone = dyn_cast<linalg::LinalgOp>(op))
        row.push_back(alone);
      else if (!isMemoryEffectFree(&op) && !isa<memref::AllocOp>(op))
        wrap();
    }
    wrap();
  }

  static LogicalResult share(scf::ForallOp unit) {
    SmallVector<OpPlan> plans = planUnit(*unit.getBody());
    if (plans.empty())
      return success();
    int64_t count = chooseThreads(plans);
    OpBuilder builder = OpBuilder::atBlockBegin(unit.getBody());
    unit->setAttr(blockThreadsAttrName, builder.getI64IntegerAttr(count));
    BlockThreads threads(builder, unit.getLoc(), count);
    for (const OpPlan &plan : plans)
      if (failed(OpSharer(plan, threads).run()))
        return failure();
    return success();
  }
};
} // namespace
