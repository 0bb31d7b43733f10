//===----------------------------------------------------------------------===//
// Import of operators that resize and sample.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "NodeBinder.h"
#include "ResizeMatrix.h"

#include <cmath>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

//===----------------------------------------------------------------------===//
// Resize, Upsample
//===----------------------------------------------------------------------===//

namespace {
/// A resize as the versions of Resize and Upsample describe it.
struct ResizeNode {
  NodeBinder &node;
  Value input;
  Value roi = {}, scales = {}, sizes = {};
  /// The axes in the order of the other inputs' elements.
  SmallVector<int64_t> axes = {};
  nn::Interpolation mode = nn::Interpolation::nearest;
  nn::CoordinateMode coordinates = nn::CoordinateMode::asymmetric;
  nn::NearestRounding rounding = nn::NearestRounding::floor;
  float cubicCoefficient = -0.75F, extrapolation = 0;
  bool excludeOutside = false, antialias = false;
  std::string policy = "stretch";

  LogicalResult readModes();
  LogicalResult import();

private:
  LogicalResult importKnownScales(ArrayRef<double> factors);
  LogicalResult importComputedScales();
  LogicalResult importSizes();
  LogicalResult importKeptAspect(ArrayRef<Dim> targets);
  /// Equal sizes mean equal elements.
  bool mayDropAxes() const {
    return coordinates != nn::CoordinateMode::tf_crop_and_resize &&
           coordinates != nn::CoordinateMode::tf_half_pixel_for_nn;
  }
  /// Resizes the axes of `which` that get smaller, and takes them out of it.
  LogicalResult shrinkAxes(SmallVectorImpl<size_t> &which,
                           ArrayRef<Dim> targets, ArrayRef<double> factors);
  /// Emits the op for `axes[which]`; `factors` is per element of `which`.
  LogicalResult emit(ArrayRef<size_t> which, ArrayRef<Dim> targets,
                     ArrayRef<double> factors);
};
} // namespace

/// The enumerator that attribute `name` spells.
template <typename EnumT>
static LogicalResult readEnum(NodeBinder &node, StringRef name,
                              StringRef fallback, EnumT &value,
                              std::optional<EnumT> (*parse)(StringRef)) {
  std::string text = node.stringAttr(name, fallback);
  std::optional<EnumT> known = parse(text);
  if (!known)
    return node.error("has unsupported '" + name + "' of '" + text + "'");
  value = *known;
  return success();
}

LogicalResult ResizeNode::readModes() {
  return success(
      succeeded(readEnum(node, "mode", "nearest", mode,
                         nn::symbolizeInterpolation)) &&
      succeeded(readEnum(node, "coordinate_transformation_mode", "half_pixel",
                         coordinates, nn::symbolizeCoordinateMode)) &&
      succeeded(readEnum(node, "nearest_mode", "round_prefer_floor", rounding,
                         nn::symbolizeNearestRounding)));
}

/// floor(dim * factor), exactly: a float is a whole number over a power of 2.
static Dim scaleDim(DimBuilder &dims, Dim dim, double factor) {
  int exponent = 0;
  double mantissa = std::frexp(factor, &exponent);
  int64_t numerator = int64_t(std::ldexp(mantissa, 24));
  int64_t shift = 24 - exponent;
  while (shift > 0 && numerator % 2 == 0) {
    numerator /= 2;
    --shift;
  }
  if (shift <= 0) {
    int64_t factorBits = std::min<int64_t>(-shift, 38);
    return dims.mul(dim, Dim(numerator << factorBits));
  }
  // Smaller factors leave nothing of any size there is.
  if (shift > 62)
    return Dim(0);
  return dims.floorDiv(dims.mul(dim, Dim(numerator)), Dim(int64_t(1) << shift));
}

LogicalResult ResizeNode::shrinkAxes(SmallVectorImpl<size_t> &which,
                                     ArrayRef<Dim> targets,
                                     ArrayRef<double> factors) {
  if (coordinates == nn::CoordinateMode::tf_crop_and_resize)
    return node.error("expects 'antialias' to be 0 with tf_crop_and_resize, "
                      "but got 1");
  SmallVector<size_t> rest;
  SmallVector<Dim> shape = node.shape(input);
  for (size_t i : which) {
    std::optional<int64_t> from = shape[axes[i]].getConstant();
    std::optional<int64_t> to = targets[i].getConstant();
    if (!from || !to)
      return node.error("expects sizes that are known where 'antialias' is 1; "
                        "give the input's shape with --shape");
    double factor = factors.empty() ? double(*to) / double(*from) : factors[i];
    if (*from < 1 || *to < 1 || factor >= 1) {
      rest.push_back(i);
      continue;
    }
    input = shrinkAxis(node, input,
                       {axes[i], *from, *to, factor, mode, coordinates,
                        cubicCoefficient, excludeOutside});
    if (!input)
      return failure();
  }
  which = rest;
  return success();
}

