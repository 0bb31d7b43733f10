//===----------------------------------------------------------------------===//
// What the operators of attention have in common: scores, masks, rotation of
// positions.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_IMPORT_ONNX_ATTENTIONCORE_H
#define NNC_LIB_IMPORT_ONNX_ATTENTIONCORE_H

#include "NodeBinder.h"

namespace mlir::nnc::onnximport {

/// Attention of queries to keys, and the values on its way. B batches, H heads
/// of queries, S queries, T keys; K heads of keys, where K divides H: each
/// serves H / K successive heads of queries.
struct Attention {
  /// [B, H, S, D], [B, K, T, D], [B, K, T, E].
  Value query, key, value;
  double scale = 1;
  /// Scores are limited to this by tanh, if it is not 0.
  double softcap = 0;
  /// Added to the scores; broadcasts to [B, H, S, T]. May be null.
  Value bias;
  /// Where this is false the weight is 0; broadcasts alike. May be null.
  Value allowed;
  /// [H, 1, 1]: a score of each head that counts in the softmax and whose
  /// weight is dropped. May be null.
  Value sink;
  /// The element type in which the softmax is computed; null: the query's.
  Type precision;

  /// Set by createAttention. Scores times scale, after the limit, after bias
  /// and mask, and the weights: [B, H, S, T]. The output is [B, H, S, E].
  Value scores, limited, masked, weights, output;
};

/// Computes the output; failure after an error, which is reported.
LogicalResult createAttention(NodeBinder &node, Attention &attention);

/// Attribute `scale`; if it is absent, or 0 and `zeroIsAbsent`, then 1 over the
/// root of the last dimension of `query`, which must be known.
FailureOr<double> readScale(NodeBinder &node, Value query, bool zeroIsAbsent);

/// True where key j is at most query i plus `offset`: i64, null for 0; a scalar
/// gives [S, T], one of [B, 1, 1, 1] gives [B, 1, S, T]. With a `window` above
/// 0 key j must also be above i + offset - window.
Value createCausalMask(NodeBinder &node, Dim queries, Dim keys, Value offset,
                       int64_t window = 0);

/// Both masks at once; either may be null.
Value intersectMasks(NodeBinder &node, Value lhs, Value rhs);

/// Rotates pairs of elements of the last axis. Cosine and sine have half as
/// many as are rotated in theirs and else broadcast to the input; what lies
/// behind the rotated ones is left as it is. Pairs lie side by side if
/// `interleaved`, else half the rotated width apart.
Value rotatePositions(NodeBinder &node, Value input, Value cosine, Value sine,
                      bool interleaved);

/// Called by addAttentionOperators.
void addLinearAttentionOperators(OpTable &table);

} // namespace mlir::nnc::onnximport

#endif // NNC_LIB_IMPORT_ONNX_ATTENTIONCORE_H
