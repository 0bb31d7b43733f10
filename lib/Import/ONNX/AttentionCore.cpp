//===----------------------------------------------------------------------===//
// What the operators of attention have in common.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "AttentionCore.h"

#include "Compose.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

static constexpr double infinity = std::numeric_limits<double>::infinity();

FailureOr<double> onnximport::readScale(NodeBinder &node, Value query,
                                        bool zeroIsAbsent) {
  double given = node.floatAttr("scale", 0);
  if (node.hasAttr("scale") && !(zeroIsAbsent && given == 0))
    return given;
  std::optional<int64_t> width = node.shape(query).back().getConstant();
  if (!width)
    return node.error("expects a head size that is known, or attribute "
                      "'scale'; give the input's shape with --shape");
  return 1 / std::sqrt(double(std::max<int64_t>(*width, 1)));
}

//===----------------------------------------------------------------------===//
// Masks
//===----------------------------------------------------------------------===//

Value onnximport::intersectMasks(NodeBinder &node, Value lhs, Value rhs) {
  if (!lhs || !rhs)
    return lhs ? lhs : rhs;
  return node.create<nn::AndOp>(lhs, rhs);
}

Value onnximport::createCausalMask(NodeBinder &node, Dim queries, Dim keys,
                                   Value offset, int64_t window) {
  Value last = node.reshape(countUp(node, queries), {queries, Dim(1)});
  last = addOptional(node, last, offset);
  Value columns = countUp(node, keys);
  Value mask = node.create<nn::LessOrEqualOp>(columns, last);
  if (window <= 0 || !mask)
    return mask;
  Value behind = node.create<nn::SubOp>(
      last, node.scalar(node.builder().getI64Type(), double(window)));
  return node.create<nn::AndOp>(mask, node.create<nn::LessOp>(behind, columns));
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

/// Reports heads of queries that those of keys do not divide.
static LogicalResult checkHeads(NodeBinder &node, Dim queries, Dim keys) {
  std::optional<int64_t> many = queries.getConstant(), few = keys.getConstant();
  if (!many || !few || (*few > 0 && *many % *few == 0))
    return success();
  return node.error("expects a number of query heads that the number of key "
                    "heads divides, but got " +
                    Twine(*many) + " and " + Twine(*few));
}

/// The softmax over the last axis, with the sink as one more element.
static Value createWeights(NodeBinder &node, const Attention &attention) {
  Type type = NodeBinder::elementTypeOf(attention.masked);
  Type precision = attention.precision ? attention.precision : type;
  Value scores = convertTo(node, attention.masked, precision);
  SmallVector<Dim> shape = node.shape(attention.masked);
  Dim keys = shape.back();
  if (attention.sink) {
    shape.back() = Dim(1);
    Value sink =
        node.create<nn::BroadcastOp>(convertTo(node, attention.sink, precision),
                                     node.indices(ArrayRef<Dim>(shape)));
    scores = joinAxis(node, {scores, sink}, 3);
  }
  Value weights = node.create<nn::SoftmaxOp>(nn::SoftmaxKind::Soft, scores, 3);
  if (attention.sink)
    weights = sliceAxis(node, weights, 3, Dim(0), keys);
  return convertTo(node, weights, type);
}

LogicalResult onnximport::createAttention(NodeBinder &node, Attention &a) {
  for (auto [tensor, name] :
       {std::pair(a.query, "query"), std::pair(a.key, "key"),
        std::pair(a.value, "value")})
    if (failed(checkRank(node, tensor, 4, name)))
      return failure();
  SmallVector<Dim> query = node.shape(a.query), key = node.shape(a.key);
  if (failed(checkHeads(node, query[1], key[1])))
    return failure();
  // Query heads that share a key head become rows of one matrix.
  DimBuilder dims(node.builder(), node.loc());
  bool isGrouped = !query[1].isSameAs(key[1]);
  Dim group =
      isGrouped ? dims.floorDiv(query[1], dims.max(key[1], Dim(1))) : Dim(1);
  Dim rows = dims.mul(group, query[2]);
  Value left = scaleBy(node, a.query, a.scale);
  if (isGrouped)
    left = node.reshape(left, {query[0], key[1], rows, query[3]});
  Value right = node.transpose(a.key, {0, 1, 3, 2});
  Value scores = node.create<nn::MatMulOp>(left, right);
  if (isGrouped)
    scores = node.reshape(scores, {query[0], query[1], query[2], key[2]});
  if (!scores)
    return failure();
  a.scores = a.limited = scores;
  Type type = NodeBinder::elementTypeOf(scores);
  if (a.softcap != 0)
    a.limited = scaleBy(
        node, node.create<nn::TanhOp>(scaleBy(node, scores, 1 / a.softcap)),
        a.softcap);
  a.masked = addOptional(node, a.limited, convertTo(node, a.bias, type));
  if (a.allowed)
    a.masked = node.create<nn::WhereOp>(a.allowed, a.masked,
                                        node.scalar(type, -infinity));
  if (!a.masked)
    return failure();
  a.weights = createWeights(node, a);
  if (!a.weights)
    return failure();
  Value weights =
      convertTo(node, a.weights, NodeBinder::elementTypeOf(a.value));
  if (isGrouped)
    weights = node.reshape(weights, {query[0], key[1], rows, key[2]});
  Value output = node.create<nn::MatMulOp>(weights, a.value);
  if (isGrouped && output)
    output = node.reshape(
        output, {query[0], query[1], query[2], node.shape(a.value)[3]});
  a.output = convertTo(node, output, type);
  return success(a.output != nullptr);
}

//===----------------------------------------------------------------------===//
// Rotary positions
//===----------------------------------------------------------------------===//

Value onnximport::rotatePositions(NodeBinder &node, Value input, Value cosine,
                                  Value sine, bool interleaved) {
  if (!input || !cosine || !sine)
    return {};
  DimBuilder dims(node.builder(), node.loc());
  SmallVector<Dim> shape = node.shape(input);
  int64_t axis = int64_t(shape.size()) - 1;
  Dim width = shape.back(), half = node.shape(cosine).back();
  Dim rotated = dims.mul(half, Dim(2));
  if (rotated.getConstant() && width.getConstant() &&
      *rotated.getConstant() > *width.getConstant()) {
    (void)node.error("expects at most " + Twine(*width.getConstant()) +
                     " elements to rotate, but got " +
                     Twine(*rotated.getConstant()));
    return {};
  }
  Value part = sliceAxis(node, input, axis, Dim(0), rotated);
  Value first, second;
  if (interleaved) {
    SmallVector<Dim> pairs(shape);
    pairs.back() = half;
    pairs.push_back(Dim(2));
    Value split = node.reshape(part, pairs);
    pairs.pop_back();
    first = node.reshape(sliceAxis(node, split, axis + 1, 0, 1), pairs);
    second = node.reshape(sliceAxis(node, split, axis + 1, 1, 2), pairs);
  } else {
    first = sliceAxis(node, part, axis, Dim(0), half);
    second = sliceAxis(node, part, axis, half, rotated);
  }
  Value real = node.create<nn::SubOp>(node.create<nn::MulOp>(cosine, first),
                                      node.create<nn::MulOp>(sine, second));
  Value imaginary =
      node.create<nn::AddOp>(node.create<nn::MulOp>(sine, first),
                             node.create<nn::MulOp>(cosine, second));
  Value result;
  if (interleaved) {
    SmallVector<Dim> pairs(shape);
    pairs.back() = half;
    pairs.push_back(Dim(1));
    result = joinAxis(
        node, {node.reshape(real, pairs), node.reshape(imaginary, pairs)},
        axis + 1);
    pairs.pop_back();
    pairs.back() = rotated;
    result = result ? node.reshape(result, pairs) : Value();
  } else {
    result = joinAxis(node, {real, imaginary}, axis);
  }
  if (rotated.isSameAs(width) || !result)
    return result;
  return joinAxis(node, {result, sliceAxis(node, input, axis, rotated, width)},
                  axis);
}
