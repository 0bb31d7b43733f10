//===----------------------------------------------------------------------===//
// Writes kern ops as loops over vectors.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Expand.h"
#include "ExpandNarrowGemm.h"

#include "dialects/HW/IR/KnownTargets.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::nnc::kern {
#define GEN_PASS_DEF_KERNEXPANDPASS
#include "dialects/Kern/Transforms/Passes.h.inc"
} // namespace mlir::nnc::kern

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::kern;

/// True if `user` does nothing with `rows` but multiply them, as a left
/// operand.
static bool multiplies(Operation *user, Value rows) {
  auto gemm = dyn_cast<GemmOp>(user);
  return gemm && !gemm.getBatch() && gemm.getLhs() == rows &&
         llvm::count(gemm->getOperands(), rows) == 1;
}

/// What makes the left operand of `gemm`, and for nothing but products of its
/// block, in a temporary: normalized rows, or for one product alone a depthwise
/// convolution. Null if it is neither.
static Operation *findRowMaker(GemmOp gemm) {
  Value rows = gemm.getLhs();
  if (!rows.getDefiningOp<memref::AllocOp>() || !multiplies(gemm, rows))
    return nullptr;
  Operation *maker = nullptr;
  bool isAlone = true;
  for (Operation *user : rows.getUsers()) {
    if (user == gemm || isa<memref::DeallocOp>(user))
      continue;
    if (multiplies(user, rows)) {
      isAlone = false;
      continue;
    }
    auto made = dyn_cast<DestinationStyleOpInterface>(user);
    if (!made || !isa<DepthwiseOp, NormalizeOp>(user) || maker ||
        made.getDpsInits()[0] != rows ||
        llvm::count(user->getOperands(), rows) != 1 ||
        user->getBlock() != gemm->getBlock())
      return nullptr;
    maker = user;
  }
  auto depthwise = dyn_cast_or_null<DepthwiseOp>(maker);
  if (depthwise && (!isAlone || multipliesBytes(depthwise)))
    return nullptr;
  return maker;
}

/// True if nothing but `ops` touches memory from the first of them to the last,
/// so that they can be done together.
static bool areTogether(ArrayRef<GemmOp> ops) {
  for (Operation *op = ops.front(); op != ops.back(); op = op->getNextNode())
    if (!isMemoryEffectFree(op) && !isa<memref::AllocOp>(op) &&
        !llvm::is_contained(ops, op))
      return false;
  return true;
}

/// Writes products that make their rows themselves in front of the last one.
static LogicalResult expandWithRows(Operation *maker, ArrayRef<GemmOp> gemms,
                                    hw::TargetAttr target) {
  // Rows of a unit: some register tiles.
  constexpr int64_t wantedRows = 32;
  int64_t tileRows = 1;
  for (GemmOp gemm : gemms) {
    if (!gemm.getTilingAttr())
      return gemm.emitOpError("expects a tiling; run the pass that chooses it");
    tileRows = std::max<int64_t>(tileRows, gemm.getTilingAttr().getRows());
  }
  OpBuilder builder(gemms.back());
  std::unique_ptr<RowProducer> rows;
  if (auto depthwise = dyn_cast<DepthwiseOp>(maker))
    rows = createDepthwiseRows(builder, depthwise, target);
  else
    rows = createNormalizedRows(builder, cast<NormalizeOp>(maker), target,
                                llvm::alignTo(wantedRows, tileRows));
  return rows ? expandGemms(builder, gemms, target, *rows) : failure();
}

/// Writes the products that read what `maker` makes.
static LogicalResult expandReaders(Operation *maker, ArrayRef<GemmOp> gemms,
                                   hw::TargetAttr target) {
  if (gemms.empty())
    return maker->emitOpError("expects its result to be the left operand of "
                              "products of its block, and nothing else");
  if (areTogether(gemms))
    return expandWithRows(maker, gemms, target);
  for (GemmOp gemm : gemms)
    if (failed(expandWithRows(maker, gemm, target)))
      return failure();
  return success();
}

