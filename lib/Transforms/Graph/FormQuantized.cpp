//===----------------------------------------------------------------------===//
// Quantized operators from the operators on reals between conversions.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "GraphConstants.h"
#include "Recompose.h"
#include "nnc/Interfaces/QuantizableOpInterface.h"
#include "nnc/Transforms/Passes.h"

#include "dialects/NN/IR/NNConstants.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::nnc {
#define GEN_PASS_DEF_FORMQUANTIZEDPASS
#include "nnc/Transforms/Passes.h.inc"
} // namespace mlir::nnc

using namespace mlir;
using namespace mlir::nnc;

static remark::RemarkOpts getRemarkOpts(StringRef name) {
  return remark::RemarkOpts::name(name).category("nnc-form-quantized");
}

static bool isByte(Type type) {
  return type.isInteger(8) && !type.isSignedInteger();
}

/// One parameter for the whole tensor.
static bool isPerTensor(Value parameter) {
  return !parameter || rankedTypeOf(parameter).getRank() == 0;
}

//===----------------------------------------------------------------------===//
// Factors that are known
//===----------------------------------------------------------------------===//

namespace {
/// Signed bytes without a zero point, as products want them: the sum of `parts`
/// is the difference of the elements to their zero point.
struct KnownFactor {
  SmallVector<Value, 2> parts;
};
} // namespace

/// Differences to the zero point have nine bits; the upper half goes apart
/// where they do not fit eight.
static std::optional<KnownFactor> splitFactor(OpBuilder &b, Value factor,
                                              Value zeroPoint) {
  RankedTensorType type = rankedTypeOf(factor);
  std::optional<nncio::Tensor> zero;
  if (zeroPoint && !(zero = evaluateConstant(zeroPoint)))
    return std::nullopt;
  bool hasZero = false;
  for (int64_t i = 0; zero && i < zero->size(); ++i)
    hasZero |= zero->getInt(i) != 0;
  if (!hasZero && type.getElementType().isSignlessInteger() &&
      nn::isConstantTensor(factor))
    return KnownFactor{{factor}};
  std::optional<nncio::Tensor> elements = evaluateConstant(factor);
  if (!elements)
    return std::nullopt;
  SmallVector<int64_t> strides =
      zero ? getBroadcastStrides(type.getShape(), zero->shape())
           : SmallVector<int64_t>(type.getRank(), 0);
  std::vector<int64_t> low(elements->size()), high(elements->size());
  bool fits = true;
  for (int64_t i = 0; i < elements->size(); ++i) {
    int64_t at = getBroadcastPlace(i, type.getShape(), strides);
    int64_t number = elements->getInt(i) - (zero ? zero->getInt(at) : 0);
    low[i] = std::clamp<int64_t>(number, -128, 127);
    high[i] = number - low[i];
    fits &= high[i] == 0;
  }
  KnownFactor known;
  auto add = [&](const std::vector<int64_t> &numbers) {
    nncio::Tensor part = nncio::Tensor::fromInts(nncio::ElementType::I8,
                                                 elements->shape(), numbers);
    known.parts.push_back(nn::ConstantOp::create(
        b, factor.getLoc(), nn::toAttribute(b.getContext(), part)));
  };
  add(low);
  if (!fits)
    add(high);
  return known;
}

namespace {
/// What nn.dequantize makes real.
struct Reals {
  Value bytes, scale, zeroPoint;

  static std::optional<Reals> match(Value value) {
    auto op = value.getDefiningOp<nn::DequantizeOp>();
    if (!op || !isByte(rankedTypeOf(op.getInput()).getElementType()) ||
        !rankedTypeOf(value).getElementType().isF32() ||
        !rankedTypeOf(op.getScale()).getElementType().isF32())
      return std::nullopt;
    return Reals{op.getInput(), op.getScale(), op.getZeroPoint()};
  }
};
} // namespace

/// The sum of the exact products of `rows` with all parts of a factor.
static Value sumParts(OpBuilder &b, Location loc, const KnownFactor &factor,
                      function_ref<Value(Value)> multiply) {
  Value sums;
  for (Value part : factor.parts) {
    Value product = multiply(part);
    sums = sums ? nn::AddOp::create(b, loc, product.getType(), sums, product)
                      .getResult()
                : product;
  }
  return sums;
}

/// A scale a feature, in the place that `rank` axes of the result have it.
static std::optional<nncio::Tensor>
readFeatureScale(Value scale, int64_t axis, int64_t features, int64_t inner) {
  std::optional<nncio::Tensor> tensor = evaluateConstant(scale);
  if (!tensor)
    return std::nullopt;
  if (tensor->size() == 1)
    return tensor->reshaped({});
  RankedTensorType type = rankedTypeOf(scale);
  if (tensor->size() != features || axis >= type.getRank() ||
      type.getDimSize(axis) != features)
    return std::nullopt;
  std::vector<int64_t> shape(inner + 1, 1);
  shape.front() = features;
  return tensor->reshaped(shape);
}

