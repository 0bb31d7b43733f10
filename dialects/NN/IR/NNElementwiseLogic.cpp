//===----------------------------------------------------------------------===//
// Element-wise comparison, bits, selection and conversion: scalar functions,
// reference.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/ElementwiseUtils.h"
#include "dialects/NN/IR/NNOps.h"
#include "dialects/NN/IR/NarrowTypes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "nnc/Interfaces/ElementTypes.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;
using Operands = ArrayRef<nncio::Tensor>;
using Results = MutableArrayRef<nncio::Tensor>;

static Type elementTypeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getElementType();
}

//===----------------------------------------------------------------------===//
// EqualOp, LessOp, LessOrEqualOp
//===----------------------------------------------------------------------===//

static Value buildCompare(Operation *op, OpBuilder &builder, Location loc,
                          ValueRange scalars, arith::CmpFPredicate onFloat,
                          arith::CmpIPredicate onSigned,
                          arith::CmpIPredicate onUnsigned) {
  if (isa<FloatType>(scalars[0].getType()))
    return arith::CmpFOp::create(builder, loc, onFloat, scalars[0], scalars[1]);
  return arith::CmpIOp::create(builder, loc,
                               isUnsignedOperand(op) ? onUnsigned : onSigned,
                               scalars[0], scalars[1]);
}

Value EqualOp::buildScalar(OpBuilder &builder, Location loc,
                           ValueRange scalars) {
  return buildCompare(*this, builder, loc, scalars, arith::CmpFPredicate::OEQ,
                      arith::CmpIPredicate::eq, arith::CmpIPredicate::eq);
}

std::string EqualOp::evaluate(Operands operands, Results results) {
  if (operands[0].type() == nncio::ElementType::String) {
    forEachBroadcast(
        results[0], operands, [&](int64_t i, ArrayRef<int64_t> at) {
          const uint8_t *a = operands[0].data() + at[0] * sizeof(int64_t);
          const uint8_t *b = operands[1].data() + at[1] * sizeof(int64_t);
          results[0].setInt(i, std::memcmp(a, b, sizeof(int64_t)) == 0);
        });
    return "";
  }
  return evaluateBinary(operands, results,
                        [](auto a, auto b) { return int64_t(a == b); });
}

Value LessOp::buildScalar(OpBuilder &builder, Location loc,
                          ValueRange scalars) {
  return buildCompare(*this, builder, loc, scalars, arith::CmpFPredicate::OLT,
                      arith::CmpIPredicate::slt, arith::CmpIPredicate::ult);
}

std::string LessOp::evaluate(Operands operands, Results results) {
  return evaluateBinary(operands, results,
                        [](auto a, auto b) { return int64_t(a < b); });
}

Value LessOrEqualOp::buildScalar(OpBuilder &builder, Location loc,
                                 ValueRange scalars) {
  return buildCompare(*this, builder, loc, scalars, arith::CmpFPredicate::OLE,
                      arith::CmpIPredicate::sle, arith::CmpIPredicate::ule);
}

std::string LessOrEqualOp::evaluate(Operands operands, Results results) {
  return evaluateBinary(operands, results,
                        [](auto a, auto b) { return int64_t(a <= b); });
}

//===----------------------------------------------------------------------===//
// IsNaNOp, IsInfOp
//===----------------------------------------------------------------------===//

Value IsNaNOp::buildScalar(OpBuilder &builder, Location loc,
                           ValueRange scalars) {
  return arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::UNO,
                               scalars[0], scalars[0]);
}

std::string IsNaNOp::evaluate(Operands operands, Results results) {
  return evaluateUnary(operands, results,
                       [](auto x) { return int64_t(x != x); });
}

Value IsInfOp::buildScalar(OpBuilder &builder, Location loc,
                           ValueRange scalars) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  ImplicitLocOpBuilder b(loc, builder);
  Type type = scalars[0].getType();
  Value result = createScalar(b, loc, b.getI1Type(), 0);
  for (auto [number, isWanted] : {std::pair(infinity, getPositive()),
                                  std::pair(-infinity, getNegative())}) {
    if (!isWanted)
      continue;
    Value isSame =
        arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, scalars[0],
                              createScalar(b, loc, type, number));
    result = arith::OrIOp::create(b, result, isSame);
  }
  return result;
}

std::string IsInfOp::evaluate(Operands operands, Results results) {
  bool positive = getPositive(), negative = getNegative();
  return evaluateUnary(operands, results, [&](auto x) {
    return int64_t(std::isinf(double(x)) && (x > 0 ? positive : negative));
  });
}

