//===----------------------------------------------------------------------===//
// Import of normalizations: decomposed into nn.normalize, reductions and
// element-wise ops.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "NodeBinder.h"
#include "nnc/Interfaces/ElementTypes.h"

#include <cmath>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;
using nn::ReduceKind;

//===----------------------------------------------------------------------===//
// Pieces
//===----------------------------------------------------------------------===//

/// f32 for the 16-bit floats, else the type itself.
static Type getWideType(Type type) {
  return type.isF16() || type.isBF16() ? Float32Type::get(type.getContext())
                                       : type;
}

static Value castTo(NodeBinder &node, Value tensor, Type type) {
  if (!tensor || NodeBinder::elementTypeOf(tensor) == type)
    return tensor;
  return node.create<nn::CastOp>(tensor, type);
}

/// A parameter of rank 1 as [length, 1, ..., 1], so that it lies along the axis
/// with `after` axes behind it.
static Value alongAxis(NodeBinder &node, Value parameter, int64_t after) {
  if (!parameter || after <= 0)
    return parameter;
  SmallVector<Dim> shape = node.shape(parameter);
  shape.append(after, Dim(1));
  return node.reshape(parameter, shape);
}

/// Reports if `parameter` is not of rank 1, or surely of another length than
/// `length`.
static LogicalResult checkParameter(NodeBinder &node, Value parameter,
                                    StringRef name, Dim length) {
  RankedTensorType type = NodeBinder::typeOf(parameter);
  if (type.getRank() != 1)
    return node.error("expects " + name + " of rank 1, but got rank " +
                      Twine(type.getRank()));
  std::optional<int64_t> expected = length.getConstant();
  if (!expected || type.isDynamicDim(0) || type.getDimSize(0) == *expected)
    return success();
  return node.error("expects " + name + " of length " + Twine(*expected) +
                    ", but got " + Twine(type.getDimSize(0)));
}

/// Constants that stay in a file come into the IR, so that what is computed
/// from them folds.
static Value loadConstant(NodeBinder &node, Value tensor) {
  if (!tensor || !tensor.getDefiningOp<nn::WeightOp>() ||
      NodeBinder::typeOf(tensor).getNumElements() > nn::foldElementLimit)
    return tensor;
  nncio::Result<nncio::Tensor> constant = nn::getConstantTensor(tensor);
  return constant ? node.constant(*constant) : tensor;
}

/// 1 / sqrt(variance + epsilon).
static Value createScale(NodeBinder &node, Value variance, double epsilon) {
  if (!variance)
    return {};
  Type type = NodeBinder::elementTypeOf(variance);
  Value root = node.create<nn::SqrtOp>(
      node.create<nn::AddOp>(variance, node.scalar(type, epsilon)));
  return node.create<nn::DivOp>(node.scalar(type, 1), root);
}

static SmallVector<int64_t> axesFrom(int64_t first, int64_t rank) {
  return llvm::to_vector(llvm::seq<int64_t>(first, std::max(first, rank)));
}

/// Mean and population variance over `axes`.
static std::pair<Value, Value> createMoments(NodeBinder &node, Value input,
                                             ArrayRef<int64_t> axes,
                                             bool keepDims) {
  Value mean = node.create<nn::ReduceOp>(ReduceKind::Mean, input, axes,
                                         /*keep_dims=*/true);
  Value centered = node.create<nn::SubOp>(input, mean);
  Value variance = node.create<nn::ReduceOp>(
      ReduceKind::Mean, node.create<nn::MulOp>(centered, centered), axes,
      keepDims);
  if (!keepDims)
    mean = node.create<nn::ReduceOp>(ReduceKind::Mean, input, axes,
                                     /*keep_dims=*/false);
  return {mean, variance};
}

/// normalized * scale + bias; the last two may be null.
static Value applyScale(NodeBinder &node, Value normalized, Value scale,
                        Value bias) {
  if (scale)
    normalized = node.create<nn::MulOp>(normalized, scale);
  if (bias)
    normalized = node.create<nn::AddOp>(normalized, bias);
  return normalized;
}

//===----------------------------------------------------------------------===//
// BatchNormalization
//===----------------------------------------------------------------------===//

namespace {
struct BatchNorm {
  Value input, scale, bias, mean, variance;
  double epsilon, momentum;
  /// Axes behind the parameters' in the input.
  int64_t after;
};
} // namespace

