//===----------------------------------------------------------------------===//
// Eigenvectors of symmetric matrices by Jacobi's rotations.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/SymmetricEigen.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

/// Rows p and q of [n, n] by the angle of cosine `c` and sine `s`.
static void rotateRows(std::vector<double> &matrix, int64_t n, int64_t p,
                       int64_t q, double c, double s) {
  double *a = matrix.data() + p * n, *b = matrix.data() + q * n;
  for (int64_t k = 0; k < n; ++k) {
    double x = a[k], y = b[k];
    a[k] = c * x - s * y;
    b[k] = s * x + c * y;
  }
}

/// Makes entry (p, q) of the matrix 0.
static void rotate(std::vector<double> &matrix, std::vector<double> &vectors,
                   int64_t n, int64_t p, int64_t q) {
  double apq = matrix[p * n + q];
  double theta = (matrix[q * n + q] - matrix[p * n + p]) / (2 * apq);
  double t =
      (theta >= 0 ? 1 : -1) / (std::fabs(theta) + std::sqrt(theta * theta + 1));
  double c = 1 / std::sqrt(t * t + 1), s = t * c;
  rotateRows(matrix, n, p, q, c, s);
  for (int64_t k = 0; k < n; ++k) {
    double &x = matrix[k * n + p], &y = matrix[k * n + q];
    double old = x;
    x = c * old - s * y;
    y = s * old + c * y;
  }
  rotateRows(vectors, n, p, q, c, s);
}

std::vector<double> mlir::nnc::decomposeSymmetric(std::vector<double> &matrix,
                                                  int64_t n) {
  constexpr int mostSweeps = 30;
  constexpr double tolerance = 1e-12;
  std::vector<double> vectors(n * n, 0);
  for (int64_t i = 0; i < n; ++i)
    vectors[i * n + i] = 1;
  for (int sweep = 0; sweep < mostSweeps; ++sweep) {
    double beside = 0, on = 0;
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < n; ++j)
        (i == j ? on : beside) += matrix[i * n + j] * matrix[i * n + j];
    if (beside <= tolerance * tolerance * on)
      break;
    // Small entries wait until the large ones are gone.
    double least = sweep < 3 ? 0.2 * std::sqrt(beside) / double(n) : 0;
    for (int64_t p = 0; p < n; ++p)
      for (int64_t q = p + 1; q < n; ++q)
        if (std::fabs(matrix[p * n + q]) > least)
          rotate(matrix, vectors, n, p, q);
  }
  std::vector<int64_t> order(n);
  for (int64_t i = 0; i < n; ++i)
    order[i] = i;
  llvm::sort(order, [&](int64_t a, int64_t b) {
    return std::pair(-matrix[a * n + a], a) < std::pair(-matrix[b * n + b], b);
  });
  std::vector<double> values(n);
  std::vector<double> sorted(n * n);
  for (int64_t i = 0; i < n; ++i) {
    values[i] = matrix[order[i] * n + order[i]];
    std::copy_n(vectors.begin() + order[i] * n, n, sorted.begin() + i * n);
  }
  matrix = std::move(sorted);
  return values;
}
