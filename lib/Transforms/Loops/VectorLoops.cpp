//===----------------------------------------------------------------------===//
// Loops over vectors for one linalg op on memrefs.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "VectorLoops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::nnc;

/// Vectors of partial results held at one time: latency of an addition (4
/// cycles) by additions a cycle (2), halved where inputs have to be read too.
static constexpr unsigned accumulators = 4;

Value VectorLoops::number(int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}

Value VectorLoops::add(Value a, Value b) {
  return builder.createOrFold<arith::AddIOp>(loc, a, b);
}

Value VectorLoops::mul(Value a, Value b) {
  return builder.createOrFold<arith::MulIOp>(loc, a, b);
}

//===----------------------------------------------------------------------===//
// What all iterations share
//===----------------------------------------------------------------------===//

/// A dimension as it is known: a number or a `memref.dim`.
static Value createDim(OpBuilder &builder, Location loc, Value memref,
                       int64_t axis) {
  return builder.createOrFold<memref::DimOp>(loc, memref, axis);
}

VectorLoops::VectorLoops(OpBuilder &builder, VectorPlan given)
    : builder(builder), loc(linalg::LinalgOp(given.op).getLoc()),
      plan(std::move(given)) {
  extents.resize(plan.op.getNumLoops());
  for (OpOperand &operand : plan.op->getOpOperands())
    addOperand(operand);
  if (plan.reducesVector)
    for (unsigned i = 0; i < plan.op.getNumDpsInits(); ++i)
      combiners.push_back(getCombiner(plan.op, i));
}

void VectorLoops::addOperand(OpOperand &operand) {
  Value memref = operand.get();
  auto type = dyn_cast<MemRefType>(memref.getType());
  SmallVector<Value> own(plan.op.getNumLoops(), number(0));
  Value origin = number(0);
  if (!type) {
    memories.push_back({});
    origins.push_back(origin);
    strides.push_back(own);
    return;
  }
  SmallVector<int64_t> known;
  int64_t offset;
  // Plans are made of strided memory only.
  (void)type.getStridesAndOffset(known, offset);
  memref::ExtractStridedMetadataOp metadata;
  if (ShapedType::isDynamic(offset) ||
      llvm::any_of(known, ShapedType::isDynamic))
    metadata = memref::ExtractStridedMetadataOp::create(builder, loc, memref);
  origin =
      ShapedType::isDynamic(offset) ? metadata.getOffset() : number(offset);
  Value end = add(origin, number(1));
  AffineMap map = plan.op.getMatchingIndexingMap(&operand);
  for (auto [axis, expr] : llvm::enumerate(map.getResults())) {
    Value stride = ShapedType::isDynamic(known[axis])
                       ? metadata.getStrides()[axis]
                       : number(known[axis]);
    Value size = createDim(builder, loc, memref, axis);
    Value last = builder.createOrFold<arith::SubIOp>(loc, size, number(1));
    end = add(end, mul(last, stride));
    SmallVector<int64_t> coefficients(plan.op.getNumLoops(), 0);
    int64_t constant = 0;
    addCoefficients(expr, 1, coefficients, constant);
    if (constant)
      origin = add(origin, mul(number(constant), stride));
    for (auto [loop, coefficient] : llvm::enumerate(coefficients))
      if (coefficient)
        own[loop] = add(own[loop], mul(number(coefficient), stride));
    if (auto dim = dyn_cast<AffineDimExpr>(expr))
      if (Value &extent = extents[dim.getPosition()]; !extent)
        extent = size;
  }
  memories.push_back(memref::ReinterpretCastOp::create(
      builder, loc, memref, OpFoldResult(builder.getIndexAttr(0)),
      ArrayRef<OpFoldResult>{getAsOpFoldResult(end)},
      ArrayRef<OpFoldResult>{builder.getIndexAttr(1)}));
  origins.push_back(origin);
  strides.push_back(own);
}