static Value createConstant(OpBuilder &b, Location loc,
                            const nncio::Tensor &tensor) {
  return nn::ConstantOp::create(b, loc,
                                nn::toAttribute(b.getContext(), tensor));
}

/// Sums of products to reals.
static Value createReals(OpBuilder &b, Location loc, Value sums,
                         Value rowsScale, const nncio::Tensor &scale) {
  Value factor = createConstant(b, loc, scale);
  Type type = RankedTensorType::get(scale.shape(), b.getF32Type());
  Value product = nn::MulOp::create(b, loc, type, factor, rowsScale);
  RankedTensorType result = rankedTypeOf(sums).clone(b.getF32Type());
  return nn::DequantizeOp::create(b, loc, result, sums, product, Value());
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

namespace {
struct FormConv : OpRewritePattern<nn::ConvOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::ConvOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<Reals> x = Reals::match(op.getInput()),
                         w = Reals::match(op.getFilter());
    if (!x || !w || !isPerTensor(x->scale) || !isPerTensor(x->zeroPoint))
      return rewriter.notifyMatchFailure(op, "is not between conversions");
    RankedTensorType filter = rankedTypeOf(w->bytes);
    if (!filter.hasStaticShape() || op.getChannelsLast())
      return rewriter.notifyMatchFailure(op, "has no known filter");
    int64_t features = filter.getDimSize(0), inner = filter.getRank() - 2;
    std::optional<nncio::Tensor> bias;
    if (op.getBias() && !(bias = evaluateConstant(op.getBias())))
      return rewriter.notifyMatchFailure(op, "has a bias of the run");
    std::optional<nncio::Tensor> scale =
        readFeatureScale(w->scale, 0, features, inner);
    if (!scale)
      return rewriter.notifyMatchFailure(op, "has no scale a feature");
    std::optional<KnownFactor> factor =
        splitFactor(rewriter, w->bytes, w->zeroPoint);
    if (!factor)
      return rewriter.notifyMatchFailure(op, "has a filter of the run");
    Location loc = op.getLoc();
    Type sumType = op.getType().clone(rewriter.getI32Type());
    Value sums = sumParts(rewriter, loc, *factor, [&](Value part) -> Value {
      return nn::ConvIntegerOp::create(
          rewriter, loc, sumType, x->bytes, part, x->zeroPoint, Value(),
          op.getStrides(), op.getDilations(), op.getPads(), op.getGroup(),
          op.getAutoPad(), /*channels_last=*/false);
    });
    Value result = createReals(rewriter, loc, sums, x->scale, *scale);
    if (bias) {
      std::vector<int64_t> shape(inner + 1, 1);
      shape.front() = features;
      result = nn::AddOp::create(
          rewriter, loc, op.getType(), result,
          createConstant(rewriter, loc, bias->reshaped(shape)));
    }
    remark::passed(loc, getRemarkOpts("Bytes")) << "a convolution of bytes";
    rewriter.replaceOp(op, result);
    return success();
  }
};

struct FormMatMul : OpRewritePattern<nn::MatMulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::MatMulOp op,
                                PatternRewriter &rewriter) const override {
    auto turned = op.getRhs().getDefiningOp<nn::TransposeOp>();
    std::optional<Reals> x = Reals::match(op.getLhs()),
                         w = Reals::match(turned ? turned.getInput()
                                                 : op.getRhs());
    if (!x || !w || !isPerTensor(x->scale) || !isPerTensor(x->zeroPoint))
      return rewriter.notifyMatchFailure(op, "is not between conversions");
    RankedTensorType matrix = rankedTypeOf(w->bytes);
    if (!matrix.hasStaticShape() || matrix.getRank() != 2 ||
        rankedTypeOf(op.getLhs()).getRank() < 2)
      return rewriter.notifyMatchFailure(op, "has no known matrix");
    int64_t axis = turned ? 0 : 1;
    std::optional<nncio::Tensor> scale =
        readColumnScale(w->scale, axis, matrix.getDimSize(axis));
    if (!scale)
      return rewriter.notifyMatchFailure(op, "has no scale a column");
    std::optional<KnownFactor> factor =
        splitFactor(rewriter, w->bytes, w->zeroPoint);
    if (!factor)
      return rewriter.notifyMatchFailure(op, "has factors of the run");
    Location loc = op.getLoc();
    Type sumType = op.getType().clone(rewriter.getI32Type());
    Value sums = sumParts(rewriter, loc, *factor, [&](Value part) -> Value {
      if (turned)
        part = nn::TransposeOp::create(rewriter, loc, part,
                                       turned.getPermutationAttr());
      return nn::MatMulIntegerOp::create(rewriter, loc, sumType, x->bytes, part,
                                         x->zeroPoint, Value());
    });
    remark::passed(loc, getRemarkOpts("Bytes")) << "a product of bytes";
    rewriter.replaceOp(op, createReals(rewriter, loc, sums, x->scale, *scale));
    return success();
  }

