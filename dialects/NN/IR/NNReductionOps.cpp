//===----------------------------------------------------------------------===//
// Reductions: shapes, reference, cost.
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

//===----------------------------------------------------------------------===//
// Arithmetic of the kinds
//===----------------------------------------------------------------------===//

static double getFloatInit(ReduceKind kind) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  switch (kind) {
  case ReduceKind::Max:
    return -infinity;
  case ReduceKind::Min:
    return infinity;
  case ReduceKind::Prod:
    return 1;
  default:
    return 0;
  }
}

static double stepFloat(ReduceKind kind, double sum, double x) {
  switch (kind) {
  case ReduceKind::Max:
    return maximum(sum, x);
  case ReduceKind::Min:
    return minimum(sum, x);
  case ReduceKind::Prod:
    return sum * x;
  case ReduceKind::L1:
    return sum + std::fabs(x);
  case ReduceKind::L2:
  case ReduceKind::SumSquare:
    return sum + x * x;
  default:
    return sum + x;
  }
}

static double finishFloat(ReduceKind kind, double sum, int64_t count) {
  switch (kind) {
  case ReduceKind::Mean:
    return sum / static_cast<double>(count);
  case ReduceKind::L2:
    return std::sqrt(sum);
  case ReduceKind::LogSum:
    return std::log(sum);
  default:
    return sum;
  }
}

/// Lowest or highest value of an integer type, unsigned ones as bits.
static uint64_t getLimit(nncio::ElementType type, bool highest) {
  if (type == nncio::ElementType::Bool)
    return highest;
  unsigned width = 8 * nncio::elementBytes(type);
  if (nncio::isUnsigned(type))
    return highest ? ~uint64_t(0) >> (64 - width) : 0;
  uint64_t top = uint64_t(1) << (width - 1);
  return highest ? top - 1 : ~(top - 1);
}

static uint64_t getIntInit(ReduceKind kind, nncio::ElementType type) {
  switch (kind) {
  case ReduceKind::Max:
    return getLimit(type, /*highest=*/false);
  case ReduceKind::Min:
    return getLimit(type, /*highest=*/true);
  case ReduceKind::Prod:
    return 1;
  default:
    return 0;
  }
}

static uint64_t stepInt(ReduceKind kind, uint64_t sum, uint64_t x,
                        bool isUnsigned) {
  bool less = isUnsigned ? x < sum : int64_t(x) < int64_t(sum);
  switch (kind) {
  case ReduceKind::Max:
    return less ? sum : x;
  case ReduceKind::Min:
    return less ? x : sum;
  case ReduceKind::Prod:
    return sum * x;
  case ReduceKind::L1:
    return sum + (!isUnsigned && int64_t(x) < 0 ? 0 - x : x);
  case ReduceKind::SumSquare:
    return sum + x * x;
  default:
    return sum + x;
  }
}

static uint64_t finishInt(ReduceKind kind, uint64_t sum, int64_t count,
                          bool isUnsigned) {
  if (kind != ReduceKind::Mean)
    return sum;
  if (count == 0)
    return 0;
  if (isUnsigned)
    return sum / static_cast<uint64_t>(count);
  // INT64_MIN / -1 can't occur: the count is positive.
  return static_cast<uint64_t>(static_cast<int64_t>(sum) / count);
}

/// Kinds whose result on integers goes through floats.
static bool isRealKind(ReduceKind kind) {
  return kind == ReduceKind::L2 || kind == ReduceKind::LogSum ||
         kind == ReduceKind::LogSumExp;
}

//===----------------------------------------------------------------------===//
// Reference
//===----------------------------------------------------------------------===//

static void reduceInts(ReduceKind kind, const nncio::Tensor &input,
                       const llvm::SmallBitVector &reduced, int64_t count,
                       nncio::Tensor &result) {
  bool isUnsigned = nncio::isUnsigned(input.type());
  std::vector<uint64_t> sums(result.size(), getIntInit(kind, input.type()));
  forEachInGroup(input.shape(), reduced, [&](int64_t i, int64_t group) {
    sums[group] = stepInt(kind, sums[group],
                          static_cast<uint64_t>(input.getInt(i)), isUnsigned);
  });
  for (int64_t i = 0; i < result.size(); ++i)
    result.setInt(
        i, static_cast<int64_t>(finishInt(kind, sums[i], count, isUnsigned)));
}

