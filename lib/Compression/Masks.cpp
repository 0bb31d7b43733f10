//===----------------------------------------------------------------------===//
// Which weights of a matrix become 0, and what the others do about it.
//
// Scores: M. Sun et al., "A Simple and Effective Pruning Approach for Large
// Language Models" (Wanda, arXiv 2306.11695); E. Frantar and D. Alistarh,
// "SparseGPT" (arXiv 2301.00774).
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/Masks.h"

#include "llvm/Support/MathExtras.h"
#include <cmath>
#include <numeric>

using namespace mlir;
using namespace mlir::nnc;

double mlir::nnc::getSparsity(const WeightMatrix &matrix) {
  return matrix.values.empty() ? 0
                               : double(llvm::count(matrix.values, 0.0f)) /
                                     double(matrix.values.size());
}

double mlir::nnc::measureError(const WeightMatrix &before,
                               const WeightMatrix &after,
                               const InputGram &gram) {
  int64_t depth = before.depth;
  std::vector<double> moments(depth);
  auto energyOf = [&](ArrayRef<double> row) {
    if (gram.depth == 0)
      return std::inner_product(row.begin(), row.end(), row.begin(), 0.0);
    std::fill(moments.begin(), moments.end(), 0.0);
    for (int64_t i = 0; i < depth; ++i) {
      const double *sums = gram.sums.data() + i * depth;
      for (int64_t j = 0; row[i] != 0 && j < depth; ++j)
        moments[j] += row[i] * sums[j];
    }
    return std::inner_product(row.begin(), row.end(), moments.begin(), 0.0);
  };
  double lost = 0, whole = 0;
  std::vector<double> row(depth), change(depth);
  for (int64_t f = 0; f < before.outputs; ++f) {
    for (int64_t k = 0; k < depth; ++k) {
      row[k] = before.at(f, k);
      change[k] = row[k] - after.at(f, k);
    }
    whole += energyOf(row);
    lost += energyOf(change);
  }
  return whole > 0 ? lost / whole : 0;
}

//===----------------------------------------------------------------------===//
// Choosing among scores
//===----------------------------------------------------------------------===//

namespace {
/// Scores of a part of a matrix: all outputs by `width` of the depth.
struct Scores {
  int64_t outputs, width;
  std::vector<double> values;
  double at(int64_t f, int64_t k) const { return values[f * width + k]; }
};
} // namespace

