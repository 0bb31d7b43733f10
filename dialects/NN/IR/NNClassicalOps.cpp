//===----------------------------------------------------------------------===//
// Decision trees and n-grams: shapes, reference, cost.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/MovementUtils.h"
#include "dialects/NN/IR/NNOps.h"
#include "dialects/NN/IR/ScalarOperands.h"

#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

static RankedTensorType typeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType());
}

/// The product, nullopt if one is dynamic or it does not fit.
static std::optional<int64_t> multiplySizes(ArrayRef<int64_t> sizes) {
  int64_t product = 1;
  for (int64_t size : sizes)
    if (ShapedType::isDynamic(size) ||
        llvm::MulOverflow(product, size, product))
      return std::nullopt;
  return product;
}

/// Fails unless `nodes` is a table of nodes; sets `count` to their number.
static LogicalResult checkNodes(DimBuilder &dims, Value nodes, Dim &count) {
  if (failed(requireRank(dims, nodes, 2, "nodes")))
    return failure();
  SmallVector<Dim> shape = dims.shape(nodes);
  count = shape[0];
  return dims.requireEqual(shape[1], Dim(5),
                           "the numbers of a node and their number");
}

//===----------------------------------------------------------------------===//
// TreeLeavesOp
//===----------------------------------------------------------------------===//

LogicalResult TreeLeavesOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                        SmallVectorImpl<ResultShape> &shapes) {
  Dim nodes;
  if (failed(requireRank(dims, adaptor.getInput(), 2, "an input")) ||
      failed(checkNodes(dims, adaptor.getNodes(), nodes)) ||
      failed(requireRank(dims, adaptor.getThresholds(), 1, "thresholds")) ||
      failed(requireRank(dims, adaptor.getRoots(), 1, "roots")))
    return failure();
  if (getElementTypeOf(adaptor.getInput()) !=
      getElementTypeOf(adaptor.getThresholds()))
    return dims.fail("expects thresholds of the input's element type");
  SmallVector<Dim> input = dims.shape(adaptor.getInput());
  Dim trees = dims.dim(adaptor.getRoots(), 0);
  Dim count = dims.mul(input[0], trees);
  if (failed(dims.requireEqual(dims.dim(adaptor.getThresholds(), 0), nodes,
                               "the numbers of thresholds and of nodes")) ||
      failed(checkNotEmpty(dims, nodes, count, "the table of nodes")) ||
      failed(checkNotEmpty(dims, input[1], count, "the axis of features")))
    return failure();
  shapes.push_back({IntegerType::get(adaptor.getInput().getContext(), 64),
                    {input[0], trees}});
  return success();
}

namespace {
/// Walks down one tree.
struct TreeWalk {
  const nncio::Tensor &input, &nodes, &thresholds;
  std::string message;

  int64_t field(int64_t node, int64_t i) const {
    return nodes.getInt(node * 5 + i);
  }

  bool takesTrue(int64_t node, double x) const {
    double t = thresholds.getDouble(node);
    if (std::isnan(x))
      return field(node, 4) != 0;
    switch (field(node, 0)) {
    case 0:
      return x <= t;
    case 1:
      return x < t;
    case 2:
      return x >= t;
    case 3:
      return x > t;
    case 4:
      return x == t;
    default:
      return x != t;
    }
  }

  /// The leaf, or -1 with a message.
  int64_t run(int64_t row, int64_t node) {
    int64_t count = nodes.shape()[0], features = input.shape()[1];
    for (int64_t steps = 0; steps <= count; ++steps) {
      if (node < 0 || node >= count)
        return fail("node " + std::to_string(node) + " is not from 0 to " +
                    std::to_string(count - 1));
      int64_t kind = field(node, 0), feature = field(node, 1);
      if (kind == 6)
        return node;
      if (kind < 0 || kind > 6)
        return fail("node " + std::to_string(node) + " is of unknown kind " +
                    std::to_string(kind));
      if (feature < 0 || feature >= features)
        return fail("feature " + std::to_string(feature) +
                    " is not from 0 to " + std::to_string(features - 1));
      bool isTrue = takesTrue(node, input.getDouble(row * features + feature));
      node = field(node, isTrue ? 2 : 3);
    }
    return fail("a tree has a cycle");
  }

