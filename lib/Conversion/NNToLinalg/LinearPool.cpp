//===----------------------------------------------------------------------===//
// Lowering of pooling.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "LinearLowering.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::nnc;

//===----------------------------------------------------------------------===//
// Shared
//===----------------------------------------------------------------------===//

/// True if windows may end behind the padding.
template <typename OpTy>
static bool mayOverhang(OpTy op) {
  return op.getCeilMode() && op.getAutoPad() == nn::AutoPad::NotSet;
}

/// True if windows may reach beyond the input.
static bool isPadded(ArrayRef<nn::WindowAxis> axes, bool mayOverhang) {
  return mayOverhang || llvm::any_of(axes, [](const nn::WindowAxis &axis) {
           return !axis.padBegin.isConstant(0) || !axis.padEnd.isConstant(0);
         });
}

/// An element of a window on `input`, channels last, in the body of loops as
/// createPoolLoops makes them; `fill` where there is none. Nothing is copied
/// for the sake of padding: places outside read the nearest element inside,
/// which is then not used.
static Value createPaddedRead(LoweringBuilder &b, Value input,
                              ArrayRef<nn::WindowAxis> axes, Value fill) {
  unsigned rank = axes.size();
  auto loop = [&](unsigned number) -> Value {
    return linalg::IndexOp::create(b.builder, b.loc, number);
  };
  SmallVector<Value> at{loop(0)};
  Value inside;
  for (auto [number, axis] : llvm::enumerate(axes)) {
    Dim place =
        b.dims.add(b.dims.mul(Dim(loop(1 + number)), axis.stride),
                   b.dims.mul(Dim(loop(1 + rank + number)), axis.dilation));
    place = b.dims.sub(place, axis.padBegin);
    at.push_back(
        b.index(b.dims.max(b.dims.min(place, b.dims.sub(axis.input, 1)), 0)));
    // Below zero is far above all sizes.
    Value own =
        arith::CmpIOp::create(b.builder, b.loc, arith::CmpIPredicate::ult,
                              b.index(place), b.index(axis.input));
    inside =
        inside ? arith::AndIOp::create(b.builder, b.loc, inside, own) : own;
  }
  at.push_back(loop(1 + 2 * rank));
  Value element = b.load(input, at);
  return arith::SelectOp::create(b.builder, b.loc, inside, element, fill);
}

/// Each window of `input` combined into `output`: body(element, sum). Elements
/// that are missing are `fill`, if not null, in loops with channels last. The
/// loops are batch, channel, places but the last, kernel, last place, or, with
/// channels last, batch, places, kernel, channel: the innermost one runs along
/// rows of input and output, which vectorizes.
static Value createPoolLoops(LoweringBuilder &b, Value input, Value output,
                             ArrayRef<nn::WindowAxis> axes, bool channelsLast,
                             Value fill, LoweringBuilder::Body body) {
  MLIRContext *context = b.builder.getContext();
  unsigned rank = axes.size(), count = 2 + 2 * rank;
  auto dim = [&](unsigned number) { return getAffineDimExpr(number, context); };
  AffineExpr channel = dim(channelsLast ? count - 1 : 1);
  unsigned lastPlace = channelsLast ? rank : count - 1;
  unsigned firstPlace = nn::getFirstSpatialAxis(channelsLast);
  SmallVector<AffineExpr> inputExprs{dim(0)}, outputExprs{dim(0)};
  if (!channelsLast) {
    inputExprs.push_back(channel);
    outputExprs.push_back(channel);
  }
  SmallVector<AffineExpr> kernelExprs;
  SmallVector<Dim> kernel;
  for (auto [axis, window] : llvm::enumerate(axes)) {
    AffineExpr place = dim(axis + 1 == rank ? lastPlace : firstPlace + axis);
    AffineExpr element = dim(1 + rank + axis);
    inputExprs.push_back(place * window.stride + element * window.dilation);
    outputExprs.push_back(place);
    kernelExprs.push_back(element);
    kernel.push_back(window.kernel);
  }
  if (channelsLast) {
    inputExprs.push_back(channel);
    outputExprs.push_back(channel);
  }
  SmallVector<AffineMap> maps;
  for (ArrayRef<AffineExpr> exprs :
       {ArrayRef(inputExprs), ArrayRef(kernelExprs), ArrayRef(outputExprs)})
    maps.push_back(AffineMap::get(count, 0, exprs, context));
  if (fill)
    return b.generic(createRanges(b, kernel), output,
                     ArrayRef(maps).drop_front(),
                     [&](OpBuilder &inner, Location loc, ValueRange args) {
                       LoweringBuilder own(inner, loc);
                       Value element = createPaddedRead(own, input, axes, fill);
                       return body(inner, loc, {element, args[1]});
                     });
  return b.generic({input, createRanges(b, kernel)}, output, maps,
                   [&](OpBuilder &inner, Location loc, ValueRange args) {
                     return body(inner, loc, {args[0], args[2]});
                   });
}

