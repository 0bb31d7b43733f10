//===----------------------------------------------------------------------===//
// Whether fewer bits make a product faster.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_COMPRESSION_QUANTIZECOST_H
#define NNC_LIB_COMPRESSION_QUANTIZECOST_H

#include "Products.h"
#include "nnc/CostModel/KernelCost.h"

namespace mlir::nnc {

/// Microseconds of one product, with the conversions beside it; nullopt where
/// the machine is not known well enough.
struct ProductCosts {
  std::optional<double> floatUs, quantizedUs;
};

/// `bits` of data and weights: 8 or 16. `weightBytes` are those of all products
/// of the model, which decides where they come from in a run of many. Sizes
/// that are not known count as 1 (the first axis, of samples) or 128.
ProductCosts estimateProduct(const ProductLayer &layer, unsigned bits,
                             const CostModel &model, double weightBytes);

} // namespace mlir::nnc

#endif // NNC_LIB_COMPRESSION_QUANTIZECOST_H
