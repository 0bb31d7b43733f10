//===----------------------------------------------------------------------===//
// Recomposes activations from the arithmetic that exporters write for them.
//
// An activation is a polynomial in x and one function of a polynomial in x, so
// that all orders, associations and placements of constants are one pattern.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Recompose.h"

#include <map>

using namespace mlir;
using namespace mlir::nnc;

/// Activations have few ops between x and the result.
static constexpr unsigned depthLimit = 8;
/// … and few terms.
static constexpr size_t termLimit = 16;

namespace {
/// Sum of coefficients times x^i t^j, by (i, j).
using Polynomial = std::map<std::pair<unsigned, unsigned>, double>;

/// Reads values as polynomials in `x` and `t`; `t` may be null.
class PolynomialReader {
public:
  PolynomialReader(Value x, Value t) : x(x), t(t) {}

  std::optional<Polynomial> read(Value value, unsigned depth = 0);

private:
  std::optional<Polynomial> readPower(nn::PowOp op, unsigned depth);

  Value x, t;
};
} // namespace

static Polynomial add(Polynomial a, const Polynomial &b, double factor = 1) {
  for (const auto &[power, coefficient] : b)
    a[power] += factor * coefficient;
  return a;
}

static Polynomial multiply(const Polynomial &a, const Polynomial &b) {
  Polynomial product;
  for (const auto &[p, x] : a)
    for (const auto &[q, y] : b)
      product[{p.first + q.first, p.second + q.second}] += x * y;
  return product;
}

std::optional<Polynomial> PolynomialReader::readPower(nn::PowOp op,
                                                      unsigned depth) {
  std::optional<double> exponent = getScalarNumber(op->getOperand(1));
  std::optional<Polynomial> base = read(op->getOperand(0), depth + 1);
  if (!exponent || !base || (*exponent != 2 && *exponent != 3) ||
      base->size() > termLimit)
    return std::nullopt;
  Polynomial square = multiply(*base, *base);
  return *exponent == 2 ? square : multiply(square, *base);
}

std::optional<Polynomial> PolynomialReader::read(Value value, unsigned depth) {
  if (value == x)
    return Polynomial{{{1, 0}, 1}};
  if (value == t)
    return Polynomial{{{0, 1}, 1}};
  if (std::optional<double> number = getScalarNumber(value))
    return Polynomial{{{0, 0}, *number}};
  Operation *op = value.getDefiningOp();
  if (!op || depth > depthLimit)
    return std::nullopt;
  if (auto power = dyn_cast<nn::PowOp>(op))
    return readPower(power, depth);
  if (!isa<nn::AddOp, nn::SubOp, nn::MulOp, nn::DivOp>(op))
    return std::nullopt;
  std::optional<Polynomial> lhs = read(op->getOperand(0), depth + 1);
  if (!lhs)
    return std::nullopt;
  if (isa<nn::DivOp>(op)) {
    std::optional<double> divisor = getScalarNumber(op->getOperand(1));
    if (!divisor || *divisor == 0)
      return std::nullopt;
    return add({}, *lhs, 1 / *divisor);
  }
  std::optional<Polynomial> rhs = read(op->getOperand(1), depth + 1);
  if (!rhs || lhs->size() > termLimit || rhs->size() > termLimit)
    return std::nullopt;
  if (isa<nn::MulOp>(op))
    return multiply(*lhs, *rhs);
  return add(*lhs, *rhs, isa<nn::SubOp>(op) ? -1 : 1);
}

/// True if `polynomial` of `x` has the terms of `expected` and, up to rounding,
/// no others.
static bool matches(Value x, const Polynomial &polynomial,
                    const Polynomial &expected) {
  Type type = getElementTypeOrSelf(x.getType());
  for (const auto &[power, coefficient] : expected) {
    auto own = polynomial.find(power);
    if (own == polynomial.end() || !isCloseTo(own->second, coefficient, type))
      return false;
  }
  return llvm::all_of(polynomial, [&](const auto &term) {
    return term.second == 0 || expected.count(term.first);
  });
}

