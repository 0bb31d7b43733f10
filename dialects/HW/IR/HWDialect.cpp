//===----------------------------------------------------------------------===//
// The hw dialect.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/HW/IR/HWDialect.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/ADT/bit.h"

using namespace mlir;
using namespace mlir::nnc::hw;

bool Number::operator==(const Number &other) const {
  return llvm::bit_cast<uint64_t>(value) ==
         llvm::bit_cast<uint64_t>(other.value);
}

llvm::hash_code mlir::nnc::hw::hash_value(const Number &number) {
  return llvm::hash_value(llvm::bit_cast<uint64_t>(number.value));
}

AsmPrinter &mlir::nnc::hw::operator<<(AsmPrinter &printer,
                                      const Number &number) {
  printer.printFloat(APFloat(double(number)));
  return printer;
}

FailureOr<Number> FieldParser<Number>::parse(AsmParser &parser) {
  double value;
  if (parser.parseFloat(value))
    return failure();
  return Number(value);
}

FailureOr<std::optional<Number>>
FieldParser<std::optional<Number>>::parse(AsmParser &parser) {
  FailureOr<Number> number = FieldParser<Number>::parse(parser);
  if (failed(number))
    return failure();
  return std::optional<Number>(*number);
}

#include "dialects/HW/IR/HWDialect.cpp.inc"
#include "dialects/HW/IR/HWEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "dialects/HW/IR/HWAttrs.cpp.inc"

void HWDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/HW/IR/HWAttrs.cpp.inc"
      >();
}
