//===----------------------------------------------------------------------===//
// What the imports of operators that move data share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "MovementSupport.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

FailureOr<SmallVector<Dim>>
onnximport::readElements(NodeBinder &node, Value tensor, const Twine &what) {
  auto type = node.typeOf(tensor);
  if (!isa<IntegerType>(type.getElementType()))
    return node.error("expects integer " + what);
  if (auto numbers = node.constantInts(tensor))
    return toDims(*numbers);
  if (type.getRank() > 1 || !type.hasStaticShape())
    return node.error("expects " + what +
                      " of rank 0 or 1 and of a length that is known");
  return DimBuilder(node.builder(), node.loc()).elements(tensor);
}

Value onnximport::makeScalarIndex(NodeBinder &node, Dim dim) {
  if (std::optional<int64_t> number = dim.getConstant())
    return node.constant(
        nncio::Tensor::fromInts(nncio::ElementType::I64, {}, {*number}));
  OpBuilder &b = node.builder();
  Value scalar = b.createOrFold<arith::IndexCastOp>(node.loc(), b.getI64Type(),
                                                    dim.getValue());
  return tensor::FromElementsOp::create(
      b, node.loc(), RankedTensorType::get({}, b.getI64Type()), scalar);
}

Value onnximport::reshapeToScalar(NodeBinder &node, Value tensor,
                                  const Twine &what) {
  auto type = node.typeOf(tensor);
  if (type.getRank() == 0)
    return tensor;
  if (type.hasStaticShape() && type.getNumElements() == 1)
    return node.reshape(tensor, ArrayRef<int64_t>());
  (void)node.error("expects " + what + " to be a scalar");
  return {};
}

FailureOr<SmallVector<Dim>>
onnximport::spreadByAxis(NodeBinder &node, int64_t rank, ArrayRef<Dim> axes,
                         ArrayRef<Dim> values, Dim none) {
  if (values.size() != axes.size())
    return node.error("expects a value for each of the " + Twine(axes.size()) +
                      " axes, but got " + Twine(values.size()));
  SmallVector<Dim> result(rank, none);
  if (auto numbers = getNumbers(axes)) {
    FailureOr<SmallVector<int64_t>> normal = node.normalizeAxes(*numbers, rank);
    if (failed(normal))
      return failure();
    for (auto [axis, value] : llvm::zip(*normal, values))
      result[axis] = value;
    return result;
  }
  DimBuilder dims(node.builder(), node.loc());
  for (int64_t axis = 0; axis < rank; ++axis)
    for (auto [named, value] : llvm::zip(axes, values)) {
      Dim other = dims.selectEqual(named, axis - rank, value, result[axis]);
      result[axis] = dims.selectEqual(named, axis, value, other);
    }
  return result;
}

std::optional<SmallVector<int64_t>> onnximport::getNumbers(ArrayRef<Dim> dims) {
  SmallVector<int64_t> numbers;
  for (Dim dim : dims) {
    if (!dim.getConstant())
      return std::nullopt;
    numbers.push_back(*dim.getConstant());
  }
  return numbers;
}

SmallVector<Dim> onnximport::toDims(ArrayRef<int64_t> numbers) {
  return SmallVector<Dim>(numbers.begin(), numbers.end());
}
