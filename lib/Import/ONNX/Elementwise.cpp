//===----------------------------------------------------------------------===//
// Import of element-wise operators.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "NodeBinder.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

template <typename OpTy>
static LogicalResult importUnary(NodeBinder &node) {
  Value input = node.input(0);
  return node.result(input ? node.create<OpTy>(input) : Value());
}

template <typename OpTy>
static LogicalResult importBinary(NodeBinder &node) {
  Value lhs = node.input(0), rhs = node.input(1);
  return node.result(lhs && rhs ? node.create<OpTy>(lhs, rhs) : Value());
}

void onnximport::addElementwiseOperators(OpTable &table) {
  table.add("Add", 7, importBinary<nn::AddOp>);
  table.add("Relu", 1, importUnary<nn::ReluOp>);
}
