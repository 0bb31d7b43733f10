//===----------------------------------------------------------------------===//
// Lowering of reductions.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ReductionLowering.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <limits>

using namespace mlir;
using namespace mlir::nnc;
using nn::ReduceKind;

static Type elementTypeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getElementType();
}

namespace {
/// The arithmetic of a kind on scalars. Elements of type `element` are
/// converted to `compute`, in which sums are held.
class KindArithmetic {
public:
  /// `semantic` is the graph's element type, which knows about signs.
  KindArithmetic(ReduceKind kind, Type semantic)
      : kind(kind), element(getStorageType(semantic)),
        isUnsigned(semantic.isUnsignedInteger() || semantic.isInteger(1)) {
    MLIRContext *context = semantic.getContext();
    if (isa<FloatType>(element))
      compute = isExtremum() ? element : getComputeType(element);
    else if (kind == ReduceKind::L2 || kind == ReduceKind::LogSum ||
             kind == ReduceKind::LogSumExp)
      compute = Float64Type::get(context);
    else
      compute =
          kind == ReduceKind::Mean ? IntegerType::get(context, 64) : element;
  }

  bool isExtremum() const {
    return kind == ReduceKind::Max || kind == ReduceKind::Min;
  }
  /// False if a sum is the result as it is.
  bool needsFinish() const {
    return compute != element || kind == ReduceKind::Mean ||
           kind == ReduceKind::L2 || kind == ReduceKind::LogSum ||
           kind == ReduceKind::LogSumExp;
  }

  Value createInit(LoweringBuilder &b) const;
  Value createStep(OpBuilder &builder, Location loc, Value x, Value sum) const;
  /// `count` is the number of elements, an index.
  Value createFinish(OpBuilder &builder, Location loc, Value sum,
                     Value count) const;
  /// The element in compute type.
  Value load(OpBuilder &builder, Location loc, Value x) const {
    return convertNumber(builder, loc, x, compute, isUnsigned);
  }

  ReduceKind kind;
  Type element, compute;
  bool isUnsigned;

private:
  Value createFloatStep(OpBuilder &builder, Location loc, Value x,
                        Value sum) const;
  Value createIntStep(OpBuilder &builder, Location loc, Value x,
                      Value sum) const;
};
} // namespace

Value KindArithmetic::createInit(LoweringBuilder &b) const {
  if (kind == ReduceKind::Max)
    return b.lowest(compute, isUnsigned);
  if (kind == ReduceKind::Min)
    return b.highest(compute, isUnsigned);
  return b.constant(compute, kind == ReduceKind::Prod ? 1 : 0);
}

Value KindArithmetic::createStep(OpBuilder &builder, Location loc, Value x,
                                 Value sum) const {
  return isa<FloatType>(compute) ? createFloatStep(builder, loc, x, sum)
                                 : createIntStep(builder, loc, x, sum);
}

Value KindArithmetic::createFloatStep(OpBuilder &builder, Location loc, Value x,
                                      Value sum) const {
  switch (kind) {
  case ReduceKind::Max:
    return arith::MaximumFOp::create(builder, loc, sum, x);
  case ReduceKind::Min:
    return arith::MinimumFOp::create(builder, loc, sum, x);
  case ReduceKind::Prod:
    return arith::MulFOp::create(builder, loc, sum, x);
  case ReduceKind::L1:
    x = math::AbsFOp::create(builder, loc, x);
    break;
  case ReduceKind::L2:
  case ReduceKind::SumSquare:
    x = arith::MulFOp::create(builder, loc, x, x);
    break;
  default:
    break;
  }
  return arith::AddFOp::create(builder, loc, sum, x);
}

Value KindArithmetic::createIntStep(OpBuilder &builder, Location loc, Value x,
                                    Value sum) const {
  switch (kind) {
  case ReduceKind::Max:
    return isUnsigned ? Value(arith::MaxUIOp::create(builder, loc, sum, x))
                      : Value(arith::MaxSIOp::create(builder, loc, sum, x));
  case ReduceKind::Min:
    return isUnsigned ? Value(arith::MinUIOp::create(builder, loc, sum, x))
                      : Value(arith::MinSIOp::create(builder, loc, sum, x));
  case ReduceKind::Prod:
    return arith::MulIOp::create(builder, loc, sum, x);
  case ReduceKind::L1:
    if (!isUnsigned)
      x = math::AbsIOp::create(builder, loc, x);
    break;
  case ReduceKind::SumSquare:
    x = arith::MulIOp::create(builder, loc, x, x);
    break;
  default:
    break;
  }
  return arith::AddIOp::create(builder, loc, sum, x);
}

