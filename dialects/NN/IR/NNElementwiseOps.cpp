//===----------------------------------------------------------------------===//
// Element-wise arithmetic: scalar functions, reference.
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
using Operands = ArrayRef<nncio::Tensor>;
using Results = MutableArrayRef<nncio::Tensor>;

//===----------------------------------------------------------------------===//
// Helpers
//===----------------------------------------------------------------------===//

/// The op on two scalars that suits the first operand's element type.
template <typename FloatOp, typename SignedOp, typename UnsignedOp = SignedOp>
static Value buildNumeric(Operation *op, OpBuilder &builder, Location loc,
                          ValueRange scalars) {
  Value a = scalars[0], b = scalars[1];
  if (isa<FloatType>(a.getType()))
    return FloatOp::create(builder, loc, a, b);
  if (isUnsignedOperand(op))
    return UnsignedOp::create(builder, loc, a, b);
  return SignedOp::create(builder, loc, a, b);
}

static Value isBelowZero(ImplicitLocOpBuilder &b, Value x) {
  Value zero = createScalar(b, b.getLoc(), x.getType(), 0);
  if (isa<FloatType>(x.getType()))
    return arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, x, zero);
  return arith::CmpIOp::create(b, arith::CmpIPredicate::slt, x, zero);
}

static Value isEqualTo(ImplicitLocOpBuilder &b, Value x, int64_t number) {
  return arith::CmpIOp::create(
      b, arith::CmpIPredicate::eq, x,
      arith::ConstantOp::create(b, b.getIntegerAttr(x.getType(), number)));
}

/// The divisor, or 1 where the quotient of integers is not defined: for a
/// divisor of 0, and of -1 under the least signed number.
static Value makeSafeDivisor(ImplicitLocOpBuilder &b, Value dividend,
                             Value divisor, bool isUnsigned) {
  Type type = divisor.getType();
  Value bad = isEqualTo(b, divisor, 0);
  if (!isUnsigned) {
    APInt least = APInt::getSignedMinValue(type.getIntOrFloatBitWidth());
    Value isLeast = arith::CmpIOp::create(
        b, arith::CmpIPredicate::eq, dividend,
        arith::ConstantOp::create(b, b.getIntegerAttr(type, least)));
    Value overflows =
        arith::AndIOp::create(b, isLeast, isEqualTo(b, divisor, -1));
    bad = arith::OrIOp::create(b, bad, overflows);
  }
  return arith::SelectOp::create(b, bad, createScalar(b, b.getLoc(), type, 1),
                                 divisor);
}

/// An operation that wraps around on integers.
template <typename Number, typename Function>
static Number wrapping(Number a, Number b, Function function) {
  if constexpr (std::is_floating_point_v<Number>)
    return function(a, b);
  else
    return static_cast<Number>(
        function(static_cast<uint64_t>(a), static_cast<uint64_t>(b)));
}

//===----------------------------------------------------------------------===//
// AddOp, SubOp, MulOp
//===----------------------------------------------------------------------===//

Value AddOp::buildScalar(OpBuilder &builder, Location loc, ValueRange scalars) {
  return buildNumeric<arith::AddFOp, arith::AddIOp>(*this, builder, loc,
                                                    scalars);
}

std::string AddOp::evaluate(Operands operands, Results results) {
  return evaluateBinary(operands, results, [](auto a, auto b) {
    return wrapping(a, b, std::plus<>());
  });
}

Value SubOp::buildScalar(OpBuilder &builder, Location loc, ValueRange scalars) {
  return buildNumeric<arith::SubFOp, arith::SubIOp>(*this, builder, loc,
                                                    scalars);
}

std::string SubOp::evaluate(Operands operands, Results results) {
  return evaluateBinary(operands, results, [](auto a, auto b) {
    return wrapping(a, b, std::minus<>());
  });
}

Value MulOp::buildScalar(OpBuilder &builder, Location loc, ValueRange scalars) {
  return buildNumeric<arith::MulFOp, arith::MulIOp>(*this, builder, loc,
                                                    scalars);
}

std::string MulOp::evaluate(Operands operands, Results results) {
  return evaluateBinary(operands, results, [](auto a, auto b) {
    return wrapping(a, b, std::multiplies<>());
  });
}

