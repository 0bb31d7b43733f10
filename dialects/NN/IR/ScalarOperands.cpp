//===----------------------------------------------------------------------===//
// What shape functions ask of numbers.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/ScalarOperands.h"

using namespace mlir;
using namespace mlir::nnc;

LogicalResult nn::requireOneElement(DimBuilder &dims, Value tensor,
                                    const Twine &what) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (type.hasStaticShape() && type.getNumElements() == 1)
    return success();
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return dims.fail("expects " + what + " of one element, but got " + text);
}

FailureOr<Dim> nn::readScalar(DimBuilder &dims, Value tensor,
                              const Twine &what) {
  if (failed(requireOneElement(dims, tensor, what)))
    return failure();
  return dims.element(tensor, 0);
}

LogicalResult nn::requireAtLeast(DimBuilder &dims, Dim dim, int64_t bound,
                                 const Twine &what) {
  if (std::optional<int64_t> number = dim.getConstant())
    return *number >= bound
               ? success()
               : dims.fail("expects " + what + " of at least " + Twine(bound) +
                           ", but got " + Twine(*number));
  return dims.requireEqual(dims.min(dim, Dim(bound)), Dim(bound),
                           what + " and its lower bound");
}

LogicalResult nn::requireAtMost(DimBuilder &dims, Dim dim, Dim bound,
                                const Twine &what) {
  if (dim.getConstant() && bound.getConstant())
    return *dim.getConstant() <= *bound.getConstant()
               ? success()
               : dims.fail("expects " + what + " of at most " +
                           Twine(*bound.getConstant()) + ", but got " +
                           Twine(*dim.getConstant()));
  if (dim.isSameAs(bound))
    return success();
  return dims.requireEqual(dims.max(dim, bound), bound,
                           what + " and its upper bound");
}

LogicalResult nn::requireAxis(DimBuilder &dims, int64_t axis, int64_t rank) {
  if (axis >= 0 && axis < rank)
    return success();
  return dims.fail("expects an axis from 0 to " + Twine(rank - 1) +
                   ", but got " + Twine(axis));
}

LogicalResult nn::requireRank(DimBuilder &dims, Value tensor, int64_t rank,
                              const Twine &what) {
  int64_t actual = cast<RankedTensorType>(tensor.getType()).getRank();
  if (actual == rank)
    return success();
  return dims.fail("expects " + what + " of rank " + Twine(rank) +
                   ", but got " + Twine(actual));
}
