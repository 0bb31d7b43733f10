//===----------------------------------------------------------------------===//
// Weights that may take few values only, chosen so that a layer's results
// change least: one solver, of which each compression is a rule.
//
// For a layer y = x W with inputs x as rows of X the change of the results is
// tr(D^T H D) with H = X^T X and D the change of W. Inputs are decided one by
// one; what the values of one miss is made up for by those that are not decided
// yet: E. Frantar et al., "GPTQ", ICLR 2023 (arXiv 2210.17323), and E. Frantar
// and D. Alistarh, "SparseGPT", ICML 2023 (arXiv 2301.00774).
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COMPRESSION_HESSIAN_H
#define NNC_COMPRESSION_HESSIAN_H

#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <vector>

namespace mlir::nnc {

/// X^T X of the rows that a layer has read, symmetric, and their sum.
class Hessian {
public:
  explicit Hessian(int64_t size = 0)
      : size(size), values(size * size), totals(size) {}

  /// Adds `count` rows of getSize() numbers each, sharing the work between the
  /// threads of `context`.
  void add(MLIRContext *context, const float *rows, int64_t count);

  int64_t getSize() const { return size; }
  int64_t countRows() const { return rows; }
  double get(int64_t i, int64_t j) const { return values[i * size + j]; }
  void set(int64_t i, int64_t j, double value) { values[i * size + j] = value; }
  /// False if nothing is known of the inputs.
  bool isKnown() const { return size > 0 && rows > 0; }
  /// Of an input, over all rows.
  double getMean(int64_t i) const {
    return rows ? totals[i] / double(rows) : 0;
  }
  /// The products of inputs without their means.
  double getCentered(int64_t i, int64_t j) const {
    return get(i, j) - totals[i] * getMean(j);
  }
  /// The mean of the diagonal; 0 without any rows.
  double getMeanDiagonal() const;

  /// tr(D^T H D) of `change`, [size, outputs].
  double measure(llvm::ArrayRef<float> change, int64_t outputs) const;

private:
  int64_t size, rows = 0;
  std::vector<double> values, totals;
};

/// Replaces a symmetric positive matrix [size, size], by rows, by the upper U
/// of its inverse U^T U; false if it is not positive, and then spoilt.
bool factorInverse(MLIRContext *context, int64_t size,
                   std::vector<double> &matrix);

/// Which values weights may take. `input` is a row of W, `output` a column.
class WeightRule {
public:
  virtual ~WeightRule() = default;

  /// Inputs that are looked at together before the first of them is decided; 0:
  /// none.
  virtual int64_t getGroup() const { return 0; }

  /// Looks at the inputs [begin, end) of the order in which they are decided.
  /// `weight` is [size, outputs] with what earlier inputs have missed added;
  /// `inputs[i]` is the row that place i of the order stands for. `factor[i]`
  /// is what divides a miss at place i: its square tells how much more a miss
  /// costs where it is small.
  virtual void lookAt(int64_t begin, int64_t end,
                      llvm::ArrayRef<int64_t> inputs,
                      llvm::ArrayRef<float> weight,
                      llvm::ArrayRef<double> factor) {}

  /// The value that weight (input, output) takes in place of `wanted`.
  virtual float choose(int64_t input, int64_t output, float wanted) = 0;
};

struct WeightSolverOptions {
  /// Added to the diagonal, as a share of its mean.
  double damping = 0.01;
  /// Inputs that vary most come first, while others can make up for them.
  bool ordersByActivity = false;
};

/// Replaces `weight`, [hessian.getSize(), outputs], by what `rule` allows.
/// Inputs that never were other than 0 do not matter and are chosen as if
/// alone. An error if the matrix is not positive even with damping.
llvm::Error solveWeights(MLIRContext *context, const Hessian &hessian,
                         int64_t outputs, llvm::MutableArrayRef<float> weight,
                         WeightRule &rule,
                         const WeightSolverOptions &options = {});

} // namespace mlir::nnc

#endif // NNC_COMPRESSION_HESSIAN_H