//===----------------------------------------------------------------------===//
// DivOp
//===----------------------------------------------------------------------===//

Value DivOp::buildScalar(OpBuilder &builder, Location loc, ValueRange scalars) {
  Type type = scalars[0].getType();
  if (isa<FloatType>(type))
    return arith::DivFOp::create(builder, loc, scalars[0], scalars[1]);
  ImplicitLocOpBuilder b(loc, builder);
  bool isUnsigned = isUnsignedOperand(*this);
  Value divisor = makeSafeDivisor(b, scalars[0], scalars[1], isUnsigned);
  Value quotient =
      isUnsigned ? arith::DivUIOp::create(b, scalars[0], divisor).getResult()
                 : arith::DivSIOp::create(b, scalars[0], divisor).getResult();
  return arith::SelectOp::create(b, isEqualTo(b, scalars[1], 0),
                                 createScalar(b, loc, type, 0), quotient);
}

std::string DivOp::evaluate(Operands operands, Results results) {
  return evaluateBinary(operands, results, [](auto a, auto b) {
    using Number = decltype(a);
    if constexpr (!std::is_floating_point_v<Number>)
      if (b == 0)
        return Number(0);
    if constexpr (std::is_same_v<Number, int64_t>)
      if (b == -1)
        return wrapping(Number(0), a, std::minus<>());
    return Number(a / b);
  });
}

//===----------------------------------------------------------------------===//
// ModOp
//===----------------------------------------------------------------------===//

Value ModOp::buildScalar(OpBuilder &builder, Location loc, ValueRange scalars) {
  ImplicitLocOpBuilder b(loc, builder);
  bool isUnsigned = isUnsignedOperand(*this);
  Type type = scalars[0].getType();
  Value rest, isNonZero, divisor = scalars[1];
  Value zero = createScalar(b, loc, type, 0);
  if (isa<FloatType>(type)) {
    rest = arith::RemFOp::create(b, scalars[0], divisor);
    isNonZero = arith::CmpFOp::create(b, arith::CmpFPredicate::ONE, rest, zero);
  } else {
    Value safe = makeSafeDivisor(b, scalars[0], divisor, isUnsigned);
    rest = isUnsigned ? arith::RemUIOp::create(b, scalars[0], safe).getResult()
                      : arith::RemSIOp::create(b, scalars[0], safe).getResult();
    isNonZero = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, rest, zero);
  }
  if (getFmod() || isUnsigned)
    return rest;
  Value differs =
      arith::XOrIOp::create(b, isBelowZero(b, rest), isBelowZero(b, divisor));
  Value shifted = buildNumeric<arith::AddFOp, arith::AddIOp>(*this, b, loc,
                                                             {rest, divisor});
  return arith::SelectOp::create(
      b, arith::AndIOp::create(b, isNonZero, differs), shifted, rest);
}

std::string ModOp::evaluate(Operands operands, Results results) {
  bool keepsDividendSign = getFmod();
  return evaluateBinary(operands, results, [&](auto a, auto b) {
    using Number = decltype(a);
    Number rest = 0;
    if constexpr (std::is_floating_point_v<Number>)
      rest = std::fmod(a, b);
    else if (b != 0 && b != Number(-1))
      rest = a % b;
    else if (std::is_unsigned_v<Number> && b != 0)
      rest = a % b;
    bool differs = rest != 0 && (rest < 0) != (b < 0);
    return differs && !keepsDividendSign ? Number(rest + b) : rest;
  });
}

//===----------------------------------------------------------------------===//
// MinOp, MaxOp
//===----------------------------------------------------------------------===//

Value MinOp::buildScalar(OpBuilder &builder, Location loc, ValueRange scalars) {
  return buildNumeric<arith::MinimumFOp, arith::MinSIOp, arith::MinUIOp>(
      *this, builder, loc, scalars);
}

std::string MinOp::evaluate(Operands operands, Results results) {
  return evaluateBinary(operands, results,
                        [](auto a, auto b) { return b < a || b != b ? b : a; });
}

Value MaxOp::buildScalar(OpBuilder &builder, Location loc, ValueRange scalars) {
  return buildNumeric<arith::MaximumFOp, arith::MaxSIOp, arith::MaxUIOp>(
      *this, builder, loc, scalars);
}

