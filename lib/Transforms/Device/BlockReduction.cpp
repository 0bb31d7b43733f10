//===----------------------------------------------------------------------===//
// Threads of a GPU's block that do one thing together.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "BlockReduction.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::nnc;

static Value number32(OpBuilder &builder, Location loc, int64_t value) {
  return arith::ConstantOp::create(builder, loc,
                                   builder.getI32IntegerAttr(value));
}

static Value index(OpBuilder &builder, Location loc, int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}

Value mlir::nnc::combine(OpBuilder &builder, Operation *combiner, Value a,
                         Value b) {
  IRMapping mapping;
  mapping.map(combiner->getOperand(0), a);
  mapping.map(combiner->getOperand(1), b);
  return builder.clone(*combiner, mapping)->getResult(0);
}

BlockThreads::BlockThreads(OpBuilder &builder, Location loc, int64_t count)
    : count(count) {
  Value id = NVVM::ThreadIdXOp::create(builder, loc, builder.getI32Type());
  number =
      arith::IndexCastUIOp::create(builder, loc, builder.getIndexType(), id);
}

void BlockThreads::createBarrier(OpBuilder &builder, Location loc) const {
  if (count == warpThreads)
    NVVM::SyncWarpOp::create(builder, loc, number32(builder, loc, -1));
  else
    NVVM::Barrier0Op::create(builder, loc);
}

void BlockThreads::runInFirst(OpBuilder &builder, Location loc,
                              function_ref<void(OpBuilder &)> body) const {
  Value isFirst = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                        number, index(builder, loc, 0));
  auto branch = scf::IfOp::create(builder, loc, isFirst);
  OpBuilder inside = branch.getThenBodyBuilder();
  body(inside);
}

Value mlir::nnc::exchangeInWarp(OpBuilder &builder, Location loc, Value value,
                                int64_t distance) {
  Type i32 = builder.getI32Type();
  auto shuffle = [&](Value part) -> Value {
    return NVVM::ShflOp::create(
        builder, loc, part.getType(), number32(builder, loc, -1), part,
        number32(builder, loc, distance), number32(builder, loc, 31),
        NVVM::ShflKind::bfly, UnitAttr());
  };
  Type type = value.getType();
  if (type.isF32() || type == i32)
    return shuffle(value);
  unsigned width = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  Type bits = builder.getIntegerType(width);
  if (type.isIndex())
    value = arith::IndexCastOp::create(builder, loc, bits, value);
  else if (type != bits)
    value = arith::BitcastOp::create(builder, loc, bits, value);
  if (width < 32) {
    value = shuffle(arith::ExtUIOp::create(builder, loc, i32, value));
    value = arith::TruncIOp::create(builder, loc, bits, value);
  } else {
    Value shift = arith::ConstantOp::create(builder, loc,
                                            builder.getIntegerAttr(bits, 32));
    Value low = arith::TruncIOp::create(builder, loc, i32, value);
    Value high = arith::TruncIOp::create(
        builder, loc, i32, arith::ShRUIOp::create(builder, loc, value, shift));
    low = arith::ExtUIOp::create(builder, loc, bits, shuffle(low));
    high = arith::ExtUIOp::create(builder, loc, bits, shuffle(high));
    value = arith::OrIOp::create(
        builder, loc, low, arith::ShLIOp::create(builder, loc, high, shift));
  }
  if (type.isIndex())
    return arith::IndexCastOp::create(builder, loc, type, value);
  return type == bits
             ? value
             : Value(arith::BitcastOp::create(builder, loc, type, value));
}

SmallVector<Value>
BlockThreads::reduceInWarp(OpBuilder &builder, Location loc,
                           SmallVector<Value> values,
                           ArrayRef<Operation *> combiners) const {
  for (int64_t distance = warpThreads / 2; distance > 0; distance /= 2)
    for (auto [value, combiner] : llvm::zip(values, combiners))
      value = combine(builder, combiner, value,
                      exchangeInWarp(builder, loc, value, distance));
  return values;
}

SmallVector<Value> BlockThreads::reduce(OpBuilder &builder, Location loc,
                                        SmallVector<Value> values,
                                        ArrayRef<Operation *> combiners) const {
  values = reduceInWarp(builder, loc, values, combiners);
  int64_t warps = count / warpThreads;
  if (warps == 1)
    return values;
  SmallVector<Value> buffers;
  for (Value value : values)
    buffers.push_back(memref::AllocOp::create(
        builder, loc, MemRefType::get({warps}, value.getType())));
  Value size = index(builder, loc, warpThreads);
  Value lane = arith::RemUIOp::create(builder, loc, number, size);
  Value warp = arith::DivUIOp::create(builder, loc, number, size);
  Value leads = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                      lane, index(builder, loc, 0));
  auto branch = scf::IfOp::create(builder, loc, leads);
  OpBuilder inside = branch.getThenBodyBuilder();
  for (auto [value, buffer] : llvm::zip(values, buffers))
    memref::StoreOp::create(inside, loc, value, buffer, warp);
  createBarrier(builder, loc);
  // Few and in a fixed order; threads beside the first one do it in vain.
  for (auto [value, buffer, combiner] : llvm::zip(values, buffers, combiners)) {
    value =
        memref::LoadOp::create(builder, loc, buffer, index(builder, loc, 0));
    for (int64_t i = 1; i < warps; ++i)
      value = combine(
          builder, combiner, value,
          memref::LoadOp::create(builder, loc, buffer, index(builder, loc, i)));
  }
  return values;
}

Value mlir::nnc::createSharedMemory(OpBuilder &builder, Operation *op,
                                    SymbolTable &symbols,
                                    ArrayRef<int64_t> shape, Type element) {
  auto type = MemRefType::get(
      shape, element, AffineMap(),
      builder.getI64IntegerAttr(int64_t(NVVM::NVVMMemorySpace::Shared)));
  auto kernel = op->getParentOfType<func::FuncOp>();
  Location loc = op->getLoc();
  OpBuilder atModule(kernel);
  auto global = memref::GlobalOp::create(
      atModule, loc, (kernel.getSymName() + ".tile").str(),
      builder.getStringAttr("private"), type, builder.getUnitAttr(),
      /*constant=*/false, /*alignment=*/builder.getI64IntegerAttr(16));
  symbols.insert(global);
  return memref::GetGlobalOp::create(builder, loc, type, global.getSymName());
}
