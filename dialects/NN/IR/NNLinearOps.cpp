//===----------------------------------------------------------------------===//
// Matrix products, Einstein sums, normalization over channels: shapes,
// reference, cost.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/NNLinearUtils.h"

#include "dialects/NN/IR/EinsumEquation.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

//===----------------------------------------------------------------------===//
// Shared
//===----------------------------------------------------------------------===//

LogicalResult nn::requireOneElementType(DimBuilder &dims, ValueRange operands) {
  Type first = rankedTypeOf(operands[0]).getElementType();
  for (Value operand : operands) {
    if (!operand)
      continue;
    Type type = rankedTypeOf(operand).getElementType();
    if (type == first)
      continue;
    std::string text;
    llvm::raw_string_ostream(text)
        << "expects operands of one element type, but got " << first << " and "
        << type;
    return dims.fail(text);
  }
  return success();
}

LogicalResult nn::requireRank(DimBuilder &dims, Value tensor, StringRef what,
                              int64_t lowest, int64_t highest) {
  int64_t rank = rankedTypeOf(tensor).getRank();
  if (rank >= lowest && rank <= highest)
    return success();
  return dims.fail("expects " + what + " of rank " + Twine(lowest) +
                   (highest == lowest ? Twine("") : " to " + Twine(highest)) +
                   ", but got rank " + Twine(rank));
}

std::optional<int64_t> nn::multiplyCounts(std::optional<int64_t> a,
                                          std::optional<int64_t> b) {
  int64_t product;
  if (!a || !b || llvm::MulOverflow(*a, *b, product))
    return std::nullopt;
  return product;
}

std::optional<int64_t> nn::countStatic(ArrayRef<int64_t> sizes) {
  std::optional<int64_t> count = 1;
  for (int64_t size : sizes)
    count = ShapedType::isDynamic(size) ? std::nullopt
                                        : multiplyCounts(count, size);
  return count;
}

//===----------------------------------------------------------------------===//
// MatMulOp
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<Dim>>
nn::inferMatMulDims(DimBuilder &dims, Value lhsTensor, Value rhsTensor) {
  SmallVector<Dim> lhs = dims.shape(lhsTensor), rhs = dims.shape(rhsTensor);
  if (lhs.empty() || rhs.empty())
    return dims.fail("expects operands of rank 1 or more, but got ranks " +
                     Twine(lhs.size()) + " and " + Twine(rhs.size()));
  bool isRow = lhs.size() == 1, isColumn = rhs.size() == 1;
  Dim depth = rhs[isColumn ? 0 : rhs.size() - 2];
  if (failed(dims.requireEqual(lhs.back(), depth, "contracted dimensions")))
    return failure();
  ArrayRef<Dim> lhsBatch = ArrayRef(lhs).drop_back(isRow ? 1 : 2);
  ArrayRef<Dim> rhsBatch = ArrayRef(rhs).drop_back(isColumn ? 1 : 2);
  FailureOr<SmallVector<Dim>> shape = dims.broadcast(lhsBatch, rhsBatch);
  if (failed(shape))
    return failure();
  if (!isRow)
    shape->push_back(lhs[lhs.size() - 2]);
  if (!isColumn)
    shape->push_back(rhs.back());
  return shape;
}

LogicalResult MatMulOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                    SmallVectorImpl<ResultShape> &shapes) {
  if (failed(requireOneElementType(dims, adaptor.getOperands())))
    return failure();
  FailureOr<SmallVector<Dim>> shape =
      inferMatMulDims(dims, adaptor.getLhs(), adaptor.getRhs());
  if (failed(shape))
    return failure();
  shapes.push_back({rankedTypeOf(adaptor.getLhs()).getElementType(), *shape});
  return success();
}

/// `tensor` as a stack of matrices: [batch..., rows, columns].
static nncio::Tensor asMatrices(const nncio::Tensor &tensor, bool asColumn) {
  if (tensor.rank() > 1)
    return tensor;
  int64_t size = tensor.size();
  return asColumn ? tensor.reshaped({size, 1}) : tensor.reshaped({1, size});
}

/// Product of one pair of matrices at row-major offsets; T is the accumulator.
template <typename T>
static void multiplyMatrices(ArrayRef<T> a, ArrayRef<T> b, MutableArrayRef<T> c,
                             int64_t rows, int64_t depth, int64_t columns) {
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t k = 0; k < depth; ++k)
      for (int64_t j = 0; j < columns; ++j)
        c[i * columns + j] += a[i * depth + k] * b[k * columns + j];
}

