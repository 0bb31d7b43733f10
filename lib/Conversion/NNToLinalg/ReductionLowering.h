//===----------------------------------------------------------------------===//
// What the lowerings of reductions and normalizations share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_CONVERSION_NNTOLINALG_REDUCTIONLOWERING_H
#define NNC_LIB_CONVERSION_NNTOLINALG_REDUCTIONLOWERING_H

#include "LoweringBuilder.h"
#include "llvm/ADT/SmallBitVector.h"

namespace mlir::nnc {

/// The elements of a tensor in groups: those that differ on `reduced` axes
/// only.
class Grouping {
public:
  Grouping(LoweringBuilder &b, Value tensor, ArrayRef<int64_t> axes);

  /// Loops over all elements to the element's, or to its group's indices; the
  /// group's without the reduced axes, or with 0 there.
  AffineMap elementMap() const;
  AffineMap groupMap(bool keepDims = false) const;
  /// Identity on the groups' indices without the reduced axes.
  AffineMap identityOfGroups() const;
  /// Dimensions that groupMap(keepDims) indexes.
  SmallVector<Dim> groupShape(bool keepDims = false) const;
  ArrayRef<Dim> elementShape() const { return shape; }
  /// Elements of one group.
  Dim count() const { return size; }

private:
  MLIRContext *context;
  SmallVector<Dim> shape;
  llvm::SmallBitVector reduced;
  Dim size;
};

/// f32 for the 16-bit floats, else `type`.
Type getComputeType(Type type);

/// Between number types by value. To integers: truncated, saturated, NaN gives
/// 0.
Value convertNumber(OpBuilder &builder, Location loc, Value x, Type type,
                    bool isUnsigned = false);

/// A float or integer scalar of `type` for an index.
Value convertIndex(OpBuilder &builder, Location loc, Value index, Type type);

/// What the groups' elements add up to: a tensor of the groups' shape, of the
/// compute type of the elements, starting at `init`; body(element, sum), the
/// element converted, gives the next sum.
Value reduceGroups(LoweringBuilder &b, Value input, const Grouping &groups,
                   Value init, LoweringBuilder::Body body);

/// Every element of `tensor` replaced by body(element), in place.
Value updateInPlace(LoweringBuilder &b, Value tensor,
                    LoweringBuilder::Body body);

/// Positions (i64) of the greatest or least elements along `axis`, which
/// `groups` reduces. See nn.arg_reduce.
struct ArgReduction {
  int64_t axis;
  bool isMax, isUnsigned, selectLast, keepDims;
};
Value lowerArgReduction(LoweringBuilder &b, Value input, const Grouping &groups,
                        const ArgReduction &reduction);

/// Softmax, normalization and running sums; part of the reductions.
void populateNNReductionNormToLinalgPatterns(const TypeConverter &converter,
                                             RewritePatternSet &patterns);

} // namespace mlir::nnc

#endif // NNC_LIB_CONVERSION_NNTOLINALG_REDUCTIONLOWERING_H
