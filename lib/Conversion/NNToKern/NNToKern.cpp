//===----------------------------------------------------------------------===//
// The pass that gives the heavy ops of kernels machine code of their own shape.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "NNToKern.h"
#include "Narrow.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "nnc/Conversion/Passes.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_CONVERTNNTOKERNPASS
#include "nnc/Conversion/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

Value mlir::nnc::createDestination(OpBuilder &builder, Operation *op) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  auto reifiable = dyn_cast<ReifyRankedShapedTypeOpInterface>(op);
  ReifiedRankedShapedTypeDims shapes;
  if (type.hasStaticShape())
    return tensor::EmptyOp::create(builder, op->getLoc(), type.getShape(),
                                   type.getElementType());
  if (!reifiable || failed(reifiable.reifyResultShapes(builder, shapes)))
    return {};
  SmallVector<Value> dynamic;
  for (auto [axis, size] : llvm::enumerate(shapes[0]))
    if (type.isDynamicDim(axis))
      dynamic.push_back(
          getValueOrCreateConstantIndexOp(builder, op->getLoc(), size));
  return tensor::EmptyOp::create(builder, op->getLoc(), type, dynamic);
}

Type mlir::nnc::getSumType(Type elementType) {
  if (elementType.isF16() || elementType.isBF16())
    return Float32Type::get(elementType.getContext());
  return elementType.isF32() || elementType.isF64() ? elementType : Type();
}

void mlir::nnc::buildPlainEpilogue(OpBuilder &builder, Location loc,
                                   Region &region, Type sumType,
                                   Type resultType) {
  OpBuilder::InsertionGuard guard(builder);
  Block *body = builder.createBlock(&region, {}, sumType, loc);
  Value sum = body->getArgument(0);
  if (sumType != resultType)
    sum = arith::TruncFOp::create(builder, loc, resultType, sum);
  kern::YieldOp::create(builder, loc, sum);
}

namespace {
struct ConvertNNToKern : nnc::impl::ConvertNNToKernPassBase<ConvertNNToKern> {
  void runOnOperation() override {
    // It takes transpositions with it, which a walk must not erase.
    RewritePatternSet attention(&getContext());
    populateNNAttentionToKernPatterns(attention);
    // What widened the weights is dead then.
    populateNNNarrowToKernPatterns(attention);
    GreedyRewriteConfig config;
    config.enableFolding(false);
    config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
    if (failed(applyPatternsGreedily(getOperation(), std::move(attention),
                                     config)))
      return signalPassFailure();
    RewritePatternSet patterns(&getContext());
    populateNNBytesToKernPatterns(patterns);
    populateNNLinearToKernPatterns(patterns);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};
} // namespace