LogicalResult ResizeNode::emit(ArrayRef<size_t> which, ArrayRef<Dim> targets,
                               ArrayRef<double> factors) {
  SmallVector<size_t> order(which);
  if (antialias && mode != nn::Interpolation::nearest &&
      failed(shrinkAxes(order, targets, factors)))
    return failure();
  if (order.empty())
    return node.result(input);
  llvm::sort(order, [&](size_t a, size_t b) { return axes[a] < axes[b]; });
  SmallVector<int64_t> sorted;
  SmallVector<Dim> sortedDims;
  std::vector<double> sortedFactors;
  for (size_t i : order) {
    sorted.push_back(axes[i]);
    sortedDims.push_back(targets[i]);
    if (!factors.empty())
      sortedFactors.push_back(factors[i]);
  }
  bool isPermuted = !llvm::is_sorted(axes) || order.size() != axes.size();
  Value factorTensor = scales, region;
  if (!sortedFactors.empty())
    factorTensor = node.constant(nncio::Tensor::fromDoubles(
        nncio::ElementType::F64, {int64_t(order.size())}, sortedFactors));
  else if (scales && isPermuted)
    return node.error("expects ascending axes with scales that are computed");
  if (coordinates == nn::CoordinateMode::tf_crop_and_resize) {
    if (!roi)
      return node.error("expects a region of interest to crop");
    if (isPermuted)
      return node.error("expects ascending axes with a region of interest");
    region = roi;
  }
  return node.result(node.create<nn::ResizeOp>(
      input, node.indices(ArrayRef<Dim>(sortedDims)), factorTensor, region,
      sorted, mode, coordinates, rounding, APFloat(cubicCoefficient),
      APFloat(extrapolation), excludeOutside));
}

LogicalResult ResizeNode::importKnownScales(ArrayRef<double> factors) {
  if (factors.size() != axes.size())
    return node.error("expects " + Twine(axes.size()) + " scales, but got " +
                      Twine(factors.size()));
  DimBuilder dims(node.builder(), node.loc());
  SmallVector<Dim> shape = node.shape(input), targets;
  SmallVector<size_t> which;
  for (auto [i, factor] : llvm::enumerate(factors)) {
    if (!(factor > 0) || std::isinf(factor))
      return node.error("expects positive and finite scales");
    targets.push_back(scaleDim(dims, shape[axes[i]], factor));
    if (factor != 1 || !mayDropAxes())
      which.push_back(i);
  }
  return emit(which, targets, factors);
}

/// Sizes from scales that only the run knows.
LogicalResult ResizeNode::importComputedScales() {
  Type wide = node.builder().getF64Type();
  SmallVector<Dim> shape = node.shape(input), current, targets;
  for (int64_t axis : axes)
    current.push_back(shape[axis]);
  Value known =
      node.create<nn::CastOp>(node.indices(ArrayRef<Dim>(current)), wide);
  Value factor = node.create<nn::CastOp>(scales, wide);
  if (!known || !factor)
    return failure();
  Value product = node.create<nn::MulOp>(known, factor);
  Value computed =
      product ? node.create<nn::CastOp>(product, node.builder().getI64Type())
              : Value();
  if (!computed)
    return failure();
  if (node.typeOf(computed).getShape() !=
      ArrayRef<int64_t>{int64_t(axes.size())})
    return node.error("expects " + Twine(axes.size()) + " scales");
  sizes = computed;
  DimBuilder dims(node.builder(), node.loc());
  for (size_t i = 0; i < axes.size(); ++i)
    targets.push_back(dims.element(computed, i));
  SmallVector<size_t> which =
      llvm::to_vector(llvm::seq<size_t>(0, axes.size()));
  return emit(which, targets, {});
}

