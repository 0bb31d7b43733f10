//===----------------------------------------------------------------------===//
// Quantization: shapes, scalar functions, reference, cost.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/NNOps.h"
#include "dialects/NN/IR/NarrowTypes.h"
#include "dialects/NN/IR/QuantizedUtils.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "nnc/Interfaces/ElementTypes.h"
#include <cmath>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

static Type elementTypeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getElementType();
}

/// What real numbers are quantized to.
static bool isQuantized(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type))
    return !integer.isSigned() &&
           llvm::is_contained({2, 4, 8, 16}, int(integer.getWidth()));
  return isNarrow(type) && !isa<Float8E8M0FNUType>(type);
}

LogicalResult nn::checkBroadcastsInto(Value operand, ArrayRef<Dim> shape,
                                      StringRef name, DimBuilder &dims) {
  SmallVector<Dim> own = dims.shape(operand);
  if (own.size() > shape.size())
    return dims.fail("expects '" + name + "' of rank " + Twine(shape.size()) +
                     " or less, but got " + Twine(own.size()));
  size_t lag = shape.size() - own.size();
  for (auto [axis, dim] : llvm::enumerate(own))
    if (!dim.isConstant(1) &&
        failed(dims.requireEqual(dim, shape[lag + axis],
                                 "dimension " + Twine(axis) + " of '" + name +
                                     "' and the one it broadcasts to")))
      return failure();
  return success();
}

//===----------------------------------------------------------------------===//
// QuantizeOp
//===----------------------------------------------------------------------===//

LogicalResult QuantizeOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                      SmallVectorImpl<ResultShape> &shapes) {
  SmallVector<Dim> shape = dims.shape(adaptor.getInput());
  Type type = adaptor.getElementType();
  if (!isQuantized(type))
    return dims.fail("expects an element type that is an integer of 2, 4, 8 or "
                     "16 bits or a float of 8 or 4 bits");
  if (failed(checkBroadcastsInto(adaptor.getScale(), shape, "scale", dims)))
    return failure();
  if (Value zeroPoint = adaptor.getZeroPoint()) {
    if (elementTypeOf(zeroPoint) != type)
      return dims.fail("expects a zero point of the result's element type");
    if (isa<FloatType>(type))
      return dims.fail("expects no zero point with floats");
    if (failed(checkBroadcastsInto(zeroPoint, shape, "zero_point", dims)))
      return failure();
  }
  shapes.push_back({type, shape});
  return success();
}

/// To the type of computation: f64 stays, all else becomes f32.
static Value toCompute(OpBuilder &b, Location loc, Value value, Type compute) {
  Type type = value.getType();
  if (type == compute)
    return value;
  if (isa<IntegerType>(type))
    return arith::SIToFPOp::create(b, loc, compute, value);
  if (type.getIntOrFloatBitWidth() < compute.getIntOrFloatBitWidth())
    return arith::ExtFOp::create(b, loc, compute, value);
  return arith::TruncFOp::create(b, loc, compute, value);
}

static Value widen(OpBuilder &b, Location loc, Value value, unsigned width,
                   bool isUnsigned) {
  Type type = b.getIntegerType(width);
  if (value.getType() == type)
    return value;
  if (isUnsigned)
    return arith::ExtUIOp::create(b, loc, type, value);
  return arith::ExtSIOp::create(b, loc, type, value);
}

/// The greater of `x` and `bound`, or `bound` if `x` is NaN; `predicate` ogt
/// makes it so, olt makes it the lesser.
static Value limit(OpBuilder &b, Location loc, arith::CmpFPredicate predicate,
                   Value x, Value bound) {
  Value inside = arith::CmpFOp::create(b, loc, predicate, x, bound);
  return arith::SelectOp::create(b, loc, inside, x, bound);
}

/// The bits of a small f32 rounded to an integer, half to even: an f32 between
/// 2^23 and 2^24 has no fraction, so that adding 1.5 * 2^23 rounds, and leaves
/// the integer in the lowest bits.
static Value roundToBits(OpBuilder &b, Location loc, Value small) {
  Value shift =
      arith::ConstantOp::create(b, loc, b.getF32FloatAttr(12582912.0f));
  Value shifted = arith::AddFOp::create(b, loc, small, shift);
  return arith::BitcastOp::create(b, loc, b.getI32Type(), shifted);
}

