//===----------------------------------------------------------------------===//
// Between constants in the IR and host tensors.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_NN_IR_NNCONSTANTS_H
#define NNC_DIALECTS_NN_IR_NNCONSTANTS_H

#include "dialects/NN/IR/NNOps.h"

namespace mlir::nnc::nn {

/// The elements of a constant attribute of tensor type, sharing memory where it
/// can. Fails, with a message, for a file that can't be mapped or is too short.
nncio::Result<nncio::Tensor> toTensor(ElementsAttr value);
/// The same for a weight: maps the file (once a process) and refers to it, or
/// computes what its transforms make of it.
nncio::Result<nncio::Tensor> toTensor(WeightOp weight);
/// The same for a place in a file; `type` is that after the transforms.
nncio::Result<nncio::Tensor> toTensor(DataAttr data, RankedTensorType type);
/// For a value defined by `nn.constant` or `nn.weight`, else failure.
nncio::Result<nncio::Tensor> getConstantTensor(Value value);
bool isConstantTensor(Value value);

/// An attribute with the tensor's elements: dense for small ones and splats, a
/// resource for large ones.
ElementsAttr toAttribute(MLIRContext *context, const nncio::Tensor &tensor);

/// Ints as a rank-1 `i64` constant.
Value createIndexConstant(OpBuilder &builder, Location loc,
                          ArrayRef<int64_t> values);

} // namespace mlir::nnc::nn

#endif // NNC_DIALECTS_NN_IR_NNCONSTANTS_H
