//===----------------------------------------------------------------------===//
// Comparison of tensors under a tolerance.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/DataIO/Compare.h"

#include "TensorBytes.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace nncio {

static constexpr double infinity = std::numeric_limits<double>::infinity();

static std::string numberText(double value) {
  char buffer[40];
  std::snprintf(buffer, sizeof(buffer), "%.9g", value);
  return buffer;
}

static std::string elementText(const Tensor &tensor, int64_t index) {
  if (tensor.type() == ElementType::String) {
    const std::string text = tensor.strings()[static_cast<size_t>(index)];
    constexpr size_t shown = 60;
    return "'" + text.substr(0, shown) + (text.size() > shown ? "...'" : "'");
  }
  if (isFloat(tensor.type()))
    return numberText(tensor.getDouble(index));
  const int64_t value = tensor.getInt(index);
  return isUnsigned(tensor.type())
             ? std::to_string(static_cast<uint64_t>(value))
             : std::to_string(value);
}

static std::string placeText(const std::vector<int64_t> &shape, int64_t index) {
  std::string text;
  for (size_t d = shape.size(); d-- > 0; index /= shape[d])
    text = std::to_string(index % shape[d]) + (text.empty() ? "" : ", ") + text;
  return "[" + text + "]";
}

/// |a - e| of two integers, without overflow.
static double exactDistance(const Tensor &actual, const Tensor &expected,
                            int64_t index) {
  const int64_t a = actual.getInt(index);
  const int64_t e = expected.getInt(index);
  const uint64_t ua = static_cast<uint64_t>(a);
  const uint64_t ue = static_cast<uint64_t>(e);
  const bool greater = isUnsigned(actual.type()) ? ua > ue : a > e;
  return static_cast<double>(greater ? ua - ue : ue - ua);
}

static double maxFiniteMagnitude(const Tensor &tensor) {
  double result = 0;
  for (int64_t i = 0; i < tensor.size(); ++i) {
    const double magnitude = std::fabs(tensor.getDouble(i));
    if (std::isfinite(magnitude))
      result = std::max(result, magnitude);
  }
  return result;
}

/// |a - e|, where NaNs and infinities are at distance 0 from their like and
/// infinitely far from everything else.
static double distance(double a, double e) {
  if (std::isfinite(a) && std::isfinite(e))
    return std::fabs(a - e);
  const bool same = a == e || (std::isnan(a) && std::isnan(e));
  return same ? 0 : infinity;
}

static void describeWorst(CompareResult &result, const Tensor &actual,
                          const Tensor &expected) {
  if (result.worstIndex < 0)
    return;
  result.worstPlace = placeText(expected.shape(), result.worstIndex);
  result.worstActual = actual.getDouble(result.worstIndex);
  result.worstExpected = expected.getDouble(result.worstIndex);
  result.worstActualText = elementText(actual, result.worstIndex);
  result.worstExpectedText = elementText(expected, result.worstIndex);
}

static void compareStrings(CompareResult &result, const Tensor &actual,
                           const Tensor &expected) {
  const std::vector<std::string> found = actual.strings();
  const std::vector<std::string> wanted = expected.strings();
  for (int64_t i = 0; i < expected.size(); ++i) {
    const size_t at = static_cast<size_t>(i);
    if (found[at] == wanted[at])
      continue;
    if (result.mismatches++ == 0)
      result.worstIndex = i;
  }
  if (result.worstIndex < 0 && !expected.empty())
    result.worstIndex = 0;
  result.sqnr = result.mismatches == 0 ? infinity : -infinity;
}

namespace {

/// Gathers the statistics of a comparison element by element.
class NumberStatistics {
public:
  /// `scale`: the largest magnitude, so that sums of squares stay in range.
  NumberStatistics(CompareResult &result, double scale)
      : result(result), scale(scale) {}

  /// An element at distance `d` from the expected `e`.
  void add(int64_t index, double e, double d, double allowed) {
    const bool passes = d <= allowed;
    // A mismatch ranks by how far it is over the limit, all else below it by
    // the distance alone. Only a limit that is no number makes a NaN here.
    double rank = passes ? d : d - allowed;
    if (std::isnan(rank))
      rank = infinity;
    const bool firstMismatch = !passes && result.mismatches == 0;
    const bool comparable = passes == (result.mismatches == 0);
    if (result.worstIndex < 0 || firstMismatch ||
        (comparable && rank > worstRank)) {
      result.worstIndex = index;
      worstRank = rank;
    }
    result.mismatches += passes ? 0 : 1;
    result.maxAbs = std::max(result.maxAbs, d);
    if (e != 0 && d != 0)
      result.maxRel =
          std::max(result.maxRel, std::isfinite(e) ? d / std::fabs(e) : d);
    if (std::isfinite(e))
      signal += (e / scale) * (e / scale);
    noise += (d / scale) * (d / scale);
  }