//===----------------------------------------------------------------------===//
// Functions inside of activations
//===----------------------------------------------------------------------===//

namespace {
/// `value` = min(max(argument, 0), high) or the other way round.
struct Clamp {
  Value argument;
  double high = 0;

  static std::optional<Clamp> match(Value value);
};
} // namespace

template <typename OpTy>
static std::optional<std::pair<Value, double>> matchWithNumber(Value value) {
  std::optional<std::pair<Value, double>> result;
  matchEitherOrder<OpTy>(value, [&](Value x, Value bound) {
    std::optional<double> number = getScalarNumber(bound);
    if (!number)
      return false;
    result = {x, *number};
    return true;
  });
  return result;
}

std::optional<Clamp> Clamp::match(Value value) {
  auto outer = matchWithNumber<nn::MinOp>(value);
  if (outer) {
    if (auto relu = outer->first.getDefiningOp<nn::ReluOp>())
      return Clamp{relu->getOperand(0), outer->second};
    auto inner = matchWithNumber<nn::MaxOp>(outer->first);
    if (inner && inner->second == 0 && outer->second > 0)
      return Clamp{inner->first, outer->second};
    return std::nullopt;
  }
  outer = matchWithNumber<nn::MaxOp>(value);
  auto inner = outer ? matchWithNumber<nn::MinOp>(outer->first) : std::nullopt;
  if (inner && outer->second == 0 && inner->second > 0)
    return Clamp{inner->first, inner->second};
  return std::nullopt;
}

/// The function inside of the arithmetic that ends in `value`.
static Value findFunction(Value value, unsigned depth = 0) {
  Operation *op = value.getDefiningOp();
  if (!op || depth > depthLimit)
    return {};
  if (isa<nn::ErfOp, nn::HardSigmoidOp, nn::SigmoidOp, nn::TanhOp>(op) ||
      Clamp::match(value))
    return value;
  if (!isa<nn::AddOp, nn::SubOp, nn::MulOp, nn::DivOp>(op))
    return {};
  for (Value operand : op->getOperands())
    if (Value found = findFunction(operand, depth + 1))
      return found;
  return {};
}

/// The values that the arithmetic that ends in `value` may be about.
static void collectCandidates(Value value, SmallVectorImpl<Value> &candidates,
                              unsigned depth = 0) {
  if (getScalarNumber(value) || depth > depthLimit ||
      llvm::is_contained(candidates, value))
    return;
  candidates.push_back(value);
  Operation *op = value.getDefiningOp();
  if (op && isa<nn::AddOp, nn::SubOp, nn::MulOp, nn::DivOp, nn::PowOp>(op))
    for (Value operand : op->getOperands())
      collectCandidates(operand, candidates, depth + 1);
}

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

namespace {
/// An activation as x, the function of x in it, that function's argument as a
/// polynomial in x, and the whole as one in both.
struct Activation {
  Value x, function;
  Polynomial argument, whole;
};
} // namespace

static const Polynomial halfOfBoth = {{{1, 0}, 0.5}, {{1, 1}, 0.5}};

static double coefficientOf(const Polynomial &polynomial, unsigned i,
                            unsigned j) {
  auto found = polynomial.find({i, j});
  return found == polynomial.end() ? 0 : found->second;
}

static Operation *createGelu(OpBuilder &builder, Location loc,
                             const Activation &parts) {
  static const double squareRootOf2OverPi = 0.79788456080286535588;
  bool isTanh = isa<nn::TanhOp>(parts.function.getDefiningOp());
  Polynomial argument = {{{1, 0}, 0.70710678118654752440}};
  if (isTanh)
    argument = {{{1, 0}, squareRootOf2OverPi},
                {{3, 0}, squareRootOf2OverPi * 0.044715}};
  if (!matches(parts.x, parts.whole, halfOfBoth) ||
      !matches(parts.x, parts.argument, argument))
    return nullptr;
  return nn::GeluOp::create(builder, loc, parts.x.getType(), parts.x, isTanh);
}

