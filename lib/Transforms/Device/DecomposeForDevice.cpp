//===----------------------------------------------------------------------===//
// Replaces what a GPU has no kernel for by its parts, and gives the rest the
// form that its kernels take.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Transforms/DevicePasses.h"

#include "dialects/Kern/IR/KernDialect.h"
#include "dialects/NN/IR/NNOps.h"
#include "lib/Conversion/NNToKern/NNToKern.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "nnc/Transforms/Decompose.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_DECOMPOSEFORDEVICEPASS
#define GEN_PASS_DEF_FORMATTENTIONPASS
#include "nnc/Transforms/DevicePasses.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

namespace {
struct DecomposeForDevice
    : nnc::impl::DecomposeForDevicePassBase<DecomposeForDevice> {
  void runOnOperation() override {
    decomposeOps(getOperation(), [](DecomposableOpInterface whole) {
      auto attention = dyn_cast<nn::AttentionOp>(whole.getOperation());
      return !attention || !fits(attention);
    });
  }

private:
  static bool fits(nn::AttentionOp op) {
    RankedTensorType type = op.getType();
    auto query = cast<RankedTensorType>(op.getQuery().getType());
    Type element = type.getElementType();
    auto isFit = [](int64_t size) {
      return !ShapedType::isDynamic(size) && size <= mostAttentionWidth &&
             size > 0;
    };
    return (element.isF32() || element.isF16() || element.isBF16()) &&
           isFit(type.getShape().back()) && isFit(query.getShape().back());
  }
};

struct FormAttention : nnc::impl::FormAttentionPassBase<FormAttention> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateNNAttentionToKernPatterns(patterns);
    GreedyRewriteConfig config;
    config.enableFolding(false);
    config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
    if (failed(
            applyPatternsGreedily(getOperation(), std::move(patterns), config)))
      signalPassFailure();
  }
};
} // namespace
