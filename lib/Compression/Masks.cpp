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

/// [depth, outputs], as the solver has weights.
static std::vector<float> transpose(const WeightMatrix &matrix) {
  std::vector<float> result(matrix.values.size());
  for (int64_t f = 0; f < matrix.outputs; ++f)
    for (int64_t k = 0; k < matrix.depth; ++k)
      result[k * matrix.outputs + f] = matrix.at(f, k);
  return result;
}

double mlir::nnc::measureError(const WeightMatrix &before,
                               const WeightMatrix &after,
                               const Hessian &hessian) {
  std::vector<float> whole = transpose(before), change = transpose(after);
  for (auto [old, value] : llvm::zip(whole, change))
    value -= old;
  auto energyOf = [&](ArrayRef<float> values) {
    if (hessian.getSize())
      return hessian.measure(values, before.outputs);
    return std::inner_product(values.begin(), values.end(), values.begin(),
                              0.0);
  };
  double energy = energyOf(whole);
  return energy > 0 ? energyOf(change) / energy : 0;
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
                             double amount, const Hessian *hessian) {
  Scores scores{matrix.outputs, matrix.depth, {}};
  scores.values.resize(matrix.values.size());
  for (int64_t f = 0; f < matrix.outputs; ++f)
    for (int64_t k = 0; k < matrix.depth; ++k) {
      double weight = matrix.at(f, k);
      scores.values[f * matrix.depth + k] =
          weight * weight * (hessian ? hessian->get(k, k) : 1.0);
    }
  std::vector<bool> gone = chooseMask(scores, step, amount, hessian != nullptr);
  for (size_t i = 0; i < gone.size(); ++i)
    if (gone[i])
      matrix.values[i] = 0;
}

namespace {
/// The mask is chosen for some 128 inputs at a time, by what the loss of a
/// weight costs once the inputs behind it have made up for it; they do so
/// because the solver goes on with what was chosen. SparseGPT.
class MaskRule : public WeightRule {
public:
  MaskRule(const PruneStep &step, double amount, int64_t outputs)
      : step(step), amount(amount), outputs(outputs) {}

  int64_t getGroup() const override {
    constexpr int64_t many = 128;
    if (step.pattern == PrunePattern::NM)
      return std::max<int64_t>(many / step.m, 1) * step.m;
    if (step.pattern == PrunePattern::Block)
      return llvm::alignTo(many, step.blockColumns);
    return many;
  }
  /// Inputs are in their own order, of which blocks and patterns are parts.
  void lookAt(int64_t begin, int64_t end, ArrayRef<int64_t> inputs,
              ArrayRef<float> weight, ArrayRef<double> factor) override {
    first = begin;
    Scores scores{outputs, end - begin, {}};
    scores.values.resize(outputs * scores.width);
    for (int64_t k = begin; k < end; ++k)
      for (int64_t f = 0; f < outputs; ++f) {
        double loss = weight[inputs[k] * outputs + f] / factor[k];
        scores.values[f * scores.width + k - begin] = loss * loss;
      }
    gone = chooseMask(scores, step, amount, /*perRow=*/false);
    width = scores.width;
  }
  float choose(int64_t input, int64_t output, float wanted) override {
    return gone[output * width + input - first] ? 0 : wanted;
  }

private:
  const PruneStep &step;
  double amount;
  int64_t outputs, first = 0, width = 0;
  std::vector<bool> gone;
};
} // namespace

bool mlir::nnc::sparsify(MLIRContext *context, WeightMatrix &matrix,
                         const PruneStep &step, double amount,
                         PruneMethod method, const Hessian &hessian) {
  if (method == PruneMethod::Auto)
    method =
        hessian.getSize() ? PruneMethod::SparseGpt : PruneMethod::Magnitude;
  if (method != PruneMethod::SparseGpt) {
    sparsifyByScores(matrix, step, amount,
                     method == PruneMethod::Wanda ? &hessian : nullptr);
    return true;
  }
  std::vector<float> weight = transpose(matrix);
  MaskRule rule(step, amount, matrix.outputs);
  if (llvm::errorToBool(
          solveWeights(context, hessian, matrix.outputs, weight, rule)))
    return false;
  for (int64_t f = 0; f < matrix.outputs; ++f)
    for (int64_t k = 0; k < matrix.depth; ++k)
      matrix.at(f, k) = weight[k * matrix.outputs + f];
  return true;
}