static void reduceFloats(ReduceKind kind, const nncio::Tensor &input,
                         const llvm::SmallBitVector &reduced, int64_t count,
                         nncio::Tensor &result) {
  std::vector<double> sums(result.size(), getFloatInit(kind));
  forEachInGroup(input.shape(), reduced, [&](int64_t i, int64_t group) {
    sums[group] = stepFloat(kind, sums[group], input.getDouble(i));
  });
  for (int64_t i = 0; i < result.size(); ++i)
    result.setDouble(i, finishFloat(kind, sums[i], count));
}

static void reduceLogSumExp(const nncio::Tensor &input,
                            const llvm::SmallBitVector &reduced,
                            nncio::Tensor &result) {
  std::vector<double> tops(result.size(), getFloatInit(ReduceKind::Max));
  std::vector<double> sums(result.size(), 0);
  forEachInGroup(input.shape(), reduced, [&](int64_t i, int64_t group) {
    tops[group] = maximum(tops[group], input.getDouble(i));
  });
  for (double &top : tops)
    if (std::isinf(top))
      top = 0;
  forEachInGroup(input.shape(), reduced, [&](int64_t i, int64_t group) {
    sums[group] += std::exp(input.getDouble(i) - tops[group]);
  });
  for (int64_t i = 0; i < result.size(); ++i)
    result.setDouble(i, tops[i] + std::log(sums[i]));
}

static void evaluateReduce(ReduceKind kind, const nncio::Tensor &input,
                           const llvm::SmallBitVector &reduced,
                           nncio::Tensor &result) {
  int64_t count = 1;
  for (unsigned axis : reduced.set_bits())
    count *= input.shape()[axis];
  if (kind == ReduceKind::LogSumExp)
    reduceLogSumExp(input, reduced, result);
  else if (nncio::isFloat(input.type()) || isRealKind(kind))
    reduceFloats(kind, input, reduced, count, result);
  else
    reduceInts(kind, input, reduced, count, result);
}

//===----------------------------------------------------------------------===//
// ReduceOp
//===----------------------------------------------------------------------===//

/// Bool has an order but no arithmetic.
static LogicalResult checkKind(ReduceKind kind, Type elementType,
                               DimBuilder &dims) {
  if (!elementType.isInteger(1) || kind == ReduceKind::Max ||
      kind == ReduceKind::Min)
    return success();
  return dims.fail("expects max or min for bool, but got " +
                   stringifyReduceKind(kind));
}

LogicalResult ReduceOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                    SmallVectorImpl<ResultShape> &shapes) {
  auto type = cast<RankedTensorType>(adaptor.getInput().getType());
  if (failed(checkKind(adaptor.getKind(), type.getElementType(), dims)))
    return failure();
  FailureOr<llvm::SmallBitVector> reduced =
      getAxisSet(adaptor.getAxes(), type.getRank(), dims);
  if (failed(reduced))
    return failure();
  SmallVector<Dim> shape;
  for (int64_t axis = 0; axis < type.getRank(); ++axis) {
    if (!reduced->test(axis))
      shape.push_back(dims.dim(adaptor.getInput(), axis));
    else if (adaptor.getKeepDims())
      shape.push_back(Dim(1));
  }
  shapes.push_back({type.getElementType(), shape});
  return success();
}

std::string ReduceOp::evaluate(ArrayRef<nncio::Tensor> operands,
                               MutableArrayRef<nncio::Tensor> results) {
  llvm::SmallBitVector reduced(operands[0].rank());
  for (int64_t axis : getAxes())
    reduced.set(axis);
  evaluateReduce(getKind(), operands[0], reduced, results[0]);
  return "";
}

std::optional<int64_t> ReduceOp::getFlops() {
  bool isSimple = !isRealKind(getKind()) && getKind() != ReduceKind::L1 &&
                  getKind() != ReduceKind::SumSquare;
  return countOperations(getInput(), isSimple ? 1 : 2);
}

