//===----------------------------------------------------------------------===//
// Exact polynomials through counts at some sizes.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COSTMODEL_POLYNOMIAL_H
#define NNC_COSTMODEL_POLYNOMIAL_H

#include "mlir/Analysis/Presburger/Fraction.h"
#include "mlir/Support/LLVM.h"
#include "llvm/ADT/ArrayRef.h"

#include <optional>
#include <string>
#include <vector>

namespace mlir::nnc {

/// A polynomial of several variables with rational coefficients.
class Polynomial {
public:
  /// The one of least total degree, 3 at most, that goes through all points.
  /// Each row of `points` has a size a variable. nullopt if there is none, or
  /// if there are no more points than coefficients: one at least has to confirm
  /// what the others say.
  static std::optional<Polynomial> fit(ArrayRef<std::vector<int64_t>> points,
                                       ArrayRef<int64_t> values);

  /// "2*T^2 + 3/2*B*T - 5", the highest degree first; "0" if it is that.
  std::string print(ArrayRef<std::string> names) const;

private:
  /// Exponents of the variables.
  using Monomial = std::vector<unsigned>;

  static std::vector<Monomial> listMonomials(size_t variables, unsigned degree);

  std::vector<std::pair<Monomial, presburger::Fraction>> terms;
};

} // namespace mlir::nnc

#endif // NNC_COSTMODEL_POLYNOMIAL_H
