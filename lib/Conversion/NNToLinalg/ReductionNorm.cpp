//===----------------------------------------------------------------------===//
// Lowering of softmax, normalization and running sums.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ReductionLowering.h"
#include "ScalarBuilder.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::nnc;
using nn::SoftmaxKind;

static Type elementTypeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getElementType();
}

static Value createMax(OpBuilder &builder, Location loc, ValueRange args) {
  return arith::MaximumFOp::create(builder, loc, args[1], args[0]);
}

static Value createAdd(OpBuilder &builder, Location loc, ValueRange args) {
  return arith::AddFOp::create(builder, loc, args[1], args[0]);
}

namespace {
//===----------------------------------------------------------------------===//
// nn.softmax
//===----------------------------------------------------------------------===//

/// Maximum, exponentials, sum, product with its inverse: one division a group,
/// since the largest exponential is 1 and the sum neither 0 nor infinite. The
/// exponentials live in the result, except for the 16-bit floats, which would
/// round them: those compute them twice.
struct LowerSoftmax : NNLoweringPattern<nn::SoftmaxOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::SoftmaxOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    Value input = adaptor.getInput();
    Type type = elementTypeOf(input), compute = getComputeType(type);
    int64_t axis = op.getAxis();
    Grouping groups(b, input, axis);
    if (op.getKind() == SoftmaxKind::Hard) {
      results.push_back(lowerHard(b, input, groups, axis));
      return success();
    }
    Value tops = reduceGroups(b, input, groups, b.lowest(compute), createMax);
    if (op.getKind() == SoftmaxKind::Soft && type == compute)
      results.push_back(lowerInResult(b, input, groups, tops));
    else
      results.push_back(
          lowerTwice(b, input, groups, tops, op.getKind() == SoftmaxKind::Log));
    return success();
  }

private:
  static Value createDifference(OpBuilder &builder, Location loc, Value x,
                                Value top) {
    x = convertNumber(builder, loc, x, top.getType());
    return arith::SubFOp::create(builder, loc, x, top);
  }

  static Value lowerInResult(LoweringBuilder &b, Value input,
                             const Grouping &groups, Value tops) {
    Type type = elementTypeOf(input);
    AffineMap element = groups.elementMap(), group = groups.groupMap();
    Value powers = b.generic(
        {input, tops}, b.empty(groups.elementShape(), type),
        {element, group, element},
        [](OpBuilder &inner, Location loc, ValueRange args) -> Value {
          return math::ExpOp::create(
              inner, loc, createDifference(inner, loc, args[0], args[1]));
        });
    Value inverses = invert(
        b, reduceGroups(b, powers, groups, b.constant(type, 0), createAdd));
    return b.generic(inverses, powers, {group, element},
                     [](OpBuilder &inner, Location loc, ValueRange args) {
                       return arith::MulFOp::create(inner, loc, args[1],
                                                    args[0])
                           .getResult();
                     });
  }

  static Value invert(LoweringBuilder &b, Value sums) {
    Value one = b.constant(elementTypeOf(sums), 1);
    return updateInPlace(
        b, sums, [&](OpBuilder &inner, Location loc, ValueRange args) -> Value {
          return arith::DivFOp::create(inner, loc, one, args[0]);
        });
  }

  static Value lowerTwice(LoweringBuilder &b, Value input,
                          const Grouping &groups, Value tops, bool isLog) {
    Type type = elementTypeOf(input), compute = elementTypeOf(tops);
    AffineMap element = groups.elementMap(), group = groups.groupMap();
    Value sums = b.generic(
        {input, tops}, b.filled(groups.groupShape(), b.constant(compute, 0)),
        {element, group, group},
        [](OpBuilder &inner, Location loc, ValueRange args) -> Value {
          Value power = math::ExpOp::create(
              inner, loc, createDifference(inner, loc, args[0], args[1]));
          return arith::AddFOp::create(inner, loc, args[2], power);
        });
    if (!isLog)
      sums = invert(b, sums);
    else
      sums = updateInPlace(
          b, sums,
          [](OpBuilder &inner, Location loc, ValueRange args) -> Value {
            return math::LogOp::create(inner, loc, args[0]);
          });
    return b.generic(
        {input, tops, sums}, b.empty(groups.elementShape(), type),
        {element, group, group, element},
        [&](OpBuilder &inner, Location loc, ValueRange args) -> Value {
          Value x = createDifference(inner, loc, args[0], args[1]);
          if (isLog)
            x = arith::SubFOp::create(inner, loc, x, args[2]);
          else
            x = arith::MulFOp::create(
                inner, loc, math::ExpOp::create(inner, loc, x), args[2]);
          return convertNumber(inner, loc, x, type);
        });
  }

  static Value lowerHard(LoweringBuilder &b, Value input,
                         const Grouping &groups, int64_t axis) {
    Type type = elementTypeOf(input);
    Value positions = lowerArgReduction(
        b, input, groups,
        {axis, /*isMax=*/true, /*isUnsigned=*/false, /*selectLast=*/false,
         /*keepDims=*/false});
    Value zero = b.constant(type, 0), one = b.constant(type, 1);
    return b.generic(
        positions, b.empty(groups.elementShape(), type),
        {groups.groupMap(), groups.elementMap()},
        [&](OpBuilder &inner, Location loc, ValueRange args) -> Value {
          Value at = arith::IndexCastOp::create(
              inner, loc, args[0].getType(),
              linalg::IndexOp::create(inner, loc, axis));
          Value isHere = arith::CmpIOp::create(
              inner, loc, arith::CmpIPredicate::eq, at, args[0]);
          return arith::SelectOp::create(inner, loc, isHere, one, zero);
        });
  }
};