template <typename T>
static std::vector<T> multiplyStacks(const nncio::Tensor &lhs,
                                     const nncio::Tensor &rhs,
                                     const nncio::Tensor &result) {
  int64_t rows = lhs.shape()[lhs.rank() - 2], depth = lhs.shape().back();
  int64_t columns = rhs.shape().back();
  int64_t size = rows * columns;
  auto batches = [](const nncio::Tensor &t) {
    return nncio::Tensor(nncio::ElementType::Bool,
                         {t.shape().begin(), t.shape().end() - 2});
  };
  std::vector<T> a = readElements<T>(lhs), b = readElements<T>(rhs);
  std::vector<T> c(result.size(), T(0));
  if (!size || !depth)
    return c;
  nncio::Tensor lhsBatch = batches(lhs), rhsBatch = batches(rhs);
  std::vector<int64_t> shape;
  size_t rank = std::max(lhsBatch.rank(), rhsBatch.rank());
  shape.assign(result.shape().begin(), result.shape().begin() + rank);
  nncio::Tensor batch(nncio::ElementType::Bool, shape);
  forEachBroadcast(
      batch, {lhsBatch, rhsBatch}, [&](int64_t i, ArrayRef<int64_t> at) {
        multiplyMatrices<T>(
            ArrayRef<T>(a).slice(at[0] * rows * depth, rows * depth),
            ArrayRef<T>(b).slice(at[1] * depth * columns, depth * columns),
            MutableArrayRef<T>(c).slice(i * size, size), rows, depth, columns);
      });
  return c;
}

void nn::multiplyTensors(const nncio::Tensor &lhs, const nncio::Tensor &rhs,
                         nncio::Tensor &result) {
  nncio::Tensor rows = asMatrices(lhs, /*asColumn=*/false);
  nncio::Tensor columns = asMatrices(rhs, /*asColumn=*/true);
  withAccumulator(lhs.type(), [&](auto zero) {
    using T = decltype(zero);
    writeElements(result, multiplyStacks<T>(rows, columns, result));
  });
}

std::string MatMulOp::evaluate(ArrayRef<nncio::Tensor> operands,
                               MutableArrayRef<nncio::Tensor> results) {
  multiplyTensors(operands[0], operands[1], results[0]);
  return "";
}

std::optional<int64_t> MatMulOp::getFlops() {
  return multiplyCounts(multiplyCounts(2, countResultElements(*this)),
                        countStatic(rankedTypeOf(getLhs()).getShape().back()));
}

//===----------------------------------------------------------------------===//
// EinsumOp
//===----------------------------------------------------------------------===//

static FailureOr<EinsumEquation>
parseEquation(StringRef text, ValueRange operands, std::string &message) {
  SmallVector<int64_t> ranks;
  for (Value operand : operands)
    ranks.push_back(rankedTypeOf(operand).getRank());
  return EinsumEquation::parse(text, ranks, message);
}

LogicalResult EinsumOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                    SmallVectorImpl<ResultShape> &shapes) {
  ValueRange inputs = adaptor.getInputs();
  if (inputs.empty())
    return dims.fail("expects at least one operand");
  if (failed(requireOneElementType(dims, inputs)))
    return failure();
  std::string message;
  FailureOr<EinsumEquation> equation =
      parseEquation(adaptor.getEquation(), inputs, message);
  if (failed(equation))
    return dims.fail(message);
  SmallVector<Dim> loops(equation->numLoops, Dim(1));
  for (auto [input, axes] : llvm::zip(inputs, equation->operands)) {
    SmallVector<Dim> shape = dims.shape(input);
    SmallVector<std::optional<Dim>> own(equation->numLoops);
    for (auto [dim, loop] : llvm::zip(shape, axes)) {
      if (own[loop] && failed(dims.requireEqual(*own[loop], dim,
                                                "dimensions of a diagonal")))
        return failure();
      own[loop] = dim;
      FailureOr<Dim> both = dims.broadcast(loops[loop], dim);
      if (failed(both))
        return failure();
      loops[loop] = *both;
    }
  }
  loops.truncate(equation->resultRank);
  shapes.push_back({rankedTypeOf(inputs[0]).getElementType(), loops});
  return success();
}

/// Row-major strides of an operand along each loop: 0 where it broadcasts, the
/// sum of the strides along a diagonal.
static SmallVector<int64_t> getLoopStrides(const nncio::Tensor &tensor,
                                           ArrayRef<unsigned> loops,
                                           unsigned numLoops) {
  SmallVector<int64_t> strides(numLoops, 0);
  int64_t step = 1;
  for (int64_t axis = tensor.rank() - 1; axis >= 0; --axis) {
    if (tensor.shape()[axis] != 1)
      strides[loops[axis]] += step;
    step *= tensor.shape()[axis];
  }
  return strides;
}

