//===----------------------------------------------------------------------===//
// What a schedule needs its arena for, for messages.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TRANSFORMS_ARENANEED_H
#define NNC_TRANSFORMS_ARENANEED_H

#include "mlir/IR/BuiltinOps.h"

#include <optional>
#include <string>

namespace mlir::nnc {

/// Of a module of the schedule phase whose sizes are all known.
struct ArenaNeed {
  /// A kernel result that is alive where the arena is fullest.
  struct Tensor {
    std::string kernel;
    std::vector<std::string> nodes; ///< Of the model.
    int64_t bytes = 0;
  };
  /// The largest sum of bytes alive at one time.
  int64_t bytes = 0;
  std::string kernel;          ///< That runs there.
  std::vector<Tensor> tensors; ///< Alive there, the largest first.
  /// No order of the kernels, even with recomputation, needs less; -1 where
  /// branches and loops leave the order as it is.
  int64_t lowerBound = -1;
};

/// Of the entry function that needs the most; nullopt if there is none of which
/// all sizes are known.
std::optional<ArenaNeed> findArenaNeed(ModuleOp module);

} // namespace mlir::nnc

#endif // NNC_TRANSFORMS_ARENANEED_H