/// The elements [first, second) of a window at `place` that are inside of the
/// input, or of the padded input. The range may be empty, never negative.
static std::pair<Dim, Dim> getInsideRange(DimBuilder &dims, Dim place,
                                          const nn::WindowAxis &axis,
                                          bool includePad = false) {
  Dim start = dims.mul(place, axis.stride);
  Dim end = dims.add(axis.padBegin, axis.input);
  Dim first(0);
  if (includePad)
    end = dims.add(end, axis.padEnd);
  else
    first = dims.max(
        dims.ceilDiv(dims.sub(axis.padBegin, start), axis.dilation), 0);
  Dim last =
      dims.min(dims.ceilDiv(dims.sub(end, start), axis.dilation), axis.kernel);
  return {first, dims.max(last, first)};
}

//===----------------------------------------------------------------------===//
// Largest, mean, norm
//===----------------------------------------------------------------------===//

namespace {
/// A pooling that combines windows of the padded input into an output that
/// starts with one value, then changes each element once.
template <typename OpTy>
struct PoolPattern : NNLoweringPattern<OpTy> {
  using NNLoweringPattern<OpTy>::NNLoweringPattern;

  LogicalResult lower(OpTy op, typename OpTy::Adaptor adaptor,
                      LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    SmallVector<SmallVector<Dim>> shapes = this->resultShapes(op, adaptor, b);
    if (shapes.empty())
      return failure();
    FailureOr<SmallVector<nn::WindowAxis>> axes =
        getWindows<OpTy>(adaptor, b, shapes[0]);
    if (failed(axes))
      return failure();
    Type elementType = rankedTypeOf(adaptor.getInput()).getElementType();
    Type type = isWide() ? getComputeType(elementType) : elementType;
    Value output = b.filled(shapes[0], createStart(op, b, type));
    if (!isKnownEmpty(shapes[0])) {
      Value input = adaptor.getInput(), fill = createStart(op, b, elementType);
      if (!op.getChannelsLast())
        input = padInput(b, input, *axes, /*channelsLast=*/false,
                         mayOverhang(op), std::exchange(fill, Value()));
      else if (!isPadded(*axes, mayOverhang(op)))
        fill = {};
      output = createPoolLoops(
          b, input, output, *axes, op.getChannelsLast(), fill,
          [&](OpBuilder &inner, Location loc, ValueRange args) {
            return combine(op, inner, loc,
                           convertNumber(inner, loc, args[0], type), args[1]);
          });
      output = finish(op, b, output, *axes);
    }
    results.push_back(convertElements(b, output, elementType));
    return success();
  }

  /// True if 16-bit floats are combined in f32.
  virtual bool isWide() const { return true; }
  virtual Value createStart(OpTy op, LoweringBuilder &b, Type type) const {
    return b.constant(type, 0);
  }
  virtual Value combine(OpTy op, OpBuilder &builder, Location loc,
                        Value element, Value sum) const = 0;
  virtual Value finish(OpTy op, LoweringBuilder &b, Value sums,
                       ArrayRef<nn::WindowAxis> axes) const {
    return sums;
  }
};

struct LowerMaxPool : PoolPattern<nn::MaxPoolOp> {
  using PoolPattern::PoolPattern;

