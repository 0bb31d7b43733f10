//===----------------------------------------------------------------------===//
// Weights in few bits, in panels.
//
// Elements that a byte holds anyway are rearranged when the artifact is
// written, as those of other products are. Smaller ones are joined in words
// here.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "PackNarrowWeights.h"
#include "KernelMerging.h"

#include "dialects/NN/IR/NNConstants.h"
#include "dialects/NN/IR/WeightTransforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Threading.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>

using namespace mlir;
using namespace mlir::nnc;

/// Words, or bytes, of `count` codes each that lie one after the other in
/// `codes`; those of unsigned types get a sign.
static nncio::Tensor joinCodes(MLIRContext *context, const nncio::Tensor &codes,
                               Type stored, int64_t count) {
  std::vector<int64_t> shape = codes.shape();
  if (count > 1)
    shape.pop_back();
  nncio::Tensor words(
      count > 1 ? nncio::ElementType::I32 : nncio::ElementType::I8, shape);
  unsigned bits = stored.getIntOrFloatBitWidth();
  uint32_t mask = (uint32_t(1) << bits) - 1;
  uint32_t flip = stored.isUnsignedInteger() ? uint32_t(1) << (bits - 1) : 0;
  const uint8_t *from = codes.data();
  uint8_t *to = words.mutableData();
  constexpr int64_t wordsOfTask = 1 << 16;
  int64_t tasks = llvm::divideCeil(words.size(), wordsOfTask);
  parallelFor(context, 0, tasks, [&](size_t task) {
    int64_t begin = int64_t(task) * wordsOfTask,
            end = std::min(begin + wordsOfTask, words.size());
    for (int64_t i = begin; i < end; ++i) {
      uint32_t word = 0;
      for (int64_t j = 0; j < count; ++j)
        word |= ((from[i * count + j] ^ flip) & mask) << (bits * j);
      if (count == 1)
        to[i] = uint8_t(word);
      else
        std::memcpy(to + i * 4, &word, 4);
    }
  });
  return words;
}

static nn::RelayoutAttr getRelayout(const kern::Packing &packing,
                                    MLIRContext *context) {
  return nn::RelayoutAttr::get(context, packing.shape, packing.pads,
                               packing.split, packing.permutation);
}

/// The packed codes of `constant`, null if that fails.
static Value packCodes(OpBuilder &b, kern::NarrowGemmOp op, Value constant) {
  MLIRContext *context = op.getContext();
  kern::Packing packing = op.getWeightsPacking();
  Type stored = op.getStored();
  Attribute relayout = getRelayout(packing, context);
  if (!op.getScale() || stored.isSignlessInteger(8)) {
    FailureOr<Value> packed = nn::transformWeight(b, constant, relayout);
    return failed(packed) ? Value() : *packed;
  }
  nncio::Result<nncio::Tensor> codes = nn::getConstantTensor(constant);
  if (codes)
    codes = nn::applyTransforms(cast<RankedTensorType>(constant.getType()),
                                *codes, relayout);
  if (!codes)
    return {};
  nncio::Tensor words =
      joinCodes(context, *codes, stored, op.getCodesPerElement());
  return nn::ConstantOp::create(b, constant.getLoc(),
                                nn::toAttribute(context, words));
}

/// What `value`, in the body of `kernel`, is a view of, outside of it; null if
/// that is no constant.
static Value findOutside(Value value, nn::KernelOp kernel) {
  while (auto view = value.getDefiningOp<tensor::ExpandShapeOp>())
    value = view.getSrc();
  if (auto argument = dyn_cast<BlockArgument>(value))
    if (argument.getOwner() == &kernel.getBody().front())
      value = kernel.getInputs()[argument.getArgNumber()];
  return nn::isConstantTensor(value) ? value : Value();
}

bool mlir::nnc::packNarrow(kern::NarrowGemmOp op, nn::KernelOp kernel) {
  OpBuilder b(kernel);
  Value codes = findOutside(op.getWeights(), kernel);
  // A constant of the kernel's own is made again outside.
  auto take = [&](Value constant) -> Value {
    Operation *maker = constant ? constant.getDefiningOp() : nullptr;
    return maker && kernel->isProperAncestor(maker)
               ? b.clone(*maker)->getResult(0)
               : constant;
  };
  Value packed = codes ? packCodes(b, op, take(codes)) : Value();
  SmallVector<Value> perGroup;
  for (Value operand : {op.getScale(), op.getZeroPoint()}) {
    if (!operand)
      continue;
    Value constant = take(findOutside(operand, kernel));
    if (!constant)
      return false;
    FailureOr<Value> panels = nn::transformWeight(
        b, constant,
        getRelayout(op.getGroupsPacking(
                        cast<ShapedType>(operand.getType()).getElementType()),
                    op.getContext()));
    if (failed(panels))
      return false;
    perGroup.push_back(*panels);
  }
  if (!packed)
    return false;
  Block &body = kernel.getBody().front();
  auto addInput = [&](Value value) {
    kernel.getInputsMutable().append(value);
    return body.addArgument(value.getType(), value.getLoc());
  };
  Operation *view = op.getWeights().getDefiningOp();
  op.getWeightsMutable().assign(addInput(packed));
  if (op.getScale())
    op.getScaleMutable().assign(addInput(perGroup[0]));
  if (op.getZeroPoint())
    op.getZeroPointMutable().assign(addInput(perGroup[1]));
  op.setPacked(true);
  if (view && view->use_empty())
    view->erase();
  dropUnusedInputs(kernel);
  return true;
}