static Operation *createSwish(OpBuilder &builder, Location loc,
                              const Activation &parts) {
  double alpha = coefficientOf(parts.argument, 1, 0);
  if (alpha == 0 || !matches(parts.x, parts.whole, {{{1, 1}, 1.0}}) ||
      !matches(parts.x, parts.argument, {{{1, 0}, alpha}}))
    return nullptr;
  return nn::SwishOp::create(builder, loc, parts.x.getType(), parts.x,
                             llvm::APFloat(alpha));
}

/// From a clamp to 0 … `high` of a linear function.
static Operation *createHard(OpBuilder &builder, Location loc,
                             const Activation &parts, double high) {
  double slope = coefficientOf(parts.argument, 1, 0);
  double offset = coefficientOf(parts.argument, 0, 0);
  Polynomial linear = {{{1, 0}, slope}};
  if (offset != 0)
    linear[{0, 0}] = offset;
  if (slope == 0 || !matches(parts.x, parts.argument, linear))
    return nullptr;
  llvm::APFloat alpha(slope / high), beta(offset / high);
  Type type = parts.x.getType();
  if (matches(parts.x, parts.whole, {{{1, 1}, 1 / high}}))
    return nn::HardSwishOp::create(builder, loc, type, parts.x, alpha, beta);
  if (matches(parts.x, parts.whole, {{{0, 1}, 1 / high}}))
    return nn::HardSigmoidOp::create(builder, loc, type, parts.x, alpha, beta);
  return nullptr;
}

static Operation *createActivation(OpBuilder &builder, Location loc,
                                   Activation parts) {
  Operation *function = parts.function.getDefiningOp();
  if (isa<nn::ErfOp, nn::TanhOp>(function))
    return createGelu(builder, loc, parts);
  if (isa<nn::SigmoidOp>(function))
    return createSwish(builder, loc, parts);
  auto hard = dyn_cast<nn::HardSigmoidOp>(function);
  if (!hard)
    return createHard(builder, loc, parts, Clamp::match(parts.function)->high);
  parts.argument = add({{{0, 0}, hard.getBeta().convertToDouble()}},
                       parts.argument, hard.getAlpha().convertToDouble());
  // A hard sigmoid alone is one op already.
  return matches(parts.x, parts.whole, {{{1, 1}, 1.0}})
             ? createHard(builder, loc, parts, 1)
             : nullptr;
}

namespace {
template <typename OpTy>
struct RecomposeActivation : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    Value function = findFunction(op);
    if (!function || function == op.getResult())
      return rewriter.notifyMatchFailure(op, "has no function in it");
    std::optional<Clamp> clamp = Clamp::match(function);
    Value argument =
        clamp ? clamp->argument : function.getDefiningOp()->getOperand(0);
    SmallVector<Value> candidates;
    collectCandidates(argument, candidates);
    // What is deepest leaves the least outside of the activation.
    for (Value x : llvm::reverse(candidates)) {
      if (x.getType() != op.getType())
        continue;
      std::optional<Polynomial> inner =
          PolynomialReader(x, Value()).read(argument);
      std::optional<Polynomial> whole = PolynomialReader(x, function).read(op);
      if (!inner || !whole)
        continue;
      if (Operation *activation = createActivation(
              rewriter, op.getLoc(),
              {x, function, std::move(*inner), std::move(*whole)})) {
        rewriter.replaceOp(op, activation);
        return success();
      }
    }
    return rewriter.notifyMatchFailure(op, "is no known activation");
  }
};
} // namespace

void mlir::nnc::populateRecomposeActivationPatterns(
    RewritePatternSet &patterns) {
  // A product or quotient ends them all but those that end in a sum of two
  // products.
  patterns.add<RecomposeActivation<nn::MulOp>, RecomposeActivation<nn::DivOp>,
               RecomposeActivation<nn::AddOp>>(patterns.getContext());
}
