//===----------------------------------------------------------------------===//
// Windows, frames, Fourier transforms, determinants: shapes, reference, cost.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/ElementOrder.h"
#include "dialects/NN/IR/NNOps.h"
#include "dialects/NN/IR/ScalarOperands.h"

#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

static constexpr double pi = 3.14159265358979323846;

static RankedTensorType typeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType());
}

//===----------------------------------------------------------------------===//
// CosineWindowOp
//===----------------------------------------------------------------------===//

LogicalResult
CosineWindowOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                            SmallVectorImpl<ResultShape> &shapes) {
  if (adaptor.getCoefficients().size() != 3)
    return dims.fail("expects 3 coefficients, but got " +
                     Twine(adaptor.getCoefficients().size()));
  Type type = adaptor.getElementType();
  auto integer = dyn_cast<IntegerType>(type);
  if (!isa<Float16Type, BFloat16Type, Float32Type, Float64Type>(type) &&
      !(integer && integer.getWidth() >= 8))
    return dims.fail("expects an element type that is a number");
  FailureOr<Dim> size = readScalar(dims, adaptor.getSize(), "a size");
  if (failed(size) || failed(requireAtLeast(dims, *size, 0, "a size")))
    return failure();
  shapes.push_back({type, {*size}});
  return success();
}

std::string CosineWindowOp::evaluate(ArrayRef<nncio::Tensor> operands,
                                     MutableArrayRef<nncio::Tensor> results) {
  int64_t size = results[0].size();
  double period = getPeriodic() ? size : std::max<int64_t>(size - 1, 1);
  ArrayRef<double> a = getCoefficients();
  for (int64_t i = 0; i < size; ++i)
    results[0].setDouble(i, a[0] - a[1] * std::cos(2 * pi * i / period) +
                                a[2] * std::cos(4 * pi * i / period));
  return "";
}

std::optional<int64_t> CosineWindowOp::getFlops() {
  std::optional<int64_t> elements = countResultElements(*this);
  return elements ? std::optional(8 * *elements) : std::nullopt;
}

//===----------------------------------------------------------------------===//
// FrameOp
//===----------------------------------------------------------------------===//

LogicalResult FrameOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                   SmallVectorImpl<ResultShape> &shapes) {
  Value signal = adaptor.getSignal();
  if (failed(requireRank(dims, signal, 3, "a signal")))
    return failure();
  FailureOr<Dim> length = readScalar(dims, adaptor.getLength(), "a length");
  FailureOr<Dim> step = readScalar(dims, adaptor.getStep(), "a step");
  if (failed(length) || failed(step) ||
      failed(requireAtLeast(dims, *length, 1, "a length")) ||
      failed(requireAtLeast(dims, *step, 1, "a step")))
    return failure();
  SmallVector<Dim> shape = dims.shape(signal);
  // The divisor is kept off zero even where the check above comes later.
  Dim starts =
      dims.floorDiv(dims.sub(shape[1], *length), dims.max(*step, Dim(1)));
  Dim frames = dims.max(dims.add(starts, Dim(1)), Dim(0));
  shapes.push_back(
      {typeOf(signal).getElementType(), {shape[0], frames, *length, shape[2]}});
  return success();
}

std::string FrameOp::evaluate(ArrayRef<nncio::Tensor> operands,
                              MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &signal = operands[0];
  ArrayRef<int64_t> shape = results[0].shape();
  int64_t step = operands[2].getInt(0);
  size_t row = shape[3] * nncio::elementBytes(signal.type());
  uint8_t *out = results[0].mutableData();
  for (int64_t b = 0; b < shape[0]; ++b)
    for (int64_t f = 0; f < shape[1]; ++f)
      for (int64_t i = 0; i < shape[2]; ++i, out += row)
        std::memcpy(
            out, signal.data() + (b * signal.shape()[1] + f * step + i) * row,
            row);
  return "";
}

//===----------------------------------------------------------------------===//
// DFTOp
//===----------------------------------------------------------------------===//

