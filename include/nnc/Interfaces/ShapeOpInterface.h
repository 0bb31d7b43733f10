//===----------------------------------------------------------------------===//
// Shape functions: one description of an op's result shapes that serves type
// inference, reification and the evaluator.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_INTERFACES_SHAPEOPINTERFACE_H
#define NNC_INTERFACES_SHAPEOPINTERFACE_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "nnc/DataIO/Tensor.h"
#include <functional>
#include <optional>

namespace mlir::nnc {

/// A dimension or a small integer in a shape function: a number, an index SSA
/// value, or unknown (in type inference only).
class Dim {
public:
  Dim() = default;
  Dim(int64_t constant) : constant(constant) {}
  explicit Dim(Value value) : value(value) {}

  bool isUnknown() const { return !constant && !value; }
  std::optional<int64_t> getConstant() const { return constant; }
  bool isConstant(int64_t number) const { return constant == number; }
  Value getValue() const { return value; }
  /// The static size, or ShapedType::kDynamic.
  int64_t getStaticSize() const {
    return constant.value_or(ShapedType::kDynamic);
  }
  /// Provably the same number.
  bool isSameAs(Dim other) const {
    return constant ? constant == other.constant
                    : value && value == other.value;
  }

private:
  std::optional<int64_t> constant;
  Value value;
};

/// Element type and dimensions of one result.
struct ResultShape {
  Type elementType;
  SmallVector<Dim> dims;
};

/// What a shape function computes with. Arithmetic folds on numbers, creates
/// index ops when reifying, and gives unknown in type inference.
class DimBuilder {
public:
  using EmitError = std::function<void(const Twine &)>;

  /// Type inference.
  explicit DimBuilder(EmitError emitError) : emitError(std::move(emitError)) {}
  /// Reification: index ops are made at the builder's insertion point.
  DimBuilder(OpBuilder &builder, Location loc) : builder(&builder), loc(loc) {}
  /// Evaluation on concrete operands.
  DimBuilder(OperandRange operands, ArrayRef<nncio::Tensor> tensors,
             EmitError emitError)
      : emitError(std::move(emitError)),
        values(operands.begin(), operands.end()), tensors(tensors) {}

  /// Dimension `axis` of a ranked tensor.
  Dim dim(Value tensor, int64_t axis);
  /// All dimensions of a ranked tensor.
  SmallVector<Dim> shape(Value tensor);
  /// Element `index` (row-major) of an integer tensor of static shape.
  Dim element(Value tensor, int64_t index);
  /// All elements of an integer tensor of rank 0 or 1 and of static length.
  SmallVector<Dim> elements(Value tensor);
  /// Element `index` of a float tensor where it is known: a constant, or in
  /// evaluation.
  std::optional<double> floatElement(Value tensor, int64_t index);

  Dim add(Dim a, Dim b);
  Dim sub(Dim a, Dim b);
  Dim mul(Dim a, Dim b);
  /// Rounds toward minus infinity; the divisor is positive.
  Dim floorDiv(Dim a, Dim b);
  /// Rounds toward plus infinity; the divisor is positive.
  Dim ceilDiv(Dim a, Dim b);
  Dim min(Dim a, Dim b);
  Dim max(Dim a, Dim b);
  /// a == b ? x : y
  Dim selectEqual(Dim a, Dim b, Dim x, Dim y);
  /// a < b ? x : y
  Dim selectLess(Dim a, Dim b, Dim x, Dim y);
  Dim product(ArrayRef<Dim> dims);

  /// The dimension that both must have after ONNX (NumPy) broadcasting; fails
  /// if both are known, different, and neither is 1.
  FailureOr<Dim> broadcast(Dim a, Dim b);
  /// Broadcasts whole shapes, aligned at the last axis.
  FailureOr<SmallVector<Dim>> broadcast(ArrayRef<Dim> a, ArrayRef<Dim> b);

