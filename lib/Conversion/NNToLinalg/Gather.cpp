//===----------------------------------------------------------------------===//
// Lowering of gather and scatter.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "MovementLowering.h"

using namespace mlir;
using namespace mlir::nnc;

namespace {
/// A position that data names in an axis.
struct Position {
  /// In the axis whatever the data says, unless the axis is empty.
  Value clamped;
  /// i1: the data named a position of the axis.
  Value valid;
};
} // namespace

/// The position that `indices` name at `at` in an axis of `size`.
static Position readPosition(OpBuilder &b, Location loc, Value indices,
                             ValueRange at, Value size) {
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  Value index = tensor::ExtractOp::create(b, loc, indices, at);
  index = arith::IndexCastOp::create(b, loc, b.getIndexType(), index);
  Value isNegative =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, index, zero);
  Value wrapped = arith::AddIOp::create(b, loc, index, size);
  index = arith::SelectOp::create(b, loc, isNegative, wrapped, index);
  Value last = arith::SubIOp::create(b, loc, size, one);
  Value clamped = arith::MaxSIOp::create(
      b, loc, arith::MinSIOp::create(b, loc, index, last), zero);
  Value valid =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, clamped, index);
  return {clamped, valid};
}

namespace {
struct LowerGather : NNLoweringPattern<nn::GatherOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::GatherOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    Value input = adaptor.getInput(), indices = adaptor.getIndices();
    int64_t axis = op.getAxis();
    int64_t rank = cast<RankedTensorType>(indices.getType()).getRank();
    Value size = b.index(b.dim(input, axis));
    results.push_back(b.byIndex(
        resultShapes(op, adaptor, b)[0], nn::getElementTypeOf(input),
        [&](OpBuilder &inner, Location loc, ValueRange at) -> Value {
          Position position =
              readPosition(inner, loc, indices, at.slice(axis, rank), size);
          SmallVector<Value> from(at.take_front(axis));
          from.push_back(position.clamped);
          llvm::append_range(from, at.drop_front(axis + rank));
          return tensor::ExtractOp::create(inner, loc, input, from);
        }));
    return success();
  }
};

struct LowerGatherElements : NNLoweringPattern<nn::GatherElementsOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::GatherElementsOp op, OpAdaptor adaptor,
                      LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    Value input = adaptor.getInput(), indices = adaptor.getIndices();
    int64_t axis = op.getAxis();
    Value size = b.index(b.dim(input, axis));
    results.push_back(b.byIndex(
        resultShapes(op, adaptor, b)[0], nn::getElementTypeOf(input),
        [&](OpBuilder &inner, Location loc, ValueRange at) -> Value {
          SmallVector<Value> from(at);
          from[axis] = readPosition(inner, loc, indices, at, size).clamped;
          return tensor::ExtractOp::create(inner, loc, input, from);
        }));
    return success();
  }
};

struct LowerGatherND : NNLoweringPattern<nn::GatherNDOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::GatherNDOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    Value input = adaptor.getInput(), indices = adaptor.getIndices();
    auto type = cast<RankedTensorType>(indices.getType());
    int64_t batch = op.getBatchDims(), tuples = type.getRank() - 1;
    SmallVector<Value> sizes;
    for (int64_t i = 0; i < type.getShape().back(); ++i)
      sizes.push_back(b.index(b.dim(input, batch + i)));
    results.push_back(b.byIndex(
        resultShapes(op, adaptor, b)[0], nn::getElementTypeOf(input),
        [&](OpBuilder &inner, Location loc, ValueRange at) -> Value {
          SmallVector<Value> from(at.take_front(batch));
          for (auto [i, size] : llvm::enumerate(sizes)) {
            SmallVector<Value> tuple(at.take_front(tuples));
            tuple.push_back(arith::ConstantIndexOp::create(inner, loc, i));
            from.push_back(
                readPosition(inner, loc, indices, tuple, size).clamped);
          }
          llvm::append_range(from, at.drop_front(tuples));
          return tensor::ExtractOp::create(inner, loc, input, from);
        }));
    return success();
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// Scatter
//===----------------------------------------------------------------------===//