LogicalResult DFTOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                 SmallVectorImpl<ResultShape> &shapes) {
  SmallVector<Dim> shape = dims.shape(adaptor.getSignal());
  if (shape.size() < 2)
    return dims.fail("expects a signal of rank 2 or more, but got " +
                     Twine(shape.size()));
  int64_t axis = adaptor.getAxis(), last = shape.size() - 1;
  if (failed(requireAxis(dims, axis, last)))
    return failure();
  StringRef parts = "a number of components";
  if (failed(requireAtLeast(dims, shape[last], 1, parts)) ||
      failed(requireAtMost(dims, shape[last], Dim(2), parts)))
    return failure();
  FailureOr<Dim> length = readScalar(dims, adaptor.getLength(), "a length");
  if (failed(length) || failed(requireAtLeast(dims, *length, 1, "a length")))
    return failure();
  shape[axis] = adaptor.getOnesided()
                    ? dims.add(dims.floorDiv(*length, Dim(2)), Dim(1))
                    : *length;
  shape[last] = Dim(2);
  shapes.push_back({typeOf(adaptor.getSignal()).getElementType(), shape});
  return success();
}

std::string DFTOp::evaluate(ArrayRef<nncio::Tensor> operands,
                            MutableArrayRef<nncio::Tensor> results) {
  const nncio::Tensor &signal = operands[0];
  int64_t parts = signal.shape().back(), length = operands[1].getInt(0);
  // The components make the innermost axis, so that inner counts pairs.
  AxisView from = AxisView::of(signal.shape(), getAxis());
  AxisView to = AxisView::of(results[0].shape(), getAxis());
  int64_t known = std::min(length, from.size);
  double turn = (getInverse() ? 2 : -2) * pi / double(length);
  double factor = getInverse() ? 1.0 / double(length) : 1.0;
  for (int64_t o = 0; o < to.outer; ++o)
    for (int64_t k = 0; k < to.size; ++k)
      for (int64_t r = 0; r < to.inner / 2; ++r) {
        double real = 0, imaginary = 0;
        for (int64_t i = 0; i < known; ++i) {
          // k * i may not fit; only its place in the turn matters.
          int64_t step = int64_t(__int128(k) * i % length);
          double c = std::cos(turn * double(step));
          double s = std::sin(turn * double(step));
          int64_t place = from.at(o, i, r * parts);
          double x = signal.getDouble(place);
          double y = parts == 2 ? signal.getDouble(place + 1) : 0.0;
          real += x * c - y * s;
          imaginary += x * s + y * c;
        }
        results[0].setDouble(to.at(o, k, 2 * r), real * factor);
        results[0].setDouble(to.at(o, k, 2 * r + 1), imaginary * factor);
      }
  return "";
}

std::optional<int64_t> DFTOp::getFlops() {
  std::optional<int64_t> elements = countResultElements(*this);
  int64_t size = typeOf(getSignal()).getDimSize(getAxis()), flops;
  if (!elements || ShapedType::isDynamic(size) ||
      llvm::MulOverflow(*elements, 4 * size, flops))
    return std::nullopt;
  return flops;
}

//===----------------------------------------------------------------------===//
// DetOp
//===----------------------------------------------------------------------===//

LogicalResult DetOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                                 SmallVectorImpl<ResultShape> &shapes) {
  SmallVector<Dim> shape = dims.shape(adaptor.getInput());
  if (shape.size() < 2)
    return dims.fail("expects matrices, but got rank " + Twine(shape.size()));
  Dim columns = shape.pop_back_val(), rows = shape.pop_back_val();
  if (failed(dims.requireEqual(rows, columns, "rows and columns")))
    return failure();
  shapes.push_back({typeOf(adaptor.getInput()).getElementType(), shape});
  return success();
}

/// By elimination with the largest pivot of each column.
static double determinant(std::vector<double> m, int64_t n) {
  double product = 1;
  for (int64_t k = 0; k < n; ++k) {
    int64_t pivot = k;
    for (int64_t i = k + 1; i < n; ++i)
      if (std::fabs(m[i * n + k]) > std::fabs(m[pivot * n + k]))
        pivot = i;
    if (pivot != k) {
      std::swap_ranges(m.begin() + k * n, m.begin() + (k + 1) * n,
                       m.begin() + pivot * n);
      product = -product;
    }
    product *= m[k * n + k];
    if (m[k * n + k] == 0)
      return product;
    for (int64_t i = k + 1; i < n; ++i) {
      double factor = m[i * n + k] / m[k * n + k];
      for (int64_t j = k; j < n; ++j)
        m[i * n + j] -= factor * m[k * n + j];
    }
  }
  return product;
}

std::string DetOp::evaluate(ArrayRef<nncio::Tensor> operands,
                            MutableArrayRef<nncio::Tensor> results) {
  int64_t n = operands[0].shape().back();
  std::vector<double> elements = operands[0].toDoubles();
  for (int64_t i = 0; i < results[0].size(); ++i)
    results[0].setDouble(i, determinant({elements.begin() + i * n * n,
                                         elements.begin() + (i + 1) * n * n},
                                        n));
  return "";
}

