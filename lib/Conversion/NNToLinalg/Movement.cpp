//===----------------------------------------------------------------------===//
// Lowering of data movement.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "LoweringBuilder.h"

using namespace mlir;
using namespace mlir::nnc;

namespace {
struct LowerReshape : NNLoweringPattern<nn::ReshapeOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::ReshapeOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    results.push_back(
        b.reshape(adaptor.getInput(), resultShapes(op, adaptor, b)[0]));
    return success();
  }
};

struct LowerTranspose : NNLoweringPattern<nn::TransposeOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::TransposeOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    auto type = cast<RankedTensorType>(adaptor.getInput().getType());
    Value output =
        b.empty(resultShapes(op, adaptor, b)[0], type.getElementType());
    results.push_back(linalg::TransposeOp::create(b.builder, b.loc,
                                                  adaptor.getInput(), output,
                                                  op.getPermutation())
                          ->getResult(0));
    return success();
  }
};
} // namespace

void mlir::nnc::populateNNMovementToLinalgPatterns(
    const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerReshape, LowerTranspose>(converter, patterns.getContext());
}
