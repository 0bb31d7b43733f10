//===----------------------------------------------------------------------===//
// Moves work on weights, and factors beside them, into the weights.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "NarrowWeights.h"
#include "nnc/Transforms/Passes.h"

#include "dialects/NN/IR/NNConstants.h"
#include "dialects/NN/IR/NarrowWeights.h"
#include "dialects/NN/IR/WeightTransforms.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "nnc/Interfaces/EvalOpInterface.h"
#include "nnc/Interfaces/WeightedOpInterface.h"

#include <cmath>

namespace mlir::nnc {
#define GEN_PASS_DEF_FOLDWEIGHTSPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

static RankedTensorType typeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType());
}

//===----------------------------------------------------------------------===//
// Numbers for channels
//===----------------------------------------------------------------------===//

/// One number for each channel.
using ChannelNumbers = std::vector<double>;

/// What the constant `value` has for each index of dimension `axis` of a tensor
/// of type `type` that it is broadcast to; nothing if it varies along another
/// dimension or is not finite.
static std::optional<ChannelNumbers>
readChannels(Value value, RankedTensorType type, int64_t axis) {
  int64_t channels = type.getDimSize(axis);
  RankedTensorType small = typeOf(value);
  int64_t ahead = type.getRank() - small.getRank();
  if (ahead < 0 || ShapedType::isDynamic(channels) || !small.hasStaticShape() ||
      !nn::isConstantTensor(value))
    return std::nullopt;
  for (auto [dim, size] : llvm::enumerate(small.getShape()))
    if (size != 1 && (int64_t(dim) + ahead != axis || size != channels))
      return std::nullopt;
  nncio::Result<nncio::Tensor> tensor = nn::getConstantTensor(value);
  if (!tensor)
    return std::nullopt;
  ChannelNumbers numbers(channels);
  for (int64_t i = 0; i < channels; ++i) {
    numbers[i] = tensor->getDouble(tensor->size() == 1 ? 0 : i);
    if (!std::isfinite(numbers[i]))
      return std::nullopt;
  }
  return numbers;
}

/// Sums and products of such numbers are exact enough in place of those that
/// the model asks for only where a float has digits to spare.
static bool isFoldable(Type element) {
  return isa<Float32Type, Float64Type>(element);
}

static Value createChannels(OpBuilder &builder, Location loc,
                            const ChannelNumbers &numbers,
                            ArrayRef<int64_t> shape, Type element) {
  nncio::Tensor tensor =
      nncio::Tensor::fromDoubles(*toElementType(element), shape.vec(), numbers);
  return nn::ConstantOp::create(builder, loc,
                                nn::toAttribute(builder.getContext(), tensor));
}

/// `weight` times `factors` along dimension `axis`.
static FailureOr<Value> scaleWeight(OpBuilder &builder, Value weight,
                                    int64_t axis,
                                    const ChannelNumbers &factors) {
  // Dense whatever the size: equal weights with equal factors are stored once.
  auto type =
      RankedTensorType::get({int64_t(factors.size())}, builder.getF64Type());
  auto numbers = DenseElementsAttr::get(type, ArrayRef<double>(factors));
  return nn::transformWeight(
      builder, weight, nn::ScaleAttr::get(builder.getContext(), axis, numbers));
}

/// The op that makes `value` if it is one with weights and for nothing else.
static WeightedOpInterface getOwnWeightedOp(Value value) {
  return value.hasOneUse() ? value.getDefiningOp<WeightedOpInterface>()
                           : WeightedOpInterface();
}

//===----------------------------------------------------------------------===//
// Factors and summands
//===----------------------------------------------------------------------===//

namespace {
/// One operand of an elementwise op is a constant.
struct ConstantSide {
  Value tensor, constant;

  static std::optional<ConstantSide> match(Operation *op, bool commutes) {
    for (unsigned side : {1u, 0u}) {
      if (side == 0 && !commutes)
        break;
      ConstantSide found = {op->getOperand(1 - side), op->getOperand(side)};
      if (nn::isConstantTensor(found.constant) &&
          !nn::isConstantTensor(found.tensor) &&
          found.tensor.getType() == op->getResult(0).getType() &&
          isFoldable(typeOf(found.tensor).getElementType()))
        return found;
    }
    return std::nullopt;
  }
};

/// What a multiplication or division does to each channel.
template <typename OpTy>
struct Factor {
  static constexpr bool isDivision = std::is_same_v<OpTy, nn::DivOp>;

