//===----------------------------------------------------------------------===//
// Makes one loop over work units of several that are independent.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "KernelMemRefs.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_JOINUNITSPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

/// The pointer that a kernel's memref was rebuilt from; the memref itself for
/// others. Two memrefs of one pointer are the same memory.
static Value getMemory(Value memref) {
  Value base = getBase(memref);
  auto cast = base.getDefiningOp<UnrealizedConversionCastOp>();
  if (!cast || cast.getInputs().size() != 1)
    return base;
  for (auto insert = cast.getInputs()[0].getDefiningOp<LLVM::InsertValueOp>();
       insert;
       insert = insert.getContainer().getDefiningOp<LLVM::InsertValueOp>())
    if (isa<LLVM::LLVMPointerType>(insert.getValue().getType()))
      return insert.getValue();
  return base;
}

namespace {
/// The memory from outside that a loop touches.
struct Footprint {
  DenseSet<Value> reads, writes;
  bool isKnown = true;

  explicit Footprint(scf::ForallOp loop) {
    loop.walk([&](Operation *op) {
      if (op == loop || op->hasTrait<OpTrait::HasRecursiveMemoryEffects>() ||
          isa<memref::PrefetchOp>(op))
        return;
      auto interface = dyn_cast<MemoryEffectOpInterface>(op);
      if (!interface) {
        isKnown &= isMemoryEffectFree(op);
        return;
      }
      SmallVector<MemoryEffects::EffectInstance> effects;
      interface.getEffects(effects);
      for (const MemoryEffects::EffectInstance &effect : effects)
        add(effect, loop);
    });
  }

  bool conflictsWith(const Footprint &other) const {
    auto meets = [](const DenseSet<Value> &a, const DenseSet<Value> &b) {
      return llvm::any_of(a, [&](Value value) { return b.contains(value); });
    };
    return !isKnown || !other.isKnown || meets(writes, other.reads) ||
           meets(writes, other.writes) || meets(reads, other.writes);
  }

private:
  void add(const MemoryEffects::EffectInstance &effect, scf::ForallOp loop) {
    Value value = effect.getValue();
    if (!value) {
      isKnown = false;
      return;
    }
    Value memory = getMemory(value);
    // Each iteration has its own.
    if (loop->isProperAncestor(memory.getParentRegion()->getParentOp()) ||
        memory.getParentRegion()->getParentOp() == loop)
      return;
    if (isa<MemoryEffects::Read>(effect.getEffect()))
      reads.insert(memory);
    else
      writes.insert(memory);
  }
};

struct JoinUnits : nnc::impl::JoinUnitsPassBase<JoinUnits> {
  void runOnOperation() override {
    if (!getOperation()->hasAttr(kernelAttrName))
      return;
    Block &body = getOperation().getBody().front();
    scf::ForallOp last;
    for (Operation &op : llvm::make_early_inc_range(body)) {
      auto loop = dyn_cast<scf::ForallOp>(op);
      if (!loop) {
        // Temporaries, sizes and views may stand between the two.
        if (!isMemoryEffectFree(&op) && !isa<memref::AllocOp>(op))
          last = {};
        continue;
      }
      if (last && isCounted(last) && isCounted(loop) &&
          !Footprint(last).conflictsWith(Footprint(loop)))
        loop = join(last, loop);
      last = loop;
    }
  }

private:
  static bool isCounted(scf::ForallOp loop) {
    return loop.getRank() == 1 && loop.isNormalized() &&
           loop.getNumResults() == 0;
  }

  static Value getCount(OpBuilder &builder, scf::ForallOp loop) {
    return getValueOrCreateConstantIndexOp(builder, loop.getLoc(),
                                           loop.getMixedUpperBound()[0]);
  }

  /// Of the a + b units of both, unit u is the next one of the first loop where
  /// floor(u a / (a + b)) grows, and else of the second: whatever range of
  /// units a thread is given holds the same share of each.
  scf::ForallOp join(scf::ForallOp first, scf::ForallOp second) {
    OpBuilder builder(second);
    Location loc = builder.getFusedLoc({first.getLoc(), second.getLoc()});
    Value a = getCount(builder, first), b = getCount(builder, second);
    Value one = arith::ConstantIndexOp::create(builder, loc, 1);
    Value all = builder.createOrFold<arith::AddIOp>(loc, a, b);
    auto joined = scf::ForallOp::create(
        builder, loc, ArrayRef<OpFoldResult>{getAsOpFoldResult(all)},
        ValueRange(), std::nullopt);
    builder.setInsertionPointToStart(joined.getBody());
    Value unit = joined.getInductionVar(0);
    auto countFirst = [&](Value units) {
      return arith::DivUIOp::create(
          builder, loc, arith::MulIOp::create(builder, loc, units, a), all);
    };
    Value before = countFirst(unit);
    Value after = countFirst(arith::AddIOp::create(builder, loc, unit, one));
    Value isFirst = arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::ugt, after, before);
    Value other = arith::SubIOp::create(builder, loc, unit, before);
    auto choice = scf::IfOp::create(builder, loc, isFirst, /*withElse=*/true);
    take(first, choice.thenBlock(), before);
    take(second, choice.elseBlock(), other);
    ++numJoined;
    return joined;
  }

  static void take(scf::ForallOp loop, Block *target, Value unit) {
    loop.getInductionVar(0).replaceAllUsesWith(unit);
    target->getOperations().splice(
        target->begin(), loop.getBody()->getOperations(),
        loop.getBody()->begin(), std::prev(loop.getBody()->end()));
    loop.erase();
  }
};
} // namespace