/// One scale for all axes, so that no result is larger (or smaller) than asked.
LogicalResult ResizeNode::importKeptAspect(ArrayRef<Dim> targets) {
  if (policy != "not_larger" && policy != "not_smaller")
    return node.error("has unsupported 'keep_aspect_ratio_policy' of '" +
                      policy + "'");
  SmallVector<Dim> shape = node.shape(input);
  std::optional<double> factor;
  for (auto [i, axis] : llvm::enumerate(axes)) {
    std::optional<int64_t> from = shape[axis].getConstant();
    std::optional<int64_t> to = targets[i].getConstant();
    if (!from || !to || *from <= 0 || *to < 0)
      return node.error("expects sizes known now to keep the aspect ratio");
    double own = double(*to) / double(*from);
    factor = !factor                  ? own
             : policy == "not_larger" ? std::min(*factor, own)
                                      : std::max(*factor, own);
  }
  if (!factor || !(*factor > 0))
    return node.error("expects positive sizes to keep the aspect ratio");
  SmallVector<Dim> kept;
  for (int64_t axis : axes)
    kept.push_back(Dim(int64_t(
        std::floor(*factor * double(*shape[axis].getConstant()) + 0.5))));
  SmallVector<size_t> which =
      llvm::to_vector(llvm::seq<size_t>(0, axes.size()));
  SmallVector<double> factors(axes.size(), *factor);
  return emit(which, kept, factors);
}

LogicalResult ResizeNode::importSizes() {
  if (node.rankOf(sizes) != 1 ||
      node.typeOf(sizes).getDimSize(0) != int64_t(axes.size()))
    return node.error("expects " + Twine(axes.size()) + " sizes");
  DimBuilder dims(node.builder(), node.loc());
  SmallVector<Dim> targets = dims.elements(sizes), shape = node.shape(input);
  scales = {};
  if (policy != "stretch")
    return importKeptAspect(targets);
  SmallVector<size_t> which;
  for (auto [i, axis] : llvm::enumerate(axes)) {
    bool isSame = targets[i].isSameAs(shape[axis]);
    if (isSame && mayDropAxes())
      continue;
    which.push_back(i);
  }
  return emit(which, targets, {});
}

LogicalResult ResizeNode::import() {
  if (axes.empty())
    for (int64_t axis = 0; axis < node.rankOf(input); ++axis)
      axes.push_back(axis);
  if (sizes && scales)
    return node.error("expects either scales or sizes, but got both");
  if (sizes)
    return importSizes();
  if (!scales)
    return node.error("expects scales or sizes");
  if (std::optional<SmallVector<double>> known = node.constantDoubles(scales))
    return importKnownScales(*known);
  return importComputedScales();
}

/// An input that is there and not the empty tensor, which also means none.
static Value nonEmptyInput(NodeBinder &node, size_t index) {
  Value value = node.optionalInput(index);
  if (!value)
    return {};
  auto type = node.typeOf(value);
  return type.hasStaticShape() && type.getNumElements() == 0 ? Value() : value;
}

static LogicalResult importResize(NodeBinder &node) {
  ResizeNode resize{node, node.input(0)};
  if (!resize.input || failed(resize.readModes()))
    return failure();
  resize.roi = nonEmptyInput(node, 1);
  resize.scales = nonEmptyInput(node, 2);
  resize.sizes = nonEmptyInput(node, 3);
  resize.cubicCoefficient = float(node.floatAttr("cubic_coeff_a", -0.75));
  resize.extrapolation = float(node.floatAttr("extrapolation_value", 0));
  resize.excludeOutside = node.intAttr("exclude_outside", 0) != 0;
  resize.antialias = node.intAttr("antialias", 0) != 0;
  resize.policy = node.stringAttr("keep_aspect_ratio_policy", "stretch");
  if (std::optional<SmallVector<int64_t>> axes = node.intsAttr("axes")) {
    FailureOr<SmallVector<int64_t>> known =
        node.normalizeAxes(*axes, node.rankOf(resize.input));
    if (failed(known))
      return failure();
    resize.axes = *known;
  }
  return resize.import();
}

/// Upsample 9 and Resize 10: scales as an input, nothing else to choose.
static LogicalResult importResizeWithScales(NodeBinder &node) {
  ResizeNode resize{node, node.input(0)};
  resize.scales = node.input(1);
  if (!resize.input || !resize.scales ||
      failed(readEnum(node, "mode", "nearest", resize.mode,
                      nn::symbolizeInterpolation)))
    return failure();
  return resize.import();
}

