//===----------------------------------------------------------------------===//
// Exact polynomials through counts at some sizes.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/CostModel/Polynomial.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::nnc;
using presburger::Fraction;

/// All of a total degree, then those of less: (2,0), (1,1), (0,2), (1,0), ….
std::vector<Polynomial::Monomial> Polynomial::listMonomials(size_t variables,
                                                            unsigned degree) {
  std::vector<Monomial> list;
  Monomial exponents(variables, 0);
  auto enumerate = [&](auto &&self, size_t variable, unsigned left) -> void {
    if (variable + 1 >= variables) {
      if (variables)
        exponents.back() = left;
      list.push_back(exponents);
      return;
    }
    for (unsigned own = left + 1; own-- > 0;) {
      exponents[variable] = own;
      self(self, variable + 1, left - own);
    }
  };
  for (unsigned total = degree + 1; total-- > 0;)
    enumerate(enumerate, 0, total);
  return list;
}

using Row = std::vector<Fraction>;

/// Brings rows of coefficients and a right side to reduced echelon form.
/// Returns whether they determine all coefficients and contradict none.
static bool solve(std::vector<Row> &rows, size_t unknowns) {
  size_t rank = 0;
  for (size_t column = 0; column < unknowns; ++column) {
    size_t pivot = rank;
    while (pivot < rows.size() && rows[pivot][column] == Fraction(0))
      ++pivot;
    if (pivot == rows.size())
      return false;
    std::swap(rows[pivot], rows[rank]);
    Fraction lead = rows[rank][column];
    for (Fraction &entry : rows[rank])
      entry = entry / lead;
    for (size_t other = 0; other < rows.size(); ++other) {
      Fraction factor = rows[other][column];
      if (other == rank || factor == Fraction(0))
        continue;
      for (size_t i = column; i <= unknowns; ++i)
        rows[other][i] = rows[other][i] - factor * rows[rank][i];
    }
    ++rank;
  }
  return llvm::all_of(ArrayRef(rows).drop_front(unknowns), [&](const Row &row) {
    return row.back() == Fraction(0);
  });
}

std::optional<Polynomial> Polynomial::fit(ArrayRef<std::vector<int64_t>> points,
                                          ArrayRef<int64_t> values) {
  constexpr unsigned mostDegree = 3;
  for (unsigned degree = 0; degree <= mostDegree && !points.empty(); ++degree) {
    std::vector<Monomial> monomials =
        listMonomials(points.front().size(), degree);
    if (monomials.size() >= points.size())
      return std::nullopt;
    std::vector<Row> rows;
    for (auto [point, value] : llvm::zip(points, values)) {
      Row &row = rows.emplace_back();
      for (const Monomial &exponents : monomials) {
        Fraction product(1);
        for (auto [size, exponent] : llvm::zip(point, exponents))
          for (unsigned i = 0; i < exponent; ++i)
            product = product * Fraction(size);
        row.push_back(product);
      }
      row.push_back(Fraction(value));
    }
    if (!solve(rows, monomials.size()))
      continue;
    Polynomial result;
    for (auto [monomial, row] : llvm::zip(monomials, rows))
      if (row.back() != Fraction(0))
        result.terms.emplace_back(monomial, row.back());
    return result;
  }
  return std::nullopt;
}

std::string Polynomial::print(ArrayRef<std::string> names) const {
  std::string text;
  llvm::raw_string_ostream stream(text);
  for (const auto &[monomial, coefficient] : terms) {
    bool isNegative = coefficient < Fraction(0);
    Fraction size = isNegative ? -coefficient : coefficient;
    if (!text.empty())
      stream << (isNegative ? " - " : " + ");
    else if (isNegative)
      stream << '-';
    std::vector<std::string> factors;
    for (auto [name, exponent] : llvm::zip(names, monomial))
      if (exponent)
        factors.push_back(
            exponent == 1 ? name : name + "^" + std::to_string(exponent));
    if (size != Fraction(1) || factors.empty()) {
      stream << size.num;
      if (size.den != 1)
        stream << '/' << size.den;
      if (!factors.empty())
        stream << '*';
    }
    llvm::interleave(factors, stream, "*");
  }
  return text.empty() ? "0" : text;
}
