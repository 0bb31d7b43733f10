//===----------------------------------------------------------------------===//
// Import of windows, Fourier transforms, determinants.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "NodeBinder.h"
#include "nnc/Interfaces/ElementTypes.h"

#include <cmath>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::onnximport;

/// Elements above which a filter bank is refused: 2^28, 1 GiB of floats.
static constexpr int64_t maxFilterElements = int64_t(1) << 28;

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

static LogicalResult importWindow(NodeBinder &node,
                                  ArrayRef<double> coefficients) {
  Value size = node.input(0);
  FailureOr<Type> type =
      node.elementType(node.intAttr("output_datatype", /*float=*/1));
  if (!size || failed(type))
    return failure();
  return node.result(node.create<nn::CosineWindowOp>(
      size, coefficients, node.intAttr("periodic", 1) != 0, *type));
}

static LogicalResult importHannWindow(NodeBinder &node) {
  return importWindow(node, {0.5, 0.5, 0.0});
}

static LogicalResult importHammingWindow(NodeBinder &node) {
  return importWindow(node, {25.0 / 46.0, 21.0 / 46.0, 0.0});
}

static LogicalResult importBlackmanWindow(NodeBinder &node) {
  return importWindow(node, {0.42, 0.5, 0.08});
}

//===----------------------------------------------------------------------===//
// MelWeightMatrix
//===----------------------------------------------------------------------===//

namespace {
/// Triangular filters, evenly spaced on the mel scale.
struct MelFilters {
  int64_t bands, dftLength, sampleRate;
  double lowest, highest;

  int64_t bins() const { return dftLength / 2 + 1; }
  /// The spectrum's bin at each band edge, bands + 2 of them.
  std::vector<int64_t> edges() const;
  void fill(nncio::Tensor &matrix) const;
};
} // namespace

std::vector<int64_t> MelFilters::edges() const {
  double low = 2595 * std::log10(1 + lowest / 700);
  double high = 2595 * std::log10(1 + highest / 700);
  double step = (high - low) / double(bands + 2);
  std::vector<int64_t> result;
  for (int64_t i = 0; i < bands + 2; ++i) {
    double hertz = 700 * (std::pow(10, (double(i) * step + low) / 2595) - 1);
    result.push_back(int64_t(
        std::floor(double(dftLength + 1) * hertz / double(sampleRate))));
  }
  return result;
}

void MelFilters::fill(nncio::Tensor &matrix) const {
  std::vector<int64_t> edge = edges();
  auto set = [&](int64_t bin, int64_t band, double value) {
    if (bin >= 0 && bin < bins())
      matrix.setDouble(bin * bands + band, value);
  };
  for (int64_t band = 0; band < bands; ++band) {
    int64_t low = edge[band], centre = edge[band + 1], high = edge[band + 2];
    if (low == centre)
      set(centre, band, 1);
    for (int64_t bin = low; low != centre && bin <= centre; ++bin)
      set(bin, band, double(bin - low) / double(centre - low));
    for (int64_t bin = centre; bin < high; ++bin)
      set(bin, band, double(high - bin) / double(high - centre));
  }
}

static LogicalResult importMelWeightMatrix(NodeBinder &node) {
  double numbers[5];
  for (size_t i = 0; i < 5; ++i) {
    Value input = node.input(i);
    if (!input)
      return failure();
    std::optional<SmallVector<double>> known = node.constantDoubles(input);
    if (!known || known->size() != 1)
      return node.error("expects a constant number as input " + Twine(i) +
                        ", but it is computed in the run");
    numbers[i] = (*known)[0];
  }
  FailureOr<Type> type =
      node.elementType(node.intAttr("output_datatype", /*float=*/1));
  if (failed(type))
    return failure();
  constexpr double limit = 1 << 30;
  if (!(numbers[0] >= 1 && numbers[0] < limit && numbers[1] >= 1 &&
        numbers[1] < limit && numbers[2] >= 1 && numbers[2] < limit))
    return node.error("expects numbers of bands, samples and samples a second "
                      "of at least 1");
  MelFilters filters{int64_t(numbers[0]), int64_t(numbers[1]),
                     int64_t(numbers[2]), numbers[3], numbers[4]};
  // Above half the sample rate there is no spectrum.
  if (!(filters.lowest >= 0 && filters.lowest <= filters.highest &&
        filters.highest <= double(filters.sampleRate)))
    return node.error("expects 0 <= lower edge <= upper edge <= sample rate");
  if (filters.bins() > maxFilterElements / filters.bands)
    return node.error("asks for a matrix of more than " +
                      Twine(maxFilterElements) + " elements");
  nncio::Tensor matrix(*toElementType(*type), {filters.bins(), filters.bands});
  filters.fill(matrix);
  return node.result(node.constant(matrix));
}

//===----------------------------------------------------------------------===//
// DFT, STFT, Det
//===----------------------------------------------------------------------===//

