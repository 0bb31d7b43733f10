//===----------------------------------------------------------------------===//
// Lowers linalg ops on memrefs to loops over vectors, those that share rows in
// one loop.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "KernelMemRefs.h"
#include "UnitGroups.h"

#include "VectorLoops.h"
#include "dialects/HW/IR/KnownTargets.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_VECTORIZELINALGPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

/// Elements of a work unit where one row is cut into several: long enough that
/// starting it (a few ns) does not count, short enough to balance threads.
static constexpr int64_t unitElements = 4096;
/// The same, where reductions inside make an element expensive, in vectors.
static constexpr int64_t unitVectors = 4;
/// Rows that are enough work units; with fewer, rows are cut.
static constexpr int64_t enoughRows = 16;

namespace {
/// Ops that run in one loop over their leading loops.
struct RowGroup {
  SmallVector<linalg::LinalgOp> ops;
  /// What their outputs hold at the start, null if that is in memory.
  SmallVector<Value> inits;
  unsigned numOuter = 0;
};

class LinalgVectorizer {
public:
  LinalgVectorizer(func::FuncOp kernel, unsigned vectorBits)
      : kernel(kernel), builder(kernel.getContext()), vectorBits(vectorBits) {}

  void run();

private:
  void runOnBlock(Block &block);
  bool tryJoin(linalg::LinalgOp op, Value init);
  void flush();
  bool emit(RowGroup &rows);
  void emitRows(MutableArrayRef<VectorLoops> emitters,
                ArrayRef<LoopRange> outer);
  void emitParts(VectorLoops &emitter, const VectorPlan &plan);
  void emitUnits(Value count, function_ref<void(Value)> body);

  func::FuncOp kernel;
  OpBuilder builder;
  unsigned vectorBits;
  RowGroup group;
  /// What the outputs of reductions hold at the start.
  DenseMap<Operation *, Value> inits;
};
} // namespace

//===----------------------------------------------------------------------===//
// Groups
//===----------------------------------------------------------------------===//

/// False only for memory of its own: temporaries, constants, and the tensors of
/// a kernel, which do not overlap.
static bool mayAlias(Value a, Value b) {
  auto isOwn = [](Value base) {
    if (auto argument = dyn_cast<BlockArgument>(base))
      return isa<func::FuncOp>(argument.getOwner()->getParentOp());
    return isa<memref::AllocOp, memref::GetGlobalOp,
               UnrealizedConversionCastOp>(base.getDefiningOp());
  };
  Value first = getBase(a), second = getBase(b);
  return first == second || !isOwn(first) || !isOwn(second);
}

static unsigned countParallelPrefix(linalg::LinalgOp op) {
  unsigned count = 0;
  for (utils::IteratorType kind : op.getIteratorTypesArray()) {
    if (kind != utils::IteratorType::parallel)
      break;
    ++count;
  }
  return count;
}

/// How many leading loops two ops must share so that what one writes and the
/// other touches is theirs alone in each iteration; nullopt if they touch
/// nothing in common.
static std::optional<unsigned> countShared(linalg::LinalgOp a,
                                           linalg::LinalgOp b) {
  std::optional<unsigned> shared;
  for (OpOperand &first : a->getOpOperands())
    for (OpOperand &second : b->getOpOperands()) {
      if (!isa<MemRefType>(first.get().getType()) ||
          !isa<MemRefType>(second.get().getType()) ||
          !mayAlias(first.get(), second.get()) ||
          (!a.isDpsInit(&first) && !b.isDpsInit(&second)))
        continue;
      if (first.get() != second.get())
        return 0;
      ArrayRef<AffineExpr> own = a.getMatchingIndexingMap(&first).getResults();
      ArrayRef<AffineExpr> other =
          b.getMatchingIndexingMap(&second).getResults();
      unsigned count = 0;
      auto isSharedLoop = [&](unsigned loop) {
        AffineExpr expr = getAffineDimExpr(loop, a.getContext());
        return llvm::any_of(llvm::zip(own, other), [&](auto pair) {
          return std::get<0>(pair) == expr && std::get<1>(pair) == expr;
        });
      };
      while (count < std::min(a.getNumLoops(), b.getNumLoops()) &&
             isSharedLoop(count))
        ++count;
      shared = std::min(shared.value_or(count), count);
    }
  return shared;
}

