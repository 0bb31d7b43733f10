//===----------------------------------------------------------------------===//
// The solver for weights that may take few values only.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/Hessian.h"

#include "mlir/IR/Threading.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

#include <cmath>
#include <numeric>

using namespace mlir;
using namespace mlir::nnc;

//===----------------------------------------------------------------------===//
// The matrix
//===----------------------------------------------------------------------===//

void Hessian::add(MLIRContext *context, const float *data, int64_t count) {
  // Sums of a batch in f32 lose nothing that matters, and are vectors of twice
  // the width.
  parallelFor(context, 0, size, [&](size_t i) {
    std::vector<float> sums(size - i);
    for (int64_t row = 0; row < count; ++row) {
      const float *own = data + row * size;
      float factor = own[i];
      if (factor == 0)
        continue;
      for (size_t j = 0; j < sums.size(); ++j)
        sums[j] += factor * own[i + j];
    }
    for (size_t j = 0; j < sums.size(); ++j)
      values[i * size + i + j] += sums[j];
  });
  for (int64_t i = 0; i < size; ++i)
    for (int64_t j = 0; j < i; ++j)
      values[i * size + j] = values[j * size + i];
  for (int64_t row = 0; row < count; ++row)
    for (int64_t i = 0; i < size; ++i)
      totals[i] += double(data[row * size + i]);
  rows += count;
}

double Hessian::getMeanDiagonal() const {
  double sum = 0;
  for (int64_t i = 0; i < size; ++i)
    sum += get(i, i);
  return size ? sum / double(size) : 0;
}

double Hessian::measure(llvm::ArrayRef<float> change, int64_t outputs) const {
  double total = 0;
  std::vector<double> products(outputs);
  for (int64_t i = 0; i < size; ++i) {
    llvm::fill(products, 0);
    for (int64_t j = 0; j < size; ++j)
      for (int64_t n = 0; n < outputs; ++n)
        products[n] += get(i, j) * double(change[j * outputs + n]);
    for (int64_t n = 0; n < outputs; ++n)
      total += products[n] * double(change[i * outputs + n]);
  }
  return total;
}

//===----------------------------------------------------------------------===//
// The factor of its inverse
//===----------------------------------------------------------------------===//

/// Calls for [0, count), by threads where it pays.
static void forRows(MLIRContext *context, int64_t count,
                    llvm::function_ref<void(int64_t)> call) {
  constexpr int64_t fewRows = 64;
  if (count > fewRows)
    return parallelFor(context, 0, count, [&](size_t i) { call(i); });
  for (int64_t i = 0; i < count; ++i)
    call(i);
}

/// The upper R of H = R R^T in place of `matrix`; false if it is not positive.
static bool factorize(MLIRContext *context, int64_t size,
                      std::vector<double> &matrix) {
  auto rowOf = [&](int64_t i) { return matrix.data() + i * size; };
  for (int64_t k = size - 1; k >= 0; --k) {
    double pivot = rowOf(k)[k];
    if (!(pivot > 0) || !std::isfinite(pivot))
      return false;
    double root = std::sqrt(pivot);
    // Column k of R, by the symmetric row k, which is not needed after it.
    std::vector<double> column(rowOf(k), rowOf(k) + k);
    for (double &value : column)
      value /= root;
    forRows(context, k, [&](int64_t i) {
      double *row = rowOf(i), factor = column[i];
      for (int64_t j = 0; j < k; ++j)
        row[j] -= factor * column[j];
    });
    for (int64_t i = 0; i < k; ++i) {
      rowOf(i)[k] = column[i];
      rowOf(k)[i] = 0;
    }
    rowOf(k)[k] = root;
  }
  return true;
}

bool mlir::nnc::factorInverse(MLIRContext *context, int64_t size,
                              std::vector<double> &matrix) {
  if (!factorize(context, size, matrix))
    return false;
  // R^-1 by rows from the last.
  std::vector<double> inverse(size * size);
  for (int64_t i = size - 1; i >= 0; --i) {
    double *own = inverse.data() + i * size;
    const double *upper = matrix.data() + i * size;
    double diagonal = 1 / upper[i];
    own[i] = diagonal;
    for (int64_t j = i + 1; j < size; ++j) {
      double factor = -diagonal * upper[j];
      if (factor == 0)
        continue;
      const double *other = inverse.data() + j * size;
      for (int64_t n = j; n < size; ++n)
        own[n] += factor * other[n];
    }
  }
  matrix = std::move(inverse);
  return true;
}

