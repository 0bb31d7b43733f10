//===----------------------------------------------------------------------===//
// Parts of networks. Each computes from a value and gives its last result; an
// empty value means that the part did not come about.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_SMITH_PATTERNS_H
#define NNC_LIB_SMITH_PATTERNS_H

#include "nnc/Smith/GraphBuilder.h"

namespace nncsmith {

/// ---- parts of other parts ----
/// `from` as [batch, length, width].
Value makeSequence(GraphBuilder &g, const Value &from);
/// `from` as [batch, channels, height, width].
Value makeImage(GraphBuilder &g, const Value &from);
/// A product with weights of so many columns, at times with a bias.
Value makeProduct(GraphBuilder &g, const Value &from, int64_t columns);
/// An activation, at times written out.
Value makeActivationOf(GraphBuilder &g, const Value &from);

/// ---- transformers ----
Value makeAttention(GraphBuilder &g, const Value &from);
Value makeRotary(GraphBuilder &g, const Value &from);
Value makeLayerNorm(GraphBuilder &g, const Value &from);
Value makeSoftmax(GraphBuilder &g, const Value &from);
Value makePerceptron(GraphBuilder &g, const Value &from);

/// ---- convolutional networks ----
Value makeConvolution(GraphBuilder &g, const Value &from);
Value makeSeparable(GraphBuilder &g, const Value &from);
Value makePooling(GraphBuilder &g, const Value &from);
Value makeExcitation(GraphBuilder &g, const Value &from);
Value makeQuantizedLayer(GraphBuilder &g, const Value &from);

/// ---- anywhere ----
Value makeChain(GraphBuilder &g, const Value &from);
Value makeMovements(GraphBuilder &g, const Value &from);
Value makeParts(GraphBuilder &g, const Value &from);
Value makeShapeArithmetic(GraphBuilder &g, const Value &from);
Value makeReductionOf(GraphBuilder &g, const Value &from);
Value makeDiamond(GraphBuilder &g, const Value &from);

/// ---- control flow ----
Value makeBranch(GraphBuilder &g, const Value &from);
Value makeLoop(GraphBuilder &g, const Value &from);
Value makeScanOf(GraphBuilder &g, const Value &from);

} // namespace nncsmith

#endif // NNC_LIB_SMITH_PATTERNS_H
