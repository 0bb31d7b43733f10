//===----------------------------------------------------------------------===//
// Makes one op of the many that exporters write for it.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Recompose.h"

#include "dialects/NN/IR/NNConstants.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "nnc/Transforms/Passes.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_RECOMPOSEPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

std::optional<double> mlir::nnc::getScalarNumber(Value tensor) {
  auto type = dyn_cast<RankedTensorType>(tensor.getType());
  if (!type || !isa<FloatType>(type.getElementType()) ||
      !type.hasStaticShape() || type.getNumElements() != 1)
    return std::nullopt;
  nncio::Result<nncio::Tensor> constant = nn::getConstantTensor(tensor);
  if (!constant)
    return std::nullopt;
  return constant->getDouble(0);
}

bool mlir::nnc::isCloseTo(double number, double expected, Type type) {
  // Roundings of a few constants, and of what was computed from them.
  double tolerance = type.isF64() ? 1e-14 : type.isF32() ? 2e-6 : 4e-4;
  return std::abs(number - expected) <= tolerance * std::abs(expected);
}

Value mlir::nnc::stripScale(Value value, double &scale) {
  while (value.hasOneUse()) {
    Value inner;
    double factor = 1;
    auto matchFactor = [&](Value x, Value y) {
      std::optional<double> number = getScalarNumber(y);
      if (!number || rankedTypeOf(x).getRank() < rankedTypeOf(y).getRank())
        return false;
      inner = x;
      factor = *number;
      return true;
    };
    if (auto quotient = value.getDefiningOp<nn::DivOp>()) {
      if (matchFactor(quotient.getLhs(), quotient.getRhs()) && factor != 0)
        factor = 1 / factor;
      else
        return value;
    } else if (!matchEitherOrder<nn::MulOp>(value, matchFactor)) {
      return value;
    }
    scale *= factor;
    value = inner;
  }
  return value;
}

namespace {
struct Recompose : nnc::impl::RecomposePassBase<Recompose> {
  void runOnOperation() override {
    recomposeAttention(getOperation());
    RewritePatternSet patterns(&getContext());
    populateRecomposeActivationPatterns(patterns);
    populateRecomposeBroadcastPatterns(patterns);
    populateRecomposeLayoutPatterns(patterns);
    populateRecomposeNormPatterns(patterns);
    populateRecomposePadPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
