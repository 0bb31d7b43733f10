//===----------------------------------------------------------------------===//
// Matrices that are stored in few bits.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/NarrowWeights.h"
#include "dialects/NN/IR/NNConstants.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// Integers and floats of 8 bits and less that kernels can widen.
static bool isWidened(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type))
    return !integer.isSigned() &&
           llvm::is_contained({2, 4, 8}, int(integer.getWidth()));
  return isa<Float8E4M3FNType, Float8E5M2Type>(type);
}

/// True if `parameter` broadcasts to `shape`, [K, N] or [groups, group, N], and
/// is the same along K, or along each group.
static bool isPerGroup(Value parameter, ArrayRef<int64_t> shape) {
  ArrayRef<int64_t> own = typeOf(parameter).getShape();
  if (own.size() > shape.size())
    return false;
  // The axis before the columns is that of the places in a group.
  return own.size() < 2 || own[own.size() - 2] == 1;
}

/// Fills in what a dequantization says of `weight`.
static bool readDequantize(DequantizeOp op, NarrowWeight &weight) {
  RankedTensorType type = op.getType(), codes = typeOf(op.getInput());
  if (!type.hasStaticShape() || type.getRank() < 2 || type.getRank() > 3 ||
      type.getElementType().isF64() || !isWidened(codes.getElementType()))
    return false;
  for (Value parameter : op->getOperands().drop_front())
    if (!isPerGroup(parameter, type.getShape()))
      return false;
  weight.codes = op.getInput();
  weight.scale = op.getScale();
  weight.zeroPoint = op.getZeroPoint();
  weight.group = type.getDimSize(type.getRank() - 2);
  return true;
}

/// True of a slice that takes the first rows of a matrix.
static bool takesFirstRows(SliceOp op) {
  if (op.getAxes() != ArrayRef<int64_t>{0} ||
      op.getSteps() != ArrayRef<int64_t>{1})
    return false;
  DenseIntElementsAttr starts;
  return matchPattern(op.getStarts(), m_Constant(&starts)) &&
         starts.getNumElements() == 1 &&
         (*starts.value_begin<APInt>()).isZero();
}

std::optional<NarrowWeight> nn::matchNarrowWeight(Value matrix) {
  auto type = dyn_cast<RankedTensorType>(matrix.getType());
  if (!type || type.getRank() != 2 || !type.hasStaticShape() ||
      type.getNumElements() == 0)
    return std::nullopt;
  NarrowWeight weight;
  weight.depth = type.getDimSize(0);
  weight.columns = type.getDimSize(1);
  auto step = [&](Operation *op) {
    weight.ops.insert(weight.ops.begin(), op);
    return op->getOperand(0).getDefiningOp();
  };
  Operation *op = matrix.getDefiningOp();
  if (auto cast = dyn_cast_or_null<CastOp>(op)) {
    Type from = typeOf(cast.getInput()).getElementType();
    if (!from.isF16() && !from.isBF16())
      return std::nullopt;
    weight.codes = cast.getInput();
    weight.group = weight.depth;
    step(cast);
    return weight;
  }
  if (auto slice = dyn_cast_or_null<SliceOp>(op);
      slice && takesFirstRows(slice))
    op = step(slice);
  bool isReshaped = false;
  if (auto reshape = dyn_cast_or_null<ReshapeOp>(op)) {
    RankedTensorType from = typeOf(reshape.getInput());
    if (from.getRank() != 3 || from.getShape().back() != weight.columns ||
        reshape.getType().getRank() != 2)
      return std::nullopt;
    isReshaped = true;
    op = step(reshape);
  }
  auto dequantize = dyn_cast_or_null<DequantizeOp>(op);
  if (!dequantize || !readDequantize(dequantize, weight))
    return std::nullopt;
  step(dequantize);
  RankedTensorType whole = dequantize.getType();
  // Only the last group may be cut.
  bool fits = isReshaped ? whole.getDimSize(0) == weight.getGroups()
                         : whole.getRank() == 2 && weight.ops.size() == 1;
  return fits ? std::optional(weight) : std::nullopt;
}

std::optional<NarrowWeight> nn::matchNarrowProduct(Operation *op) {
  auto product = dyn_cast_or_null<MatMulOp>(op);
  if (!product || typeOf(product.getLhs()).getRank() < 2 ||
      !isa<FloatType>(product.getType().getElementType()) ||
      product.getType().getElementType().isF64())
    return std::nullopt;
  std::optional<NarrowWeight> weight = matchNarrowWeight(product.getRhs());
  if (!weight || !isConstantTensor(weight->codes))
    return std::nullopt;
  for (Value parameter : {weight->scale, weight->zeroPoint})
    if (parameter && !isConstantTensor(parameter))
      return std::nullopt;
  return weight;
}

bool nn::isMadeInProducts(Operation *op) {
  if (!isa<DequantizeOp, CastOp, ReshapeOp, SliceOp>(op) || op->use_empty())
    return false;
  Value result = op->getResult(0);
  return llvm::all_of(result.getUses(), [&](OpOperand &use) {
    Operation *user = use.getOwner();
    if (isa<MatMulOp>(user))
      return use.getOperandNumber() == 1 &&
             matchNarrowProduct(user).has_value();
    // What passes leave behind unused is no reader.
    return use.getOperandNumber() == 0 && isa<ReshapeOp, SliceOp>(user) &&
           (user->use_empty() || isMadeInProducts(user));
  });
}

Value nn::joinGroups(OpBuilder &builder, Location loc, Value matrix) {
  RankedTensorType type = typeOf(matrix);
  SmallVector<int64_t> shape{type.getDimSize(0) * type.getDimSize(1),
                             type.getDimSize(2)};
  return ReshapeOp::create(builder, loc, type.clone(shape), matrix,
                           createIndexConstant(builder, loc, shape),
                           /*allow_zero=*/false);
}

Value nn::takeFirstRows(OpBuilder &builder, Location loc, Value matrix,
                        int64_t rows) {
  RankedTensorType type = typeOf(matrix);
  SmallVector<int64_t> shape{rows, type.getDimSize(1)}, start{0}, end{rows};
  return SliceOp::create(builder, loc, type.clone(shape), matrix,
                         createIndexConstant(builder, loc, start),
                         createIndexConstant(builder, loc, end),
                         ArrayRef<int64_t>{0}, ArrayRef<int64_t>{1});
}
