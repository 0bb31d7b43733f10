//===----------------------------------------------------------------------===//
// Transposed convolutions as convolutions whose channels become places.
//
// With stride s, output places that are equal modulo s see the same elements of
// the filter: those r + s * t of phase r. All phases see the same inputs, so
// that they are further output channels of one convolution of stride 1, the
// sub-pixel convolution of W. Shi et al., "Real-Time Single Image and Video
// Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network",
// 2016; their places are then woven together. Elements that a phase lacks are
// zeros.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "DecomposeConvTranspose.h"

#include "dialects/NN/IR/NNConstants.h"
#include "dialects/NN/IR/NNOps.h"
#include "dialects/NN/IR/WindowUtils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>

using namespace mlir;
using namespace mlir::nnc;

static RankedTensorType typeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType());
}

namespace {
/// The convolution along one axis. Its result has `stride` places an element,
/// of which `cutBegin` and `cutEnd` are none of the output.
struct PhaseAxis {
  int64_t stride, dilation;
  int64_t kernel; ///< Of the transposed convolution.
  int64_t taps;   ///< Of each phase.
  int64_t padBegin, padEnd;
  int64_t cutBegin, cutEnd;
};

class PhaseConvolution {
public:
  static std::optional<PhaseConvolution> match(nn::ConvTransposeOp op);

  Value build(OpBuilder &builder);

private:
  explicit PhaseConvolution(nn::ConvTransposeOp op) : op(op) {}

  bool findAxes();
  Value convolve(OpBuilder &builder);
  nncio::Tensor arrangeFilter() const;
  nncio::Tensor repeatBias() const;
  Value weave(OpBuilder &builder, Value phases);
  Value cut(OpBuilder &builder, Value woven);
  Value apply(OpBuilder &builder, Value phases);
  /// Products over all axes.
  int64_t getPhases() const;
  int64_t getTaps() const;

  nn::ConvTransposeOp op;
  nncio::Tensor filter, bias;
  SmallVector<PhaseAxis> axes;
  int64_t groups = 1, inputs = 0, outputs = 0; ///< Channels of a group.
};
} // namespace

//===----------------------------------------------------------------------===//
// Which transposed convolutions are convolutions
//===----------------------------------------------------------------------===//

static std::optional<PhaseAxis> getPhaseAxis(const nn::WindowAxis &window,
                                             int64_t outputPadding,
                                             bool hasOwnPads) {
  std::optional<int64_t> kernel = window.kernel.getConstant();
  std::optional<int64_t> begin = window.padBegin.getConstant();
  std::optional<int64_t> end = window.padEnd.getConstant();
  std::optional<int64_t> input = window.input.getConstant();
  std::optional<int64_t> output = window.output.getConstant();
  int64_t stride = window.stride, dilation = window.dilation;
  // More phases are hardly met, and their number must not overflow.
  constexpr int64_t mostPhases = 64;
  if (!kernel || !begin || *kernel < 1 || stride > mostPhases ||
      (stride != 1 && dilation != 1))
    return std::nullopt;
  // Where the last place of the output lies, from the last input's first.
  int64_t last;
  if (input && output && *input > 0 && *output > 0)
    last = *output - 1 + *begin - stride * (*input - 1);
  else if (end && hasOwnPads)
    last = dilation * (*kernel - 1) + outputPadding - *end;
  else
    return std::nullopt;
  PhaseAxis axis{stride, dilation, *kernel, 0, 0, 0, 0, 0};
  axis.taps = llvm::divideCeil(axis.kernel, stride);
  axis.padBegin = dilation * (axis.taps - 1) - *begin / stride;
  axis.padEnd = llvm::divideFloorSigned(last, stride);
  axis.cutBegin = *begin % stride;
  axis.cutEnd = stride * (axis.padEnd + 1) - 1 - last;
  if (*begin < 0 || axis.padBegin < 0 || axis.padEnd < 0)
    return std::nullopt;
  return axis;
}

