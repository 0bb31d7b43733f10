//===----------------------------------------------------------------------===//
// The body of a linalg op on the lanes of vectors.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "VectorLoops.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::nnc;

VectorType VectorLoops::vectorType(Type type, unsigned width) const {
  return VectorType::get(width, getElementTypeOrSelf(type));
}

Value VectorLoops::asVector(Lane lane, unsigned width) {
  if (lane.vector)
    return lane.vector;
  if (width == 1)
    return lane.scalar;
  VectorType type = vectorType(lane.scalar.getType(), width);
  Value all = vector::BroadcastOp::create(builder, loc, type, lane.scalar);
  if (!lane.counts)
    return all;
  Value steps =
      arith::ConstantOp::create(builder, loc,
                                builder.getIndexVectorAttr(llvm::to_vector(
                                    llvm::seq<int64_t>(0, width))));
  return arith::AddIOp::create(builder, loc, all, steps);
}

Value VectorLoops::createMask(Value at, Value end, unsigned width) {
  return vector::CreateMaskOp::create(
      builder, loc, VectorType::get(width, builder.getI1Type()),
      ValueRange{builder.createOrFold<arith::SubIOp>(loc, end, at)});
}

Value VectorLoops::loadVector(Value memref, ValueRange indices, unsigned width,
                              Value mask) {
  VectorType type = vectorType(memref.getType(), width);
  if (!mask)
    return vector::LoadOp::create(builder, loc, type, memref, indices);
  Value zeros =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  return vector::MaskedLoadOp::create(builder, loc, type, memref, indices, mask,
                                      zeros);
}

VectorLoops::Lane VectorLoops::load(const Point &point, unsigned operand,
                                    unsigned width, Value mask) {
  Value memory = memories[operand];
  if (!memory)
    return {plan.op->getOperand(operand)};
  if (Value row = turned.lookup(operand); row && width > 1)
    return {{}, row};
  Value at = point.offsets[operand];
  bool isSame =
      !plan.vectorRange ||
      matchPattern(strides[operand][plan.ranges[*plan.vectorRange].last],
                   m_Zero());
  if (width == 1 || isSame)
    return {memref::LoadOp::create(builder, loc, memory, at)};
  return {{}, loadVector(memory, at, width, mask)};
}

VectorLoops::Lane VectorLoops::evaluateLoad(Operation &op, unsigned width,
                                            Value mask,
                                            DenseMap<Value, Lane> &lanes) {
  auto load = cast<memref::LoadOp>(op);
  SmallVector<Value> indices;
  bool counts = false;
  for (Value index : load.getIndices()) {
    auto known = lanes.find(index);
    Lane lane = known == lanes.end() ? Lane{index} : known->second;
    indices.push_back(lane.scalar);
    counts |= lane.counts;
  }
  if (counts && width > 1)
    return {{}, loadVector(load.getMemRef(), indices, width, mask)};
  return {memref::LoadOp::create(builder, loc, load.getMemRef(), indices)};
}

VectorLoops::Lane VectorLoops::evaluateOp(Operation &op, const Point &point,
                                          unsigned width, Value mask,
                                          DenseMap<Value, Lane> &lanes) {
  if (auto index = dyn_cast<linalg::IndexOp>(op)) {
    bool counts = plan.vectorRange &&
                  index.getDim() == plan.ranges[*plan.vectorRange].last;
    return {point.iterations[index.getDim()], {}, counts && width > 1};
  }
  if (isa<memref::LoadOp>(op))
    return evaluateLoad(op, width, mask, lanes);
  SmallVector<Lane> operands;
  bool isSame = true;
  unsigned counting = 0;
  for (Value operand : op.getOperands()) {
    auto known = lanes.find(operand);
    operands.push_back(known == lanes.end() ? Lane{operand} : known->second);
    isSame &= !operands.back().vector && !operands.back().counts;
    counting += operands.back().counts;
  }
  // The sum of an index and what is the same in all lanes is one more in each.
  bool counts = isa<arith::AddIOp>(op) && counting == 1 &&
                !operands[0].vector && !operands[1].vector;
  bool isScalar = isSame || counts;
  SmallVector<Value> values = llvm::map_to_vector(operands, [&](Lane lane) {
    return isScalar ? lane.scalar : asVector(lane, width);
  });
  Operation *copy = builder.clone(op);
  copy->setOperands(values);
  if (isScalar)
    return {copy->getResult(0), {}, counts};
  copy->getResult(0).setType(vectorType(op.getResult(0).getType(), width));
  return {{}, copy->getResult(0)};
}

SmallVector<Value> VectorLoops::evaluate(const Point &point, unsigned width,
                                         Value mask, ValueRange sums) {
  DenseMap<Value, Lane> lanes;
  for (OpOperand &operand : plan.op->getOpOperands()) {
    BlockArgument argument = plan.op.getMatchingBlockArgument(&operand);
    if (argument.use_empty())
      continue;
    unsigned number = operand.getOperandNumber();
    if (!plan.op.isDpsInit(&operand))
      lanes[argument] = load(point, number, width, mask);
    else if (!sums.empty())
      lanes[argument] =
          width == 1 ? Lane{sums[number - plan.op.getNumDpsInputs()]}
                     : Lane{{}, sums[number - plan.op.getNumDpsInputs()]};
    else
      lanes[argument] =
          plan.init ? Lane{plan.init} : load(point, number, width, mask);
  }
  Block *body = plan.op.getBlock();
  for (Operation &op : body->without_terminator())
    lanes[op.getResult(0)] = evaluateOp(op, point, width, mask, lanes);
  SmallVector<Value> results;
  for (Value result : body->getTerminator()->getOperands()) {
    auto known = lanes.find(result);
    results.push_back(
        asVector(known == lanes.end() ? Lane{result} : known->second, width));
  }
  return results;
}

Value VectorLoops::combine(Operation *combiner, Value a, Value b) {
  Operation *copy = builder.clone(*combiner);
  copy->setOperands({a, b});
  copy->getResult(0).setType(a.getType());
  return copy->getResult(0);
}

/// Halves are folded onto each other, so that the order is fixed.
Value VectorLoops::foldLanes(Value vector, Operation *combiner) {
  int64_t width = cast<VectorType>(vector.getType()).getDimSize(0);
  for (; width > 1; width /= 2) {
    auto half = [&](int64_t begin) -> Value {
      return vector::ShuffleOp::create(
          builder, loc, vector, vector,
          llvm::to_vector(llvm::seq(begin, begin + width / 2)));
    };
    Value low = half(0), high = half(width / 2);
    vector = combine(combiner, low, high);
  }
  return vector::ExtractOp::create(builder, loc, vector, 0);
}