  int64_t fail(std::string text) {
    message = std::move(text);
    return -1;
  }
};
} // namespace

std::string TreeLeavesOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                   MutableArrayRef<nncio::Tensor> results) {
  TreeWalk walk{operands[0], operands[1], operands[2], {}};
  int64_t trees = results[0].shape()[1];
  for (int64_t i = 0; i < results[0].size(); ++i) {
    int64_t leaf = walk.run(i / trees, operands[3].getInt(i % trees));
    if (leaf < 0)
      return walk.message;
    results[0].setInt(i, leaf);
  }
  return "";
}

std::optional<int64_t> TreeLeavesOp::getFlops() {
  // A comparison a level, of balanced trees.
  int64_t rows = typeOf(getInput()).getDimSize(0);
  int64_t trees = typeOf(getRoots()).getDimSize(0);
  int64_t nodes = typeOf(getNodes()).getDimSize(0);
  if (ShapedType::isDynamic(trees) || ShapedType::isDynamic(nodes))
    return std::nullopt;
  int64_t each = std::max<int64_t>(nodes / std::max<int64_t>(trees, 1), 1);
  return multiplySizes({rows, trees, int64_t(llvm::Log2_64_Ceil(each)) + 1});
}

//===----------------------------------------------------------------------===//
// TreeWeightsOp
//===----------------------------------------------------------------------===//

LogicalResult TreeWeightsOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                         SmallVectorImpl<ResultShape> &shapes) {
  ReduceKind kind = adaptor.getKind();
  if (kind != ReduceKind::Sum && kind != ReduceKind::Max &&
      kind != ReduceKind::Min)
    return dims.fail("expects kind sum, max or min, but got " +
                     stringifyReduceKind(kind));
  Dim nodes;
  if (failed(requireRank(dims, adaptor.getLeaves(), 2, "leaves")) ||
      failed(checkNodes(dims, adaptor.getNodes(), nodes)) ||
      failed(requireRank(dims, adaptor.getIds(), 1, "ids")) ||
      failed(requireRank(dims, adaptor.getWeights(), 1, "weights")) ||
      failed(dims.requireEqual(dims.dim(adaptor.getIds(), 0),
                               dims.dim(adaptor.getWeights(), 0),
                               "the numbers of ids and of weights")))
    return failure();
  SmallVector<Dim> leaves = dims.shape(adaptor.getLeaves());
  if (failed(checkNotEmpty(dims, nodes, dims.product(leaves),
                           "the table of nodes")))
    return failure();
  int64_t targets = adaptor.getTargets();
  if (targets < 1 || targets > windowNumberLimit)
    return dims.fail("expects 1 or more targets, but got " + Twine(targets));
  SmallVector<Dim> shape{leaves[0], Dim(targets)};
  if (failed(checkElementCount(dims, shape)))
    return failure();
  shapes.push_back({getElementTypeOf(adaptor.getWeights()), shape});
  return success();
}

std::string TreeWeightsOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                    MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &leaves = operands[0], &nodes = operands[1];
  const nncio::Tensor &ids = operands[2], &weights = operands[3];
  int64_t trees = leaves.shape()[1], targets = getTargets();
  for (int64_t row = 0; row < leaves.shape()[0]; ++row) {
    std::vector<std::optional<double>> sums(targets);
    for (int64_t tree = 0; tree < trees; ++tree) {
      int64_t leaf = leaves.getInt(row * trees + tree);
      if (leaf < 0 || leaf >= nodes.shape()[0])
        return "leaf " + std::to_string(leaf) + " is no node";
      int64_t begin = nodes.getInt(leaf * 5 + 1);
      int64_t end = nodes.getInt(leaf * 5 + 2);
      if (begin < 0 || end > ids.size())
        return "a leaf's weights are not from 0 to " +
               std::to_string(ids.size());
      for (int64_t i = begin; i < end; ++i) {
        int64_t id = ids.getInt(i);
        if (id < 0 || id >= targets)
          return "target " + std::to_string(id) + " is not from 0 to " +
                 std::to_string(targets - 1);
        double weight = weights.getDouble(i);
        std::optional<double> &sum = sums[id];
        if (!sum)
          sum = weight;
        else if (getKind() == ReduceKind::Sum)
          sum = *sum + weight;
        else
          sum = getKind() == ReduceKind::Max ? std::max(*sum, weight)
                                             : std::min(*sum, weight);
      }
    }
    for (int64_t id = 0; id < targets; ++id)
      results[0].setDouble(row * targets + id, sums[id].value_or(0));
  }
  return "";
}