/// Marks the lowest `count` of `units`, of equal ones the first.
static void markLowest(ArrayRef<double> units, int64_t count,
                       function_ref<void(int64_t)> mark) {
  std::vector<int64_t> order(units.size());
  for (size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  count = std::clamp<int64_t>(count, 0, order.size());
  std::nth_element(order.begin(), order.begin() + count, order.end(),
                   [&](int64_t a, int64_t b) {
                     return std::pair(units[a], a) < std::pair(units[b], b);
                   });
  for (int64_t i = 0; i < count; ++i)
    mark(order[i]);
}

/// True for the elements that go, [outputs, width]. `perRow`: each output loses
/// its own share.
static std::vector<bool> chooseMask(const Scores &scores, const PruneStep &step,
                                    double amount, bool perRow) {
  std::vector<bool> gone(scores.values.size(), false);
  int64_t outputs = scores.outputs, width = scores.width;
  if (step.pattern == PrunePattern::NM) {
    for (int64_t f = 0; f < outputs; ++f)
      for (int64_t k = 0; k < width; k += step.m) {
        int64_t size = std::min(step.m, width - k);
        markLowest(ArrayRef(scores.values).slice(f * width + k, size),
                   size - std::min(step.n, size),
                   [&](int64_t i) { gone[f * width + k + i] = true; });
      }
    return gone;
  }
  bool isBlock = step.pattern == PrunePattern::Block;
  int64_t r = isBlock ? step.blockRows : 1, c = isBlock ? step.blockColumns : 1;
  int64_t high = llvm::divideCeil(outputs, r),
          wide = llvm::divideCeil(width, c);
  std::vector<double> units(high * wide, 0);
  for (int64_t f = 0; f < outputs; ++f)
    for (int64_t k = 0; k < width; ++k)
      units[f / r * wide + k / c] += scores.at(f, k);
  auto mark = [&](int64_t unit) {
    for (int64_t f = unit / wide * r;
         f < std::min(outputs, (unit / wide + 1) * r); ++f)
      for (int64_t k = unit % wide * c;
           k < std::min(width, (unit % wide + 1) * c); ++k)
        gone[f * width + k] = true;
  };
  if (!perRow) {
    markLowest(units, std::llround(amount * double(units.size())), mark);
    return gone;
  }
  for (int64_t row = 0; row < high; ++row)
    markLowest(ArrayRef(units).slice(row * wide, wide),
               std::llround(amount * double(wide)),
               [&](int64_t i) { mark(row * wide + i); });
  return gone;
}

//===----------------------------------------------------------------------===//
// Methods
//===----------------------------------------------------------------------===//

/// Squares of weights, with Wanda times those of their inputs.
static void sparsifyByScores(WeightMatrix &matrix, const PruneStep &step,
                             double amount, const InputGram *gram) {
  Scores scores{matrix.outputs, matrix.depth, {}};
  scores.values.resize(matrix.values.size());
  for (int64_t f = 0; f < matrix.outputs; ++f)
    for (int64_t k = 0; k < matrix.depth; ++k) {
      double weight = matrix.at(f, k);
      scores.values[f * matrix.depth + k] =
          weight * weight * (gram ? gram->at(k, k) : 1.0);
    }
  std::vector<bool> gone = chooseMask(scores, step, amount, gram != nullptr);
  for (size_t i = 0; i < gone.size(); ++i)
    if (gone[i])
      matrix.values[i] = 0;
}

/// The upper Cholesky factor of the inverse of the damped gram, or nothing.
static std::optional<std::vector<double>> factorInverse(const InputGram &gram) {
  int64_t n = gram.depth;
  std::vector<double> factor = gram.sums;
  double mean = 0;
  for (int64_t i = 0; i < n; ++i)
    mean += gram.at(i, i) / double(n);
  // As GPTQ and SparseGPT damp: a hundredth of the mean.
  constexpr double damping = 0.01;
  for (int64_t i = 0; i < n; ++i)
    factor[i * n + i] += damping * mean + (mean > 0 ? 0 : 1);
  if (!factorCholesky(factor, n))
    return std::nullopt;
  std::vector<double> inverse(n * n);
  std::vector<double> unit(n);
  for (int64_t i = 0; i < n; ++i) {
    std::fill(unit.begin(), unit.end(), 0.0);
    unit[i] = 1;
    solveCholesky(factor, n, unit);
    std::copy(unit.begin(), unit.end(), inverse.begin() + i * n);
  }
  // H^-1 = L L^T = U^T U with U = L^T: row k of U has what an error at k does
  // to later columns.
  if (!factorCholesky(inverse, n))
    return std::nullopt;
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < i; ++j)
      std::swap(inverse[i * n + j], inverse[j * n + i]);
  return inverse;
}

/// Column after column; the mask is chosen for 128 columns at a time, and what
/// goes is made up for by the columns behind.
static bool sparsifyByErrors(WeightMatrix &matrix, const PruneStep &step,
                             double amount, const InputGram &gram) {
  std::optional<std::vector<double>> upper = factorInverse(gram);
  if (!upper)
    return false;
  int64_t depth = matrix.depth, outputs = matrix.outputs;
  auto u = [&](int64_t i, int64_t j) { return (*upper)[i * depth + j]; };
  int64_t most = 128;
  if (step.pattern == PrunePattern::NM)
    most = std::max<int64_t>(most / step.m, 1) * step.m;
  if (step.pattern == PrunePattern::Block)
    most = llvm::alignTo(most, step.blockColumns);
  for (int64_t begin = 0; begin < depth; begin += most) {
    int64_t end = std::min(begin + most, depth);
    Scores scores{outputs, end - begin, {}};
    scores.values.resize(outputs * scores.width);
    for (int64_t f = 0; f < outputs; ++f)
      for (int64_t k = begin; k < end; ++k) {
        double weight = matrix.at(f, k) / u(k, k);
        scores.values[f * scores.width + k - begin] = weight * weight;
      }
    std::vector<bool> gone = chooseMask(scores, step, amount, /*perRow=*/false);
    for (int64_t f = 0; f < outputs; ++f)
      for (int64_t k = begin; k < end; ++k) {
        if (!gone[f * scores.width + k - begin])
          continue;
        double error = matrix.at(f, k) / u(k, k);
        matrix.at(f, k) = 0;
        const double *row = upper->data() + k * depth;
        for (int64_t j = k + 1; j < depth; ++j)
          matrix.at(f, j) -= float(error * row[j]);
      }
  }
  return true;
}

bool mlir::nnc::sparsify(WeightMatrix &matrix, const PruneStep &step,
                         double amount, PruneMethod method,
                         const InputGram &gram) {
  if (method == PruneMethod::Auto)
    method = gram.depth ? PruneMethod::SparseGpt : PruneMethod::Magnitude;
  if (method == PruneMethod::SparseGpt)
    return sparsifyByErrors(matrix, step, amount, gram);
  sparsifyByScores(matrix, step, amount,
                   method == PruneMethod::Wanda ? &gram : nullptr);
  return true;
}
