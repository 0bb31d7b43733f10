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

int64_t TargetAttr::getLanes(Type elementType) const {
  unsigned bits = elementType.isIndex() ? 64
                  : elementType.isIntOrFloat()
                      ? elementType.getIntOrFloatBitWidth()
                      : 0;
  return bits == 0 || bits > getVectorBits() ? 1 : getVectorBits() / bits;
}

double TargetAttr::getClockGHz() const {
  if (getGhz() > 0)
    return getGhz();
  double perCycle = double(getVectorBits()) / 32 * getFmaPorts();
  return getGflops() / (getFma() ? 2 * perCycle : perCycle);
}

LogicalResult TilingAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 int64_t lanes, int64_t rows, int64_t vectors,
                                 int64_t mBlock, int64_t nBlock, int64_t kBlock,
                                 bool) {
  constexpr int64_t most = 64; // a register file and more
  for (auto [name, size] :
       {std::pair("lanes", lanes), {"rows", rows}, {"vectors", vectors}})
    if (size < 1 || size > most)
      return emitError() << "expects " << name << " of 1 to " << most
                         << ", but got " << size;
  for (auto [name, size] :
       {std::pair("m_block", mBlock), {"n_block", nBlock}, {"k_block", kBlock}})
    if (size < 0)
      return emitError() << "expects " << name << " of 0 or more, but got "
                         << size;
  if (mBlock % rows)
    return emitError() << "expects m_block of whole tiles of " << rows
                       << " rows, but got " << mBlock;
  return success();
}

void HWDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/HW/IR/HWAttrs.cpp.inc"
      >();
}
