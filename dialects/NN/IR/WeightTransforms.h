//===----------------------------------------------------------------------===//
// What is done to weights when an artifact is written: appending transforms to
// them, and running transforms.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_NN_IR_WEIGHTTRANSFORMS_H
#define NNC_DIALECTS_NN_IR_WEIGHTTRANSFORMS_H

#include "dialects/NN/IR/NNOps.h"

namespace mlir::nnc::nn {

/// A new value, at the builder's insertion point, that is `weight` after
/// `transforms`. `weight` must be defined by `nn.weight`, which gets them
/// appended, or `nn.constant`, which is computed at once. Fails without a
/// diagnostic for another value or a transform that does not fit its type;
/// nothing is created then.
FailureOr<Value> transformWeight(OpBuilder &builder, Value weight,
                                 ArrayRef<Attribute> transforms);

/// The type that `transforms` make of `type`, or a message of what does not
/// fit.
nncio::Result<RankedTensorType>
inferTransformedType(RankedTensorType type, ArrayRef<Attribute> transforms);

/// Runs `transforms` on a tensor of type `type`, sharing the work between the
/// threads of the context; the result does not depend on how many there are.
/// Fails, with a message, for transforms that do not fit.
nncio::Result<nncio::Tensor> applyTransforms(RankedTensorType type,
                                             nncio::Tensor tensor,
                                             ArrayRef<Attribute> transforms);

} // namespace mlir::nnc::nn

#endif // NNC_DIALECTS_NN_IR_WEIGHTTRANSFORMS_H
