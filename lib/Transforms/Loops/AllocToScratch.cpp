//===----------------------------------------------------------------------===//
// Places a kernel's temporaries in its scratch.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/DevicePasses.h"
#include "nnc/Transforms/Passes.h"

#include "KernelMemRefs.h"
#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "nnc/Memory/Storage.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_ALLOCTOSCRATCHPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

/// Temporaries start on a cache line, in bytes.
static constexpr int64_t scratchAlignment = 64;

/// Temporaries of a GPU's unit that are on the stack instead, where they become
/// registers: half of those that a thread has.
static constexpr int64_t deviceStackBytes = 512;
/// Of temporaries on the stack, in bytes: that of the widest element.
static constexpr unsigned stackAlignment = 8;

static int64_t getElementBytes(MemRefType type) {
  Type element = type.getElementType();
  return element.isIndex() ? 8 : (element.getIntOrFloatBitWidth() + 7) / 8;
}

namespace {
/// Temporaries that share a piece of memory, each at times of its own.
struct Group {
  SmallVector<memref::AllocOp> fixed, dynamic;
  int64_t bytes = 0; ///< Of the fixed ones.
};

/// Numbers a kernel's ops in the order of the text, and its top-level ops by
/// the phase that they may be in.
class Positions {
public:
  explicit Positions(func::FuncOp kernel) : body(&kernel.getBody().front()) {
    int32_t phase = 0;
    for (Operation &op : *body) {
      bool isLoop = isa<scf::ForallOp>(op);
      phase += isLoop;
      phases[&op] = phase;
      phase += isLoop;
      op.walk<WalkOrder::PreOrder>(
          [&](Operation *nested) { begins[nested] = next++; });
      op.walk([&](Operation *nested) {
        if (nested->getNumRegions())
          ends[nested] = next - 1;
      });
    }
  }

  /// Where a temporary is in use: from its op to the last user's end.
  nncmem::Buffer getLifetime(memref::AllocOp alloc) const {
    nncmem::Buffer buffer;
    buffer.alignment = scratchAlignment;
    buffer.first = buffer.last = begins.lookup(alloc);
    for (Operation *user : getUsers(alloc)) {
      Operation *ancestor = alloc->getBlock()->findAncestorOpInBlock(*user);
      int32_t begin = begins.lookup(ancestor);
      auto end = ends.find(ancestor);
      buffer.last =
          std::max(buffer.last, end == ends.end() ? begin : end->second);
    }
    return buffer;
  }

  /// The number of the phase that alone uses the temporary; nullopt if there
  /// are several, or many units to see the same one.
  std::optional<int32_t> getOwner(memref::AllocOp alloc) const {
    std::optional<int32_t> owner;
    if (alloc->getBlock() != body)
      return phases.lookup(body->findAncestorOpInBlock(*alloc));
    for (Operation *user : getUsers(alloc)) {
      Operation *top = body->findAncestorOpInBlock(*user);
      // Views stand wherever they like.
      if (top == user && isMemoryEffectFree(user))
        continue;
      int32_t phase = phases.lookup(top);
      if (isa<scf::ForallOp>(top) || isRepeated(top) ||
          (owner && *owner != phase))
        return std::nullopt;
      owner = phase;
    }
    return owner.value_or(phases.lookup(alloc));
  }

private:
  /// Is `op`, at the top level, done by all phases for themselves? Reads are.
  bool isRepeated(Operation *op) const {
    return op->getNumRegions() == 0 &&
           hasSingleEffect<MemoryEffects::Read>(op) &&
           llvm::any_of(*body, [&](Operation &other) {
             return isa<scf::ForallOp>(other) && op->isBeforeInBlock(&other);
           });
  }

  /// Users of a buffer and of its views.
  static SetVector<Operation *> getUsers(memref::AllocOp alloc) {
    SetVector<Operation *> users;
    SmallVector<Value> names{alloc.getResult()};
    while (!names.empty())
      for (Operation *user : names.pop_back_val().getUsers())
        if (users.insert(user))
          for (Value result : user->getResults())
            if (isa<BaseMemRefType>(result.getType()))
              names.push_back(result);
    return users;
  }

  Block *body;
  int32_t next = 0;
  DenseMap<Operation *, int32_t> begins, ends, phases;
};

class ScratchPlacer {
public:
  ScratchPlacer(func::FuncOp kernel, int64_t stackBytes)
      : kernel(kernel), builder(kernel.getContext()), stackBytes(stackBytes) {}