Value QuantizeOp::buildScalar(OpBuilder &b, Location loc, ValueRange scalars) {
  Type compute =
      elementTypeOf(getInput()).isF64() ? b.getF64Type() : Type(b.getF32Type());
  Value x = toCompute(b, loc, scalars[0], compute);
  Value scale = toCompute(b, loc, scalars[1], compute);
  Value quotient = arith::DivFOp::create(b, loc, x, scale);
  if (isa<FloatType>(getElementType()))
    return encodeScalar(b, loc, quotient, getElementType(), !getUnsaturated(),
                        PowerRounding::Up);
  // The bounds are integers: what is bounded before it is rounded is the same.
  bool isSmall = getElementType().isInteger(8) && compute.isF32();
  Value rounded =
      isSmall ? quotient : math::RoundEvenOp::create(b, loc, quotient);
  auto [lowest, highest] = getIntegerRange(getElementType());
  auto constant = [&](double number) -> Value {
    return arith::ConstantOp::create(b, loc, b.getFloatAttr(compute, number));
  };
  // Saturates before the zero point is added, so that the conversion to an
  // integer is always defined.
  Value low = constant(lowest), high = constant(highest), zeroPoint;
  if (getZeroPoint()) {
    zeroPoint =
        widen(b, loc, decodeScalar(b, loc, scalars[2], getElementType()), 32,
              getElementType().isUnsignedInteger());
    Value real = toCompute(b, loc, zeroPoint, compute);
    low = arith::SubFOp::create(b, loc, low, real);
    high = arith::SubFOp::create(b, loc, high, real);
  }
  Value bounded = limit(b, loc, arith::CmpFPredicate::OGT, rounded, low);
  bounded = limit(b, loc, arith::CmpFPredicate::OLT, bounded, high);
  Value number = isSmall
                     ? roundToBits(b, loc, bounded)
                     : arith::FPToSIOp::create(b, loc, b.getI32Type(), bounded);
  if (zeroPoint)
    number = arith::AddIOp::create(b, loc, number, zeroPoint);
  if (isNarrow(getElementType()))
    return encodeScalar(b, loc, number, getElementType(), /*saturate=*/true,
                        PowerRounding::Up);
  return arith::TruncIOp::create(
      b, loc, b.getIntegerType(getElementType().getIntOrFloatBitWidth()),
      number);
}

/// x / scale in the precision of the op.
static double divide(double x, double scale, bool isDouble) {
  return isDouble ? x / scale
                  : static_cast<float>(x) / static_cast<float>(scale);
}

std::string QuantizeOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                 MutableArrayRef<nncio::Tensor> results) {
  bool isDouble = operands[0].type() == nncio::ElementType::F64;
  if (isa<FloatType>(getElementType())) {
    forEachBroadcast(
        results[0], operands, [&](int64_t i, ArrayRef<int64_t> at) {
          results[0].setNarrow(i,
                               divide(operands[0].getDouble(at[0]),
                                      operands[1].getDouble(at[1]), isDouble),
                               !getUnsaturated(), nncio::PowerRounding::Up);
        });
    return "";
  }
  auto [lowest, highest] = getIntegerRange(getElementType());
  forEachBroadcast(
      results[0], operands,
      [&, low = double(lowest), high = double(highest)](int64_t i,
                                                        ArrayRef<int64_t> at) {
        double value =
            std::nearbyint(divide(operands[0].getDouble(at[0]),
                                  operands[1].getDouble(at[1]), isDouble)) +
            (operands.size() > 2 ? operands[2].getInt(at[2]) : 0);
        results[0].setInt(i, value > low ? int64_t(std::min(value, high))
                                         : int64_t(low));
      });
  return "";
}

std::optional<int64_t> QuantizeOp::getFlops() {
  std::optional<int64_t> elements = countResultElements(*this);
  return elements ? std::optional(5 * *elements) : std::nullopt;
}

//===----------------------------------------------------------------------===//
// DequantizeOp
//===----------------------------------------------------------------------===//

