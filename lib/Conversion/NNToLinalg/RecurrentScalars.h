//===----------------------------------------------------------------------===//
// Scalar arithmetic in the bodies of recurrent cells.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_CONVERSION_NNTOLINALG_RECURRENTSCALARS_H
#define NNC_LIB_CONVERSION_NNTOLINALG_RECURRENTSCALARS_H

#include "dialects/NN/IR/NNOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

namespace mlir::nnc {

/// Scalar arithmetic of one float type inside a linalg body.
struct Scalars {
  OpBuilder &b;
  Location loc;
  Type type;

  Value number(double value) {
    return arith::ConstantOp::create(b, loc, b.getFloatAttr(type, value));
  }
  Value add(Value x, Value y) { return arith::AddFOp::create(b, loc, x, y); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(b, loc, x, y); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, loc, x, y); }
  Value div(Value x, Value y) { return arith::DivFOp::create(b, loc, x, y); }
  Value max(Value x, Value y) {
    return arith::MaximumFOp::create(b, loc, x, y);
  }
  Value min(Value x, Value y) {
    return arith::MinimumFOp::create(b, loc, x, y);
  }
  Value exp(Value x) { return math::ExpOp::create(b, loc, x); }
  Value tanh(Value x) { return math::TanhOp::create(b, loc, x); }
  /// x >= bound ? yes : no
  Value selectFrom(Value x, double bound, Value yes, Value no) {
    Value condition = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGE,
                                            x, number(bound));
    return arith::SelectOp::create(b, loc, condition, yes, no);
  }
  Value clip(Value x, double bound) {
    return min(max(x, number(-bound)), number(bound));
  }
  /// Between the tensors' element type and the one of computation.
  Value cast(Value x, Type to) {
    if (x.getType() == to)
      return x;
    if (x.getType().getIntOrFloatBitWidth() < to.getIntOrFloatBitWidth())
      return arith::ExtFOp::create(b, loc, to, x);
    return arith::TruncFOp::create(b, loc, to, x);
  }
  Value compute(Value x) { return cast(x, type); }

  Value activate(nn::ActivationAttr function, Value x);
};

} // namespace mlir::nnc

#endif // NNC_LIB_CONVERSION_NNTOLINALG_RECURRENTSCALARS_H