private:
  /// A scale a column of the matrix, as one a column of the result. A vector
  /// lies along the last axis.
  static std::optional<nncio::Tensor> readColumnScale(Value scale, int64_t axis,
                                                      int64_t columns) {
    int64_t ahead = 2 - rankedTypeOf(scale).getRank();
    return ahead > axis && rankedTypeOf(scale).getRank() > 0
               ? std::nullopt
               : readFeatureScale(scale, std::max<int64_t>(axis - ahead, 0),
                                  columns, /*inner=*/0);
  }
};

/// Products that the model has as such: their second factor loses its zero
/// point.
template <typename OpTy>
struct SplitFactor : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    Value factor = op->getOperand(1);
    Value zeroPoint =
        getZeroPoint(op).empty() ? Value() : getZeroPoint(op)[0].get();
    if (!zeroPoint && rankedTypeOf(factor).getElementType().isSignlessInteger())
      return rewriter.notifyMatchFailure(op, "has no zero point");
    std::optional<KnownFactor> known = splitFactor(rewriter, factor, zeroPoint);
    if (!known)
      return rewriter.notifyMatchFailure(op, "has a factor of the run");
    Value sums = sumParts(rewriter, op.getLoc(), *known, [&](Value part) {
      auto copy = cast<OpTy>(rewriter.clone(*op));
      copy->setOperand(1, part);
      getZeroPoint(copy).clear();
      return copy->getResult(0);
    });
    rewriter.replaceOp(op, sums);
    return success();
  }

private:
  static MutableOperandRange getZeroPoint(nn::ConvIntegerOp op) {
    return op.getFilterZeroPointMutable();
  }
  static MutableOperandRange getZeroPoint(nn::MatMulIntegerOp op) {
    return op.getRhsZeroPointMutable();
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// Conversions
//===----------------------------------------------------------------------===//

/// True of the same value, and of constants of equal elements.
static bool areEqual(Value a, Value b) {
  if (a == b)
    return true;
  if (!a || !b || a.getType() != b.getType())
    return false;
  std::optional<nncio::Tensor> x = evaluateConstant(a), y = evaluateConstant(b);
  if (!x || !y || x->size() != y->size())
    return false;
  for (int64_t i = 0; i < x->size(); ++i)
    if (x->getDouble(i) != y->getDouble(i))
      return false;
  return true;
}

/// True if `op` quantizes to what `reals` have been made from.
static bool isInverse(nn::QuantizeOp op, const Reals &reals) {
  return rankedTypeOf(reals.bytes).getElementType() == op.getElementType() &&
         isPerTensor(op.getScale()) && isPerTensor(op.getZeroPoint()) &&
         areEqual(op.getScale(), reals.scale) &&
         areEqual(op.getZeroPoint(), reals.zeroPoint);
}

namespace {
/// Elements of 8 bits survive the way to reals and back.
struct DropRoundTrip : OpRewritePattern<nn::QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<Reals> reals = Reals::match(op.getInput());
    if (!reals || !isInverse(op, *reals) ||
        reals->bytes.getType() != op.getType())
      return rewriter.notifyMatchFailure(op, "is no way back");
    rewriter.replaceOp(op, reals->bytes);
    return success();
  }
};

/// What only moves or compares elements does so with bytes.
struct MoveBytes : OpRewritePattern<nn::QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    Operation *inner = op.getInput().getDefiningOp();
    auto mover = dyn_cast_or_null<QuantizableOpInterface>(inner);
    SmallVector<OpOperand *> alike;
    if (mover && inner->hasOneUse())
      alike = mover.getAlikeOperands();
    if (alike.empty())
      return rewriter.notifyMatchFailure(op,
                                         "does not quantize what was moved");
    if (isa<nn::MaxPoolOp>(inner) && !isPositive(op.getScale()))
      return rewriter.notifyMatchFailure(op, "may turn the order around");
    SmallVector<Value> operands(inner->getOperands());
    for (OpOperand *operand : alike) {
      std::optional<Reals> reals = Reals::match(operand->get());
      if (!reals || !isInverse(op, *reals))
        return rewriter.notifyMatchFailure(op, "is no way back");
      operands[operand->getOperandNumber()] = reals->bytes;
    }
    Operation *moved = rewriter.clone(*inner);
    moved->setOperands(operands);
    moved->getResult(0).setType(
        rankedTypeOf(inner->getResult(0)).clone(op.getElementType()));
    rewriter.replaceOp(op, moved->getResults());
    return success();
  }

