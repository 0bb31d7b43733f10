//===----------------------------------------------------------------------===//
// Turns loops over work units into functions over ranges of them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/DevicePasses.h"
#include "nnc/Transforms/Passes.h"

#include "KernelMemRefs.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_DISTRIBUTEUNITSPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

namespace {
/// Ops that run between two barriers: one loop over units, or what the first
/// unit alone does.
struct KernelPhase {
  SmallVector<Operation *> ops;
  scf::ForallOp loop;
};

/// Rewrites one kernel; see the pass.
class UnitDistributor {
public:
  UnitDistributor(func::FuncOp kernel, SymbolTable &symbols)
      : kernel(kernel), symbols(symbols), body(kernel.getBody().front()),
        builder(kernel.getContext()), latest(kernel) {}

  LogicalResult run() {
    if (failed(checkLoops()))
      return failure();
    findPhases();
    if (phases.size() > 1 && !arePhasesApart() && failed(joinPhases()))
      return failure();
    if (phases.empty())
      phases.emplace_back();
    if (failed(countUnits()))
      return failure();
    SmallVector<Attribute> names;
    names.push_back(FlatSymbolRefAttr::get(kernel.getSymNameAttr()));
    for (unsigned i = 1; i < phases.size(); ++i)
      names.push_back(splitOff(i));
    keepPhase(kernel, 0);
    if (names.size() > 1)
      kernel->setAttr(phasesAttrName, builder.getArrayAttr(names));
    return success();
  }

  unsigned getNumPhases() const { return phases.size(); }

private:
  /// The contract with those who make the loops.
  LogicalResult checkLoops() {
    for (auto loop : body.getOps<scf::ForallOp>())
      if (loop.getRank() != 1 || !loop.isNormalized() || loop.getNumResults())
        return loop.emitOpError(
            "expects a loop over work units to have one dimension from 0 in "
            "steps of 1, and no results");
    return success();
  }

  /// Work are ops that write, and those on which later phases may not depend:
  /// all but ops without effects and reads.
  static bool isWork(Operation &op) {
    return !isMemoryEffectFree(&op) && !isRead(op);
  }
  static bool isRead(Operation &op) {
    return op.getNumRegions() == 0 && hasSingleEffect<MemoryEffects::Read>(&op);
  }

  void findPhases() {
    for (Operation &op : body.without_terminator()) {
      auto loop = dyn_cast<scf::ForallOp>(op);
      if (!loop && !isWork(op))
        continue;
      if (loop || phases.empty() || phases.back().loop)
        phases.emplace_back();
      phases.back().ops.push_back(&op);
      phases.back().loop = loop;
    }
  }

  /// Can every phase find what it needs by repeating set-up ops? What is read
  /// must be what it was where the read stood.
  bool arePhasesApart() {
    for (KernelPhase &phase : phases)
      for (Operation *op : phase.ops)
        for (Operation *user : op->getUsers())
          if (!llvm::is_contained(phase.ops, body.findAncestorOpInBlock(*user)))
            return false;
    for (Operation &op : body.without_terminator())
      if (isRead(op) && !op.use_empty() && isOverwritten(op))
        return false;
    return true;
  }

  /// May an op behind `read` write what it reads?
  bool isOverwritten(Operation &read) {
    SmallVector<MemoryEffects::EffectInstance> effects;
    cast<MemoryEffectOpInterface>(read).getEffects(effects);
    for (const MemoryEffects::EffectInstance &effect : effects) {
      if (!effect.getValue())
        return true;
      Value base = getBase(effect.getValue());
      for (Operation *op = read.getNextNode(); op; op = op->getNextNode())
        if (op->walk([&](Operation *nested) {
                return mayWrite(nested, base) ? WalkResult::interrupt()
                                              : WalkResult::advance();
              }).wasInterrupted())
          return true;
    }
    return false;
  }

  static bool mayWrite(Operation *op, Value base) {
    // An op with regions does what its ops do.
    if (op->hasTrait<OpTrait::HasRecursiveMemoryEffects>())
      return false;
    auto interface = dyn_cast<MemoryEffectOpInterface>(op);
    if (!interface)
      return !isMemoryEffectFree(op);
    SmallVector<MemoryEffects::EffectInstance> effects;
    interface.getEffects(effects);
    return llvm::any_of(effects, [&](const auto &effect) {
      return isa<MemoryEffects::Write>(effect.getEffect()) &&
             (!effect.getValue() || getBase(effect.getValue()) == base);
    });
  }

  /// One phase of one unit, for kernels that can't be cut.
  LogicalResult joinPhases() {
    KernelPhase all;
    for (KernelPhase &phase : phases) {
      if (phase.loop) {
        if (phase.loop->hasAttr(blockThreadsAttrName))
          return phase.loop.emitOpError(
              "expects phases that can be cut apart, since threads of a block "
              "share it, but what is read between them is written later");
        builder.setInsertionPoint(phase.loop);
        all.ops.push_back(toLoop(phase.loop, number(0), getUpper(phase.loop)));
        continue;
      }
      llvm::append_range(all.ops, phase.ops);
    }
    phases.assign({all});
    return success();
  }

  Value number(int64_t value) {
    return arith::ConstantIndexOp::create(builder, kernel.getLoc(), value);
  }
  Value getUpper(scf::ForallOp loop) {
    return getValueOrCreateConstantIndexOp(builder, loop.getLoc(),
                                           loop.getMixedUpperBound()[0]);
  }