std::optional<int64_t> DetOp::getFlops() {
  std::optional<int64_t> elements = countResultElements(*this);
  int64_t n = typeOf(getInput()).getShape().back(), flops;
  if (!elements || ShapedType::isDynamic(n) || llvm::MulOverflow(n, n, flops) ||
      llvm::MulOverflow(flops, n, flops) ||
      llvm::MulOverflow(flops, *elements, flops))
    return std::nullopt;
  return flops / 3 * 2;
}

//===----------------------------------------------------------------------===//
// MelWeightMatrixOp
//===----------------------------------------------------------------------===//

LogicalResult
MelWeightMatrixOp::inferShapes(Adaptor adaptor, DimBuilder &dims,
                               SmallVectorImpl<ResultShape> &shapes) {
  Type type = adaptor.getElementType();
  auto integer = dyn_cast<IntegerType>(type);
  if (!isa<Float16Type, BFloat16Type, Float32Type, Float64Type>(type) &&
      !(integer && integer.getWidth() >= 8))
    return dims.fail("expects an element type that is a number");
  FailureOr<Dim> bands = readScalar(dims, adaptor.getBands(), "bands");
  FailureOr<Dim> length =
      readScalar(dims, adaptor.getDftLength(), "a DFT length");
  if (failed(bands) || failed(length) ||
      failed(
          requireOneElement(dims, adaptor.getSampleRate(), "a sample rate")) ||
      failed(requireOneElement(dims, adaptor.getLowerEdge(), "an edge")) ||
      failed(requireOneElement(dims, adaptor.getUpperEdge(), "an edge")) ||
      failed(requireAtLeast(dims, *bands, 1, "bands")) ||
      failed(requireAtMost(dims, *bands, Dim(windowNumberLimit), "bands")) ||
      failed(requireAtLeast(dims, *length, 1, "a DFT length")) ||
      failed(
          requireAtMost(dims, *length, Dim(windowNumberLimit), "a DFT length")))
    return failure();
  Dim bins = dims.add(dims.floorDiv(*length, Dim(2)), Dim(1));
  // What the checks refuse in the run still has dimensions before it.
  shapes.push_back({type, {dims.max(bins, Dim(0)), dims.max(*bands, Dim(0))}});
  return success();
}

/// The spectrum's bin at each band edge, bands + 2 of them.
static std::vector<double> getMelEdges(int64_t bands, double length,
                                       double rate, double lowest,
                                       double highest) {
  double low = 2595 * std::log10(1 + lowest / 700);
  double high = 2595 * std::log10(1 + highest / 700);
  double step = (high - low) / double(bands + 2);
  std::vector<double> edges;
  for (int64_t i = 0; i < bands + 2; ++i) {
    double hertz = 700 * (std::pow(10, (double(i) * step + low) / 2595) - 1);
    edges.push_back(std::floor((length + 1) * hertz / rate));
  }
  return edges;
}

std::string
MelWeightMatrixOp::evaluate(ArrayRef<nncio::Tensor> operands,
                            MutableArrayRef<nncio::Tensor> results) {
  double length = operands[1].getDouble(0), rate = operands[2].getDouble(0);
  double lowest = operands[3].getDouble(0), highest = operands[4].getDouble(0);
  int64_t bins = results[0].shape()[0], bands = results[0].shape()[1];
  // Above half the sample rate there is no spectrum.
  if (!(rate >= 1 && lowest >= 0 && lowest <= highest && highest <= rate))
    return "expects 0 <= lower edge <= upper edge <= sample rate";
  std::vector<double> edges = getMelEdges(bands, length, rate, lowest, highest);
  for (int64_t bin = 0; bin < bins; ++bin)
    for (int64_t band = 0; band < bands; ++band) {
      double low = edges[band], centre = edges[band + 1],
             high = edges[band + 2], x = double(bin), value = 0;
      if (x >= centre && x < high)
        value = (high - x) / (high - centre);
      else if (x >= low && x <= centre)
        value = low == centre ? 1 : (x - low) / (centre - low);
      results[0].setDouble(bin * bands + band, value);
    }
  return "";
}

std::optional<int64_t> MelWeightMatrixOp::getFlops() {
  std::optional<int64_t> elements = countResultElements(*this);
  int64_t flops = 0;
  if (!elements || llvm::MulOverflow(*elements, int64_t(30), flops))
    return std::nullopt;
  return flops;
}
