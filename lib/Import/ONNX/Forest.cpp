//===----------------------------------------------------------------------===//
// Import of ensembles of decision trees.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "ClassicalImport.h"
#include "ForestTable.h"

#include "llvm/ADT/DenseMap.h"
#include <cmath>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;
using nn::ReduceKind;

//===----------------------------------------------------------------------===//
// Attributes of TreeEnsembleRegressor and TreeEnsembleClassifier
//===----------------------------------------------------------------------===//

namespace {
/// Reads the lists in which each node has an entry.
struct ForestReader {
  explicit ForestReader(NodeBinder &node) : node(node) {}

  NodeBinder &node;
  Forest forest;
  llvm::DenseMap<std::pair<int64_t, int64_t>, int64_t> numbers;

  LogicalResult readNodes();
  LogicalResult readWeights(StringRef prefix);
  FailureOr<SmallVector<int64_t>> readList(StringRef name, size_t count);

private:
  LogicalResult numberNodes(ArrayRef<int64_t> trees, ArrayRef<int64_t> ids);
  LogicalResult readModes(size_t count);
};
} // namespace

/// Zeros if the node has no such list.
FailureOr<SmallVector<int64_t>> ForestReader::readList(StringRef name,
                                                       size_t count) {
  std::optional<SmallVector<int64_t>> list = node.intsAttr(name);
  if (!list || list->empty())
    return SmallVector<int64_t>(count, 0);
  if (list->size() != count)
    return node.error("expects " + Twine(count) + " numbers in attribute '" +
                      name + "', but got " + Twine(list->size()));
  return *list;
}

LogicalResult ForestReader::numberNodes(ArrayRef<int64_t> trees,
                                        ArrayRef<int64_t> ids) {
  // Two numbers are reserved by the map.
  constexpr int64_t limit = int64_t(1) << 62;
  llvm::DenseMap<int64_t, bool> seen;
  for (size_t i = 0; i < trees.size(); ++i) {
    if (trees[i] < -limit || trees[i] > limit || ids[i] < -limit ||
        ids[i] > limit)
      return node.error("has a number of a tree or a node beyond 2^62");
    if (!numbers.try_emplace({trees[i], ids[i]}, int64_t(i)).second)
      return node.error("has node " + Twine(ids[i]) + " of tree " +
                        Twine(trees[i]) + " twice");
    // A tree starts at the first of its nodes.
    if (seen.try_emplace(trees[i], true).second)
      forest.roots.push_back(i);
  }
  return success();
}

LogicalResult ForestReader::readModes(size_t count) {
  static constexpr StringRef names[] = {"BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE",
                                        "BRANCH_GT",  "BRANCH_EQ", "BRANCH_NEQ",
                                        "LEAF"};
  SmallVector<std::string> modes =
      node.stringsAttr("nodes_modes").value_or(SmallVector<std::string>());
  if (modes.size() != count)
    return node.error("expects " + Twine(count) +
                      " names in attribute 'nodes_modes', but got " +
                      Twine(modes.size()));
  for (size_t i = 0; i < count; ++i) {
    const StringRef *found = llvm::find(names, StringRef(modes[i]));
    if (found == std::end(names))
      return node.error("has a node of unknown mode '" + modes[i] + "'");
    forest.nodes[i].kind = found - names;
  }
  return success();
}

LogicalResult ForestReader::readNodes() {
  std::optional<SmallVector<int64_t>> ids = node.intsAttr("nodes_nodeids");
  if (!ids || ids->empty())
    return node.error("expects numbers in attribute 'nodes_nodeids'");
  size_t count = ids->size();
  forest.nodes.resize(count);
  auto trees = readList("nodes_treeids", count);
  auto features = readList("nodes_featureids", count);
  auto onTrue = readList("nodes_truenodeids", count);
  auto onFalse = readList("nodes_falsenodeids", count);
  auto missing = readList("nodes_missing_value_tracks_true", count);
  FailureOr<SmallVector<double>> values = readFloats(node, "nodes_values");
  if (failed(trees) || failed(features) || failed(onTrue) || failed(onFalse) ||
      failed(missing) || failed(values) || failed(readModes(count)) ||
      failed(numberNodes(*trees, *ids)))
    return failure();
  if (values->size() != count)
    return node.error("expects " + Twine(count) +
                      " numbers in attribute 'nodes_values', but got " +
                      Twine(values->size()));
  forest.thresholds = *values;
  for (size_t i = 0; i < count; ++i) {
    if (forest.isLeaf(i))
      continue;
    auto find = [&](int64_t id) {
      auto found = numbers.find({(*trees)[i], id});
      return found == numbers.end() ? -1 : found->second;
    };
    constexpr int64_t limit = int64_t(1) << 62;
    for (int64_t id : {(*onTrue)[i], (*onFalse)[i]})
      if (id < -limit || id > limit || find(id) < 0)
        return node.error("has node " + Twine((*ids)[i]) + " of tree " +
                          Twine((*trees)[i]) + " with child " + Twine(id) +
                          ", which the tree does not have");
    forest.nodes[i] = {forest.nodes[i].kind, (*features)[i], find((*onTrue)[i]),
                       find((*onFalse)[i]), (*missing)[i] != 0};
  }
  return success();
}

