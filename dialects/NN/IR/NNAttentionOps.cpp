//===----------------------------------------------------------------------===//
// Attention: shapes, reference, cost, parts.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/NNLinearUtils.h"
#include "dialects/NN/IR/NNOps.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include <cmath>
#include <numeric>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

/// Reports a mask that is neither bool nor of the query's element type, or does
/// not broadcast to `scores`.
static LogicalResult checkMask(Value mask, Type elementType,
                               ArrayRef<Dim> scores, DimBuilder &dims) {
  if (!mask)
    return success();
  RankedTensorType type = rankedTypeOf(mask);
  if (!type.getElementType().isInteger(1) &&
      type.getElementType() != elementType)
    return dims.fail("expects a mask of bool or of the query's element type");
  if (type.getRank() > int64_t(scores.size()))
    return dims.fail("expects a mask of rank " + Twine(scores.size()) +
                     " or less, but got rank " + Twine(type.getRank()));
  ArrayRef<Dim> aligned = scores.take_back(type.getRank());
  for (int64_t axis = 0; axis < type.getRank(); ++axis)
    if (type.getDimSize(axis) != 1 &&
        failed(dims.requireEqual(dims.dim(mask, axis), aligned[axis],
                                 "dimensions of scores and mask")))
      return failure();
  return success();
}

/// The heads that key and value have; reports if the query's are no multiple.
static FailureOr<Dim> inferHeads(Dim query, Dim key, DimBuilder &dims) {
  if (!query.getConstant() || !key.getConstant())
    return dims.requireEqual(query, key, "heads of query and key");
  int64_t many = *query.getConstant(), few = *key.getConstant();
  if (many == few || (few > 0 && many % few == 0))
    return query;
  return dims.fail("expects a number of query heads that is a multiple of the "
                   "key's, but got " +
                   Twine(many) + " and " + Twine(few));
}

LogicalResult AttentionOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                       SmallVectorImpl<ResultShape> &shapes) {
  ValueRange tensors = adaptor.getOperands().take_front(3);
  if (failed(requireOneElementType(dims, tensors)))
    return failure();
  SmallVector<Dim> query = dims.shape(tensors[0]), key = dims.shape(tensors[1]);
  SmallVector<Dim> value = dims.shape(tensors[2]);
  int64_t rank = query.size();
  if (rank < 2 || key.size() != query.size() || value.size() != query.size())
    return dims.fail("expects query, key and value of one rank of 2 or more, "
                     "but got ranks " +
                     Twine(rank) + ", " + Twine(key.size()) + " and " +
                     Twine(value.size()));
  SmallVector<Dim> scores(query);
  scores.back() = key[rank - 2];
  for (int64_t axis = 0; axis < rank - 2; ++axis) {
    FailureOr<Dim> dim =
        axis == rank - 3
            ? inferHeads(query[axis], key[axis], dims)
            : dims.requireEqual(query[axis], key[axis],
                                "batch dimensions of query and key");
    if (failed(dim) ||
        failed(dims.requireEqual(key[axis], value[axis],
                                 "batch dimensions of key and value")))
      return failure();
    scores[axis] = *dim;
  }
  Type type = rankedTypeOf(tensors[0]).getElementType();
  if (failed(dims.requireEqual(query.back(), key.back(),
                               "widths of query and key")) ||
      failed(dims.requireEqual(key[rank - 2], value[rank - 2],
                               "lengths of key and value")) ||
      failed(checkMask(adaptor.getMask(), type, scores, dims)))
    return failure();
  SmallVector<Dim> result(scores);
  result.back() = value.back();
  shapes.push_back({type, result});
  return success();
}

//===----------------------------------------------------------------------===//
// Reference
//===----------------------------------------------------------------------===//

namespace {
/// One matrix of a stack.
struct Matrix {
  const nncio::Tensor &tensor;
  int64_t number;

  int64_t columns() const { return tensor.shape().back(); }
  int64_t rows() const { return tensor.shape()[tensor.rank() - 2]; }
  double at(int64_t i, int64_t j) const {
    return tensor.getDouble((number * rows() + i) * columns() + j);
  }
};
} // namespace