  LogicalResult run() {
    Positions positions(kernel);
    llvm::MapVector<int32_t, Group> phases;
    Group shared;
    kernel.walk([&](memref::AllocOp alloc) {
      std::optional<int32_t> owner = positions.getOwner(alloc);
      if (owner && moveToStack(alloc))
        return;
      Group &group = owner ? phases[*owner] : shared;
      (alloc.getType().hasStaticShape() ? group.fixed : group.dynamic)
          .push_back(alloc);
    });
    SmallVector<Group *> own;
    int64_t bytes = 0;
    for (auto &[phase, group] : phases) {
      pointer = kernel.getArguments().back();
      if (failed(placeFixed(group, positions)))
        return failure();
      bytes = std::max(bytes, group.bytes);
      own.push_back(&group);
    }
    kernel->setAttr(scratchBytesAttrName, builder.getI64IntegerAttr(bytes));
    bool isShared = !shared.fixed.empty() || !shared.dynamic.empty();
    if (isShared) {
      addSharedArgument();
      if (failed(placeFixed(shared, positions)))
        return failure();
      kernel->setAttr(sharedBytesAttrName,
                      builder.getI64IntegerAttr(shared.bytes));
      if (failed(placeDynamic({&shared}, ".shared")))
        return failure();
    }
    pointer = kernel.getArguments().back();
    return placeDynamic(own, ".scratch");
  }

private:
  /// Makes a small temporary of a unit one of its function's stack.
  bool moveToStack(memref::AllocOp alloc) {
    MemRefType type = alloc.getType();
    int64_t bytes = 0;
    auto unit = alloc->getParentOfType<scf::ForallOp>();
    if (!unit || unit->hasAttr(blockThreadsAttrName) ||
        !type.hasStaticShape() ||
        llvm::MulOverflow(type.getNumElements(), getElementBytes(type),
                          bytes) ||
        bytes > stackBytes)
      return false;
    stackBytes -= bytes;
    builder.setInsertionPoint(alloc);
    Value place = LLVM::AllocaOp::create(
        builder, alloc.getLoc(),
        LLVM::LLVMPointerType::get(builder.getContext()), builder.getI8Type(),
        number(bytes), stackAlignment);
    replaceBy(alloc, place);
    return true;
  }

  Value number(int64_t value) {
    return LLVM::ConstantOp::create(builder, kernel.getLoc(),
                                    builder.getI64Type(),
                                    builder.getI64IntegerAttr(value));
  }

  /// The pointer to what all units share goes in front of the units.
  void addSharedArgument() {
    unsigned index = kernel.getNumArguments() - 3;
    auto attributes = builder.getDictionaryAttr(builder.getNamedAttr(
        LLVM::LLVMDialect::getNoAliasAttrName(), builder.getUnitAttr()));
    (void)kernel.insertArgument(index,
                                LLVM::LLVMPointerType::get(kernel.getContext()),
                                attributes, kernel.getLoc());
    pointer = kernel.getArgument(index);
  }

  LogicalResult placeFixed(Group &group, const Positions &positions) {
    SmallVector<nncmem::Buffer> buffers;
    for (memref::AllocOp alloc : group.fixed) {
      nncmem::Buffer buffer = positions.getLifetime(alloc);
      if (llvm::MulOverflow(alloc.getType().getNumElements(),
                            getElementBytes(alloc.getType()), buffer.size))
        return kernel.emitError("a temporary is too large to address");
      buffers.push_back(buffer);
    }
    nncmem::Problem problem{buffers.data(), buffers.size()};
    if (!nncmem::check(problem))
      return kernel.emitError("a temporary is too large to address");
    SmallVector<int64_t> offsets(buffers.size());
    std::vector<int64_t> work(nncmem::workBytes(buffers.size()) / 8 + 1);
    int64_t bytes = nncmem::greedyBySize(problem, offsets.data(), work.data());
    group.bytes = llvm::alignTo(uint64_t(bytes), scratchAlignment);
    for (auto [alloc, offset] : llvm::zip(group.fixed, offsets)) {
      builder.setInsertionPoint(alloc);
      replace(alloc, number(offset));
    }
    return success();
  }

  void replace(memref::AllocOp alloc, Value offset) {
    Value address = LLVM::GEPOp::create(
        builder, alloc.getLoc(), pointer.getType(), builder.getI8Type(),
        pointer, ArrayRef<LLVM::GEPArg>{offset});
    replaceBy(alloc, address);
  }

  void replaceBy(memref::AllocOp alloc, Value address) {
    SmallVector<Value> sizes;
    for (Value size : alloc.getDynamicSizes())
      sizes.push_back(arith::IndexCastOp::create(builder, alloc.getLoc(),
                                                 builder.getI64Type(), size));
    auto type = MemRefType::get(alloc.getType().getShape(),
                                alloc.getType().getElementType());
    alloc.replaceAllUsesWith(
        createMemRef(builder, alloc.getLoc(), type, address, sizes));
    alloc.erase();
  }

  /// The aligned bytes of a temporary, as i64.
  Value computeBytes(memref::AllocOp alloc, ValueRange sizes) {
    Location loc = alloc.getLoc();
    int64_t width = getElementBytes(alloc.getType());
    for (int64_t size : alloc.getType().getShape())
      if (!ShapedType::isDynamic(size))
        width *= size;
    Value bytes = number(width);
    for (Value size : sizes) {
      Value wide =
          arith::IndexCastOp::create(builder, loc, builder.getI64Type(), size);
      bytes = arith::MulIOp::create(builder, loc, bytes, wide);
    }
    Value padded = arith::AddIOp::create(builder, loc, bytes,
                                         number(scratchAlignment - 1));
    return arith::AndIOp::create(builder, loc, padded,
                                 number(-scratchAlignment));
  }