/// The lists that start with `prefix`: target or class.
LogicalResult ForestReader::readWeights(StringRef prefix) {
  FailureOr<SmallVector<double>> values =
      readFloats(node, (prefix + "_weights").str());
  if (failed(values))
    return failure();
  size_t count = values->size();
  auto trees = readList((prefix + "_treeids").str(), count);
  auto ids = readList((prefix + "_nodeids").str(), count);
  auto targets = readList((prefix + "_ids").str(), count);
  if (failed(trees) || failed(ids) || failed(targets))
    return failure();
  SmallVector<LeafWeight> weights;
  for (size_t i = 0; i < count; ++i) {
    auto found = numbers.find({(*trees)[i], (*ids)[i]});
    if (found == numbers.end())
      return node.error("has a weight for node " + Twine((*ids)[i]) +
                        " of tree " + Twine((*trees)[i]) +
                        ", which is not there");
    // Only leaves are reached.
    if (forest.isLeaf(found->second))
      weights.push_back({found->second, (*targets)[i], (*values)[i]});
  }
  setWeights(forest, weights);
  return success();
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

/// [rows, targets] combined weights.
static Value createScores(NodeBinder &node, const Forest &forest,
                          Value features, ReduceKind kind) {
  if (failed(checkForest(node, forest, features)))
    return {};
  Type type = node.elementTypeOf(features);
  Value table = forest.createTable(node);
  Value thresholds = createNumbers(node, type, forest.thresholds,
                                   {int64_t(forest.thresholds.size())});
  Value leaves = node.create<nn::TreeLeavesOp>(features, table, thresholds,
                                               node.indices(forest.roots));
  return node.create<nn::TreeWeightsOp>(
      kind, leaves, table, node.indices(forest.ids),
      createNumbers(node, type, forest.weights,
                    {int64_t(forest.weights.size())}),
      forest.targets);
}

/// Adds base values, one for all or one a target.
static Value addBaseValues(NodeBinder &node, Value scores, int64_t targets) {
  FailureOr<SmallVector<double>> base = readFloats(node, "base_values");
  if (failed(base))
    return {};
  if (base->empty() || !scores)
    return scores;
  int64_t count = base->size();
  if (count != 1 && count != targets) {
    (void)node.error("expects 1 or " + Twine(targets) +
                     " base values, but got " + Twine(count));
    return {};
  }
  return node.create<nn::AddOp>(
      scores, createNumbers(node, node.elementTypeOf(scores), *base, {count}));
}

/// The combination with a number of ai.onnx.ml 5; an average is a sum of
/// weights that are divided before.
static ReduceKind startAggregation(Forest &forest, int64_t number) {
  if (number == 0)
    for (double &weight : forest.weights)
      weight /= double(forest.roots.size());
  return number == 2   ? ReduceKind::Min
         : number == 3 ? ReduceKind::Max
                       : ReduceKind::Sum;
}

static LogicalResult importTreeEnsembleRegressor(NodeBinder &node) {
  static constexpr StringRef functions[] = {"AVERAGE", "SUM", "MIN", "MAX"};
  Value features = readFeatures(node);
  FailureOr<PostTransform> transform = readPostTransform(node);
  ForestReader reader(node);
  if (!features || failed(transform) || failed(reader.readNodes()) ||
      failed(reader.readWeights("target")))
    return failure();
  std::string function = node.stringAttr("aggregate_function", "SUM");
  const StringRef *found = llvm::find(functions, StringRef(function));
  if (found == std::end(functions))
    return node.error("expects attribute 'aggregate_function' of AVERAGE, SUM, "
                      "MIN or MAX, but got '" +
                      function + "'");
  reader.forest.targets = node.intAttr("n_targets", 1);
  ReduceKind kind = startAggregation(reader.forest, found - functions);
  Value scores = createScores(node, reader.forest, features, kind);
  scores = addBaseValues(node, scores, reader.forest.targets);
  scores = applyPostTransform(node, scores, *transform);
  return node.result(
      node.create<nn::CastOp>(scores, node.builder().getF32Type()));
}

/// Two columns from the one that has weights: [1 - s, s], or [-s, s] where a
/// transform follows that makes probabilities of them.
static Value createBinaryScores(NodeBinder &node, Value scores, int64_t column,
                                PostTransform transform) {
  Value chosen = node.create<nn::GatherOp>(
      scores, node.indices(ArrayRef<int64_t>{column}), /*axis=*/1);
  if (!chosen)
    return {};
  Value one = node.scalar(node.elementTypeOf(chosen), 1);
  bool isPlain =
      transform == PostTransform::None || transform == PostTransform::Probit;
  Value other = isPlain ? node.create<nn::SubOp>(one, chosen)
                        : node.create<nn::NegOp>(chosen);
  SmallVector<Value> columns{other, chosen};
  return other ? node.create<nn::ConcatOp>(columns, /*axis=*/1) : Value();
}

static LogicalResult importTreeEnsembleClassifier(NodeBinder &node) {
  Value features = readFeatures(node);
  FailureOr<PostTransform> transform = readPostTransform(node);
  FailureOr<SmallVector<int64_t>> labels =
      readLabels(node, "classlabels_int64s", "classlabels_strings");
  ForestReader reader(node);
  if (!features || failed(transform) || failed(labels) ||
      failed(reader.readNodes()) || failed(reader.readWeights("class")))
    return failure();
  if (labels->empty())
    return node.error("expects labels in attribute 'classlabels_int64s'");
  Forest &forest = reader.forest;
  forest.targets = labels->size();
  Value scores = createScores(node, forest, features, ReduceKind::Sum);
  scores = addBaseValues(node, scores, forest.targets);
  if (!scores)
    return failure();
  // All weights are for one of at most two classes: it or the other one.
  bool isBinary =
      forest.targets <= 2 && !forest.ids.empty() && llvm::all_equal(forest.ids);
  if (isBinary) {
    scores = createBinaryScores(node, scores, forest.ids.front(), *transform);
    if (labels->size() == 1)
      labels->insert(labels->begin(), 0);
  }
  scores = applyPostTransform(node, scores, *transform);
  Value label = scores ? pickLabels(node, scores, *labels) : Value();
  scores = node.create<nn::CastOp>(scores, node.builder().getF32Type());
  return success(succeeded(node.result(0, label)) &&
                 succeeded(node.result(1, scores)));
}

//===----------------------------------------------------------------------===//
// TreeEnsemble
//===----------------------------------------------------------------------===//

/// Numbers of a tensor attribute, `count` of them unless negative.
static FailureOr<std::vector<double>>
readTensorList(NodeBinder &node, StringRef name, int64_t count) {
  FailureOr<nncio::Tensor> tensor = node.tensorAttr(name);
  if (failed(tensor))
    return failure();
  if (count >= 0 && tensor->size() != count)
    return node.error("expects " + Twine(count) + " numbers in attribute '" +
                      name + "', but got " + Twine(tensor->size()));
  return tensor->toDoubles();
}

/// A node that tests for several values becomes a chain of nodes that test for
/// one each. `next` is moved behind the values of this node.
static LogicalResult expandMembership(NodeBinder &node, Forest &forest,
                                      int64_t at, ArrayRef<double> values,
                                      size_t &next) {
  size_t end = next;
  while (end < values.size() && !std::isnan(values[end]))
    ++end;
  if (end == values.size())
    return node.error("expects values in attribute 'membership_values', with "
                      "NaN behind them, for each node of mode MEMBER");
  Forest::Node row = forest.nodes[at];
  row.kind = 4;
  forest.nodes[at] = row;
  // Without values nothing is equal.
  forest.thresholds[at] = values[next];
  for (size_t i = next + 1; i < end; ++i) {
    forest.nodes[at].third = forest.nodes.size();
    at = forest.nodes.size();
    forest.nodes.push_back(row);
    forest.thresholds.push_back(values[i]);
  }
  next = end + 1;
  return success();
}

/// Branches are numbered as in the attributes, leaves behind them.
static LogicalResult readFlatForest(NodeBinder &node, Forest &forest) {
  auto ints = [&](StringRef name) {
    return node.intsAttr(name).value_or(SmallVector<int64_t>());
  };
  SmallVector<int64_t> features = ints("nodes_featureids");
  SmallVector<int64_t> children[] = {ints("nodes_truenodeids"),
                                     ints("nodes_falsenodeids")};
  SmallVector<int64_t> areLeaves[] = {ints("nodes_trueleafs"),
                                      ints("nodes_falseleafs")};
  SmallVector<int64_t> missing = ints("nodes_missing_value_tracks_true");
  SmallVector<int64_t> targets = ints("leaf_targetids");
  int64_t count = features.size(), leaves = targets.size();
  auto modes = readTensorList(node, "nodes_modes", count);
  auto splits = readTensorList(node, "nodes_splits", count);
  auto weights = readTensorList(node, "leaf_weights", leaves);
  if (failed(modes) || failed(splits) || failed(weights))
    return failure();
  std::vector<double> members;
  if (node.hasAttr("membership_values")) {
    auto list = readTensorList(node, "membership_values", -1);
    if (failed(list))
      return failure();
    members = *list;
  }
  if (missing.empty())
    missing.resize(count, 0);
  for (ArrayRef<int64_t> list :
       {ArrayRef(children[0]), ArrayRef(children[1]), ArrayRef(areLeaves[0]),
        ArrayRef(areLeaves[1]), ArrayRef(missing)})
    if (int64_t(list.size()) != count)
      return node.error("expects an entry for each of " + Twine(count) +
                        " nodes, but got " + Twine(list.size()));
  forest.nodes.resize(count + leaves);
  forest.thresholds.assign(splits->begin(), splits->end());
  forest.thresholds.resize(count + leaves, 0);
  forest.roots = ints("tree_roots");
  for (int64_t i = 0; i < count; ++i) {
    double mode = (*modes)[i];
    if (!(mode >= 0 && mode <= 6))
      return node.error("has a node of unknown mode " + Twine(int64_t(mode)));
    int64_t child[2];
    for (int side = 0; side < 2; ++side) {
      child[side] = children[side][i];
      if (child[side] < 0 ||
          child[side] >= (areLeaves[side][i] ? leaves : count))
        return node.error("has node " + Twine(i) + " with child " +
                          Twine(child[side]) + ", which is not there");
      child[side] += areLeaves[side][i] ? count : 0;
    }
    forest.nodes[i] = {int64_t(mode), features[i], child[0], child[1],
                       missing[i] != 0};
  }
  size_t next = 0;
  for (int64_t i = 0; i < count; ++i)
    if ((*modes)[i] == 6 &&
        failed(expandMembership(node, forest, i, members, next)))
      return failure();
  SmallVector<LeafWeight> list;
  for (int64_t i = 0; i < leaves; ++i)
    list.push_back({count + i, targets[i], (*weights)[i]});
  setWeights(forest, list);
  return success();
}

static LogicalResult importTreeEnsemble(NodeBinder &node) {
  Value features = readFeatures(node);
  FailureOr<PostTransform> transform = readPostTransform(node);
  Forest forest;
  if (!features || failed(transform) || failed(readFlatForest(node, forest)))
    return failure();
  int64_t function = node.intAttr("aggregate_function", 1);
  if (function < 0 || function > 3)
    return node.error("expects attribute 'aggregate_function' from 0 to 3, but "
                      "got " +
                      Twine(function));
  forest.targets = node.intAttr("n_targets", 1);
  ReduceKind kind = startAggregation(forest, function);
  Value scores = createScores(node, forest, features, kind);
  scores = applyPostTransform(node, scores, *transform);
  return node.result(
      node.create<nn::CastOp>(scores, node.elementTypeOf(node.input(0))));
}

void onnximport::addForestOperators(OpTable &table) {
  table.addTo(classicalDomain, "TreeEnsemble", 5, importTreeEnsemble);
  table.addTo(classicalDomain, "TreeEnsembleClassifier", 1,
              importTreeEnsembleClassifier);
  table.addTo(classicalDomain, "TreeEnsembleRegressor", 1,
              importTreeEnsembleRegressor);
}
