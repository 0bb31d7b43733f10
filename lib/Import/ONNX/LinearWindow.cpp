//===----------------------------------------------------------------------===//
// Import of convolutions and pooling.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "LinearWindow.h"

#include "NodeBinder.h"

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

//===----------------------------------------------------------------------===//
// Attributes
//===----------------------------------------------------------------------===//

namespace {
/// The window attributes of a node, with ONNX's defaults.
struct Window {
  SmallVector<int64_t> kernel, strides, dilations, pads;
  nn::AutoPad autoPad = nn::AutoPad::NotSet;
  bool ceilMode = false;

  nn::WindowAttrs attrs() const {
    return {strides, dilations, pads, autoPad, ceilMode};
  }
};
} // namespace

static FailureOr<nn::AutoPad> readAutoPad(NodeBinder &node) {
  std::string name = node.stringAttr("auto_pad", "NOTSET");
  if (name == "NOTSET" || name.empty())
    return nn::AutoPad::NotSet;
  if (name == "SAME_UPPER")
    return nn::AutoPad::SameUpper;
  if (name == "SAME_LOWER")
    return nn::AutoPad::SameLower;
  if (name == "VALID")
    return nn::AutoPad::Valid;
  return node.error("expects auto_pad NOTSET, SAME_UPPER, SAME_LOWER or VALID, "
                    "but got '" +
                    name + "'");
}

/// The spatial rank of an input; reports what is no image of 1 to 3 dimensions.
static FailureOr<size_t> getSpatialRank(NodeBinder &node, Value input) {
  int64_t rank = NodeBinder::rankOf(input);
  if (rank < 3 || rank > 5)
    return node.error("expects an input of rank 3 to 5, but got " +
                      Twine(rank));
  return size_t(rank - 2);
}

/// Reads the attributes but the kernel's, for `rank` spatial axes. The padding
/// attribute means nothing where auto_pad is given.
static FailureOr<Window> readWindow(NodeBinder &node, size_t rank) {
  Window window;
  FailureOr<nn::AutoPad> autoPad = readAutoPad(node);
  if (failed(autoPad))
    return failure();
  window.autoPad = *autoPad;
  window.ceilMode = node.intAttr("ceil_mode", 0) != 0;
  window.strides =
      node.intsAttr("strides").value_or(SmallVector<int64_t>(rank, 1));
  window.dilations =
      node.intsAttr("dilations").value_or(SmallVector<int64_t>(rank, 1));
  window.pads.assign(2 * rank, 0);
  if (window.autoPad == nn::AutoPad::NotSet)
    window.pads = node.intsAttr("pads").value_or(window.pads);
  return window;
}

/// Computes padding now where the dimensions are known. What does not fit is
/// reported when the op is made.
static void resolvePads(Window &window, ArrayRef<Dim> input,
                        ArrayRef<Dim> kernel) {
  DimBuilder dims([](const Twine &) {});
  SmallVector<nn::WindowAxis> axes;
  if (window.autoPad == nn::AutoPad::NotSet ||
      failed(nn::resolveWindows(dims, input, kernel, window.attrs(), axes)))
    return;
  SmallVector<int64_t> begins, ends;
  for (const nn::WindowAxis &axis : axes) {
    if (!axis.padBegin.getConstant() || !axis.padEnd.getConstant())
      return;
    begins.push_back(*axis.padBegin.getConstant());
    ends.push_back(*axis.padEnd.getConstant());
  }
  window.pads = begins;
  window.pads.append(ends);
  window.autoPad = nn::AutoPad::NotSet;
  window.ceilMode = false;
}

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

namespace {
/// What both convolutions read.
struct Convolution {
  Value input, filter, bias;
  size_t rank = 0;
  int64_t group = 1;
  Window window;
  SmallVector<Dim> inputDims, kernelDims;
};
} // namespace

