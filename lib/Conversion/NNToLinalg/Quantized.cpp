//===----------------------------------------------------------------------===//
// Lowering of quantized ops.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "LoweringBuilder.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::nnc;

namespace {
/// Two reductions, to the lowest and highest value, and the scalars' function.
/// Quantize and dequantize themselves are element-wise.
struct LowerQuantizationRange : NNLoweringPattern<nn::QuantizationRangeOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::QuantizationRangeOp op, OpAdaptor adaptor,
                      LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    Value low = reduce<arith::MinimumFOp>(b, adaptor.getInput());
    Value high = reduce<arith::MaximumFOp>(b, adaptor.getInput());
    MLIRContext *context = op.getContext();
    SmallVector<AffineMap> maps(3, AffineMap::get(context));
    Type f32 = b.builder.getF32Type(), i8 = b.builder.getI8Type();
    results.push_back(
        b.generic({low, high}, b.empty({}, f32), maps,
                  [](OpBuilder &inner, Location loc, ValueRange args) {
                    return buildScale(inner, loc, args[0], args[1]);
                  }));
    results.push_back(
        b.generic({low, high}, b.empty({}, i8), maps,
                  [](OpBuilder &inner, Location loc, ValueRange args) {
                    return buildZeroPoint(inner, loc, args[0], args[1]);
                  }));
    return success();
  }

private:
  /// Of all elements and 0.
  template <typename OpTy>
  static Value reduce(LoweringBuilder &b, Value input) {
    unsigned rank = cast<RankedTensorType>(input.getType()).getRank();
    MLIRContext *context = b.builder.getContext();
    SmallVector<AffineMap> maps{
        AffineMap::getMultiDimIdentityMap(rank, context),
        AffineMap::get(rank, 0, context)};
    Value zero = b.filled({}, b.constant(b.builder.getF32Type(), 0));
    return b.generic(input, zero, maps,
                     [](OpBuilder &inner, Location loc, ValueRange args) {
                       return OpTy::create(inner, loc, args[0], args[1]);
                     });
  }

  static Value constant(OpBuilder &b, Location loc, float number) {
    return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(number));
  }

  static Value buildScale(OpBuilder &b, Location loc, Value low, Value high) {
    Value scale =
        arith::DivFOp::create(b, loc, arith::SubFOp::create(b, loc, high, low),
                              constant(b, loc, 255));
    Value isZero = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ,
                                         scale, constant(b, loc, 0));
    return arith::SelectOp::create(b, loc, isZero, constant(b, loc, 1), scale);
  }

  /// Bounded by comparisons that turn NaN into 0.
  static Value buildZeroPoint(OpBuilder &b, Location loc, Value low,
                              Value high) {
    Value zero = constant(b, loc, 0), most = constant(b, loc, 255);
    Value point =
        arith::DivFOp::create(b, loc, arith::NegFOp::create(b, loc, low),
                              buildScale(b, loc, low, high));
    Value isPositive =
        arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT, point, zero);
    point = arith::SelectOp::create(b, loc, isPositive, point, zero);
    Value isLess =
        arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, point, most);
    point = arith::SelectOp::create(b, loc, isLess, point, most);
    Value number = arith::FPToSIOp::create(
        b, loc, b.getI32Type(), math::RoundEvenOp::create(b, loc, point));
    return arith::TruncIOp::create(b, loc, b.getI8Type(), number);
  }
};

/// The differences of an operand's elements to its zero point, in i32.
/// `zeroPoint` may be null; its dimensions are 1 or the operand's.
Value subtractZeroPoint(LoweringBuilder &b, Value operand, Value zeroPoint,
                        bool isUnsigned) {
  MLIRContext *context = b.builder.getContext();
  SmallVector<Dim> shape = b.shape(operand);
  unsigned rank = shape.size();
  AffineMap identity = AffineMap::getMultiDimIdentityMap(rank, context);
  SmallVector<Value> inputs{operand};
  SmallVector<AffineMap> maps{identity};
  if (zeroPoint) {
    auto type = cast<RankedTensorType>(zeroPoint.getType());
    SmallVector<AffineExpr> exprs;
    for (auto [axis, size] : llvm::enumerate(type.getShape()))
      exprs.push_back(
          size == 1 ? getAffineConstantExpr(0, context)
                    : getAffineDimExpr(rank - type.getRank() + axis, context));
    inputs.push_back(zeroPoint);
    maps.push_back(AffineMap::get(rank, 0, exprs, context));
  }
  maps.push_back(identity);
  Type i32 = b.builder.getI32Type();
  return b.generic(
      inputs, b.empty(shape, i32), maps,
      [&](OpBuilder &inner, Location loc, ValueRange args) {
        auto widen = [&](Value value) -> Value {
          if (isUnsigned)
            return arith::ExtUIOp::create(inner, loc, i32, value);
          return arith::ExtSIOp::create(inner, loc, i32, value);
        };
        Value number = widen(args[0]);
        if (!zeroPoint)
          return number;
        return Value(arith::SubIOp::create(inner, loc, number, widen(args[1])));
      });
}

bool hasUnsignedElements(Value tensor) {
  return cast<RankedTensorType>(tensor.getType())
      .getElementType()
      .isUnsignedInteger();
}

/// The matrix product of i32 differences, which has a lowering of its own.
struct LowerMatMulInteger : NNLoweringPattern<nn::MatMulIntegerOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::MatMulIntegerOp op, OpAdaptor adaptor,
                      LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    Value lhs =
        subtractZeroPoint(b, adaptor.getLhs(), adaptor.getLhsZeroPoint(),
                          hasUnsignedElements(op.getLhs()));
    Value rhs =
        subtractZeroPoint(b, adaptor.getRhs(), adaptor.getRhsZeroPoint(),
                          hasUnsignedElements(op.getRhs()));
    results.push_back(
        nn::MatMulOp::create(b.builder, b.loc, op.getType(), lhs, rhs));
    return success();
  }
};

/// The same for convolutions; padding adds zero differences.
struct LowerConvInteger : NNLoweringPattern<nn::ConvIntegerOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::ConvIntegerOp op, OpAdaptor adaptor,
                      LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    Value input =
        subtractZeroPoint(b, adaptor.getInput(), adaptor.getInputZeroPoint(),
                          hasUnsignedElements(op.getInput()));
    Value filter =
        subtractZeroPoint(b, adaptor.getFilter(), adaptor.getFilterZeroPoint(),
                          hasUnsignedElements(op.getFilter()));
    results.push_back(nn::ConvOp::create(
        b.builder, b.loc, op.getType(), input, filter,
        /*bias=*/Value(), op.getStrides(), op.getDilations(), op.getPads(),
        op.getGroup(), op.getAutoPad(), op.getChannelsLast()));
    return success();
  }
};
} // namespace

void mlir::nnc::populateNNQuantizedToLinalgPatterns(
    const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerConvInteger, LowerMatMulInteger, LowerQuantizationRange>(
      converter, patterns.getContext());
}