Value KindArithmetic::createFinish(OpBuilder &builder, Location loc, Value sum,
                                   Value count) const {
  if (kind == ReduceKind::Mean && isa<FloatType>(compute)) {
    sum = arith::DivFOp::create(builder, loc, sum,
                                convertIndex(builder, loc, count, compute));
  } else if (kind == ReduceKind::Mean) {
    // Of no elements: 0 / 1.
    LoweringBuilder b(builder, loc);
    Value number = arith::MaxSIOp::create(
        builder, loc, convertIndex(builder, loc, count, compute),
        b.constantInt(compute, 1));
    sum = isUnsigned ? Value(arith::DivUIOp::create(builder, loc, sum, number))
                     : Value(arith::DivSIOp::create(builder, loc, sum, number));
  } else if (kind == ReduceKind::L2) {
    sum = math::SqrtOp::create(builder, loc, sum);
  } else if (kind == ReduceKind::LogSum || kind == ReduceKind::LogSumExp) {
    sum = math::LogOp::create(builder, loc, sum);
  }
  return sum;
}

/// `top`, or 0 where it is infinite: what exponents are taken relative to.
static Value createReference(OpBuilder &builder, Location loc, Value top) {
  LoweringBuilder b(builder, loc);
  Value magnitude = math::AbsFOp::create(builder, loc, top);
  Value isInfinite =
      arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OEQ, magnitude,
                            b.highest(top.getType()));
  return arith::SelectOp::create(builder, loc, isInfinite,
                                 b.constant(top.getType(), 0), top);
}

/// sum + exp(x - reference).
static Value createExpStep(OpBuilder &builder, Location loc, Value x,
                           Value reference, Value sum) {
  Value power = math::ExpOp::create(
      builder, loc, arith::SubFOp::create(builder, loc, x, reference));
  return arith::AddFOp::create(builder, loc, sum, power);
}

//===----------------------------------------------------------------------===//
// nn.reduce
//===----------------------------------------------------------------------===//

namespace {
/// A fill, one linalg.generic with reduction loops, and for some kinds an
/// element-wise step on the sums.
struct LowerReduce : NNLoweringPattern<nn::ReduceOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::ReduceOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    KindArithmetic kind(op.getKind(), elementTypeOf(op.getInput()));
    Grouping groups(b, adaptor.getInput(), op.getAxes());
    Pieces pieces{b, kind, groups, adaptor.getInput(), op.getKeepDims()};
    results.push_back(op.getKind() == ReduceKind::LogSumExp
                          ? lowerLogSumExp(pieces)
                          : lowerSum(pieces));
    return success();
  }