/// True if memory is read that no operand names.
static bool readsElsewhere(linalg::LinalgOp op) {
  return llvm::any_of(
      op.getBlock()->without_terminator(),
      [](Operation &inner) { return !isMemoryEffectFree(&inner); });
}

/// True if the ops can run in one loop over `numOuter` of theirs, with vectors
/// in each that has loops inside.
static bool canShareRows(ArrayRef<linalg::LinalgOp> ops, unsigned numOuter,
                         unsigned vectorBits) {
  bool hasVectors = false;
  for (linalg::LinalgOp op : ops) {
    std::optional<VectorPlan> plan =
        VectorPlan::create(op, numOuter, vectorBits);
    if (!plan || countParallelPrefix(op) < numOuter)
      return false;
    hasVectors |= plan->vectorRange.has_value();
  }
  return hasVectors;
}

bool LinalgVectorizer::tryJoin(linalg::LinalgOp op, Value init) {
  if (readsElsewhere(op))
    return false;
  std::optional<unsigned> shared;
  for (linalg::LinalgOp other : group.ops) {
    if (readsElsewhere(other))
      return false;
    if (std::optional<unsigned> count = countShared(other, op))
      shared = std::min(shared.value_or(*count), *count);
  }
  if (!shared)
    return false;
  unsigned most = std::min(*shared, countParallelPrefix(op));
  if (group.ops.size() > 1)
    most = std::min(most, group.numOuter);
  SmallVector<linalg::LinalgOp> ops(group.ops);
  ops.push_back(op);
  for (unsigned numOuter = most; numOuter > 0; --numOuter)
    if (canShareRows(ops, numOuter, vectorBits)) {
      group.ops.push_back(op);
      group.inits.push_back(init);
      group.numOuter = numOuter;
      return true;
    }
  return false;
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

/// A loop over work units where the kernel begins, else any loop.
void LinalgVectorizer::emitUnits(Value count, function_ref<void(Value)> body) {
  Location loc = count.getLoc();
  OpBuilder::InsertionGuard guard(builder);
  if (isa<func::FuncOp>(builder.getInsertionBlock()->getParentOp()) &&
      isKnownEarly(count)) {
    auto loop = scf::ForallOp::create(
        builder, loc, ArrayRef<OpFoldResult>{getAsOpFoldResult(count)},
        ValueRange(), std::nullopt);
    builder.setInsertionPointToStart(loop.getBody());
    return body(loop.getInductionVar(0));
  }
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  auto loop = scf::ForOp::create(builder, loc, zero, count, one);
  builder.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

void LinalgVectorizer::emitRows(MutableArrayRef<VectorLoops> emitters,
                                ArrayRef<LoopRange> outer) {
  SmallVector<Value> extents;
  Value count;
  for (LoopRange range : outer) {
    extents.push_back(emitters.front().getExtent(range));
    count = count ? builder.createOrFold<arith::MulIOp>(count.getLoc(), count,
                                                        extents.back())
                  : extents.back();
  }
  emitUnits(count, [&](Value unit) {
    SmallVector<Value> at(outer.size());
    for (unsigned i = outer.size(); i-- > 1;) {
      Location loc = count.getLoc();
      at[i] = arith::RemUIOp::create(builder, loc, unit, extents[i]);
      unit = arith::DivUIOp::create(builder, loc, unit, extents[i]);
    }
    at[0] = unit;
    for (VectorLoops &emitter : emitters)
      emitter.emit(outer, at);
  });
}

/// Iterations of the part range that are one work unit.
static int64_t getPartLength(const VectorPlan &plan) {
  if (plan.crossRange) {
    // The longer of two ranges is cut, and across it lies the other one.
    int64_t across =
        std::min(plan.getStaticExtent(plan.ranges[*plan.vectorRange]),
                 plan.getStaticExtent(plan.ranges[*plan.crossRange]));
    int64_t length =
        unitElements / std::clamp<int64_t>(across, 1, unitElements);
    return llvm::alignTo(length, plan.width * blocksAside);
  }
  bool reduces = llvm::any_of(
      plan.ranges, [&](LoopRange other) { return plan.isReduction(other); });
  return reduces ? int64_t(plan.width) * unitVectors : unitElements;
}

/// One op without outer loops, cut along its vectors.
void LinalgVectorizer::emitParts(VectorLoops &emitter, const VectorPlan &plan) {
  LoopRange range = plan.getPartRange();
  Value extent = emitter.getExtent(range);
  Location loc = extent.getLoc();
  if (plan.reducesVector) {
    Value one = arith::ConstantIndexOp::create(builder, loc, 1);
    return emitUnits(one, [&](Value) { emitter.emit({}, {}); });
  }
  int64_t length = getPartLength(plan);
  Value size = arith::ConstantIndexOp::create(builder, loc, length);
  Value count = builder.createOrFold<arith::CeilDivUIOp>(loc, extent, size);
  int64_t known = plan.getStaticExtent(range);
  emitUnits(count, [&](Value unit) {
    Value begin = builder.createOrFold<arith::MulIOp>(loc, unit, size);
    Value end = builder.createOrFold<arith::AddIOp>(loc, begin, size);
    if (ShapedType::isDynamic(known) || known % length)
      end = arith::MinUIOp::create(builder, loc, end, extent);
    emitter.emit({}, {}, begin, end);
  });
}

/// The leading parallel loops of a single op that work units are made of.
static unsigned chooseOuter(linalg::LinalgOp op, const VectorPlan &whole) {
  if (whole.ranges.empty())
    return 0;
  unsigned outer =
      std::min(countParallelPrefix(op), whole.ranges[*whole.vectorRange].first);
  if (whole.crossRange)
    outer = std::min(outer, whole.ranges[*whole.crossRange].first);
  int64_t rows = 1;
  SmallVector<int64_t> extents = op.getStaticLoopRanges();
  for (int64_t extent : ArrayRef(extents).take_front(outer))
    rows = ShapedType::isDynamic(extent) || rows >= enoughRows ? enoughRows
                                                               : rows * extent;
  return whole.reducesVector || rows >= enoughRows ? outer : 0;
}

bool LinalgVectorizer::emit(RowGroup &rows) {
  builder.setInsertionPoint(rows.ops.back());
  if (rows.ops.size() == 1) {
    std::optional<VectorPlan> whole =
        VectorPlan::create(rows.ops[0], 0, vectorBits);
    if (!whole)
      return false;
    rows.numOuter = chooseOuter(rows.ops[0], *whole);
  }
  SmallVector<bool> joinable(rows.numOuter, true);
  SmallVector<VectorLoops, 0> emitters;
  SmallVector<VectorPlan> plans;
  for (auto [op, init] : llvm::zip(rows.ops, rows.inits)) {
    std::optional<VectorPlan> plan =
        VectorPlan::create(op, rows.numOuter, vectorBits);
    if (!plan)
      return false;
    plan->init = init;
    plans.push_back(*plan);
    for (auto [all, own] : llvm::zip(joinable, getJoinableLoops(op)))
      all = all && own;
  }
  for (const VectorPlan &plan : plans)
    emitters.emplace_back(builder, plan);
  SmallVector<LoopRange> outer;
  for (unsigned loop = 0; loop < rows.numOuter; ++loop) {
    if (loop && joinable[loop - 1])
      outer.back().last = loop;
    else
      outer.push_back({loop, loop});
  }
  if (!outer.empty())
    emitRows(emitters, outer);
  else if (plans[0].vectorRange)
    emitParts(emitters[0], plans[0]);
  else
    emitUnits(arith::ConstantIndexOp::create(builder, rows.ops[0].getLoc(), 1),
              [&](Value) { emitters[0].emit({}, {}); });
  for (linalg::LinalgOp op : rows.ops) {
    inits.erase(op);
    op.erase();
  }
  return true;
}

void LinalgVectorizer::flush() {
  RowGroup rows = std::move(group);
  group = RowGroup();
  if (rows.ops.empty() || emit(rows))
    return;
  for (auto [op, init] : llvm::zip(rows.ops, rows.inits))
    if (init) {
      builder.setInsertionPoint(op);
      linalg::FillOp::create(builder, op.getLoc(), init,
                             op.getDpsInitOperand(0)->get());
    }
}

/// True if the op touches all of its only output, each element once for all of
/// the reduction.
static bool coversOutput(linalg::LinalgOp op) {
  if (op.getNumDpsInits() != 1 ||
      !op.getMatchingIndexingMap(op.getDpsInitOperand(0))
           .isProjectedPermutation())
    return false;
  SmallVector<unsigned> reductions;
  op.getReductionDims(reductions);
  return llvm::all_of(reductions,
                      [&](unsigned loop) { return isSumLoop(op, loop); });
}

/// True if the body of `op` may read what it writes to `output`.
static bool readsOutput(linalg::LinalgOp op, Value output) {
  return llvm::any_of(op.getBlock()->without_terminator(),
                      [&](Operation &inner) {
                        auto load = dyn_cast<memref::LoadOp>(inner);
                        return load ? mayAlias(load.getMemRef(), output)
                                    : !isMemoryEffectFree(&inner);
                      });
}

/// The value that all of `op`'s output holds before it, by a fill that nothing
/// else sees; the fill is erased.
static Value takeInit(linalg::LinalgOp op) {
  if (!coversOutput(op))
    return {};
  Value output = op.getDpsInitOperand(0)->get();
  if (readsOutput(op, output))
    return {};
  auto touches = [&](Operation *other) {
    return llvm::any_of(other->getOperands(), [&](Value operand) {
      return isa<MemRefType>(operand.getType()) && mayAlias(operand, output);
    });
  };
  for (OpOperand *input : op.getDpsInputOperands())
    if (isa<MemRefType>(input->get().getType()) &&
        mayAlias(input->get(), output))
      return {};
  for (Operation *before = op->getPrevNode(); before;
       before = before->getPrevNode()) {
    auto fill = dyn_cast<linalg::FillOp>(before);
    if (fill && fill.getOutputs()[0] == output) {
      Value value = fill.getInputs()[0];
      fill.erase();
      return value;
    }
    if (isa<memref::AllocOp>(before) || isMemoryEffectFree(before))
      continue;
    auto loops = dyn_cast<linalg::LinalgOp>(before);
    if (!loops || readsElsewhere(loops) || touches(before))
      return {};
  }
  return {};
}

void LinalgVectorizer::runOnBlock(Block &block) {
  for (auto op : llvm::make_early_inc_range(block.getOps<linalg::LinalgOp>()))
    if (op.hasPureBufferSemantics() &&
        op.getNumLoops() != op.getNumParallelLoops() &&
        VectorPlan::create(op, 0, vectorBits))
      inits[op] = takeInit(op);
  for (Operation &op : llvm::make_early_inc_range(block)) {
    auto loops = dyn_cast<linalg::LinalgOp>(op);
    if (loops && loops.hasPureBufferSemantics() &&
        VectorPlan::create(loops, 0, vectorBits)) {
      Value init = inits.lookup(loops);
      if (!group.ops.empty() && tryJoin(loops, init))
        continue;
      flush();
      group.ops.push_back(loops);
      group.inits.push_back(init);
      continue;
    }
    if (op.getNumRegions() || !isMemoryEffectFree(&op)) {
      if (isa<memref::AllocOp>(op))
        continue;
      flush();
    }
    if (!isa<linalg::LinalgOp>(op))
      for (Region &region : op.getRegions())
        for (Block &inner : region)
          runOnBlock(inner);
  }
  flush();
}

void LinalgVectorizer::run() {
  for (Block &block : kernel.getBody())
    runOnBlock(block);
}

namespace {
struct VectorizeLinalg : nnc::impl::VectorizeLinalgPassBase<VectorizeLinalg> {
  using VectorizeLinalgPassBase::VectorizeLinalgPassBase;

  void runOnOperation() override {
    if (!getOperation()->hasAttr(kernelAttrName))
      return;
    hw::TargetAttr machine = hw::findTarget(getOperation(), target);
    if (!machine)
      return signalPassFailure();
    LinalgVectorizer(getOperation(), machine.getVectorBits()).run();
  }
};
} // namespace