  /// Offsets are running sums behind the fixed ones, made at the start of the
  /// kernel and again in the companion function, whose result is the largest
  /// group's total.
  LogicalResult placeDynamic(ArrayRef<Group *> groups, StringRef suffix) {
    if (llvm::all_of(groups, [](Group *g) { return g->dynamic.empty(); }))
      return success();
    func::FuncOp companion = createCompanion(suffix);
    Value most;
    IRMapping mapping;
    mapping.map(kernel.getArguments(), companion.getArguments());
    Block &body = companion.getBody().front();
    for (Group *group : groups) {
      builder.setInsertionPointToEnd(&body);
      Value total = number(group->bytes);
      builder.setInsertionPoint(marker);
      Value offset = number(group->bytes);
      for (memref::AllocOp alloc : group->dynamic) {
        SmallVector<Value> own, copied;
        for (Value size : alloc.getDynamicSizes())
          if (failed(copySize(alloc, size, companion, mapping, own, copied)))
            return failure();
        builder.setInsertionPointToEnd(&body);
        total = arith::AddIOp::create(builder, alloc.getLoc(), total,
                                      computeBytes(alloc, copied));
        builder.setInsertionPoint(marker);
        Value begin = offset;
        offset = arith::AddIOp::create(builder, alloc.getLoc(), offset,
                                       computeBytes(alloc, own));
        builder.setInsertionPoint(alloc);
        replace(alloc, begin);
      }
      builder.setInsertionPointToEnd(&body);
      most = most ? Value(arith::MaxSIOp::create(builder, kernel.getLoc(), most,
                                                 total))
                  : total;
    }
    func::ReturnOp::create(builder, kernel.getLoc(), most);
    return success();
  }

  func::FuncOp createCompanion(StringRef suffix) {
    builder.setInsertionPoint(kernel);
    auto companion = func::FuncOp::create(
        builder, kernel.getLoc(), (kernel.getSymName() + suffix).str(),
        builder.getFunctionType(kernel.getArgumentTypes(),
                                builder.getI64Type()));
    companion.setPrivate();
    companion.addEntryBlock();
    if (marker)
      return companion;
    // Offsets stand where no loop has begun: after what the sizes need, which
    // is moved to the kernel's start.
    Block &body = kernel.getBody().front();
    builder.setInsertionPointToStart(&body);
    marker =
        LLVM::ConstantOp::create(builder, kernel.getLoc(), builder.getI64Type(),
                                 builder.getI64IntegerAttr(0));
    return companion;
  }

  /// Copies the computation of `size` into the companion and in front of the
  /// kernel's marker.
  LogicalResult copySize(memref::AllocOp alloc, Value size,
                         func::FuncOp companion, IRMapping &mapping,
                         SmallVectorImpl<Value> &own,
                         SmallVectorImpl<Value> &copied) {
    SetVector<Operation *> slice;
    // A dimension of a rebuilt memref is a size argument; nothing reads memory.
    bool pure = getPureSlice(size, slice);
    for (Operation *op : slice)
      for (Value operand : op->getOperands())
        if (auto argument = dyn_cast<BlockArgument>(operand))
          pure &= argument.getOwner() == &kernel.getBody().front();
    if (auto argument = dyn_cast<BlockArgument>(size))
      pure &= argument.getOwner() == &kernel.getBody().front();
    if (!pure)
      return alloc.emitError("needs a temporary whose size depends on data");
    OpBuilder inCompanion = OpBuilder::atBlockEnd(&companion.getBody().front());
    OpBuilder inKernel(marker);
    for (Operation *op : slice) {
      if (!mapping.contains(op))
        inCompanion.clone(*op, mapping);
      if (!local.contains(op))
        inKernel.clone(*op, local);
    }
    own.push_back(local.lookupOrDefault(size));
    copied.push_back(mapping.lookup(size));
    return success();
  }

  func::FuncOp kernel;
  OpBuilder builder;
  int64_t stackBytes; ///< That are left.
  Value pointer;      ///< Of the memory that is being filled.
  IRMapping local;
  /// An op at the kernel's start; all offsets are computed before it.
  Operation *marker = nullptr;
};

struct AllocToScratch : nnc::impl::AllocToScratchPassBase<AllocToScratch> {
  void runOnOperation() override {
    int64_t stackBytes = isOnDevice(getOperation()) ? deviceStackBytes : 0;
    for (auto kernel :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      if (kernel->hasAttr(kernelAttrName) &&
          failed(ScratchPlacer(kernel, stackBytes).run()))
        return signalPassFailure();
  }
};
} // namespace
