//===----------------------------------------------------------------------===//
// Lowering of contractions and normalization over channels.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "LinearLowering.h"
#include "dialects/NN/IR/EinsumEquation.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::nnc;

//===----------------------------------------------------------------------===//
// Contractions
//===----------------------------------------------------------------------===//

namespace {
/// A factor of a sum of products, and the loop of each of its axes. The first
/// `numBroadcast` axes may be of size 1 where the loop is not.
struct Factor {
  Value tensor;
  SmallVector<unsigned> loops;
  size_t numBroadcast;
};

/// The sum over loops `resultRank`, … of the product of the factors, for each
/// point of the loops before, which are the result's axes. The last loop of the
/// result is the innermost.
class Contraction {
public:
  Contraction(LoweringBuilder &b, ArrayRef<Factor> factors, ArrayRef<Dim> sizes,
              unsigned resultRank)
      : b(b), factors(factors), sizes(sizes), resultRank(resultRank),
        elementType(rankedTypeOf(factors[0].tensor).getElementType()),
        computeType(getComputeType(elementType)) {}

  Value build();

private:
  /// Where a logical loop is in the nest.
  unsigned position(unsigned loop) const {
    if (resultRank == 0)
      return loop;
    if (loop == resultRank - 1)
      return sizes.size() - 1;
    return loop < resultRank ? loop : loop - 1;
  }
  AffineExpr loopExpr(unsigned loop) const {
    return getAffineDimExpr(position(loop), b.builder.getContext());
  }
  /// True if axis `axis` of the factor may be 1 in the run only.
  bool isUnsure(const Factor &factor, unsigned axis) const;
  bool isUnsure(const Factor &factor) const;
  /// i1: every such axis has the loop's size in this run.
  Value createIsSure();
  AffineMap getMap(const Factor &factor) const;
  Value loadByHand(OpBuilder &builder, Location loc, const Factor &factor);
  /// `byHand`: the factors that are unsure are indexed in the body.
  Value buildLoops(Value output, bool byHand);

  LoweringBuilder &b;
  ArrayRef<Factor> factors;
  ArrayRef<Dim> sizes;
  unsigned resultRank;
  Type elementType, computeType;
};
} // namespace

/// True if `dim` is this very dimension of `tensor`.
static bool isOwnDim(Dim dim, Value tensor, int64_t axis) {
  auto op = dim.getValue() ? dim.getValue().getDefiningOp<tensor::DimOp>()
                           : tensor::DimOp();
  return op && op.getSource() == tensor && op.getConstantIndex() == axis;
}

bool Contraction::isUnsure(const Factor &factor, unsigned axis) const {
  Dim size = sizes[factor.loops[axis]];
  return axis < factor.numBroadcast &&
         rankedTypeOf(factor.tensor).isDynamicDim(axis) &&
         !size.isConstant(1) && !isOwnDim(size, factor.tensor, axis);
}

bool Contraction::isUnsure(const Factor &factor) const {
  return llvm::any_of(llvm::seq<unsigned>(0, factor.loops.size()),
                      [&](unsigned axis) { return isUnsure(factor, axis); });
}

Value Contraction::createIsSure() {
  Value all;
  for (const Factor &factor : factors)
    for (unsigned axis = 0; axis < factor.loops.size(); ++axis) {
      if (!isUnsure(factor, axis))
        continue;
      Value equal =
          arith::CmpIOp::create(b.builder, b.loc, arith::CmpIPredicate::eq,
                                b.index(b.dim(factor.tensor, axis)),
                                b.index(sizes[factor.loops[axis]]));
      all = all ? arith::AndIOp::create(b.builder, b.loc, all, equal) : equal;
    }
  return all;
}

AffineMap Contraction::getMap(const Factor &factor) const {
  RankedTensorType type = rankedTypeOf(factor.tensor);
  MLIRContext *context = b.builder.getContext();
  SmallVector<AffineExpr> exprs;
  for (auto [axis, loop] : llvm::enumerate(factor.loops))
    exprs.push_back(type.getDimSize(axis) == 1 && !sizes[loop].isConstant(1)
                        ? getAffineConstantExpr(0, context)
                        : loopExpr(loop));
  return AffineMap::get(sizes.size(), 0, exprs, context);
}

