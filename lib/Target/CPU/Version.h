//===----------------------------------------------------------------------===//
// The version that artifacts carry.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TARGET_CPU_VERSION_H
#define NNC_LIB_TARGET_CPU_VERSION_H

#include "llvm/ADT/StringRef.h"

namespace mlir::nnc {

inline constexpr llvm::StringLiteral compilerVersion = "nnc " NNC_VERSION;

} // namespace mlir::nnc

#endif // NNC_LIB_TARGET_CPU_VERSION_H