/// Weights of one query from its scores.
static void applySoftmax(MutableArrayRef<double> scores) {
  double top = -std::numeric_limits<double>::infinity(), sum = 0;
  for (double score : scores)
    top = std::isnan(score) ? score : std::max(top, score);
  for (double &score : scores)
    sum += score = std::exp(score - top);
  for (double &score : scores)
    score /= sum;
}

/// The heads of query and key: the last axis before the matrices.
static int64_t countHeads(const nncio::Tensor &tensor) {
  return tensor.rank() > 2 ? tensor.shape()[tensor.rank() - 3] : 1;
}

/// The scores of all queries, masked: [batch..., L, S].
static std::vector<double> computeScores(AttentionOp op,
                                         ArrayRef<nncio::Tensor> operands,
                                         const nncio::Tensor &shape) {
  const nncio::Tensor &query = operands[0], &key = operands[1];
  int64_t rows = shape.shape()[shape.rank() - 2],
          columns = shape.shape().back();
  int64_t width = query.shape().back();
  int64_t repeats =
      countHeads(key) ? countHeads(query) / countHeads(key) : int64_t(1);
  double scale = op.getScale().convertToDouble();
  double cap = op.getSoftcap().convertToDouble();
  std::vector<double> scores(shape.size());
  for (int64_t i = 0; i < shape.size(); ++i) {
    int64_t row = i / columns % rows, column = i % columns;
    int64_t number = i / columns / rows;
    Matrix q{query, number}, k{key, number / repeats};
    for (int64_t d = 0; d < width; ++d)
      scores[i] += q.at(row, d) * k.at(column, d);
    scores[i] *= scale;
    if (cap != 0)
      scores[i] = cap * std::tanh(scores[i] / cap);
  }
  if (op.getMask())
    forEachBroadcast(shape, operands[3], [&](int64_t i, ArrayRef<int64_t> at) {
      if (operands[3].type() != nncio::ElementType::Bool)
        scores[i] += operands[3].getDouble(at[0]);
      else if (!operands[3].getInt(at[0]))
        scores[i] = op.getFill().convertToDouble();
    });
  if (op.getCausality() == Causality::none)
    return scores;
  int64_t offset =
      op.getCausality() == Causality::from_end ? columns - rows : 0;
  for (int64_t i = 0; i < shape.size(); ++i)
    if (i % columns > i / columns % rows + offset)
      scores[i] = -std::numeric_limits<double>::infinity();
  return scores;
}

std::string AttentionOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                  MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &value = operands[2];
  std::vector<int64_t> shape = operands[0].shape();
  int64_t length = value.shape()[value.rank() - 2];
  shape.back() = length;
  nncio::Tensor like(nncio::ElementType::Bool, shape);
  std::vector<double> scores = computeScores(*this, operands, like);
  int64_t width = value.shape().back(), rows = shape[shape.size() - 2];
  int64_t repeats =
      countHeads(value) ? countHeads(operands[0]) / countHeads(value) : 1;
  for (int64_t line = 0; width && line < results[0].size() / width; ++line) {
    auto weights = MutableArrayRef<double>(scores).slice(line * length, length);
    applySoftmax(weights);
    Matrix matrix{value, line / rows / repeats};
    for (int64_t j = 0; j < width; ++j) {
      double sum = 0;
      for (int64_t i = 0; i < length; ++i)
        sum += weights[i] * matrix.at(i, j);
      results[0].setDouble(line * width + j, sum);
    }
  }
  return "";
}

//===----------------------------------------------------------------------===//
// Cost
//===----------------------------------------------------------------------===//

std::optional<int64_t> AttentionOp::getFlops() {
  ArrayRef<int64_t> query = rankedTypeOf(getQuery()).getShape();
  ArrayRef<int64_t> value = rankedTypeOf(getValue()).getShape();
  int64_t width = query.back(), length = value[value.size() - 2];
  if (ShapedType::isDynamic(width) || ShapedType::isDynamic(value.back()))
    return std::nullopt;
  // Products 2 (D + E) a score, scale 1, softmax 5, cap 3, masks 1 each.
  int64_t work = 2 * (width + value.back()) + 6 +
                 (getSoftcap().isZero() ? 0 : 3) + (getMask() ? 1 : 0) +
                 (getCausality() == Causality::none ? 0 : 1);
  return multiplyCounts(countStatic(query.drop_back()),
                        multiplyCounts(countStatic(length), work));
}