LogicalResult DequantizeOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                        SmallVectorImpl<ResultShape> &shapes) {
  SmallVector<Dim> shape = dims.shape(adaptor.getInput());
  if (failed(checkBroadcastsInto(adaptor.getScale(), shape, "scale", dims)))
    return failure();
  if (Value zeroPoint = adaptor.getZeroPoint()) {
    if (elementTypeOf(zeroPoint) != elementTypeOf(adaptor.getInput()))
      return dims.fail("expects a zero point of the input's element type");
    if (isa<FloatType>(elementTypeOf(zeroPoint)))
      return dims.fail("expects no zero point with floats");
    if (failed(checkBroadcastsInto(zeroPoint, shape, "zero_point", dims)))
      return failure();
  }
  shapes.push_back({elementTypeOf(adaptor.getScale()), shape});
  return success();
}

Value DequantizeOp::buildScalar(OpBuilder &b, Location loc,
                                ValueRange scalars) {
  Type input = elementTypeOf(getInput()), result = elementTypeOf(getScale());
  Type compute = result.isF64() ? b.getF64Type() : Type(b.getF32Type());
  Value number = decodeScalar(b, loc, scalars[0], input);
  bool isUnsigned = input.isUnsignedInteger();
  if (getZeroPoint()) {
    // One size up, so that the difference is exact.
    unsigned width = input.getIntOrFloatBitWidth() < 32 ? 32 : 64;
    Value zeroPoint = decodeScalar(b, loc, scalars[2], input);
    number =
        arith::SubIOp::create(b, loc, widen(b, loc, number, width, isUnsigned),
                              widen(b, loc, zeroPoint, width, isUnsigned));
  } else if (isa<IntegerType>(input)) {
    number = widen(b, loc, number, 32, isUnsigned);
  }
  Value real = arith::MulFOp::create(b, loc, toCompute(b, loc, number, compute),
                                     toCompute(b, loc, scalars[1], compute));
  if (compute == result)
    return real;
  return arith::TruncFOp::create(b, loc, result, real);
}

std::string DequantizeOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                   MutableArrayRef<nncio::Tensor> results) {
  bool isDouble = operands[1].type() == nncio::ElementType::F64;
  forEachBroadcast(results[0], operands, [&](int64_t i, ArrayRef<int64_t> at) {
    // Exact, as all integers have at most 32 bits.
    double number = operands[0].getDouble(at[0]) -
                    (operands.size() > 2 ? operands[2].getDouble(at[2]) : 0);
    double scale = operands[1].getDouble(at[1]);
    results[0].setDouble(i, isDouble ? number * scale
                                     : float(number) * float(scale));
  });
  return "";
}

std::optional<int64_t> DequantizeOp::getFlops() {
  std::optional<int64_t> elements = countResultElements(*this);
  return elements ? std::optional(2 * *elements) : std::nullopt;
}

//===----------------------------------------------------------------------===//
// QuantizationRangeOp
//===----------------------------------------------------------------------===//

LogicalResult
QuantizationRangeOp::inferShapes(Adaptor adaptor, DimBuilder &,
                                 SmallVectorImpl<ResultShape> &shapes) {
  MLIRContext *context = adaptor.getInput().getContext();
  shapes.push_back({Float32Type::get(context), {}});
  shapes.push_back({IntegerType::get(context, 8, IntegerType::Unsigned), {}});
  return success();
}

std::string
QuantizationRangeOp::evaluate(ArrayRef<nncio::Tensor> operands,
                              MutableArrayRef<nncio::Tensor> results) {
  float low = 0, high = 0;
  for (int64_t i = 0; i < operands[0].size(); ++i) {
    float x = static_cast<float>(operands[0].getDouble(i));
    // A NaN stays, once met.
    low = x < low || x != x ? x : low;
    high = x > high || x != x ? x : high;
  }
  float scale = (high - low) / 255.0f;
  if (scale == 0)
    scale = 1;
  float zeroPoint = -low / scale;
  zeroPoint = zeroPoint > 0 ? std::min(zeroPoint, 255.0f) : 0;
  results[0].setDouble(0, scale);
  results[1].setInt(0, int64_t(std::nearbyint(zeroPoint)));
  return "";
}

std::optional<int64_t> QuantizationRangeOp::getFlops() {
  auto type = cast<RankedTensorType>(getInput().getType());
  if (!type.hasStaticShape())
    return std::nullopt;
  return 2 * type.getNumElements();
}