  /// Both must be the same: fails if both are known and differ; when reifying
  /// with checks, a difference becomes a check of the run. Returns the better
  /// known of the two. `what` says what they are, for the message.
  FailureOr<Dim> requireEqual(Dim a, Dim b, const Twine &what);

  /// A condition (i1) that the run must check, with the message if it is false.
  using Check = std::pair<Value, std::string>;
  /// From now on collects the conditions under which the shapes hold.
  void collectChecks(SmallVectorImpl<Check> &list) { checks = &list; }

  /// The tensors whose elements were read while reifying: they steer shapes.
  ArrayRef<Value> getSteeringTensors() const { return steering; }

  /// Asked first for an operand's dimension when reifying, so that shapes of
  /// intermediate tensors become arithmetic on the inputs' dimensions.
  using Resolve = std::function<std::optional<Dim>(Value, int64_t)>;
  void setResolver(Resolve function) { resolve = std::move(function); }

  /// Reports why the operands do not fit; always failure.
  LogicalResult fail(const Twine &message);

private:
  Dim binary(Dim a, Dim b, int64_t (*fold)(int64_t, int64_t),
             Value (*create)(OpBuilder &, Location, Value, Value));
  Value materialize(Dim dim);
  const nncio::Tensor *lookup(Value value) const;

  OpBuilder *builder = nullptr;
  SmallVectorImpl<Check> *checks = nullptr;
  std::optional<Location> loc;
  EmitError emitError;
  Resolve resolve;
  SmallVector<Value> steering;
  SmallVector<Value> values;
  ArrayRef<nncio::Tensor> tensors;
};

/// The number that `value` (integer or index, scalar) surely is.
std::optional<int64_t> getConstantIndex(Value value);

/// An index value for a number or value; creates `arith.constant` if needed.
Value getAsIndexValue(OpBuilder &builder, Location loc, Dim dim);

namespace detail {
LogicalResult inferTypesFromShapes(
    MLIRContext *context, std::optional<Location> loc,
    function_ref<LogicalResult(DimBuilder &, SmallVectorImpl<ResultShape> &)>,
    SmallVectorImpl<Type> &types);
LogicalResult reifyFromShapes(OpBuilder &builder, Operation *op,
                              ReifiedRankedShapedTypeDims &dims);
/// Equal element types and compatible shapes, one by one.
bool areCompatibleTypes(TypeRange a, TypeRange b);
} // namespace detail

/// Gives an op InferTypeOpInterface and ShapeOpInterface from one static
/// function of the op:
///   static LogicalResult inferShapes(Adaptor, DimBuilder &,
///                                    SmallVectorImpl<ResultShape> &);
template <typename ConcreteOp>
class ShapeFunctionTrait
    : public OpTrait::TraitBase<ConcreteOp, ShapeFunctionTrait> {
public:
  static LogicalResult
  inferReturnTypes(MLIRContext *context, std::optional<Location> location,
                   ValueRange operands, DictionaryAttr attributes,
                   OpaqueProperties properties, RegionRange regions,
                   SmallVectorImpl<Type> &types) {
    typename ConcreteOp::Adaptor adaptor(operands, attributes, properties,
                                         regions);
    return detail::inferTypesFromShapes(
        context, location,
        [&](DimBuilder &dims, SmallVectorImpl<ResultShape> &shapes) {
          return ConcreteOp::inferShapes(adaptor, dims, shapes);
        },
        types);
  }
  LogicalResult computeShapes(DimBuilder &dims,
                              SmallVectorImpl<ResultShape> &shapes) {
    auto op = cast<ConcreteOp>(this->getOperation());
    return ConcreteOp::inferShapes(typename ConcreteOp::Adaptor(op), dims,
                                   shapes);
  }
};

} // namespace mlir::nnc

#include "nnc/Interfaces/ShapeOpInterface.h.inc"

#endif // NNC_INTERFACES_SHAPEOPINTERFACE_H
