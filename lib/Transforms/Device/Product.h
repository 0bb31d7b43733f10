//===----------------------------------------------------------------------===//
// Sums of products among linalg ops on buffers.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_DEVICE_PRODUCT_H
#define NNC_LIB_TRANSFORMS_DEVICE_PRODUCT_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::nnc {

/// An op that computes C += A * B, whatever its loops are called: a matrix
/// product, one of a batch, a convolution. Loops are put into groups by the
/// operands that move with them; loops of one iteration are in none.
struct Product {
  linalg::GenericOp op;
  SmallVector<unsigned> batch;   ///< A, B and C.
  SmallVector<unsigned> rows;    ///< A and C.
  SmallVector<unsigned> columns; ///< B and C.
  SmallVector<unsigned> sums;    ///< A and B.
  /// Do neighbours along the sum lie beside each other, in A and in B?
  bool isSumContiguous[2] = {true, false};

  OpOperand *getFactor(unsigned number) const {
    return linalg::GenericOp(op).getDpsInputOperand(number);
  }
  OpOperand *getResult() const {
    return linalg::GenericOp(op).getDpsInitOperand(0);
  }
};

/// Nullopt for an op that is none.
std::optional<Product> matchProduct(linalg::GenericOp op);

/// An op that is computed on the sums while they are in registers.
struct ProductEpilogue {
  linalg::GenericOp op;
  /// The operand that is the sums: an input, or the result where it is
  /// computed in place.
  OpOperand *sums;
};

/// What is done where with a product, as far as one loop may do it.
struct ProductChain {
  Product product;
  /// What sets the result before, to one number or element by element; both
  /// null: it is read.
  linalg::FillOp fill;
  linalg::GenericOp init;
  /// In order; each reads what the one before has written, and nobody else
  /// does.
  SmallVector<ProductEpilogue> epilogues;
};

/// The chain around a product in its block.
ProductChain findChain(const Product &product);

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_DEVICE_PRODUCT_H
