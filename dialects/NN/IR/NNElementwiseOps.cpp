//===----------------------------------------------------------------------===//
// Element-wise ops: shapes, scalar functions, reference.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/ElementwiseUtils.h"
#include "dialects/NN/IR/NNOps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

//===----------------------------------------------------------------------===//
// AddOp
//===----------------------------------------------------------------------===//

Value AddOp::buildScalar(OpBuilder &builder, Location loc, ValueRange scalars) {
  if (isa<FloatType>(scalars[0].getType()))
    return arith::AddFOp::create(builder, loc, scalars[0], scalars[1]);
  return arith::AddIOp::create(builder, loc, scalars[0], scalars[1]);
}

std::string AddOp::evaluate(ArrayRef<nncio::Tensor> operands,
                            MutableArrayRef<nncio::Tensor> results) {
  return evaluateBinary(
      operands, results, [](double a, double b) { return a + b; },
      [](int64_t a, int64_t b) { return int64_t(uint64_t(a) + uint64_t(b)); });
}

//===----------------------------------------------------------------------===//
// ReluOp
//===----------------------------------------------------------------------===//

Value ReluOp::buildScalar(OpBuilder &builder, Location loc,
                          ValueRange scalars) {
  Type type = scalars[0].getType();
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  if (isa<FloatType>(type))
    return arith::MaximumFOp::create(builder, loc, scalars[0], zero);
  return arith::MaxSIOp::create(builder, loc, scalars[0], zero);
}

std::string ReluOp::evaluate(ArrayRef<nncio::Tensor> operands,
                             MutableArrayRef<nncio::Tensor> results) {
  return evaluateUnary(
      operands, results, [](double x) { return x < 0 ? 0 : x; },
      [](int64_t x) { return x < 0 ? int64_t(0) : x; });
}
