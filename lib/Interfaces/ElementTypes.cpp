//===----------------------------------------------------------------------===//
// Between MLIR's element types and those of host tensors.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Interfaces/ElementTypes.h"

using namespace mlir;
using nncio::ElementType;

static std::optional<ElementType> toNarrowFloat(Type type) {
  if (isa<Float8E4M3FNType>(type))
    return ElementType::F8E4M3FN;
  if (isa<Float8E4M3FNUZType>(type))
    return ElementType::F8E4M3FNUZ;
  if (isa<Float8E5M2Type>(type))
    return ElementType::F8E5M2;
  if (isa<Float8E5M2FNUZType>(type))
    return ElementType::F8E5M2FNUZ;
  if (isa<Float8E8M0FNUType>(type))
    return ElementType::F8E8M0;
  if (isa<Float4E2M1FNType>(type))
    return ElementType::F4E2M1;
  return std::nullopt;
}

bool mlir::nnc::isNarrow(Type type) {
  return type.isIntOrFloat() && type.getIntOrFloatBitWidth() != 1 &&
         (type.getIntOrFloatBitWidth() < 8 || toNarrowFloat(type));
}

std::optional<ElementType> mlir::nnc::toElementType(Type type) {
  if (type.isF32())
    return ElementType::F32;
  if (type.isF64())
    return ElementType::F64;
  if (type.isF16())
    return ElementType::F16;
  if (type.isBF16())
    return ElementType::BF16;
  if (isa<FloatType>(type))
    return toNarrowFloat(type);
  if (isString(type))
    return ElementType::String;
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer)
    return std::nullopt;
  bool isUnsigned = integer.isUnsigned();
  switch (integer.getWidth()) {
  case 1:
    return ElementType::Bool;
  case 2:
    return isUnsigned ? ElementType::U2 : ElementType::I2;
  case 4:
    return isUnsigned ? ElementType::U4 : ElementType::I4;
  case 8:
    return isUnsigned ? ElementType::U8 : ElementType::I8;
  case 16:
    return isUnsigned ? ElementType::U16 : ElementType::I16;
  case 32:
    return isUnsigned ? ElementType::U32 : ElementType::I32;
  case 64:
    return isUnsigned ? ElementType::U64 : ElementType::I64;
  default:
    return std::nullopt;
  }
}

Type mlir::nnc::fromElementType(MLIRContext *context, ElementType type) {
  switch (type) {
  case ElementType::F32:
    return Float32Type::get(context);
  case ElementType::F64:
    return Float64Type::get(context);
  case ElementType::F16:
    return Float16Type::get(context);
  case ElementType::BF16:
    return BFloat16Type::get(context);
  case ElementType::Bool:
    return IntegerType::get(context, 1);
  case ElementType::F8E4M3FN:
    return Float8E4M3FNType::get(context);
  case ElementType::F8E4M3FNUZ:
    return Float8E4M3FNUZType::get(context);
  case ElementType::F8E5M2:
    return Float8E5M2Type::get(context);
  case ElementType::F8E5M2FNUZ:
    return Float8E5M2FNUZType::get(context);
  case ElementType::F8E8M0:
    return Float8E8M0FNUType::get(context);
  case ElementType::F4E2M1:
    return Float4E2M1FNType::get(context);
  case ElementType::String:
  case ElementType::Undefined:
    return {};
  default:
    unsigned bits = nncio::elementBits(type);
    return IntegerType::get(context, bits,
                            nncio::isUnsigned(type) ? IntegerType::Unsigned
                                                    : IntegerType::Signless);
  }
}

Type mlir::nnc::getStorageType(Type type) {
  if (isNarrow(type))
    return IntegerType::get(type.getContext(), 8);
  if (isString(type))
    return IntegerType::get(type.getContext(), 64);
  if (auto integer = dyn_cast<IntegerType>(type))
    return IntegerType::get(type.getContext(), integer.getWidth());
  if (auto shaped = dyn_cast<RankedTensorType>(type))
    return RankedTensorType::get(shaped.getShape(),
                                 getStorageType(shaped.getElementType()));
  return type;
}