bool PhaseConvolution::findAxes() {
  DimBuilder dims([](const Twine &) {});
  SmallVector<nn::WindowAxis> windows;
  if (failed(nn::ConvTransposeOp::resolveWindow(
          nn::ConvTransposeOp::Adaptor(op), dims, windows)))
    return false;
  bool hasOwnPads =
      op.getOutputShape().empty() && op.getAutoPad() == nn::AutoPad::NotSet;
  for (auto [window, padding] : llvm::zip(windows, op.getOutputPadding())) {
    std::optional<PhaseAxis> axis = getPhaseAxis(window, padding, hasOwnPads);
    if (!axis)
      return false;
    axes.push_back(*axis);
  }
  return true;
}

std::optional<PhaseConvolution>
PhaseConvolution::match(nn::ConvTransposeOp op) {
  // Below that a group is no product that is worth it.
  constexpr int64_t fewestInputs = 4;
  // A filter is copied in memory.
  constexpr int64_t mostElements = int64_t(1) << 26;
  PhaseConvolution conv(op);
  auto type = dyn_cast<RankedTensorType>(op.getInput().getType());
  RankedTensorType filter = typeOf(op.getFilter());
  if (!type || op.getChannelsLast() || !filter.hasStaticShape() ||
      filter.getNumElements() == 0 || filter.getNumElements() > mostElements ||
      !nn::isConstantTensor(op.getFilter()) ||
      (op.getBias() && !nn::isConstantTensor(op.getBias())))
    return std::nullopt;
  conv.groups = op.getGroup();
  conv.inputs = filter.getDimSize(0) / conv.groups;
  conv.outputs = filter.getDimSize(1);
  if ((conv.groups > 1 && conv.inputs < fewestInputs) || !conv.findAxes() ||
      filter.getDimSize(0) * conv.outputs * conv.getPhases() * conv.getTaps() >
          mostElements)
    return std::nullopt;
  nncio::Result<nncio::Tensor> elements = nn::getConstantTensor(op.getFilter());
  if (!elements)
    return std::nullopt;
  conv.filter = std::move(*elements);
  if (!op.getBias())
    return conv;
  nncio::Result<nncio::Tensor> bias = nn::getConstantTensor(op.getBias());
  if (!bias)
    return std::nullopt;
  conv.bias = std::move(*bias);
  return conv;
}

int64_t PhaseConvolution::getPhases() const {
  int64_t phases = 1;
  for (const PhaseAxis &axis : axes)
    phases *= axis.stride;
  return phases;
}

int64_t PhaseConvolution::getTaps() const {
  int64_t taps = 1;
  for (const PhaseAxis &axis : axes)
    taps *= axis.taps;
  return taps;
}

//===----------------------------------------------------------------------===//
// The convolution
//===----------------------------------------------------------------------===//

/// [group, phase, output, input, tap...] of [group, input, output, kernel...];
/// taps are the other way round, for a convolution reads ahead.
nncio::Tensor PhaseConvolution::arrangeFilter() const {
  int64_t phases = getPhases(), taps = getTaps(), kernel = 1;
  SmallVector<int64_t> shape = {groups * phases * outputs, inputs};
  for (const PhaseAxis &axis : axes) {
    shape.push_back(axis.taps);
    kernel *= axis.kernel;
  }
  nncio::Tensor arranged(filter.type(), {shape.begin(), shape.end()});
  size_t bytes = nncio::elementBytes(filter.type());
  uint8_t *to = arranged.mutableData();
  for (int64_t phase = 0; phase < phases; ++phase)
    for (int64_t tap = 0; tap < taps; ++tap) {
      // Row-major in both; the last axis is taken off first.
      int64_t element = 0, factor = 1, restPhase = phase, restTap = tap;
      bool exists = true;
      for (const PhaseAxis &axis : llvm::reverse(axes)) {
        int64_t place = restPhase % axis.stride +
                        axis.stride * (axis.taps - 1 - restTap % axis.taps);
        exists &= place < axis.kernel;
        element += place * factor;
        factor *= axis.kernel;
        restPhase /= axis.stride;
        restTap /= axis.taps;
      }
      if (!exists)
        continue;
      for (int64_t group = 0; group < groups; ++group)
        for (int64_t output = 0; output < outputs; ++output)
          for (int64_t input = 0; input < inputs; ++input) {
            int64_t row = (group * phases + phase) * outputs + output;
            int64_t from =
                ((group * inputs + input) * outputs + output) * kernel +
                element;
            std::memcpy(to + ((row * inputs + input) * taps + tap) * bytes,
                        filter.data() + from * bytes, bytes);
          }
    }
  return arranged;
}

