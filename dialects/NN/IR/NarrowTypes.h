//===----------------------------------------------------------------------===//
// Scalar code for elements of narrow types, which are bytes in kernels.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_NN_IR_NARROWTYPES_H
#define NNC_DIALECTS_NN_IR_NARROWTYPES_H

#include "dialects/NN/IR/NNOps.h"

namespace mlir::nnc::nn {

/// The number that an i8 holds: f32 for narrow floats; for narrow integers i8,
/// extended by sign or zeros. Other types stay.
Value decodeScalar(OpBuilder &builder, Location loc, Value scalar, Type type);

/// An i8 with the code of a number: of f32 or f64 for narrow floats, of any
/// integer type, modulo 2^n, for narrow integers. See nncio::encodeNarrow.
Value encodeScalar(OpBuilder &builder, Location loc, Value number, Type type,
                   bool saturate, PowerRounding rounding);

/// Conversion between any two element types with the semantics of `nn.cast`;
/// scalars are of storage types.
Value convertElement(OpBuilder &builder, Location loc, Value scalar, Type from,
                     Type to, bool saturate, PowerRounding rounding);

/// Lowest and highest value of an integer type of up to 32 bits.
std::pair<int64_t, int64_t> getIntegerRange(Type type);

} // namespace mlir::nnc::nn

#endif // NNC_DIALECTS_NN_IR_NARROWTYPES_H
