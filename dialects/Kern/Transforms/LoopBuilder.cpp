//===----------------------------------------------------------------------===//
// Folding index arithmetic and structured loops.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "LoopBuilder.h"

#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::nnc::kern;

std::optional<int64_t> mlir::nnc::kern::getNumber(Value value) {
  return getConstantIntValue(value);
}

Value LoopBuilder::index(int64_t number) {
  return arith::ConstantIndexOp::create(builder, loc, number);
}
Value LoopBuilder::add(Value a, Value b) {
  return builder.createOrFold<arith::AddIOp>(loc, a, b);
}
Value LoopBuilder::sub(Value a, Value b) {
  return builder.createOrFold<arith::SubIOp>(loc, a, b);
}
Value LoopBuilder::mul(Value a, Value b) {
  return builder.createOrFold<arith::MulIOp>(loc, a, b);
}
Value LoopBuilder::div(Value a, Value b) {
  return builder.createOrFold<arith::DivUIOp>(loc, a, b);
}
Value LoopBuilder::rem(Value a, Value b) {
  return builder.createOrFold<arith::RemUIOp>(loc, a, b);
}
Value LoopBuilder::min(Value a, Value b) {
  return builder.createOrFold<arith::MinSIOp>(loc, a, b);
}
Value LoopBuilder::max(Value a, Value b) {
  return builder.createOrFold<arith::MaxSIOp>(loc, a, b);
}
Value LoopBuilder::less(Value a, Value b) {
  return builder.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::slt, a,
                                             b);
}
Value LoopBuilder::equal(Value a, Value b) {
  return builder.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, a,
                                             b);
}
Value LoopBuilder::select(Value condition, Value a, Value b) {
  return builder.createOrFold<arith::SelectOp>(loc, condition, a, b);
}
Value LoopBuilder::both(Value a, Value b) {
  return builder.createOrFold<arith::AndIOp>(loc, a, b);
}

SmallVector<Value> LoopBuilder::apply(AffineMap map, ArrayRef<Value> dims) {
  return llvm::map_to_vector(map.getResults(), [&](AffineExpr expr) {
    return builder.createOrFold<affine::AffineApplyOp>(
        loc, AffineMap::get(map.getNumDims(), 0, expr), ValueRange(dims));
  });
}

Value LoopBuilder::dim(Value memref, int64_t axis) {
  int64_t size = cast<MemRefType>(memref.getType()).getDimSize(axis);
  if (!ShapedType::isDynamic(size))
    return index(size);
  return builder.createOrFold<memref::DimOp>(loc, memref, axis);
}

void LoopBuilder::loop(Value begin, Value end, int64_t step, Body body) {
  loop(begin, end, step, {}, [&](Value iv, ArrayRef<Value>) {
    body(iv);
    return SmallVector<Value>();
  });
}

SmallVector<Value> LoopBuilder::loop(Value begin, Value end, int64_t step,
                                     ArrayRef<Value> init, CarryingBody body) {
  std::optional<int64_t> first = getNumber(begin), last = getNumber(end);
  if (first && last && *last <= *first)
    return llvm::to_vector(init);
  if (first && last && *last <= *first + step)
    return body(begin, init);
  auto loop = scf::ForOp::create(builder, loc, begin, end, index(step), init);
  OpBuilder::InsertionGuard guard(builder);
  Block *block = loop.getBody();
  // Without carried values the builder has put a terminator there.
  if (!block->empty())
    block->back().erase();
  builder.setInsertionPointToStart(block);
  SmallVector<Value> carried(loop.getRegionIterArgs());
  SmallVector<Value> results = body(loop.getInductionVar(), carried);
  scf::YieldOp::create(builder, loc, results);
  return SmallVector<Value>(loop.getResults());
}

void LoopBuilder::strips(Value begin, Value end, int64_t height,
                         function_ref<void(Value, int64_t)> body, Value total) {
  Value count = sub(end, begin);
  Value full = add(begin, mul(div(count, height), height));
  loop(begin, full, height, [&](Value at) { body(at, height); });
  std::optional<int64_t> known = getNumber(total ? total : count);
  if (known) {
    if (int64_t rest = *known % height)
      ifTrue(less(full, end), [&]() { body(full, rest); });
    return;
  }
  Value at = full;
  for (int64_t size = llvm::PowerOf2Ceil(height) / 2; size >= 1; size /= 2) {
    Value next = add(at, size);
    Value fits = less(at, sub(end, index(size - 1)));
    ifTrue(fits, [&]() { body(at, size); });
    at = select(fits, next, at);
  }
}

