//===----------------------------------------------------------------------===//
// Tensors in the orders of axes in which a block has them so far.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "LayoutForms.h"

#include "dialects/NN/IR/NNConstants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::nnc;

/// What a dynamic dimension counts as: costs are compared, and tensors of a
/// graph mostly share their dynamic dimensions.
static constexpr double assumedSize = 32;

static RankedTensorType typeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType());
}

double mlir::nnc::estimateBytes(RankedTensorType type) {
  Type element = type.getElementType();
  double bytes =
      element.isIntOrFloat() ? element.getIntOrFloatBitWidth() / 8.0 : 8;
  for (int64_t size : type.getShape())
    bytes *= ShapedType::isDynamic(size) ? assumedSize : double(size);
  return bytes;
}

ArrayRef<LayoutForm> LayoutForms::get(Value value) {
  SmallVector<LayoutForm, 2> &list = forms[value];
  if (list.empty())
    list.push_back({getIdentityLayout(typeOf(value).getRank()), value});
  return list;
}

void LayoutForms::set(Value value, ArrayRef<LayoutForm> list) {
  forms[value] = SmallVector<LayoutForm, 2>(list);
}

/// The permutation that makes `layout` of `form`.
static Layout getStep(const LayoutForm &form, ArrayRef<int64_t> layout) {
  return composeLayouts(invertLayout(form.layout), layout);
}

/// `type` with axes of size 1 in front up to `rank`.
static RankedTensorType expandType(RankedTensorType type, int64_t rank) {
  SmallVector<int64_t> shape(rank - type.getRank(), 1);
  llvm::append_range(shape, type.getShape());
  return RankedTensorType::get(shape, type.getElementType());
}

double LayoutForms::getCost(Value value, ArrayRef<int64_t> layout) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || (layout.empty() && !isMoved(value)))
    return 0;
  Layout own = getIdentityLayout(type.getRank());
  if (layout.empty())
    layout = own;
  // Constants of this size are folded.
  if (value.getDefiningOp<nn::ConstantOp>() &&
      type.getNumElements() <= nn::foldElementLimit)
    return 0;
  double bytes = estimateBytes(type);
  if (int64_t(layout.size()) > type.getRank())
    return getCost(value, own) +
           (keepsOrder(expandType(type, layout.size()), layout) ? 0 : bytes);
  for (const LayoutForm &form : get(value))
    if (keepsOrder(typeOf(form.value), getStep(form, layout)))
      return 0;
  return bytes;
}

/// The elements of `value` in their order as `type`; null if the dimensions do
/// not follow from the number of elements.
static Value createReshape(OpBuilder &builder, Value value,
                           RankedTensorType type) {
  if (type.getNumDynamicDims() > 1 ||
      (!type.hasStaticShape() && llvm::is_contained(type.getShape(), 0)))
    return {};
  SmallVector<int64_t> sizes(type.getShape());
  for (int64_t &size : sizes)
    if (ShapedType::isDynamic(size))
      size = -1;
  Location loc = value.getLoc();
  while (auto before = value.getDefiningOp<nn::ReshapeOp>())
    value = before.getInput();
  return nn::ReshapeOp::create(builder, loc, type, value,
                               nn::createIndexConstant(builder, loc, sizes),
                               /*allow_zero=*/true);
}

/// `value` with axes of size 1 in front up to `rank`.
static Value createExpanded(OpBuilder &builder, Value value, int64_t rank) {
  RankedTensorType from = typeOf(value), type = expandType(from, rank);
  if (Value reshaped = createReshape(builder, value, type))
    return reshaped;
  Location loc = value.getLoc();
  SmallVector<Value> sizes;
  for (int64_t axis = from.getRank() - rank; axis < from.getRank(); ++axis) {
    Value size;
    if (axis < 0)
      size = arith::ConstantIndexOp::create(builder, loc, 1);
    else
      size = builder.createOrFold<tensor::DimOp>(loc, value, axis);
    sizes.push_back(builder.createOrFold<arith::IndexCastOp>(
        loc, builder.getI64Type(), size));
  }
  Value shape = tensor::FromElementsOp::create(builder, loc, sizes);
  return nn::ReshapeOp::create(builder, loc, type, value, shape,
                               /*allow_zero=*/true);
}

static Value createTransposed(OpBuilder &builder, Value value,
                              ArrayRef<int64_t> permutation) {
  if (isIdentityLayout(permutation))
    return value;
  RankedTensorType type = typeOf(value);
  if (keepsOrder(type, permutation))
    if (Value reshaped =
            createReshape(builder, value, applyLayout(type, permutation)))
      return reshaped;
  return nn::TransposeOp::create(builder, value.getLoc(),
                                 applyLayout(type, permutation), value,
                                 permutation);
}

Value LayoutForms::request(OpBuilder &builder, Value value,
                           ArrayRef<int64_t> layout) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || (layout.empty() && !isMoved(value)))
    return value;
  Layout own = getIdentityLayout(type.getRank());
  if (layout.empty())
    layout = own;
  if (int64_t(layout.size()) > type.getRank()) {
    Value base = request(builder, value, own);
    RankedTensorType expanded = expandType(type, layout.size());
    if (keepsOrder(expanded, layout))
      if (Value reshaped =
              createReshape(builder, base, applyLayout(expanded, layout)))
        return reshaped;
    return createTransposed(
        builder, createExpanded(builder, base, layout.size()), layout);
  }
  ArrayRef<LayoutForm> list = get(value);
  const LayoutForm *source = &list.front();
  for (const LayoutForm &form : list) {
    if (ArrayRef(form.layout) == layout)
      return form.value;
    if (keepsOrder(typeOf(form.value), getStep(form, layout)))
      source = &form;
  }
  LayoutForm made{Layout(layout), createTransposed(builder, source->value,
                                                   getStep(*source, layout))};
  forms[value].push_back(made);
  return made.value;
}