  void finish() {
    result.sqnr = noise == 0 ? infinity : 10 * std::log10(signal / noise);
  }

private:
  CompareResult &result;
  double scale;
  double signal = 0;
  double noise = 0;
  double worstRank = 0;
};

} // namespace

static void compareNumbers(CompareResult &result, const Tensor &actual,
                           const Tensor &expected, const Tolerance &tolerance) {
  const double largest = maxFiniteMagnitude(expected);
  const bool exact = !isFloat(expected.type()) && tolerance.rtol == 0 &&
                     tolerance.atol == 0 && tolerance.atolOfMax == 0;
  const double fixed = tolerance.atol + tolerance.atolOfMax * largest;
  NumberStatistics statistics(result, largest > 0 ? largest : 1);
  for (int64_t i = 0; i < expected.size(); ++i) {
    const double e = expected.getDouble(i);
    const double d = exact ? exactDistance(actual, expected, i)
                           : distance(actual.getDouble(i), e);
    const double allowed =
        std::isfinite(e) ? fixed + tolerance.rtol * std::fabs(e) : 0;
    statistics.add(i, e, d, allowed);
  }
  statistics.finish();
}

static const char *kindText(const Tensor &value) {
  return value.isSequence() ? "a sequence"
         : value.isAbsent() ? "an absent value"
                            : "a tensor";
}

/// The first element that differs, or the last one.
static CompareResult compareSequences(const Tensor &actual,
                                      const Tensor &expected,
                                      const Tolerance &tolerance) {
  CompareResult result;
  const size_t count = expected.elements().size();
  if (actual.elements().size() != count) {
    result.mismatch = "expected " + std::to_string(count) +
                      " elements, but found " +
                      std::to_string(actual.elements().size());
    return result;
  }
  result.ok = true;
  for (size_t i = 0; result.ok && i < count; ++i) {
    result = compare(actual.elements()[i], expected.elements()[i], tolerance);
    if (!result.ok && !result.mismatch.empty())
      result.mismatch = "element " + std::to_string(i) + ": " + result.mismatch;
  }
  return result;
}

CompareResult compare(const Tensor &actual, const Tensor &expected,
                      const Tolerance &tolerance) {
  CompareResult result;
  if (actual.isSequence() != expected.isSequence() ||
      actual.isAbsent() != expected.isAbsent()) {
    result.mismatch = std::string("expected ") + kindText(expected) +
                      ", but found " + kindText(actual);
    return result;
  }
  if (expected.isSequence())
    return compareSequences(actual, expected, tolerance);
  if (expected.isAbsent()) {
    result.ok = true;
    return result;
  }
  if (actual.type() != expected.type())
    result.mismatch = std::string("expected type ") +
                      elementName(expected.type()) + ", but found " +
                      elementName(actual.type());
  else if (actual.shape() != expected.shape())
    result.mismatch = "expected shape " + shapeText(expected.shape()) +
                      ", but found " + shapeText(actual.shape());
  else if (expected.type() == ElementType::Undefined)
    result.mismatch = "expected a tensor, but found none";
  if (!result.mismatch.empty())
    return result;
  result.elements = expected.size();
  if (expected.type() == ElementType::String)
    compareStrings(result, actual, expected);
  else
    compareNumbers(result, actual, expected, tolerance);
  result.ok = result.mismatches == 0;
  describeWorst(result, actual, expected);
  return result;
}

std::string CompareResult::text() const {
  if (!mismatch.empty())
    return mismatch;
  const std::string statistics = "max abs " + numberText(maxAbs) +
                                 ", max rel " + numberText(maxRel) + ", SQNR " +
                                 numberText(sqnr) + " dB";
  if (ok)
    return std::to_string(elements) + " elements agree, " + statistics;
  return std::to_string(mismatches) + " of " + std::to_string(elements) +
         " elements differ, worst at " + worstPlace + ": found " +
         worstActualText + ", expected " + worstExpectedText + "; " +
         statistics;
}

} // namespace nncio
