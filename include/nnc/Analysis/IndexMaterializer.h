//===----------------------------------------------------------------------===//
// Expressions of dimensions as index arithmetic.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_ANALYSIS_INDEXMATERIALIZER_H
#define NNC_ANALYSIS_INDEXMATERIALIZER_H

#include "nnc/Analysis/SymbolicShapes.h"

namespace mlir::nnc {

/// Writes expressions as index arithmetic at the begin of a function, each
/// once.
class IndexMaterializer {
public:
  /// For the block of a function that `shapes` knows.
  IndexMaterializer(Block &block, SymbolicShapes &shapes);

  /// The number as an index; null if it depends on more than the dimensions of
  /// the inputs.
  Value getIndex(const IndexExpr &expr);
  /// The same as an integer or index of `type`.
  Value getScalar(const IndexExpr &expr, Type type);
  /// Makes the run check the ranges of input dimensions that the expressions
  /// rest on. They were found from checks that narrow what they look at
  /// themselves, and may be dropped for it.
  void requireRanges();

private:
  Value getInputDim(const SymbolicShapes::InputDim &dim);
  void require(Value index, arith::CmpIPredicate predicate, int64_t number,
               const Twine &message);
  bool isFromInputs(const IndexExpr &expr);
  Value create(const IndexExpr &expr);
  Value createMonomial(const IndexExpr::Monomial &monomial, int64_t factor);
  Value createAtom(unsigned atom);
  Value createConstant(int64_t number) { return getIndex(IndexExpr(number)); }
  template <typename OpTy>
  Value combine(Value a, Value b);

  SymbolicShapes &shapes;
  OpBuilder builder;
  Location loc;
  std::map<IndexExpr, Value> indices;
  DenseMap<std::pair<Value, Type>, Value> casts;
};

} // namespace mlir::nnc

#endif // NNC_ANALYSIS_INDEXMATERIALIZER_H
