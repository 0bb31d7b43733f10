//===----------------------------------------------------------------------===//
// The register tile of a contraction.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "TileEmitter.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace mlir::nnc::kern;

SmallVector<Value> TileEmitter::zeros(int64_t count) {
  OpBuilder &b = loops.builder;
  Value zero =
      arith::ConstantOp::create(b, loops.loc, b.getZeroAttr(getVectorType()));
  return SmallVector<Value>(count, zero);
}

Value TileEmitter::broadcast(Value scalar) {
  return vector::BroadcastOp::create(loops.builder, loops.loc,
                                     VectorType::get(lanes, scalar.getType()),
                                     scalar);
}

Value TileEmitter::convert(Value value) {
  OpBuilder &b = loops.builder;
  Type from = getElementTypeOrSelf(value.getType());
  if (from == sumType)
    return value;
  Type to = sumType;
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    to = VectorType::get(vector.getShape(), sumType);
  unsigned own = from.getIntOrFloatBitWidth(),
           wanted = sumType.getIntOrFloatBitWidth();
  if (isa<FloatType>(from))
    return own < wanted
               ? Value(arith::ExtFOp::create(b, loops.loc, to, value))
               : Value(arith::TruncFOp::create(b, loops.loc, to, value));
  return own < wanted ? Value(arith::ExtSIOp::create(b, loops.loc, to, value))
                      : Value(arith::TruncIOp::create(b, loops.loc, to, value));
}

Value TileEmitter::multiplyAdd(Value a, Value b, Value sum) {
  OpBuilder &builder = loops.builder;
  if (bytes.dot > 1)
    return multiplyAddBytes(a, b, sum);
  if (!isa<FloatType>(sumType)) {
    Value product = arith::MulIOp::create(builder, loops.loc, a, b);
    return arith::AddIOp::create(builder, loops.loc, product, sum);
  }
  if (fma)
    return vector::FMAOp::create(builder, loops.loc, a, b, sum);
  Value product = arith::MulFOp::create(builder, loops.loc, a, b);
  return arith::AddFOp::create(builder, loops.loc, product, sum);
}

int64_t TileEmitter::getStep(Value begin, Value end) {
  constexpr int64_t step = 4;
  std::optional<int64_t> first = getNumber(begin), last = getNumber(end);
  if (first && last)
    return (*last - *first) % step == 0 ? step : 1;
  // Blocks of known size at an unknown place.
  auto sum = end.getDefiningOp<arith::AddIOp>();
  if (!sum || sum.getLhs() != begin)
    return 1;
  std::optional<int64_t> count = getNumber(sum.getRhs());
  return count && *count % step == 0 ? step : 1;
}

//===----------------------------------------------------------------------===//
// Bytes
//===----------------------------------------------------------------------===//

Value TileEmitter::loadFactor(Value memref, ValueRange indices) {
  if (bytes.dot > 1)
    return loops.load(memref, indices, bytes.dot);
  return memref::LoadOp::create(loops.builder, loops.loc, memref, indices);
}

Value TileEmitter::loadColumns(Value memref, ValueRange indices, Value mask) {
  return loops.load(memref, indices, lanes * getDot(), mask);
}

Value TileEmitter::flip(Value elements) {
  if (!bytes.flips)
    return elements;
  OpBuilder &b = loops.builder;
  Type type = elements.getType();
  unsigned bits = getElementTypeOrSelf(type).getIntOrFloatBitWidth();
  APInt tops = APInt::getSplat(bits, APInt(8, 0x80));
  TypedAttr attr = b.getIntegerAttr(getElementTypeOrSelf(type), tops);
  if (auto vector = dyn_cast<VectorType>(type))
    attr = DenseElementsAttr::get(vector, tops);
  Value top = arith::ConstantOp::create(b, loops.loc, attr);
  return arith::XOrIOp::create(b, loops.loc, elements, top);
}

/// The bytes of one row for every sum.
Value TileEmitter::spread(Value factor) {
  OpBuilder &b = loops.builder;
  if (bytes.dot <= 1)
    return broadcast(flip(factor));
  Type word = b.getIntegerType(8 * bytes.dot);
  Value number =
      vector::BitCastOp::create(b, loops.loc, VectorType::get(1, word), factor);
  number =
      vector::ExtractOp::create(b, loops.loc, number, ArrayRef<int64_t>{0});
  Value all = broadcast(flip(number));
  return vector::BitCastOp::create(
      b, loops.loc, VectorType::get(lanes * bytes.dot, b.getI8Type()), all);
}

