//===----------------------------------------------------------------------===//
// Dimensions and scalars of a function as expressions of its inputs'
// dimensions.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_ANALYSIS_SYMBOLICSHAPES_H
#define NNC_ANALYSIS_SYMBOLICSHAPES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "nnc/Analysis/IndexExpr.h"
#include "nnc/Analysis/ShapeResolver.h"

namespace mlir::nnc {

/// Tells which dimensions of a function of one block are equal, and what is
/// known of them: by the shape functions of its ops, by the names of its
/// inputs' dimensions, and by what the run checks, without which it does not
/// go on. Holds for the function as it was given.
class SymbolicShapes {
public:
  explicit SymbolicShapes(func::FuncOp function);
  SymbolicShapes(const SymbolicShapes &) = delete;
  SymbolicShapes &operator=(const SymbolicShapes &) = delete;

  /// One expression an axis of a tensor of the function.
  SmallVector<IndexExpr> getShape(Value tensor);
  /// An integer or index value of the function.
  IndexExpr getScalar(Value scalar);
  /// True if the shapes of two tensors are provably equal.
  bool areSameShapes(Value a, Value b) { return getShape(a) == getShape(b); }

  IndexExprs &getExprs() { return exprs; }

  /// A dynamic dimension of an argument of the function; those of equal names
  /// are one.
  struct InputDim {
    BlockArgument tensor;
    int64_t axis;
    std::string name;
    /// What the checks of the run leave of 0 and more.
    Interval range;
    /// The last op whose check has narrowed the range, or null.
    Operation *reason = nullptr;
  };
  ArrayRef<InputDim> getInputDims() const { return inputDims; }
  /// The input dimension that an atom is, if it is one.
  const InputDim *getInputDim(unsigned atom) const;

private:
  using Ranges = SmallVector<Interval>;

  void collect();
  bool deriveRanges();
  IndexExpr getInputDimExpr(BlockArgument tensor, int64_t axis);
  IndexExpr getElement(tensor::ExtractOp op);
  std::optional<IndexExpr> computeScalar(Operation *op);
  std::optional<IndexExpr> computeDim(tensor::DimOp op);
  std::optional<IndexExpr> computeSelect(arith::SelectOp op);
  bool assume(Value condition, Ranges &ranges);
  bool assumeEqual(const IndexExpr &a, const IndexExpr &b, Ranges &ranges);
  bool assumeCompare(arith::CmpIPredicate predicate, const IndexExpr &a,
                     const IndexExpr &b, Ranges &ranges);
  bool assumeNotNegative(const IndexExpr &expr, Ranges &ranges);

  func::FuncOp function;
  /// Arithmetic of the shape functions, outside of the function.
  Block scratch;
  OpBuilder builder;
  ShapeResolver resolver;
  /// Conditions that the run checks, and the ops for which it does.
  SmallVector<std::pair<Value, Operation *>> checks;
  /// Scalars in an order in which each follows from those before it.
  SmallVector<Value> order;

  IndexExprs exprs;
  DenseMap<Value, IndexExpr> scalars;
  std::map<std::pair<void *, std::vector<int64_t>>, IndexExpr> elements;
  std::map<std::pair<void *, int64_t>, IndexExpr> opaqueDims;
  SmallVector<InputDim> inputDims;
  DenseMap<unsigned, unsigned> inputDimOfAtom;
};

} // namespace mlir::nnc

#endif // NNC_ANALYSIS_SYMBOLICSHAPES_H
