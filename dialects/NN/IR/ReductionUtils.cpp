//===----------------------------------------------------------------------===//
// What reductions and normalizations share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/ReductionUtils.h"

#include "dialects/NN/IR/ElementwiseUtils.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::nnc;

LogicalResult nn::checkAxis(int64_t axis, int64_t rank, DimBuilder &dims) {
  if (axis >= 0 && axis < rank)
    return success();
  return dims.fail("expects an axis of 0 or more and less than the rank " +
                   Twine(rank) + ", but got " + Twine(axis));
}

FailureOr<llvm::SmallBitVector> nn::getAxisSet(ArrayRef<int64_t> axes,
                                               int64_t rank, DimBuilder &dims) {
  llvm::SmallBitVector set(rank);
  for (int64_t axis : axes) {
    if (failed(checkAxis(axis, rank, dims)))
      return failure();
    if (set.test(axis))
      return dims.fail("expects different axes, but got axis " + Twine(axis) +
                       " twice");
    set.set(axis);
  }
  return set;
}

std::vector<int64_t> nn::getKeptShape(const std::vector<int64_t> &shape,
                                      const llvm::SmallBitVector &reduced) {
  std::vector<int64_t> kept = shape;
  for (unsigned axis : reduced.set_bits())
    kept[axis] = 1;
  return kept;
}

void nn::forEachInGroup(const std::vector<int64_t> &shape,
                        const llvm::SmallBitVector &reduced,
                        function_ref<void(int64_t, int64_t)> function) {
  // Only the shapes of these matter; their bytes would be those of a copy.
  auto shapeOnly = [](std::vector<int64_t> sizes) {
    return nncio::Tensor(nncio::ElementType::Bool, std::move(sizes), nullptr,
                         nullptr);
  };
  forEachBroadcast(shapeOnly(shape), {shapeOnly(getKeptShape(shape, reduced))},
                   [&](int64_t element, ArrayRef<int64_t> group) {
                     function(element, group[0]);
                   });
}

std::optional<int64_t> nn::countOperations(Value tensor, int64_t factor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (!type.hasStaticShape())
    return std::nullopt;
  int64_t count = factor;
  for (int64_t size : type.getShape())
    if (llvm::MulOverflow(count, size, count))
      return std::nullopt;
  return count;
}

double nn::maximum(double a, double b) { return a != a || a > b ? a : b; }

double nn::minimum(double a, double b) { return a != a || a < b ? a : b; }
