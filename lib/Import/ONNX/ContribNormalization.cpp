//===----------------------------------------------------------------------===//
// Import of normalizations and activations of the domain com.microsoft that are
// fused with what is around them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "Compose.h"
#include "Contrib.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;
using llvm::APFloat;

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

/// The normalization over the last axis, times `scale`, plus `bias` if it is
/// not null.
static Value normalizeLast(NodeBinder &node, Value input, Value scale,
                           Value bias, double epsilon, bool uncentered) {
  if (!input || !scale)
    return {};
  Value result = node.create<nn::NormalizeOp>(
      input, ArrayRef<int64_t>{NodeBinder::rankOf(input) - 1}, APFloat(epsilon),
      uncentered);
  return addOptional(node, node.create<nn::MulOp>(result, scale), bias);
}

/// The normalization of input 0 plus input 1, times a scale in input 2;
/// `uncentered` leaves out mean and bias. The sum is output 3.
template <bool uncentered>
static LogicalResult importSkipLayerNorm(NodeBinder &node) {
  bool valid = true;
  Value input = node.input(0), skip = node.input(1), scale = node.input(2);
  Value bias = uncentered ? Value() : readOptional(node, 3, valid);
  Value addend = readOptional(node, uncentered ? 3 : 4, valid);
  if (!input || !skip || !scale || !valid)
    return failure();
  if (node.hasOutput(1) || node.hasOutput(2))
    return node.error("expects that mean and deviation are not asked for "
                      "(outputs 1 and 2), but one is");
  Value sum = addOptional(node, node.create<nn::AddOp>(input, skip), addend);
  double epsilon = node.floatAttr("epsilon", 1e-12f);
  if (failed(node.result(
          0, normalizeLast(node, sum, scale, bias, epsilon, uncentered))))
    return failure();
  return node.result(3, sum);
}

/// Rows of the table in input `table` at the indices.
static Value embed(NodeBinder &node, size_t table, Value indices) {
  Value rows = node.input(table);
  if (!indices || failed(checkRank(node, rows, 2, "an embedding")))
    return {};
  return node.create<nn::GatherOp>(rows, indices, 0);
}

/// Sums of word, position and, if they are given, segment embeddings; then a
/// normalization. Output 1 counts the ones of each sequence of the mask.
static LogicalResult importEmbedLayerNorm(NodeBinder &node) {
  bool valid = true;
  Value words = node.input(0), segments = readOptional(node, 1, valid);
  Value scale = node.input(5), bias = node.input(6);
  Value mask = readOptional(node, 7, valid);
  Value positions = readOptional(node, 8, valid);
  if (!scale || !bias || !valid ||
      failed(checkRank(node, words, 2, "input_ids")))
    return failure();
  SmallVector<Dim> shape = node.shape(words);
  if (!positions)
    positions = countUp(node, shape[1]);
  Value sum =
      node.create<nn::AddOp>(embed(node, 2, words), embed(node, 3, positions));
  if (segments)
    sum = addOptional(node, sum, embed(node, 4, segments));
  double epsilon = node.floatAttr("epsilon", 1e-12f);
  if (failed(node.result(
          0, normalizeLast(node, sum, scale, bias, epsilon, false))) ||
      failed(node.result(2, sum)))
    return failure();
  if (!node.hasOutput(1))
    return success();
  Type type = node.builder().getI32Type();
  if (!mask)
    return node.result(1, fill(node, type, 0, {shape[0]}));
  Value ones = node.create<nn::EqualOp>(
      mask, node.scalar(NodeBinder::elementTypeOf(mask), 1));
  return node.result(1, node.create<nn::ReduceOp>(
                            nn::ReduceKind::Sum, convertTo(node, ones, type),
                            ArrayRef<int64_t>{1}, /*keep_dims=*/false));
}

//===----------------------------------------------------------------------===//
// Groups of channels
//===----------------------------------------------------------------------===//