/// The axis is an attribute up to version 17, an input from 20 on.
static LogicalResult importDFT(NodeBinder &node) {
  Value signal = node.input(0);
  if (!signal)
    return failure();
  bool hasAxisInput = node.version() >= 20;
  int64_t axis = node.intAttr("axis", hasAxisInput ? -2 : 1);
  if (hasAxisInput && node.hasInput(2)) {
    std::optional<SmallVector<int64_t>> known =
        node.constantInts(node.input(2));
    if (!known || known->size() != 1)
      return node.error("expects a constant axis, but it is computed in the "
                        "run");
    axis = (*known)[0];
  }
  FailureOr<int64_t> normal = node.normalizeAxis(axis, node.rankOf(signal));
  if (failed(normal))
    return failure();
  bool isInverse = node.intAttr("inverse", 0) != 0;
  bool isOnesided = node.intAttr("onesided", 0) != 0;
  if (isInverse && isOnesided)
    return node.error("expects 'onesided' to be 0 with 'inverse', but got 1");
  Value length = node.hasInput(1) ? node.input(1)
                                  : node.indices({node.shape(signal)[*normal]});
  if (!length)
    return failure();
  return node.result(
      node.create<nn::DFTOp>(signal, length, *normal, isInverse, isOnesided));
}

/// Frames, each multiplied by the window, then transformed.
static LogicalResult importSTFT(NodeBinder &node) {
  Value signal = node.input(0), step = node.input(1);
  Value window = node.optionalInput(2), length = node.optionalInput(3);
  if (!signal || !step || (node.hasInput(2) && !window) ||
      (node.hasInput(3) && !length))
    return failure();
  if (node.rankOf(signal) == 2) {
    SmallVector<Dim> shape = node.shape(signal);
    shape.push_back(Dim(1));
    signal = node.reshape(signal, shape);
  }
  if (window && node.rankOf(window) != 1)
    return node.error("expects a window of rank 1");
  if (!length && !window)
    return node.error("expects a window or a frame length");
  if (!length)
    length = node.indices({node.shape(window)[0]});
  Value frames = node.create<nn::FrameOp>(signal, length, step);
  if (!frames)
    return failure();
  if (window) {
    window = node.reshape(window, {node.shape(window)[0], Dim(1)});
    frames = window ? node.create<nn::MulOp>(frames, window) : Value();
    if (!frames)
      return failure();
  }
  return node.result(node.create<nn::DFTOp>(
      frames, length, /*axis=*/int64_t(2), /*inverse=*/false,
      /*onesided=*/node.intAttr("onesided", 1) != 0));
}

static LogicalResult importDet(NodeBinder &node) {
  Value input = node.input(0);
  return input ? node.result(node.create<nn::DetOp>(input)) : failure();
}

//===----------------------------------------------------------------------===//
// CenterCropPad
//===----------------------------------------------------------------------===//

/// A pad whose counts may be negative; the odd element goes behind.
static LogicalResult importCenterCropPad(NodeBinder &node) {
  Value input = node.input(0), shape = node.input(1);
  if (!input || !shape)
    return failure();
  int64_t rank = node.rankOf(input);
  SmallVector<int64_t> all = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  FailureOr<SmallVector<int64_t>> axes =
      node.normalizeAxes(node.intsAttr("axes").value_or(all), rank);
  if (failed(axes))
    return failure();
  if (node.rankOf(shape) != 1 ||
      node.typeOf(shape).getDimSize(0) != int64_t(axes->size()))
    return node.error("expects a shape of length " + Twine(axes->size()));
  DimBuilder dims(node.builder(), node.loc());
  SmallVector<Dim> from = node.shape(input), pads(2 * rank, Dim(0));
  for (auto [i, axis] : llvm::enumerate(*axes)) {
    Dim more = dims.sub(dims.element(shape, i), from[axis]);
    Dim less = dims.sub(Dim(0), more);
    Dim removed = dims.sub(Dim(0), dims.floorDiv(less, Dim(2)));
    Dim before =
        dims.selectLess(more, Dim(0), removed, dims.floorDiv(more, Dim(2)));
    pads[axis] = before;
    pads[rank + axis] = dims.sub(more, before);
  }
  return node.result(node.create<nn::PadOp>(input,
                                            node.indices(ArrayRef<Dim>(pads)),
                                            Value(), nn::PadMode::Constant));
}

void onnximport::addSignalOperators(OpTable &table) {
  table.add("BlackmanWindow", 17, importBlackmanWindow);
  table.add("CenterCropPad", 18, importCenterCropPad);
  table.add("DFT", 17, importDFT);
  table.add("Det", 11, importDet);
  table.add("HammingWindow", 17, importHammingWindow);
  table.add("HannWindow", 17, importHannWindow);
  table.add("MelWeightMatrix", 17, importMelWeightMatrix);
  table.add("STFT", 17, importSTFT);
}
