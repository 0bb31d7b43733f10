//===----------------------------------------------------------------------===//
// Softmax, normalization and running sums: shapes, reference, cost.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/NNOps.h"
#include "dialects/NN/IR/ReductionUtils.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

/// A result of the input's type.
static LogicalResult inferLike(Value input, DimBuilder &dims,
                               SmallVectorImpl<ResultShape> &shapes) {
  auto type = cast<RankedTensorType>(input.getType());
  shapes.push_back({type.getElementType(), dims.shape(input)});
  return success();
}

/// The elements along one axis, as positions: first + i * stride, i < size.
struct Line {
  int64_t first, stride, size;
};

/// Calls `function` for each line of `tensor` along `axis`.
static void forEachLine(const nncio::Tensor &tensor, int64_t axis,
                        function_ref<void(const Line &)> function) {
  Line line{0, 1, tensor.shape()[axis]};
  if (tensor.empty())
    return;
  for (int64_t i = axis + 1; i < tensor.rank(); ++i)
    line.stride *= tensor.shape()[i];
  int64_t numLines = tensor.size() / line.size;
  for (int64_t i = 0; i < numLines; ++i) {
    line.first = i / line.stride * line.stride * line.size + i % line.stride;
    function(line);
  }
}

//===----------------------------------------------------------------------===//
// SoftmaxOp
//===----------------------------------------------------------------------===//

LogicalResult SoftmaxOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                     SmallVectorImpl<ResultShape> &shapes) {
  auto type = cast<RankedTensorType>(adaptor.getInput().getType());
  if (failed(checkAxis(adaptor.getAxis(), type.getRank(), dims)))
    return failure();
  return inferLike(adaptor.getInput(), dims, shapes);
}

static void evaluateSoftmaxLine(SoftmaxKind kind, const nncio::Tensor &input,
                                const Line &line, nncio::Tensor &result) {
  auto at = [&](int64_t i) { return line.first + i * line.stride; };
  double top = -std::numeric_limits<double>::infinity(), sum = 0;
  for (int64_t i = 0; i < line.size; ++i)
    top = maximum(top, input.getDouble(at(i)));
  if (kind == SoftmaxKind::Hard) {
    for (int64_t i = 0; i < line.size; ++i) {
      double x = input.getDouble(at(i));
      if (x == top || x != x) {
        result.setDouble(at(i), 1);
        return;
      }
    }
    return;
  }
  for (int64_t i = 0; i < line.size; ++i)
    sum += std::exp(input.getDouble(at(i)) - top);
  for (int64_t i = 0; i < line.size; ++i) {
    double x = input.getDouble(at(i)) - top;
    result.setDouble(at(i), kind == SoftmaxKind::Log ? x - std::log(sum)
                                                     : std::exp(x) / sum);
  }
}

std::string SoftmaxOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                MutableArrayRef<nncio::Tensor> results) {
  forEachLine(operands[0], getAxis(), [&](const Line &line) {
    evaluateSoftmaxLine(getKind(), operands[0], line, results[0]);
  });
  return "";
}

std::optional<int64_t> SoftmaxOp::getFlops() {
  // Maximum, difference, exponential, sum, quotient; or the comparison.
  return countOperations(getInput(), getKind() == SoftmaxKind::Hard ? 1 : 5);
}

std::optional<OpWork> SoftmaxOp::getWork() {
  std::optional<int64_t> elements = countOperations(getInput(), 1);
  if (!elements)
    return std::nullopt;
  OpWork work;
  work.arithmetic = *elements;
  if (getKind() != SoftmaxKind::Hard) {
    work.arithmetic = 4 * *elements;
    work.functions = *elements;
  }
  return work;
}

//===----------------------------------------------------------------------===//
// NormalizeOp
//===----------------------------------------------------------------------===//

/// Reports a factor or addend, if there is one, that does not broadcast to the
/// dimensions of `input`.
static LogicalResult checkBroadcasts(Value parameter, Value input,
                                     const Twine &what, DimBuilder &dims) {
  if (!parameter)
    return success();
  auto type = cast<RankedTensorType>(input.getType());
  auto small = cast<RankedTensorType>(parameter.getType());
  if (small.getElementType() != type.getElementType())
    return dims.fail("expects a " + what + " of the input's element type");
  if (small.getRank() > type.getRank())
    return dims.fail("expects a " + what + " of rank " + Twine(type.getRank()) +
                     " or less, but got rank " + Twine(small.getRank()));
  int64_t offset = type.getRank() - small.getRank();
  for (int64_t axis = 0; axis < small.getRank(); ++axis)
    if (small.getDimSize(axis) != 1 &&
        failed(dims.requireEqual(dims.dim(parameter, axis),
                                 dims.dim(input, axis + offset),
                                 "dimensions of input and " + what)))
      return failure();
  return success();
}

LogicalResult NormalizeOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                       SmallVectorImpl<ResultShape> &shapes) {
  Value input = adaptor.getInput();
  auto type = cast<RankedTensorType>(input.getType());
  if (failed(getAxisSet(adaptor.getAxes(), type.getRank(), dims)) ||
      failed(checkBroadcasts(adaptor.getScale(), input, "scale", dims)) ||
      failed(checkBroadcasts(adaptor.getBias(), input, "bias", dims)))
    return failure();
  return inferLike(input, dims, shapes);
}

