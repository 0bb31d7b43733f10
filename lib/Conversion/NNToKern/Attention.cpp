//===----------------------------------------------------------------------===//
// Attention as a kern op.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "NNToKern.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace mlir::nnc;

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

namespace {
/// A tensor and how loops index it.
struct MappedOperand {
  Value tensor;
  SmallVector<AffineExpr> indices;

  AffineMap getMap(MLIRContext *context, unsigned loops) const {
    return AffineMap::get(loops, 0, indices, context);
  }
};

struct ConvertAttention : OpRewritePattern<nn::AttentionOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::AttentionOp op,
                                PatternRewriter &rewriter) const override;
};
} // namespace

/// Indices of what `transpose` is read from.
static SmallVector<AffineExpr> permute(nn::TransposeOp transpose,
                                       ArrayRef<AffineExpr> indices) {
  SmallVector<AffineExpr> permuted(indices.size());
  for (auto [to, from] : llvm::enumerate(transpose.getPermutation()))
    permuted[from] = indices[to];
  return permuted;
}

/// The part of `transpose`'s operand that `slice` takes of its result.
static Value sliceBefore(OpBuilder &builder, nn::SliceOp slice,
                         nn::TransposeOp transpose) {
  SmallVector<int64_t> axes;
  for (int64_t axis : slice.getAxes())
    axes.push_back(transpose.getPermutation()[axis]);
  return nn::SliceOp::create(builder, slice.getLoc(), transpose.getInput(),
                             slice.getStarts(), slice.getEnds(), axes,
                             slice.getSteps());
}

/// Reads a transposed tensor, or a part of one, where it was before, if `op`
/// can read operand `index` so.
static void lookThroughTransposes(OpBuilder &builder, nn::AttentionOp op,
                                  unsigned index, MappedOperand &operand) {
  while (true) {
    auto slice = operand.tensor.getDefiningOp<nn::SliceOp>();
    Value moved = slice ? slice.getInput() : operand.tensor;
    auto transpose = moved.getDefiningOp<nn::TransposeOp>();
    if (!transpose || !op.readsThrough(index, transpose))
      return;
    Value before =
        slice ? sliceBefore(builder, slice, transpose) : transpose.getInput();
    operand = {before, permute(transpose, operand.indices)};
  }
}

/// An operand whose axes are the loops but for heads that several queries
/// share, and for the last two, which are loops `row` and `last`.
static MappedOperand mapOperand(OpBuilder &builder, nn::AttentionOp op,
                                OpOperand &use, int64_t sharing) {
  Value tensor = use.get();
  MLIRContext *context = tensor.getContext();
  int64_t rank = typeOf(tensor).getRank();
  MappedOperand operand{tensor, {}};
  for (int64_t axis = 0; axis < rank; ++axis)
    operand.indices.push_back(getAffineDimExpr(axis, context));
  if (sharing > 1)
    operand.indices[rank - 3] = operand.indices[rank - 3].floorDiv(sharing);
  lookThroughTransposes(builder, op, use.getOperandNumber(), operand);
  return operand;
}

/// By how many heads of the query one of the key is shared.
static int64_t getSharing(nn::AttentionOp op) {
  RankedTensorType query = typeOf(op.getQuery()), key = typeOf(op.getKey());
  int64_t axis = query.getRank() - 3;
  if (axis < 0 || query.isDynamicDim(axis) || key.isDynamicDim(axis) ||
      key.getDimSize(axis) == 0)
    return 1;
  return query.getDimSize(axis) / key.getDimSize(axis);
}

/// A mask by the indices of scores; bits become bytes.
static MappedOperand mapMask(OpBuilder &builder, nn::AttentionOp op,
                             int64_t loops) {
  Value mask = op.getMask();
  RankedTensorType type = typeOf(mask);
  MappedOperand mapped{mask, {}};
  int64_t shift = loops - type.getRank();
  for (auto [axis, size] : llvm::enumerate(type.getShape()))
    mapped.indices.push_back(size == 1
                                 ? builder.getAffineConstantExpr(0)
                                 : builder.getAffineDimExpr(axis + shift));
  if (type.getElementType().isInteger(1))
    mapped.tensor =
        nn::CastOp::create(builder, op.getLoc(), mask, builder.getI8Type());
  return mapped;
}

