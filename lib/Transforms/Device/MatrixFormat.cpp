//===----------------------------------------------------------------------===//
// How units for matrices compute products of numbers in memory.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "MatrixFormat.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace mlir::nnc;

/// Are the bytes of this factor extended by their sign?
static bool isSigned(linalg::GenericOp op, unsigned factor) {
  return llvm::any_of(
      op.getBody()->getArgument(factor).getUsers(),
      [](Operation *user) { return isa<arith::ExtSIOp>(user); });
}

std::optional<MatrixFormat> MatrixFormat::choose(const Product &product,
                                                 StringRef precision) {
  auto getType = [](OpOperand *operand) {
    return cast<MemRefType>(operand->get().getType()).getElementType();
  };
  Type a = getType(product.getFactor(0)), b = getType(product.getFactor(1)),
       sum = getType(product.getResult());
  if (a != b)
    return std::nullopt;
  MatrixFormat format;
  format.bytes = a.isIntOrFloat() ? a.getIntOrFloatBitWidth() / 8 : 0;
  auto set = [&](Kind kind, NVVM::MMATypes type) {
    format.kind = kind;
    format.types = {type, type};
    return std::optional(format);
  };
  if (a.isInteger(8) && sum.isInteger(32)) {
    set(Kind::Byte, NVVM::MMATypes::s8);
    for (unsigned factor : {0, 1})
      if (!isSigned(product.op, factor))
        format.types[factor] = NVVM::MMATypes::u8;
    return format;
  }
  // Sums of narrow floats are those of f32 in another order.
  if (!sum.isF32() || precision == "strict")
    return std::nullopt;
  if (a.isF16())
    return set(Kind::Float16, NVVM::MMATypes::f16);
  if (a.isBF16())
    return set(Kind::BFloat16, NVVM::MMATypes::bf16);
  if (!a.isF32())
    return std::nullopt;
  auto kind = llvm::StringSwitch<std::optional<Kind>>(precision)
                  .Case("tf32", Kind::TF32)
                  .Case("3xtf32", Kind::SplitTF32)
                  .Case("bf16", Kind::BFloat16)
                  .Case("f16", Kind::Float16)
                  .Default(std::nullopt);
  if (!kind)
    return std::nullopt;
  return set(*kind, *kind == Kind::BFloat16  ? NVVM::MMATypes::bf16
                    : *kind == Kind::Float16 ? NVVM::MMATypes::f16
                                             : NVVM::MMATypes::tf32);
}

/// Rounded to nearest, halves away from zero, as the unit itself does not.
static Value toTF32(OpBuilder &builder, Location loc, Value value) {
  return NVVM::ConvertFloatToTF32Op::create(builder, loc, builder.getI32Type(),
                                            value, NVVM::FPRoundingMode::RNA);
}

/// Two numbers as 16 bits each in a register.
static Value pack(OpBuilder &builder, Location loc, Value low, Value high,
                  Type narrow) {
  Type wide = VectorType::get(2, low.getType());
  Value pair =
      vector::FromElementsOp::create(builder, loc, wide, ValueRange{low, high});
  return arith::TruncFOp::create(builder, loc, VectorType::get(2, narrow),
                                 pair);
}

static Value bitcastTo(OpBuilder &builder, Location loc, Type type,
                       Value value) {
  return value.getType() == type
             ? value
             : Value(LLVM::BitcastOp::create(builder, loc, type, value));
}

SmallVector<Value, 4> MatrixFormat::convertRow(OpBuilder &builder, Location loc,
                                               ArrayRef<Value> words) const {
  Type i32 = builder.getI32Type();
  // Operands of f16 are pairs, all others plain registers.
  Type half = builder.getF16Type();
  Type whole = kind == Kind::Float16 ? Type(VectorType::get(2, half)) : i32;
  if (bytes < 4)
    return llvm::map_to_vector<4>(words, [&](Value word) {
      return bitcastTo(builder, loc, whole, word);
    });
  if (kind == Kind::TF32 || kind == Kind::SplitTF32)
    return llvm::map_to_vector<4>(
        words, [&](Value word) { return toTF32(builder, loc, word); });
  Type narrow = kind == Kind::Float16 ? half : Type(builder.getBF16Type());
  SmallVector<Value, 4> registers;
  for (unsigned i = 0; i < words.size(); i += 2)
    registers.push_back(
        bitcastTo(builder, loc, whole,
                  pack(builder, loc, words[i], words[i + 1], narrow)));
  return registers;
}

MatrixFragment MatrixFormat::convert(OpBuilder &builder, Location loc,
                                     ArrayRef<Value> words) const {
  MatrixFragment fragment;
  for (unsigned row = 0; row < 4; ++row) {
    ArrayRef<Value> own = words.slice(row * wordsPerRow, wordsPerRow);
    fragment.registers[row] = convertRow(builder, loc, own);
    if (kind != Kind::SplitTF32)
      continue;
    for (auto [word, high] : llvm::zip(own, fragment.registers[row])) {
      Value rounded = bitcastTo(builder, loc, builder.getF32Type(), high);
      fragment.low[row].push_back(toTF32(
          builder, loc, arith::SubFOp::create(builder, loc, word, rounded)));
    }
  }
  return fragment;
}

SmallVector<Value> MatrixFormat::multiply(OpBuilder &builder, Location loc,
                                          const MatrixFragment &a, unsigned row,
                                          const MatrixFragment &b,
                                          unsigned column,
                                          ArrayRef<Value> before) const {
  int64_t depth = kind == Kind::Byte                              ? 32
                  : kind == Kind::TF32 || kind == Kind::SplitTF32 ? 8
                                                                  : 16;
  Type element = before[0].getType();
  Type type = LLVM::LLVMStructType::getLiteral(builder.getContext(),
                                               SmallVector<Type>(4, element));
  std::optional<NVVM::MMAIntOverflow> overflow;
  if (kind == Kind::Byte)
    overflow = NVVM::MMAIntOverflow::wrapped;
  SmallVector<Value> sums(before);
  auto step = [&](ArrayRef<SmallVector<Value, 4>> left,
                  ArrayRef<SmallVector<Value, 4>> right, unsigned at) {
    SmallVector<Value> first{left[row][at], left[row + 1][at],
                             left[row][at + 1], left[row + 1][at + 1]};
    SmallVector<Value> second{right[column][at], right[column][at + 1]};
    Value result = NVVM::MmaOp::create(
        builder, loc, type, first, second, sums,
        ArrayRef<int64_t>{16, 8, depth}, std::nullopt, overflow, types,
        std::array<NVVM::MMALayout, 2>{NVVM::MMALayout::row,
                                       NVVM::MMALayout::col});
    for (unsigned i = 0; i < sums.size(); ++i)
      sums[i] = LLVM::ExtractValueOp::create(builder, loc, result, i);
  };
  for (unsigned at = 0; at < a.registers[row].size(); at += 2) {
    // Small terms first.
    if (kind == Kind::SplitTF32) {
      step(a.low, b.registers, at);
      step(a.registers, b.low, at);
    }
    step(a.registers, b.registers, at);
  }
  return sums;
}
