//===----------------------------------------------------------------------===//
// Weights and weighted sums of interpolation.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Interpolation.h"

using namespace mlir;
using namespace mlir::nnc;

/// The polynomial with these coefficients, highest power first.
static Value polynomial(ScalarBuilder &s, Value x, ArrayRef<double> terms) {
  Value sum = s.numberLike(x, terms.front());
  for (double term : terms.drop_front())
    sum = s.add(s.mul(sum, x), s.numberLike(x, term));
  return sum;
}

SmallVector<Value> mlir::nnc::interpolationWeights(ScalarBuilder &s,
                                                   nn::Interpolation mode,
                                                   Value x, double a) {
  Value rest = s.sub(x, s.floor(x));
  Value other = s.sub(s.numberLike(x, 1), rest);
  if (mode != nn::Interpolation::cubic)
    return {other, rest};
  auto near = [&](Value distance) {
    return polynomial(s, distance, {a + 2, -(a + 3), 0, 1});
  };
  auto far = [&](Value distance) {
    Value beyond = s.add(distance, s.numberLike(x, 1));
    return polynomial(s, beyond, {a, -5 * a, 8 * a, -4 * a});
  };
  return {far(rest), near(rest), near(other), far(other)};
}

void mlir::nnc::excludeOutside(ScalarBuilder &s, Value base, Value last,
                               MutableArrayRef<Value> weights) {
  Value zero = s.numberLike(base, 0), sum = zero;
  SmallVector<Value> kept;
  for (auto [tap, weight] : llvm::enumerate(weights)) {
    double offset = double(tap) - (weights.size() == 4 ? 1 : 0);
    Value place = s.add(base, s.numberLike(base, offset));
    Value isIn = s.both(s.lessEqual(zero, place), s.lessEqual(place, last));
    kept.push_back(s.select(isIn, weight, zero));
    sum = s.add(sum, kept.back());
  }
  Value isNothing = s.equal(sum, zero);
  for (auto [weight, own] : llvm::zip(weights, kept))
    weight = s.select(isNothing, weight, s.div(own, sum));
}

Value mlir::nnc::sumReads(ScalarBuilder &s, Value tensor,
                          MutableArrayRef<Value> indices,
                          ArrayRef<AxisReads> reads, Type type,
                          bool isUnsigned) {
  if (reads.empty()) {
    Value element = s.load(tensor, indices);
    return type ? s.convert(element, type, isUnsigned) : element;
  }
  const AxisReads &own = reads.front();
  Value sum;
  for (auto [i, place] : llvm::enumerate(own.places)) {
    Value before = indices[own.axis];
    indices[own.axis] = place;
    Value part =
        sumReads(s, tensor, indices, reads.drop_front(), type, isUnsigned);
    indices[own.axis] = before;
    if (!own.weights.empty())
      part = s.mul(part, own.weights[i]);
    sum = sum ? s.add(sum, part) : part;
  }
  return sum;
}