  static bool isUnsigned(nn::MaxPoolOp op) {
    return rankedTypeOf(op.getInput()).getElementType().isUnsignedInteger();
  }
  bool isWide() const override { return false; }
  Value createStart(nn::MaxPoolOp op, LoweringBuilder &b,
                    Type type) const override {
    return b.lowest(type, isUnsigned(op));
  }
  Value combine(nn::MaxPoolOp op, OpBuilder &builder, Location loc,
                Value element, Value sum) const override {
    if (isa<FloatType>(sum.getType()))
      return arith::MaximumFOp::create(builder, loc, sum, element);
    if (isUnsigned(op))
      return arith::MaxUIOp::create(builder, loc, sum, element);
    return arith::MaxSIOp::create(builder, loc, sum, element);
  }
};

struct LowerAveragePool : PoolPattern<nn::AveragePoolOp> {
  using PoolPattern::PoolPattern;

  Value combine(nn::AveragePoolOp, OpBuilder &builder, Location loc,
                Value element, Value sum) const override {
    return arith::AddFOp::create(builder, loc, sum, element);
  }

  Value finish(nn::AveragePoolOp op, LoweringBuilder &b, Value sums,
               ArrayRef<nn::WindowAxis> axes) const override {
    int64_t first = nn::getFirstSpatialAxis(op.getChannelsLast());
    bool countsAll =
        !mayOverhang(op) &&
        (op.getCountIncludePad() || !isPadded(axes, /*mayOverhang=*/false));
    return updateInPlace(
        b, sums, [&](OpBuilder &builder, Location loc, ValueRange args) {
          LoweringBuilder inner(builder, loc);
          Dim count(1);
          for (auto [number, axis] : llvm::enumerate(axes)) {
            Dim size = axis.kernel;
            if (!countsAll)
              size = countInside(inner, first + number, axis,
                                 op.getCountIncludePad());
            count = inner.dims.mul(count, size);
          }
          // Without elements the sum is 0, and so is the result.
          Value divisor =
              convertIndex(builder, loc, inner.index(inner.dims.max(count, 1)),
                           args[0].getType());
          return arith::DivFOp::create(builder, loc, args[0], divisor);
        });
  }

private:
  static Dim countInside(LoweringBuilder &b, unsigned loop,
                         const nn::WindowAxis &axis, bool includePad) {
    Dim place(linalg::IndexOp::create(b.builder, b.loc, loop).getResult());
    auto [first, last] = getInsideRange(b.dims, place, axis, includePad);
    return b.dims.sub(last, first);
  }
};

struct LowerLpPool : PoolPattern<nn::LpPoolOp> {
  using PoolPattern::PoolPattern;

  Value combine(nn::LpPoolOp op, OpBuilder &builder, Location loc,
                Value element, Value sum) const override {
    if (op.getP() == 2)
      return createMultiplyAdd(builder, loc, element, element, sum);
    Value power = math::AbsFOp::create(builder, loc, element);
    if (op.getP() != 1) {
      LoweringBuilder inner(builder, loc);
      Value p = inner.constant(sum.getType(), double(op.getP()));
      power = math::PowFOp::create(builder, loc, power, p);
    }
    return arith::AddFOp::create(builder, loc, sum, power);
  }

  Value finish(nn::LpPoolOp op, LoweringBuilder &b, Value sums,
               ArrayRef<nn::WindowAxis>) const override {
    if (op.getP() == 1)
      return sums;
    return updateInPlace(
        b, sums,
        [&](OpBuilder &builder, Location loc, ValueRange args) -> Value {
          if (op.getP() == 2)
            return math::SqrtOp::create(builder, loc, args[0]);
          LoweringBuilder inner(builder, loc);
          Value root = inner.constant(args[0].getType(), 1 / double(op.getP()));
          return math::PowFOp::create(builder, loc, args[0], root);
        });
  }
};

//===----------------------------------------------------------------------===//
// Index of the largest
//===----------------------------------------------------------------------===//

/// Loops over the elements of each window in the body; the largest one and its
/// position go from iteration to iteration.
struct LowerMaxPoolIndices : NNLoweringPattern<nn::MaxPoolIndicesOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::MaxPoolIndicesOp op, OpAdaptor adaptor,
                      LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    SmallVector<SmallVector<Dim>> shapes = resultShapes(op, adaptor, b);
    if (shapes.empty())
      return failure();
    FailureOr<SmallVector<nn::WindowAxis>> axes =
        getWindows<nn::MaxPoolIndicesOp>(adaptor, b, shapes[0]);
    if (failed(axes))
      return failure();
    Type type = b.builder.getI64Type();
    results.push_back(b.byIndex(
        shapes[0], type,
        [&](OpBuilder &builder, Location loc, ValueRange indices) -> Value {
          SmallVector<Value> window(indices);
          if (op.getChannelsLast())
            std::rotate(window.begin() + 1, window.end() - 1, window.end());
          Search search{op, adaptor.getInput(), *axes, window, {}};
          return arith::IndexCastOp::create(builder, loc, type,
                                            search.run(builder, loc));
        }));
    return success();
  }