private:
  struct Pieces {
    LoweringBuilder &b;
    const KindArithmetic &kind;
    const Grouping &groups;
    Value input;
    bool keepDims;

    Value reduce(const KindArithmetic &kind) const {
      return b.generic(
          input, b.filled(groups.groupShape(keepDims), kind.createInit(b)),
          {groups.elementMap(), groups.groupMap(keepDims)},
          [&](OpBuilder &inner, Location loc, ValueRange args) {
            Value x = kind.load(inner, loc, args[0]);
            return kind.createStep(inner, loc, x, args[1]);
          });
    }
    /// Elementwise on tensors of the groups' shape, the first of them sums of
    /// compute type; in place if that is the result's type.
    Value finish(Value sums, ValueRange others,
                 LoweringBuilder::Body body) const {
      AffineMap map = AffineMap::getMultiDimIdentityMap(
          cast<RankedTensorType>(sums.getType()).getRank(),
          b.builder.getContext());
      bool inPlace = kind.compute == kind.element;
      SmallVector<Value> inputs(others);
      if (!inPlace)
        inputs.push_back(sums);
      Value output =
          inPlace ? sums : b.empty(groups.groupShape(keepDims), kind.element);
      SmallVector<AffineMap> maps(inputs.size() + 1, map);
      return b.generic(
          inputs, output, maps,
          [&](OpBuilder &inner, Location loc, ValueRange args) {
            SmallVector<Value> scalars{args[others.size()]};
            llvm::append_range(scalars, args.take_front(others.size()));
            return convertNumber(inner, loc, body(inner, loc, scalars),
                                 kind.element, kind.isUnsigned);
          });
    }
  };

  static Value lowerSum(const Pieces &p) {
    Value sums = p.reduce(p.kind);
    if (!p.kind.needsFinish())
      return sums;
    Value count = p.b.index(p.groups.count());
    return p.finish(sums, {},
                    [&](OpBuilder &inner, Location loc, ValueRange args) {
                      return p.kind.createFinish(inner, loc, args[0], count);
                    });
  }

  /// Relative to the greatest element of each group, so that nothing overflows.
  static Value lowerLogSumExp(const Pieces &p) {
    KindArithmetic top = p.kind;
    top.kind = ReduceKind::Max;
    Value references =
        updateInPlace(p.b, p.reduce(top),
                      [](OpBuilder &inner, Location loc, ValueRange args) {
                        return createReference(inner, loc, args[0]);
                      });
    AffineMap map = p.groups.groupMap(p.keepDims);
    Value sums = p.b.generic(
        {p.input, references},
        p.b.filled(p.groups.groupShape(p.keepDims), p.kind.createInit(p.b)),
        {p.groups.elementMap(), map, map},
        [&](OpBuilder &inner, Location loc, ValueRange args) {
          return createExpStep(inner, loc, p.kind.load(inner, loc, args[0]),
                               args[1], args[2]);
        });
    return p.finish(
        sums, references, [](OpBuilder &inner, Location loc, ValueRange args) {
          Value log = math::LogOp::create(inner, loc, args[0]);
          return arith::AddFOp::create(inner, loc, args[1], log).getResult();
        });
  }
};

//===----------------------------------------------------------------------===//
// nn.reduce_along
//===----------------------------------------------------------------------===//

/// One parallel loop nest over the result; inside, loops over all input axes,
/// of length 1 on those that stay.
struct LowerReduceAlong : NNLoweringPattern<nn::ReduceAlongOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::ReduceAlongOp op, OpAdaptor adaptor,
                      LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    KindArithmetic kind(op.getKind(), elementTypeOf(op.getInput()));
    SmallVector<Dim> shape = resultShapes(op, adaptor, b)[0];
    Loops loops{kind, adaptor.getInput()};
    loops.build(b, adaptor.getAxes());
    results.push_back(
        b.byIndex(shape, kind.element,
                  [&](OpBuilder &inner, Location loc, ValueRange indices) {
                    return loops.emit(inner, loc, indices, op.getKeepDims());
                  }));
    return success();
  }