//===----------------------------------------------------------------------===//
// Movements around it
//===----------------------------------------------------------------------===//

/// True if elements beside each other stay so.
static bool isPlainSlice(SliceOp slice) {
  int64_t last = rankedTypeOf(slice.getInput()).getRank() - 1;
  return llvm::all_of(llvm::zip(slice.getAxes(), slice.getSteps()),
                      [&](auto pair) {
                        auto [axis, step] = pair;
                        return step == 1 || (step > 1 && axis != last);
                      });
}

bool AttentionOp::readsThrough(unsigned index, Operation *producer) {
  constexpr unsigned numMatrices = 3, valueIndex = 2;
  if (index >= numMatrices)
    return false;
  // A view, whose last axis is contiguous.
  if (auto slice = dyn_cast<SliceOp>(producer))
    return isPlainSlice(slice);
  auto transpose = dyn_cast<TransposeOp>(producer);
  if (!transpose)
    return false;
  ArrayRef<int64_t> permutation = transpose.getPermutation();
  int64_t rank = permutation.size();
  if (rank < 2)
    return false;
  // Queries and keys may also be turned around: [..., D, L].
  return permutation.back() == rank - 1 ||
         (index != valueIndex && permutation[rank - 2] == rank - 1);
}

bool AttentionOp::writesThrough(Operation *consumer) {
  auto transpose = dyn_cast<TransposeOp>(consumer);
  return transpose && transpose.getPermutation().back() ==
                          int64_t(transpose.getPermutation().size()) - 1;
}

//===----------------------------------------------------------------------===//
// Parts
//===----------------------------------------------------------------------===//

namespace {
/// Builds graph ops, element type and shapes inferred.
class PartBuilder {
public:
  PartBuilder(OpBuilder &builder, Location loc, Type elementType)
      : b(loc, builder), dims(builder, loc), type(elementType) {}

  /// A scalar of the element type.
  Value number(double value) { return constant(b.getFloatAttr(type, value)); }
  /// A scalar i64.
  Value integer(Dim value) {
    if (value.getConstant())
      return constant(b.getI64IntegerAttr(*value.getConstant()));
    return tensor::FromElementsOp::create(
        b, RankedTensorType::get({}, b.getI64Type()), castToI64(value));
  }
  Value reshape(Value tensor, ArrayRef<Dim> shape);
  Value transposeLast(Value tensor) {
    SmallVector<int64_t> permutation(rankedTypeOf(tensor).getRank());
    std::iota(permutation.begin(), permutation.end(), 0);
    std::swap(permutation.back(), permutation[permutation.size() - 2]);
    return TransposeOp::create(b, tensor, permutation);
  }
  /// `tensor` with its last axis but two as two, the first of size `outer`.
  Value splitHeads(Value tensor, int64_t outer);
  /// Where key j may serve query i, `j <= i + offset`, as [queries, keys].
  Value causalMask(Dim queries, Dim keys, Dim offset);
  /// `scores` as `op` caps and masks them.
  Value maskScores(AttentionOp op, Value scores, Value mask);

  ImplicitLocOpBuilder b;
  DimBuilder dims;

private:
  Value constant(TypedAttr value) {
    return ConstantOp::create(
        b, cast<ElementsAttr>(DenseElementsAttr::get(
               RankedTensorType::get({}, value.getType()), Attribute(value))));
  }
  Value castToI64(Dim dim) {
    if (dim.getConstant())
      return arith::ConstantOp::create(b,
                                       b.getI64IntegerAttr(*dim.getConstant()));
    return arith::IndexCastOp::create(b, b.getI64Type(), dim.getValue());
  }

  Type type;
};
} // namespace

