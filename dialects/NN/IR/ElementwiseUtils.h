//===----------------------------------------------------------------------===//
// What element-wise ops share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_DIALECTS_NN_IR_ELEMENTWISEUTILS_H
#define NNC_DIALECTS_NN_IR_ELEMENTWISEUTILS_H

#include "nnc/DataIO/Tensor.h"
#include "nnc/Interfaces/ShapeOpInterface.h"

namespace mlir::nnc::nn {

/// One result of the operands' broadcast shape, of `elementType` or else of the
/// first operand's element type, which all operands then must have.
LogicalResult inferElementwise(ValueRange operands, Type elementType,
                               DimBuilder &dims,
                               SmallVectorImpl<ResultShape> &shapes);

/// results[0][i] = function of operand elements at i after broadcasting; floats
/// in double, integers and bool in int64_t (unsigned ones as their value; u64
/// as its bits).
std::string evaluateUnary(ArrayRef<nncio::Tensor> operands,
                          MutableArrayRef<nncio::Tensor> results,
                          function_ref<double(double)> onFloat,
                          function_ref<int64_t(int64_t)> onInt);
std::string evaluateBinary(ArrayRef<nncio::Tensor> operands,
                           MutableArrayRef<nncio::Tensor> results,
                           function_ref<double(double, double)> onFloat,
                           function_ref<int64_t(int64_t, int64_t)> onInt);

/// For each element of `result`, calls `function` with its row-major index and
/// the row-major indices in the operands.
void forEachBroadcast(
    const nncio::Tensor &result, ArrayRef<nncio::Tensor> operands,
    function_ref<void(int64_t index, ArrayRef<int64_t> positions)> function);

/// Elements of the op's first result, nullopt if dynamic.
std::optional<int64_t> countResultElements(Operation *op);

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

} // namespace mlir::nnc::nn

#endif // NNC_DIALECTS_NN_IR_ELEMENTWISEUTILS_H
