//===----------------------------------------------------------------------===//
// The hw dialect: attributes that describe machines and costs.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_HW_IR_HWDIALECT_H
#define NNC_DIALECTS_HW_IR_HWDIALECT_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/OpImplementation.h"
#include <optional>

#include "dialects/HW/IR/HWDialect.h.inc"
#include "dialects/HW/IR/HWEnums.h.inc"

namespace mlir::nnc::hw {
/// A double as a parameter of an attribute: compares and hashes by its bits,
/// prints so that it reads back the same.
class Number {
public:
  Number(double value = 0) : value(value) {}
  operator double() const { return value; }
  bool operator==(const Number &other) const;
  friend llvm::hash_code hash_value(const Number &number);

private:
  double value;
};
AsmPrinter &operator<<(AsmPrinter &printer, const Number &number);
} // namespace mlir::nnc::hw

namespace mlir {
template <>
struct FieldParser<nnc::hw::Number> {
  static FailureOr<nnc::hw::Number> parse(AsmParser &parser);
};
template <>
struct FieldParser<std::optional<nnc::hw::Number>> {
  static FailureOr<std::optional<nnc::hw::Number>> parse(AsmParser &parser);
};
} // namespace mlir

#define GET_ATTRDEF_CLASSES
#include "dialects/HW/IR/HWAttrs.h.inc"

#endif // NNC_DIALECTS_HW_IR_HWDIALECT_H