/// The inputs; parameters of 16-bit floats are widened, so that what is
/// computed from them is rounded once.
static FailureOr<BatchNorm> readBatchNorm(NodeBinder &node, bool perElement) {
  BatchNorm op;
  op.input = node.input(0);
  Value *parameters[] = {&op.scale, &op.bias, &op.mean, &op.variance};
  static const char *const names[] = {"scale", "bias", "mean", "variance"};
  if (!op.input)
    return failure();
  int64_t rank = NodeBinder::rankOf(op.input);
  if (rank < 1)
    return node.error("expects an input of rank 1 or more, but got a scalar");
  Dim channels = rank == 1 ? Dim(1) : node.shape(op.input)[1];
  Type type = getWideType(NodeBinder::elementTypeOf(op.input));
  for (auto [index, parameter] : llvm::enumerate(parameters)) {
    *parameter = node.input(index + 1);
    if (!*parameter)
      return failure();
    if (!perElement &&
        failed(checkParameter(node, *parameter, names[index], channels)))
      return failure();
    *parameter = castTo(node, loadConstant(node, *parameter), type);
    if (!*parameter)
      return failure();
  }
  op.epsilon = node.floatAttr("epsilon", 1e-5f);
  op.momentum = node.floatAttr("momentum", 0.9f);
  op.after = perElement ? 0 : std::max<int64_t>(rank - 2, 0);
  return op;
}

/// input * scale + shift, both computed from the statistics; constant ones
/// fold.
static LogicalResult importStatistics(NodeBinder &node, const BatchNorm &op,
                                      Value mean, Value variance) {
  Type type = NodeBinder::elementTypeOf(op.input);
  Value factor = createScale(node, variance, op.epsilon);
  factor = node.create<nn::MulOp>(op.scale, factor);
  Value offset = node.create<nn::MulOp>(mean, factor);
  offset = node.create<nn::SubOp>(op.bias, offset);
  factor = alongAxis(node, castTo(node, factor, type), op.after);
  offset = alongAxis(node, castTo(node, offset, type), op.after);
  return node.result(applyScale(node, op.input, factor, offset));
}

/// old * momentum + current * (1 - momentum).
static Value createRunning(NodeBinder &node, Value old, Value current,
                           double momentum) {
  Type type = NodeBinder::elementTypeOf(old);
  Value kept = node.create<nn::MulOp>(old, node.scalar(type, momentum));
  Value added =
      node.create<nn::MulOp>(current, node.scalar(type, 1 - momentum));
  return node.create<nn::AddOp>(kept, added);
}

/// The statistics come from the batch. Outputs after the first: the running
/// mean and variance, and before version 14 the batch's own.
static LogicalResult importTraining(NodeBinder &node, const BatchNorm &op) {
  int64_t rank = NodeBinder::rankOf(op.input);
  if (rank < 2)
    return node.error("expects an input of rank 2 or more for training, but "
                      "got rank 1");
  SmallVector<int64_t> axes{0};
  llvm::append_range(axes, axesFrom(2, rank));
  Type type = NodeBinder::elementTypeOf(op.mean);
  auto [mean, variance] = createMoments(node, castTo(node, op.input, type),
                                        axes, /*keepDims=*/false);
  Value outputs[] = {createRunning(node, op.mean, mean, op.momentum),
                     createRunning(node, op.variance, variance, op.momentum),
                     mean, variance};
  for (auto [index, output] : llvm::enumerate(outputs)) {
    if (!node.hasOutput(index + 1))
      continue;
    // As wide as the parameter that it replaces.
    Type target = NodeBinder::elementTypeOf(node.input(3 + index % 2));
    if (failed(node.result(index + 1, castTo(node, output, target))))
      return failure();
  }
  return importStatistics(node, op, mean, variance);
}

/// Version 1 to 13: training is told by the outputs; before 7 by `is_test` as
/// well. `spatial` of 0 gives each element of a sample its own statistics.
static LogicalResult importOldBatchNorm(NodeBinder &node) {
  bool perElement = node.intAttr("spatial", 1) == 0;
  FailureOr<BatchNorm> op = readBatchNorm(node, perElement);
  if (failed(op))
    return failure();
  bool hasMore = false;
  for (size_t i = 1; i < node.numOutputs(); ++i)
    hasMore |= node.hasOutput(i);
  if (!hasMore)
    return importStatistics(node, *op, op->mean, op->variance);
  if (perElement || node.intAttr("is_test", 0))
    return node.error("expects one output outside of training, but got " +
                      Twine(node.numOutputs()));
  return importTraining(node, *op);
}