private:
  static bool isPositive(Value scale) {
    std::optional<nncio::Tensor> number = evaluateConstant(scale);
    return number && number->size() == 1 && number->getDouble(0) > 0;
  }
};

/// Dividing by a scale that is known costs more than all else after a product
/// of bytes; multiplied with the reciprocal before, nothing.
struct FoldScale : OpRewritePattern<nn::QuantizeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    if (!isPerTensor(op.getScale()) || !isByte(op.getElementType()))
      return rewriter.notifyMatchFailure(op, "has several scales");
    std::optional<nncio::Tensor> scale = evaluateConstant(op.getScale());
    if (!scale || scale->getDouble(0) == 1 || !(scale->getDouble(0) > 0))
      return rewriter.notifyMatchFailure(op, "has a scale of the run, or 1");
    double factor = 1 / scale->getDouble(0);
    if (!std::isfinite(float(factor)) || !isScalable(op.getInput()))
      return rewriter.notifyMatchFailure(op, "has no products before it");
    Value input = multiply(rewriter, op.getInput(), factor);
    Value one = createConstant(
        rewriter, op.getLoc(),
        nncio::Tensor::fromDoubles(nncio::ElementType::F32, {}, {1.0}));
    rewriter.modifyOpInPlace(op, [&] {
      op.getInputMutable().assign(input);
      op.getScaleMutable().assign(one);
    });
    return success();
  }

private:
  static bool isSums(nn::DequantizeOp op) {
    return rankedTypeOf(op.getInput()).getElementType().isInteger(32);
  }

  /// True if the reals come from sums of products, by ops that multiples pass.
  static bool isScalable(Value value) {
    if (!value.hasOneUse())
      return false;
    if (auto reals = value.getDefiningOp<nn::DequantizeOp>())
      return isSums(reals);
    if (auto relu = value.getDefiningOp<nn::ReluOp>())
      return isScalable(relu.getInput());
    if (auto sum = value.getDefiningOp<nn::AddOp>())
      return isScalable(sum.getLhs()) || isScalable(sum.getRhs());
    return false;
  }

  static Value multiply(PatternRewriter &b, Value value, double factor) {
    Location loc = value.getLoc();
    OpBuilder::InsertionGuard guard(b);
    if (Operation *op = value.getDefiningOp())
      b.setInsertionPointAfter(op);
    nncio::Tensor number =
        nncio::Tensor::fromDoubles(nncio::ElementType::F32, {}, {factor});
    if (std::optional<nncio::Tensor> constant = evaluateConstant(value)) {
      std::vector<double> numbers(constant->size());
      for (int64_t i = 0; i < constant->size(); ++i)
        numbers[i] = constant->getDouble(i) * factor;
      return createConstant(b, loc,
                            nncio::Tensor::fromDoubles(
                                constant->type(), constant->shape(), numbers));
    }
    if (auto reals = value.getDefiningOp<nn::DequantizeOp>()) {
      Value scale =
          nn::MulOp::create(b, loc, reals.getScale().getType(),
                            reals.getScale(), createConstant(b, loc, number));
      return nn::DequantizeOp::create(b, loc, reals.getType(), reals.getInput(),
                                      scale, reals.getZeroPoint());
    }
    auto relu = value.getDefiningOp<nn::ReluOp>();
    if (relu && value.hasOneUse())
      return nn::ReluOp::create(b, loc, relu.getType(),
                                multiply(b, relu.getInput(), factor));
    auto sum = value.getDefiningOp<nn::AddOp>();
    if (sum && value.hasOneUse())
      return nn::AddOp::create(b, loc, sum.getType(),
                               multiply(b, sum.getLhs(), factor),
                               multiply(b, sum.getRhs(), factor));
    return nn::MulOp::create(b, loc, value.getType(), value,
                             createConstant(b, loc, number));
  }
};

struct FormQuantized : nnc::impl::FormQuantizedPassBase<FormQuantized> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns
        .add<DropRoundTrip, FormConv, FormMatMul, MoveBytes,
             SplitFactor<nn::ConvIntegerOp>, SplitFactor<nn::MatMulIntegerOp>>(
            &getContext());
    // Folded, factors would be reals.
    GreedyRewriteConfig config;
    config.enableFolding(false);
    if (failed(
            applyPatternsGreedily(getOperation(), std::move(patterns), config)))
      return signalPassFailure();
    RewritePatternSet scales(&getContext());
    scales.add<FoldScale>(&getContext());
    if (failed(
            applyPatternsGreedily(getOperation(), std::move(scales), config)))
      signalPassFailure();
  }
};
} // namespace
