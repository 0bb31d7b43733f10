//===----------------------------------------------------------------------===//
// Host scalars: shape arithmetic as SSA values instead of tensors.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/HostScalars.h"

#include "dialects/NN/IR/NNConstants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "nnc/Interfaces/ElementTypes.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

bool mlir::nnc::nn::isHostTensor(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !type.hasStaticShape() || isString(type.getElementType()) ||
      type.getNumElements() > hostScalarLimit)
    return false;
  return value.getDefiningOp<tensor::FromElementsOp>() ||
         matchPattern(value, m_Constant());
}

/// The elements of a host tensor as scalars of the storage type.
static SmallVector<Value> getScalars(OpBuilder &builder, Location loc,
                                     Value value) {
  if (auto elements = value.getDefiningOp<tensor::FromElementsOp>())
    return llvm::to_vector(elements.getElements());
  nncio::Result<nncio::Tensor> tensor = getConstantTensor(value);
  if (!tensor)
    return {};
  Type type =
      getStorageType(cast<RankedTensorType>(value.getType()).getElementType());
  SmallVector<Value> scalars;
  bool isCode =
      isNarrow(cast<RankedTensorType>(value.getType()).getElementType());
  for (int64_t i = 0; i < tensor->size(); ++i) {
    TypedAttr number =
        isCode ? TypedAttr(builder.getIntegerAttr(type, tensor->data()[i]))
        : isa<FloatType>(type)
            ? TypedAttr(builder.getFloatAttr(type, tensor->getDouble(i)))
            : TypedAttr(builder.getIntegerAttr(type, tensor->getInt(i)));
    scalars.push_back(arith::ConstantOp::create(builder, loc, number));
  }
  return scalars;
}

/// The row-major position in an operand of shape `from` of result element
/// `index` in shape `to`, by broadcasting.
static int64_t broadcastPosition(int64_t index, ArrayRef<int64_t> to,
                                 ArrayRef<int64_t> from) {
  int64_t position = 0, stride = 1;
  for (int64_t axis = to.size() - 1, lag = to.size() - from.size(); axis >= lag;
       --axis) {
    int64_t size = from[axis - lag];
    position += (size == 1 ? 0 : index % to[axis]) * stride;
    stride *= size;
    index /= to[axis];
  }
  return position;
}

static SmallVector<Value> computeElementwise(OpBuilder &builder,
                                             ScalarOpInterface op,
                                             RankedTensorType type) {
  SmallVector<SmallVector<Value>> operands;
  for (Value operand : op->getOperands())
    operands.push_back(getScalars(builder, op.getLoc(), operand));
  SmallVector<Value> results;
  for (int64_t i = 0; i < type.getNumElements(); ++i) {
    SmallVector<Value> scalars;
    for (auto [operand, elements] : llvm::zip(op->getOperands(), operands)) {
      auto shape = cast<RankedTensorType>(operand.getType()).getShape();
      scalars.push_back(elements[broadcastPosition(i, type.getShape(), shape)]);
    }
    results.push_back(op.buildScalar(builder, op.getLoc(), scalars));
  }
  return results;
}

/// Evaluates `op` with every data operand's elements replaced by numbers that
/// name them: operand * hostScalarLimit + element + 1. A result of 0 is an
/// element that no operand gave.
static SmallVector<Value> computeMovement(OpBuilder &builder,
                                          DataMovementOpInterface op,
                                          RankedTensorType type) {
  SmallVector<nncio::Tensor> tensors;
  for (OpOperand &operand : op->getOpOperands()) {
    Value value = operand.get();
    if (!op.isDataOperand(operand.getOperandNumber())) {
      nncio::Result<nncio::Tensor> steering = getConstantTensor(value);
      if (!steering)
        return {};
      tensors.push_back(*steering);
      continue;
    }
    auto shape = cast<RankedTensorType>(value.getType()).getShape();
    nncio::Tensor numbers(nncio::ElementType::I64,
                          std::vector<int64_t>(shape.begin(), shape.end()));
    for (int64_t i = 0; i < numbers.size(); ++i)
      numbers.setInt(i, operand.getOperandNumber() * hostScalarLimit + i + 1);
    tensors.push_back(numbers);
  }
  std::vector<nncio::Tensor> moved;
  moved.emplace_back(
      nncio::ElementType::I64,
      std::vector<int64_t>(type.getShape().begin(), type.getShape().end()));
  if (!cast<EvalOpInterface>(op.getOperation())
           .evaluate(tensors, moved)
           .empty())
    return {};
  std::vector<int64_t> sources = moved[0].toInts();
  if (llvm::is_contained(sources, 0))
    return {};
  // Nothing is created before it is sure to be used.
  SmallVector<SmallVector<Value>> operands(op->getNumOperands());
  SmallVector<Value> results;
  for (int64_t source : sources) {
    int64_t number = (source - 1) / hostScalarLimit;
    if (operands[number].empty())
      operands[number] =
          getScalars(builder, op.getLoc(), op->getOperand(number));
    if (operands[number].empty())
      return {};
    results.push_back(operands[number][(source - 1) % hostScalarLimit]);
  }
  return results;
}

