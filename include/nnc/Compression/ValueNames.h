//===----------------------------------------------------------------------===//
// Names of the tensors of a graph that do not depend on numbering.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COMPRESSION_VALUENAMES_H
#define NNC_COMPRESSION_VALUENAMES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"

namespace mlir::nnc {

/// Names for the arguments of a function and for the first result of each op of
/// its block: an argument has that of the model's input, a value that of the
/// ONNX node that gives it. Of several values of one node the last one has its
/// name, those before "node/matmul", "node/matmul#2". A value of no node is
/// called by the number of ops of its kind: "nn.conv#1". Weights and constants
/// have no names.
class ValueNames {
public:
  explicit ValueNames(func::FuncOp function);

  /// Empty for values that have none.
  StringRef get(Value value) const;
  /// Null if no value is called so.
  Value find(StringRef name) const { return values.lookup(name); }
  /// For messages: the names there are.
  std::vector<std::string> list() const;

private:
  void add(Value value, std::string name);

  DenseMap<Value, std::string> names;
  llvm::StringMap<Value> values;
};

} // namespace mlir::nnc

#endif // NNC_COMPRESSION_VALUENAMES_H