/// Operand and result of a reduction along `axes`.
static std::optional<OpLayout> getReductionLayout(Operation *op,
                                                  ArrayRef<int64_t> layout,
                                                  ArrayRef<int64_t> axes,
                                                  bool keepDims) {
  std::optional<OpLayout> needed =
      nnc::detail::getFirstOperandLayout(op, layout);
  if (needed && !keepDims)
    needed->results[0] = dropAxes(layout, axes);
  return needed;
}

/// Without the axes that are gone, their places could be any.
static std::optional<Layout> findReductionLayout(ArrayRef<int64_t> result,
                                                 bool keepDims) {
  return keepDims ? std::optional(Layout(result)) : std::nullopt;
}

std::optional<OpLayout> ReduceOp::getOpLayout(ArrayRef<int64_t> layout) {
  return getReductionLayout(*this, layout, getAxes(), getKeepDims());
}

std::optional<Layout> ReduceOp::findLayout(ArrayRef<int64_t> result) {
  return findReductionLayout(result, getKeepDims());
}

Operation *ReduceOp::buildInLayout(OpBuilder &builder, ArrayRef<int64_t> layout,
                                   ValueRange operands) {
  auto copy = cast<ReduceOp>(nnc::detail::cloneInLayout(
      builder, *this, *getOpLayout(layout), operands));
  SmallVector<int64_t> axes = findAxes(layout, getAxes());
  llvm::sort(axes);
  copy.setAxes(axes);
  return copy;
}

//===----------------------------------------------------------------------===//
// ReduceAlongOp
//===----------------------------------------------------------------------===//

/// 1 if no element of `axes` names `axis`, else 0.
static Dim isKept(int64_t axis, int64_t rank, ArrayRef<Dim> axes,
                  DimBuilder &dims) {
  Dim kept(1);
  for (Dim other : axes) {
    kept = dims.selectEqual(other, Dim(axis), Dim(0), kept);
    kept = dims.selectEqual(other, Dim(axis - rank), Dim(0), kept);
  }
  return kept;
}

LogicalResult ReduceAlongOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                         SmallVectorImpl<ResultShape> &shapes) {
  auto type = cast<RankedTensorType>(adaptor.getInput().getType());
  auto axesType = cast<RankedTensorType>(adaptor.getAxes().getType());
  int64_t rank = type.getRank();
  if (failed(checkKind(adaptor.getKind(), type.getElementType(), dims)))
    return failure();
  if (axesType.getRank() > 1 || !axesType.hasStaticShape())
    return dims.fail("expects axes of rank 0 or 1 and fixed length");
  if (axesType.getNumElements() > rank)
    return dims.fail("expects at most " + Twine(rank) + " axes, but got " +
                     Twine(axesType.getNumElements()));
  SmallVector<Dim> axes = dims.elements(adaptor.getAxes());
  SmallVector<Dim> keptShape;
  // Without the kept axes' dimensions: the result's, by counting.
  SmallVector<Dim> shape(rank - axes.size(), Dim(1));
  Dim numKept(0);
  for (int64_t axis = 0; axis < rank; ++axis) {
    Dim kept = isKept(axis, rank, axes, dims);
    Dim size = dims.dim(adaptor.getInput(), axis);
    keptShape.push_back(dims.selectEqual(kept, Dim(1), size, Dim(1)));
    Dim place = dims.selectEqual(kept, Dim(1), numKept, Dim(-1));
    for (auto [i, dim] : llvm::enumerate(shape))
      dim = dims.selectEqual(place, Dim(int64_t(i)), size, dim);
    numKept = dims.add(numKept, kept);
  }
  // Differs if an axis is out of range or named twice.
  if (failed(dims.requireEqual(numKept, Dim(int64_t(shape.size())),
                               "axes that stay and rank less axes given")))
    return failure();
  shapes.push_back(
      {type.getElementType(), adaptor.getKeepDims() ? keptShape : shape});
  return success();
}