//===----------------------------------------------------------------------===//
// nn.normalize
//===----------------------------------------------------------------------===//

/// Mean, variance about it, then the elements: two numbers a group are scratch.
struct LowerNormalize : NNLoweringPattern<nn::NormalizeOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::NormalizeOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    Value input = adaptor.getInput();
    Type type = elementTypeOf(input), compute = getComputeType(type);
    Grouping groups(b, input, op.getAxes());
    Value count =
        convertIndex(b.builder, b.loc, b.index(groups.count()), compute);
    SmallVector<Value> means;
    if (!op.getUncentered())
      means.push_back(createMeans(b, input, groups, count));
    Value scales = createScales(b, input, groups, count, means,
                                op.getEpsilon().convertToDouble());
    AffineMap element = groups.elementMap(), group = groups.groupMap();
    SmallVector<Value> inputs{input, scales};
    inputs.append(means);
    SmallVector<AffineMap> maps(inputs.size(), group);
    maps.front() = element;
    for (Value parameter : {adaptor.getScale(), adaptor.getBias()}) {
      if (!parameter)
        continue;
      inputs.push_back(parameter);
      maps.push_back(getBroadcastMap(parameter, element));
    }
    maps.push_back(element);
    results.push_back(
        b.generic(inputs, b.empty(groups.elementShape(), type), maps,
                  [&](OpBuilder &inner, Location loc, ValueRange args) {
                    return createElement(op, inner, loc, args, compute);
                  }));
    return success();
  }

private:
  /// Loops over the elements to the element of a tensor that broadcasts to
  /// them.
  static AffineMap getBroadcastMap(Value tensor, AffineMap element) {
    auto type = cast<RankedTensorType>(tensor.getType());
    MLIRContext *context = tensor.getContext();
    SmallVector<AffineExpr> indices;
    int64_t offset = element.getNumResults() - type.getRank();
    for (int64_t axis = 0; axis < type.getRank(); ++axis)
      indices.push_back(type.getDimSize(axis) == 1
                            ? getAffineConstantExpr(0, context)
                            : element.getResult(axis + offset));
    return AffineMap::get(element.getNumDims(), 0, indices, context);
  }

  /// From element, factor of the group, mean, scale and bias of `args`, where
  /// there are such.
  static Value createElement(nn::NormalizeOp op, OpBuilder &builder,
                             Location loc, ValueRange args, Type compute) {
    ValueRange parameters = args.drop_front(op.getUncentered() ? 2 : 3);
    ValueRange mean = args.drop_front(2).drop_back(parameters.size());
    Value x = createCentered(builder, loc, args[0], compute, mean);
    x = arith::MulFOp::create(builder, loc, x, args[1]);
    if (op.getScale()) {
      Value scale = convertNumber(builder, loc, parameters[0], compute);
      x = arith::MulFOp::create(builder, loc, x, scale);
      parameters = parameters.drop_front();
    }
    if (op.getBias()) {
      Value bias = convertNumber(builder, loc, parameters[0], compute);
      x = arith::AddFOp::create(builder, loc, x, bias);
    }
    return convertNumber(builder, loc, x, args[0].getType());
  }

  /// `x` in compute type, less the mean if there is one.
  static Value createCentered(OpBuilder &builder, Location loc, Value x,
                              Type compute, ValueRange mean) {
    x = convertNumber(builder, loc, x, compute);
    return mean.empty()
               ? x
               : Value(arith::SubFOp::create(builder, loc, x, mean[0]));
  }

  static Value createMeans(LoweringBuilder &b, Value input,
                           const Grouping &groups, Value count) {
    Value sums = reduceGroups(b, input, groups, b.constant(count.getType(), 0),
                              createAdd);
    return updateInPlace(
        b, sums, [&](OpBuilder &inner, Location loc, ValueRange args) -> Value {
          return arith::DivFOp::create(inner, loc, args[0], count);
        });
  }

  /// 1 / sqrt(variance + epsilon).
  static Value createScales(LoweringBuilder &b, Value input,
                            const Grouping &groups, Value count,
                            ArrayRef<Value> means, double epsilon) {
    Type compute = count.getType();
    SmallVector<Value> inputs{input};
    inputs.append(means.begin(), means.end());
    SmallVector<AffineMap> maps(inputs.size() + 1, groups.groupMap());
    maps.front() = groups.elementMap();
    Value sums = b.generic(
        inputs, b.filled(groups.groupShape(), b.constant(compute, 0)), maps,
        [&](OpBuilder &inner, Location loc, ValueRange args) -> Value {
          Value x = createCentered(inner, loc, args[0], compute,
                                   args.drop_front().drop_back());
          Value square = arith::MulFOp::create(inner, loc, x, x);
          return arith::AddFOp::create(inner, loc, args.back(), square);
        });
    Value offset = b.constant(compute, epsilon), one = b.constant(compute, 1);
    return updateInPlace(
        b, sums, [&](OpBuilder &inner, Location loc, ValueRange args) -> Value {
          Value variance = arith::DivFOp::create(inner, loc, args[0], count);
          Value shifted = arith::AddFOp::create(inner, loc, variance, offset);
          Value root = math::SqrtOp::create(inner, loc, shifted);
          return arith::DivFOp::create(inner, loc, one, root);
        });
  }
};

