//===----------------------------------------------------------------------===//
// Numbers of few bits, widened in vector registers.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "NarrowCodes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::kern;

static constexpr int64_t wordBits = 32;

/// The number of an integer code with a sign.
static int64_t signExtend(int64_t code, int64_t bits) {
  int64_t half = int64_t(1) << (bits - 1);
  return (code & (half - 1)) - (code & half);
}

/// AVX-512 looks 16 floats up by the lowest 4 bits of each lane: what words
/// hold above need not be cleared, and the conversion is the look-up.
NarrowCodes::NarrowCodes(LoopBuilder &loops, Type stored, int64_t lanes,
                         hw::TargetAttr target)
    : loops(loops), stored(stored), lanes(lanes) {
  constexpr int64_t entries = 16;
  int64_t bits = stored.getIntOrFloatBitWidth();
  if (bits >= 8 || lanes != entries || target.getVectorBits() != 512)
    return;
  SmallVector<float> numbers;
  for (int64_t code = 0; code < entries; ++code)
    numbers.push_back(float(signExtend(code & ((1 << bits) - 1), bits)));
  auto type = VectorType::get(entries, loops.builder.getF32Type());
  table = arith::ConstantOp::create(
      loops.builder, loops.loc,
      DenseElementsAttr::get(type, ArrayRef(numbers)));
}

double NarrowCodes::getFactor() const {
  // Exponents of f8E4M3FN are 7 too large, in f16 they are 15.
  return isa<Float8E4M3FNType>(stored) ? 256 : 1;
}

Value NarrowCodes::splat(Type elementType, int64_t number) {
  auto type = VectorType::get(lanes, elementType);
  APInt bits(elementType.getIntOrFloatBitWidth(), number, /*isSigned=*/true);
  return arith::ConstantOp::create(loops.builder, loops.loc,
                                   DenseElementsAttr::get(type, bits));
}

Value NarrowCodes::widenInteger(Value words, int64_t index) {
  OpBuilder &b = loops.builder;
  int64_t bits = stored.getIntOrFloatBitWidth();
  Type i32 = b.getI32Type();
  auto floats = VectorType::get(lanes, b.getF32Type());
  if (table) {
    if (index)
      words =
          arith::ShRUIOp::create(b, loops.loc, words, splat(i32, bits * index));
    return LLVM::CallIntrinsicOp::create(
               b, loops.loc, floats,
               b.getStringAttr("llvm.x86.avx512.permvar.sf.512"),
               ValueRange{table, words})
        .getResult(0);
  }
  int64_t above = wordBits - bits * (index + 1);
  if (above)
    words = arith::ShLIOp::create(b, loops.loc, words, splat(i32, above));
  words =
      arith::ShRSIOp::create(b, loops.loc, words, splat(i32, wordBits - bits));
  return arith::SIToFPOp::create(b, loops.loc, floats, words);
}

/// By way of f16, which has the exponents of f8E5M2, and those of f8E4M3FN up
/// to a factor; numbers below the normal range are right, too.
Value NarrowCodes::widenFloat8(Value bytes) {
  OpBuilder &b = loops.builder;
  Type i16 = b.getI16Type();
  Value wide =
      arith::ExtSIOp::create(b, loops.loc, VectorType::get(lanes, i16), bytes);
  bool hasFourBits = isa<Float8E4M3FNType>(stored);
  wide = arith::ShLIOp::create(b, loops.loc, wide,
                               splat(i16, hasFourBits ? 7 : 8));
  // The second copy of the sign lies on the exponent.
  if (hasFourBits)
    wide =
        arith::AndIOp::create(b, loops.loc, wide, splat(i16, int16_t(0xBF80)));
  Value half = arith::BitcastOp::create(
      b, loops.loc, VectorType::get(lanes, b.getF16Type()), wide);
  return arith::ExtFOp::create(b, loops.loc,
                               VectorType::get(lanes, b.getF32Type()), half);
}

Value NarrowCodes::widen(Value elements, int64_t index) {
  OpBuilder &b = loops.builder;
  auto floats = VectorType::get(lanes, b.getF32Type());
  if (stored.getIntOrFloatBitWidth() < 8)
    return widenInteger(elements, index);
  if (isa<Float16Type, BFloat16Type>(stored))
    return arith::ExtFOp::create(b, loops.loc, floats, elements);
  if (isa<FloatType>(stored))
    return widenFloat8(elements);
  Value words = arith::ExtSIOp::create(
      b, loops.loc, VectorType::get(lanes, b.getI32Type()), elements);
  return arith::SIToFPOp::create(b, loops.loc, floats, words);
}
