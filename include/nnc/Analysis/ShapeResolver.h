//===----------------------------------------------------------------------===//
// Dimensions of values as host arithmetic on the dimensions of the inputs.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_ANALYSIS_SHAPERESOLVER_H
#define NNC_ANALYSIS_SHAPERESOLVER_H

#include "nnc/Interfaces/ShapeOpInterface.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir::nnc {

/// Remembers the dimensions of each value it has been asked for. Creates index
/// ops at the builder's insertion point; ask in program order of one block, so
/// that what is remembered dominates what comes.
class ShapeResolver {
public:
  /// One dimension a tensor axis: a number, or an index value.
  SmallVector<Dim> getShape(OpBuilder &builder, Value tensor);

  /// As getShape for all results of `op`; `checks` collects the conditions
  /// under which they hold, `steering` the operands whose elements decide them.
  LogicalResult resolve(OpBuilder &builder, Operation *op,
                        SmallVectorImpl<DimBuilder::Check> *checks = nullptr,
                        SmallVectorImpl<Value> *steering = nullptr);

  /// Takes `shape` as the dimensions of `tensor`.
  void setShape(Value tensor, ArrayRef<Dim> shape);

private:
  SmallVector<Dim> getArgumentShape(OpBuilder &builder, BlockArgument argument);

  DenseMap<Value, SmallVector<Dim>> shapes;
  /// Input dimensions by symbolic name: equal names are equal numbers.
  llvm::StringMap<Dim> named;
};

} // namespace mlir::nnc

#endif // NNC_ANALYSIS_SHAPERESOLVER_H
