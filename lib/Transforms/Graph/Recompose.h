//===----------------------------------------------------------------------===//
// What the patterns of recomposition share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_GRAPH_RECOMPOSE_H
#define NNC_LIB_TRANSFORMS_GRAPH_RECOMPOSE_H

#include "dialects/NN/IR/NNOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::nnc {

inline RankedTensorType rankedTypeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType());
}

/// The number that a constant float tensor of one element holds.
std::optional<double> getScalarNumber(Value tensor);

/// Equal up to what rounding constants to a float type may change; of types of
/// 16 bits and less, to f16.
bool isCloseTo(double number, double expected, Type type);

/// The operands of an `OpTy` with two, in both orders.
template <typename OpTy>
bool matchEitherOrder(Value value,
                      function_ref<bool(Value first, Value second)> match) {
  auto op = value.getDefiningOp<OpTy>();
  return op && (match(op->getOperand(0), op->getOperand(1)) ||
                match(op->getOperand(1), op->getOperand(0)));
}

/// Strips multiplications with and divisions by scalars off `value` as long as
/// nothing else uses the products; multiplies `scale` with the factors.
Value stripScale(Value value, double &scale);

void populateRecomposeActivationPatterns(RewritePatternSet &patterns);
void populateRecomposeBroadcastPatterns(RewritePatternSet &patterns);
void populateRecomposeLayoutPatterns(RewritePatternSet &patterns);
void populateRecomposeNormPatterns(RewritePatternSet &patterns);
void populateRecomposePadPatterns(RewritePatternSet &patterns);

/// Attention, all at once: what it must know of dimensions holds for the
/// function as it is given.
void recomposeAttention(func::FuncOp function);

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_GRAPH_RECOMPOSE_H
