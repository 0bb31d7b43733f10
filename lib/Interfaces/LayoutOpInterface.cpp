//===----------------------------------------------------------------------===//
// Orders of axes in memory, and ops that work in several of them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Interfaces/LayoutOpInterface.h"

#include "nnc/Interfaces/LayoutOpInterface.cpp.inc"

using namespace mlir;
using namespace mlir::nnc;

Layout mlir::nnc::getIdentityLayout(int64_t rank) {
  return llvm::to_vector(llvm::seq<int64_t>(rank));
}

bool mlir::nnc::isIdentityLayout(ArrayRef<int64_t> layout) {
  return llvm::equal(layout, llvm::seq<int64_t>(layout.size()));
}

Layout mlir::nnc::invertLayout(ArrayRef<int64_t> layout) {
  Layout inverse(layout.size());
  for (auto [place, axis] : llvm::enumerate(layout))
    inverse[axis] = place;
  return inverse;
}

Layout mlir::nnc::composeLayouts(ArrayRef<int64_t> first,
                                 ArrayRef<int64_t> second) {
  return llvm::map_to_vector(second, [&](int64_t axis) { return first[axis]; });
}

int64_t mlir::nnc::findAxis(ArrayRef<int64_t> layout, int64_t axis) {
  return llvm::find(layout, axis) - layout.begin();
}

SmallVector<int64_t> mlir::nnc::findAxes(ArrayRef<int64_t> layout,
                                         ArrayRef<int64_t> axes) {
  return llvm::map_to_vector(
      axes, [&](int64_t axis) { return findAxis(layout, axis); });
}

Layout mlir::nnc::dropAxes(ArrayRef<int64_t> layout, ArrayRef<int64_t> axes) {
  Layout rest;
  for (int64_t axis : layout)
    if (!llvm::is_contained(axes, axis))
      rest.push_back(axis - llvm::count_if(axes, [&](int64_t dropped) {
                       return dropped < axis;
                     }));
  return rest;
}

RankedTensorType mlir::nnc::applyLayout(RankedTensorType type,
                                        ArrayRef<int64_t> layout) {
  SmallVector<int64_t> shape = llvm::map_to_vector(
      layout, [&](int64_t axis) { return type.getDimSize(axis); });
  return RankedTensorType::get(shape, type.getElementType());
}

bool mlir::nnc::keepsOrder(RankedTensorType type, ArrayRef<int64_t> layout) {
  int64_t last = -1;
  for (int64_t axis : layout) {
    if (type.getDimSize(axis) == 1)
      continue;
    if (axis < last)
      return false;
    last = axis;
  }
  return true;
}

Layout mlir::nnc::getChannelsLastLayout(int64_t rank) {
  Layout layout{0};
  for (int64_t axis = 2; axis < rank; ++axis)
    layout.push_back(axis);
  layout.push_back(1);
  return layout;
}

static int64_t getRank(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getRank();
}

std::optional<OpLayout>
mlir::nnc::detail::getBroadcastLayout(Operation *op, ArrayRef<int64_t> layout) {
  if (getRank(op->getResult(0)) != int64_t(layout.size()))
    return std::nullopt;
  OpLayout needed;
  for (Value operand : op->getOperands())
    needed.operands.push_back(getRank(operand) ? Layout(layout) : Layout());
  needed.results.assign(op->getNumResults(), Layout(layout));
  return needed;
}

std::optional<OpLayout>
mlir::nnc::detail::getFirstOperandLayout(Operation *op,
                                         ArrayRef<int64_t> layout) {
  if (getRank(op->getOperand(0)) != int64_t(layout.size()))
    return std::nullopt;
  OpLayout needed;
  needed.operands.resize(op->getNumOperands());
  needed.operands[0] = Layout(layout);
  needed.results.assign(op->getNumResults(), Layout(layout));
  return needed;
}

Operation *mlir::nnc::detail::cloneInLayout(OpBuilder &builder, Operation *op,
                                            const OpLayout &layout,
                                            ValueRange operands) {
  Operation *copy = op->clone();
  copy->setOperands(operands);
  for (auto [result, own] : llvm::zip(copy->getResults(), layout.results))
    result.setType(applyLayout(cast<RankedTensorType>(result.getType()), own));
  return builder.insert(copy);
}
