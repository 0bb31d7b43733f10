//===----------------------------------------------------------------------===//
// Matrices that are stored in few bits and widened where they are multiplied.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_NN_IR_NARROWWEIGHTS_H
#define NNC_DIALECTS_NN_IR_NARROWWEIGHTS_H

#include "dialects/NN/IR/NNOps.h"

namespace mlir::nnc::nn {

/// A matrix of K by N numbers, `(code - zero point) scale`, in groups along K.
struct NarrowWeight {
  /// [K, N] or [groups, group, N].
  Value codes;
  /// Null of floats of 16 bits, which are what they stand for.
  Value scale;
  /// Null: 0.
  Value zeroPoint;
  int64_t depth = 0, columns = 0; ///< K and N.
  int64_t group = 0;              ///< Codes of a scale; K: all.
  /// What makes the matrix of these, in order.
  SmallVector<Operation *, 4> ops;

  int64_t getGroups() const { return (depth + group - 1) / group; }
};

/// What `matrix`, a product's right operand, is made of: `nn.dequantize` with
/// one scale a column; or with one a column and group, reshaped from [groups,
/// group, N], of which the first K rows may be all that is read; or `nn.cast`
/// of floats of 16 bits. nullopt for other values, for codes that no kernel
/// widens and for scales that are not alike along a group. Whether the operands
/// are constant is not looked at.
std::optional<NarrowWeight> matchNarrowWeight(Value matrix);

/// The same for the right operand of `op` if that is a product of floats with a
/// matrix whose codes and parameters are constants.
std::optional<NarrowWeight> matchNarrowProduct(Operation *op);

/// True of `op`, which makes a matrix of constants in few bits, if products
/// that can widen it are all that reads it.
bool isMadeInProducts(Operation *op);

/// `matrix`, [groups, group, N], as [groups * group, N].
Value joinGroups(OpBuilder &builder, Location loc, Value matrix);
/// The first `rows` rows of `matrix`.
Value takeFirstRows(OpBuilder &builder, Location loc, Value matrix,
                    int64_t rows);

} // namespace mlir::nnc::nn

#endif // NNC_DIALECTS_NN_IR_NARROWWEIGHTS_H