/// What becomes of a sum of products before the maximum is taken.
static void buildScores(OpBuilder &builder, nn::AttentionOp op, Region &region,
                        Type sumType, Value mask) {
  OpBuilder::InsertionGuard guard(builder);
  Block *body = builder.createBlock(&region, {}, sumType, op.getLoc());
  ImplicitLocOpBuilder b(op.getLoc(), builder);
  auto number = [&](const APFloat &value) -> Value {
    return arith::ConstantOp::create(
        b, b.getFloatAttr(sumType, value.convertToDouble()));
  };
  Value score = body->getArgument(0);
  if (!op.getScale().isExactlyValue(1.0))
    score = arith::MulFOp::create(b, score, number(op.getScale()));
  if (!op.getSoftcap().isZero()) {
    Value cap = number(op.getSoftcap());
    score = arith::DivFOp::create(b, score, cap);
    score = arith::MulFOp::create(b, math::TanhOp::create(b, score), cap);
  }
  if (mask) {
    Type type = typeOf(mask).getElementType();
    Value element = body->addArgument(type, op.getLoc());
    if (type.isInteger(8)) {
      Value zero = arith::ConstantOp::create(b, b.getI8IntegerAttr(0));
      Value isSeen =
          arith::CmpIOp::create(b, arith::CmpIPredicate::ne, element, zero);
      score = arith::SelectOp::create(b, isSeen, score, number(op.getFill()));
    } else {
      if (type != sumType)
        element = arith::ExtFOp::create(b, sumType, element);
      score = arith::AddFOp::create(b, score, element);
    }
  }
  kern::YieldOp::create(b, score);
}

/// The transposition that is all that is done with the result, if `op` can
/// write so.
static nn::TransposeOp findResultTranspose(nn::AttentionOp op) {
  if (!op->hasOneUse())
    return {};
  auto transpose = dyn_cast<nn::TransposeOp>(*op->user_begin());
  return transpose && transpose->getBlock() == op->getBlock() &&
                 op.writesThrough(transpose)
             ? transpose
             : nn::TransposeOp();
}

static kern::Causality convertCausality(nn::Causality causality) {
  switch (causality) {
  case nn::Causality::none:
    return kern::Causality::None;
  case nn::Causality::from_start:
    return kern::Causality::FromStart;
  case nn::Causality::from_end:
    return kern::Causality::FromEnd;
  }
  llvm_unreachable("all causalities are listed");
}

/// A tensor for the result of `last`, whose indices are loops by `map`; what is
/// not known of its sizes is asked of what loops read.
static Value createMappedDestination(OpBuilder &builder, Operation *last,
                                     AffineMap map, const MappedOperand &query,
                                     const MappedOperand &value) {
  RankedTensorType type = typeOf(last->getResult(0));
  Location loc = last->getLoc();
  SmallVector<Value> sizes;
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    if (!type.isDynamicDim(axis))
      continue;
    // The last axis is that of values, all others are the query's.
    const MappedOperand &operand = axis == type.getRank() - 1 ? value : query;
    const auto *found = llvm::find(operand.indices, map.getResult(axis));
    sizes.push_back(tensor::DimOp::create(builder, loc, operand.tensor,
                                          found - operand.indices.begin()));
  }
  return tensor::EmptyOp::create(builder, loc, type, sizes);
}

LogicalResult
ConvertAttention::matchAndRewrite(nn::AttentionOp op,
                                  PatternRewriter &rewriter) const {
  if (!op->getParentOfType<nn::KernelOp>())
    return rewriter.notifyMatchFailure(op, "is not in a kernel");
  RankedTensorType type = op.getType();
  Type sumType = getSumType(type.getElementType());
  if (!sumType)
    return rewriter.notifyMatchFailure(op, "has no vector code for its type");
  Location loc = op.getLoc();
  unsigned loops = type.getRank();
  int64_t sharing = getSharing(op);
  MappedOperand query = mapOperand(rewriter, op, op.getQueryMutable(), 1),
                key = mapOperand(rewriter, op, op.getKeyMutable(), sharing),
                value = mapOperand(rewriter, op, op.getValueMutable(), sharing);
  SmallVector<Value> masks;
  SmallVector<AffineMap> maskMaps;
  if (op.getMask()) {
    MappedOperand mask = mapMask(rewriter, op, loops);
    masks.push_back(mask.tensor);
    maskMaps.push_back(mask.getMap(getContext(), loops));
  }
  AffineMap resultMap = rewriter.getMultiDimIdentityMap(loops);
  Operation *last = op;
  if (nn::TransposeOp transpose = findResultTranspose(op)) {
    SmallVector<unsigned> permutation(transpose.getPermutation());
    resultMap = AffineMap::getPermutationMap(permutation, getContext());
    last = transpose;
  }
  Value destination =
      createMappedDestination(rewriter, last, resultMap, query, value);
  auto attention = kern::AttentionOp::create(
      rewriter, loc, last->getResultTypes(), query.tensor, key.tensor,
      value.tensor, masks, ValueRange(), destination,
      query.getMap(getContext(), loops), key.getMap(getContext(), loops),
      value.getMap(getContext(), loops), resultMap,
      rewriter.getAffineMapArrayAttr(maskMaps),
      convertCausality(op.getCausality()), rewriter.getArrayAttr({}),
      hw::TilingAttr());
  buildPlainEpilogue(rewriter, loc, attention.getEpilogue(), sumType,
                     type.getElementType());
  buildScores(rewriter, op, attention.getScores(), sumType,
              masks.empty() ? Value() : masks.front());
  rewriter.replaceOp(last, attention);
  if (last != op)
    rewriter.eraseOp(op);
  return success();
}

void mlir::nnc::populateNNAttentionToKernPatterns(RewritePatternSet &patterns) {
  patterns.add<ConvertAttention>(patterns.getContext());
}