void LoopBuilder::units(Value count, Body body) {
  auto loop = scf::ForallOp::create(
      builder, loc, ArrayRef<OpFoldResult>{getAsOpFoldResult(count)},
      ValueRange(), std::nullopt);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar(0));
}

void LoopBuilder::ifTrue(Value condition, function_ref<void()> body) {
  if (std::optional<int64_t> known = getNumber(condition)) {
    if (*known)
      body();
    return;
  }
  auto op = scf::IfOp::create(builder, loc, condition, /*withElse=*/false);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(op.thenBlock()->getTerminator());
  body();
}

SmallVector<Value>
LoopBuilder::ifElse(Value condition, function_ref<SmallVector<Value>()> onTrue,
                    function_ref<SmallVector<Value>()> onFalse) {
  if (std::optional<int64_t> known = getNumber(condition))
    return *known ? onTrue() : onFalse();
  SmallVector<Value> results;
  auto wrap = [](function_ref<SmallVector<Value>()> body, OpBuilder &outer) {
    return [&outer, body](OpBuilder &inner, Location loc) {
      OpBuilder::InsertionGuard guard(outer);
      outer.setInsertionPoint(inner.getInsertionBlock(),
                              inner.getInsertionPoint());
      SmallVector<Value> values = body();
      scf::YieldOp::create(outer, loc, values);
    };
  };
  auto op = scf::IfOp::create(builder, loc, condition, wrap(onTrue, builder),
                              wrap(onFalse, builder));
  return SmallVector<Value>(op.getResults());
}

SmallVector<Value> LoopBuilder::delinearize(Value position,
                                            ArrayRef<Value> sizes) {
  SmallVector<Value> coordinates(sizes.size());
  for (size_t axis = sizes.size(); axis-- > 1;) {
    coordinates[axis] =
        getNumber(sizes[axis]) == 1 ? index(0) : rem(position, sizes[axis]);
    position = div(position, sizes[axis]);
  }
  if (!sizes.empty())
    coordinates[0] = position;
  return coordinates;
}

Value LoopBuilder::firstLanes(Value count, int64_t lanes) {
  return vector::CreateMaskOp::create(
      builder, loc, VectorType::get(lanes, builder.getI1Type()), count);
}

Value LoopBuilder::load(Value memref, ValueRange indices, int64_t lanes,
                        Value mask) {
  auto type = VectorType::get(
      lanes, cast<MemRefType>(memref.getType()).getElementType());
  if (!mask)
    return vector::LoadOp::create(builder, loc, type, memref, indices);
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  return vector::MaskedLoadOp::create(builder, loc, type, memref, indices, mask,
                                      zero);
}

void LoopBuilder::store(Value vector, Value memref, ValueRange indices,
                        Value mask) {
  if (mask)
    vector::MaskedStoreOp::create(builder, loc, memref, indices, mask, vector);
  else
    vector::StoreOp::create(builder, loc, vector, memref, indices);
}

Value LoopBuilder::allocate(ArrayRef<Value> sizes, Type elementType) {
  constexpr int64_t lineBytes = 64;
  SmallVector<int64_t> shape;
  SmallVector<Value> dynamic;
  for (Value size : sizes) {
    std::optional<int64_t> known = getNumber(size);
    shape.push_back(known.value_or(ShapedType::kDynamic));
    if (!known)
      dynamic.push_back(size);
  }
  return memref::AllocOp::create(builder, loc,
                                 MemRefType::get(shape, elementType), dynamic,
                                 builder.getI64IntegerAttr(lineBytes));
}

Value LoopBuilder::collapse(Value memref, int64_t begin, int64_t end) {
  int64_t rank = cast<MemRefType>(memref.getType()).getRank();
  if (end - begin < 2)
    return memref;
  SmallVector<ReassociationIndices> groups;
  for (int64_t axis = 0; axis < rank; ++axis) {
    if (axis > begin && axis < end)
      groups.back().push_back(axis);
    else
      groups.push_back({axis});
  }
  return memref::CollapseShapeOp::create(builder, loc, memref, groups);
}