nncio::Tensor PhaseConvolution::repeatBias() const {
  int64_t phases = getPhases();
  size_t bytes = nncio::elementBytes(bias.type()) * outputs;
  nncio::Tensor repeated(bias.type(), {groups * phases * outputs});
  for (int64_t row = 0; row < groups * phases; ++row)
    std::memcpy(repeated.mutableData() + row * bytes,
                bias.data() + row / phases * bytes, bytes);
  return repeated;
}

Value PhaseConvolution::convolve(OpBuilder &builder) {
  MLIRContext *context = builder.getContext();
  Location loc = op.getLoc();
  Value weight = nn::ConstantOp::create(
      builder, loc, nn::toAttribute(context, arrangeFilter()));
  Value summand;
  if (op.getBias())
    summand = nn::ConstantOp::create(builder, loc,
                                     nn::toAttribute(context, repeatBias()));
  RankedTensorType input = typeOf(op.getInput());
  SmallVector<int64_t> shape = {input.getDimSize(0),
                                groups * getPhases() * outputs};
  SmallVector<int64_t> strides(axes.size(), 1), dilations, pads;
  for (auto [number, axis] : llvm::enumerate(axes)) {
    int64_t size = input.getDimSize(2 + number);
    shape.push_back(ShapedType::isDynamic(size)
                        ? size
                        : size + axis.padBegin + axis.padEnd -
                              axis.dilation * (axis.taps - 1));
    dilations.push_back(axis.dilation);
    pads.push_back(axis.padBegin);
  }
  for (const PhaseAxis &axis : axes)
    pads.push_back(axis.padEnd);
  auto conv = nn::ConvOp::create(
      builder, loc, RankedTensorType::get(shape, input.getElementType()),
      op.getInput(), weight, summand, strides, dilations, pads);
  conv.setGroup(groups);
  return conv;
}

//===----------------------------------------------------------------------===//
// Phases become places
//===----------------------------------------------------------------------===//

static Value reshape(OpBuilder &builder, Location loc, Value tensor,
                     ArrayRef<Dim> dims) {
  SmallVector<int64_t> sizes =
      llvm::map_to_vector(dims, [](Dim dim) { return dim.getStaticSize(); });
  Value shape;
  if (!ShapedType::isDynamicShape(sizes)) {
    shape = nn::createIndexConstant(builder, loc, sizes);
  } else {
    SmallVector<Value> numbers = llvm::map_to_vector(dims, [&](Dim dim) {
      return builder.createOrFold<arith::IndexCastOp>(
          loc, builder.getI64Type(), getAsIndexValue(builder, loc, dim));
    });
    shape = tensor::FromElementsOp::create(builder, loc, numbers);
  }
  auto type = RankedTensorType::get(sizes, typeOf(tensor).getElementType());
  return nn::ReshapeOp::create(builder, loc, type, tensor, shape,
                               /*allow_zero=*/true);
}