template <typename T>
static std::vector<T> sumProducts(const EinsumEquation &equation,
                                  ArrayRef<nncio::Tensor> operands,
                                  const nncio::Tensor &result) {
  unsigned numLoops = equation.numLoops;
  SmallVector<int64_t> sizes(numLoops, 1);
  SmallVector<std::vector<T>> values;
  SmallVector<SmallVector<int64_t>> strides;
  for (auto [tensor, loops] : llvm::zip(operands, equation.operands)) {
    for (auto [size, loop] : llvm::zip(tensor.shape(), loops))
      if (size != 1)
        sizes[loop] = size;
    values.push_back(readElements<T>(tensor));
    strides.push_back(getLoopStrides(tensor, loops, numLoops));
  }
  std::vector<T> sums(result.size(), T(0));
  if (llvm::is_contained(sizes, 0))
    return sums;
  SmallVector<unsigned> own =
      llvm::to_vector(llvm::seq(0u, equation.resultRank));
  strides.push_back(getLoopStrides(result, own, numLoops));
  SmallVector<int64_t> at(strides.size(), 0), index(numLoops, 0);
  for (bool more = true; more;) {
    T product(1);
    for (auto [list, position] : llvm::zip(values, at))
      product *= list[position];
    sums[at.back()] += product;
    more = false;
    for (unsigned loop = numLoops; loop-- > 0 && !more;) {
      more = ++index[loop] < sizes[loop];
      for (auto [position, stride] : llvm::zip(at, strides))
        position += more ? stride[loop] : -stride[loop] * (index[loop] - 1);
      if (!more)
        index[loop] = 0;
    }
  }
  return sums;
}

std::string EinsumOp::evaluate(ArrayRef<nncio::Tensor> operands,
                               MutableArrayRef<nncio::Tensor> results) {
  std::string message;
  FailureOr<EinsumEquation> equation =
      parseEquation(getEquation(), getInputs(), message);
  if (failed(equation))
    return message;
  withAccumulator(results[0].type(), [&](auto zero) {
    using T = decltype(zero);
    writeElements(results[0], sumProducts<T>(*equation, operands, results[0]));
  });
  return "";
}

std::optional<int64_t> EinsumOp::getFlops() {
  std::string message;
  FailureOr<EinsumEquation> equation =
      parseEquation(getEquation(), getInputs(), message);
  if (failed(equation))
    return std::nullopt;
  SmallVector<int64_t> sizes(equation->numLoops, 1);
  for (auto [input, loops] : llvm::zip(getInputs(), equation->operands))
    for (auto [size, loop] : llvm::zip(rankedTypeOf(input).getShape(), loops))
      if (size != 1)
        sizes[loop] = size;
  // One multiplication an operand but the first, and one addition.
  return multiplyCounts(getInputs().size(), countStatic(sizes));
}

//===----------------------------------------------------------------------===//
// LRNOp
//===----------------------------------------------------------------------===//

LogicalResult LRNOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                 SmallVectorImpl<ResultShape> &shapes) {
  RankedTensorType type = rankedTypeOf(adaptor.getInput());
  if (type.getRank() < 2)
    return dims.fail("expects an input of rank 2 or more, but got rank " +
                     Twine(type.getRank()));
  auto size = static_cast<int64_t>(adaptor.getSize());
  if (failed(checkWindowNumbers(dims, size, 1, 1, "sizes")))
    return failure();
  shapes.push_back({type.getElementType(), dims.shape(adaptor.getInput())});
  return success();
}

std::string LRNOp::evaluate(ArrayRef<nncio::Tensor> operands,
                            MutableArrayRef<nncio::Tensor> results) {
  const std::vector<int64_t> &shape = operands[0].shape();
  std::vector<double> input = operands[0].toDoubles(), output(input.size());
  int64_t axis = getChannelAxis(shape.size(), getChannelsLast());
  int64_t size = getSize(), channels = shape[axis];
  int64_t before = (size - 1) / 2, after = size - 1 - before;
  int64_t place = nncio::numElements({shape.begin() + axis + 1, shape.end()});
  double alpha = getAlpha().convertToDouble() / static_cast<double>(size);
  double beta = getBeta().convertToDouble();
  double bias = getBias().convertToDouble();
  for (int64_t i = 0; i < operands[0].size(); ++i) {
    int64_t c = i / place % channels;
    int64_t first = std::max<int64_t>(c - before, 0);
    int64_t last = std::min(c + after, channels - 1);
    double sum = 0;
    for (int64_t k = first; k <= last; ++k)
      sum += input[i + (k - c) * place] * input[i + (k - c) * place];
    output[i] = input[i] / std::pow(bias + alpha * sum, beta);
  }
  results[0] =
      nncio::Tensor::fromDoubles(results[0].type(), results[0].shape(), output);
  return "";
}

std::optional<int64_t> LRNOp::getFlops() {
  std::optional<int64_t> perElement = multiplyCounts(2, getSize());
  if (!perElement)
    return std::nullopt;
  return multiplyCounts(countResultElements(*this), *perElement + 4);
}