private:
  struct Search {
    nn::MaxPoolIndicesOp op;
    Value input;
    ArrayRef<nn::WindowAxis> axes;
    /// Position in the order N, C, spatial...
    ArrayRef<Value> window;
    /// The same of the element of the loops entered so far.
    SmallVector<Value> at;

    Value run(OpBuilder &builder, Location loc) {
      LoweringBuilder b(builder, loc);
      // The largest so far, its index, and whether there is one.
      Type type = rankedTypeOf(input).getElementType();
      at = {window[0], window[1]};
      SmallVector<Value> state{b.lowest(type), getIndex(b, /*isFirst=*/true),
                               b.constantInt(builder.getI1Type(), 0)};
      return enter(b, 0, state)[1];
    }

    SmallVector<Value> enter(LoweringBuilder &b, unsigned axis,
                             ArrayRef<Value> state) {
      if (axis == axes.size())
        return compare(b, state);
      const nn::WindowAxis &own = axes[axis];
      Dim place(window[axis + 2]);
      auto [first, last] = getInsideRange(b.dims, place, own);
      Dim start = b.dims.sub(b.dims.mul(place, own.stride), own.padBegin);
      auto body = [&](OpBuilder &builder, Location loc, Value element,
                      ValueRange sofar) {
        LoweringBuilder inner(builder, loc);
        at.push_back(inner.index(
            inner.dims.add(start, inner.dims.mul(Dim(element), own.dilation))));
        SmallVector<Value> next =
            enter(inner, axis + 1, llvm::to_vector(sofar));
        at.pop_back();
        scf::YieldOp::create(builder, loc, next);
      };
      return llvm::to_vector_of<Value>(
          scf::ForOp::create(b.builder, b.loc, b.index(first), b.index(last),
                             b.index(1), state, body)
              .getResults());
    }

    SmallVector<Value> compare(LoweringBuilder &b, ArrayRef<Value> state) {
      SmallVector<Value> own = at;
      if (op.getChannelsLast())
        std::rotate(own.begin() + 1, own.begin() + 2, own.end());
      Value x = b.load(input, own);
      Value isGreater = createIsGreater(b, x, state[0]);
      Value yes = b.constantInt(b.builder.getI1Type(), 1);
      Value isFirst = arith::XOrIOp::create(b.builder, b.loc, state[2], yes);
      Value take = arith::OrIOp::create(b.builder, b.loc, isFirst, isGreater);
      auto choose = [&](Value a, Value other) -> Value {
        return arith::SelectOp::create(b.builder, b.loc, take, a, other);
      };
      return {choose(x, state[0]),
              choose(getIndex(b, /*isFirst=*/false), state[1]), yes};
    }

    /// NaN is above all numbers.
    Value createIsGreater(LoweringBuilder &b, Value x, Value best) {
      OpBuilder &builder = b.builder;
      if (isa<FloatType>(x.getType())) {
        Value above = arith::CmpFOp::create(builder, b.loc,
                                            arith::CmpFPredicate::UGT, x, best);
        Value isNumber = arith::CmpFOp::create(
            builder, b.loc, arith::CmpFPredicate::ORD, best, best);
        return arith::AndIOp::create(builder, b.loc, above, isNumber);
      }
      bool isUnsigned =
          rankedTypeOf(op.getInput()).getElementType().isUnsignedInteger();
      return arith::CmpIOp::create(builder, b.loc,
                                   isUnsigned ? arith::CmpIPredicate::ugt
                                              : arith::CmpIPredicate::sgt,
                                   x, best);
    }

    /// Index in the input of the element at hand, or of the channel's first.
    Value getIndex(LoweringBuilder &b, bool isFirst) {
      Dim spatial(1), position(0);
      for (const nn::WindowAxis &axis : axes)
        spatial = b.dims.mul(spatial, axis.input);
      for (unsigned i = 0; i < axes.size() && !isFirst; ++i) {
        unsigned axis = op.getColumnMajor() ? axes.size() - 1 - i : i;
        position = b.dims.add(b.dims.mul(position, axes[axis].input),
                              Dim(at[axis + 2]));
      }
      int64_t axis = nn::getChannelAxis(axes.size() + 2, op.getChannelsLast());
      Dim channel = b.dims.add(b.dims.mul(Dim(window[0]), b.dim(input, axis)),
                               Dim(window[1]));
      return b.index(b.dims.add(b.dims.mul(channel, spatial), position));
    }
  };
};

