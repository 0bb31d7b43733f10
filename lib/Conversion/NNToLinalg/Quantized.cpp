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
} // namespace

void mlir::nnc::populateNNQuantizedToLinalgPatterns(
    const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerQuantizationRange>(converter, patterns.getContext());
}