Value PartBuilder::reshape(Value tensor, ArrayRef<Dim> shape) {
  SmallVector<Value> sizes;
  for (Dim dim : shape)
    sizes.push_back(castToI64(dim));
  auto list = RankedTensorType::get({int64_t(sizes.size())}, b.getI64Type());
  return ReshapeOp::create(b, tensor,
                           tensor::FromElementsOp::create(b, list, sizes),
                           /*allow_zero=*/true);
}

Value PartBuilder::splitHeads(Value tensor, int64_t outer) {
  SmallVector<Dim> shape = dims.shape(tensor);
  auto heads = shape.end() - 3;
  Dim inner = dims.floorDiv(*heads, outer);
  *heads = Dim(outer);
  shape.insert(heads + 1, inner);
  return reshape(tensor, shape);
}

Value PartBuilder::causalMask(Dim queries, Dim keys, Dim offset) {
  Value zero = integer(0), one = integer(1);
  Value lastKeys = reshape(
      RangeOp::create(b, integer(offset), one, integer(queries)), {queries, 1});
  return LessOrEqualOp::create(b, RangeOp::create(b, zero, one, integer(keys)),
                               lastKeys);
}

Value PartBuilder::maskScores(AttentionOp op, Value scores, Value mask) {
  if (!op.getSoftcap().isZero()) {
    Value cap = number(op.getSoftcap().convertToDouble());
    Value bent = TanhOp::create(b, DivOp::create(b, scores, cap).getResult());
    scores = MulOp::create(b, bent, cap);
  }
  if (mask && rankedTypeOf(mask).getElementType().isInteger(1))
    scores = WhereOp::create(b, mask, scores,
                             number(op.getFill().convertToDouble()));
  else if (mask)
    scores = AddOp::create(b, scores, mask);
  if (op.getCausality() == Causality::none)
    return scores;
  Dim queries = dims.shape(scores).end()[-2], keys = dims.shape(scores).back();
  Dim offset(0);
  if (op.getCausality() == Causality::from_end)
    offset = dims.sub(keys, queries);
  double lowest = -std::numeric_limits<double>::infinity();
  return WhereOp::create(b, causalMask(queries, keys, offset), scores,
                         number(lowest));
}

bool AttentionOp::hasKernel() { return true; }

SmallVector<Value> AttentionOp::decompose(OpBuilder &builder) {
  RankedTensorType type = rankedTypeOf(getResult());
  PartBuilder parts(builder, getLoc(), type.getElementType());
  ImplicitLocOpBuilder &b = parts.b;
  Value query = getQuery(), key = getKey(), value = getValue();
  Value mask = getMask();
  int64_t rank = type.getRank();
  SmallVector<Dim> shape = parts.dims.shape(query);
  shape.back() = parts.dims.dim(value, rank - 1);
  int64_t heads = rank > 2 ? rankedTypeOf(key).getDimSize(rank - 3) : 1;
  int64_t queryHeads = rank > 2 ? rankedTypeOf(query).getDimSize(rank - 3) : 1;
  // Dynamic numbers of heads are equal.
  if (queryHeads > heads && heads > 0) {
    query = parts.splitHeads(query, heads);
    key = parts.splitHeads(key, heads);
    value = parts.splitHeads(value, heads);
    if (mask && rankedTypeOf(mask).getRank() > 2) {
      RankedTensorType from = rankedTypeOf(mask);
      bool isShared = from.getDimSize(from.getRank() - 3) == 1;
      mask = parts.splitHeads(mask, isShared ? 1 : heads);
    }
  }
  Value scores = MatMulOp::create(b, query, parts.transposeLast(key));
  if (!getScale().isExactlyValue(1.0))
    scores =
        MulOp::create(b, scores, parts.number(getScale().convertToDouble()));
  scores = parts.maskScores(*this, scores, mask);
  Value weights = SoftmaxOp::create(b, SoftmaxKind::Soft, scores,
                                    rankedTypeOf(scores).getRank() - 1);
  Value result = MatMulOp::create(b, weights, value);
  if (rankedTypeOf(result).getRank() != rank)
    result = parts.reshape(result, shape);
  return {result};
}
