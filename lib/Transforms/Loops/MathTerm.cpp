//===----------------------------------------------------------------------===//
// Scalars and vectors under construction.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "MathTerm.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace mlir::nnc;

Type MathTerm::typeOf(Type element) const {
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    return vector.clone(element);
  return element;
}

unsigned MathTerm::width() const {
  return getElementTypeOrSelf(value.getType()).getIntOrFloatBitWidth();
}

static Value makeConstant(ImplicitLocOpBuilder &ops, Type type,
                          TypedAttr element) {
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(
        ops, vector, DenseElementsAttr::get(vector, Attribute(element)));
  return arith::ConstantOp::create(ops, type, element);
}

MathTerm MathTerm::number(double x) const {
  Type type = value.getType();
  return {b, makeConstant(b.ops, type,
                          b.ops.getFloatAttr(getElementTypeOrSelf(type), x))};
}

MathTerm MathTerm::bits(uint64_t x) const {
  Type type = value.getType();
  APInt number(width(), x, /*isSigned=*/false, /*implicitTrunc=*/true);
  return {b, makeConstant(
                 b.ops, type,
                 b.ops.getIntegerAttr(getElementTypeOrSelf(type), number))};
}

MathTerm MathTerm::asBits() const {
  Type type = typeOf(b.ops.getIntegerType(width()));
  return {b, arith::BitcastOp::create(b.ops, type, value)};
}

MathTerm MathTerm::asFloat() const {
  Type type = typeOf(width() == 64 ? Type(b.ops.getF64Type())
                                   : Type(b.ops.getF32Type()));
  return {b, arith::BitcastOp::create(b.ops, type, value)};
}

MathTerm MathTerm::toF32() const {
  return {b, arith::TruncFOp::create(b.ops, typeOf(b.ops.getF32Type()), value)};
}

MathTerm MathTerm::toF64() const {
  return {b, arith::ExtFOp::create(b.ops, typeOf(b.ops.getF64Type()), value)};
}

MathTerm MathTerm::toFloat() const {
  Type type = typeOf(width() == 64 ? Type(b.ops.getF64Type())
                                   : Type(b.ops.getF32Type()));
  return {b, arith::SIToFPOp::create(b.ops, type, value)};
}

MathTerm MathTerm::mulAdd(MathTerm y, MathTerm z) const {
  if (b.hasFma)
    return {b, math::FmaOp::create(b.ops, value, y.value, z.value)};
  return *this * y + z;
}

std::optional<MathTerm> MathTerm::scaledBy(MathTerm n) const {
  auto type = dyn_cast<VectorType>(value.getType());
  if (!b.hasScaling || !type || type.getRank() != 1 || type.isScalable() ||
      !type.getElementType().isF32())
    return std::nullopt;
  int64_t lanes = type.getDimSize(0);
  if (lanes != 4 && lanes != 8 && lanes != 16)
    return std::nullopt;
  auto constant = [&](unsigned bits, int64_t number) -> Value {
    return arith::ConstantOp::create(
        b.ops, b.ops.getIntegerAttr(b.ops.getIntegerType(bits), number));
  };
  // All lanes; rounded as everything else is.
  constexpr int64_t currentDirection = 4;
  SmallVector<Value> operands{value, n.value, value,
                              constant(lanes == 16 ? 16 : 8, -1)};
  if (lanes == 16)
    operands.push_back(constant(32, currentDirection));
  std::string name =
      "llvm.x86.avx512.mask.scalef.ps." + std::to_string(lanes * 32);
  return MathTerm{b, LLVM::CallIntrinsicOp::create(
                         b.ops, type, b.ops.getStringAttr(name), operands)
                         .getResult(0)};
}

MathTerm MathTerm::polynomial(ArrayRef<double> coefficients) const {
  Value sum = number(coefficients.back()).value;
  for (double coefficient : llvm::reverse(coefficients.drop_back()))
    sum = MathTerm{b, sum}.mulAdd(*this, coefficient).value;
  return {b, sum};
}

MathTerm MathTerm::atLeast(double bound) const {
  MathTerm limit = number(bound);
  return (*this < limit).select(limit, *this);
}

MathTerm MathTerm::atMost(double bound) const {
  MathTerm limit = number(bound);
  return (limit < *this).select(limit, *this);
}

MathTerm MathTerm::compare(arith::CmpFPredicate predicate, MathTerm y) const {
  return {b, arith::CmpFOp::create(b.ops, predicate, value, y.value)};
}

MathTerm MathTerm::operator!() const { return *this ^ bits(1); }

MathTerm MathTerm::isZero() const {
  return {b, arith::CmpIOp::create(b.ops, arith::CmpIPredicate::eq, value,
                                   bits(0).value)};
}

MathTerm MathTerm::select(MathTerm yes, MathTerm no) const {
  return {b, arith::SelectOp::create(b.ops, value, yes.value, no.value)};
}
