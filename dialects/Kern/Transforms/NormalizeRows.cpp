//===----------------------------------------------------------------------===//
// Rows of a product that are normalized as they are needed.
//
// Mean and variance are taken one after the other over a row that the first
// cache holds: sums of squares of differences keep their digits where a mean is
// far from 0, which a difference of sums of squares does not.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Expand.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::kern;

namespace {
class NormalizeRows : public RowProducer {
public:
  NormalizeRows(OpBuilder &builder, NormalizeOp op, hw::TargetAttr target,
                int64_t rowsOfUnit)
      : loops(builder, op.getLoc()), op(op), rowsOfUnit(rowsOfUnit) {
    auto type = cast<MemRefType>(op.getInput().getType());
    lanes = target.getLanes(type.getElementType());
    vector = VectorType::get(lanes, type.getElementType());
    depth = type.getShape().back();
    input = loops.collapse(op.getInput(), 0, type.getRank() - 1);
    rows = type.getRank() == 1 ? loops.index(1) : loops.dim(input, 0);
    for (int64_t axis = 0; axis + 1 < type.getRank(); ++axis)
      rows = axis ? loops.mul(rows, loops.dim(op.getInput(), axis))
                  : loops.dim(op.getInput(), axis);
  }

  Value getNumUnits() override { return loops.divUp(rows, rowsOfUnit); }

  std::pair<Value, Value> getRows(Value unit) override {
    Value begin = loops.mul(unit, rowsOfUnit), size = loops.index(rowsOfUnit);
    std::optional<int64_t> known = getNumber(rows);
    if (!known || *known % rowsOfUnit)
      size = loops.min(size, loops.sub(rows, begin));
    return {begin, size};
  }

  Value getMostRows() override { return loops.index(rowsOfUnit); }

  void emit(Value unit, Value target) override {
    auto [begin, count] = getRows(unit);
    loops.loop(loops.index(0), count, 1, [&, begin = begin](Value row) {
      emitRow(loops.add(begin, row), target, row);
    });
  }

private:
  template <typename Op>
  Value make(Value a, Value b) {
    return Op::create(loops.builder, loops.loc, a, b);
  }
  Value number(double value) {
    return arith::ConstantOp::create(
        loops.builder, loops.loc,
        loops.builder.getFloatAttr(vector.getElementType(), value));
  }
  Value spread(Value scalar) {
    return vector::BroadcastOp::create(loops.builder, loops.loc, vector,
                                       scalar);
  }

  /// Calls `body` with the place of each vector of a row, and the mask of the
  /// last one where that is not whole; what it returns is carried on in
  /// `chains` sums, so that they need not wait for each other.
  SmallVector<Value>
  forVectors(int64_t chains,
             function_ref<Value(Value at, Value mask, Value sum)> body) {
    Value zero = arith::ConstantOp::create(loops.builder, loops.loc,
                                           loops.builder.getZeroAttr(vector));
    SmallVector<Value> sums(chains, zero);
    int64_t step = lanes * std::max<int64_t>(chains, 1);
    int64_t full = depth / step * step;
    sums = loops.loop(loops.index(0), loops.index(full), step, sums,
                      [&](Value at, ArrayRef<Value> old) {
                        SmallVector<Value> next;
                        for (int64_t i = 0; i < step / lanes; ++i) {
                          Value place = loops.add(at, i * lanes);
                          Value sum = chains ? old[i] : Value();
                          sum = body(place, {}, sum);
                          if (chains)
                            next.push_back(sum);
                        }
                        return next;
                      });
    for (int64_t at = full; at < depth; at += lanes) {
      Value mask = depth - at < lanes
                       ? loops.firstLanes(loops.index(depth - at), lanes)
                       : Value();
      Value sum = chains ? sums[(at - full) / lanes] : Value();
      sum = body(loops.index(at), mask, sum);
      if (chains)
        sums[(at - full) / lanes] = sum;
    }
    return sums;
  }

  /// The mean over a row of what `body` makes of its vectors.
  Value mean(function_ref<Value(Value at, Value mask)> body) {
    constexpr int64_t chains = 4;
    SmallVector<Value> sums =
        forVectors(chains, [&](Value at, Value mask, Value sum) {
          return make<arith::AddFOp>(sum, body(at, mask));
        });
    while (sums.size() > 1) {
      Value last = sums.pop_back_val();
      sums.front() = make<arith::AddFOp>(sums.front(), last);
    }
    Value sum = vector::ReductionOp::create(
        loops.builder, loops.loc, vector::CombiningKind::ADD, sums.front());
    return make<arith::DivFOp>(sum, number(double(depth)));
  }

  void emitRow(Value from, Value target, Value to) {
    SmallVector<Value> row;
    if (cast<MemRefType>(input.getType()).getRank() == 2)
      row.push_back(from);
    auto load = [&](Value at, Value mask) {
      SmallVector<Value> place(row);
      place.push_back(at);
      return loops.load(input, place, lanes, mask);
    };
    Value center;
    if (!op.getUncentered())
      center = spread(mean(load));
    // Lanes behind the end hold 0, and must not become the mean.
    auto centered = [&](Value at, Value mask) {
      Value x = load(at, mask);
      if (!center)
        return x;
      Value difference = make<arith::SubFOp>(x, center);
      return mask ? loops.select(mask, difference, x) : difference;
    };
    Value variance = mean([&](Value at, Value mask) {
      Value x = centered(at, mask);
      return make<arith::MulFOp>(x, x);
    });
    Value deviation = math::SqrtOp::create(
        loops.builder, loops.loc,
        make<arith::AddFOp>(variance,
                            number(op.getEpsilon().convertToDouble())));
    Value factor = spread(make<arith::DivFOp>(number(1), deviation));
    forVectors(0, [&](Value at, Value mask, Value) {
      Value y = make<arith::MulFOp>(centered(at, mask), factor);
      if (Value scale = op.getScale())
        y = make<arith::MulFOp>(y, loops.load(scale, at, lanes, mask));
      if (Value bias = op.getBias())
        y = make<arith::AddFOp>(y, loops.load(bias, at, lanes, mask));
      loops.store(y, target, {to, at}, mask);
      return Value();
    });
  }

  LoopBuilder loops;
  NormalizeOp op;
  int64_t rowsOfUnit, lanes = 1, depth = 0;
  VectorType vector;
  Value input; ///< [rows, depth], or [depth] of one row.
  Value rows;
};
} // namespace

std::unique_ptr<RowProducer>
mlir::nnc::kern::createNormalizedRows(OpBuilder &builder, NormalizeOp op,
                                      hw::TargetAttr target,
                                      int64_t rowsOfUnit) {
  return std::make_unique<NormalizeRows>(builder, op, target, rowsOfUnit);
}