/// What is there joined with an update.
static Value join(OpBuilder &b, Location loc, Value old, Value update,
                  nn::ScatterReduction reduction, bool isUnsigned) {
  bool isFloat = isa<FloatType>(old.getType());
  switch (reduction) {
  case nn::ScatterReduction::None:
    return update;
  case nn::ScatterReduction::Add:
    if (isFloat)
      return arith::AddFOp::create(b, loc, old, update);
    return arith::AddIOp::create(b, loc, old, update);
  case nn::ScatterReduction::Mul:
    if (isFloat)
      return arith::MulFOp::create(b, loc, old, update);
    return arith::MulIOp::create(b, loc, old, update);
  case nn::ScatterReduction::Max:
    if (isFloat)
      return arith::MaximumFOp::create(b, loc, old, update);
    if (isUnsigned)
      return arith::MaxUIOp::create(b, loc, old, update);
    return arith::MaxSIOp::create(b, loc, old, update);
  case nn::ScatterReduction::Min:
    if (isFloat)
      return arith::MinimumFOp::create(b, loc, old, update);
    if (isUnsigned)
      return arith::MinUIOp::create(b, loc, old, update);
    return arith::MinSIOp::create(b, loc, old, update);
  }
  return update;
}

namespace {
/// Where an update goes: a position in the result, and if it counts.
struct Target {
  SmallVector<Value> at;
  Value valid;
};
} // namespace

/// A copy of `input` with `updates` joined in row-major order, one after the
/// other; `locate` gives the target of the update at a position.
template <typename OpTy>
static Value
scatter(OpTy op, Value input, Value updates, LoweringBuilder &b,
        function_ref<Target(OpBuilder &, Location, ValueRange)> locate) {
  Value output = b.empty(b.shape(input), nn::getElementTypeOf(input));
  output = linalg::CopyOp::create(b.builder, b.loc, input, output).getResult(0);
  bool isUnsigned = nn::getElementTypeOf(op.getInput()).isUnsignedInteger();
  SmallVector<Value> lower, upper, step;
  for (Dim dim : b.shape(updates)) {
    lower.push_back(b.index(0));
    upper.push_back(b.index(dim));
    step.push_back(b.index(1));
  }
  auto body = [&](OpBuilder &inner, Location loc, ValueRange at,
                  ValueRange carried) -> scf::ValueVector {
    Target target = locate(inner, loc, at);
    Value update = tensor::ExtractOp::create(inner, loc, updates, at);
    Value old = tensor::ExtractOp::create(inner, loc, carried[0], target.at);
    Value joined = join(inner, loc, old, update, op.getReduction(), isUnsigned);
    Value kept = arith::SelectOp::create(inner, loc, target.valid, joined, old);
    return {tensor::InsertOp::create(inner, loc, kept, carried[0], target.at)};
  };
  return scf::buildLoopNest(b.builder, b.loc, lower, upper, step, output, body)
      .results[0];
}

namespace {
struct LowerScatterElements : NNLoweringPattern<nn::ScatterElementsOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::ScatterElementsOp op, OpAdaptor adaptor,
                      LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    int64_t axis = op.getAxis();
    Value size = b.index(b.dim(adaptor.getInput(), axis));
    auto locate = [&](OpBuilder &inner, Location loc, ValueRange at) {
      Position position =
          readPosition(inner, loc, adaptor.getIndices(), at, size);
      Target target{SmallVector<Value>(at), position.valid};
      target.at[axis] = position.clamped;
      return target;
    };
    results.push_back(
        scatter(op, adaptor.getInput(), adaptor.getUpdates(), b, locate));
    return success();
  }
};

struct LowerScatterND : NNLoweringPattern<nn::ScatterNDOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::ScatterNDOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    Value indices = adaptor.getIndices();
    auto type = cast<RankedTensorType>(indices.getType());
    int64_t tuples = type.getRank() - 1;
    SmallVector<Value> sizes;
    for (int64_t i = 0; i < type.getShape().back(); ++i)
      sizes.push_back(b.index(b.dim(adaptor.getInput(), i)));
    auto locate = [&](OpBuilder &inner, Location loc, ValueRange at) {
      Target target;
      for (auto [i, size] : llvm::enumerate(sizes)) {
        SmallVector<Value> tuple(at.take_front(tuples));
        tuple.push_back(arith::ConstantIndexOp::create(inner, loc, i));
        Position position = readPosition(inner, loc, indices, tuple, size);
        target.at.push_back(position.clamped);
        target.valid = target.valid
                           ? arith::AndIOp::create(inner, loc, target.valid,
                                                   position.valid)
                           : position.valid;
      }
      llvm::append_range(target.at, at.drop_front(tuples));
      return target;
    };
    results.push_back(
        scatter(op, adaptor.getInput(), adaptor.getUpdates(), b, locate));
    return success();
  }
};
} // namespace

void mlir::nnc::populateNNGatherToLinalgPatterns(const TypeConverter &converter,
                                                 RewritePatternSet &patterns) {
  patterns.add<LowerGather, LowerGatherElements, LowerGatherND,
               LowerScatterElements, LowerScatterND>(converter,
                                                     patterns.getContext());
}