static LogicalResult importBatchNorm(NodeBinder &node) {
  FailureOr<BatchNorm> op = readBatchNorm(node, /*perElement=*/false);
  if (failed(op))
    return failure();
  if (node.intAttr("training_mode", 0))
    return importTraining(node, *op);
  for (size_t i = 1; i < node.numOutputs(); ++i)
    if (node.hasOutput(i))
      return node.error("expects one output outside of training, but got " +
                        Twine(node.numOutputs()));
  return importStatistics(node, *op, op->mean, op->variance);
}

//===----------------------------------------------------------------------===//
// LayerNormalization, RMSNormalization
//===----------------------------------------------------------------------===//

/// The element type that `stash_type` asks to compute in.
static FailureOr<Type> readStashType(NodeBinder &node) {
  FailureOr<Type> type = node.elementType(node.intAttr("stash_type", 1));
  if (succeeded(type) && !isa<FloatType>(*type))
    return node.error("expects a float type in attribute 'stash_type'");
  return type;
}

/// Normalizes in the stash type if that is wider than the element type, then
/// rounds to the element type.
static Value createNormalized(NodeBinder &node, Value input,
                              ArrayRef<int64_t> axes, Type stash,
                              bool uncentered) {
  Type type = NodeBinder::elementTypeOf(input);
  Value wide =
      stash.isF64() && !type.isF64() ? castTo(node, input, stash) : input;
  Value normalized = node.create<nn::NormalizeOp>(
      wide, axes, llvm::APFloat(node.floatAttr("epsilon", 1e-5f)), uncentered);
  return castTo(node, normalized, type);
}

template <bool uncentered>
static LogicalResult importLayerNorm(NodeBinder &node) {
  Value input = node.input(0), scale = node.input(1);
  if (!input || !scale)
    return failure();
  Value bias = node.optionalInput(2);
  int64_t rank = NodeBinder::rankOf(input);
  FailureOr<int64_t> axis = node.normalizeAxis(node.intAttr("axis", -1), rank);
  FailureOr<Type> stash = readStashType(node);
  if (failed(axis) || failed(stash))
    return failure();
  SmallVector<int64_t> axes = axesFrom(*axis, rank);
  Value normalized = createNormalized(node, input, axes, *stash, uncentered);
  Type type = NodeBinder::elementTypeOf(scale);
  if (failed(node.result(
          applyScale(node, castTo(node, normalized, type), scale, bias))))
    return failure();
  if (uncentered || (!node.hasOutput(1) && !node.hasOutput(2)))
    return success();
  auto [mean, variance] = createMoments(node, castTo(node, input, *stash), axes,
                                        /*keepDims=*/true);
  Value deviation =
      createScale(node, variance, node.floatAttr("epsilon", 1e-5f));
  return success(succeeded(node.result(1, mean)) &&
                 succeeded(node.result(2, deviation)));
}

//===----------------------------------------------------------------------===//
// InstanceNormalization, GroupNormalization
//===----------------------------------------------------------------------===//

static LogicalResult importInstanceNorm(NodeBinder &node) {
  Value input = node.input(0), scale = node.input(1), bias = node.input(2);
  if (!input || !scale || !bias)
    return failure();
  int64_t rank = NodeBinder::rankOf(input);
  if (rank < 2)
    return node.error("expects an input of rank 2 or more, but got rank " +
                      Twine(rank));
  Dim channels = node.shape(input)[1];
  if (failed(checkParameter(node, scale, "scale", channels)) ||
      failed(checkParameter(node, bias, "bias", channels)))
    return failure();
  Value normalized = node.create<nn::NormalizeOp>(
      input, axesFrom(2, rank), llvm::APFloat(node.floatAttr("epsilon", 1e-5f)),
      /*uncentered=*/false);
  return node.result(applyScale(node, normalized,
                                alongAxis(node, scale, rank - 2),
                                alongAxis(node, bias, rank - 2)));
}

