//===----------------------------------------------------------------------===//
// Element-wise activation functions of floats: scalar functions, reference.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/ElementwiseUtils.h"
#include "dialects/NN/IR/NNOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;
using Operands = ArrayRef<nncio::Tensor>;
using Results = MutableArrayRef<nncio::Tensor>;

namespace {
/// A float scalar that knows its builder, so that formulas read as such.
struct Term {
  ImplicitLocOpBuilder &b;
  Value value;

  Term number(double x) const {
    return {b, createScalar(b, b.getLoc(), value.getType(), x)};
  }
  template <typename OpTy>
  Term apply() const {
    return {b, OpTy::create(b, value)};
  }
  template <typename OpTy>
  Term apply(Term other) const {
    return {b, OpTy::create(b, value, other.value)};
  }
  Term operator+(Term y) const { return apply<arith::AddFOp>(y); }
  Term operator+(double y) const { return *this + number(y); }
  Term operator-(double y) const { return apply<arith::SubFOp>(number(y)); }
  Term operator*(Term y) const { return apply<arith::MulFOp>(y); }
  Term operator*(double y) const { return y == 1 ? *this : *this * number(y); }
  Term operator-() const { return apply<arith::NegFOp>(); }
};
} // namespace

/// `formula` on an f32 or f64 term.
static Value buildFormula(OpBuilder &builder, Location loc, ValueRange scalars,
                          function_ref<Term(Term)> formula) {
  return computeInF32(builder, loc, scalars,
                      [&](ImplicitLocOpBuilder &b, ValueRange wide) {
                        return formula(Term{b, wide[0]}).value;
                      });
}

//===----------------------------------------------------------------------===//
// SigmoidOp, SoftplusOp
//===----------------------------------------------------------------------===//

/// `numerator` / (1 + e^-x). The power never overflows, so that far below zero
/// the quotient is small and not zero.
static Term divideByLogistic(Term numerator, Term x) {
  Term small = (-x.apply<math::AbsFOp>()).apply<math::ExpOp>();
  Value isBelow = arith::CmpFOp::create(x.b, arith::CmpFPredicate::OLT, x.value,
                                        x.number(0).value);
  Value scaled = arith::SelectOp::create(
      x.b, isBelow, (numerator * small).value, numerator.value);
  return Term{x.b, scaled}.apply<arith::DivFOp>(small + 1);
}

Value SigmoidOp::buildScalar(OpBuilder &builder, Location loc,
                             ValueRange scalars) {
  return buildFormula(builder, loc, scalars,
                      [](Term x) { return divideByLogistic(x.number(1), x); });
}

std::string SigmoidOp::evaluate(Operands operands, Results results) {
  return evaluateMathFunction(operands, results,
                              [](double x) { return 1 / (1 + std::exp(-x)); });
}

Value SoftplusOp::buildScalar(OpBuilder &builder, Location loc,
                              ValueRange scalars) {
  // log(1 + e^x) = max(x, 0) + log(1 + e^-|x|), which does not overflow.
  return buildFormula(builder, loc, scalars, [](Term x) {
    Term small = (-x.apply<math::AbsFOp>()).apply<math::ExpOp>();
    return x.apply<arith::MaximumFOp>(x.number(0)) +
           small.apply<math::Log1pOp>();
  });
}

std::string SoftplusOp::evaluate(Operands operands, Results results) {
  return evaluateMathFunction(operands, results, [](double x) {
    return x > 40 ? x : std::log1p(std::exp(x));
  });
}

//===----------------------------------------------------------------------===//
// EluOp, HardSigmoidOp
//===----------------------------------------------------------------------===//

Value EluOp::buildScalar(OpBuilder &builder, Location loc, ValueRange scalars) {
  double alpha = getAlpha().convertToDouble();
  double beta = getBeta().convertToDouble();
  double gamma = getGamma().convertToDouble();
  return buildFormula(builder, loc, scalars, [&](Term x) {
    Term below = (x * beta).apply<math::ExpM1Op>() * alpha;
    Value isAbove = arith::CmpFOp::create(x.b, arith::CmpFPredicate::OGT,
                                          x.value, x.number(0).value);
    Value chosen = arith::SelectOp::create(x.b, isAbove, x.value, below.value);
    return Term{x.b, chosen} * gamma;
  });
}

