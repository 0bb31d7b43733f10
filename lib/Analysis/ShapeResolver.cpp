//===----------------------------------------------------------------------===//
// Dimensions of values as host arithmetic on the dimensions of the inputs.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Analysis/ShapeResolver.h"

#include "dialects/NN/IR/NNOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace mlir::nnc;

void ShapeResolver::setShape(Value tensor, ArrayRef<Dim> shape) {
  shapes[tensor] = SmallVector<Dim>(shape);
}

/// Numbers where the type has them; what `shape` says elsewhere.
static void refineByType(Value tensor, MutableArrayRef<Dim> shape) {
  auto type = cast<RankedTensorType>(tensor.getType());
  for (auto [dim, size] : llvm::zip(shape, type.getShape()))
    if (!ShapedType::isDynamic(size))
      dim = Dim(size);
}

LogicalResult ShapeResolver::resolve(OpBuilder &builder, Operation *op,
                                     SmallVectorImpl<DimBuilder::Check> *checks,
                                     SmallVectorImpl<Value> *steering) {
  auto shaped = dyn_cast<ShapeOpInterface>(op);
  if (!shaped)
    return success();
  DimBuilder dims(builder, op->getLoc());
  if (checks)
    dims.collectChecks(*checks);
  dims.setResolver([&](Value value, int64_t axis) -> std::optional<Dim> {
    return getShape(builder, value)[axis];
  });
  SmallVector<ResultShape> results;
  if (failed(shaped.computeShapes(dims, results)))
    return op->emitOpError("has operands that do not fit together");
  if (steering)
    llvm::append_range(*steering, dims.getSteeringTensors());
  for (auto [result, shape] : llvm::zip(op->getResults(), results)) {
    refineByType(result, shape.dims);
    shapes[result] = shape.dims;
  }
  return success();
}

SmallVector<Dim> ShapeResolver::getArgumentShape(OpBuilder &builder,
                                                 BlockArgument argument) {
  DimBuilder dims(builder, argument.getLoc());
  SmallVector<Dim> shape = dims.shape(argument);
  auto function =
      dyn_cast<FunctionOpInterface>(argument.getOwner()->getParentOp());
  if (!function)
    return shape;
  auto names = function.getArgAttrOfType<ArrayAttr>(
      argument.getArgNumber(), nn::NNDialect::dimNamesAttrName);
  if (!names || names.size() != shape.size())
    return shape;
  for (auto [dim, attr] : llvm::zip(shape, names)) {
    auto name = dyn_cast<StringAttr>(attr);
    if (!name || name.empty() || dim.getConstant())
      continue;
    dim = named.try_emplace(name.getValue(), dim).first->second;
  }
  return shape;
}

SmallVector<Dim> ShapeResolver::getShape(OpBuilder &builder, Value tensor) {
  auto known = shapes.find(tensor);
  if (known != shapes.end())
    return known->second;
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<Dim> shape;
  if (type.hasStaticShape()) {
    shape.append(type.getShape().begin(), type.getShape().end());
  } else if (auto argument = dyn_cast<BlockArgument>(tensor)) {
    shape = getArgumentShape(builder, argument);
  } else if (auto cast = tensor.getDefiningOp<tensor::CastOp>()) {
    shape = getShape(builder, cast.getSource());
    refineByType(tensor, shape);
  } else if (isa<ShapeOpInterface>(tensor.getDefiningOp()) &&
             succeeded(resolve(builder, tensor.getDefiningOp()))) {
    return shapes[tensor];
  } else {
    shape = DimBuilder(builder, tensor.getLoc()).shape(tensor);
  }
  shapes[tensor] = shape;
  return shape;
}