Value VectorLoops::getExtent(LoopRange range) const {
  Value product;
  for (unsigned loop = range.first; loop <= range.last; ++loop)
    product = product ? builder.createOrFold<arith::MulIOp>(loc, product,
                                                            extents[loop])
                      : extents[loop];
  return product;
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

VectorLoops::Point VectorLoops::advance(Point point, LoopRange range,
                                        Value by) {
  for (auto [offset, own] : llvm::zip(point.offsets, strides))
    offset = add(offset, mul(by, own[range.last]));
  Value &at = point.iterations[range.last];
  at = at ? add(at, by) : by;
  return point;
}

SmallVector<Value> VectorLoops::emitNest(ArrayRef<LoopRange> ranges,
                                         Point point, ValueRange carried,
                                         Emit body) {
  if (ranges.empty())
    return body(std::move(point), carried);
  auto loop = scf::ForOp::create(builder, loc, number(0),
                                 getExtent(ranges.front()), number(1), carried);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> next =
      emitNest(ranges.drop_front(),
               advance(point, ranges.front(), loop.getInductionVar()),
               loop.getRegionIterArgs(), body);
  if (!carried.empty())
    scf::YieldOp::create(builder, loc, next);
  return llvm::to_vector_of<Value>(loop.getResults());
}

void VectorLoops::emit(ArrayRef<LoopRange> outer, ValueRange at, Value begin,
                       Value end) {
  Point point{origins, SmallVector<Value>(plan.op.getNumLoops())};
  for (auto [range, iteration] : llvm::zip(outer, at))
    point = advance(std::move(point), range, iteration);
  if (!plan.vectorRange) {
    storeResults(point, evaluate(point, 1, {}, {}), {});
    return;
  }
  // Results go through memory in each iteration of loops that scatter.
  SmallVector<LoopRange> outside;
  for (auto [i, range] : llvm::enumerate(plan.ranges))
    if (i != *plan.vectorRange && i != plan.crossRange && !plan.isSum(range))
      outside.push_back(range);
  if (!begin) {
    begin = number(0);
    end = getExtent(plan.getPartRange());
  }
  emitNest(outside, point, {}, [&](Point inner, ValueRange) {
    if (plan.crossRange)
      emitCrossed(inner, begin, end);
    else if (plan.reducesVector)
      emitReduction(std::move(inner), begin, end);
    else
      emitParallel(std::move(inner), begin, end);
    return SmallVector<Value>();
  });
}

/// Writes values of the outputs at `point`: vectors, or scalars.
void VectorLoops::storeResults(const Point &point, ValueRange values,
                               Value mask) {
  for (auto [output, value] : llvm::enumerate(values)) {
    unsigned operand = plan.op.getNumDpsInputs() + output;
    Value memory = memories[operand], at = point.offsets[operand];
    if (!isa<VectorType>(value.getType()))
      memref::StoreOp::create(builder, loc, value, memory, at);
    else if (mask)
      vector::MaskedStoreOp::create(builder, loc, memory, at, mask, value);
    else
      vector::StoreOp::create(builder, loc, value, memory, at);
  }
}

Value mlir::nnc::createWholeEnd(OpBuilder &builder, Location loc, Value begin,
                                Value end, int64_t step) {
  Value size = builder.createOrFold<arith::SubIOp>(loc, end, begin);
  Value width = arith::ConstantIndexOp::create(builder, loc, step);
  Value rest = builder.createOrFold<arith::RemUIOp>(loc, size, width);
  return builder.createOrFold<arith::SubIOp>(loc, end, rest);
}

scf::ForOp mlir::nnc::createLoop(OpBuilder &builder, Location loc, Value begin,
                                 Value end, int64_t step, ValueRange carried) {
  std::optional<int64_t> first = getConstantIntValue(begin),
                         last = getConstantIntValue(end);
  if (first && last && *first >= *last)
    return {};
  Value by = arith::ConstantIndexOp::create(builder, loc, step);
  return scf::ForOp::create(builder, loc, begin, end, by, carried);
}

//===----------------------------------------------------------------------===//
// Vectors along a parallel loop
//===----------------------------------------------------------------------===//

/// `count` vectors from iteration `at` on, through all loops of sums.
void VectorLoops::emitTile(Point point, Value at, unsigned width,
                           unsigned count, Value mask) {
  LoopRange vector = plan.ranges[*plan.vectorRange];
  SmallVector<LoopRange> reductions;
  for (LoopRange range : plan.ranges)
    if (plan.isSum(range))
      reductions.push_back(range);
  SmallVector<Point> points;
  for (unsigned i = 0; i < count; ++i)
    points.push_back(advance(point, vector, add(at, number(i * width))));
  if (reductions.empty()) {
    for (const Point &part : points)
      storeResults(part, evaluate(part, width, mask, {}), mask);
    return;
  }
  SmallVector<Value> sums;
  for (const Point &part : points)
    for (unsigned output = 0; output < plan.op.getNumDpsInits(); ++output) {
      Lane lane = plan.init ? Lane{plan.init}
                            : load(part, plan.op.getNumDpsInputs() + output,
                                   width, mask);
      sums.push_back(asVector(lane, width));
    }
  unsigned outputs = plan.op.getNumDpsInits();
  sums = emitNest(
      reductions, advance(point, vector, at), sums,
      [&](Point inner, ValueRange partials) {
        SmallVector<Value> next;
        for (unsigned i = 0; i < count; ++i)
          llvm::append_range(
              next, evaluate(advance(inner, vector, number(i * width)), width,
                             mask, partials.slice(i * outputs, outputs)));
        return next;
      });
  for (auto [i, part] : llvm::enumerate(points))
    storeResults(part, ValueRange(sums).slice(i * outputs, outputs), mask);
}

void VectorLoops::emitParallel(Point point, Value begin, Value end) {
  bool reduces = llvm::any_of(
      plan.ranges, [&](LoopRange range) { return plan.isSum(range); });
  int64_t width = plan.width;
  SmallVector<std::pair<int64_t, int64_t>> steps;
  if (reduces)
    steps.push_back({width * accumulators, accumulators});
  steps.push_back({width, 1});
  auto emitSteps = [&](Value from, Value to, int64_t step, int64_t count,
                       unsigned lanes, bool masked) {
    scf::ForOp loop = createLoop(builder, loc, from, to, step, {});
    if (!loop)
      return;
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Value at = loop.getInductionVar(), mask;
    if (masked)
      mask = createMask(at, to, lanes);
    emitTile(point, at, lanes, count, mask);
  };
  for (auto [step, count] : steps) {
    Value whole = createWholeEnd(builder, loc, begin, end, step);
    emitSteps(begin, whole, step, count, width, /*masked=*/false);
    begin = whole;
  }
  if (plan.canMask)
    emitSteps(begin, end, width, 1, width, /*masked=*/true);
  else
    emitSteps(begin, end, 1, 1, 1, /*masked=*/false);
}

//===----------------------------------------------------------------------===//
// Vectors along a reduction
//===----------------------------------------------------------------------===//

/// Adds iterations `begin` to `end` to `count` vectors of partial results for
/// each output; what remains goes to the first ones under a mask.
SmallVector<Value> VectorLoops::emitPartials(Point point, Value begin,
                                             Value end, unsigned count,
                                             ValueRange partials) {
  LoopRange vector = plan.ranges[*plan.vectorRange];
  unsigned outputs = plan.op.getNumDpsInits(), width = plan.width;
  SmallVector<Value> sums(partials);
  auto emitSteps = [&](Value from, Value to, unsigned number, bool masked) {
    scf::ForOp loop = createLoop(builder, loc, from, to, width * number,
                                 ValueRange(sums).take_front(number * outputs));
    if (!loop)
      return;
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(loop.getBody());
    Value at = loop.getInductionVar(), mask;
    if (masked)
      mask = createMask(at, to, width);
    SmallVector<Value> next;
    for (unsigned i = 0; i < number; ++i) {
      Value part = add(at, this->number(i * width));
      llvm::append_range(next,
                         evaluate(advance(point, vector, part), width, mask,
                                  ValueRange(loop.getRegionIterArgs())
                                      .slice(i * outputs, outputs)));
    }
    if (mask)
      for (auto [value, old] : llvm::zip(next, loop.getRegionIterArgs()))
        value = arith::SelectOp::create(builder, loc, mask, value, old);
    scf::YieldOp::create(builder, loc, next);
    llvm::copy(loop.getResults(), sums.begin());
  };
  if (count > 1) {
    Value whole = createWholeEnd(builder, loc, begin, end, width * count);
    emitSteps(begin, whole, count, /*masked=*/false);
    begin = whole;
  }
  Value whole = createWholeEnd(builder, loc, begin, end, width);
  emitSteps(begin, whole, 1, /*masked=*/false);
  if (plan.canMask)
    emitSteps(whole, end, 1, /*masked=*/true);
  return sums;
}

void VectorLoops::emitReduction(Point point, Value begin, Value end) {
  LoopRange vector = plan.ranges[*plan.vectorRange];
  unsigned outputs = plan.op.getNumDpsInits(), count = accumulators;
  int64_t extent = plan.getStaticExtent(vector);
  if (!ShapedType::isDynamic(extent))
    count = std::clamp<int64_t>(extent / plan.width, 1, accumulators);
  SmallVector<LoopRange> others;
  for (auto [i, range] : llvm::enumerate(plan.ranges))
    if (i != *plan.vectorRange && plan.isSum(range))
      others.push_back(range);
  SmallVector<Value> sums;
  for (unsigned i = 0; i < count; ++i)
    for (Operation *combiner : combiners) {
      Value neutral = arith::ConstantOp::create(
          builder, loc, *arith::getNeutralElement(combiner));
      sums.push_back(asVector({neutral}, plan.width));
    }
  sums = emitNest(others, point, sums, [&](Point inner, ValueRange partials) {
    return emitPartials(inner, begin, end, count, partials);
  });
  SmallVector<Value> totals;
  for (unsigned output = 0; output < outputs; ++output) {
    Operation *combiner = combiners[output];
    for (unsigned rest = count; rest > 1; rest = (rest + 1) / 2)
      for (unsigned i = 0; i < rest / 2; ++i) {
        Value &low = sums[i * outputs + output];
        low = combine(combiner, low,
                      sums[(i + (rest + 1) / 2) * outputs + output]);
      }
    Value total = foldLanes(sums[output], combiner);
    Value init =
        plan.init
            ? plan.init
            : load(point, plan.op.getNumDpsInputs() + output, 1, {}).scalar;
    totals.push_back(combine(combiner, init, total));
  }
  if (!plan.canMask) {
    // What remains behind the last whole vector, one by one.
    Value whole = createWholeEnd(builder, loc, begin, end, plan.width);
    totals =
        emitNest(others, point, totals, [&](Point inner, ValueRange carried) {
          scf::ForOp loop = createLoop(builder, loc, whole, end, 1, carried);
          if (!loop)
            return SmallVector<Value>(carried);
          OpBuilder::InsertionGuard guard(builder);
          builder.setInsertionPointToStart(loop.getBody());
          scf::YieldOp::create(
              builder, loc,
              evaluate(advance(inner, vector, loop.getInductionVar()), 1, {},
                       loop.getRegionIterArgs()));
          return llvm::to_vector_of<Value>(loop.getResults());
        });
  }
  storeResults(point, totals, {});
}