//===----------------------------------------------------------------------===//
// AndOp, OrOp, XorOp, NotOp
//===----------------------------------------------------------------------===//

/// A function of integers applied to them; floats do not occur.
template <typename Function>
static std::string evaluateBits(Operands operands, Results results,
                                Function function) {
  return evaluateBinary(operands, results, [&](auto a, auto b) {
    return static_cast<int64_t>(
        function(static_cast<uint64_t>(a), static_cast<uint64_t>(b)));
  });
}

Value AndOp::buildScalar(OpBuilder &builder, Location loc, ValueRange scalars) {
  return arith::AndIOp::create(builder, loc, scalars[0], scalars[1]);
}

std::string AndOp::evaluate(Operands operands, Results results) {
  return evaluateBits(operands, results, std::bit_and<>());
}

Value OrOp::buildScalar(OpBuilder &builder, Location loc, ValueRange scalars) {
  return arith::OrIOp::create(builder, loc, scalars[0], scalars[1]);
}

std::string OrOp::evaluate(Operands operands, Results results) {
  return evaluateBits(operands, results, std::bit_or<>());
}

Value XorOp::buildScalar(OpBuilder &builder, Location loc, ValueRange scalars) {
  return arith::XOrIOp::create(builder, loc, scalars[0], scalars[1]);
}

std::string XorOp::evaluate(Operands operands, Results results) {
  return evaluateBits(operands, results, std::bit_xor<>());
}

Value NotOp::buildScalar(OpBuilder &builder, Location loc, ValueRange scalars) {
  Value ones = createScalar(builder, loc, scalars[0].getType(), -1);
  return arith::XOrIOp::create(builder, loc, scalars[0], ones);
}

std::string NotOp::evaluate(Operands operands, Results results) {
  bool isBool = operands[0].type() == nncio::ElementType::Bool;
  return evaluateUnary(operands, results, [&](auto x) {
    return isBool ? int64_t(x == 0) : ~static_cast<int64_t>(x);
  });
}

//===----------------------------------------------------------------------===//
// ShiftLeftOp, ShiftRightOp
//===----------------------------------------------------------------------===//

template <typename ShiftOp>
static Value buildShift(OpBuilder &builder, Location loc, ValueRange scalars) {
  ImplicitLocOpBuilder b(loc, builder);
  Type type = scalars[0].getType();
  Value zero = createScalar(b, loc, type, 0);
  Value width = createScalar(b, loc, type, type.getIntOrFloatBitWidth());
  Value fits =
      arith::CmpIOp::create(b, arith::CmpIPredicate::ult, scalars[1], width);
  Value amount = arith::SelectOp::create(b, fits, scalars[1], zero);
  Value shifted = ShiftOp::create(b, scalars[0], amount);
  return arith::SelectOp::create(b, fits, shifted, zero);
}

/// `function` on the bits of one element, without what sign extension added.
template <typename Function>
static std::string evaluateShift(Operands operands, Results results,
                                 Function function) {
  uint64_t width = nncio::elementBytes(operands[0].type()) * 8;
  uint64_t mask = ~uint64_t(0) >> (64 - width);
  return evaluateBits(operands, results, [&](uint64_t a, uint64_t b) {
    a &= mask;
    b &= mask;
    return b < width ? function(a, b) : 0;
  });
}

Value ShiftLeftOp::buildScalar(OpBuilder &builder, Location loc,
                               ValueRange scalars) {
  return buildShift<arith::ShLIOp>(builder, loc, scalars);
}

std::string ShiftLeftOp::evaluate(Operands operands, Results results) {
  return evaluateShift(operands, results,
                       [](uint64_t a, uint64_t b) { return a << b; });
}

Value ShiftRightOp::buildScalar(OpBuilder &builder, Location loc,
                                ValueRange scalars) {
  return buildShift<arith::ShRUIOp>(builder, loc, scalars);
}

std::string ShiftRightOp::evaluate(Operands operands, Results results) {
  return evaluateShift(operands, results,
                       [](uint64_t a, uint64_t b) { return a >> b; });
}

//===----------------------------------------------------------------------===//
// WhereOp
//===----------------------------------------------------------------------===//