std::string MaxOp::evaluate(Operands operands, Results results) {
  return evaluateBinary(operands, results,
                        [](auto a, auto b) { return a < b || b != b ? b : a; });
}

//===----------------------------------------------------------------------===//
// PReluOp
//===----------------------------------------------------------------------===//

Value PReluOp::buildScalar(OpBuilder &builder, Location loc,
                           ValueRange scalars) {
  if (isUnsignedOperand(*this))
    return scalars[0];
  ImplicitLocOpBuilder b(loc, builder);
  Value scaled =
      buildNumeric<arith::MulFOp, arith::MulIOp>(*this, b, loc, scalars);
  return arith::SelectOp::create(b, isBelowZero(b, scalars[0]), scaled,
                                 scalars[0]);
}

std::string PReluOp::evaluate(Operands operands, Results results) {
  return evaluateBinary(operands, results, [](auto a, auto b) {
    return a < 0 ? wrapping(a, b, std::multiplies<>()) : a;
  });
}

//===----------------------------------------------------------------------===//
// NegOp, AbsOp, SignOp, ReluOp
//===----------------------------------------------------------------------===//

Value NegOp::buildScalar(OpBuilder &builder, Location loc, ValueRange scalars) {
  Type type = scalars[0].getType();
  if (isa<FloatType>(type))
    return arith::NegFOp::create(builder, loc, scalars[0]);
  return arith::SubIOp::create(builder, loc,
                               createScalar(builder, loc, type, 0), scalars[0]);
}

std::string NegOp::evaluate(Operands operands, Results results) {
  return evaluateUnary(operands, results, [](auto x) {
    using Number = decltype(x);
    if constexpr (std::is_floating_point_v<Number>)
      return -x;
    else
      return wrapping(Number(0), x, std::minus<>());
  });
}

Value AbsOp::buildScalar(OpBuilder &builder, Location loc, ValueRange scalars) {
  if (isa<FloatType>(scalars[0].getType()))
    return math::AbsFOp::create(builder, loc, scalars[0]);
  if (isUnsignedOperand(*this))
    return scalars[0];
  return math::AbsIOp::create(builder, loc, scalars[0]);
}

std::string AbsOp::evaluate(Operands operands, Results results) {
  return evaluateUnary(operands, results, [](auto x) {
    using Number = decltype(x);
    if constexpr (std::is_floating_point_v<Number>)
      return std::fabs(x);
    else
      return x < 0 ? wrapping(Number(0), x, std::minus<>()) : x;
  });
}

Value SignOp::buildScalar(OpBuilder &builder, Location loc,
                          ValueRange scalars) {
  ImplicitLocOpBuilder b(loc, builder);
  Value x = scalars[0];
  Value one = createScalar(b, loc, x.getType(), 1);
  if (isUnsignedOperand(*this))
    return arith::MinUIOp::create(b, x, one);
  Value negativeOne = createScalar(b, loc, x.getType(), -1);
  Value zero = createScalar(b, loc, x.getType(), 0);
  // 0 and NaN stay what they are.
  Value sign = arith::SelectOp::create(b, isBelowZero(b, x), negativeOne, x);
  Value isAbove =
      isa<FloatType>(x.getType())
          ? arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, x, zero)
                .getResult()
          : arith::CmpIOp::create(b, arith::CmpIPredicate::sgt, x, zero)
                .getResult();
  return arith::SelectOp::create(b, isAbove, one, sign);
}

std::string SignOp::evaluate(Operands operands, Results results) {
  return evaluateUnary(operands, results, [](auto x) {
    using Number = decltype(x);
    return x > 0 ? Number(1) : x < 0 ? Number(-1) : x;
  });
}

Value ReluOp::buildScalar(OpBuilder &builder, Location loc,
                          ValueRange scalars) {
  Value zero = createScalar(builder, loc, scalars[0].getType(), 0);
  return buildNumeric<arith::MaximumFOp, arith::MaxSIOp, arith::MaxUIOp>(
      *this, builder, loc, {scalars[0], zero});
}

std::string ReluOp::evaluate(Operands operands, Results results) {
  return evaluateUnary(operands, results,
                       [](auto x) { return x < 0 ? decltype(x)(0) : x; });
}