  static std::optional<ConstantSide> match(Operation *op) {
    return isa<OpTy>(op) ? ConstantSide::match(op, !isDivision) : std::nullopt;
  }
  static std::optional<ChannelNumbers> read(const ConstantSide &side,
                                            int64_t axis) {
    std::optional<ChannelNumbers> numbers =
        readChannels(side.constant, typeOf(side.tensor), axis);
    if (!numbers || !isDivision)
      return numbers;
    for (double &number : *numbers) {
      if (number == 0)
        return std::nullopt;
      number = 1 / number;
    }
    return numbers;
  }
};

/// (data * weight + bias) * factor: weight and bias take the factor. The bias
/// may also be added by an op between.
template <typename OpTy>
struct FoldFactorBehind : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    std::optional<ConstantSide> side = Factor<OpTy>::match(op);
    if (!side)
      return rewriter.notifyMatchFailure(op, "has no constant operand");
    Value product = side->tensor;
    std::optional<ConstantSide> sum;
    if (auto add = product.getDefiningOp<nn::AddOp>();
        add && product.hasOneUse())
      if ((sum = ConstantSide::match(add, /*commutes=*/true)))
        product = sum->tensor;
    WeightedOpInterface weighted = getOwnWeightedOp(product);
    std::optional<WeightedChannels> channels;
    if (weighted)
      channels = weighted.getWeightedChannels();
    if (!channels || !channels->result)
      return rewriter.notifyMatchFailure(op, "is not of a product by weights");
    int64_t axis = channels->result->tensor;
    std::optional<ChannelNumbers> factors = Factor<OpTy>::read(*side, axis);
    if (!factors)
      return rewriter.notifyMatchFailure(op, "is not by one factor a channel");
    std::optional<ChannelNumbers> bias, summands;
    if (channels->bias) {
      bias = readChannels(channels->bias, typeOf(channels->bias), 0);
      if (!bias || bias->size() != factors->size())
        return rewriter.notifyMatchFailure(op, "the bias is not constant");
    }
    if (sum) {
      summands = readChannels(sum->constant, typeOf(sum->tensor), axis);
      if (!summands)
        return rewriter.notifyMatchFailure(op, "what is added is no bias");
    }
    rewriter.setInsertionPoint(weighted);
    FailureOr<Value> weight = scaleWeight(rewriter, channels->weight->get(),
                                          channels->result->weight, *factors);
    if (failed(weight))
      return rewriter.notifyMatchFailure(op, "the weight can't be scaled");
    rewriter.modifyOpInPlace(weighted, [&] {
      channels->weight->set(*weight);
      if (bias)
        weighted.setChannelBias(scaled(rewriter, channels->bias, *bias,
                                       *factors, {int64_t(bias->size())}));
    });
    if (sum) {
      SmallVector<int64_t> shape(typeOf(sum->tensor).getRank(), 1);
      shape[axis] = factors->size();
      Value constant = scaled(rewriter, sum->constant, *summands, *factors,
                              ArrayRef(shape).drop_front(axis));
      auto add = product.use_begin()->getOwner();
      rewriter.modifyOpInPlace(add,
                               [&] { add->setOperands({product, constant}); });
    }
    rewriter.replaceOp(op, side->tensor);
    return success();
  }

private:
  static Value scaled(OpBuilder &builder, Value like, ChannelNumbers numbers,
                      const ChannelNumbers &factors, ArrayRef<int64_t> shape) {
    for (auto [number, factor] : llvm::zip(numbers, factors))
      number *= factor;
    return createChannels(builder, like.getLoc(), numbers, shape,
                          typeOf(like).getElementType());
  }
};

/// (data * factor) * weight: the weight takes the factor. The zeros that pad
/// the data are zeros with and without it.
struct FoldFactorBefore : OpInterfaceRewritePattern<WeightedOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(WeightedOpInterface op,
                                PatternRewriter &rewriter) const override {
    std::optional<WeightedChannels> channels = op.getWeightedChannels();
    if (!channels || !channels->input || !channels->data->get().hasOneUse())
      return rewriter.notifyMatchFailure(op, "has no weights for its inputs");
    Operation *producer = channels->data->get().getDefiningOp();
    if (!producer)
      return rewriter.notifyMatchFailure(op, "is of an argument");
    int64_t axis = channels->input->tensor;
    std::optional<ChannelNumbers> factors;
    std::optional<ConstantSide> side = Factor<nn::MulOp>::match(producer);
    if (side)
      factors = Factor<nn::MulOp>::read(*side, axis);
    else if ((side = Factor<nn::DivOp>::match(producer)))
      factors = Factor<nn::DivOp>::read(*side, axis);
    if (!factors)
      return rewriter.notifyMatchFailure(op, "is not of a product by channels");
    FailureOr<Value> weight = scaleWeight(rewriter, channels->weight->get(),
                                          channels->input->weight, *factors);
    if (failed(weight))
      return rewriter.notifyMatchFailure(op, "the weight can't be scaled");
    rewriter.modifyOpInPlace(op, [&] {
      channels->weight->set(*weight);
      channels->data->set(side->tensor);
    });
    rewriter.eraseOp(producer);
    return success();
  }
};

