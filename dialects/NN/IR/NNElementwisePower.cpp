//===----------------------------------------------------------------------===//
// Element-wise power: scalar function, reference, simplification.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/ElementwiseUtils.h"
#include "dialects/NN/IR/NNConstants.h"
#include "dialects/NN/IR/NNOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

FailureOr<Type> PowOp::getResultElementType(Adaptor adaptor, DimBuilder &) {
  return cast<RankedTensorType>(adaptor.getBase().getType()).getElementType();
}

//===----------------------------------------------------------------------===//
// Scalar function
//===----------------------------------------------------------------------===//

/// Squares and multiplies over the bits of `exponent`, which is not negative.
static Value buildIntegerPower(ImplicitLocOpBuilder &b, Value base,
                               Value exponent, bool isSigned) {
  Type type = base.getType(), bits = exponent.getType();
  Value one = createScalar(b, b.getLoc(), bits, 1);
  Value zero = createScalar(b, b.getLoc(), bits, 0);
  Value result = createScalar(b, b.getLoc(), type, 1);
  unsigned count = bits.getIntOrFloatBitWidth() - isSigned;
  for (unsigned i = 0; i < count; ++i) {
    Value bit = arith::AndIOp::create(b, exponent, one);
    Value isSet = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, bit, zero);
    Value product = arith::MulIOp::create(b, result, base);
    result = arith::SelectOp::create(b, isSet, product, result);
    if (i + 1 == count)
      break;
    base = arith::MulIOp::create(b, base, base);
    exponent = arith::ShRUIOp::create(b, exponent, one);
  }
  return result;
}

/// The truncated quotient 1 / base^-exponent: 0 unless the base is 1 or -1.
static Value buildReciprocalPower(ImplicitLocOpBuilder &b, Value base,
                                  Value exponent, bool isSigned) {
  Location loc = b.getLoc();
  Type type = base.getType(), bits = exponent.getType();
  Value one = createScalar(b, loc, type, 1);
  Value zero = createScalar(b, loc, type, 0);
  auto isEqual = [&](Value x, Value y) -> Value {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, x, y);
  };
  Value result = arith::SelectOp::create(b, isEqual(base, one), one, zero);
  if (!isSigned)
    return result;
  Value negativeOne = createScalar(b, loc, type, -1);
  Value bit = arith::AndIOp::create(b, exponent, createScalar(b, loc, bits, 1));
  Value sign = arith::SelectOp::create(
      b, isEqual(bit, createScalar(b, loc, bits, 0)), one, negativeOne);
  return arith::SelectOp::create(b, isEqual(base, negativeOne), sign, result);
}

/// f32 unless that would lose much of an operand.
static Type getPowerType(OpBuilder &builder, Type base, Type exponent) {
  auto isWide = [](Type type) {
    return type.isF64() ||
           (isa<IntegerType>(type) && type.getIntOrFloatBitWidth() >= 32);
  };
  return isWide(base) || isWide(exponent) ? Type(builder.getF64Type())
                                          : Type(builder.getF32Type());
}

Value PowOp::buildScalar(OpBuilder &builder, Location loc, ValueRange scalars) {
  ImplicitLocOpBuilder b(loc, builder);
  Value base = scalars[0], exponent = scalars[1];
  Type type = base.getType();
  bool baseUnsigned = isUnsignedOperand(*this, 0);
  bool exponentUnsigned = isUnsignedOperand(*this, 1);
  if (isa<IntegerType>(type) && isa<IntegerType>(exponent.getType())) {
    Value power = buildIntegerPower(b, base, exponent, !exponentUnsigned);
    if (exponentUnsigned)
      return power;
    Value isNegative =
        arith::CmpIOp::create(b, arith::CmpIPredicate::slt, exponent,
                              createScalar(b, loc, exponent.getType(), 0));
    return arith::SelectOp::create(
        b, isNegative, buildReciprocalPower(b, base, exponent, !baseUnsigned),
        power);
  }
  Type wide = getPowerType(builder, type, exponent.getType());
  Value power = math::PowFOp::create(
      b, convertScalar(b, loc, base, baseUnsigned, wide, false),
      convertScalar(b, loc, exponent, exponentUnsigned, wide, false));
  return convertScalar(b, loc, power, false, type, baseUnsigned);
}

//===----------------------------------------------------------------------===//
// Reference
//===----------------------------------------------------------------------===//

static uint64_t wrappingPower(uint64_t base, uint64_t exponent) {
  uint64_t result = 1;
  for (; exponent; exponent >>= 1, base *= base)
    if (exponent & 1)
      result *= base;
  return result;
}

/// `base` and `exponent` as getInt gives them.
static int64_t integerPower(int64_t base, int64_t exponent,
                            bool isUnsignedExponent) {
  if (exponent >= 0 || isUnsignedExponent)
    return static_cast<int64_t>(wrappingPower(base, exponent));
  if (base == 1)
    return 1;
  return base == -1 ? (exponent & 1 ? -1 : 1) : 0;
}

std::string PowOp::evaluate(ArrayRef<nncio::Tensor> operands,
                            MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &base = operands[0], &exponent = operands[1];
  bool isInteger =
      !nncio::isFloat(base.type()) && !nncio::isFloat(exponent.type());
  // All ones are -1 only if signed.
  bool isU64 = base.type() == nncio::ElementType::U64;
  forEachBroadcast(results[0], operands, [&](int64_t i, ArrayRef<int64_t> at) {
    if (!isInteger)
      return results[0].setDouble(
          i, std::pow(base.getDouble(at[0]), exponent.getDouble(at[1])));
    int64_t x = base.getInt(at[0]), y = exponent.getInt(at[1]);
    bool isUnsigned = nncio::isUnsigned(exponent.type());
    if (isU64 && x == -1 && y < 0 && !isUnsigned)
      return results[0].setInt(i, 0);
    results[0].setInt(i, integerPower(x, y, isUnsigned));
  });
  return "";
}

//===----------------------------------------------------------------------===//
// Simplification
//===----------------------------------------------------------------------===//

namespace {
/// pow(x, 1), pow(x, 2), pow(x, 3) need no power function.
struct ExpandSmallPower : OpRewritePattern<PowOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(PowOp op,
                                PatternRewriter &rewriter) const override {
    Value base = op.getBase();
    auto constant = op.getExponent().getDefiningOp<ConstantOp>();
    if (!constant)
      return rewriter.notifyMatchFailure(op, "has no constant exponent");
    nncio::Result<nncio::Tensor> exponent = toTensor(constant.getValue());
    if (!exponent || exponent->empty() ||
        (exponent->size() > 1 && !constant.getValue().isSplat()))
      return rewriter.notifyMatchFailure(op, "has no single exponent");
    double number = exponent->getDouble(0);
    if (number != 1 && number != 2 && number != 3)
      return rewriter.notifyMatchFailure(op, "has no exponent of 1, 2 or 3");
    // The exponent must not widen the base.
    if (base.getType() != op.getType())
      return rewriter.notifyMatchFailure(op, "broadcasts the base");
    Value power = base;
    for (int i = 1; i < number; ++i)
      power = MulOp::create(rewriter, op.getLoc(), op.getType(), power, base);
    rewriter.replaceOp(op, power);
    return success();
  }
};
} // namespace

void PowOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                        MLIRContext *context) {
  patterns.add<ExpandSmallPower>(context);
}
