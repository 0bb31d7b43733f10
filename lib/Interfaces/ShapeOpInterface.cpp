//===----------------------------------------------------------------------===//
// Shape functions: arithmetic on dimensions that are numbers, SSA values or
// unknown.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Interfaces/ShapeOpInterface.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "nnc/Interfaces/ElementTypes.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::nnc;

#include "nnc/Interfaces/ShapeOpInterface.cpp.inc"

std::optional<int64_t> mlir::nnc::getConstantIndex(Value value) {
  APInt number;
  if (matchPattern(value, m_ConstantInt(&number)))
    return number.getSExtValue();
  if (auto cast = value.getDefiningOp<arith::IndexCastOp>())
    return getConstantIndex(cast.getIn());
  return std::nullopt;
}

Value mlir::nnc::getAsIndexValue(OpBuilder &builder, Location loc, Dim dim) {
  if (std::optional<int64_t> number = dim.getConstant())
    return arith::ConstantIndexOp::create(builder, loc, *number);
  return dim.getValue();
}

//===----------------------------------------------------------------------===//
// Reading shapes and elements
//===----------------------------------------------------------------------===//

const nncio::Tensor *DimBuilder::lookup(Value value) const {
  for (auto [known, tensor] : llvm::zip(values, tensors))
    if (known == value)
      return &tensor;
  return nullptr;
}

Dim DimBuilder::dim(Value tensor, int64_t axis) {
  if (const nncio::Tensor *known = lookup(tensor))
    return Dim(known->shape()[axis]);
  auto type = cast<RankedTensorType>(tensor.getType());
  if (!type.isDynamicDim(axis))
    return Dim(type.getDimSize(axis));
  if (!builder)
    return Dim();
  if (resolve)
    if (std::optional<Dim> known = resolve(tensor, axis))
      return *known;
  Value size = builder->createOrFold<tensor::DimOp>(*loc, tensor, axis);
  if (std::optional<int64_t> number = getConstantIndex(size))
    return Dim(*number);
  return Dim(size);
}

SmallVector<Dim> DimBuilder::shape(Value tensor) {
  SmallVector<Dim> dims;
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
  for (int64_t axis = 0; axis < rank; ++axis)
    dims.push_back(dim(tensor, axis));
  return dims;
}

/// The row-major element `index` of a constant tensor, as an attribute.
static Attribute getConstantElement(Value tensor, int64_t index) {
  DenseElementsAttr dense;
  if (!matchPattern(tensor, m_Constant(&dense)) || index < 0 ||
      index >= dense.getNumElements())
    return {};
  if (dense.isSplat())
    return dense.getSplatValue<Attribute>();
  return *(dense.value_begin<Attribute>() + index);
}

static SmallVector<int64_t> delinearize(int64_t index,
                                        ArrayRef<int64_t> shape) {
  SmallVector<int64_t> position(shape.size());
  for (int64_t axis = shape.size() - 1; axis >= 0; --axis) {
    position[axis] = index % shape[axis];
    index /= shape[axis];
  }
  return position;
}

Dim DimBuilder::element(Value tensor, int64_t index) {
  if (const nncio::Tensor *known = lookup(tensor))
    return index < known->size() ? Dim(known->getInt(index)) : Dim();
  if (auto attr =
          dyn_cast_or_null<IntegerAttr>(getConstantElement(tensor, index)))
    return Dim(attr.getType().isUnsignedInteger()
                   ? static_cast<int64_t>(attr.getValue().getZExtValue())
                   : attr.getValue().getSExtValue());
  if (auto elements = tensor.getDefiningOp<tensor::FromElementsOp>()) {
    Value scalar = elements.getElements()[index];
    if (std::optional<int64_t> number = getConstantIndex(scalar))
      return Dim(*number);
  }
  auto type = cast<RankedTensorType>(tensor.getType());
  if (!builder || !type.hasStaticShape())
    return Dim();
  if (!llvm::is_contained(steering, tensor))
    steering.push_back(tensor);
  SmallVector<Value> position;
  for (int64_t i : delinearize(index, type.getShape()))
    position.push_back(arith::ConstantIndexOp::create(*builder, *loc, i));
  Value scalar =
      builder->createOrFold<tensor::ExtractOp>(*loc, tensor, position);
  // A dimension that was written into a tensor is that dimension still.
  if (auto cast = scalar.getDefiningOp<arith::IndexCastOp>())
    if (cast.getIn().getType().isIndex())
      return Dim(cast.getIn());
  Value result = scalar.getType().isIndex()
                     ? scalar
                     : builder->createOrFold<arith::IndexCastOp>(
                           *loc, builder->getIndexType(), scalar);
  if (std::optional<int64_t> number = getConstantIndex(result))
    return Dim(*number);
  return Dim(result);
}