  /// The iterations [first, last) one after the other.
  scf::ForOp toLoop(scf::ForallOp forall, Value first, Value last) {
    auto loop =
        scf::ForOp::create(builder, forall.getLoc(), first, last, number(1));
    forall.getInductionVar(0).replaceAllUsesWith(loop.getInductionVar());
    loop.getBody()->getOperations().splice(
        loop.getBody()->begin(), forall.getBody()->getOperations(),
        forall.getBody()->begin(), std::prev(forall.getBody()->end()));
    forall.erase();
    return loop;
  }

  /// Sets the attribute: units of each phase, and makes the companion that
  /// computes those that depend on sizes.
  LogicalResult countUnits() {
    SmallVector<int64_t> units;
    SmallVector<Value> dynamic;
    for (KernelPhase &phase : phases) {
      if (!phase.loop) {
        units.push_back(1);
        continue;
      }
      OpFoldResult upper = phase.loop.getMixedUpperBound()[0];
      std::optional<int64_t> fixed = getConstantIntValue(upper);
      units.push_back(fixed.value_or(-1));
      if (!fixed)
        dynamic.push_back(cast<Value>(upper));
    }
    kernel->setAttr(unitsAttrName, builder.getDenseI64ArrayAttr(units));
    return dynamic.empty() ? success() : createCompanion(dynamic);
  }

  LogicalResult createCompanion(ArrayRef<Value> counts) {
    SetVector<Operation *> slice;
    if (!getPureSlice(counts, slice))
      return kernel.emitError("has work units whose number depends on data");
    builder.setInsertionPoint(kernel);
    SmallVector<Type> results(counts.size(), builder.getI64Type());
    auto companion = func::FuncOp::create(
        builder, kernel.getLoc(), (kernel.getSymName() + ".units").str(),
        builder.getFunctionType(kernel.getArgumentTypes(), results));
    companion.setPrivate();
    symbols.insert(companion);
    builder.setInsertionPointToStart(companion.addEntryBlock());
    IRMapping mapping;
    mapping.map(kernel.getArguments(), companion.getArguments());
    for (Operation *op : slice)
      builder.clone(*op, mapping);
    SmallVector<Value> values;
    for (Value count : counts)
      values.push_back(arith::IndexCastOp::create(builder, kernel.getLoc(),
                                                  builder.getI64Type(),
                                                  mapping.lookup(count)));
    func::ReturnOp::create(builder, kernel.getLoc(), values);
    return success();
  }

  /// A copy of the kernel that is phase `index` alone.
  FlatSymbolRefAttr splitOff(unsigned index) {
    func::FuncOp copy = kernel.clone();
    copy.setName((kernel.getSymName() + ".phase" + Twine(index)).str());
    for (StringRef name : {scratchBytesAttrName, sharedBytesAttrName,
                           unitsAttrName, phasesAttrName})
      copy->removeAttr(name);
    auto symbol = FlatSymbolRefAttr::get(
        symbols.insert(copy, std::next(latest->getIterator())));
    latest = copy;
    keepPhase(copy, index);
    return symbol;
  }

  /// Erases the work of all other phases, makes the loop one over a range of
  /// units, and erases what is not needed any more.
  void keepPhase(func::FuncOp function, unsigned index) {
    Block &block = function.getBody().front();
    DenseSet<Operation *> others;
    for (KernelPhase &phase : phases)
      if (&phase != &phases[index])
        others.insert_range(phase.ops);
    SmallVector<Operation *> erased;
    scf::ForallOp loop;
    // A copy has the same ops in the same order.
    for (auto [op, own] :
         llvm::zip(body.without_terminator(), block.without_terminator())) {
      if (others.contains(&op))
        erased.push_back(&own);
      if (phases[index].loop == &op)
        loop = cast<scf::ForallOp>(own);
    }
    for (Operation *op : llvm::reverse(erased))
      op->erase();
    if (loop) {
      if (Attribute threads = loop->getAttr(blockThreadsAttrName))
        function->setAttr(blockThreadsAttrName, threads);
      builder.setInsertionPoint(loop);
      auto bound = [&](unsigned fromEnd) -> Value {
        return arith::IndexCastOp::create(
            builder, loop.getLoc(), builder.getIndexType(),
            function.getArgument(function.getNumArguments() - fromEnd));
      };
      Value first = bound(3), last = bound(2);
      toLoop(loop, first, last);
    }
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (isOpTriviallyDead(&op))
        op.erase();
  }

  func::FuncOp kernel;
  SymbolTable &symbols;
  Block &body;
  OpBuilder builder;
  SmallVector<KernelPhase> phases;
  Operation *latest; ///< The function of the phase before.
};

struct DistributeUnits : nnc::impl::DistributeUnitsPassBase<DistributeUnits> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    SmallVector<func::FuncOp> kernels;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (function->hasAttr(kernelAttrName) &&
          !function->hasAttr(unitsAttrName))
        kernels.push_back(function);
    for (func::FuncOp kernel : kernels) {
      UnitDistributor distributor(kernel, symbols);
      if (failed(distributor.run()))
        return signalPassFailure();
      numPhases += distributor.getNumPhases();
    }
  }
};
} // namespace
