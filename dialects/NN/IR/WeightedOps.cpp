//===----------------------------------------------------------------------===//
// The ops that can take factors on channels into their weights.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/WeightedOps.h"

#include "dialects/NN/IR/NNConstants.h"
#include "nnc/Interfaces/WeightedOpInterface.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

static RankedTensorType typeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType());
}

namespace {
/// Both convolutions: the operands are data, filter and bias.
template <typename ModelTy, typename OpTy>
struct ConvolutionModel : WeightedOpInterface::ExternalModel<ModelTy, OpTy> {
  std::optional<WeightedChannels> getWeightedChannels(Operation *op) const {
    auto conv = cast<OpTy>(op);
    if (!isConstantTensor(conv.getFilter()))
      return std::nullopt;
    WeightedChannels channels;
    channels.data = &conv.getInputMutable();
    channels.weight = &conv.getFilterMutable();
    channels.bias = conv.getBias();
    channels.takesBias = true;
    ModelTy::fillDims(conv, channels);
    // Where data and result have their channels innermost.
    if (op->hasAttr("channels_last"))
      for (auto *dims : {&channels.result, &channels.input})
        if (*dims)
          (*dims)->tensor = typeOf(conv.getInput()).getRank() - 1;
    return channels;
  }

  void setChannelBias(Operation *op, Value bias) const {
    cast<OpTy>(op).getBiasMutable().assign(bias);
  }
};

struct ConvModel : ConvolutionModel<ConvModel, ConvOp> {
  static void fillDims(ConvOp op, WeightedChannels &channels) {
    channels.result = {1, 0};
    RankedTensorType data = typeOf(op.getInput());
    bool isLast = op->hasAttr("channels_last");
    int64_t inputs = data.getDimSize(isLast ? data.getRank() - 1 : 1);
    RankedTensorType filter = typeOf(op.getFilter());
    if (op.getGroup() == 1)
      channels.input = {1, 1};
    else if (filter.getDimSize(0) == inputs && filter.getDimSize(1) == 1)
      channels.input = {1, 0}; // each channel by itself
  }
};

struct ConvTransposeModel
    : ConvolutionModel<ConvTransposeModel, ConvTransposeOp> {
  static void fillDims(ConvTransposeOp op, WeightedChannels &channels) {
    channels.input = {1, 0};
    if (op.getGroup() == 1)
      channels.result = {1, 1};
  }
};

struct MatMulModel : WeightedOpInterface::ExternalModel<MatMulModel, MatMulOp> {
  std::optional<WeightedChannels> getWeightedChannels(Operation *op) const {
    auto product = cast<MatMulOp>(op);
    int64_t lhs = typeOf(product.getLhs()).getRank();
    int64_t rhs = typeOf(product.getRhs()).getRank();
    int64_t result = typeOf(product.getResult()).getRank();
    WeightedChannels channels;
    if (rhs >= 2 && isConstantTensor(product.getRhs())) {
      channels.data = &product.getLhsMutable();
      channels.weight = &product.getRhsMutable();
      channels.result = {result - 1, rhs - 1};
      channels.input = {lhs - 1, rhs - 2};
      return channels;
    }
    if (lhs >= 2 && isConstantTensor(product.getLhs())) {
      channels.data = &product.getRhsMutable();
      channels.weight = &product.getLhsMutable();
      channels.result = {result - (rhs >= 2 ? 2 : 1), lhs - 2};
      channels.input = {std::max<int64_t>(rhs - 2, 0), lhs - 1};
      return channels;
    }
    return std::nullopt;
  }

  void setChannelBias(Operation *, Value) const {}
};
} // namespace

void nn::attachWeightedOpInterface(MLIRContext &context) {
  ConvOp::attachInterface<ConvModel>(context);
  ConvTransposeOp::attachInterface<ConvTransposeModel>(context);
  MatMulOp::attachInterface<MatMulModel>(context);
}