std::optional<int64_t> TreeWeightsOp::getFlops() {
  RankedTensorType leaves = typeOf(getLeaves());
  return multiplySizes({leaves.getDimSize(0), leaves.getDimSize(1)});
}

//===----------------------------------------------------------------------===//
// NGramCountsOp
//===----------------------------------------------------------------------===//

LogicalResult NGramCountsOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                         SmallVectorImpl<ResultShape> &shapes) {
  SmallVector<Dim> shape = dims.shape(adaptor.getInput());
  if (shape.empty() || shape.size() > 2)
    return dims.fail("expects an input of rank 1 or 2, but got " +
                     Twine(shape.size()));
  if (failed(requireRank(dims, adaptor.getNgrams(), 2, "n-grams")) ||
      failed(requireRank(dims, adaptor.getLengths(), 1, "lengths")))
    return failure();
  Dim count = dims.dim(adaptor.getNgrams(), 0);
  if (failed(dims.requireEqual(count, dims.dim(adaptor.getLengths(), 0),
                               "the numbers of n-grams and of lengths")))
    return failure();
  int64_t maxSkip = adaptor.getMaxSkip();
  if (maxSkip < 0 || maxSkip > windowNumberLimit)
    return dims.fail("expects a largest skip of 0 or more, but got " +
                     Twine(maxSkip));
  shape.back() = count;
  shapes.push_back({Float32Type::get(adaptor.getInput().getContext()), shape});
  return success();
}

/// True if the items from `at` on, `step` apart, are the n-gram.
static bool matches(const nncio::Tensor &input, int64_t at, int64_t step,
                    const nncio::Tensor &ngrams, int64_t ngram,
                    int64_t length) {
  for (int64_t k = 0; k < length; ++k)
    if (input.getInt(at + k * step) !=
        ngrams.getInt(ngram * ngrams.shape()[1] + k))
      return false;
  return true;
}

std::string NGramCountsOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                    MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &input = operands[0], &ngrams = operands[1];
  int64_t size = input.shape().back(), count = ngrams.shape()[0];
  for (int64_t i = 0; i < results[0].size(); ++i) {
    int64_t ngram = i % count, row = i / count;
    int64_t length = operands[2].getInt(ngram), found = 0;
    if (length < 1 || length > ngrams.shape()[1])
      return "length " + std::to_string(length) +
             " of an n-gram is not from 1 to " +
             std::to_string(ngrams.shape()[1]);
    int64_t steps = length == 1 ? 1 : getMaxSkip() + 1;
    for (int64_t step = 1; step <= steps; ++step) {
      int64_t last = size - (length - 1) * step;
      if (last <= 0)
        break;
      for (int64_t at = 0; at < last; ++at)
        found += matches(input, row * size + at, step, ngrams, ngram, length);
    }
    results[0].setInt(i, found);
  }
  return "";
}

std::optional<int64_t> NGramCountsOp::getFlops() {
  // A comparison an item of the sequence, n-gram and step.
  RankedTensorType input = typeOf(getInput()), ngrams = typeOf(getNgrams());
  SmallVector<int64_t> sizes(input.getShape());
  sizes.push_back(ngrams.getDimSize(0));
  sizes.push_back(getMaxSkip() + 1);
  return multiplySizes(sizes);
}
