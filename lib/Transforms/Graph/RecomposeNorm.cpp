//===----------------------------------------------------------------------===//
// Recomposes normalizations.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Recompose.h"

using namespace mlir;
using namespace mlir::nnc;

namespace {
/// The root of a mean square with something small added: what a normalization
/// divides by.
struct Deviation {
  Value input;
  ArrayRef<int64_t> axes;
  double epsilon = 0;
};
} // namespace

/// The mean over some axes, which stay as 1.
static nn::ReduceOp matchMean(Value value) {
  auto mean = value.getDefiningOp<nn::ReduceOp>();
  return mean && mean.getKind() == nn::ReduceKind::Mean && mean.getKeepDims()
             ? mean
             : nn::ReduceOp();
}

static Value matchSquare(Value value) {
  if (auto product = value.getDefiningOp<nn::MulOp>())
    return product.getLhs() == product.getRhs() ? product.getLhs() : Value();
  auto power = value.getDefiningOp<nn::PowOp>();
  return power && getScalarNumber(power->getOperand(1)) == 2.0
             ? power->getOperand(0)
             : Value();
}

/// mean(x * x) + epsilon
static std::optional<Deviation> matchVariance(Value value) {
  std::optional<Deviation> result;
  matchEitherOrder<nn::AddOp>(value, [&](Value variance, Value small) {
    std::optional<double> epsilon = getScalarNumber(small);
    nn::ReduceOp mean = matchMean(variance);
    Value input = mean ? matchSquare(mean.getInput()) : Value();
    if (!epsilon || *epsilon < 0 || !input ||
        rankedTypeOf(small).getRank() > rankedTypeOf(variance).getRank())
      return false;
    result = {input, mean.getAxes(), *epsilon};
    return true;
  });
  return result;
}

static std::optional<Deviation> matchPower(Value value, double exponent) {
  auto power = value.getDefiningOp<nn::PowOp>();
  if (power && getScalarNumber(power->getOperand(1)) == exponent)
    return matchVariance(power->getOperand(0));
  return std::nullopt;
}

static std::optional<Deviation> matchDeviation(Value value) {
  if (auto root = value.getDefiningOp<nn::SqrtOp>())
    return matchVariance(root->getOperand(0));
  return matchPower(value, 0.5);
}

/// One over a deviation.
static std::optional<Deviation> matchInverse(Value value) {
  if (auto quotient = value.getDefiningOp<nn::DivOp>())
    return getScalarNumber(quotient.getLhs()) == 1.0
               ? matchDeviation(quotient.getRhs())
               : std::nullopt;
  if (auto root = value.getDefiningOp<nn::SqrtOp>()) {
    auto quotient = root->getOperand(0).getDefiningOp<nn::DivOp>();
    return quotient && getScalarNumber(quotient.getLhs()) == 1.0
               ? matchVariance(quotient.getRhs())
               : std::nullopt;
  }
  return matchPower(value, -0.5);
}

/// The x of `x - mean(x)` over `axes`, or null.
static Value matchCentered(Value value, ArrayRef<int64_t> axes) {
  auto difference = value.getDefiningOp<nn::SubOp>();
  nn::ReduceOp mean =
      difference ? matchMean(difference.getRhs()) : nn::ReduceOp();
  return mean && mean.getInput() == difference.getLhs() &&
                 mean.getAxes() == axes
             ? mean.getInput()
             : Value();
}

/// Replaces `op`, `numerator` over `deviation`, if it is a normalization.
static LogicalResult replaceByNormalize(Operation *op, Value numerator,
                                        const Deviation &deviation,
                                        PatternRewriter &rewriter) {
  Type type = op->getResult(0).getType();
  if (numerator != deviation.input || deviation.axes.empty() ||
      numerator.getType() != type)
    return failure();
  Value input = matchCentered(numerator, deviation.axes);
  bool isCentered = input && input.getType() == type;
  rewriter.replaceOpWithNewOp<nn::NormalizeOp>(
      op, TypeRange(type), isCentered ? input : numerator, deviation.axes,
      llvm::APFloat(deviation.epsilon), !isCentered);
  return success();
}

namespace {
/// x / deviation
struct NormalizeFromDiv : OpRewritePattern<nn::DivOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::DivOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<Deviation> deviation = matchDeviation(op.getRhs());
    if (!deviation ||
        failed(replaceByNormalize(op, op.getLhs(), *deviation, rewriter)))
      return rewriter.notifyMatchFailure(op, "is no normalization");
    return success();
  }
};

/// x * (1 / deviation)
struct NormalizeFromMul : OpRewritePattern<nn::MulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::MulOp op,
                                PatternRewriter &rewriter) const override {
    for (unsigned number : {0, 1}) {
      std::optional<Deviation> deviation = matchInverse(op->getOperand(number));
      if (deviation &&
          succeeded(replaceByNormalize(op, op->getOperand(1 - number),
                                       *deviation, rewriter)))
        return success();
    }
    return rewriter.notifyMatchFailure(op, "is no normalization");
  }
};
} // namespace

/// True if `parameter` broadcasts to the shape of `input` for certain.
static bool fits(Value parameter, Value input) {
  RankedTensorType small = rankedTypeOf(parameter), type = rankedTypeOf(input);
  int64_t offset = type.getRank() - small.getRank();
  if (!small.hasStaticShape() || offset < 0)
    return false;
  for (int64_t axis = 0; axis < small.getRank(); ++axis)
    if (small.getDimSize(axis) != 1 &&
        small.getDimSize(axis) != type.getDimSize(axis + offset))
      return false;
  return true;
}

namespace {
/// A product or sum of a normalization, used for that only, becomes part of it.
template <typename OpTy>
struct FuseAffine : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    constexpr bool isScale = std::is_same_v<OpTy, nn::MulOp>;
    for (unsigned number : {0, 1}) {
      auto norm =
          op->getOperand(number).template getDefiningOp<nn::NormalizeOp>();
      Value parameter = op->getOperand(1 - number);
      if (!norm || !norm->hasOneUse() || norm.getBias() ||
          (isScale && norm.getScale()) || !fits(parameter, norm.getInput()) ||
          norm.getType() != op.getType())
        continue;
      rewriter.replaceOpWithNewOp<nn::NormalizeOp>(
          op, op.getType(), norm.getInput(),
          isScale ? parameter : norm.getScale(), isScale ? Value() : parameter,
          norm.getAxes(), norm.getEpsilon(), norm.getUncentered());
      return success();
    }
    return rewriter.notifyMatchFailure(op, "is not on a normalization");
  }
};
} // namespace

void mlir::nnc::populateRecomposeNormPatterns(RewritePatternSet &patterns) {
  patterns.add<FuseAffine<nn::AddOp>, FuseAffine<nn::MulOp>, NormalizeFromDiv,
               NormalizeFromMul>(patterns.getContext());
}