Value mlir::nnc::nn::computeOnHost(OpBuilder &builder, Operation *op) {
  if (op->getNumResults() != 1 || op->getNumOperands() == 0 ||
      !llvm::all_of(op->getOperands(), isHostTensor))
    return {};
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type || !type.hasStaticShape() ||
      type.getNumElements() > hostScalarLimit ||
      type.getElementType().isUnsignedInteger() ||
      isNarrow(type.getElementType()) || isString(type.getElementType()))
    return {};
  SmallVector<Value> scalars;
  if (auto scalar = dyn_cast<ScalarOpInterface>(op))
    scalars = computeElementwise(builder, scalar, type);
  else if (auto movement = dyn_cast<DataMovementOpInterface>(op))
    scalars = computeMovement(builder, movement, type);
  if (int64_t(scalars.size()) != type.getNumElements() || scalars.empty())
    return {};
  return tensor::FromElementsOp::create(builder, op->getLoc(), type, scalars);
}

namespace {
/// An op on host tensors becomes scalar ops.
struct ComputeOnHost : RewritePattern {
  ComputeOnHost(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isa<ScalarOpInterface, DataMovementOpInterface>(op))
      return rewriter.notifyMatchFailure(op, "has no form on scalars");
    // Inside of a kernel tensors are computed where they are.
    if (op->getParentOfType<KernelOp>())
      return rewriter.notifyMatchFailure(op, "is in a kernel");
    Value result = computeOnHost(rewriter, op);
    if (!result)
      return rewriter.notifyMatchFailure(op, "is not on host tensors");
    rewriter.replaceOp(op, result);
    return success();
  }
};

/// An element of a constant is a number.
struct ExtractFromConstant : OpRewritePattern<tensor::ExtractOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::ExtractOp op,
                                PatternRewriter &rewriter) const override {
    auto constant = op.getTensor().getDefiningOp<ConstantOp>();
    Type type = op.getType();
    if (!constant || type.isUnsignedInteger() || isNarrow(type) ||
        isString(type))
      return rewriter.notifyMatchFailure(op, "not from a signless constant");
    int64_t position = 0;
    auto shape = cast<RankedTensorType>(constant.getType()).getShape();
    for (auto [index, size] : llvm::zip(op.getIndices(), shape)) {
      std::optional<int64_t> number = getConstantIndex(index);
      if (!number || *number < 0 || *number >= size)
        return rewriter.notifyMatchFailure(op, "at an unknown position");
      position = position * size + *number;
    }
    nncio::Result<nncio::Tensor> tensor = toTensor(constant.getValue());
    if (!tensor)
      return rewriter.notifyMatchFailure(op, "from an unreadable constant");
    TypedAttr number =
        isa<FloatType>(type)
            ? TypedAttr(
                  rewriter.getFloatAttr(type, tensor->getDouble(position)))
            : TypedAttr(
                  rewriter.getIntegerAttr(type, tensor->getInt(position)));
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(op, number);
    return success();
  }
};

/// Numbers alone are a constant.
struct FromElementsToConstant : OpRewritePattern<tensor::FromElementsOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::FromElementsOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<Attribute> numbers;
    for (Value element : op.getElements()) {
      Attribute number;
      if (element.getType().isIndex() ||
          !matchPattern(element, m_Constant(&number)))
        return rewriter.notifyMatchFailure(op, "has an unknown element");
      numbers.push_back(number);
    }
    rewriter.replaceOpWithNewOp<ConstantOp>(
        op, DenseElementsAttr::get(op.getType(), numbers));
    return success();
  }
};
} // namespace

void mlir::nnc::nn::populateHostScalarPatterns(RewritePatternSet &patterns) {
  patterns.add<ComputeOnHost, ExtractFromConstant, FromElementsToConstant>(
      patterns.getContext());
}
