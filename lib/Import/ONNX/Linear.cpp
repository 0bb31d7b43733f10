//===----------------------------------------------------------------------===//
// Import of matrix products, convolutions and pooling.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "NodeBinder.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

static LogicalResult importMatMul(NodeBinder &node) {
  Value lhs = node.input(0), rhs = node.input(1);
  return node.result(lhs && rhs ? node.create<nn::MatMulOp>(lhs, rhs)
                                : Value());
}

void onnximport::addLinearOperators(OpTable &table) {
  table.add("MatMul", 1, importMatMul);
}
