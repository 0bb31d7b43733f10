//===----------------------------------------------------------------------===//
// Scalar arithmetic in the bodies of recurrent cells.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "RecurrentScalars.h"

using namespace mlir;
using namespace mlir::nnc;

Value Scalars::activate(nn::ActivationAttr function, Value x) {
  Value zero = number(0), one = number(1);
  Value alpha = number(function.getAlphaValue());
  Value beta = number(function.getBetaValue());
  switch (function.getKind()) {
  case nn::ActivationKind::affine:
    return add(mul(alpha, x), beta);
  case nn::ActivationKind::elu:
    return selectFrom(x, 0, x, mul(alpha, math::ExpM1Op::create(b, loc, x)));
  case nn::ActivationKind::hard_sigmoid:
    return min(max(add(mul(alpha, x), beta), zero), one);
  case nn::ActivationKind::leaky_relu:
    return selectFrom(x, 0, x, mul(alpha, x));
  case nn::ActivationKind::relu:
    return max(x, zero);
  case nn::ActivationKind::scaled_tanh:
    return mul(alpha, tanh(mul(beta, x)));
  case nn::ActivationKind::sigmoid:
    return div(one, add(one, exp(sub(zero, x))));
  case nn::ActivationKind::softplus: {
    // max(x, 0) + log1p(exp(-|x|)) does not overflow.
    Value absolute = math::AbsFOp::create(b, loc, x);
    Value tail = math::Log1pOp::create(b, loc, exp(sub(zero, absolute)));
    return add(max(x, zero), tail);
  }
  case nn::ActivationKind::softsign:
    return div(x, add(one, math::AbsFOp::create(b, loc, x)));
  case nn::ActivationKind::tanh:
    return tanh(x);
  case nn::ActivationKind::thresholded_relu:
    return selectFrom(x, function.getAlphaValue(), x, zero);
  }
  return x;
}