Value Contraction::loadByHand(OpBuilder &builder, Location loc,
                              const Factor &factor) {
  LoweringBuilder inner(builder, loc);
  Value zero = inner.index(0), one = inner.index(1);
  SmallVector<Value> indices;
  for (auto [axis, loop] : llvm::enumerate(factor.loops)) {
    Value at = linalg::IndexOp::create(builder, loc, position(loop));
    Value size = inner.index(inner.dim(factor.tensor, axis));
    Value isOne = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                        size, one);
    indices.push_back(arith::SelectOp::create(builder, loc, isOne, zero, at));
  }
  return inner.load(factor.tensor, indices);
}

Value Contraction::buildLoops(Value output, bool byHand) {
  MLIRContext *context = b.builder.getContext();
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  SmallVector<unsigned> own = llvm::to_vector(llvm::seq(0u, resultRank));
  SmallVector<AffineExpr> resultExprs;
  for (unsigned loop : own)
    resultExprs.push_back(loopExpr(loop));
  AffineMap resultMap = AffineMap::get(sizes.size(), 0, resultExprs, context);
  for (const Factor &factor : factors)
    if (!byHand || !isUnsure(factor)) {
      inputs.push_back(factor.tensor);
      maps.push_back(getMap(factor));
    }
  // Summed loops that no map gives a range.
  for (unsigned loop = resultRank; loop < sizes.size(); ++loop) {
    if (llvm::any_of(maps, [&](AffineMap map) {
          return llvm::is_contained(map.getResults(), loopExpr(loop));
        }))
      continue;
    inputs.push_back(createRanges(b, sizes[loop]));
    maps.push_back(AffineMap::get(sizes.size(), 0, loopExpr(loop)));
  }
  maps.push_back(resultMap);
  auto body = [&](OpBuilder &builder, Location loc, ValueRange args) -> Value {
    Value product;
    unsigned next = 0;
    for (const Factor &factor : factors) {
      Value element = byHand && isUnsure(factor)
                          ? loadByHand(builder, loc, factor)
                          : Value(args[next++]);
      element = convertNumber(builder, loc, element, computeType);
      product = product ? createBinary<arith::MulFOp, arith::MulIOp>(
                              builder, loc, product, element)
                        : element;
    }
    return createBinary<arith::AddFOp, arith::AddIOp>(builder, loc, args.back(),
                                                      product);
  };
  return b.generic(inputs, output, maps, body);
}

Value Contraction::build() {
  Value output =
      b.filled(sizes.take_front(resultRank), b.constant(computeType, 0));
  Value isSure = createIsSure();
  Value sums;
  if (!isSure) {
    sums = buildLoops(output, /*byHand=*/false);
  } else {
    auto branch = [&](bool byHand) {
      return [this, output, byHand](OpBuilder &, Location loc) {
        scf::YieldOp::create(b.builder, loc, buildLoops(output, byHand));
      };
    };
    sums =
        scf::IfOp::create(b.builder, b.loc, isSure, branch(false), branch(true))
            .getResult(0);
  }
  return convertElements(b, sums, elementType);
}

namespace {
/// Batch axes, rows, depth, columns.
struct LowerMatMul : NNLoweringPattern<nn::MatMulOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::MatMulOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    SmallVector<SmallVector<Dim>> shapes = resultShapes(op, adaptor, b);
    if (shapes.empty())
      return failure();
    SmallVector<Dim> sizes = shapes[0];
    Value lhs = adaptor.getLhs(), rhs = adaptor.getRhs();
    unsigned lhsRank = rankedTypeOf(lhs).getRank();
    unsigned rhsRank = rankedTypeOf(rhs).getRank();
    bool isRow = lhsRank == 1, isColumn = rhsRank == 1;
    unsigned resultRank = sizes.size(), depth = resultRank;
    unsigned batch = resultRank - !isRow - !isColumn;
    auto batchLoops = [&](unsigned count) {
      return llvm::to_vector(llvm::seq(batch - count, batch));
    };
    Factor left{lhs, batchLoops(isRow ? 0 : lhsRank - 2), 0};
    left.numBroadcast = left.loops.size();
    Factor right{rhs, batchLoops(isColumn ? 0 : rhsRank - 2), 0};
    right.numBroadcast = right.loops.size();
    if (!isRow)
      left.loops.push_back(batch);
    left.loops.push_back(depth);
    right.loops.push_back(depth);
    if (!isColumn)
      right.loops.push_back(resultRank - 1);
    Dim own = b.dim(lhs, lhsRank - 1);
    sizes.push_back(own.getConstant() ? own
                                      : b.dim(rhs, isColumn ? 0 : rhsRank - 2));
    results.push_back(Contraction(b, {left, right}, sizes, resultRank).build());
    return success();
  }
};

