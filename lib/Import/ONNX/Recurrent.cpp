//===----------------------------------------------------------------------===//
// Import of recurrent operators.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "NodeBinder.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

namespace {
/// What an ONNX activation is here, and the constants it takes.
struct ActivationInfo {
  StringRef name;
  nn::ActivationKind kind;
  std::optional<double> alpha = std::nullopt;
  std::optional<double> beta = std::nullopt;
};
} // namespace

/// With the defaults of the operators of the same name.
static const ActivationInfo activationTable[] = {
    {"affine", nn::ActivationKind::affine, 1.0, 0.0},
    {"elu", nn::ActivationKind::elu, 1.0},
    {"hardsigmoid", nn::ActivationKind::hard_sigmoid, 0.2, 0.5},
    {"leakyrelu", nn::ActivationKind::leaky_relu, 0.01},
    {"relu", nn::ActivationKind::relu},
    {"scaledtanh", nn::ActivationKind::scaled_tanh, 1.0, 1.0},
    {"sigmoid", nn::ActivationKind::sigmoid},
    {"softplus", nn::ActivationKind::softplus},
    {"softsign", nn::ActivationKind::softsign},
    {"tanh", nn::ActivationKind::tanh},
    {"thresholdedrelu", nn::ActivationKind::thresholded_relu, 1.0},
};

/// The node's activations, or `defaults` once a direction. `activation_alpha`
/// and `activation_beta` are consumed by the functions that take them.
static FailureOr<ArrayAttr> getActivations(NodeBinder &node, int64_t directions,
                                           ArrayRef<StringRef> defaults) {
  SmallVector<std::string> names;
  for (int64_t d = 0; d < directions; ++d)
    names.append(defaults.begin(), defaults.end());
  if (auto given = node.stringsAttr("activations"); given && !given->empty())
    names = *given;
  SmallVector<float> alphas =
      node.floatsAttr("activation_alpha").value_or(SmallVector<float>());
  SmallVector<float> betas =
      node.floatsAttr("activation_beta").value_or(SmallVector<float>());
  Builder builder(node.context());
  auto consume = [&](SmallVector<float> &list,
                     std::optional<double> byDefault) -> FloatAttr {
    if (!byDefault)
      return {};
    double value = *byDefault;
    if (!list.empty()) {
      value = list.front();
      list.erase(list.begin());
    }
    return builder.getF64FloatAttr(value);
  };
  SmallVector<Attribute> functions;
  for (const std::string &name : names) {
    const auto *info = llvm::find_if(activationTable, [&](const auto &entry) {
      return entry.name.equals_insensitive(name);
    });
    if (info == std::end(activationTable))
      return node.error("has unknown activation '" + Twine(name) + "'");
    FloatAttr alpha = consume(alphas, info->alpha);
    FloatAttr beta = consume(betas, info->beta);
    functions.push_back(
        nn::ActivationAttr::get(node.context(), info->kind, alpha, beta));
  }
  return builder.getArrayAttr(functions);
}

namespace {
/// Inputs and attributes that LSTM, GRU and RNN share; batch-first tensors
/// (layout 1) are transposed.
class RecurrentNode {
public:
  explicit RecurrentNode(NodeBinder &node) : node(node) {}

  LogicalResult read(ArrayRef<StringRef> defaultActivations) {
    x = node.input(0), w = node.input(1), r = node.input(2);
    if (!x || !w || !r || failed(readDirection()))
      return failure();
    int64_t layout = node.intAttr("layout", 0);
    if (layout != 0 && layout != 1)
      return node.error("expects layout 0 or 1, but got " + Twine(layout));
    batchFirst = layout == 1;
    if (batchFirst && node.rankOf(x) != 3)
      return node.error("expects an input of rank 3, but got rank " +
                        Twine(node.rankOf(x)));
    if (batchFirst)
      x = node.transpose(x, {1, 0, 2});
    bias = node.optionalInput(3), lengths = node.optionalInput(4);
    FailureOr<Value> h = state(5);
    FailureOr<ArrayAttr> functions =
        getActivations(node, direction == nn::Direction::bidirectional ? 2 : 1,
                       defaultActivations);
    if (failed(h) || failed(functions) || failed(readClip()))
      return failure();
    initialH = *h, activations = *functions;
    return checkHiddenSize();
  }

