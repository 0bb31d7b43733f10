//===----------------------------------------------------------------------===//
// Weights of products in few bits; data and results stay what they are.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COMPRESSION_WEIGHTONLY_H
#define NNC_COMPRESSION_WEIGHTONLY_H

#include "nnc/Compression/Observe.h"
#include "nnc/Compression/WeightGrid.h"
#include "nnc/CostModel/KernelCost.h"

namespace mlir::nnc {

/// How the values that weights take are found.
enum class WeightMethod {
  Nearest, ///< The largest weight of a group decides, each goes to the nearest.
  Search,  ///< Scales with the least squared error, each to the nearest.
  GPTQ     ///< What one weight misses, others of its column make up for.
};

struct WeightQuantization {
  WeightFormat format;
  WeightMethod method = WeightMethod::Search;
  /// For GPTQ: decide the inputs that vary most first, with scales found
  /// before.
  bool ordersByActivity = false;
  double damping = 0.01;
  /// A product that is predicted to take longer than before by more than this
  /// share stays as it is.
  double mostSlowdown = 0.1;
};

/// Brings the constant f32 matrices of products in `module` (graph phase) into
/// the format. `data` is what GPTQ and the search look at; null: the search
/// counts all weights alike, and GPTQ is an error. A remark for each product
/// says what was done and what it changes, or why nothing was done. Returns how
/// many products were changed.
llvm::Expected<int64_t> quantizeWeights(ModuleOp module,
                                        const WeightQuantization &options,
                                        const CostModel &model,
                                        const DataSet *data = nullptr);

/// Reads "int4-weights", "int8-weights", "fp8-weights", "bf16", "fp16", also
/// "int2-weights" and "int3-weights"; nullopt for other names.
std::optional<WeightFormat> parseWeightFormat(llvm::StringRef name);

} // namespace mlir::nnc

#endif // NNC_COMPRESSION_WEIGHTONLY_H
