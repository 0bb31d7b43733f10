//===----------------------------------------------------------------------===//
// Eigenvectors of symmetric matrices.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COMPRESSION_SYMMETRICEIGEN_H
#define NNC_COMPRESSION_SYMMETRICEIGEN_H

#include <cstdint>
#include <vector>

namespace mlir::nnc {

/// The eigenvalues of a symmetric matrix [n, n], the largest first. `matrix`
/// becomes the eigenvectors, one a row, in the same order. By Jacobi's
/// rotations (G. Golub and C. van Loan, "Matrix Computations", 8.5).
std::vector<double> decomposeSymmetric(std::vector<double> &matrix, int64_t n);

} // namespace mlir::nnc

#endif // NNC_COMPRESSION_SYMMETRICEIGEN_H
