//===----------------------------------------------------------------------===//
// How far results may be apart: what roundings do to a model is measured by
// computing it with noise, as Monte Carlo arithmetic does (Parker, 1997).
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/DataIO/Compare.h"
#include "nnc/Runner/Signature.h"
#include "nnc/Smith/Differential.h"

#include <algorithm>
#include <cmath>

using namespace nncsmith;

/// Runs with noise before a difference counts, first and if there still is one.
static constexpr int fewRuns = 6;
static constexpr int manyRuns = 40;
/// What deviations by noise are multiplied by: other orders of sums and
/// Winograd's transforms lose more than noise of two roundings an operator.
static constexpr double margin = 16;

/// What needs no noise to be told from a bug.
static nncio::Tolerance strictTolerance(ElementType type) {
  switch (type) {
  case ElementType::F64:
    return {1e-12, 1e-290, 0};
  case ElementType::F32:
    return {2e-6, 1e-36, 0};
  case ElementType::F16:
    return {1e-3, 1e-7, 0};
  case ElementType::BF16:
    return {8e-3, 1e-36, 0};
  default:
    return {};
  }
}

namespace {
/// How far noise has moved the elements of an output.
class Spread {
public:
  explicit Spread(const Tensor &expected)
      : expected(expected), deviations(size_t(expected.size())) {}

  void add(const Tensor &noisy);
  /// Why `actual` is further off; empty if it is not.
  std::string judge(const Tensor &actual) const;

private:
  const Tensor &expected;
  /// Infinite where noise makes something else of it.
  std::vector<double> deviations;
  bool isUnknown = false;
};
} // namespace

void Spread::add(const Tensor &noisy) {
  if (noisy.shape() != expected.shape()) {
    isUnknown = true;
    return;
  }
  bool isNumber = nncio::isFloat(expected.type());
  for (int64_t i = 0; i < expected.size(); ++i) {
    double value = noisy.getDouble(i), wanted = expected.getDouble(i);
    if (value == wanted || (std::isnan(value) && std::isnan(wanted)))
      continue;
    double deviation = std::fabs(value - wanted);
    if (!isNumber || !std::isfinite(deviation))
      deviation = INFINITY;
    deviations[size_t(i)] = std::max(deviations[size_t(i)], deviation);
  }
}

std::string Spread::judge(const Tensor &actual) const {
  // Of no elements, sizes are what is known of the type.
  if (isUnknown || (expected.empty() && actual.empty()))
    return "";
  double sum = 0, finite = 0;
  for (double deviation : deviations)
    if (std::isfinite(deviation))
      sum += deviation * deviation, finite += 1;
  double usual = finite ? std::sqrt(sum / finite) : 0;
  // What is off where noise was not tried on it is judged by its neighbours.
  Tensor judged = actual;
  for (int64_t i = 0; i < expected.size(); ++i) {
    double wanted = expected.getDouble(i);
    double allowed = margin * std::max(deviations[size_t(i)], usual);
    if (std::fabs(actual.getDouble(i) - wanted) <= allowed ||
        std::isinf(deviations[size_t(i)]))
      judged.setDouble(i, wanted);
  }
  nncio::CompareResult result =
      nncio::compare(judged, expected, strictTolerance(expected.type()));
  return result.ok ? "" : result.text();
}

/// The first output that is further off than some runs with noise allow.
static std::string explainWithNoise(mlir::ModuleOp module,
                                    const Tensors &inputs,
                                    const Tensors &actual,
                                    const Tensors &expected, int runs) {
  std::vector<Spread> spreads(expected.begin(), expected.end());
  Random random{uint64_t(runs)};
  for (int i = 0; i < runs; ++i) {
    Outputs noisy = interpretNoisily(module, inputs, random);
    // Noise may lead to an index that is out of range.
    if (!noisy)
      return "";
    for (size_t j = 0; j < expected.size(); ++j)
      spreads[j].add((*noisy)[j]);
  }
  for (size_t j = 0; j < expected.size(); ++j) {
    std::string reason = spreads[j].judge(actual[j]);
    if (!reason.empty())
      return "output " + std::to_string(j) + ": " + reason;
  }
  return "";
}

/// Whether values are of the same type, and none is a sequence.
static bool areTensors(const Tensor &a, const Tensor &b) {
  return !a.isSequence() && !a.isAbsent() && !b.isSequence() && !b.isAbsent() &&
         a.type() == b.type();
}

std::string nncsmith::explainDifference(mlir::ModuleOp module,
                                        const Tensors &inputs,
                                        const Tensors &actual,
                                        const Tensors &expected) {
  bool isClose = true;
  for (size_t i = 0; i < expected.size(); ++i) {
    std::string name = "output " + std::to_string(i);
    if (!areTensors(actual[i], expected[i]))
      return name + " is of another type";
    nncio::CompareResult result = nncio::compare(
        actual[i], expected[i], strictTolerance(expected[i].type()));
    isClose &= result.ok;
  }
  if (isClose)
    return "";
  // Sizes that differ by noise alone leave nothing to compare, nor do those of
  // no elements: a loop without iterations knows what its type says.
  bool sameShapes = true;
  for (size_t i = 0; i < expected.size(); ++i)
    sameShapes &= actual[i].shape() == expected[i].shape() ||
                  (actual[i].empty() && expected[i].empty());
  if (!sameShapes) {
    Random random(1);
    for (int i = 0; i < fewRuns; ++i) {
      Outputs noisy = interpretNoisily(module, inputs, random);
      for (size_t j = 0; j < expected.size(); ++j)
        if (!noisy || (*noisy)[j].shape() != expected[j].shape())
          return "";
    }
    return "an output has another shape";
  }
  if (explainWithNoise(module, inputs, actual, expected, fewRuns).empty())
    return "";
  return explainWithNoise(module, inputs, actual, expected, manyRuns);
}