std::string EluOp::evaluate(Operands operands, Results results) {
  double alpha = getAlpha().convertToDouble();
  double beta = getBeta().convertToDouble();
  double gamma = getGamma().convertToDouble();
  return evaluateUnary(operands, results, [&](double x) {
    return gamma * (x > 0 ? x : alpha * std::expm1(beta * x));
  });
}

Value HardSigmoidOp::buildScalar(OpBuilder &builder, Location loc,
                                 ValueRange scalars) {
  double alpha = getAlpha().convertToDouble();
  double beta = getBeta().convertToDouble();
  return buildFormula(builder, loc, scalars, [&](Term x) {
    return (x * alpha + beta)
        .apply<arith::MinimumFOp>(x.number(1))
        .apply<arith::MaximumFOp>(x.number(0));
  });
}

std::string HardSigmoidOp::evaluate(Operands operands, Results results) {
  double alpha = getAlpha().convertToDouble();
  double beta = getBeta().convertToDouble();
  return evaluateUnary(operands, results, [&](double x) {
    double y = alpha * x + beta;
    return y < 0 ? 0.0 : y > 1 ? 1.0 : y;
  });
}

//===----------------------------------------------------------------------===//
// GeluOp
//===----------------------------------------------------------------------===//

static constexpr double squareRootOfHalf = 0.70710678118654752440;
static constexpr double squareRootOf2OverPi = 0.79788456080286535588;
static constexpr double geluCubic = 0.044715;

Value GeluOp::buildScalar(OpBuilder &builder, Location loc,
                          ValueRange scalars) {
  bool isTanh = getTanh();
  return buildFormula(builder, loc, scalars, [&](Term x) {
    if (!isTanh)
      return x * 0.5 * ((x * squareRootOfHalf).apply<math::ErfOp>() + 1);
    Term inner = (x + x * x * x * geluCubic) * squareRootOf2OverPi;
    return x * 0.5 * (inner.apply<math::TanhOp>() + 1);
  });
}

std::string GeluOp::evaluate(Operands operands, Results results) {
  bool isTanh = getTanh();
  return evaluateUnary(operands, results, [&](double x) {
    double y =
        isTanh ? std::tanh(squareRootOf2OverPi * (x + geluCubic * x * x * x))
               : std::erf(x * squareRootOfHalf);
    return 0.5 * x * (1 + y);
  });
}

//===----------------------------------------------------------------------===//
// SwishOp, HardSwishOp
//===----------------------------------------------------------------------===//

Value SwishOp::buildScalar(OpBuilder &builder, Location loc,
                           ValueRange scalars) {
  double alpha = getAlpha().convertToDouble();
  return buildFormula(builder, loc, scalars,
                      [&](Term x) { return divideByLogistic(x, x * alpha); });
}

std::string SwishOp::evaluate(Operands operands, Results results) {
  double alpha = getAlpha().convertToDouble();
  return evaluateUnary(operands, results, [&](double x) {
    return x / (1 + std::exp(-alpha * x));
  });
}

Value HardSwishOp::buildScalar(OpBuilder &builder, Location loc,
                               ValueRange scalars) {
  double alpha = getAlpha().convertToDouble();
  double beta = getBeta().convertToDouble();
  return buildFormula(builder, loc, scalars, [&](Term x) {
    return x * (x * alpha + beta)
                   .apply<arith::MinimumFOp>(x.number(1))
                   .apply<arith::MaximumFOp>(x.number(0));
  });
}

std::string HardSwishOp::evaluate(Operands operands, Results results) {
  double alpha = getAlpha().convertToDouble();
  double beta = getBeta().convertToDouble();
  return evaluateUnary(operands, results, [&](double x) {
    double y = alpha * x + beta;
    return x * (y < 0 ? 0.0 : y > 1 ? 1.0 : y);
  });
}
