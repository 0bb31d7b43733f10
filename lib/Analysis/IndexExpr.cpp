//===----------------------------------------------------------------------===//
// Index arithmetic in a normal form, with ranges.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Analysis/IndexExpr.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::nnc;

static constexpr int64_t lowest = std::numeric_limits<int64_t>::min();
static constexpr int64_t highest = std::numeric_limits<int64_t>::max();

/// Products of more terms than this are an unknown number.
static constexpr size_t termLimit = 32;

/// Adds `factor` times `monomial`; false if that does not fit.
static bool addTerm(IndexExpr::Terms &terms,
                    const IndexExpr::Monomial &monomial, int64_t factor) {
  int64_t &sum = terms[monomial];
  if (llvm::AddOverflow(sum, factor, sum))
    return false;
  if (sum == 0)
    terms.erase(monomial);
  return true;
}

/// a + factor * b; nullopt if a coefficient does not fit.
static std::optional<IndexExpr> addScaled(const IndexExpr &a,
                                          const IndexExpr &b, int64_t factor) {
  IndexExpr::Terms sum = a.getTerms();
  for (const auto &[monomial, own] : b.getTerms()) {
    int64_t scaled;
    if (llvm::MulOverflow(own, factor, scaled) ||
        !addTerm(sum, monomial, scaled))
      return std::nullopt;
  }
  return IndexExpr(std::move(sum));
}

//===----------------------------------------------------------------------===//
// Ranges
//===----------------------------------------------------------------------===//

static bool isInfinite(int64_t end) { return end == lowest || end == highest; }

/// x + y, infinite if one is or the sum does not fit.
static int64_t addEnds(int64_t x, int64_t y) {
  if (isInfinite(x))
    return x;
  if (isInfinite(y))
    return y;
  int64_t sum;
  if (!llvm::AddOverflow(x, y, sum))
    return sum;
  return x < 0 ? lowest : highest;
}

static int64_t multiplyEnds(int64_t x, int64_t y) {
  if (x == 0 || y == 0)
    return 0;
  int64_t product;
  if (!isInfinite(x) && !isInfinite(y) && !llvm::MulOverflow(x, y, product))
    return product;
  return (x < 0) == (y < 0) ? highest : lowest;
}

static Interval multiplyRanges(Interval a, Interval b) {
  int64_t corners[] = {multiplyEnds(a.low, b.low), multiplyEnds(a.low, b.high),
                       multiplyEnds(a.high, b.low),
                       multiplyEnds(a.high, b.high)};
  return {*llvm::min_element(corners), *llvm::max_element(corners)};
}

Interval
IndexExprs::getMonomialRange(const IndexExpr::Monomial &monomial) const {
  Interval range{1, 1};
  for (unsigned atom : monomial)
    range = multiplyRanges(range, atoms[atom].range);
  return range;
}

Interval IndexExprs::getRange(const IndexExpr &expr) const {
  Interval range{0, 0};
  for (const auto &[monomial, factor] : expr.getTerms()) {
    Interval term =
        multiplyRanges(getMonomialRange(monomial), {factor, factor});
    range = {addEnds(range.low, term.low), addEnds(range.high, term.high)};
  }
  return range;
}

std::optional<bool> IndexExprs::compare(arith::CmpIPredicate predicate,
                                        const IndexExpr &a,
                                        const IndexExpr &b) const {
  std::optional<IndexExpr> difference = addScaled(a, b, -1);
  if (!difference)
    return std::nullopt;
  Interval range = getRange(*difference);
  switch (predicate) {
  case arith::CmpIPredicate::eq:
    if (range.low == 0 && range.high == 0)
      return true;
    return range.low > 0 || range.high < 0 ? std::optional(false)
                                           : std::nullopt;
  case arith::CmpIPredicate::ne:
    if (std::optional<bool> equal = compare(arith::CmpIPredicate::eq, a, b))
      return !*equal;
    return std::nullopt;
  case arith::CmpIPredicate::slt:
    if (range.high < 0)
      return true;
    return range.low >= 0 ? std::optional(false) : std::nullopt;
  case arith::CmpIPredicate::sle:
    if (range.high <= 0)
      return true;
    return range.low > 0 ? std::optional(false) : std::nullopt;
  case arith::CmpIPredicate::sgt:
    return compare(arith::CmpIPredicate::slt, b, a);
  case arith::CmpIPredicate::sge:
    return compare(arith::CmpIPredicate::sle, b, a);
  default:
    return std::nullopt;
  }
}

//===----------------------------------------------------------------------===//
// Atoms
//===----------------------------------------------------------------------===//

IndexExpr IndexExprs::getAtomExpr(unsigned number) const {
  return IndexExpr(IndexExpr::Terms{{{number}, 1}});
}

IndexExpr IndexExprs::symbol(Value value, Interval range) {
  atoms.emplace_back(value, range);
  return getAtomExpr(atoms.size() - 1);
}