std::optional<OpLayout> NormalizeOp::getOpLayout(ArrayRef<int64_t> layout) {
  return nnc::detail::getBroadcastLayout(*this, layout);
}

Operation *NormalizeOp::buildInLayout(OpBuilder &builder,
                                      ArrayRef<int64_t> layout,
                                      ValueRange operands) {
  auto copy = cast<NormalizeOp>(nnc::detail::cloneInLayout(
      builder, *this, *getOpLayout(layout), operands));
  SmallVector<int64_t> axes = findAxes(layout, getAxes());
  llvm::sort(axes);
  copy.setAxes(axes);
  return copy;
}

std::string NormalizeOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                  MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &input = operands[0];
  if (input.empty())
    return "";
  llvm::SmallBitVector reduced(input.rank());
  double count = 1;
  for (int64_t axis : getAxes()) {
    reduced.set(axis);
    count *= static_cast<double>(input.shape()[axis]);
  }
  int64_t numGroups = nncio::numElements(getKeptShape(input.shape(), reduced));
  std::vector<double> means(numGroups, 0), variances(numGroups, 0);
  if (!getUncentered()) {
    forEachInGroup(input.shape(), reduced, [&](int64_t i, int64_t group) {
      means[group] += input.getDouble(i);
    });
    for (double &mean : means)
      mean /= count;
  }
  forEachInGroup(input.shape(), reduced, [&](int64_t i, int64_t group) {
    double x = input.getDouble(i) - means[group];
    variances[group] += x * x;
  });
  double epsilon = getEpsilon().convertToDouble();
  std::vector<double> values(input.size());
  forEachInGroup(input.shape(), reduced, [&](int64_t i, int64_t group) {
    values[i] = (input.getDouble(i) - means[group]) /
                std::sqrt(variances[group] / count + epsilon);
  });
  for (const nncio::Tensor &parameter : operands.drop_front()) {
    bool isScale = getScale() && &parameter == &operands[1];
    forEachBroadcast(results[0], parameter,
                     [&](int64_t i, ArrayRef<int64_t> at) {
                       double x = parameter.getDouble(at[0]);
                       values[i] = isScale ? values[i] * x : values[i] + x;
                     });
  }
  for (auto [i, value] : llvm::enumerate(values))
    results[0].setDouble(i, value);
  return "";
}

std::optional<int64_t> NormalizeOp::getFlops() {
  // Mean 1, deviation 1, variance 2, difference and scale 2.
  int64_t affine = (getScale() ? 1 : 0) + (getBias() ? 1 : 0);
  return countOperations(getInput(), (getUncentered() ? 3 : 6) + affine);
}

//===----------------------------------------------------------------------===//
// CumSumOp, CumProdOp
//===----------------------------------------------------------------------===//

template <typename OpTy>
static LogicalResult inferRunning(typename OpTy::Adaptor adaptor,
                                  DimBuilder &dims,
                                  SmallVectorImpl<ResultShape> &shapes) {
  auto type = cast<RankedTensorType>(adaptor.getInput().getType());
  if (failed(checkAxis(adaptor.getAxis(), type.getRank(), dims)))
    return failure();
  return inferLike(adaptor.getInput(), dims, shapes);
}

/// The numbers of `line` joined one after the other, starting with `start`.
template <typename Number, typename Join>
static void runLine(Line line, bool exclusive, bool reverse, Number start,
                    Join join, const nncio::Tensor &input,
                    nncio::Tensor &result) {
  if (reverse) {
    line.first += (line.size - 1) * line.stride;
    line.stride = -line.stride;
  }
  Number all = start;
  for (int64_t i = 0; i < line.size; ++i) {
    int64_t at = line.first + i * line.stride;
    Number next = join(all, getNumber<Number>(input, at));
    setNumber<Number>(result, at, exclusive ? all : next);
    all = next;
  }
}

template <typename OpTy, typename Join>
static std::string evaluateRunning(OpTy op, int start, Join join,
                                   const nncio::Tensor &input,
                                   nncio::Tensor &result) {
  forEachLine(input, op.getAxis(), [&](const Line &line) {
    if (nncio::isFloat(input.type()))
      runLine<double>(line, op.getExclusive(), op.getReverse(), start, join,
                      input, result);
    else
      runLine<uint64_t>(line, op.getExclusive(), op.getReverse(), start, join,
                        input, result);
  });
  return "";
}

LogicalResult CumSumOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                    SmallVectorImpl<ResultShape> &shapes) {
  return inferRunning<CumSumOp>(adaptor, dims, shapes);
}

std::string CumSumOp::evaluate(ArrayRef<nncio::Tensor> operands,
                               MutableArrayRef<nncio::Tensor> results) {
  return evaluateRunning(*this, 0, std::plus<>(), operands[0], results[0]);
}

std::optional<int64_t> CumSumOp::getFlops() {
  return countOperations(getInput(), 1);
}

LogicalResult CumProdOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                     SmallVectorImpl<ResultShape> &shapes) {
  return inferRunning<CumProdOp>(adaptor, dims, shapes);
}

std::string CumProdOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                MutableArrayRef<nncio::Tensor> results) {
  return evaluateRunning(*this, 1, std::multiplies<>(), operands[0],
                         results[0]);
}

std::optional<int64_t> CumProdOp::getFlops() {
  return countOperations(getInput(), 1);
}
