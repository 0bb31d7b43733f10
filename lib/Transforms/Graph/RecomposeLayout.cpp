//===----------------------------------------------------------------------===//
// Moves transpositions and flattenings to where they meet their inverses.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Recompose.h"

#include "dialects/NN/IR/MovementPatterns.h"
#include "dialects/NN/IR/NNConstants.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::nnc;

namespace {
/// The transposition of joined transposed tensors joins the tensors themselves,
/// if nothing needs them as they were joined.
struct SinkConcat : OpRewritePattern<nn::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto concat = op.getInput().getDefiningOp<nn::ConcatOp>();
    if (!concat || !llvm::all_of(concat.getInputs(), [](Value input) {
          return input.getDefiningOp<nn::TransposeOp>() && input.hasOneUse();
        }))
      return rewriter.notifyMatchFailure(op, "is not of joined transpositions");
    ArrayRef<int64_t> permutation = op.getPermutation();
    for (Operation *user : concat->getUsers()) {
      auto other = dyn_cast<nn::TransposeOp>(user);
      if (!other || other.getPermutation() != permutation)
        return rewriter.notifyMatchFailure(op, "is not all that is needed");
    }
    SmallVector<Value> inputs;
    rewriter.setInsertionPoint(concat);
    for (Value input : concat.getInputs())
      inputs.push_back(nn::TransposeOp::create(rewriter, input.getLoc(), input,
                                               permutation));
    int64_t axis = llvm::find(permutation, int64_t(concat.getAxis())) -
                   permutation.begin();
    Value joined =
        nn::ConcatOp::create(rewriter, concat.getLoc(), inputs, axis);
    if (joined.getType() != op.getType())
      joined =
          tensor::CastOp::create(rewriter, op.getLoc(), op.getType(), joined);
    for (Operation *user : llvm::make_early_inc_range(concat->getUsers()))
      rewriter.replaceOp(user, joined);
    return success();
  }
};

/// What a matrix product by weights and ops on single elements do to rows,
/// between a reshape to rows and the reshape of the result.
struct RowChain {
  nn::MatMulOp product;
  /// From the product's user to the reshape.
  SmallVector<Operation *> elementwise;

  static std::optional<RowChain> match(nn::ReshapeOp op);
};
} // namespace

/// The operand whose elements `op` maps to those of its result one by one, the
/// others being the same for all rows; or null.
static OpOperand *getRowOperand(Operation *op) {
  OpOperand *rows = nullptr;
  if (!isa<ScalarOpInterface>(op) || op->getNumResults() != 1)
    return nullptr;
  for (OpOperand &operand : op->getOpOperands()) {
    RankedTensorType type = rankedTypeOf(operand.get());
    if (type.getRank() < 2 && type.hasStaticShape())
      continue;
    if (rows)
      return nullptr;
    rows = &operand;
  }
  bool isShaped = rows && rankedTypeOf(rows->get()).getShape() ==
                              rankedTypeOf(op->getResult(0)).getShape();
  return isShaped ? rows : nullptr;
}

std::optional<RowChain> RowChain::match(nn::ReshapeOp op) {
  RowChain chain;
  Value value = op.getInput();
  while (value.hasOneUse() && !value.getDefiningOp<nn::MatMulOp>()) {
    Operation *step = value.getDefiningOp();
    OpOperand *rows = step ? getRowOperand(step) : nullptr;
    if (!rows)
      return std::nullopt;
    chain.elementwise.push_back(step);
    value = rows->get();
  }
  chain.product = value.getDefiningOp<nn::MatMulOp>();
  if (!chain.product || !value.hasOneUse() ||
      !chain.product.getLhs().getDefiningOp<nn::ReshapeOp>())
    return std::nullopt;
  std::reverse(chain.elementwise.begin(), chain.elementwise.end());
  RankedTensorType rows = rankedTypeOf(chain.product.getLhs());
  RankedTensorType weights = rankedTypeOf(chain.product.getRhs());
  bool keepsRows = rows.getRank() == 2 && weights.getRank() == 2 &&
                   op.getType().getRank() > 2 && weights.hasStaticShape() &&
                   weights.getNumElements() > 0 &&
                   op.getType().getShape().back() == weights.getDimSize(1);
  return keepsRows ? std::optional(chain) : std::nullopt;
}