/// H, damped, with its rows and columns in `order`.
static std::vector<double>
permute(const Hessian &hessian, llvm::ArrayRef<int64_t> order, double damping) {
  int64_t size = hessian.getSize();
  std::vector<double> matrix(size * size);
  double mean = hessian.getMeanDiagonal();
  double added = mean > 0 ? damping * mean : 1;
  for (auto [i, from] : llvm::enumerate(order)) {
    for (auto [j, other] : llvm::enumerate(order))
      matrix[i * size + j] = hessian.get(from, other);
    matrix[i * size + i] += added;
  }
  return matrix;
}

//===----------------------------------------------------------------------===//
// The solver
//===----------------------------------------------------------------------===//

namespace {
class WeightSolver {
public:
  WeightSolver(MLIRContext *context, int64_t outputs,
               llvm::MutableArrayRef<float> weight, WeightRule &rule,
               llvm::ArrayRef<int64_t> order, llvm::ArrayRef<double> factor)
      : context(context), outputs(outputs), size(int64_t(order.size())),
        weight(weight), rule(rule), order(order), factor(factor) {}

  void run();

private:
  float *row(int64_t place) { return weight.data() + order[place] * outputs; }
  /// What a miss at a place means for those behind it.
  const double *getFactor(int64_t place) const {
    return factor.data() + place * size;
  }
  void decide(int64_t place, int64_t end, float *misses);

  MLIRContext *context;
  int64_t outputs, size;
  llvm::MutableArrayRef<float> weight;
  WeightRule &rule;
  llvm::ArrayRef<int64_t> order;
  llvm::ArrayRef<double> factor;
};
} // namespace

/// Decides one input; others before place `end` make up for it at once.
void WeightSolver::decide(int64_t place, int64_t end, float *misses) {
  float *own = row(place);
  double diagonal = getFactor(place)[place];
  for (int64_t n = 0; n < outputs; ++n) {
    float chosen = rule.choose(order[place], n, own[n]);
    misses[n] = float((double(own[n]) - double(chosen)) / diagonal);
    own[n] = chosen;
  }
  for (int64_t other = place + 1; other < end; ++other) {
    float share = float(getFactor(place)[other]);
    float *target = row(other);
    for (int64_t n = 0; n < outputs; ++n)
      target[n] -= share * misses[n];
  }
}

/// By blocks: what lies behind a block is corrected once for all of it.
void WeightSolver::run() {
  constexpr int64_t blockInputs = 64;
  int64_t group = rule.getGroup();
  std::vector<double> diagonal(size);
  for (int64_t i = 0; i < size; ++i)
    diagonal[i] = getFactor(i)[i];
  int64_t block = group ? llvm::alignTo(blockInputs, group) : blockInputs;
  std::vector<float> misses(block * outputs);
  for (int64_t begin = 0; begin < size; begin += block) {
    int64_t end = std::min(begin + block, size);
    for (int64_t place = begin; place < end; ++place) {
      if (group && place % group == 0)
        rule.lookAt(place, std::min(place + group, size), order, weight,
                    diagonal);
      decide(place, end, misses.data() + (place - begin) * outputs);
    }
    parallelFor(context, end, size, [&](size_t other) {
      float *target = row(other);
      for (int64_t place = begin; place < end; ++place) {
        float share = float(getFactor(place)[other]);
        const float *own = misses.data() + (place - begin) * outputs;
        for (int64_t n = 0; n < outputs; ++n)
          target[n] -= share * own[n];
      }
    });
  }
}

llvm::Error mlir::nnc::solveWeights(MLIRContext *context,
                                    const Hessian &hessian, int64_t outputs,
                                    llvm::MutableArrayRef<float> weight,
                                    WeightRule &rule,
                                    const WeightSolverOptions &options) {
  std::vector<int64_t> order(hessian.getSize());
  std::iota(order.begin(), order.end(), 0);
  if (options.ordersByActivity)
    llvm::sort(order, [&](int64_t a, int64_t b) {
      return std::pair(-hessian.get(a, a), a) <
             std::pair(-hessian.get(b, b), b);
    });
  std::vector<double> factor = permute(hessian, order, options.damping);
  if (!factorInverse(context, hessian.getSize(), factor))
    return llvm::createStringError(
        llvm::formatv("the inputs' products are not positive with a damping of "
                      "{0}; use a larger damping or more calibration data",
                      options.damping)
            .str());
  WeightSolver(context, outputs, weight, rule, order, factor).run();
  return llvm::Error::success();
}