/// [N, group, phase..., output, place...] to [N, channels, (place, phase)...].
Value PhaseConvolution::weave(OpBuilder &builder, Value phases) {
  if (getPhases() == 1)
    return phases;
  Location loc = op.getLoc();
  DimBuilder dims(builder, loc);
  SmallVector<Dim> apart = {dims.dim(phases, 0), groups};
  int64_t count = axes.size();
  SmallVector<int64_t> order = {0, 1, 2 + count};
  for (const PhaseAxis &axis : axes)
    apart.push_back(axis.stride);
  apart.push_back(outputs);
  for (int64_t number = 0; number < count; ++number) {
    apart.push_back(dims.dim(phases, 2 + number));
    order.append({3 + count + number, 2 + number});
  }
  Value parts = reshape(builder, loc, phases, apart);
  Value moved = nn::TransposeOp::create(builder, loc, parts, order);
  // By dimensions of what is reshaped, for those who ask where they come from.
  SmallVector<Dim> joined = {dims.dim(moved, 0), groups * outputs};
  for (auto [number, axis] : llvm::enumerate(axes))
    joined.push_back(dims.mul(dims.dim(moved, 3 + 2 * number), axis.stride));
  return reshape(builder, loc, moved, joined);
}

Value PhaseConvolution::cut(OpBuilder &builder, Value woven) {
  // As far as the axis goes.
  constexpr int64_t all = std::numeric_limits<int64_t>::max();
  SmallVector<int64_t> starts, ends, cutAxes;
  for (auto [number, axis] : llvm::enumerate(axes)) {
    if (!axis.cutBegin && !axis.cutEnd)
      continue;
    cutAxes.push_back(2 + number);
    starts.push_back(axis.cutBegin);
    ends.push_back(axis.cutEnd ? -axis.cutEnd : all);
  }
  if (cutAxes.empty())
    return woven;
  Location loc = op.getLoc();
  SmallVector<int64_t> steps(cutAxes.size(), 1);
  return nn::SliceOp::create(builder, loc, op.getType(), woven,
                             nn::createIndexConstant(builder, loc, starts),
                             nn::createIndexConstant(builder, loc, ends),
                             cutAxes, steps);
}

/// True if `user` makes each element of its result of one of `tensor`, and of
/// numbers.
static bool isOfOneElement(Operation *user, Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  return isa<ScalarOpInterface>(user) && user->getNumResults() == 1 &&
         user->getResult(0).getType() == type &&
         llvm::all_of(user->getOperands(), [&](Value operand) {
           auto other = dyn_cast<RankedTensorType>(operand.getType());
           return operand == tensor || (other && other.hasStaticShape() &&
                                        other.getNumElements() == 1 &&
                                        other.getRank() <= type.getRank() &&
                                        nn::isConstantTensor(operand));
         });
}

/// Brings elementwise ops on the result before the places are woven together,
/// where they are the convolution's epilogue.
Value PhaseConvolution::apply(OpBuilder &builder, Value phases) {
  while (op->hasOneUse() && isOfOneElement(*op->user_begin(), op.getResult())) {
    Operation *user = *op->user_begin();
    IRMapping mapping;
    mapping.map(op.getResult(), phases);
    builder.setInsertionPoint(user);
    Operation *copy = builder.clone(*user, mapping);
    copy->getResult(0).setType(phases.getType());
    phases = copy->getResult(0);
    user->getResult(0).replaceAllUsesWith(op.getResult());
    user->erase();
    builder.setInsertionPointAfter(copy);
  }
  return phases;
}

Value PhaseConvolution::build(OpBuilder &builder) {
  Value result =
      cut(builder, weave(builder, apply(builder, convolve(builder))));
  if (result.getType() != op.getType())
    result = tensor::CastOp::create(builder, op.getLoc(), op.getType(), result);
  return result;
}

void mlir::nnc::decomposeConvTransposes(func::FuncOp function) {
  SmallVector<nn::ConvTransposeOp> work;
  function.walk([&](nn::ConvTransposeOp op) { work.push_back(op); });
  for (nn::ConvTransposeOp op : work) {
    std::optional<PhaseConvolution> conv = PhaseConvolution::match(op);
    if (!conv)
      continue;
    OpBuilder builder(op);
    op.replaceAllUsesWith(conv->build(builder));
    op.erase();
  }
}
