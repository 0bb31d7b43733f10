//===----------------------------------------------------------------------===//
// Places a kernel's temporaries in its scratch.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/Passes.h"

#include "KernelMemRefs.h"
#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_ALLOCTOSCRATCHPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

/// Temporaries start on a cache line, in bytes.
static constexpr int64_t scratchAlignment = 64;

static int64_t alignUp(int64_t bytes) {
  return (bytes + scratchAlignment - 1) / scratchAlignment * scratchAlignment;
}

static int64_t getElementBytes(MemRefType type) {
  Type element = type.getElementType();
  return element.isIndex() ? 8 : (element.getIntOrFloatBitWidth() + 7) / 8;
}

namespace {
class ScratchPlacer {
public:
  explicit ScratchPlacer(func::FuncOp kernel)
      : kernel(kernel), builder(kernel.getContext()) {}

  LogicalResult run() {
    SmallVector<memref::AllocOp> allocs;
    kernel.walk([&](memref::AllocOp alloc) { allocs.push_back(alloc); });
    SmallVector<memref::AllocOp> dynamic;
    int64_t bytes = 0;
    for (memref::AllocOp alloc : allocs) {
      if (!alloc.getType().hasStaticShape()) {
        dynamic.push_back(alloc);
        continue;
      }
      int64_t size;
      if (llvm::MulOverflow(alloc.getType().getNumElements(),
                            getElementBytes(alloc.getType()), size) ||
          size > std::numeric_limits<int64_t>::max() - bytes - scratchAlignment)
        return kernel.emitError("a temporary is too large to address");
      builder.setInsertionPoint(alloc);
      replace(alloc, number(bytes));
      bytes = alignUp(bytes + size);
    }
    kernel->setAttr(scratchBytesAttrName, builder.getI64IntegerAttr(bytes));
    return dynamic.empty() ? success() : placeDynamic(dynamic, bytes);
  }

private:
  Value number(int64_t value) {
    return LLVM::ConstantOp::create(builder, kernel.getLoc(),
                                    builder.getI64Type(),
                                    builder.getI64IntegerAttr(value));
  }

  void replace(memref::AllocOp alloc, Value offset) {
    Value scratch = kernel.getArguments().back();
    Value pointer = LLVM::GEPOp::create(
        builder, alloc.getLoc(), scratch.getType(), builder.getI8Type(),
        scratch, ArrayRef<LLVM::GEPArg>{offset});
    SmallVector<Value> sizes;
    for (Value size : alloc.getDynamicSizes())
      sizes.push_back(arith::IndexCastOp::create(builder, alloc.getLoc(),
                                                 builder.getI64Type(), size));
    auto type = MemRefType::get(alloc.getType().getShape(),
                                alloc.getType().getElementType());
    alloc.replaceAllUsesWith(
        createMemRef(builder, alloc.getLoc(), type, pointer, sizes));
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

  /// Offsets are running sums, made at the start of the kernel and again in the
  /// companion function, whose result is the total.
  LogicalResult placeDynamic(ArrayRef<memref::AllocOp> allocs, int64_t bytes) {
    auto companion = createCompanion();
    OpBuilder::InsertionGuard guard(builder);
    IRMapping mapping;
    mapping.map(kernel.getArguments(), companion.getArguments());
    Value total, offset;
    for (memref::AllocOp alloc : allocs) {
      SmallVector<Value> own, copied;
      for (Value size : alloc.getDynamicSizes())
        if (failed(copySize(alloc, size, companion, mapping, own, copied)))
          return failure();
      builder.setInsertionPointToEnd(&companion.getBody().front());
      Value copiedBytes = computeBytes(alloc, copied);
      if (!total)
        total = number(bytes);
      total =
          arith::AddIOp::create(builder, alloc.getLoc(), total, copiedBytes);
      builder.setInsertionPoint(&*marker);
      if (!offset)
        offset = number(bytes);
      Value begin = offset;
      offset = arith::AddIOp::create(builder, alloc.getLoc(), offset,
                                     computeBytes(alloc, own));
      builder.setInsertionPoint(alloc);
      replace(alloc, begin);
    }
    builder.setInsertionPointToEnd(&companion.getBody().front());
    func::ReturnOp::create(builder, kernel.getLoc(), total);
    return success();
  }

  func::FuncOp createCompanion() {
    builder.setInsertionPoint(kernel);
    auto companion = func::FuncOp::create(
        builder, kernel.getLoc(), (kernel.getSymName() + ".scratch").str(),
        builder.getFunctionType(kernel.getArgumentTypes(),
                                builder.getI64Type()));
    companion.setPrivate();
    companion.addEntryBlock();
    // Offsets stand where no loop has begun: after what the sizes need, which
    // is moved to the kernel's start.
    Block &body = kernel.getBody().front();
    builder.setInsertionPointToStart(&body);
    marker =
        LLVM::ConstantOp::create(builder, kernel.getLoc(), builder.getI64Type(),
                                 builder.getI64IntegerAttr(0))
            ->getIterator();
    return companion;
  }

  /// Copies the computation of `size` into the companion and in front of the
  /// kernel's marker.
  LogicalResult copySize(memref::AllocOp alloc, Value size,
                         func::FuncOp companion, IRMapping &mapping,
                         SmallVectorImpl<Value> &own,
                         SmallVectorImpl<Value> &copied) {
    SetVector<Operation *> slice;
    BackwardSliceOptions options;
    options.inclusive = true;
    options.omitBlockArguments = true;
    bool pure = true;
    options.filter = [&](Operation *op) {
      // A dimension of a rebuilt memref is a size argument; nothing reads
      // memory.
      if (!isMemoryEffectFree(op) || op->getNumRegions()) {
        pure = false;
        return false;
      }
      return true;
    };
    if (size.getDefiningOp())
      (void)getBackwardSlice(size, &slice, options);
    for (Operation *op : slice)
      for (Value operand : op->getOperands())
        if (auto argument = dyn_cast<BlockArgument>(operand))
          pure &= argument.getOwner() == &kernel.getBody().front();
    if (auto argument = dyn_cast<BlockArgument>(size))
      pure &= argument.getOwner() == &kernel.getBody().front();
    if (!pure)
      return alloc.emitError("needs a temporary whose size depends on data");
    OpBuilder inCompanion = OpBuilder::atBlockEnd(&companion.getBody().front());
    OpBuilder inKernel(&*marker);
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
  IRMapping local;
  /// An op at the kernel's start; all offsets are computed before it.
  Block::iterator marker;
};

struct AllocToScratch : nnc::impl::AllocToScratchPassBase<AllocToScratch> {
  void runOnOperation() override {
    for (auto kernel :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      if (kernel->hasAttr(kernelAttrName) &&
          failed(ScratchPlacer(kernel).run()))
        return signalPassFailure();
  }
};
} // namespace
