//===----------------------------------------------------------------------===//
// The total order of elements that search and sorting use.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_NN_IR_ELEMENTORDER_H
#define NNC_DIALECTS_NN_IR_ELEMENTORDER_H

#include "nnc/DataIO/Tensor.h"
#include <cmath>

namespace mlir::nnc::nn {

/// -1, 0 or 1 as element `i` is below, equal to or above element `j` of
/// `tensor`. NaN is above every number and equal to NaN.
inline int compareElements(const nncio::Tensor &tensor, int64_t i, int64_t j) {
  if (nncio::isFloat(tensor.type())) {
    double a = tensor.getDouble(i), b = tensor.getDouble(j);
    if (std::isnan(a) || std::isnan(b))
      return int(std::isnan(a)) - int(std::isnan(b));
    return int(a > b) - int(a < b);
  }
  int64_t a = tensor.getInt(i), b = tensor.getInt(j);
  if (nncio::isUnsigned(tensor.type()))
    return int(uint64_t(a) > uint64_t(b)) - int(uint64_t(a) < uint64_t(b));
  return int(a > b) - int(a < b);
}

/// A tensor seen as [outer, size, inner] around one axis.
struct AxisView {
  int64_t outer = 1, size = 1, inner = 1;

  /// Around `axis`; all elements along one axis without.
  static AxisView of(const std::vector<int64_t> &shape, int64_t axis) {
    AxisView view;
    for (size_t i = 0; i < shape.size(); ++i)
      (int64_t(i) < axis   ? view.outer
       : int64_t(i) > axis ? view.inner
                           : view.size) *= shape[i];
    return view;
  }
  /// The row-major position of an element.
  int64_t at(int64_t o, int64_t i, int64_t r) const {
    return (o * size + i) * inner + r;
  }
};

} // namespace mlir::nnc::nn

#endif // NNC_DIALECTS_NN_IR_ELEMENTORDER_H
