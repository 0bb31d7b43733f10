//===----------------------------------------------------------------------===//
// Different elements: shapes, reference.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/ElementOrder.h"
#include "dialects/NN/IR/NNOps.h"
#include "dialects/NN/IR/ScalarOperands.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

/// Around `axis`, or all elements along one axis.
static AxisView viewOf(const nncio::Tensor &tensor,
                       std::optional<int64_t> axis) {
  return axis ? AxisView::of(tensor.shape(), *axis)
              : AxisView::of({tensor.size()}, 0);
}

static int compareSlices(const nncio::Tensor &tensor, const AxisView &view,
                         int64_t a, int64_t b) {
  for (int64_t o = 0; o < view.outer; ++o)
    for (int64_t r = 0; r < view.inner; ++r)
      if (int sign =
              compareElements(tensor, view.at(o, a, r), view.at(o, b, r)))
        return sign;
  return 0;
}

/// The slices that are equal, in ascending order of slices and of places.
static std::vector<std::vector<int64_t>>
groupSlices(const nncio::Tensor &tensor, const AxisView &view) {
  std::vector<int64_t> order(view.size);
  for (int64_t i = 0; i < view.size; ++i)
    order[i] = i;
  llvm::sort(order, [&](int64_t a, int64_t b) {
    int sign = compareSlices(tensor, view, a, b);
    return sign == 0 ? a < b : sign < 0;
  });
  std::vector<std::vector<int64_t>> groups;
  for (int64_t i : order) {
    if (groups.empty() ||
        compareSlices(tensor, view, groups.back().front(), i) != 0)
      groups.emplace_back();
    groups.back().push_back(i);
  }
  return groups;
}

static LogicalResult requireOptionalAxis(DimBuilder &dims, Value input,
                                         std::optional<int64_t> axis) {
  int64_t rank = cast<RankedTensorType>(input.getType()).getRank();
  return axis ? requireAxis(dims, *axis, rank) : success();
}

LogicalResult CountUniqueOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                         SmallVectorImpl<ResultShape> &shapes) {
  Value input = adaptor.getInput();
  if (failed(requireOptionalAxis(dims, input, adaptor.getAxis())))
    return failure();
  shapes.push_back({IntegerType::get(input.getContext(), 64), {Dim(1)}});
  return success();
}

std::string CountUniqueOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                    MutableArrayRef<nncio::Tensor> results) {
  AxisView view = viewOf(operands[0], getAxis());
  results[0].setInt(0, groupSlices(operands[0], view).size());
  return "";
}

LogicalResult UniqueOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                    SmallVectorImpl<ResultShape> &shapes) {
  Value input = adaptor.getInput();
  std::optional<int64_t> axis = adaptor.getAxis();
  if (failed(requireOptionalAxis(dims, input, axis)))
    return failure();
  FailureOr<Dim> count = readScalar(dims, adaptor.getCount(), "a count");
  if (failed(count) || failed(requireAtLeast(dims, *count, 0, "a count")))
    return failure();
  SmallVector<Dim> shape = dims.shape(input);
  Dim slices = axis ? shape[*axis] : dims.product(shape);
  if (axis)
    shape[*axis] = *count;
  else
    shape = {*count};
  Type index = IntegerType::get(input.getContext(), 64);
  shapes.push_back(
      {cast<RankedTensorType>(input.getType()).getElementType(), shape});
  shapes.push_back({index, {*count}});
  shapes.push_back({index, {slices}});
  shapes.push_back({index, {*count}});
  return success();
}

std::string UniqueOp::evaluate(ArrayRef<nncio::Tensor> operands,
                               MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &input = operands[0];
  AxisView from = viewOf(input, getAxis()), to = viewOf(results[0], getAxis());
  std::vector<std::vector<int64_t>> groups = groupSlices(input, from);
  if (to.size != int64_t(groups.size()))
    return "expects a count of " + std::to_string(groups.size()) +
           ", but got " + std::to_string(to.size);
  if (!getSorted())
    llvm::sort(groups, [](auto &a, auto &b) { return a.front() < b.front(); });
  size_t width = nncio::elementBytes(input.type());
  uint8_t *out = results[0].mutableData();
  for (int64_t i = 0; i < to.size; ++i) {
    int64_t first = groups[i].front();
    for (int64_t o = 0; o < to.outer; ++o)
      for (int64_t r = 0; r < to.inner; ++r)
        std::memcpy(out + to.at(o, i, r) * width,
                    input.data() + from.at(o, first, r) * width, width);
    results[1].setInt(i, first);
    for (int64_t place : groups[i])
      results[2].setInt(place, i);
    results[3].setInt(i, groups[i].size());
  }
  return "";
}