/// The shape of `op`, a reshape of rows, for rows of another length; null if it
/// copies that length to another axis.
static Value replaceRowLength(nn::ReshapeOp op, int64_t length,
                              OpBuilder &builder) {
  Value shape = op.getShape();
  if (auto list = shape.getDefiningOp<tensor::FromElementsOp>()) {
    // Any of the elements may be 0.
    if (!op.getAllowZero())
      return {};
    SmallVector<Value> sizes(list.getElements());
    Type type = sizes.back().getType();
    sizes.back() = arith::ConstantOp::create(
        builder, op.getLoc(), builder.getIntegerAttr(type, length));
    return tensor::FromElementsOp::create(builder, op.getLoc(), list.getType(),
                                          sizes);
  }
  nncio::Result<nncio::Tensor> constant = nn::getConstantTensor(shape);
  if (!constant || constant->empty())
    return {};
  std::vector<int64_t> sizes = constant->toInts();
  sizes.back() = length;
  if (!op.getAllowZero() && llvm::is_contained(ArrayRef(sizes).drop_front(), 0))
    return {};
  return nn::createIndexConstant(builder, op.getLoc(), sizes);
}

namespace {
/// Rows that are flattened for a product, and unflattened after it, are
/// multiplied where they are.
struct UnflattenMatMul : OpRewritePattern<nn::ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<RowChain> chain = RowChain::match(op);
    if (!chain)
      return rewriter.notifyMatchFailure(op, "ends no product of rows");
    Value input = chain->product.getLhs(), weights = chain->product.getRhs();
    SmallVector<int64_t> sizes(op.getType().getShape());
    sizes.back() = rankedTypeOf(weights).getDimSize(0);
    Value shape = replaceRowLength(op, sizes.back(), rewriter);
    if (!shape)
      return rewriter.notifyMatchFailure(op, "copies the length of rows");
    auto type =
        RankedTensorType::get(sizes, rankedTypeOf(input).getElementType());
    input = nn::ReshapeOp::create(rewriter, op.getLoc(), type, input, shape,
                                  op.getAllowZero());
    Value rows = chain->product.getResult();
    Value value =
        nn::MatMulOp::create(rewriter, chain->product.getLoc(), input, weights);
    for (Operation *step : chain->elementwise) {
      IRMapping mapping;
      mapping.map(rows, value);
      rows = step->getResult(0);
      Operation *copy = rewriter.clone(*step, mapping);
      copy->getResult(0).setType(RankedTensorType::get(
          rankedTypeOf(value).getShape(), rankedTypeOf(rows).getElementType()));
      value = copy->getResult(0);
    }
    rewriter.replaceOp(op, value);
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Parts of one tensor that are all moved in the same way
//===----------------------------------------------------------------------===//

/// A stretch of one axis, known at compile time, that only `user` takes.
struct Part {
  nn::SliceOp slice;
  Operation *user;
  int64_t start, end;
};

/// All uses of a tensor, if they are two or more stretches of axis `axis`.
struct Parts {
  int64_t axis = 0;
  SmallVector<Part> list;

  static std::optional<Parts> match(Value whole);
};
} // namespace

static std::optional<int64_t> getOnlyNumber(Value list) {
  nncio::Result<nncio::Tensor> constant = nn::getConstantTensor(list);
  if (!constant || constant->size() != 1)
    return std::nullopt;
  return constant->getInt(0);
}

std::optional<Parts> Parts::match(Value whole) {
  Parts parts;
  for (Operation *user : whole.getUsers()) {
    auto slice = dyn_cast<nn::SliceOp>(user);
    if (!slice || slice.getInput() != whole || !slice->hasOneUse() ||
        slice.getAxes().size() != 1 || slice.getSteps()[0] != 1)
      return std::nullopt;
    int64_t axis = slice.getAxes()[0];
    if (!parts.list.empty() && axis != parts.axis)
      return std::nullopt;
    parts.axis = axis;
    std::optional<int64_t> start = getOnlyNumber(slice.getStarts());
    std::optional<int64_t> end = getOnlyNumber(slice.getEnds());
    int64_t size = rankedTypeOf(whole).getDimSize(axis);
    if (!start || !end || *start < 0 || *start > *end || *end > size)
      return std::nullopt;
    parts.list.push_back({slice, *slice->user_begin(), *start, *end});
  }
  return parts.list.size() > 1 ? std::optional(parts) : std::nullopt;
}