FailureOr<Type> WhereOp::getResultElementType(Adaptor adaptor,
                                              DimBuilder &dims) {
  if (failed(requireOneElementType({adaptor.getOnTrue(), adaptor.getOnFalse()},
                                   dims)))
    return failure();
  return elementTypeOf(adaptor.getOnTrue());
}

Value WhereOp::buildScalar(OpBuilder &builder, Location loc,
                           ValueRange scalars) {
  return arith::SelectOp::create(builder, loc, scalars[0], scalars[1],
                                 scalars[2]);
}

std::string WhereOp::evaluate(Operands operands, Results results) {
  nncio::Tensor &result = results[0];
  size_t width = nncio::elementBytes(result.type());
  uint8_t *out = result.mutableData();
  forEachBroadcast(result, operands, [&](int64_t i, ArrayRef<int64_t> at) {
    unsigned chosen = operands[0].getInt(at[0]) ? 1 : 2;
    std::memcpy(out + i * width, operands[chosen].data() + at[chosen] * width,
                width);
  });
  return "";
}

//===----------------------------------------------------------------------===//
// CastOp
//===----------------------------------------------------------------------===//

FailureOr<Type> CastOp::getResultElementType(Adaptor adaptor,
                                             DimBuilder &dims) {
  Type type = adaptor.getTo();
  if (toElementType(type) && !type.isSignedInteger() && !isString(type))
    return type;
  std::string text;
  llvm::raw_string_ostream(text)
      << "expects a float, integer or bool to convert to, but got " << type;
  return dims.fail(text);
}

OpFoldResult CastOp::fold(FoldAdaptor) {
  return getInput().getType() == getType() ? getInput() : Value();
}

Value CastOp::buildScalar(OpBuilder &builder, Location loc,
                          ValueRange scalars) {
  return convertElement(builder, loc, scalars[0], elementTypeOf(getInput()),
                        getTo(), !getUnsaturated(), getRounding());
}

/// The same choice in the vocabulary of host tensors.
static nncio::PowerRounding toHostRounding(PowerRounding rounding) {
  switch (rounding) {
  case PowerRounding::Up:
    return nncio::PowerRounding::Up;
  case PowerRounding::Down:
    return nncio::PowerRounding::Down;
  case PowerRounding::Nearest:
    return nncio::PowerRounding::Nearest;
  }
  return nncio::PowerRounding::Up;
}

std::string CastOp::evaluate(Operands operands, Results results) {
  const nncio::Tensor &input = operands[0];
  nncio::Tensor &result = results[0];
  bool isU64 = input.type() == nncio::ElementType::U64;
  for (int64_t i = 0; i < input.size(); ++i) {
    if (nncio::isNarrowFloat(result.type()))
      result.setNarrow(i, input.getDouble(i), !getUnsaturated(),
                       toHostRounding(getRounding()));
    else if (nncio::isFloat(input.type()))
      result.setDouble(i, input.getDouble(i));
    else if (isU64 && result.type() == nncio::ElementType::F32)
      // Rounded once, not to double before.
      result.setDouble(
          i, static_cast<float>(static_cast<uint64_t>(input.getInt(i))));
    else if (isU64 && nncio::isFloat(result.type()))
      result.setDouble(i, input.getDouble(i));
    else
      result.setInt(i, input.getInt(i));
  }
  return "";
}

//===----------------------------------------------------------------------===//
// BitcastOp
//===----------------------------------------------------------------------===//

FailureOr<Type> BitcastOp::getResultElementType(Adaptor adaptor,
                                                DimBuilder &dims) {
  Type from = elementTypeOf(adaptor.getInput()), to = adaptor.getTo();
  if (toElementType(to) && !to.isSignedInteger() && !to.isInteger(1) &&
      !from.isInteger(1) && !isString(from) && !isString(to) &&
      from.getIntOrFloatBitWidth() == to.getIntOrFloatBitWidth())
    return to;
  std::string text;
  llvm::raw_string_ostream(text)
      << "expects element types of the same number of bits, but got " << from
      << " and " << to;
  return dims.fail(text);
}

Value BitcastOp::buildScalar(OpBuilder &builder, Location loc,
                             ValueRange scalars) {
  Type type = getStorageType(getTo());
  if (scalars[0].getType() == type)
    return scalars[0];
  return arith::BitcastOp::create(builder, loc, type, scalars[0]);
}

std::string BitcastOp::evaluate(Operands operands, Results results) {
  if (operands[0].bytes())
    std::memcpy(results[0].mutableData(), operands[0].data(),
                operands[0].bytes());
  return "";
}