SmallVector<Dim> DimBuilder::elements(Value tensor) {
  int64_t count = 1;
  if (const nncio::Tensor *known = lookup(tensor))
    count = known->size();
  else
    count = cast<RankedTensorType>(tensor.getType()).getNumElements();
  SmallVector<Dim> result;
  for (int64_t i = 0; i < count; ++i)
    result.push_back(element(tensor, i));
  return result;
}

std::optional<double> DimBuilder::floatElement(Value tensor, int64_t index) {
  if (const nncio::Tensor *known = lookup(tensor))
    return index < known->size() ? std::optional(known->getDouble(index))
                                 : std::nullopt;
  if (auto attr =
          dyn_cast_or_null<FloatAttr>(getConstantElement(tensor, index)))
    return attr.getValueAsDouble();
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

Value DimBuilder::materialize(Dim dim) {
  return getAsIndexValue(*builder, *loc, dim);
}

Dim DimBuilder::binary(Dim a, Dim b, int64_t (*fold)(int64_t, int64_t),
                       Value (*create)(OpBuilder &, Location, Value, Value)) {
  if (a.getConstant() && b.getConstant())
    return Dim(fold(*a.getConstant(), *b.getConstant()));
  if (!builder || a.isUnknown() || b.isUnknown())
    return Dim();
  return Dim(create(*builder, *loc, materialize(a), materialize(b)));
}

template <typename OpTy>
static Value createOp(OpBuilder &builder, Location loc, Value a, Value b) {
  return builder.createOrFold<OpTy>(loc, a, b);
}

static int64_t saturatingAdd(int64_t x, int64_t y) {
  int64_t result;
  if (!llvm::AddOverflow(x, y, result))
    return result;
  return x < 0 ? std::numeric_limits<int64_t>::min()
               : std::numeric_limits<int64_t>::max();
}

Dim DimBuilder::add(Dim a, Dim b) {
  if (a.isConstant(0))
    return b;
  if (b.isConstant(0))
    return a;
  return binary(a, b, saturatingAdd, createOp<arith::AddIOp>);
}

Dim DimBuilder::sub(Dim a, Dim b) {
  if (b.isConstant(0))
    return a;
  return binary(
      a, b,
      [](int64_t x, int64_t y) {
        return y == std::numeric_limits<int64_t>::min()
                   ? std::numeric_limits<int64_t>::max()
                   : saturatingAdd(x, -y);
      },
      createOp<arith::SubIOp>);
}

Dim DimBuilder::mul(Dim a, Dim b) {
  if (a.isConstant(1))
    return b;
  if (b.isConstant(1))
    return a;
  if (a.isConstant(0) || b.isConstant(0))
    return Dim(0);
  return binary(
      a, b,
      [](int64_t x, int64_t y) {
        int64_t result;
        if (!llvm::MulOverflow(x, y, result))
          return result;
        return (x < 0) == (y < 0) ? std::numeric_limits<int64_t>::max()
                                  : std::numeric_limits<int64_t>::min();
      },
      createOp<arith::MulIOp>);
}

Dim DimBuilder::floorDiv(Dim a, Dim b) {
  if (b.isConstant(1))
    return a;
  return binary(
      a, b,
      [](int64_t x, int64_t y) {
        return y == 0 ? 0 : llvm::divideFloorSigned(x, y);
      },
      createOp<arith::FloorDivSIOp>);
}

Dim DimBuilder::ceilDiv(Dim a, Dim b) {
  if (b.isConstant(1))
    return a;
  return binary(
      a, b,
      [](int64_t x, int64_t y) {
        return y == 0 ? 0 : llvm::divideCeilSigned(x, y);
      },
      createOp<arith::CeilDivSIOp>);
}

Dim DimBuilder::min(Dim a, Dim b) {
  return binary(
      a, b, [](int64_t x, int64_t y) { return std::min(x, y); },
      createOp<arith::MinSIOp>);
}

Dim DimBuilder::max(Dim a, Dim b) {
  return binary(
      a, b, [](int64_t x, int64_t y) { return std::max(x, y); },
      createOp<arith::MaxSIOp>);
}

template <arith::CmpIPredicate predicate>
static Value createCompare(OpBuilder &builder, Location loc, Value a, Value b) {
  return builder.createOrFold<arith::CmpIOp>(loc, predicate, a, b);
}

Dim DimBuilder::selectEqual(Dim a, Dim b, Dim x, Dim y) {
  if (a.isSameAs(b))
    return x;
  if (a.getConstant() && b.getConstant())
    return *a.getConstant() == *b.getConstant() ? x : y;
  if (!builder || a.isUnknown() || b.isUnknown() || x.isUnknown() ||
      y.isUnknown())
    return Dim();
  Value condition = createCompare<arith::CmpIPredicate::eq>(
      *builder, *loc, materialize(a), materialize(b));
  return Dim(builder->createOrFold<arith::SelectOp>(
      *loc, condition, materialize(x), materialize(y)));
}

Dim DimBuilder::selectLess(Dim a, Dim b, Dim x, Dim y) {
  if (a.getConstant() && b.getConstant())
    return *a.getConstant() < *b.getConstant() ? x : y;
  if (!builder || a.isUnknown() || b.isUnknown() || x.isUnknown() ||
      y.isUnknown())
    return Dim();
  Value condition = createCompare<arith::CmpIPredicate::slt>(
      *builder, *loc, materialize(a), materialize(b));
  return Dim(builder->createOrFold<arith::SelectOp>(
      *loc, condition, materialize(x), materialize(y)));
}

Dim DimBuilder::product(ArrayRef<Dim> dims) {
  Dim result(1);
  for (Dim dim : dims)
    result = mul(result, dim);
  return result;
}

//===----------------------------------------------------------------------===//
// Broadcasting
//===----------------------------------------------------------------------===//

FailureOr<Dim> DimBuilder::broadcast(Dim a, Dim b) {
  if (a.isSameAs(b) || b.isConstant(1))
    return a;
  if (a.isConstant(1))
    return b;
  if (a.getConstant() && b.getConstant())
    return fail("dimensions " + Twine(*a.getConstant()) + " and " +
                Twine(*b.getConstant()) + " do not broadcast");
  // A known size above 1 decides: the other side is it or 1.
  if (checks && builder) {
    Value x = materialize(a), y = materialize(b);
    Value one = arith::ConstantIndexOp::create(*builder, *loc, 1);
    auto equal = [&](Value l, Value r) {
      return createCompare<arith::CmpIPredicate::eq>(*builder, *loc, l, r);
    };
    Value either =
        builder->createOrFold<arith::OrIOp>(*loc, equal(x, one), equal(y, one));
    checks->push_back(
        {builder->createOrFold<arith::OrIOp>(*loc, equal(x, y), either),
         "dimensions do not broadcast"});
  }
  if (a.getConstant())
    return a;
  if (b.getConstant())
    return b;
  return selectEqual(a, Dim(1), b, a);
}

FailureOr<Dim> DimBuilder::requireEqual(Dim a, Dim b, const Twine &what) {
  if (a.isSameAs(b))
    return a;
  if (a.getConstant() && b.getConstant())
    return fail(what + " must be equal, but are " + Twine(*a.getConstant()) +
                " and " + Twine(*b.getConstant()));
  if (checks && builder && !a.isUnknown() && !b.isUnknown())
    checks->push_back({createCompare<arith::CmpIPredicate::eq>(
                           *builder, *loc, materialize(a), materialize(b)),
                       (what + " must be equal").str()});
  return a.getConstant() || b.isUnknown() ? a : b;
}

FailureOr<SmallVector<Dim>> DimBuilder::broadcast(ArrayRef<Dim> a,
                                                  ArrayRef<Dim> b) {
  if (a.size() < b.size())
    std::swap(a, b);
  SmallVector<Dim> result(a.begin(), a.end());
  size_t offset = a.size() - b.size();
  for (size_t i = 0; i < b.size(); ++i) {
    FailureOr<Dim> dim = broadcast(a[offset + i], b[i]);
    if (failed(dim))
      return failure();
    result[offset + i] = *dim;
  }
  return result;
}

LogicalResult DimBuilder::fail(const Twine &message) {
  if (emitError)
    emitError(message);
  return failure();
}

//===----------------------------------------------------------------------===//
// The three uses
//===----------------------------------------------------------------------===//

LogicalResult mlir::nnc::detail::inferTypesFromShapes(
    MLIRContext *context, std::optional<Location> loc,
    function_ref<LogicalResult(DimBuilder &, SmallVectorImpl<ResultShape> &)>
        infer,
    SmallVectorImpl<Type> &types) {
  DimBuilder dims(
      [&](const Twine &message) { (void)emitOptionalError(loc, message); });
  SmallVector<ResultShape> shapes;
  if (failed(infer(dims, shapes)))
    return failure();
  for (const ResultShape &shape : shapes) {
    SmallVector<int64_t> sizes;
    for (Dim dim : shape.dims) {
      int64_t size = dim.getStaticSize();
      if (size < 0 && size != ShapedType::kDynamic)
        return emitOptionalError(loc, "computes a negative dimension ", size);
      sizes.push_back(size);
    }
    types.push_back(RankedTensorType::get(sizes, shape.elementType));
  }
  return success();
}

LogicalResult
mlir::nnc::detail::reifyFromShapes(OpBuilder &builder, Operation *op,
                                   ReifiedRankedShapedTypeDims &reified) {
  DimBuilder dims(builder, op->getLoc());
  SmallVector<ResultShape> shapes;
  if (failed(cast<ShapeOpInterface>(op).computeShapes(dims, shapes)))
    return failure();
  for (auto [shape, result] : llvm::zip(shapes, op->getResults())) {
    auto type = cast<RankedTensorType>(result.getType());
    SmallVector<OpFoldResult> sizes;
    for (auto [axis, dim] : llvm::enumerate(shape.dims)) {
      if (!type.isDynamicDim(axis))
        sizes.push_back(builder.getIndexAttr(type.getDimSize(axis)));
      else if (dim.getConstant())
        sizes.push_back(
            getAsIndexValue(builder, op->getLoc(), dim)); // type less refined
      else
        sizes.push_back(dim.getValue());
    }
    reified.push_back(std::move(sizes));
  }
  return success();
}

bool mlir::nnc::detail::areCompatibleTypes(TypeRange a, TypeRange b) {
  if (a.size() != b.size())
    return false;
  for (auto [x, y] : llvm::zip(a, b)) {
    auto left = dyn_cast<RankedTensorType>(x);
    auto right = dyn_cast<RankedTensorType>(y);
    if (!left || !right || left.getElementType() != right.getElementType() ||
        failed(verifyCompatibleShape(left, right)))
      return false;
  }
  return true;
}