static LogicalResult expand(EpilogueOpInterface op, hw::TargetAttr target) {
  if (!op.getTilingAttr())
    return op->emitOpError("expects a tiling; run the pass that chooses it");
  OpBuilder builder(op);
  return llvm::TypeSwitch<Operation *, LogicalResult>(op.getOperation())
      .Case([&](AttentionOp attention) {
        return expandAttention(builder, attention, target);
      })
      .Case([&](GemmOp gemm) { return expandGemm(builder, gemm, target); })
      .Case([&](ConvOp conv) { return expandConv(builder, conv, target); })
      .Case([&](DepthwiseOp depthwise) {
        return multipliesBytes(depthwise)
                   ? expandByteDepthwise(builder, depthwise, target)
                   : expandDepthwise(builder, depthwise, target);
      })
      .Case([&](SparseOp sparse) {
        return expandSparse(builder, sparse, target);
      })
      .Case([&](NarrowGemmOp gemm) {
        return expandNarrowGemm(builder, gemm, target);
      })
      .Case([&](WinogradOp winograd) {
        return expandWinograd(builder, winograd, target);
      })
      .Default([](Operation *other) {
        return other->emitOpError("has no expansion for CPUs");
      });
}

/// Erases `op`, and the memory of its result if nothing else touches it.
static void eraseWithTemporary(DestinationStyleOpInterface op) {
  Value init = op.getDpsInits()[0];
  op->erase();
  auto alloc = init.getDefiningOp<memref::AllocOp>();
  if (!alloc || llvm::any_of(init.getUsers(), [](Operation *user) {
        return !isa<memref::DeallocOp>(user);
      }))
    return;
  for (Operation *user : llvm::make_early_inc_range(init.getUsers()))
    user->erase();
  alloc->erase();
}

namespace {
struct Expand : kern::impl::KernExpandPassBase<Expand> {
  using KernExpandPassBase::KernExpandPassBase;

  void runOnOperation() override {
    hw::TargetAttr machine = hw::findTarget(getOperation(), target);
    if (!machine)
      return signalPassFailure();
    llvm::MapVector<Operation *, SmallVector<GemmOp>> readers;
    llvm::SetVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isa<NormalizeOp>(op))
        readers[op];
      if (isa<EpilogueOpInterface>(op))
        ops.insert(op);
      auto gemm = dyn_cast<GemmOp>(op);
      if (Operation *maker = gemm ? findRowMaker(gemm) : nullptr)
        readers[maker].push_back(gemm);
    });
    if (flushSubnormals && !ops.empty())
      pass("nnc-flush-subnormals");
    for (auto &[maker, gemms] : readers) {
      if (failed(expandReaders(maker, gemms, machine)))
        return signalPassFailure();
      for (GemmOp gemm : gemms) {
        ops.remove(gemm);
        eraseWithTemporary(
            cast<DestinationStyleOpInterface>(gemm.getOperation()));
      }
      ops.remove(maker);
      eraseWithTemporary(cast<DestinationStyleOpInterface>(maker));
    }
    for (Operation *op : ops) {
      if (failed(expand(cast<EpilogueOpInterface>(op), machine)))
        return signalPassFailure();
      eraseWithTemporary(cast<DestinationStyleOpInterface>(op));
    }
  }

private:
  /// Hands an attribute on to LLVM's function.
  void pass(StringRef attribute) {
    constexpr StringLiteral name = "passthrough";
    Builder builder(&getContext());
    SmallVector<Attribute> list;
    if (auto old = getOperation()->getAttrOfType<ArrayAttr>(name))
      llvm::append_range(list, old);
    list.push_back(builder.getStringAttr(attribute));
    getOperation()->setAttr(name, builder.getArrayAttr(list));
  }
};
} // namespace