/// Scale and bias are per group until version 20, then per channel.
template <bool perChannel>
static LogicalResult importGroupNorm(NodeBinder &node) {
  Value input = node.input(0), scale = node.input(1), bias = node.input(2);
  if (!input || !scale || !bias)
    return failure();
  int64_t rank = NodeBinder::rankOf(input);
  int64_t groups = node.intAttr("num_groups", 0);
  FailureOr<Type> stash = readStashType(node);
  if (failed(stash))
    return failure();
  if (rank < 2 || groups < 1)
    return node.error("expects an input of rank 2 or more and 1 group or more, "
                      "but got rank " +
                      Twine(rank) + " and " + Twine(groups) + " groups");
  SmallVector<Dim> shape = node.shape(input);
  std::optional<int64_t> channels = shape[1].getConstant();
  if (channels && *channels % groups)
    return node.error("expects a number of channels that " + Twine(groups) +
                      " groups divide, but got " + Twine(*channels));
  Dim length = perChannel ? shape[1] : Dim(groups);
  if (failed(checkParameter(node, scale, "scale", length)) ||
      failed(checkParameter(node, bias, "bias", length)))
    return failure();
  DimBuilder dims(node.builder(), node.loc());
  Dim size = dims.mul(dims.floorDiv(shape[1], Dim(groups)),
                      dims.product(ArrayRef<Dim>(shape).drop_front(2)));
  Value grouped = node.reshape(input, {shape[0], Dim(groups), size});
  if (!grouped)
    return failure();
  Value normalized =
      createNormalized(node, grouped, {2}, *stash, /*uncentered=*/false);
  int64_t after = perChannel ? rank - 2 : 1;
  if (perChannel)
    normalized = node.reshape(normalized, shape);
  Value result = applyScale(node, normalized, alongAxis(node, scale, after),
                            alongAxis(node, bias, after));
  return node.result(perChannel ? result : node.reshape(result, shape));
}

//===----------------------------------------------------------------------===//
// MeanVarianceNormalization, LpNormalization
//===----------------------------------------------------------------------===//

/// ONNX adds 1e-9 to the deviation; its square is added to the variance here.
static LogicalResult importMeanVarianceNorm(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  FailureOr<SmallVector<int64_t>> axes = node.normalizeAxes(
      node.intsAttr("axes").value_or(SmallVector<int64_t>{0, 2, 3}),
      NodeBinder::rankOf(input));
  if (failed(axes))
    return failure();
  return node.result(node.create<nn::NormalizeOp>(input, *axes,
                                                  llvm::APFloat(1e-18),
                                                  /*uncentered=*/false));
}

/// Elements whose norm is 0 stay 0.
static LogicalResult importLpNorm(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return failure();
  int64_t order = node.intAttr("p", 2);
  if (order != 1 && order != 2)
    return node.error("expects attribute 'p' of 1 or 2, but got " +
                      Twine(order));
  FailureOr<int64_t> axis =
      node.normalizeAxis(node.intAttr("axis", -1), NodeBinder::rankOf(input));
  if (failed(axis))
    return failure();
  Type type = NodeBinder::elementTypeOf(input);
  Value norm = node.create<nn::ReduceOp>(
      order == 1 ? ReduceKind::L1 : ReduceKind::L2, input,
      ArrayRef<int64_t>(*axis), /*keep_dims=*/true);
  Value isZero = node.create<nn::EqualOp>(norm, node.scalar(type, 0));
  Value divisor = node.create<nn::WhereOp>(isZero, node.scalar(type, 1), norm);
  return node.result(node.create<nn::DivOp>(input, divisor));
}

void onnximport::addNormalizationOperators(OpTable &table) {
  table.add("BatchNormalization", 1, importOldBatchNorm);
  table.add("BatchNormalization", 14, importBatchNorm);
  table.add("GroupNormalization", 18, importGroupNorm</*perChannel=*/false>);
  table.add("GroupNormalization", 21, importGroupNorm</*perChannel=*/true>);
  table.add("InstanceNormalization", 1, importInstanceNorm);
  table.add("LayerNormalization", 1, importLayerNorm</*uncentered=*/false>);
  table.add("LpNormalization", 1, importLpNorm);
  table.add("MeanVarianceNormalization", 9, importMeanVarianceNorm);
  table.add("RMSNormalization", 23, importLayerNorm</*uncentered=*/true>);
  // ONNX Runtime writes both of these into either domain.
  for (StringRef domain : {"", "com.microsoft"})
    table.addTo(domain, "SimplifiedLayerNormalization", 1,
                importLayerNorm</*uncentered=*/true>);
  table.addTo("com.microsoft", "LayerNormalization", 1,
              importLayerNorm</*uncentered=*/false>);
}