std::string ReduceAlongOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                    MutableArrayRef<nncio::Tensor> results) {
  int64_t rank = operands[0].rank();
  llvm::SmallBitVector reduced(rank);
  for (int64_t i = 0; i < operands[1].size(); ++i) {
    int64_t axis = operands[1].getInt(i);
    if (axis < -rank || axis >= rank)
      return "axis " + std::to_string(axis) + " is out of range";
    reduced.set(axis < 0 ? axis + rank : axis);
  }
  evaluateReduce(getKind(), operands[0], reduced, results[0]);
  return "";
}

std::optional<int64_t> ReduceAlongOp::getFlops() {
  return countOperations(getInput(), 1);
}

//===----------------------------------------------------------------------===//
// ArgReduceOp
//===----------------------------------------------------------------------===//

LogicalResult ArgReduceOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                       SmallVectorImpl<ResultShape> &shapes) {
  ReduceKind kind = adaptor.getKind();
  if (kind != ReduceKind::Max && kind != ReduceKind::Min)
    return dims.fail("expects kind max or min, but got " +
                     stringifyReduceKind(kind));
  SmallVector<Dim> shape = dims.shape(adaptor.getInput());
  int64_t axis = adaptor.getAxis();
  if (failed(checkAxis(axis, shape.size(), dims)))
    return failure();
  if (shape[axis].isConstant(0))
    return dims.fail("expects elements along axis " + Twine(axis) +
                     ", but its size is 0");
  if (adaptor.getKeepDims())
    shape[axis] = Dim(1);
  else
    shape.erase(shape.begin() + axis);
  Type type = adaptor.getInput().getType();
  shapes.push_back({IntegerType::get(type.getContext(), 64), shape});
  return success();
}

std::optional<OpLayout> ArgReduceOp::getOpLayout(ArrayRef<int64_t> layout) {
  return getReductionLayout(*this, layout, {int64_t(getAxis())}, getKeepDims());
}

std::optional<Layout> ArgReduceOp::findLayout(ArrayRef<int64_t> result) {
  return findReductionLayout(result, getKeepDims());
}

Operation *ArgReduceOp::buildInLayout(OpBuilder &builder,
                                      ArrayRef<int64_t> layout,
                                      ValueRange operands) {
  auto copy = cast<ArgReduceOp>(nnc::detail::cloneInLayout(
      builder, *this, *getOpLayout(layout), operands));
  copy.setAxis(findAxis(layout, getAxis()));
  return copy;
}

/// True if `x` is to be chosen although `best` was seen before it.
template <typename T>
static bool isBetter(T x, T best, bool isMax, bool selectLast) {
  bool xIsNaN = x != x, bestIsNaN = best != best;
  if (xIsNaN || bestIsNaN)
    return xIsNaN && (selectLast || !bestIsNaN);
  if (x == best)
    return selectLast;
  return isMax ? x > best : x < best;
}

template <typename T>
static void selectPositions(ArgReduceOp op, const nncio::Tensor &input,
                            const std::vector<T> &elements,
                            nncio::Tensor &result) {
  bool isMax = op.getKind() == ReduceKind::Max;
  int64_t axis = op.getAxis(), stride = 1;
  for (int64_t i = axis + 1; i < input.rank(); ++i)
    stride *= input.shape()[i];
  int64_t size = input.shape()[axis];
  for (int64_t group = 0; group < result.size(); ++group) {
    const T *first =
        elements.data() + group / stride * stride * size + group % stride;
    int64_t best = 0;
    for (int64_t i = 1; i < size; ++i)
      if (isBetter(first[i * stride], first[best * stride], isMax,
                   op.getSelectLast()))
        best = i;
    result.setInt(group, best);
  }
}

std::string ArgReduceOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                  MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &input = operands[0];
  if (nncio::isFloat(input.type())) {
    selectPositions(*this, input, input.toDoubles(), results[0]);
    return "";
  }
  std::vector<int64_t> ints = input.toInts();
  // Unsigned 64-bit values keep their order as signed ones with the top bit
  // turned.
  if (input.type() == nncio::ElementType::U64)
    for (int64_t &x : ints)
      x = static_cast<int64_t>(static_cast<uint64_t>(x) ^ (uint64_t(1) << 63));
  selectPositions(*this, input, ints, results[0]);
  return "";
}

std::optional<int64_t> ArgReduceOp::getFlops() {
  return countOperations(getInput(), 1);
}