struct LowerEinsum : NNLoweringPattern<nn::EinsumOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::EinsumOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    SmallVector<SmallVector<Dim>> shapes = resultShapes(op, adaptor, b);
    SmallVector<int64_t> ranks;
    for (Value input : adaptor.getInputs())
      ranks.push_back(rankedTypeOf(input).getRank());
    std::string message;
    FailureOr<nn::EinsumEquation> equation =
        nn::EinsumEquation::parse(op.getEquation(), ranks, message);
    if (shapes.empty() || failed(equation))
      return failure();
    SmallVector<Dim> sizes = shapes[0];
    sizes.resize(equation->numLoops, Dim(1));
    SmallVector<Factor> factors;
    for (auto [input, loops] :
         llvm::zip(adaptor.getInputs(), equation->operands)) {
      factors.push_back({input, loops, loops.size()});
      for (auto [axis, loop] : llvm::enumerate(loops)) {
        FailureOr<Dim> both = b.dims.broadcast(sizes[loop], b.dim(input, axis));
        if (failed(both))
          return failure();
        if (loop >= equation->resultRank)
          sizes[loop] = *both;
      }
    }
    results.push_back(
        Contraction(b, factors, sizes, equation->resultRank).build());
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Local response normalization
//===----------------------------------------------------------------------===//

struct LowerLRN : NNLoweringPattern<nn::LRNOp> {
  using NNLoweringPattern::NNLoweringPattern;

  LogicalResult lower(nn::LRNOp op, OpAdaptor adaptor, LoweringBuilder &b,
                      SmallVectorImpl<Value> &results) const override {
    Value input = adaptor.getInput();
    Type elementType = rankedTypeOf(input).getElementType();
    Type type = getComputeType(elementType);
    SmallVector<Dim> shape = b.shape(input);
    results.push_back(b.byIndex(
        shape, elementType,
        [&](OpBuilder &builder, Location loc, ValueRange indices) -> Value {
          LoweringBuilder inner(builder, loc);
          Value sum = sumSquares(op, inner, input, indices, shape, type);
          Value scale = inner.constant(type, op.getAlpha().convertToDouble() /
                                                 double(op.getSize()));
          Value bias = inner.constant(type, op.getBias().convertToDouble());
          Value beta = inner.constant(type, op.getBeta().convertToDouble());
          Value base = createMultiplyAdd(builder, loc, scale, sum, bias);
          Value x =
              convertNumber(builder, loc, inner.load(input, indices), type);
          Value divisor = math::PowFOp::create(builder, loc, base, beta);
          return convertNumber(builder, loc,
                               arith::DivFOp::create(builder, loc, x, divisor),
                               elementType);
        }));
    return success();
  }

private:
  /// Over the channels beside that of `indices`, in a loop in the body.
  static Value sumSquares(nn::LRNOp op, LoweringBuilder &b, Value input,
                          ValueRange indices, ArrayRef<Dim> shape, Type type) {
    int64_t size = op.getSize(), before = (size - 1) / 2;
    int64_t axis = nn::getChannelAxis(shape.size(), op.getChannelsLast());
    Dim first = b.dims.sub(Dim(indices[axis]), before);
    Dim begin = b.dims.max(first, 0);
    Dim end = b.dims.min(b.dims.add(first, size), shape[axis]);
    Value zero = b.constant(type, 0);
    auto add = [&](OpBuilder &builder, Location loc, Value channel,
                   ValueRange sum) {
      SmallVector<Value> at = llvm::to_vector(indices);
      at[axis] = channel;
      Value x = tensor::ExtractOp::create(builder, loc, input, at);
      x = convertNumber(builder, loc, x, type);
      scf::YieldOp::create(builder, loc,
                           createMultiplyAdd(builder, loc, x, x, sum[0]));
    };
    return scf::ForOp::create(b.builder, b.loc, b.index(begin), b.index(end),
                              b.index(1), zero, add)
        .getResult(0);
  }
};
} // namespace

void mlir::nnc::populateNNLinearToLinalgPatterns(const TypeConverter &converter,
                                                 RewritePatternSet &patterns) {
  patterns.add<LowerEinsum, LowerLRN, LowerMatMul>(converter,
                                                   patterns.getContext());
  populateNNConvToLinalgPatterns(converter, patterns);
  populateNNPoolToLinalgPatterns(converter, patterns);
}
