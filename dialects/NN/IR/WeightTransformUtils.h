//===----------------------------------------------------------------------===//
// Shared by the transforms of weights.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_NN_IR_WEIGHTTRANSFORMUTILS_H
#define NNC_DIALECTS_NN_IR_WEIGHTTRANSFORMUTILS_H

#include "mlir/IR/Attributes.h"
#include "mlir/IR/Types.h"
#include <string>

namespace mlir::nnc::nn::detail {

/// As the textual form prints it, for messages.
std::string describe(Attribute attr);
std::string describe(Type type);

/// Floats of 16, 32 or 64 bits.
bool isComputedFloat(Type type);

} // namespace mlir::nnc::nn::detail

#endif // NNC_DIALECTS_NN_IR_WEIGHTTRANSFORMUTILS_H