/// The normalization over groups of channels, which are the last axis if
/// `channels_last`, with a scale and bias a channel, and then perhaps x times
/// its sigmoid.
static Value createGroupNorm(NodeBinder &node, Value input, Value scale,
                             Value bias) {
  int64_t groups = node.intAttr("groups", 0);
  int64_t kind = node.intAttr("activation", 0);
  if (groups < 1 || kind < 0 || kind > 1) {
    (void)node.error("expects groups of 1 or more and activation 0 or 1, but "
                     "got " +
                     Twine(groups) + " and " + Twine(kind));
    return {};
  }
  if (failed(checkRank(node, input, 4, "an input")) ||
      failed(checkRank(node, scale, 1, "gamma")) ||
      failed(checkRank(node, bias, 1, "beta")))
    return {};
  bool channelsLast = node.intAttr("channels_last", 1) != 0;
  Value planes =
      channelsLast ? moveChannels(node, input, /*toLast=*/false) : input;
  SmallVector<Dim> shape = node.shape(planes);
  std::optional<int64_t> channels = shape[1].getConstant();
  if (channels && *channels % groups) {
    (void)node.error("expects a number of channels that " + Twine(groups) +
                     " groups divide, but got " + Twine(*channels));
    return {};
  }
  DimBuilder dims(node.builder(), node.loc());
  Dim size = dims.mul(dims.floorDiv(shape[1], Dim(groups)),
                      dims.mul(shape[2], shape[3]));
  Value result = node.create<nn::NormalizeOp>(
      node.reshape(planes, {shape[0], Dim(groups), size}), ArrayRef<int64_t>{2},
      APFloat(node.floatAttr("epsilon", 1e-5f)),
      /*uncentered=*/false);
  result = node.reshape(result, shape);
  Type type = NodeBinder::elementTypeOf(input);
  SmallVector<Dim> column{shape[1], Dim(1), Dim(1)};
  result = node.create<nn::MulOp>(
      result, node.reshape(convertTo(node, scale, type), column));
  result = node.create<nn::AddOp>(
      result, node.reshape(convertTo(node, bias, type), column));
  if (kind == 1)
    result = node.create<nn::MulOp>(result, node.create<nn::SigmoidOp>(result));
  return channelsLast ? moveChannels(node, result, /*toLast=*/true) : result;
}

static LogicalResult importGroupNorm(NodeBinder &node) {
  return node.result(
      createGroupNorm(node, node.input(0), node.input(1), node.input(2)));
}

/// A skip that has one value a channel of each sample lies along the channels.
static LogicalResult importSkipGroupNorm(NodeBinder &node) {
  bool valid = true;
  Value input = node.input(0), scale = node.input(1), bias = node.input(2);
  Value skip = node.input(3), addend = readOptional(node, 4, valid);
  if (!scale || !bias || !skip || !valid ||
      failed(checkRank(node, input, 4, "an input")))
    return failure();
  bool channelsLast = node.intAttr("channels_last", 1) != 0;
  if (NodeBinder::rankOf(skip) == 2) {
    SmallVector<Dim> shape = node.shape(skip);
    shape.insert(shape.begin() + (channelsLast ? 1 : 2), 2, Dim(1));
    skip = node.reshape(skip, shape);
  }
  if (addend && !channelsLast)
    addend = node.reshape(addend, {node.shape(addend)[0], Dim(1), Dim(1)});
  Value sum = addOptional(node, node.create<nn::AddOp>(input, skip), addend);
  if (!sum || failed(node.result(0, createGroupNorm(node, sum, scale, bias))))
    return failure();
  return node.result(1, sum);
}

//===----------------------------------------------------------------------===//
// Biases
//===----------------------------------------------------------------------===//

static LogicalResult importBiasAdd(NodeBinder &node) {
  Value input = node.input(0), bias = node.input(1), skip = node.input(2);
  if (!input || !bias || !skip)
    return failure();
  return node.result(
      node.create<nn::AddOp>(node.create<nn::AddOp>(input, bias), skip));
}

/// The first half of the last axis times Gelu of the second.
static LogicalResult importBiasSplitGelu(NodeBinder &node) {
  Value input = node.input(0), bias = node.input(1);
  if (!input || !bias || failed(checkRank(node, input, 3, "an input")))
    return failure();
  Value sum = node.create<nn::AddOp>(input, bias);
  if (!sum)
    return failure();
  DimBuilder dims(node.builder(), node.loc());
  Dim width = node.shape(sum)[2], half = dims.floorDiv(width, Dim(2));
  Value gate = node.create<nn::GeluOp>(sliceAxis(node, sum, 2, half, width),
                                       /*tanh=*/false);
  return node.result(
      node.create<nn::MulOp>(sliceAxis(node, sum, 2, Dim(0), half), gate));
}

void onnximport::addContribNormalizationOperators(OpTable &table) {
  table.addTo(contribDomain, "BiasAdd", 1, importBiasAdd);
  table.addTo(contribDomain, "BiasSplitGelu", 1, importBiasSplitGelu);
  table.addTo(contribDomain, "EmbedLayerNormalization", 1,
              importEmbedLayerNorm);
  table.addTo(contribDomain, "GroupNorm", 1, importGroupNorm);
  table.addTo(contribDomain, "SkipGroupNorm", 1, importSkipGroupNorm);
  table.addTo(contribDomain, "SkipLayerNormalization", 1,
              importSkipLayerNorm</*uncentered=*/false>);
  table.addTo(contribDomain, "SkipSimplifiedLayerNormalization", 1,
              importSkipLayerNorm</*uncentered=*/true>);
}
