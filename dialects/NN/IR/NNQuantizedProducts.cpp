//===----------------------------------------------------------------------===//
// Exact integer products: shapes, reference, cost.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/NNLinearUtils.h"
#include "dialects/NN/IR/QuantizedUtils.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

//===----------------------------------------------------------------------===//
// Shared
//===----------------------------------------------------------------------===//

/// A zero point has its operand's element type and broadcasts to it.
static LogicalResult checkZeroPoint(Value zeroPoint, Value operand,
                                    StringRef name, DimBuilder &dims) {
  if (!zeroPoint)
    return success();
  if (rankedTypeOf(zeroPoint).getElementType() !=
      rankedTypeOf(operand).getElementType())
    return dims.fail("expects '" + name + "' of its operand's element type");
  return checkBroadcastsInto(zeroPoint, dims.shape(operand), name, dims);
}

/// The operand, numbered as in ODS, or null if it is absent.
template <typename OpTy>
static const nncio::Tensor *
findOperand(OpTy op, ArrayRef<nncio::Tensor> operands, unsigned number) {
  auto [begin, length] = op.getODSOperandIndexAndLength(number);
  return length ? &operands[begin] : nullptr;
}

/// Differences to the zero point, which may be null, in i32.
static nncio::Tensor subtractZeroPoint(const nncio::Tensor &tensor,
                                       const nncio::Tensor *zeroPoint) {
  nncio::Tensor result(nncio::ElementType::I32, tensor.shape());
  SmallVector<nncio::Tensor> operands{tensor};
  if (zeroPoint)
    operands.push_back(*zeroPoint);
  forEachBroadcast(result, operands, [&](int64_t i, ArrayRef<int64_t> at) {
    int64_t zero = zeroPoint ? zeroPoint->getInt(at[1]) : 0;
    result.setInt(i, tensor.getInt(at[0]) - zero);
  });
  return result;
}

//===----------------------------------------------------------------------===//
// MatMulIntegerOp
//===----------------------------------------------------------------------===//

/// A zero point that differs along the contracted axis has no exact product of
/// integers to lean on.
static LogicalResult requireOne(Value zeroPoint, int64_t fromLast,
                                StringRef name, DimBuilder &dims) {
  if (!zeroPoint || rankedTypeOf(zeroPoint).getRank() < fromLast)
    return success();
  Dim dim = dims.dim(zeroPoint, rankedTypeOf(zeroPoint).getRank() - fromLast);
  if (failed(dims.requireEqual(
          dim, Dim(1), "the contracted dimension of '" + name + "' and 1")))
    return failure();
  return success();
}

LogicalResult
MatMulIntegerOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                             SmallVectorImpl<ResultShape> &shapes) {
  Value lhs = adaptor.getLhs(), rhs = adaptor.getRhs();
  Value lhsZero = adaptor.getLhsZeroPoint(),
        rhsZero = adaptor.getRhsZeroPoint();
  FailureOr<SmallVector<Dim>> shape = inferMatMulDims(dims, lhs, rhs);
  bool isColumn = rankedTypeOf(rhs).getRank() == 1;
  if (failed(shape) ||
      failed(checkZeroPoint(lhsZero, lhs, "lhs_zero_point", dims)) ||
      failed(checkZeroPoint(rhsZero, rhs, "rhs_zero_point", dims)) ||
      failed(requireOne(lhsZero, 1, "lhs_zero_point", dims)) ||
      failed(requireOne(rhsZero, isColumn ? 1 : 2, "rhs_zero_point", dims)))
    return failure();
  shapes.push_back({IntegerType::get(lhs.getContext(), 32), *shape});
  return success();
}

std::string MatMulIntegerOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                      MutableArrayRef<nncio::Tensor> results) {
  multiplyTensors(
      subtractZeroPoint(operands[0], findOperand(*this, operands, 2)),
      subtractZeroPoint(operands[1], findOperand(*this, operands, 3)),
      results[0]);
  return "";
}

std::optional<int64_t> MatMulIntegerOp::getFlops() {
  return multiplyCounts(multiplyCounts(2, countResultElements(*this)),
                        countStatic(rankedTypeOf(getLhs()).getShape().back()));
}

//===----------------------------------------------------------------------===//
// ConvIntegerOp
//===----------------------------------------------------------------------===//

static ConvolutionView getView(ConvIntegerOp::Adaptor adaptor) {
  return {adaptor.getInput(), adaptor.getFilter(), /*bias=*/{},
          static_cast<int64_t>(adaptor.getGroup()),
          WindowAttrs{adaptor.getStrides(), adaptor.getDilations(),
                      adaptor.getPads(), adaptor.getAutoPad(),
                      /*ceilMode=*/false, adaptor.getChannelsLast()}};
}

LogicalResult ConvIntegerOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                         SmallVectorImpl<ResultShape> &shapes) {
  if (failed(checkZeroPoint(adaptor.getInputZeroPoint(), adaptor.getInput(),
                            "input_zero_point", dims)) ||
      failed(checkZeroPoint(adaptor.getFilterZeroPoint(), adaptor.getFilter(),
                            "filter_zero_point", dims)))
    return failure();
  return inferConvolution(getView(adaptor),
                          IntegerType::get(adaptor.getInput().getContext(), 32),
                          dims, shapes);
}

std::string ConvIntegerOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                    MutableArrayRef<nncio::Tensor> results) {
  std::string message;
  DimBuilder dims(getOperation()->getOperands(), operands,
                  [&](const Twine &text) { message = text.str(); });
  SmallVector<WindowAxis> axes;
  if (failed(resolveConvolution(getView(Adaptor(*this)), dims, axes)))
    return message;
  evaluateOnImages(
      getChannelsLast(),
      {subtractZeroPoint(operands[0], findOperand(*this, operands, 2)),
       subtractZeroPoint(operands[1], findOperand(*this, operands, 3))},
      results[0], [&](ArrayRef<nncio::Tensor> images, nncio::Tensor &result) {
        convolveTensors(images, getGroup(), axes, result);
      });
  return "";
}

std::optional<Layout> ConvIntegerOp::getPreferredLayout() {
  return getChannelsLastPreference(*this, getChannelsLast());
}

std::optional<OpLayout> ConvIntegerOp::getOpLayout(ArrayRef<int64_t> layout) {
  std::optional<OpLayout> needed =
      getWindowLayout(*this, getChannelsLast(), layout);
  // The input's zero point broadcasts to it.
  if (Value zero = getInputZeroPoint(); needed && zero)
    if (rankedTypeOf(zero).getRank())
      needed->operands[2] = Layout(layout);
  return needed;
}

Operation *ConvIntegerOp::buildInLayout(OpBuilder &builder,
                                        ArrayRef<int64_t> layout,
                                        ValueRange operands) {
  auto copy = cast<ConvIntegerOp>(nnc::detail::cloneInLayout(
      builder, *this, *getOpLayout(layout), operands));
  copy.setChannelsLast(getChannelsLast() == isIdentityLayout(layout));
  return copy;
}

std::optional<int64_t> ConvIntegerOp::getFlops() {
  std::optional<int64_t> depth =
      countStatic(rankedTypeOf(getFilter()).getShape().drop_front());
  return multiplyCounts(multiplyCounts(2, countResultElements(*this)), depth);
}
