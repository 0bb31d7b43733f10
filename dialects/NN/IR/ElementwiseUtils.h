//===----------------------------------------------------------------------===//
// What element-wise ops share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_NN_IR_ELEMENTWISEUTILS_H
#define NNC_DIALECTS_NN_IR_ELEMENTWISEUTILS_H

#include "mlir/IR/Builders.h"
#include "nnc/DataIO/Tensor.h"
#include "nnc/Interfaces/ShapeOpInterface.h"

namespace mlir::nnc::nn {

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

/// The shape that all operands broadcast to; at least one operand.
FailureOr<SmallVector<Dim>> broadcastOperands(ValueRange operands,
                                              DimBuilder &dims);

/// Success if all operands have one element type, else reports.
LogicalResult requireOneElementType(ValueRange operands, DimBuilder &dims);

/// One result of the operands' broadcast shape, of `elementType` or else of the
/// operands' element type. The operands must have one element type.
LogicalResult inferElementwise(ValueRange operands, Type elementType,
                               DimBuilder &dims,
                               SmallVectorImpl<ResultShape> &shapes);

/// Elements of the op's first result, nullopt if dynamic.
std::optional<int64_t> countResultElements(Operation *op);

//===----------------------------------------------------------------------===//
// Scalar functions
//===----------------------------------------------------------------------===//

/// True if the elements of operand `index` extend with zeros: unsigned integers
/// and bool.
bool isUnsignedOperand(Operation *op, unsigned index = 0);

/// A number of an integer or float type, converted to it.
Value createScalar(OpBuilder &builder, Location loc, Type type, double number);

/// `function` on the scalars, f16 and bf16 extended to f32 before and the
/// result truncated after.
Value computeInF32(OpBuilder &builder, Location loc, ValueRange scalars,
                   function_ref<Value(ImplicitLocOpBuilder &, ValueRange)>);

/// Conversion with the semantics of `nn.cast` between storage types.
Value convertScalar(OpBuilder &builder, Location loc, Value scalar,
                    bool isUnsigned, Type type, bool toUnsigned);

/// See NN_MathFunctionOp.
template <typename MathOp>
Value buildMathFunction(OpBuilder &builder, Location loc, Value scalar) {
  return computeInF32(builder, loc, scalar,
                      [](ImplicitLocOpBuilder &b, ValueRange wide) -> Value {
                        return MathOp::create(b, wide[0]);
                      });
}

//===----------------------------------------------------------------------===//
// Reference
//===----------------------------------------------------------------------===//

/// For each element of `result`, calls `function` with its row-major index and
/// the row-major indices in the operands.
void forEachBroadcast(
    const nncio::Tensor &result, ArrayRef<nncio::Tensor> operands,
    function_ref<void(int64_t index, ArrayRef<int64_t> positions)> function);

/// Calls `function` with a number of the type that holds all of `type`'s
/// elements: double for floats, uint64_t for `ui64`, else int64_t.
template <typename Function>
void visitNumberType(nncio::ElementType type, Function function) {
  if (nncio::isFloat(type))
    function(double());
  else if (type == nncio::ElementType::U64)
    function(uint64_t());
  else
    function(int64_t());
}

template <typename Number>
Number getNumber(const nncio::Tensor &tensor, int64_t index) {
  if constexpr (std::is_floating_point_v<Number>)
    return tensor.getDouble(index);
  else
    return static_cast<Number>(tensor.getInt(index));
}

template <typename Number>
void setNumber(nncio::Tensor &tensor, int64_t index, Number number) {
  if constexpr (std::is_floating_point_v<Number>)
    tensor.setDouble(index, number);
  else
    tensor.setInt(index, static_cast<int64_t>(number));
}

/// results[0][i] = function(element i), see visitNumberType.
template <typename Function>
std::string evaluateUnary(ArrayRef<nncio::Tensor> operands,
                          MutableArrayRef<nncio::Tensor> results,
                          Function function) {
  const nncio::Tensor &input = operands[0];
  visitNumberType(input.type(), [&](auto kind) {
    using Number = decltype(kind);
    for (int64_t i = 0; i < input.size(); ++i)
      setNumber(results[0], i, function(getNumber<Number>(input, i)));
  });
  return "";
}

/// results[0][i] = function(element of the first, of the second operand) after
/// broadcasting, see visitNumberType. The operands have one element type.
template <typename Function>
std::string evaluateBinary(ArrayRef<nncio::Tensor> operands,
                           MutableArrayRef<nncio::Tensor> results,
                           Function function) {
  visitNumberType(operands[0].type(), [&](auto kind) {
    using Number = decltype(kind);
    forEachBroadcast(
        results[0], operands, [&](int64_t i, ArrayRef<int64_t> at) {
          setNumber(results[0], i,
                    function(getNumber<Number>(operands[0], at[0]),
                             getNumber<Number>(operands[1], at[1])));
        });
  });
  return "";
}

/// results[0][i] = function(element i) for floats.
std::string evaluateMathFunction(ArrayRef<nncio::Tensor> operands,
                                 MutableArrayRef<nncio::Tensor> results,
                                 double (*function)(double));

//===----------------------------------------------------------------------===//
// Traits
//===----------------------------------------------------------------------===//

/// See NN_ElementwiseShape.
template <typename ConcreteOp>
class ElementwiseShape
    : public OpTrait::TraitBase<ConcreteOp, ElementwiseShape> {
public:
  template <typename AdaptorTy>
  static LogicalResult inferShapes(AdaptorTy adaptor, DimBuilder &dims,
                                   SmallVectorImpl<ResultShape> &shapes) {
    return inferElementwise(adaptor.getOperands(), {}, dims, shapes);
  }
  std::optional<int64_t> getFlops() {
    return countResultElements(this->getOperation());
  }
};

/// See NN_PredicateShape.
template <typename ConcreteOp>
class PredicateShape : public OpTrait::TraitBase<ConcreteOp, PredicateShape> {
public:
  template <typename AdaptorTy>
  static LogicalResult inferShapes(AdaptorTy adaptor, DimBuilder &dims,
                                   SmallVectorImpl<ResultShape> &shapes) {
    Type type = adaptor.getOperands()[0].getType();
    return inferElementwise(adaptor.getOperands(),
                            IntegerType::get(type.getContext(), 1), dims,
                            shapes);
  }
  std::optional<int64_t> getFlops() {
    return countResultElements(this->getOperation());
  }
};

/// See NN_MixedShape.
template <typename ConcreteOp>
class MixedShape : public OpTrait::TraitBase<ConcreteOp, MixedShape> {
public:
  template <typename AdaptorTy>
  static LogicalResult inferShapes(AdaptorTy adaptor, DimBuilder &dims,
                                   SmallVectorImpl<ResultShape> &shapes) {
    FailureOr<Type> type = ConcreteOp::getResultElementType(adaptor, dims);
    if (failed(type))
      return failure();
    FailureOr<SmallVector<Dim>> shape =
        broadcastOperands(adaptor.getOperands(), dims);
    if (failed(shape))
      return failure();
    shapes.push_back({*type, std::move(*shape)});
    return success();
  }
  std::optional<int64_t> getFlops() {
    return countResultElements(this->getOperation());
  }
};

} // namespace mlir::nnc::nn

#endif // NNC_DIALECTS_NN_IR_ELEMENTWISEUTILS_H
