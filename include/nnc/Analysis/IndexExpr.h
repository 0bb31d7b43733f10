//===----------------------------------------------------------------------===//
// Index arithmetic in a normal form, with ranges.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_ANALYSIS_INDEXEXPR_H
#define NNC_ANALYSIS_INDEXEXPR_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include <map>
#include <optional>
#include <vector>

namespace mlir::nnc {

/// Numbers from `low` to `high`; the ends of int64_t stand for infinity.
struct Interval {
  int64_t low = std::numeric_limits<int64_t>::min();
  int64_t high = std::numeric_limits<int64_t>::max();

  bool isEmpty() const { return low > high; }
  bool operator==(const Interval &other) const {
    return low == other.low && high == other.high;
  }
};

/// A polynomial with integer coefficients over atoms, which IndexExprs numbers.
/// Equal polynomials are equal numbers.
class IndexExpr {
public:
  /// Atoms in increasing order, one that is squared twice; none for the
  /// constant term.
  using Monomial = std::vector<unsigned>;
  using Terms = std::map<Monomial, int64_t>;

  IndexExpr() = default;
  IndexExpr(int64_t constant) {
    if (constant)
      terms[{}] = constant;
  }
  explicit IndexExpr(Terms terms) : terms(std::move(terms)) {}

  std::optional<int64_t> getConstant() const {
    if (terms.empty())
      return 0;
    if (terms.size() == 1 && terms.begin()->first.empty())
      return terms.begin()->second;
    return std::nullopt;
  }
  /// The atom that this is, if it is one.
  std::optional<unsigned> getAtom() const {
    if (terms.size() == 1 && terms.begin()->first.size() == 1 &&
        terms.begin()->second == 1)
      return terms.begin()->first.front();
    return std::nullopt;
  }
  const Terms &getTerms() const { return terms; }
  bool operator==(const IndexExpr &other) const { return terms == other.terms; }
  bool operator!=(const IndexExpr &other) const { return terms != other.terms; }
  bool operator<(const IndexExpr &other) const { return terms < other.terms; }

private:
  /// Without coefficients of 0.
  Terms terms;
};

/// What an atom of a polynomial is.
struct IndexAtom {
  enum class Kind { Symbol, Min, Max, FloorDiv, CeilDiv, Select };

  IndexAtom(Value symbol, Interval range) : symbol(symbol), range(range) {}
  IndexAtom(Kind kind, std::vector<IndexExpr> operands, Interval range,
            arith::CmpIPredicate predicate = arith::CmpIPredicate::eq)
      : kind(kind), operands(std::move(operands)), predicate(predicate),
        range(range) {}

  Kind kind = Kind::Symbol;
  /// Of a symbol: any value that is this number.
  Value symbol;
  /// Two, or for `Select` four: `operands[0] predicate operands[1] ?
  /// operands[2] : operands[3]`.
  std::vector<IndexExpr> operands;
  arith::CmpIPredicate predicate = arith::CmpIPredicate::eq;
  Interval range;
};

/// Makes expressions and remembers their atoms. Arithmetic is simplified where
/// the ranges of the atoms prove it. Numbers are taken not to overflow, as
/// dimensions of tensors in memory do not.
class IndexExprs {
public:
  /// A new symbol, different from all others.
  IndexExpr symbol(Value value, Interval range);

  IndexExpr add(const IndexExpr &a, const IndexExpr &b);
  IndexExpr sub(const IndexExpr &a, const IndexExpr &b);
  IndexExpr mul(const IndexExpr &a, const IndexExpr &b);
  IndexExpr min(const IndexExpr &a, const IndexExpr &b);
  IndexExpr max(const IndexExpr &a, const IndexExpr &b);
  /// For divisors that are positive.
  IndexExpr floorDiv(const IndexExpr &a, const IndexExpr &b);
  IndexExpr ceilDiv(const IndexExpr &a, const IndexExpr &b);
  /// a predicate b ? x : y
  IndexExpr select(arith::CmpIPredicate predicate, const IndexExpr &a,
                   const IndexExpr &b, const IndexExpr &x, const IndexExpr &y);

  /// Whether a comparison of signed numbers surely holds, or surely does not.
  std::optional<bool> compare(arith::CmpIPredicate predicate,
                              const IndexExpr &a, const IndexExpr &b) const;

  Interval getRange(const IndexExpr &expr) const;
  const IndexAtom &getAtom(unsigned number) const { return atoms[number]; }
  IndexExpr getAtomExpr(unsigned number) const;

  /// a / b where that is exact without knowing the atoms.
  std::optional<IndexExpr> divideExactly(const IndexExpr &a,
                                         const IndexExpr &b) const;

private:
  IndexExpr intern(IndexAtom atom);
  Interval getMonomialRange(const IndexExpr::Monomial &monomial) const;

  std::vector<IndexAtom> atoms;
};

} // namespace mlir::nnc

#endif // NNC_ANALYSIS_INDEXEXPR_H