private:
  struct Loops {
    const KindArithmetic &kind;
    Value input;
    /// For each input axis its length if reduced, else 1; and its place among
    /// the axes that stay, -1 if reduced.
    SmallVector<Value> extents = {}, places = {};
    Value count = {};

    void build(LoweringBuilder &b, Value axes) {
      int64_t rank = cast<RankedTensorType>(input.getType()).getRank();
      Dim numKept(0), size(1);
      SmallVector<Dim> axisDims = b.dims.elements(axes);
      for (int64_t axis = 0; axis < rank; ++axis) {
        Dim kept(1);
        for (Dim other : axisDims) {
          kept = b.dims.selectEqual(other, Dim(axis), Dim(0), kept);
          kept = b.dims.selectEqual(other, Dim(axis - rank), Dim(0), kept);
        }
        Dim extent =
            b.dims.selectEqual(kept, Dim(1), Dim(1), b.dim(input, axis));
        size = b.dims.mul(size, extent);
        extents.push_back(b.index(extent));
        places.push_back(
            b.index(b.dims.selectEqual(kept, Dim(1), numKept, Dim(-1))));
        numKept = b.dims.add(numKept, kept);
      }
      count = b.index(size);
    }

    /// Index of the result's element on each input axis, 0 on reduced ones.
    SmallVector<Value> getOrigin(LoweringBuilder &b, ValueRange indices,
                                 bool keepDims) const {
      if (keepDims)
        return SmallVector<Value>(indices);
      SmallVector<Value> origin;
      for (Value place : places) {
        Value at = b.index(0);
        for (auto [number, index] : llvm::enumerate(indices)) {
          Value isHere =
              arith::CmpIOp::create(b.builder, b.loc, arith::CmpIPredicate::eq,
                                    place, b.index(int64_t(number)));
          at = arith::SelectOp::create(b.builder, b.loc, isHere, index, at);
        }
        origin.push_back(at);
      }
      return origin;
    }

    using Step = function_ref<Value(OpBuilder &, Location, Value x, Value sum)>;
    Value fold(LoweringBuilder &b, ArrayRef<Value> origin, Value init,
               Step step) const {
      SmallVector<Value> zeros(extents.size(), b.index(0));
      SmallVector<Value> ones(extents.size(), b.index(1));
      auto body = [&](OpBuilder &inner, Location loc, ValueRange at,
                      ValueRange sum) -> scf::ValueVector {
        SmallVector<Value> position;
        for (auto [first, offset] : llvm::zip(origin, at))
          position.push_back(arith::AddIOp::create(inner, loc, first, offset));
        Value x = tensor::ExtractOp::create(inner, loc, input, position);
        return {step(inner, loc, kind.load(inner, loc, x), sum[0])};
      };
      return scf::buildLoopNest(b.builder, b.loc, zeros, extents, ones, init,
                                body)
          .results[0];
    }

    Value emit(OpBuilder &builder, Location loc, ValueRange indices,
               bool keepDims) const {
      LoweringBuilder b(builder, loc);
      SmallVector<Value> origin = getOrigin(b, indices, keepDims);
      if (kind.kind == ReduceKind::LogSumExp)
        return emitLogSumExp(b, origin);
      Value sum = fold(b, origin, kind.createInit(b),
                       [&](OpBuilder &inner, Location at, Value x, Value sum) {
                         return kind.createStep(inner, at, x, sum);
                       });
      sum = kind.createFinish(builder, loc, sum, count);
      return convertNumber(builder, loc, sum, kind.element, kind.isUnsigned);
    }

    Value emitLogSumExp(LoweringBuilder &b, ArrayRef<Value> origin) const {
      KindArithmetic max = kind;
      max.kind = ReduceKind::Max;
      Value top = fold(b, origin, max.createInit(b),
                       [&](OpBuilder &inner, Location at, Value x, Value sum) {
                         return max.createStep(inner, at, x, sum);
                       });
      top = createReference(b.builder, b.loc, top);
      Value sum = fold(b, origin, kind.createInit(b),
                       [&](OpBuilder &inner, Location at, Value x, Value sum) {
                         return createExpStep(inner, at, x, top, sum);
                       });
      Value log = math::LogOp::create(b.builder, b.loc, sum);
      return convertNumber(b.builder, b.loc,
                           arith::AddFOp::create(b.builder, b.loc, top, log),
                           kind.element, kind.isUnsigned);
    }
  };
};

//===----------------------------------------------------------------------===//
// nn.arg_reduce
//===----------------------------------------------------------------------===//

/// One reduction with two results: the best element, which is scratch, and its
/// position.
struct LowerArgReduce : NNLoweringPattern<nn::ArgReduceOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::ArgReduceOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    int64_t axis = op.getAxis();
    ArgReduction reduction{axis, op.getKind() == ReduceKind::Max,
                           elementTypeOf(op.getInput()).isUnsignedInteger(),
                           op.getSelectLast(), op.getKeepDims()};
    results.push_back(lowerArgReduction(b, adaptor.getInput(),
                                        Grouping(b, adaptor.getInput(), axis),
                                        reduction));
    return success();
  }
};
} // namespace

void mlir::nnc::populateNNReductionToLinalgPatterns(
    const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerReduce, LowerReduceAlong, LowerArgReduce>(
      converter, patterns.getContext());
  populateNNReductionNormToLinalgPatterns(converter, patterns);
}
