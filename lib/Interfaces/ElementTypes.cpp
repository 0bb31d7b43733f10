//===----------------------------------------------------------------------===//
// Between MLIR's element types and those of host tensors.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Interfaces/ElementTypes.h"

using namespace mlir;
using nncio::ElementType;

std::optional<ElementType> mlir::nnc::toElementType(Type type) {
  if (type.isF32())
    return ElementType::F32;
  if (type.isF64())
    return ElementType::F64;
  if (type.isF16())
    return ElementType::F16;
  if (type.isBF16())
    return ElementType::BF16;
  auto integer = dyn_cast<IntegerType>(type);
  if (!integer)
    return std::nullopt;
  bool isUnsigned = integer.isUnsigned();
  switch (integer.getWidth()) {
  case 1:
    return ElementType::Bool;
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
  case ElementType::String:
  case ElementType::Undefined:
    return {};
  default:
    unsigned bits = nncio::elementBytes(type) * 8;
    return IntegerType::get(context, bits,
                            nncio::isUnsigned(type) ? IntegerType::Unsigned
                                                    : IntegerType::Signless);
  }
}

Type mlir::nnc::getStorageType(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type))
    return IntegerType::get(type.getContext(), integer.getWidth());
  if (auto shaped = dyn_cast<RankedTensorType>(type))
    return RankedTensorType::get(shaped.getShape(),
                                 getStorageType(shaped.getElementType()));
  return type;
}
