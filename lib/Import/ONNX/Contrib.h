//===----------------------------------------------------------------------===//
// What the files of the domain com.microsoft share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_IMPORT_ONNX_CONTRIB_H
#define NNC_LIB_IMPORT_ONNX_CONTRIB_H

#include "NodeBinder.h"

namespace mlir::nnc::onnximport {

inline constexpr StringLiteral contribDomain = "com.microsoft";

/// Called by addContribOperators.
void addContribAttentionOperators(OpTable &table);
void addContribCacheOperators(OpTable &table);
void addContribNormalizationOperators(OpTable &table);
void addContribQuantizedOperators(OpTable &table);
void addContribWeightOperators(OpTable &table);

/// Integers that stand for (tensor - zeroPoint) * scale; no zero point is 0.
struct QuantizedValue {
  Value tensor, scale, zeroPoint;
};

/// The product of two matrices of 8-bit integers as real numbers. Scales and
/// zero points are scalars or vectors: one a row on the left, one a column on
/// the right. Null after an error, which is reported.
Value createIntegerProduct(NodeBinder &node, QuantizedValue lhs,
                           QuantizedValue rhs);

} // namespace mlir::nnc::onnximport

#endif // NNC_LIB_IMPORT_ONNX_CONTRIB_H