IndexExpr IndexExprs::intern(IndexAtom atom) {
  if (atom.range.low == atom.range.high && !isInfinite(atom.range.low))
    return atom.range.low;
  for (auto [number, known] : llvm::enumerate(atoms))
    if (known.kind == atom.kind && known.predicate == atom.predicate &&
        !known.symbol && known.operands == atom.operands)
      return getAtomExpr(number);
  atoms.push_back(std::move(atom));
  return getAtomExpr(atoms.size() - 1);
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

IndexExpr IndexExprs::add(const IndexExpr &a, const IndexExpr &b) {
  std::optional<IndexExpr> sum = addScaled(a, b, 1);
  return sum ? *sum : symbol(Value(), {});
}

IndexExpr IndexExprs::sub(const IndexExpr &a, const IndexExpr &b) {
  std::optional<IndexExpr> difference = addScaled(a, b, -1);
  return difference ? *difference : symbol(Value(), {});
}

IndexExpr IndexExprs::mul(const IndexExpr &a, const IndexExpr &b) {
  IndexExpr::Terms product;
  if (a.getTerms().size() * b.getTerms().size() > termLimit)
    return symbol(Value(), {});
  for (const auto &[x, xFactor] : a.getTerms())
    for (const auto &[y, yFactor] : b.getTerms()) {
      IndexExpr::Monomial monomial;
      std::merge(x.begin(), x.end(), y.begin(), y.end(),
                 std::back_inserter(monomial));
      int64_t factor;
      if (llvm::MulOverflow(xFactor, yFactor, factor) ||
          !addTerm(product, monomial, factor))
        return symbol(Value(), {});
    }
  return IndexExpr(std::move(product));
}

IndexExpr IndexExprs::min(const IndexExpr &a, const IndexExpr &b) {
  if (compare(arith::CmpIPredicate::sle, a, b).value_or(false))
    return a;
  if (compare(arith::CmpIPredicate::sle, b, a).value_or(false))
    return b;
  Interval x = getRange(a), y = getRange(b);
  IndexAtom atom(IndexAtom::Kind::Min, {a, b},
                 {std::min(x.low, y.low), std::min(x.high, y.high)});
  llvm::sort(atom.operands);
  return intern(std::move(atom));
}

IndexExpr IndexExprs::max(const IndexExpr &a, const IndexExpr &b) {
  if (compare(arith::CmpIPredicate::sge, a, b).value_or(false))
    return a;
  if (compare(arith::CmpIPredicate::sge, b, a).value_or(false))
    return b;
  Interval x = getRange(a), y = getRange(b);
  IndexAtom atom(IndexAtom::Kind::Max, {a, b},
                 {std::max(x.low, y.low), std::max(x.high, y.high)});
  llvm::sort(atom.operands);
  return intern(std::move(atom));
}

std::optional<IndexExpr> IndexExprs::divideExactly(const IndexExpr &a,
                                                   const IndexExpr &b) const {
  if (b.getTerms().size() != 1)
    return std::nullopt;
  const auto &[divisor, divisorFactor] = *b.getTerms().begin();
  IndexExpr::Terms quotient;
  for (const auto &[monomial, factor] : a.getTerms()) {
    if (factor % divisorFactor ||
        !std::includes(monomial.begin(), monomial.end(), divisor.begin(),
                       divisor.end()))
      return std::nullopt;
    IndexExpr::Monomial rest;
    std::set_difference(monomial.begin(), monomial.end(), divisor.begin(),
                        divisor.end(), std::back_inserter(rest));
    quotient[rest] = factor / divisorFactor;
  }
  return IndexExpr(std::move(quotient));
}

/// The range of a quotient of numbers that are 0 or more by positive ones.
static Interval divideRange(Interval a) {
  if (a.low < 0)
    return {};
  return {0, a.high};
}

IndexExpr IndexExprs::floorDiv(const IndexExpr &a, const IndexExpr &b) {
  if (getRange(b).low < 1)
    return symbol(Value(), {});
  if (std::optional<IndexExpr> exact = divideExactly(a, b))
    return *exact;
  // What the divisor divides comes out: (b x + y) / b = x + y / b.
  IndexExpr::Terms whole, rest;
  for (const auto &term : a.getTerms())
    if (std::optional<IndexExpr> part =
            divideExactly(IndexExpr(IndexExpr::Terms{term}), b))
      whole.insert(part->getTerms().begin(), part->getTerms().end());
    else
      rest.insert(term);
  IndexExpr remainder(std::move(rest)), quotient(std::move(whole));
  Interval range = getRange(remainder);
  if (range.low >= 0 &&
      compare(arith::CmpIPredicate::slt, remainder, b).value_or(false))
    return quotient;
  return add(quotient, intern(IndexAtom(IndexAtom::Kind::FloorDiv,
                                        {remainder, b}, divideRange(range))));
}

IndexExpr IndexExprs::ceilDiv(const IndexExpr &a, const IndexExpr &b) {
  if (getRange(b).low < 1)
    return symbol(Value(), {});
  if (std::optional<IndexExpr> exact = divideExactly(a, b))
    return *exact;
  return intern(
      IndexAtom(IndexAtom::Kind::CeilDiv, {a, b}, divideRange(getRange(a))));
}

IndexExpr IndexExprs::select(arith::CmpIPredicate predicate, const IndexExpr &a,
                             const IndexExpr &b, const IndexExpr &x,
                             const IndexExpr &y) {
  if (x == y)
    return x;
  if (std::optional<bool> known = compare(predicate, a, b))
    return *known ? x : y;
  // a == b ? b : a and its like.
  bool isSame = (x == a && y == b) || (x == b && y == a);
  if (isSame && predicate == arith::CmpIPredicate::eq)
    return y;
  if (isSame && predicate == arith::CmpIPredicate::ne)
    return x;
  Interval first = getRange(x), second = getRange(y);
  return intern(IndexAtom(
      IndexAtom::Kind::Select, {a, b, x, y},
      {std::min(first.low, second.low), std::max(first.high, second.high)},
      predicate));
}
