//===----------------------------------------------------------------------===//
// Products with matrices in few bits as kern ops.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Narrow.h"
#include "Convolution.h"

#include "dialects/Kern/IR/KernNarrow.h"
#include "dialects/NN/IR/NNConstants.h"
#include "dialects/NN/IR/NarrowWeights.h"

using namespace mlir;
using namespace mlir::nnc;

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// The element of `parameter`, which broadcasts to [group axis..., columns],
/// for a group and a column; its axis before the last is of 1 element.
static int64_t getPlace(const nncio::Tensor &parameter, int64_t group,
                        int64_t column) {
  const std::vector<int64_t> &shape = parameter.shape();
  int64_t columns = shape.empty() ? 1 : shape.back();
  int64_t groups = shape.size() == 3 ? shape.front() : 1;
  return (groups == 1 ? 0 : group) * columns + (columns == 1 ? 0 : column);
}

/// The numbers of `constant`, one a group and column.
static std::optional<nncio::Tensor>
readPerGroup(Value constant, const nn::NarrowWeight &weight) {
  nncio::Result<nncio::Tensor> given = nn::getConstantTensor(constant);
  if (!given)
    return std::nullopt;
  int64_t groups = weight.getGroups(), columns = weight.columns;
  nncio::Tensor all(nncio::ElementType::F32, {groups, columns});
  for (int64_t group = 0; group < groups; ++group)
    for (int64_t column = 0; column < columns; ++column)
      all.setDouble(group * columns + column,
                    given->getDouble(getPlace(*given, group, column)));
  return all;
}

/// The scales in f16 where that loses nothing.
static nncio::Tensor shorten(const nncio::Tensor &scales) {
  nncio::Tensor half(nncio::ElementType::F16, scales.shape());
  for (int64_t i = 0; i < scales.size(); ++i) {
    half.setDouble(i, scales.getDouble(i));
    if (half.getDouble(i) != scales.getDouble(i))
      return scales;
  }
  return half;
}

/// Zero points of signed codes, nothing if all are 0. `given` are those of
/// codes of type `stored`, null: 0.
static std::optional<nncio::Tensor>
shiftZeroPoints(std::optional<nncio::Tensor> given, Type stored,
                const nn::NarrowWeight &weight) {
  bool isUnsigned = stored.isUnsignedInteger();
  if (!isUnsigned && !given)
    return std::nullopt;
  int64_t half =
      isUnsigned ? int64_t(1) << (stored.getIntOrFloatBitWidth() - 1) : 0;
  nncio::Tensor shifted(nncio::ElementType::I8,
                        {weight.getGroups(), weight.columns});
  bool isZero = true;
  for (int64_t i = 0; i < shifted.size(); ++i) {
    int64_t point = (given ? given->getInt(i) : 0) - half;
    shifted.setInt(i, point);
    isZero &= point == 0;
  }
  return isZero ? std::nullopt : std::optional(shifted);
}

/// True if a constant of f8E4M3FN has codes that are not widened to what they
/// are; also if it can't be read.
static bool holdsNaN(Value constant) {
  if (!isa<Float8E4M3FNType>(typeOf(constant).getElementType()))
    return false;
  nncio::Result<nncio::Tensor> codes = nn::getConstantTensor(constant);
  if (!codes)
    return true;
  return llvm::any_of(ArrayRef(codes->data(), codes->size()),
                      [](uint8_t code) { return (code & 0x7f) == 0x7f; });
}

namespace {
struct ConvertNarrowProduct : OpRewritePattern<nn::MatMulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::MatMulOp op,
                                PatternRewriter &rewriter) const override {
    auto kernel = op->getParentOfType<nn::KernelOp>();
    if (!kernel || typeOf(op.getLhs()).getRank() < 2)
      return rewriter.notifyMatchFailure(op, "is no product in a kernel");
    std::optional<nn::NarrowWeight> weight = nn::matchNarrowWeight(op.getRhs());
    if (!weight || !findConstant(weight->codes, kernel))
      return rewriter.notifyMatchFailure(op, "has no matrix in few bits");
    Type type = op.getType().getElementType();
    if (!isa<FloatType>(type) || type.isF64())
      return rewriter.notifyMatchFailure(op, "has no vector code for its type");
    Type stored = typeOf(weight->codes).getElementType();
    if (holdsNaN(findConstant(weight->codes, kernel)))
      return rewriter.notifyMatchFailure(op, "has codes of no number");
    std::optional<nncio::Tensor> scales, zeroPoints;
    if (weight->scale) {
      Value constant = findConstant(weight->scale, kernel);
      if (!constant || !(scales = readPerGroup(constant, *weight)))
        return rewriter.notifyMatchFailure(op, "has scales of the run");
      scales = shorten(*scales);
    }
    if (weight->zeroPoint) {
      Value constant = findConstant(weight->zeroPoint, kernel);
      if (!constant || !(zeroPoints = readPerGroup(constant, *weight)))
        return rewriter.notifyMatchFailure(op, "has zero points of the run");
    }
    Value destination = createDestination(rewriter, op);
    if (!destination)
      return rewriter.notifyMatchFailure(op, "has a shape that is not known");
    zeroPoints = shiftZeroPoints(zeroPoints, stored, *weight);
    auto gemm = kern::NarrowGemmOp::create(
        rewriter, op.getLoc(), TypeRange(op.getType()),
        withKnownDepth(rewriter, op.getLhs(), weight->depth),
        toGroups(rewriter, weight->codes),
        scales ? createKernelInput(rewriter, kernel, *scales) : Value(),
        zeroPoints ? createKernelInput(rewriter, kernel, *zeroPoints) : Value(),
        ValueRange(), destination, stored, weight->group, /*packed=*/false,
        rewriter.getArrayAttr({}), hw::TilingAttr());
    buildPlainEpilogue(rewriter, op.getLoc(), gemm.getEpilogue(),
                       rewriter.getF32Type(), type);
    rewriter.replaceOp(op, gemm);
    return success();
  }

private:
  /// [K, N] as one group.
  static Value toGroups(OpBuilder &b, Value codes) {
    RankedTensorType type = typeOf(codes);
    if (type.getRank() == 3)
      return codes;
    SmallVector<int64_t> shape{1, type.getDimSize(0), type.getDimSize(1)};
    return tensor::ExpandShapeOp::create(
        b, codes.getLoc(), type.clone(shape), codes,
        ArrayRef<ReassociationIndices>{{0, 1}, {2}});
  }

  /// The rows with the depth that the matrix knows.
  static Value withKnownDepth(OpBuilder &b, Value rows, int64_t depth) {
    RankedTensorType type = typeOf(rows);
    if (!ShapedType::isDynamic(type.getShape().back()))
      return rows;
    SmallVector<int64_t> shape(type.getShape());
    shape.back() = depth;
    return tensor::CastOp::create(b, rows.getLoc(), type.clone(shape), rows);
  }
};
} // namespace

void mlir::nnc::populateNNNarrowToKernPatterns(RewritePatternSet &patterns) {
  patterns.add<ConvertNarrowProduct>(patterns.getContext());
}
