//===----------------------------------------------------------------------===//
// Functions of f64 for GPUs, which have no library.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TARGET_GPU_WIDEMATH_H
#define NNC_LIB_TARGET_GPU_WIDEMATH_H

#include "llvm/IR/Module.h"

namespace mlir::nnc {

/// Replaces the intrinsics exp, exp2, log, log2, log10, pow, sin and cos of
/// double by functions of the module, of arithmetic alone. Series by Taylor are
/// as long as double is precise; pow with an exponent of a whole number below
/// 128 multiplies, so whole numbers stay whole. Angles beyond 2^30 lose digits.
void expandWideMath(llvm::Module &module);

} // namespace mlir::nnc

#endif // NNC_LIB_TARGET_GPU_WIDEMATH_H