/// Reports a kernel_shape that is not the filter's.
static LogicalResult checkKernelShape(NodeBinder &node, ArrayRef<Dim> filter) {
  std::optional<SmallVector<int64_t>> shape = node.intsAttr("kernel_shape");
  if (!shape)
    return success();
  bool fits = shape->size() == filter.size();
  for (auto [size, dim] : llvm::zip(*shape, filter))
    fits &= !dim.getConstant() || dim.isConstant(size);
  return fits ? success()
              : node.error("expects kernel_shape to be the filter's spatial "
                           "dimensions");
}

/// The attributes of a convolution of two tensors, the bias being null.
static FailureOr<Convolution> readConvolution(NodeBinder &node, Value input,
                                              Value filter) {
  Convolution conv;
  conv.input = input;
  conv.filter = filter;
  FailureOr<size_t> rank = getSpatialRank(node, conv.input);
  if (failed(rank))
    return failure();
  if (NodeBinder::rankOf(conv.filter) != int64_t(*rank + 2))
    return node.error("expects a filter of rank " + Twine(*rank + 2) +
                      ", but got " + Twine(NodeBinder::rankOf(conv.filter)));
  conv.rank = *rank;
  conv.inputDims = node.shape(conv.input);
  conv.inputDims.erase(conv.inputDims.begin(), conv.inputDims.begin() + 2);
  conv.kernelDims = node.shape(conv.filter);
  conv.kernelDims.erase(conv.kernelDims.begin(), conv.kernelDims.begin() + 2);
  if (failed(checkKernelShape(node, conv.kernelDims)))
    return failure();
  FailureOr<Window> window = readWindow(node, *rank);
  if (failed(window))
    return failure();
  conv.window = std::move(*window);
  conv.group = node.intAttr("group", 1);
  return conv;
}

static FailureOr<Convolution> readConvolution(NodeBinder &node) {
  Value input = node.input(0), filter = node.input(1);
  Value bias = node.optionalInput(2);
  if (!input || !filter || (node.hasInput(2) && !bias))
    return failure();
  FailureOr<Convolution> conv = readConvolution(node, input, filter);
  if (succeeded(conv))
    conv->bias = bias;
  return conv;
}

Value onnximport::createConv(NodeBinder &node) {
  FailureOr<Convolution> conv = readConvolution(node);
  if (failed(conv))
    return {};
  Window &window = conv->window;
  resolvePads(window, conv->inputDims, conv->kernelDims);
  return node.create<nn::ConvOp>(
      conv->input, conv->filter, conv->bias, ArrayRef(window.strides),
      ArrayRef(window.dilations), ArrayRef(window.pads), uint64_t(conv->group),
      window.autoPad);
}

static LogicalResult importConv(NodeBinder &node) {
  return node.result(createConv(node));
}

Value onnximport::createConvInteger(NodeBinder &node, Value input, Value filter,
                                    Value inputZeroPoint,
                                    Value filterZeroPoint) {
  FailureOr<Convolution> conv = readConvolution(node, input, filter);
  if (failed(conv))
    return {};
  Window &window = conv->window;
  resolvePads(window, conv->inputDims, conv->kernelDims);
  return node.create<nn::ConvIntegerOp>(
      input, filter, inputZeroPoint, filterZeroPoint, ArrayRef(window.strides),
      ArrayRef(window.dilations), ArrayRef(window.pads), uint64_t(conv->group),
      window.autoPad);
}

/// Turns auto_pad or an output shape into pads and output padding where the
/// dimensions are known.
static void resolveTransposed(const Convolution &conv, Window &window,
                              SmallVectorImpl<int64_t> &outputPadding,
                              SmallVectorImpl<int64_t> &outputShape) {
  DimBuilder dims([](const Twine &) {});
  SmallVector<nn::WindowAxis> axes;
  if ((window.autoPad == nn::AutoPad::NotSet && outputShape.empty()) ||
      failed(nn::resolveTransposedWindows(dims, conv.inputDims, conv.kernelDims,
                                          window.attrs(), outputPadding,
                                          outputShape, axes)))
    return;
  SmallVector<int64_t> begins, ends, paddings;
  for (const nn::WindowAxis &axis : axes) {
    Dim reach = dims.add(dims.mul(dims.sub(axis.input, 1), axis.stride),
                         nn::getWindowExtent(dims, axis));
    Dim kept = dims.sub(dims.sub(reach, axis.padBegin), axis.padEnd);
    Dim padding = dims.sub(axis.output, kept);
    if (!padding.getConstant() || *padding.getConstant() < 0)
      return;
    begins.push_back(*axis.padBegin.getConstant());
    ends.push_back(*axis.padEnd.getConstant());
    paddings.push_back(*padding.getConstant());
  }
  window.pads = begins;
  window.pads.append(ends);
  window.autoPad = nn::AutoPad::NotSet;
  outputPadding.assign(paddings);
  outputShape.clear();
}

