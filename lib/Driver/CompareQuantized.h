//===----------------------------------------------------------------------===//
// nnc compare for quantized forms: what each product loses.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DRIVER_COMPAREQUANTIZED_H
#define NNC_LIB_DRIVER_COMPAREQUANTIZED_H

#include "Compile.h"

namespace mlir::nnc::driver {

/// Quantizes `module`, as imported, by the options in `arguments`, and tells of
/// each product what was decided, what it loses and what it brings, and of each
/// output what all of them lose together. Losses are no difference: the exit
/// code is 0 unless something fails.
int compareQuantized(const Arguments &arguments, ModuleOp module,
                     const nncrun::Tensors &inputs);

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_COMPAREQUANTIZED_H
