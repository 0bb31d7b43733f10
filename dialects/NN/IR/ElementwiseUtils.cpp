//===----------------------------------------------------------------------===//
// What element-wise ops share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/ElementwiseUtils.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "nnc/Interfaces/ElementTypes.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

static Type elementTypeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getElementType();
}

FailureOr<SmallVector<Dim>> nn::broadcastOperands(ValueRange operands,
                                                  DimBuilder &dims) {
  SmallVector<Dim> shape;
  for (Value operand : operands) {
    FailureOr<SmallVector<Dim>> both =
        dims.broadcast(shape, dims.shape(operand));
    if (failed(both))
      return failure();
    shape = std::move(*both);
  }
  return shape;
}

LogicalResult nn::requireOneElementType(ValueRange operands, DimBuilder &dims) {
  Type first = elementTypeOf(operands[0]);
  for (Value operand : operands) {
    Type type = elementTypeOf(operand);
    if (type == first)
      continue;
    std::string text;
    llvm::raw_string_ostream(text)
        << "expects operands of one element type, but got " << first << " and "
        << type;
    return dims.fail(text);
  }
  return success();
}

LogicalResult nn::inferElementwise(ValueRange operands, Type elementType,
                                   DimBuilder &dims,
                                   SmallVectorImpl<ResultShape> &shapes) {
  if (failed(requireOneElementType(operands, dims)))
    return failure();
  FailureOr<SmallVector<Dim>> shape = broadcastOperands(operands, dims);
  if (failed(shape))
    return failure();
  shapes.push_back({elementType ? elementType : elementTypeOf(operands[0]),
                    std::move(*shape)});
  return success();
}

std::optional<int64_t> nn::countResultElements(Operation *op) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  if (!type.hasStaticShape())
    return std::nullopt;
  return type.getNumElements();
}

//===----------------------------------------------------------------------===//
// Scalar functions
//===----------------------------------------------------------------------===//

bool nn::isUnsignedOperand(Operation *op, unsigned index) {
  Type type = elementTypeOf(op->getOperand(index));
  return type.isUnsignedInteger() || type.isInteger(1);
}

Value nn::createScalar(OpBuilder &builder, Location loc, Type type,
                       double number) {
  TypedAttr attr;
  if (isa<FloatType>(type))
    attr = builder.getFloatAttr(type, number);
  else
    attr = builder.getIntegerAttr(type, static_cast<int64_t>(number));
  return arith::ConstantOp::create(builder, loc, attr);
}

/// f32 for the 16-bit floats, else the type itself.
static Type getWideType(Type type) {
  return type.isF16() || type.isBF16() ? Float32Type::get(type.getContext())
                                       : type;
}

/// A float in another float type; between 16-bit types by f32.
static Value convertFloat(OpBuilder &builder, Location loc, Value scalar,
                          Type type) {
  if (scalar.getType() == type)
    return scalar;
  unsigned from = scalar.getType().getIntOrFloatBitWidth();
  unsigned to = type.getIntOrFloatBitWidth();
  if (from == to) {
    scalar = arith::ExtFOp::create(builder, loc, builder.getF32Type(), scalar);
    from = 32;
  }
  if (from < to)
    return arith::ExtFOp::create(builder, loc, type, scalar);
  return arith::TruncFOp::create(builder, loc, type, scalar);
}

Value nn::computeInF32(
    OpBuilder &builder, Location loc, ValueRange scalars,
    function_ref<Value(ImplicitLocOpBuilder &, ValueRange)> function) {
  Type type = scalars[0].getType();
  SmallVector<Value> wide;
  for (Value scalar : scalars)
    wide.push_back(convertFloat(builder, loc, scalar, getWideType(type)));
  ImplicitLocOpBuilder b(loc, builder);
  return convertFloat(builder, loc, function(b, wide), type);
}