static LogicalResult importConvTranspose(NodeBinder &node) {
  FailureOr<Convolution> conv = readConvolution(node);
  if (failed(conv))
    return node.result(Value());
  Window &window = conv->window;
  SmallVector<int64_t> padding =
      node.intsAttr("output_padding")
          .value_or(SmallVector<int64_t>(conv->rank, 0));
  SmallVector<int64_t> shape =
      node.intsAttr("output_shape").value_or(SmallVector<int64_t>());
  // Some exporters give batch and channels too.
  if (shape.size() == conv->rank + 2)
    shape.erase(shape.begin(), shape.begin() + 2);
  // The output's shape decides on the padding.
  if (!shape.empty())
    window.pads.assign(2 * conv->rank, 0);
  resolveTransposed(*conv, window, padding, shape);
  return node.result(node.create<nn::ConvTransposeOp>(
      conv->input, conv->filter, conv->bias, ArrayRef(window.strides),
      ArrayRef(window.dilations), ArrayRef(window.pads), ArrayRef(padding),
      ArrayRef(shape), uint64_t(conv->group), window.autoPad));
}

//===----------------------------------------------------------------------===//
// Pooling
//===----------------------------------------------------------------------===//

/// The window of a pooling node over `input`.
static FailureOr<Window> readPool(NodeBinder &node, Value input) {
  FailureOr<size_t> rank = getSpatialRank(node, input);
  if (failed(rank))
    return failure();
  FailureOr<Window> window = readWindow(node, *rank);
  if (failed(window))
    return failure();
  std::optional<SmallVector<int64_t>> kernel = node.intsAttr("kernel_shape");
  if (!kernel)
    return node.error("expects attribute 'kernel_shape'");
  window->kernel = *kernel;
  SmallVector<Dim> dims = node.shape(input);
  SmallVector<Dim> kernelDims(kernel->begin(), kernel->end());
  resolvePads(*window, ArrayRef(dims).drop_front(2), kernelDims);
  return window;
}

template <typename OpTy, typename... Extra>
static Value createPool(NodeBinder &node, Value input, const Window &window,
                        Extra... extra) {
  return node.create<OpTy>(input, ArrayRef(window.kernel),
                           ArrayRef(window.strides), ArrayRef(window.dilations),
                           ArrayRef(window.pads), window.autoPad,
                           window.ceilMode, extra...);
}

static LogicalResult importMaxPool(NodeBinder &node) {
  Value input = node.input(0);
  FailureOr<Window> window =
      input ? readPool(node, input) : FailureOr<Window>(failure());
  if (failed(window) ||
      failed(node.result(createPool<nn::MaxPoolOp>(node, input, *window))))
    return node.result(Value());
  if (!node.hasOutput(1))
    return success();
  bool columnMajor = node.intAttr("storage_order", 0) != 0;
  return node.result(
      1, createPool<nn::MaxPoolIndicesOp>(node, input, *window, columnMajor));
}

Value onnximport::createAveragePool(NodeBinder &node, Value input) {
  FailureOr<Window> window =
      input ? readPool(node, input) : FailureOr<Window>(failure());
  if (failed(window))
    return {};
  bool includePad = node.intAttr("count_include_pad", 0) != 0;
  return createPool<nn::AveragePoolOp>(node, input, *window, includePad);
}

static LogicalResult importAveragePool(NodeBinder &node) {
  return node.result(createAveragePool(node, node.input(0)));
}