  /// A first state [D, N, H]; null if not given.
  FailureOr<Value> state(size_t index) {
    Value value = node.optionalInput(index);
    if (!value || !batchFirst)
      return value;
    if (node.rankOf(value) != 3)
      return node.error("expects initial states of rank 3, but got rank " +
                        Twine(node.rankOf(value)));
    return node.transpose(value, {1, 0, 2});
  }

  /// Sets the outputs from y [S, D, N, H] and the last states [D, N, H].
  LogicalResult finish(ArrayRef<Value> results) {
    if (results.empty())
      return failure();
    for (auto [index, value] : llvm::enumerate(results)) {
      Value output = value;
      if (batchFirst && node.hasOutput(index))
        output = index == 0 ? node.transpose(value, {2, 0, 1, 3})
                            : node.transpose(value, {1, 0, 2});
      if (failed(node.result(index, output)))
        return failure();
    }
    return success();
  }

  Value x, w, r, bias, lengths, initialH;
  nn::Direction direction = nn::Direction::forward;
  ArrayAttr activations;
  FloatAttr clip;

private:
  LogicalResult readDirection() {
    std::string name = node.stringAttr("direction", "forward");
    std::optional<nn::Direction> found = nn::symbolizeDirection(name);
    if (!found)
      return node.error("expects direction forward, reverse or bidirectional, "
                        "but got '" +
                        Twine(name) + "'");
    direction = *found;
    return success();
  }

  LogicalResult readClip() {
    double bound = node.floatAttr("clip", 0);
    if (bound < 0 || bound != bound)
      return node.error("expects a clip of at least 0");
    if (bound > 0)
      clip = Builder(node.context()).getF64FloatAttr(bound);
    return success();
  }

  LogicalResult checkHiddenSize() {
    if (!node.hasAttr("hidden_size") || node.rankOf(r) != 3)
      return success();
    int64_t expected = node.intAttr("hidden_size", 0);
    int64_t found = node.typeOf(r).getDimSize(2);
    if (!ShapedType::isDynamic(found) && found != expected)
      return node.error("has hidden_size " + Twine(expected) +
                        ", but recurrence weights for " + Twine(found));
    return success();
  }

  NodeBinder &node;
  bool batchFirst = false;
};
} // namespace

static LogicalResult importLstm(NodeBinder &node) {
  RecurrentNode in(node);
  if (failed(in.read({"sigmoid", "tanh", "tanh"})))
    return failure();
  FailureOr<Value> initialC = in.state(6);
  if (failed(initialC))
    return failure();
  Value peepholes = node.optionalInput(7);
  bool inputForget = node.intAttr("input_forget", 0) != 0;
  return in.finish(node.createMulti<nn::LstmOp>(
      3, in.x, in.w, in.r, in.bias, in.lengths, in.initialH, *initialC,
      peepholes, in.direction, in.activations, in.clip, inputForget));
}

static LogicalResult importGru(NodeBinder &node) {
  RecurrentNode in(node);
  if (failed(in.read({"sigmoid", "tanh"})))
    return failure();
  bool before = node.intAttr("linear_before_reset", 0) != 0;
  return in.finish(node.createMulti<nn::GruOp>(
      2, in.x, in.w, in.r, in.bias, in.lengths, in.initialH, in.direction,
      in.activations, in.clip, before));
}

static LogicalResult importRnn(NodeBinder &node) {
  RecurrentNode in(node);
  if (failed(in.read({"tanh"})))
    return failure();
  return in.finish(node.createMulti<nn::RnnOp>(
      2, in.x, in.w, in.r, in.bias, in.lengths, in.initialH, in.direction,
      in.activations, in.clip));
}

void onnximport::addRecurrentOperators(OpTable &table) {
  table.add("GRU", 1, importGru);
  table.add("LSTM", 1, importLstm);
  table.add("RNN", 1, importRnn);
}