//===----------------------------------------------------------------------===//
// Unpooling
//===----------------------------------------------------------------------===//

/// Loops over the input in order, so that the last one of equal indices stays.
struct LowerMaxUnpool : NNLoweringPattern<nn::MaxUnpoolOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::MaxUnpoolOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    SmallVector<SmallVector<Dim>> shapes = resultShapes(op, adaptor, b);
    SmallVector<Dim> input = b.shape(adaptor.getInput());
    SmallVector<Dim> box{input[0], input[1]};
    if (shapes.empty() ||
        failed(nn::MaxUnpoolOp::resolveSpatial(adaptor, b.dims, box)))
      return failure();
    Type type = rankedTypeOf(adaptor.getInput()).getElementType();
    Value output = b.filled(shapes[0], b.constant(type, 0));
    // Nothing can be put into an empty tensor.
    Dim room = b.dims.mul(b.dims.product(shapes[0]), b.dims.product(box));
    SmallVector<Dim> sizes = input;
    sizes[0] = b.dims.selectEqual(room, 0, 0, input[0]);
    SmallVector<Value> at;
    if (!isKnownEmpty(sizes))
      output = enter(b, adaptor, sizes, box, shapes[0], at, output);
    results.push_back(output);
    return success();
  }

private:
  static Value enter(LoweringBuilder &b, OpAdaptor adaptor, ArrayRef<Dim> sizes,
                     ArrayRef<Dim> box, ArrayRef<Dim> shape,
                     SmallVectorImpl<Value> &at, Value output) {
    if (at.size() == sizes.size())
      return put(b, adaptor, box, shape, at, output);
    auto body = [&](OpBuilder &builder, Location loc, Value index,
                    ValueRange sofar) {
      LoweringBuilder inner(builder, loc);
      at.push_back(index);
      Value next = enter(inner, adaptor, sizes, box, shape, at, sofar[0]);
      at.pop_back();
      scf::YieldOp::create(builder, loc, next);
    };
    return scf::ForOp::create(b.builder, b.loc, b.index(0),
                              b.index(sizes[at.size()]), b.index(1), output,
                              body)
        .getResult(0);
  }

  /// An index from the data is kept in bounds.
  static Value put(LoweringBuilder &b, OpAdaptor adaptor, ArrayRef<Dim> box,
                   ArrayRef<Dim> shape, ValueRange at, Value output) {
    auto clamp = [&](Dim x, Dim size) {
      return b.dims.max(b.dims.min(x, b.dims.sub(size, 1)), 0);
    };
    Value element = b.load(adaptor.getInput(), at);
    Value number = b.load(adaptor.getIndices(), at);
    Dim index(arith::IndexCastOp::create(b.builder, b.loc,
                                         b.builder.getIndexType(), number)
                  .getResult());
    index = clamp(index, b.dims.product(box));
    SmallVector<Value> position(box.size());
    for (size_t axis = box.size(); axis-- > 0;) {
      Dim rest = b.dims.floorDiv(index, box[axis]);
      Dim own = b.dims.sub(index, b.dims.mul(rest, box[axis]));
      position[axis] = b.index(clamp(own, shape[axis]));
      index = rest;
    }
    return tensor::InsertOp::create(b.builder, b.loc, element, output,
                                    position);
  }
};
} // namespace

void mlir::nnc::populateNNPoolToLinalgPatterns(const TypeConverter &converter,
                                               RewritePatternSet &patterns) {
  patterns.add<LowerAveragePool, LowerLpPool, LowerMaxPool, LowerMaxPoolIndices,
               LowerMaxUnpool>(converter, patterns.getContext());
}
