//===----------------------------------------------------------------------===//
// Builds modules that measure what a change would do.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_COMPRESSION_TRIALBUILDER_H
#define NNC_LIB_COMPRESSION_TRIALBUILDER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/OwningOpRef.h"

namespace mlir::nnc {

/// A copy of a module whose main function gets further inputs and other
/// results.
struct TrialBuilder {
  explicit TrialBuilder(ModuleOp original);

  /// From the original to the copy; made before the copy, which fills it.
  IRMapping mapping;
  OwningOpRef<ModuleOp> module;
  func::FuncOp function;
  OpBuilder builder;

  /// One more input of the function, behind those that it has.
  Value addInput(Type type);
  /// Replaces the results of the function.
  void setResults(ArrayRef<Value> results);
  /// What `data` becomes on the way to `ui8` and back.
  Value roundData(Value data, Value scale, Value zeroPoint);
  /// As a tensor of rank 0.
  Value sumSquares(Value value);
};

} // namespace mlir::nnc

#endif // NNC_LIB_COMPRESSION_TRIALBUILDER_H
