//===----------------------------------------------------------------------===//
// Scalars and vectors under construction, so that formulas read as such.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_TRANSFORMS_LOOPS_MATHTERM_H
#define NNC_LIB_TRANSFORMS_LOOPS_MATHTERM_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace mlir::nnc {

/// Where terms are built, and what the machine does in one instruction.
struct MathBuilder {
  ImplicitLocOpBuilder ops;
  /// Fused multiply-add.
  bool hasFma = true;
  /// Rounding to whole numbers.
  bool hasRounding = true;
  /// A vector times powers of two.
  bool hasScaling = false;
};

/// A float, integer or truth value, or a vector of them. The operators build
/// arith ops of its type; operands of one operator have one type.
struct MathTerm {
  MathBuilder &b;
  Value value;

  /// ---- constants of this term's type ----
  MathTerm number(double x) const;
  MathTerm bits(uint64_t x) const;

  /// ---- conversions; the shape stays ----
  /// The same bits as an integer, or as a float.
  MathTerm asBits() const;
  MathTerm asFloat() const;
  MathTerm toF32() const;
  MathTerm toF64() const;
  /// A signed integer as a float of the same width.
  MathTerm toFloat() const;

  /// ---- floats ----
  MathTerm operator+(MathTerm y) const { return make<arith::AddFOp>(y); }
  MathTerm operator-(MathTerm y) const { return make<arith::SubFOp>(y); }
  MathTerm operator*(MathTerm y) const { return make<arith::MulFOp>(y); }
  MathTerm operator/(MathTerm y) const { return make<arith::DivFOp>(y); }
  MathTerm operator+(double y) const { return *this + number(y); }
  MathTerm operator-(double y) const { return *this - number(y); }
  MathTerm operator*(double y) const { return *this * number(y); }
  MathTerm operator-() const { return make<arith::NegFOp>(); }
  MathTerm abs() const { return make<math::AbsFOp>(); }
  MathTerm sqrt() const { return make<math::SqrtOp>(); }
  /// The nearest whole number, halves to even.
  MathTerm roundEven() const;
  /// This magnitude with the sign of `y`.
  MathTerm withSignOf(MathTerm y) const { return make<math::CopySignOp>(y); }

  /// this * y + z: rounded once with fused multiply-add, else twice.
  MathTerm mulAdd(MathTerm y, MathTerm z) const;
  MathTerm mulAdd(double y, MathTerm z) const { return mulAdd(number(y), z); }
  MathTerm mulAdd(MathTerm y, double z) const { return mulAdd(y, number(z)); }
  MathTerm mulAdd(double y, double z) const {
    return mulAdd(number(y), number(z));
  }
  /// this * 2^n for whole numbers n, rounded once; nothing where the machine
  /// has no instruction for this type.
  std::optional<MathTerm> scaledBy(MathTerm n) const;
  /// The sum of coefficients[i] * this^i, by Horner's rule.
  MathTerm polynomial(ArrayRef<double> coefficients) const;

  /// The larger and the smaller one; NaN stays NaN. `bound` is not zero.
  MathTerm atLeast(double bound) const;
  MathTerm atMost(double bound) const;

  /// Ordered comparisons: false with NaN.
  MathTerm operator<(MathTerm y) const {
    return compare(arith::CmpFPredicate::OLT, y);
  }
  MathTerm operator<(double y) const { return *this < number(y); }
  MathTerm operator>(double y) const {
    return compare(arith::CmpFPredicate::OGT, number(y));
  }
  MathTerm operator>=(double y) const {
    return compare(arith::CmpFPredicate::OGE, number(y));
  }
  MathTerm operator==(double y) const { return *this == number(y); }
  MathTerm operator==(MathTerm y) const {
    return compare(arith::CmpFPredicate::OEQ, y);
  }

  /// ---- integers and truth values ----
  MathTerm add(MathTerm y) const { return make<arith::AddIOp>(y); }
  MathTerm add(uint64_t y) const { return add(bits(y)); }
  MathTerm sub(MathTerm y) const { return make<arith::SubIOp>(y); }
  MathTerm shiftLeft(unsigned by) const {
    return make<arith::ShLIOp>(bits(by));
  }
  /// Zeros move in.
  MathTerm shiftRight(unsigned by) const {
    return make<arith::ShRUIOp>(bits(by));
  }
  MathTerm operator^(MathTerm y) const { return make<arith::XOrIOp>(y); }
  MathTerm operator&(MathTerm y) const { return make<arith::AndIOp>(y); }
  MathTerm operator&(uint64_t y) const { return *this & bits(y); }
  MathTerm operator|(MathTerm y) const { return make<arith::OrIOp>(y); }
  MathTerm operator!() const;
  /// Is an integer zero?
  MathTerm isZero() const;
  /// Of this truth value: `yes` where it holds.
  MathTerm select(MathTerm yes, MathTerm no) const;

private:
  template <typename OpTy>
  MathTerm make() const {
    return {b, OpTy::create(b.ops, value)};
  }
  template <typename OpTy>
  MathTerm make(MathTerm y) const {
    return {b, OpTy::create(b.ops, value, y.value)};
  }
  MathTerm compare(arith::CmpFPredicate predicate, MathTerm y) const;
  /// This term's type with other elements.
  Type typeOf(Type element) const;
  unsigned width() const;
};

} // namespace mlir::nnc

#endif // NNC_LIB_TRANSFORMS_LOOPS_MATHTERM_H