/// Upsample 7: scales as an attribute; Upsample 1: those of height and width.
static LogicalResult importUpsampleWithAttributes(NodeBinder &node) {
  ResizeNode resize{node, node.input(0)};
  std::string mode = node.stringAttr("mode", "nearest");
  if (!resize.input)
    return failure();
  std::optional<nn::Interpolation> known =
      nn::symbolizeInterpolation(mode == "bilinear" ? "linear" : mode);
  if (!known)
    return node.error("has unsupported 'mode' of '" + mode + "'");
  resize.mode = *known;
  std::vector<double> factors;
  if (std::optional<SmallVector<float>> scales = node.floatsAttr("scales"))
    factors.assign(scales->begin(), scales->end());
  else if (node.version() < 7 && node.hasAttr("height_scale") &&
           node.hasAttr("width_scale"))
    factors = {1, 1, node.floatAttr("height_scale", 1),
               node.floatAttr("width_scale", 1)};
  else
    return node.error("expects attribute 'scales'");
  resize.scales = node.constant(nncio::Tensor::fromDoubles(
      nncio::ElementType::F32, {int64_t(factors.size())}, factors));
  return resize.import();
}

//===----------------------------------------------------------------------===//
// GridSample, AffineGrid, RoiAlign
//===----------------------------------------------------------------------===//

static LogicalResult importGridSample(NodeBinder &node) {
  Value input = node.input(0), grid = node.input(1);
  if (!input || !grid)
    return failure();
  // The names before version 20.
  std::string text = node.stringAttr("mode", "linear");
  StringRef name = text == "bilinear"  ? StringRef("linear")
                   : text == "bicubic" ? StringRef("cubic")
                                       : StringRef(text);
  std::optional<nn::Interpolation> mode = nn::symbolizeInterpolation(name);
  if (!mode)
    return node.error("has unsupported 'mode' of '" + text + "'");
  nn::SamplePadding padding;
  if (failed(readEnum(node, "padding_mode", "zeros", padding,
                      nn::symbolizeSamplePadding)))
    return failure();
  return node.result(node.create<nn::GridSampleOp>(
      input, grid, *mode, padding, node.intAttr("align_corners", 0) != 0));
}

/// `size` is [batch, channels, spatial...].
static LogicalResult importAffineGrid(NodeBinder &node) {
  Value theta = node.input(0), size = node.input(1);
  if (!theta || !size)
    return failure();
  auto type = node.typeOf(size);
  if (type.getRank() != 1 || type.isDynamicDim(0) || type.getDimSize(0) < 3)
    return node.error("expects a size of rank 1 and length 4 or 5");
  DimBuilder dims(node.builder(), node.loc());
  SmallVector<Dim> sizes;
  for (int64_t i = 2; i < type.getDimSize(0); ++i)
    sizes.push_back(dims.element(size, i));
  return node.result(
      node.create<nn::AffineGridOp>(theta, node.indices(ArrayRef<Dim>(sizes)),
                                    node.intAttr("align_corners", 0) != 0));
}

/// Coordinates are shifted by half an element from version 16 on, by default.
static LogicalResult importRoiAlign(NodeBinder &node) {
  Value input = node.input(0), rois = node.input(1), batches = node.input(2);
  if (!input || !rois || !batches)
    return failure();
  nn::RoiPooling mode;
  if (failed(readEnum(node, "mode", "avg", mode, nn::symbolizeRoiPooling)))
    return failure();
  std::string coordinates = node.stringAttr(
      "coordinate_transformation_mode",
      node.version() >= 16 ? "half_pixel" : "output_half_pixel");
  if (coordinates != "half_pixel" && coordinates != "output_half_pixel")
    return node.error("has unsupported 'coordinate_transformation_mode' of '" +
                      coordinates + "'");
  SmallVector<int64_t> size{node.intAttr("output_height", 1),
                            node.intAttr("output_width", 1)};
  return node.result(node.create<nn::RoiAlignOp>(
      input, rois, batches, mode, size, coordinates == "half_pixel",
      node.intAttr("sampling_ratio", 0),
      APFloat(float(node.floatAttr("spatial_scale", 1)))));
}

void onnximport::addSamplingOperators(OpTable &table) {
  table.add("AffineGrid", 20, importAffineGrid);
  table.add("GridSample", 16, importGridSample);
  table.add("Resize", 10, importResizeWithScales);
  table.add("Resize", 11, importResize);
  table.add("RoiAlign", 10, importRoiAlign);
  table.add("Upsample", 1, importUpsampleWithAttributes);
  table.add("Upsample", 9, importResizeWithScales);
}
