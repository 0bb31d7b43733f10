//===----------------------------------------------------------------------===//
// Comparison of a computed tensor with the expected one.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DATAIO_COMPARE_H
#define NNC_DATAIO_COMPARE_H

#include "nnc/DataIO/Tensor.h"

namespace nncio {

/// An element passes if |a - e| <= atol + rtol*|e| + atolOfMax*max|e|, with the
/// maximum over the finite expected elements.
struct Tolerance {
  double rtol = 0;
  double atol = 0;
  double atolOfMax = 0;
};

struct CompareResult {
  bool ok = false;
  /// Why elements could not be compared: types or shapes differ.
  std::string mismatch;
  int64_t elements = 0;
  int64_t mismatches = 0;
  /// Row-major index of the element furthest over what is allowed, or, when all
  /// pass, furthest from the expected one; -1 without elements.
  int64_t worstIndex = -1;
  double worstActual = 0;
  double worstExpected = 0;
  /// The worst element as text, exact for integers and strings.
  std::string worstActualText;
  std::string worstExpectedText;
  /// Over the numeric elements; infinity where one of a pair is not finite and
  /// the other differs.
  double maxAbs = 0;
  /// Likewise, relative to |e|, over the elements with e != 0.
  double maxRel = 0;
  /// Signal to quantization noise in dB: infinity without any difference,
  /// -infinity where one of a pair is not finite and the other differs, or
  /// without signal.
  double sqnr = 0;
  /// The worst element's place, e.g. "[0, 2]".
  std::string worstPlace;

  /// One line for people.
  std::string text() const;
};

/// NaN equals NaN and infinities of one sign are equal. Integers and bool are
/// compared exactly when all tolerances are 0, strings always.
CompareResult compare(const Tensor &actual, const Tensor &expected,
                      const Tolerance &tolerance);

} // namespace nncio

#endif // NNC_DATAIO_COMPARE_H
