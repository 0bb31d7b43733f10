//===----------------------------------------------------------------------===//
// How constant operands of the kern ops are brought into panels.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/Kern/IR/KernSizes.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::kern;

/// The type after `packing`.
static void finish(Packing &packing, Type elementType) {
  SmallVector<int64_t> shape;
  for (int64_t axis : packing.permutation)
    shape.push_back(packing.split[axis]);
  packing.type = RankedTensorType::get(shape, elementType);
}

static int64_t padTo(int64_t size, int64_t multiple) {
  return llvm::alignTo(size, multiple) - size;
}

//===----------------------------------------------------------------------===//
// kern.gemm
//===----------------------------------------------------------------------===//

OpOperand &GemmOp::getPackedOperand() { return getRhsMutable(); }
bool GemmOp::isPacked() { return getLayout() == RhsLayout::Panels; }
void GemmOp::setPacked(Value operand) {
  getRhsMutable().assign(operand);
  setLayout(RhsLayout::Panels);
}

Packing GemmOp::getPacking() {
  auto rhs = shapedTypeOf(getRhs());
  int64_t c = getTilingAttr().getColumns(), batch = getBatch();
  bool isRows = getLayout() == RhsLayout::Rows;
  int64_t k = rhs.getDimSize(batch + (isRows ? 0 : 1));
  int64_t n = rhs.getDimSize(batch + (isRows ? 1 : 0));
  int64_t pad = padTo(n, c);
  Packing packing;
  packing.shape.assign(rhs.getShape().begin(), rhs.getShape().end());
  packing.split.assign(rhs.getShape().begin(), rhs.getShape().begin() + batch);
  packing.pads.assign(batch + 2, 0);
  packing.pads[batch + (isRows ? 1 : 0)] = pad;
  for (int64_t axis = 0; axis < batch; ++axis)
    packing.permutation.push_back(axis);
  int64_t dot = getDot(), steps = countSteps(k, dot);
  if (dot > 1)
    packing.pads[batch + (isRows ? 0 : 1)] = steps * dot - k;
  if (dot > 1 && isRows) {
    packing.split.append({steps, dot, (n + pad) / c, c});
    packing.permutation.append({batch + 2, batch, batch + 3, batch + 1});
  } else if (dot > 1) {
    packing.split.append({(n + pad) / c, c, steps, dot});
    packing.permutation.append({batch, batch + 2, batch + 1, batch + 3});
  } else if (isRows) {
    packing.split.append({k, (n + pad) / c, c});
    packing.permutation.append({batch + 1, batch, batch + 2});
  } else {
    packing.split.append({(n + pad) / c, c, k});
    packing.permutation.append({batch, batch + 2, batch + 1});
  }
  finish(packing, rhs.getElementType());
  return packing;
}

//===----------------------------------------------------------------------===//
// kern.conv
//===----------------------------------------------------------------------===//

OpOperand &ConvOp::getPackedOperand() { return getFilterMutable(); }
bool ConvOp::isPacked() { return getPacked(); }
void ConvOp::setPacked(Value operand) {
  getFilterMutable().assign(operand);
  setPacked(true);
}

Packing ConvOp::getPacking() {
  auto filter = shapedTypeOf(getFilter());
  int64_t rank = getStrides().size(), c = getTilingAttr().getColumns();
  int64_t features = filter.getDimSize(0) / getGroup();
  ArrayRef<int64_t> kernel = filter.getShape().drop_front(2);
  Packing packing;
  packing.shape = {int64_t(getGroup()), features, filter.getDimSize(1)};
  llvm::append_range(packing.shape, kernel);
  packing.pads.assign(packing.shape.size(), 0);
  packing.pads[1] = padTo(features, c);
  packing.split = {int64_t(getGroup()), (features + packing.pads[1]) / c, c,
                   filter.getDimSize(1)};
  llvm::append_range(packing.split, kernel);
  packing.permutation = {0, 1};
  int64_t dot = getDot(), channels = filter.getDimSize(1);
  if (dot > 1) {
    packing.pads[2] = padTo(channels, dot);
    packing.split[3] = countSteps(channels, dot);
    packing.split.insert(packing.split.begin() + 4, dot);
  }
  for (int64_t axis = 0; axis < rank; ++axis)
    packing.permutation.push_back((dot > 1 ? 5 : 4) + axis);
  packing.permutation.append({3, 2});
  if (dot > 1)
    packing.permutation.push_back(4);
  finish(packing, filter.getElementType());
  return packing;
}

//===----------------------------------------------------------------------===//
// kern.depthwise
//===----------------------------------------------------------------------===//

OpOperand &DepthwiseOp::getPackedOperand() { return getFilterMutable(); }
bool DepthwiseOp::isPacked() { return getPacked(); }
void DepthwiseOp::setPacked(Value operand) {
  getFilterMutable().assign(operand);
  setPacked(true);
}

Packing DepthwiseOp::getPacking() {
  auto filter = shapedTypeOf(getFilter());
  int64_t c = filter.getDimSize(0), taps = llvm::product_of(getKernel());
  if (multipliesBytes(*this)) {
    int64_t height = getKernelHeight(*this), width = getKernel().back();
    int64_t dot = getDot(), steps = countSteps(height, dot);
    int64_t padded = getPaddedChannels(*this);
    Packing bytes{{c, height, width},
                  {padded - c, steps * dot - height, 0},
                  {padded, steps, dot, width},
                  {3, 1, 0, 2},
                  {},
                  0};
    finish(bytes, filter.getElementType());
    return bytes;
  }
  Packing packing{{c, taps}, {0, 0}, {c, taps}, {1, 0}, {}, 0};
  finish(packing, filter.getElementType());
  return packing;
}

//===----------------------------------------------------------------------===//
// kern.winograd
//===----------------------------------------------------------------------===//

OpOperand &WinogradOp::getPackedOperand() { return getFilterMutable(); }
bool WinogradOp::isPacked() { return getPacked(); }
void WinogradOp::setPacked(Value operand) {
  getFilterMutable().assign(operand);
  setPacked(true);
}

Packing WinogradOp::getPacking() {
  auto filter = shapedTypeOf(getFilter());
  int64_t c = getTilingAttr().getColumns();
  int64_t positions = (getTile() + 2) * (getTile() + 2);
  int64_t features = filter.getDimSize(0), channels = filter.getDimSize(1);
  int64_t pad = padTo(features, c);
  Packing packing{{positions, channels, features},
                  {0, 0, pad},
                  {positions, channels, (features + pad) / c, c},
                  {2, 0, 1, 3},
                  {},
                  int64_t(getTile())};
  finish(packing, filter.getElementType());
  return packing;
}