/// What is added to each channel of the result becomes the bias.
template <typename OpTy>
struct FoldSummand : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    constexpr bool isAddition = std::is_same_v<OpTy, nn::AddOp>;
    std::optional<ConstantSide> side = ConstantSide::match(op, isAddition);
    WeightedOpInterface weighted =
        side ? getOwnWeightedOp(side->tensor) : WeightedOpInterface();
    std::optional<WeightedChannels> channels;
    if (weighted)
      channels = weighted.getWeightedChannels();
    if (!channels || !channels->result || !channels->takesBias)
      return rewriter.notifyMatchFailure(op, "is not of an op with a bias");
    RankedTensorType type = typeOf(side->tensor);
    std::optional<ChannelNumbers> numbers =
        readChannels(side->constant, type, channels->result->tensor);
    if (!numbers)
      return rewriter.notifyMatchFailure(op, "is not one number a channel");
    std::optional<ChannelNumbers> bias = ChannelNumbers(numbers->size(), 0.0);
    if (channels->bias)
      bias = readChannels(channels->bias, typeOf(channels->bias), 0);
    if (!bias || bias->size() != numbers->size())
      return rewriter.notifyMatchFailure(op, "the bias is not constant");
    for (auto [sum, number] : llvm::zip(*bias, *numbers))
      sum += isAddition ? number : -number;
    rewriter.setInsertionPoint(weighted);
    Value constant =
        createChannels(rewriter, op.getLoc(), *bias, {int64_t(bias->size())},
                       type.getElementType());
    rewriter.modifyOpInPlace(weighted,
                             [&] { weighted.setChannelBias(constant); });
    rewriter.replaceOp(op, side->tensor);
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Layout
//===----------------------------------------------------------------------===//

/// The transposition of a weight is another weight.
struct FoldTranspose : OpRewritePattern<nn::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    RankedTensorType type = typeOf(op.getInput());
    if (!type.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "is not of a constant");
    FailureOr<Value> weight =
        nn::transformWeight(rewriter, op.getInput(),
                            nn::RelayoutAttr::get(getContext(), type.getShape(),
                                                  {}, {}, op.getPermutation()));
    if (failed(weight) || weight->getType() != op.getType())
      return rewriter.notifyMatchFailure(op, "is not of a constant");
    rewriter.replaceOp(op, *weight);
    return success();
  }
};

/// A weight that is only needed in another shape.
struct FoldReshape : OpRewritePattern<nn::ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getType().hasStaticShape() || !op.getInput().hasOneUse())
      return rewriter.notifyMatchFailure(op, "is not of a constant of its own");
    FailureOr<Value> weight = nn::transformWeight(
        rewriter, op.getInput(),
        nn::RelayoutAttr::get(getContext(), op.getType().getShape(), {}, {},
                              {}));
    if (failed(weight))
      return rewriter.notifyMatchFailure(op, "is not of a constant");
    rewriter.replaceOp(op, *weight);
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Stored in fewer bits
//===----------------------------------------------------------------------===//

/// Weights above this many bytes stay in fewer bits, and are brought to numbers
/// in every run: the artifact would grow by more than that gains.
static constexpr int64_t mostNumberBytes = int64_t(128) << 20;

/// What a weight in small integers stands for is another weight, so that ops
/// find one of their own type, which they have code for.
struct FoldDequantize : OpRewritePattern<nn::DequantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::DequantizeOp op,
                                PatternRewriter &rewriter) const override {
    RankedTensorType type = op.getType();
    if (nn::isMadeInProducts(op))
      return rewriter.notifyMatchFailure(op, "is widened by products");
    if (!type.hasStaticShape() ||
        type.getNumElements() >
            mostNumberBytes * 8 / int64_t(type.getElementTypeBitWidth()))
      return rewriter.notifyMatchFailure(op, "is too large");
    SmallVector<nncio::Tensor> operands;
    for (Value operand : op->getOperands()) {
      if (!nn::isConstantTensor(operand))
        return rewriter.notifyMatchFailure(op, "is not of constants");
      nncio::Result<nncio::Tensor> tensor = nn::getConstantTensor(operand);
      if (!tensor)
        return rewriter.notifyMatchFailure(op, tensor.error());
      operands.push_back(std::move(*tensor));
    }
    nncio::Result<std::vector<nncio::Tensor>> values = evaluateOp(op, operands);
    if (!values)
      return rewriter.notifyMatchFailure(op, values.error());
    rewriter.replaceOpWithNewOp<nn::ConstantOp>(
        op, nn::toAttribute(getContext(), values->front()));
    return success();
  }
};

struct FoldWeights : nnc::impl::FoldWeightsPassBase<FoldWeights> {
  void runOnOperation() override {
    // What products can read in few bits must look like that before it is
    // decided what becomes numbers.
    RewritePatternSet narrow(&getContext());
    populateNarrowWeightPatterns(narrow);
    if (failed(applyPatternsGreedily(getOperation(), std::move(narrow))))
      return signalPassFailure();
    RewritePatternSet patterns(&getContext());
    patterns
        .add<FoldFactorBehind<nn::MulOp>, FoldFactorBehind<nn::DivOp>,
             FoldFactorBefore, FoldSummand<nn::AddOp>, FoldSummand<nn::SubOp>,
             FoldTranspose, FoldReshape, FoldDequantize>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
