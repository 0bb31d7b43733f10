//===----------------------------------------------------------------------===//
// Random numbers: shapes, reference, cost.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/MovementUtils.h"
#include "dialects/NN/IR/NNOps.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

LogicalResult RandomBitsOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                        SmallVectorImpl<ResultShape> &shapes) {
  if (failed(checkList(dims, adaptor.getShape(), -1, "a shape")))
    return failure();
  SmallVector<Dim> shape = dims.elements(adaptor.getShape());
  for (Dim &dim : shape) {
    if (dim.getConstant() && *dim.getConstant() < 0)
      return dims.fail("expects dimensions of 0 or more, but got " +
                       Twine(*dim.getConstant()));
    dim = atLeastZero(dims, dim);
  }
  if (failed(checkElementCount(dims, shape)))
    return failure();
  MLIRContext *context = adaptor.getShape().getContext();
  shapes.push_back(
      {IntegerType::get(context, 32, IntegerType::Unsigned), shape});
  return success();
}

/// The first word of Philox4x32-10.
static uint32_t philox(uint64_t key, uint64_t low, uint64_t high) {
  uint32_t x[4] = {uint32_t(low), uint32_t(low >> 32), uint32_t(high),
                   uint32_t(high >> 32)};
  uint32_t k0 = uint32_t(key), k1 = uint32_t(key >> 32);
  for (int round = 0; round < 10; ++round) {
    uint64_t a = uint64_t(0xD2511F53) * x[0];
    uint64_t b = uint64_t(0xCD9E8D57) * x[2];
    uint32_t next[4] = {uint32_t(b >> 32) ^ x[1] ^ k0, uint32_t(b),
                        uint32_t(a >> 32) ^ x[3] ^ k1, uint32_t(a)};
    std::copy(next, next + 4, x);
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  return x[0];
}

std::string RandomBitsOp::evaluate(ArrayRef<nncio::Tensor>,
                                   MutableArrayRef<nncio::Tensor> results) {
  for (int64_t i = 0; i < results[0].size(); ++i)
    results[0].setInt(i, philox(getSeed(), i, getStream()));
  return "";
}

std::optional<int64_t> RandomBitsOp::getFlops() {
  // Ten rounds of two products and four exclusive ors.
  std::optional<int64_t> elements = countResultElements(*this);
  return elements ? std::optional(60 * *elements) : std::nullopt;
}
