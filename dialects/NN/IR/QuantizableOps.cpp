//===----------------------------------------------------------------------===//
// The ops that small integers can be given to.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/QuantizableOps.h"

#include "dialects/NN/IR/NNConstants.h"
#include "nnc/Interfaces/QuantizableOpInterface.h"
#include "nnc/Interfaces/WeightedOpInterface.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

static RankedTensorType typeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType());
}

/// The channels by the op's other interface, where data and weight are of f32
/// and the weight is the operand `number`.
static std::optional<QuantizedProduct> findProduct(Operation *op,
                                                   unsigned number) {
  auto weighted = dyn_cast<WeightedOpInterface>(op);
  std::optional<WeightedChannels> channels =
      weighted ? weighted.getWeightedChannels() : std::nullopt;
  if (!channels || !channels->result ||
      channels->weight->getOperandNumber() != number ||
      !typeOf(channels->data->get()).getElementType().isF32() ||
      !typeOf(channels->weight->get()).getElementType().isF32() ||
      !typeOf(channels->weight->get()).hasStaticShape())
    return std::nullopt;
  QuantizedProduct product;
  product.data = channels->data;
  product.weight = channels->weight;
  product.weightAxis = channels->result->weight;
  product.resultAxis = channels->result->tensor;
  if (channels->input)
    product.channels = {channels->input->tensor, channels->input->weight};
  return product;
}

namespace {
struct ConvModel : QuantizableOpInterface::ExternalModel<ConvModel, ConvOp> {
  std::optional<QuantizedProduct> getQuantizedProduct(Operation *op) const {
    auto conv = cast<ConvOp>(op);
    // The integer form has its bias as a constant, and no layout yet.
    if (conv.getChannelsLast() ||
        (conv.getBias() && !isConstantTensor(conv.getBias())))
      return std::nullopt;
    return findProduct(op, conv.getFilterMutable().getOperandNumber());
  }
};

struct MatMulModel
    : QuantizableOpInterface::ExternalModel<MatMulModel, MatMulOp> {
  std::optional<QuantizedProduct> getQuantizedProduct(Operation *op) const {
    auto product = cast<MatMulOp>(op);
    // Rows times a matrix.
    if (typeOf(product.getLhs()).getRank() < 2 ||
        typeOf(product.getRhs()).getRank() != 2)
      return std::nullopt;
    return findProduct(op, product.getRhsMutable().getOperandNumber());
  }
};

/// Ops of which some operands are data and others say what to do with them.
template <typename OpTy>
struct AlikeModel
    : QuantizableOpInterface::ExternalModel<AlikeModel<OpTy>, OpTy> {
  SmallVector<OpOperand *> getAlikeOperands(Operation *op) const {
    SmallVector<OpOperand *> operands;
    Type element = typeOf(op->getResult(0)).getElementType();
    for (OpOperand &operand : op->getOpOperands())
      if (typeOf(operand.get()).getElementType() == element)
        operands.push_back(&operand);
    return operands;
  }
};
} // namespace

void nn::attachQuantizableOpInterface(MLIRContext &context) {
  ConvOp::attachInterface<ConvModel>(context);
  MatMulOp::attachInterface<MatMulModel>(context);
  ConcatOp::attachInterface<AlikeModel<ConcatOp>>(context);
  MaxPoolOp::attachInterface<AlikeModel<MaxPoolOp>>(context);
  ReshapeOp::attachInterface<AlikeModel<ReshapeOp>>(context);
  SliceOp::attachInterface<AlikeModel<SliceOp>>(context);
  TransposeOp::attachInterface<AlikeModel<TransposeOp>>(context);
}