/// The exponent of an Lp norm; version 1 has it as a float.
static FailureOr<int64_t> readExponent(NodeBinder &node) {
  if (node.version() >= 2)
    return node.intAttr("p", 2);
  double p = node.floatAttr("p", 2);
  if (p < 1 || p > 1e6 || p != double(int64_t(p)))
    return node.error("expects a whole p of 1 or more, but got " +
                      std::to_string(p));
  return int64_t(p);
}

static LogicalResult importLpPool(NodeBinder &node) {
  Value input = node.input(0);
  FailureOr<Window> window =
      input ? readPool(node, input) : FailureOr<Window>(failure());
  FailureOr<int64_t> p = readExponent(node);
  if (failed(window) || failed(p))
    return node.result(Value());
  return node.result(
      createPool<nn::LpPoolOp>(node, input, *window, uint64_t(*p)));
}

static LogicalResult importMaxUnpool(NodeBinder &node) {
  Value input = node.input(0), indices = node.input(1);
  Value shape = node.optionalInput(2);
  if (!input || !indices || (node.hasInput(2) && !shape))
    return node.result(Value());
  FailureOr<size_t> rank = getSpatialRank(node, input);
  std::optional<SmallVector<int64_t>> kernel = node.intsAttr("kernel_shape");
  if (failed(rank) || !kernel)
    return node.error("expects attribute 'kernel_shape'");
  SmallVector<int64_t> strides =
      node.intsAttr("strides").value_or(SmallVector<int64_t>(*rank, 1));
  SmallVector<int64_t> pads =
      node.intsAttr("pads").value_or(SmallVector<int64_t>(2 * *rank, 0));
  return node.result(
      node.create<nn::MaxUnpoolOp>(input, indices, shape, ArrayRef(*kernel),
                                   ArrayRef(strides), ArrayRef(pads)));
}

/// Combines all spatial axes, which become 1.
template <nn::ReduceKind kind>
static LogicalResult importGlobalPool(NodeBinder &node) {
  Value input = node.input(0);
  if (!input)
    return node.result(Value());
  int64_t rank = NodeBinder::rankOf(input);
  if (rank < 3)
    return node.error("expects an input of rank 3 or more, but got " +
                      Twine(rank));
  SmallVector<int64_t> axes = llvm::to_vector(llvm::seq<int64_t>(2, rank));
  return node.result(node.create<nn::ReduceOp>(kind, input, ArrayRef(axes),
                                               /*keep_dims=*/true));
}

static LogicalResult importGlobalLpPool(NodeBinder &node) {
  FailureOr<int64_t> p = readExponent(node);
  Value input = node.input(0);
  if (failed(p) || !input)
    return node.result(Value());
  if (*p == 1)
    return importGlobalPool<nn::ReduceKind::L1>(node);
  if (*p == 2)
    return importGlobalPool<nn::ReduceKind::L2>(node);
  FailureOr<size_t> rank = getSpatialRank(node, input);
  if (failed(rank))
    return node.result(Value());
  Window window;
  for (Dim dim : ArrayRef(node.shape(input)).drop_front(2)) {
    if (!dim.getConstant())
      return node.error("expects known spatial dimensions for p other than 1 "
                        "and 2");
    window.kernel.push_back(*dim.getConstant());
  }
  window.strides.assign(*rank, 1);
  window.dilations.assign(*rank, 1);
  window.pads.assign(2 * *rank, 0);
  return node.result(
      createPool<nn::LpPoolOp>(node, input, window, uint64_t(*p)));
}

void onnximport::addWindowOperators(OpTable &table) {
  table.add("AveragePool", 1, importAveragePool);
  table.add("Conv", 1, importConv);
  table.add("ConvTranspose", 1, importConvTranspose);
  table.add("GlobalAveragePool", 1, importGlobalPool<nn::ReduceKind::Mean>);
  table.add("GlobalLpPool", 1, importGlobalLpPool);
  table.add("GlobalMaxPool", 1, importGlobalPool<nn::ReduceKind::Max>);
  table.add("LpPool", 1, importLpPool);
  table.add("MaxPool", 1, importMaxPool);
  table.add("MaxUnpool", 9, importMaxUnpool);
}
