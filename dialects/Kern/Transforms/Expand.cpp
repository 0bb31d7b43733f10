//===----------------------------------------------------------------------===//
// Writes kern ops as loops over vectors.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Expand.h"
#include "ExpandNarrowGemm.h"

#include "dialects/HW/IR/KnownTargets.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "llvm/ADT/TypeSwitch.h"

namespace mlir::nnc::kern {
#define GEN_PASS_DEF_KERNEXPANDPASS
#include "dialects/Kern/Transforms/Passes.h.inc"
} // namespace mlir::nnc::kern

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::kern;

/// True if nothing but its lines decides how much memory a unit needs.
static bool hasKnownSizes(DepthwiseOp op) {
  return cast<MemRefType>(op.getInit().getType()).hasStaticShape();
}

/// The depthwise convolution that makes the left operand of `gemm`, and for
/// nothing else, in a temporary.
static DepthwiseOp findRowMaker(GemmOp gemm) {
  Value rows = gemm.getLhs();
  if (gemm.getBatch() || !rows.getDefiningOp<memref::AllocOp>())
    return {};
  DepthwiseOp maker;
  for (Operation *user : rows.getUsers()) {
    if (user == gemm || isa<memref::DeallocOp>(user))
      continue;
    auto depthwise = dyn_cast<DepthwiseOp>(user);
    if (!depthwise || multipliesBytes(depthwise) || maker ||
        depthwise.getInit() != rows || depthwise.getInput() == rows)
      return {};
    maker = depthwise;
  }
  bool isRead = llvm::count(gemm->getOperands(), rows) > 1;
  if (!maker || isRead || maker->getBlock() != gemm->getBlock() ||
      !hasKnownSizes(maker))
    return {};
  return maker;
}

static LogicalResult expand(EpilogueOpInterface op, hw::TargetAttr target) {
  if (!op.getTilingAttr())
    return op->emitOpError("expects a tiling; run the pass that chooses it");
  OpBuilder builder(op);
  return llvm::TypeSwitch<Operation *, LogicalResult>(op.getOperation())
      .Case([&](AttentionOp attention) {
        return expandAttention(builder, attention, target);
      })
      .Case([&](GemmOp gemm) {
        DepthwiseOp maker = findRowMaker(gemm);
        std::unique_ptr<RowProducer> rows;
        if (maker) {
          rows = createDepthwiseRows(builder, maker, target);
          if (!rows)
            return failure();
        }
        return expandGemm(builder, gemm, target, rows.get());
      })
      .Case([&](ConvOp conv) { return expandConv(builder, conv, target); })
      .Case([&](DepthwiseOp depthwise) {
        return multipliesBytes(depthwise)
                   ? expandByteDepthwise(builder, depthwise, target)
                   : expandDepthwise(builder, depthwise, target);
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
static void eraseWithTemporary(EpilogueOpInterface op) {
  Value init = op.getInit();
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
    SmallVector<EpilogueOpInterface> ops;
    DenseSet<Operation *> made;
    getOperation().walk([&](EpilogueOpInterface op) {
      ops.push_back(op);
      if (auto gemm = dyn_cast<GemmOp>(op.getOperation()))
        if (DepthwiseOp maker = findRowMaker(gemm))
          made.insert(maker);
    });
    if (flushSubnormals && !ops.empty())
      pass("nnc-flush-subnormals");
    // Products first, that make their rows themselves, while these ops exist.
    for (EpilogueOpInterface op : llvm::reverse(ops)) {
      if (!made.contains(op) && failed(expand(op, machine)))
        return signalPassFailure();
      eraseWithTemporary(op);
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
