//===----------------------------------------------------------------------===//
// Between MLIR's element types and those of host tensors.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_INTERFACES_ELEMENTTYPES_H
#define NNC_INTERFACES_ELEMENTTYPES_H

#include "mlir/IR/BuiltinTypes.h"
#include "nnc/DataIO/Tensor.h"
#include <optional>

namespace mlir::nnc {

/// Says of a type that it is the element of string tensors.
template <typename ConcreteType>
class StringElement : public TypeTrait::TraitBase<ConcreteType, StringElement> {
};

inline bool isString(Type type) { return type.hasTrait<StringElement>(); }

/// Signed integers and bool are signless (`i64`, `i1`), unsigned ones `ui8`….
/// nullopt for what host tensors do not hold.
std::optional<nncio::ElementType> toElementType(Type type);

/// A null type for Undefined and for String, whose type a dialect has.
Type fromElementType(MLIRContext *context, nncio::ElementType type);

/// True for what is stored and converted but not computed with: floats of at
/// most 8 bits, integers of less than 8.
bool isNarrow(Type type);

/// The type in memory and in kernels: unsigned integers become signless, narrow
/// types `i8`, strings the `i64` of their number.
Type getStorageType(Type type);

} // namespace mlir::nnc

#endif // NNC_INTERFACES_ELEMENTTYPES_H