/// Puts slices of `whole` in the place of the parts' users.
static void replaceUsers(const Parts &parts, Value whole, int64_t axis,
                         int64_t unit, PatternRewriter &rewriter) {
  for (const Part &part : parts.list) {
    Location loc = part.slice->getLoc();
    rewriter.setInsertionPoint(part.user);
    Value start = nn::createIndexConstant(rewriter, loc, {part.start / unit});
    Value end = nn::createIndexConstant(rewriter, loc, {part.end / unit});
    rewriter.replaceOpWithNewOp<nn::SliceOp>(
        part.user, part.user->getResult(0).getType(), whole, start, end,
        ArrayRef<int64_t>{axis}, ArrayRef<int64_t>{1});
  }
}

namespace {
/// Parts that are all transposed the same way are parts of the transposed
/// whole.
struct TransposeBeforeSlices : OpRewritePattern<nn::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto slice = op.getInput().getDefiningOp<nn::SliceOp>();
    Value whole = slice ? slice.getInput() : Value();
    std::optional<Parts> parts = whole ? Parts::match(whole) : std::nullopt;
    ArrayRef<int64_t> permutation = op.getPermutation();
    if (!parts || !llvm::all_of(parts->list, [&](const Part &part) {
          auto other = dyn_cast<nn::TransposeOp>(part.user);
          return other && other.getPermutation() == permutation;
        }))
      return rewriter.notifyMatchFailure(op, "is not of one of equal parts");
    SmallVector<int64_t> copy(permutation);
    rewriter.setInsertionPointAfterValue(whole);
    Value moved = nn::TransposeOp::create(rewriter, op.getLoc(), whole, copy);
    int64_t axis = llvm::find(copy, parts->axis) - copy.begin();
    replaceUsers(*parts, moved, axis, 1, rewriter);
    return success();
  }
};

/// Parts whose last axis is all split the same way are parts of the split
/// whole.
struct SplitBeforeSlices : OpRewritePattern<nn::ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    auto slice = op.getInput().getDefiningOp<nn::SliceOp>();
    Value whole = slice ? slice.getInput() : Value();
    std::optional<Parts> parts = whole ? Parts::match(whole) : std::nullopt;
    int64_t width = parts ? getSplitWidth(op, whole, parts->axis) : 0;
    if (!width || !llvm::all_of(parts->list, [&](const Part &part) {
          auto other = dyn_cast<nn::ReshapeOp>(part.user);
          return other && other.getShape() == op.getShape() &&
                 other.getAllowZero() == op.getAllowZero() &&
                 part.start % width == 0 && part.end % width == 0;
        }))
      return rewriter.notifyMatchFailure(op, "is not of one of equal parts");
    std::vector<int64_t> shape = nn::getConstantTensor(op.getShape())->toInts();
    SmallVector<int64_t> sizes(op.getType().getShape());
    int64_t count = rankedTypeOf(whole).getShape().back() / width;
    shape[parts->axis] = sizes[parts->axis] = count;
    rewriter.setInsertionPointAfterValue(whole);
    auto type = RankedTensorType::get(sizes, op.getType().getElementType());
    Value split = nn::ReshapeOp::create(
        rewriter, op.getLoc(), type, whole,
        nn::createIndexConstant(rewriter, op.getLoc(), shape),
        op.getAllowZero());
    replaceUsers(*parts, split, parts->axis, width, rewriter);
    return success();
  }

private:
  /// The size of the new last axis if `op` keeps all axes but the last, `axis`,
  /// which becomes two; else 0.
  static int64_t getSplitWidth(nn::ReshapeOp op, Value whole, int64_t axis) {
    RankedTensorType from = rankedTypeOf(whole), to = op.getType();
    nncio::Result<nncio::Tensor> shape = nn::getConstantTensor(op.getShape());
    if (!shape || axis != from.getRank() - 1 ||
        to.getRank() != from.getRank() + 1 ||
        ShapedType::isDynamic(from.getDimSize(axis)))
      return 0;
    std::vector<int64_t> sizes = shape->toInts();
    for (int64_t i = 0; i < axis; ++i) {
      bool isCopied = sizes[i] == 0 && !op.getAllowZero();
      if (!isCopied && (sizes[i] < 1 || sizes[i] != from.getDimSize(i)))
        return 0;
    }
    int64_t width = sizes[axis + 1];
    return sizes[axis] > 0 && width > 0 && from.getDimSize(axis) % width == 0
               ? width
               : 0;
  }
};
} // namespace

void mlir::nnc::populateRecomposeLayoutPatterns(RewritePatternSet &patterns) {
  patterns.add<SinkConcat, SplitBeforeSlices, TransposeBeforeSlices,
               UnflattenMatMul>(patterns.getContext());
  nn::populateMovementPatterns(patterns);
}
