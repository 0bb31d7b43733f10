//===----------------------------------------------------------------------===//
// What storing weights in few bits is predicted to gain.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_COMPRESSION_WEIGHTGAIN_H
#define NNC_LIB_COMPRESSION_WEIGHTGAIN_H

#include "nnc/Compression/WeightGrid.h"
#include "nnc/CostModel/KernelCost.h"

namespace mlir::nnc {

/// Microseconds of one product.
struct WeightGain {
  double before = 0, after = 0;
};

/// Of `rows` rows by a matrix [depth, columns] of f32, and of the same in
/// `format`, by the model's prediction, when `weightBytes` of the other weights
/// are read from run to run, so that this one is found where caches leave it.
/// nullopt if nothing of the machine is known.
std::optional<WeightGain> predictWeightGain(const CostModel &model,
                                            const WeightFormat &format,
                                            int64_t rows, int64_t depth,
                                            int64_t columns,
                                            int64_t weightBytes);

} // namespace mlir::nnc

#endif // NNC_LIB_COMPRESSION_WEIGHTGAIN_H