//===----------------------------------------------------------------------===//
// nn.cumsum
//===----------------------------------------------------------------------===//

/// A loop along the axis; each step joins one slice to the running sums (or
/// products), which are scratch.
template <typename OpTy>
struct LowerRunning : NNLoweringPattern<OpTy> {
  using NNLoweringPattern<OpTy>::NNLoweringPattern;
  static constexpr bool isProduct = std::is_same_v<OpTy, nn::CumProdOp>;

  LogicalResult lower(OpTy op, typename OpTy::Adaptor adaptor,
                      LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    Value input = adaptor.getInput();
    Type type = elementTypeOf(input), compute = getComputeType(type);
    int64_t axis = op.getAxis();
    SmallVector<Dim> shape = b.shape(input), sliceShape = shape;
    // A slice out of what is known to be empty is refused.
    if (llvm::any_of(shape, [](Dim dim) { return dim.isConstant(0); })) {
      results.push_back(b.empty(shape, type));
      return success();
    }
    sliceShape[axis] = Dim(1);
    SmallVector<OpFoldResult> offsets(shape.size(), b.builder.getIndexAttr(0));
    SmallVector<OpFoldResult> strides(shape.size(), b.builder.getIndexAttr(1));
    SmallVector<OpFoldResult> sizes;
    for (Dim dim : sliceShape)
      sizes.push_back(dim.getConstant() ? OpFoldResult(b.builder.getIndexAttr(
                                              *dim.getConstant()))
                                        : OpFoldResult(dim.getValue()));
    Value size = b.index(shape[axis]), one = b.index(1);
    Value sums = b.filled(sliceShape, b.constant(compute, isProduct));
    Value output = b.empty(shape, type);
    auto step = [&](OpBuilder &builder, Location loc, Value at,
                    ValueRange state) {
      if (op.getReverse()) {
        Value last = arith::SubIOp::create(builder, loc, size, one);
        at = arith::SubIOp::create(builder, loc, last, at);
      }
      offsets[axis] = at;
      Value x = tensor::ExtractSliceOp::create(builder, loc, input, offsets,
                                               sizes, strides);
      Value to = tensor::ExtractSliceOp::create(builder, loc, state[0], offsets,
                                                sizes, strides);
      ValueRange next =
          createStep(builder, loc, x, to, state[1], op.getExclusive());
      Value whole = tensor::InsertSliceOp::create(
          builder, loc, next[0], state[0], offsets, sizes, strides);
      scf::YieldOp::create(builder, loc, ValueRange{whole, next[1]});
    };
    results.push_back(scf::ForOp::create(b.builder, b.loc, b.index(0), size,
                                         one, ValueRange{output, sums}, step)
                          .getResult(0));
    return success();
  }

private:
  /// to = the sums with or without x; the sums with x.
  static ValueRange createStep(OpBuilder &builder, Location loc, Value x,
                               Value to, Value sums, bool exclusive) {
    unsigned rank = cast<RankedTensorType>(x.getType()).getRank();
    SmallVector<AffineMap> maps(
        3, AffineMap::getMultiDimIdentityMap(rank, builder.getContext()));
    SmallVector<utils::IteratorType> iterators(rank,
                                               utils::IteratorType::parallel);
    auto emit = [&](OpBuilder &inner, Location at, ValueRange args) {
      Value sum = args[2];
      Value number = convertNumber(inner, at, args[0], sum.getType());
      ScalarBuilder s(inner, at);
      Value next = isProduct ? s.mul(sum, number) : s.add(sum, number);
      Value element =
          convertNumber(inner, at, exclusive ? sum : next, args[1].getType());
      linalg::YieldOp::create(inner, at, ValueRange{element, next});
    };
    return linalg::GenericOp::create(
               builder, loc, TypeRange{to.getType(), sums.getType()}, x,
               ValueRange{to, sums}, maps, iterators, emit)
        .getResults();
  }
};
} // namespace

void mlir::nnc::populateNNReductionNormToLinalgPatterns(
    const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerSoftmax, LowerNormalize, LowerRunning<nn::CumSumOp>,
               LowerRunning<nn::CumProdOp>>(converter, patterns.getContext());
}