Value TileEmitter::toFactors(Value value) {
  if (!bytes.dot)
    return convert(value);
  if (bytes.dot == 4)
    return value;
  OpBuilder &b = loops.builder;
  Type wide = VectorType::get(lanes * bytes.dot,
                              b.getIntegerType(bytes.dot == 2 ? 16 : 32));
  return arith::ExtUIOp::create(b, loops.loc, wide, value);
}

Value TileEmitter::toColumns(Value value) {
  if (bytes.dot == 4)
    return value;
  if (bytes.dot != 2)
    return convert(value);
  OpBuilder &b = loops.builder;
  return arith::ExtSIOp::create(
      b, loops.loc, VectorType::get(lanes * 2, b.getI16Type()), value);
}

/// Products of pairs never saturate in 32 bits: those of unsigned and signed
/// bytes are below 2^15, and `vpmaddubsw`, which adds them in 16, is not used.
Value TileEmitter::multiplyAddBytes(Value factors, Value columns, Value sum) {
  OpBuilder &b = loops.builder;
  auto call = [&](StringRef name, ValueRange operands) -> Value {
    return LLVM::CallIntrinsicOp::create(b, loops.loc, getVectorType(),
                                         b.getStringAttr(name), operands)
        .getResult(0);
  };
  int64_t bits = lanes * 32;
  if (bytes.dot == 4)
    return call("llvm.x86.avx512.vpdpbusd." + std::to_string(bits),
                {sum, factors, columns});
  StringRef name = bits == 512   ? "llvm.x86.avx512.pmaddw.d.512"
                   : bits == 256 ? "llvm.x86.avx2.pmadd.wd"
                                 : "llvm.x86.sse2.pmadd.wd";
  return arith::AddIOp::create(b, loops.loc, sum,
                               call(name, {factors, columns}));
}

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

SmallVector<Value>
TileEmitter::accumulate(Value begin, Value end, ArrayRef<Value> sums,
                        int64_t rows, function_ref<Value(int64_t, Value)> row,
                        function_ref<Value(int64_t, Value)> column,
                        function_ref<void(Value)> ahead) {
  int64_t vectors = sums.size() / rows, step = getStep(begin, end);
  return loops.loop(begin, end, step, sums, [&](Value k, ArrayRef<Value> old) {
    SmallVector<Value> current = llvm::to_vector(old);
    for (int64_t part = 0; part < step; ++part) {
      Value at = loops.add(k, part);
      SmallVector<Value> columns;
      for (int64_t j = 0; j < vectors; ++j)
        columns.push_back(toColumns(column(j, at)));
      if (part == 0 && ahead)
        ahead(k);
      for (int64_t i = 0; i < rows; ++i) {
        Value element = row(i, at);
        Value factor = bytes.dot ? toFactors(spread(element))
                                 : broadcast(convert(element));
        for (int64_t j = 0; j < vectors; ++j) {
          Value &sum = current[i * vectors + j];
          sum = multiplyAdd(factor, columns[j], sum);
        }
      }
    }
    return current;
  });
}

//===----------------------------------------------------------------------===//
// Prefetching
//===----------------------------------------------------------------------===//

/// Bytes of a cache line.
static constexpr int64_t lineBytes = 64;

PanelPrefetch::PanelPrefetch(LoopBuilder &loops, Value data, int64_t columns,
                             std::optional<int64_t> strips)
    : loops(loops), columns(columns),
      strips(std::max<int64_t>(strips.value_or(8), 1)) {
  auto type = cast<MemRefType>(data.getType());
  unsigned bits = type.getElementType().getIntOrFloatBitWidth();
  line = lineBytes * 8 / std::max(8u, bits);
  flat = loops.collapse(data, 0, type.getRank());
}

void PanelPrefetch::fetch(Value panel, Value panelSize, Value strip,
                          Value depth, Value position, int64_t step) {
  auto fetchLine = [&](Value place) {
    memref::PrefetchOp::create(loops.builder, loops.loc, flat,
                               ValueRange{place}, /*isWrite=*/false,
                               /*localityHint=*/3, /*isDataCache=*/true);
  };
  int64_t lines = llvm::divideCeil(step * columns, line);
  if (strips == 1) {
    constexpr int64_t aheadLines = 8192 / lineBytes;
    Value place = loops.add(panel, loops.mul(position, columns));
    for (int64_t i = 0; i < lines; ++i)
      fetchLine(loops.add(place, (aheadLines + i) * line));
    return;
  }
  int64_t own = llvm::divideCeil(lines, strips) * line;
  Value perStrip = loops.mul(loops.div(depth, step), own);
  Value place =
      loops.add(loops.add(panel, panelSize), loops.mul(strip, perStrip));
  place = loops.add(place, loops.mul(loops.div(position, step), own));
  for (int64_t i = 0; i < own; i += line)
    fetchLine(loops.add(place, i));
}
