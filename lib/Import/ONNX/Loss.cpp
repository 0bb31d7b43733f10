//===----------------------------------------------------------------------===//
// Import of losses: log-softmax, a gather along the classes, weights, and a
// reduction.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "NodeBinder.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;
using nn::ReduceKind;

namespace {
/// [N, C, d...] log-probabilities, [N, d...] labels, [C] weights or null.
struct Loss {
  Value logProbabilities, labels, weights;
  std::optional<int64_t> ignored;
  std::string reduction;
};
} // namespace

static Value createReduction(NodeBinder &node, ReduceKind kind, Value input) {
  if (!input)
    return {};
  int64_t rank = NodeBinder::rankOf(input);
  return node.create<nn::ReduceOp>(kind, input,
                                   llvm::to_vector(llvm::seq<int64_t>(0, rank)),
                                   /*keep_dims=*/false);
}

static FailureOr<Loss> readLoss(NodeBinder &node) {
  Loss loss;
  Value input = loss.logProbabilities = node.input(0);
  loss.labels = node.input(1);
  if (!input || !loss.labels)
    return failure();
  loss.weights = node.optionalInput(2);
  int64_t rank = NodeBinder::rankOf(input);
  if (rank < 2 || NodeBinder::rankOf(loss.labels) != rank - 1)
    return node.error("expects scores of rank 2 or more and labels of rank one "
                      "less, but got ranks " +
                      Twine(rank) + " and " +
                      Twine(NodeBinder::rankOf(loss.labels)));
  if (loss.weights && NodeBinder::rankOf(loss.weights) != 1)
    return node.error("expects weights of rank 1, but got rank " +
                      Twine(NodeBinder::rankOf(loss.weights)));
  if (node.hasAttr("ignore_index"))
    loss.ignored = node.intAttr("ignore_index", 0);
  loss.reduction = node.stringAttr("reduction", "mean");
  if (loss.reduction != "none" && loss.reduction != "sum" &&
      loss.reduction != "mean")
    return node.error("expects attribute 'reduction' of none, sum or mean, but "
                      "got '" +
                      loss.reduction + "'");
  return loss;
}

/// The labels with those that are ignored, which may be no class, as class 0.
static Value createSafeLabels(NodeBinder &node, const Loss &loss,
                              Value isIgnored) {
  if (!isIgnored)
    return loss.labels;
  Type type = NodeBinder::elementTypeOf(loss.labels);
  return node.create<nn::WhereOp>(isIgnored, node.scalar(type, 0), loss.labels);
}

/// -log p of each label, 0 where ignored.
static Value createLosses(NodeBinder &node, const Loss &loss, Value labels,
                          Value isIgnored) {
  if (!labels)
    return {};
  SmallVector<Dim> shape = node.shape(labels), column = shape;
  column.insert(column.begin() + 1, Dim(1));
  Value chosen = node.create<nn::GatherElementsOp>(
      loss.logProbabilities, node.reshape(labels, column), /*axis=*/1);
  Value losses = node.create<nn::NegOp>(chosen);
  if (!losses)
    return {};
  losses = node.reshape(losses, shape);
  if (!losses || !isIgnored)
    return losses;
  Type type = NodeBinder::elementTypeOf(losses);
  return node.create<nn::WhereOp>(isIgnored, node.scalar(type, 0), losses);
}

/// The weight of each label, 0 where ignored; null if all are 1.
static Value createWeights(NodeBinder &node, const Loss &loss, Value labels,
                           Value isIgnored, Type type) {
  if (!loss.weights && !isIgnored)
    return {};
  Value weights = node.scalar(type, 1);
  if (loss.weights)
    weights = node.create<nn::GatherOp>(loss.weights, labels, /*axis=*/0);
  if (!isIgnored)
    return weights;
  return node.create<nn::WhereOp>(isIgnored, node.scalar(type, 0), weights);
}

static LogicalResult importLoss(NodeBinder &node, const Loss &loss) {
  Type type = NodeBinder::elementTypeOf(loss.logProbabilities);
  Type labelType = NodeBinder::elementTypeOf(loss.labels);
  Value isIgnored;
  if (loss.ignored) {
    isIgnored = node.create<nn::EqualOp>(loss.labels,
                                         node.scalar(labelType, *loss.ignored));
    if (!isIgnored)
      return failure();
  }
  Value labels = createSafeLabels(node, loss, isIgnored);
  Value losses = createLosses(node, loss, labels, isIgnored);
  Value weights = createWeights(node, loss, labels, isIgnored, type);
  if (!losses)
    return failure();
  if (loss.weights)
    losses = node.create<nn::MulOp>(losses, weights);
  if (loss.reduction == "none")
    return node.result(losses);
  if (loss.reduction == "sum" || !weights)
    return node.result(createReduction(
        node, loss.reduction == "sum" ? ReduceKind::Sum : ReduceKind::Mean,
        losses));
  return node.result(
      node.create<nn::DivOp>(createReduction(node, ReduceKind::Sum, losses),
                             createReduction(node, ReduceKind::Sum, weights)));
}

static LogicalResult importNegativeLogLikelihood(NodeBinder &node) {
  FailureOr<Loss> loss = readLoss(node);
  return failed(loss) ? failure() : importLoss(node, *loss);
}

static LogicalResult importSoftmaxCrossEntropy(NodeBinder &node) {
  FailureOr<Loss> loss = readLoss(node);
  if (failed(loss))
    return failure();
  loss->logProbabilities = node.create<nn::SoftmaxOp>(
      nn::SoftmaxKind::Log, loss->logProbabilities, /*axis=*/1);
  if (!loss->logProbabilities || failed(node.result(1, loss->logProbabilities)))
    return failure();
  return importLoss(node, *loss);
}

void onnximport::addLossOperators(OpTable &table) {
  table.add("NegativeLogLikelihoodLoss", 12, importNegativeLogLikelihood);
  table.add("SoftmaxCrossEntropyLoss", 12, importSoftmaxCrossEntropy);
}