/// Truncates toward zero and saturates; NaN gives 0.
static Value convertFloatToInt(OpBuilder &builder, Location loc, Value scalar,
                               Type type, bool toUnsigned) {
  ImplicitLocOpBuilder b(loc, builder);
  Type wide = getWideType(scalar.getType());
  scalar = convertFloat(builder, loc, scalar, wide);
  unsigned width = type.getIntOrFloatBitWidth();
  APInt least =
      toUnsigned ? APInt::getMinValue(width) : APInt::getSignedMinValue(width);
  APInt greatest =
      toUnsigned ? APInt::getMaxValue(width) : APInt::getSignedMaxValue(width);
  // Both bounds are powers of two or zero, so exact in every float from f32 on.
  double end = std::ldexp(1.0, toUnsigned ? width : width - 1);
  Value low = createScalar(b, loc, wide, toUnsigned ? 0 : -end);
  Value high = createScalar(b, loc, wide, end);
  Value isLow =
      arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, scalar, low);
  Value isHigh =
      arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, scalar, high);
  Value isBelowEnd =
      arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, scalar, high);
  Value isFromLow =
      arith::CmpFOp::create(b, arith::CmpFPredicate::OGE, scalar, low);
  Value fits = arith::AndIOp::create(b, isBelowEnd, isFromLow);
  Value safe =
      arith::SelectOp::create(b, fits, scalar, createScalar(b, loc, wide, 0));
  Value number = toUnsigned
                     ? arith::FPToUIOp::create(b, type, safe).getResult()
                     : arith::FPToSIOp::create(b, type, safe).getResult();
  Value lowest = arith::ConstantOp::create(b, b.getIntegerAttr(type, least));
  Value highest =
      arith::ConstantOp::create(b, b.getIntegerAttr(type, greatest));
  number = arith::SelectOp::create(b, isLow, lowest, number);
  return arith::SelectOp::create(b, isHigh, highest, number);
}

static Value convertIntToFloat(OpBuilder &builder, Location loc, Value scalar,
                               bool isUnsigned, Type type) {
  Type wide = getWideType(type);
  Value number =
      isUnsigned
          ? arith::UIToFPOp::create(builder, loc, wide, scalar).getResult()
          : arith::SIToFPOp::create(builder, loc, wide, scalar).getResult();
  return convertFloat(builder, loc, number, type);
}

static Value convertInt(OpBuilder &builder, Location loc, Value scalar,
                        bool isUnsigned, Type type) {
  unsigned from = scalar.getType().getIntOrFloatBitWidth();
  unsigned to = type.getIntOrFloatBitWidth();
  if (from == to)
    return scalar;
  if (from > to)
    return arith::TruncIOp::create(builder, loc, type, scalar);
  if (isUnsigned)
    return arith::ExtUIOp::create(builder, loc, type, scalar);
  return arith::ExtSIOp::create(builder, loc, type, scalar);
}

Value nn::convertScalar(OpBuilder &builder, Location loc, Value scalar,
                        bool isUnsigned, Type type, bool toUnsigned) {
  Type from = scalar.getType();
  if (type.isInteger(1) && from != type) {
    Value zero = createScalar(builder, loc, from, 0);
    if (isa<FloatType>(from))
      return arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::UNE,
                                   scalar, zero);
    return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, scalar,
                                 zero);
  }
  if (isa<FloatType>(from))
    return isa<FloatType>(type)
               ? convertFloat(builder, loc, scalar, type)
               : convertFloatToInt(builder, loc, scalar, type, toUnsigned);
  return isa<FloatType>(type)
             ? convertIntToFloat(builder, loc, scalar, isUnsigned, type)
             : convertInt(builder, loc, scalar, isUnsigned, type);
}

//===----------------------------------------------------------------------===//
// Reference
//===----------------------------------------------------------------------===//

void nn::forEachBroadcast(
    const nncio::Tensor &result, ArrayRef<nncio::Tensor> operands,
    function_ref<void(int64_t, ArrayRef<int64_t>)> function) {
  int64_t rank = result.rank();
  // Row-major strides of each operand, 0 along broadcast axes.
  SmallVector<SmallVector<int64_t>> strides;
  for (const nncio::Tensor &operand : operands) {
    SmallVector<int64_t> stride(rank, 0);
    int64_t lag = rank - operand.rank(), step = 1;
    for (int64_t axis = rank - 1; axis >= lag; --axis) {
      int64_t size = operand.shape()[axis - lag];
      stride[axis] = size == 1 ? 0 : step;
      step *= size;
    }
    strides.push_back(stride);
  }
  SmallVector<int64_t> index(rank, 0), positions(operands.size(), 0);
  for (int64_t i = 0; i < result.size(); ++i) {
    function(i, positions);
    for (int64_t axis = rank - 1; axis >= 0; --axis) {
      bool carry = ++index[axis] == result.shape()[axis];
      for (auto [position, stride] : llvm::zip(positions, strides))
        position += carry ? -stride[axis] * (index[axis] - 1) : stride[axis];
      if (!carry)
        break;
      index[axis] = 0;
    }
  }
}

std::string nn::evaluateMathFunction(ArrayRef<nncio::Tensor> operands,
                                     MutableArrayRef<nncio::Tensor> results,
                                     double (*function)(double)) {
  for (int64_t i = 0; i < operands[0].size(); ++i)
    results[0].setDouble(i, function(operands[0].getDouble(i)));
  return "";
}
