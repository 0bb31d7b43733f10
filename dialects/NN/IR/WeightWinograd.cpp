//===----------------------------------------------------------------------===//
// The filter transform of Winograd's convolution, on raw bytes.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "dialects/NN/IR/NNOps.h"
#include "dialects/NN/IR/WeightTransformUtils.h"

#include <cstring>

using namespace mlir;
using namespace mlir::nnc;
using namespace mlir::nnc::nn;

/// Channels of a unit, and filters that are written together: a block of the
/// result that stays in the first cache.
static constexpr int64_t channelBlock = 8, filterBlock = 16;

static constexpr int64_t maxPoints = 6;

/// The matrix G of Lavin and Gray (arXiv 1509.09308), section 4, for tiles of 2
/// and of 4: a row for each point, the last one for infinity.
static ArrayRef<double> getFilterMatrix(int64_t tile) {
  static constexpr double small[] = {1,   0,    0,   0.5, 0.5, 0.5,
                                     0.5, -0.5, 0.5, 0,   0,   1};
  static constexpr double large[] = {
      1.0 / 4,  0,         0,        -1.0 / 6, -1.0 / 6, -1.0 / 6,
      -1.0 / 6, 1.0 / 6,   -1.0 / 6, 1.0 / 24, 1.0 / 12, 1.0 / 6,
      1.0 / 24, -1.0 / 12, 1.0 / 6,  0,        0,        1};
  return tile == 2 ? ArrayRef<double>(small) : ArrayRef<double>(large);
}

LogicalResult WinogradAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   int64_t tile) {
  if (tile != 2 && tile != 4)
    return emitError() << "expects a tile of 2 or 4, but got " << tile;
  return success();
}

nncio::Result<RankedTensorType>
WinogradAttr::inferType(RankedTensorType operand) const {
  if (operand.getRank() != 4 || operand.getDimSize(2) != 3 ||
      operand.getDimSize(3) != 3 ||
      !nn::detail::isComputedFloat(operand.getElementType()))
    return nncio::Result<RankedTensorType>::failure(
        "expects a filter [F, C, 3, 3] of floats of 16, 32 or 64 bits, but "
        "got " +
        nn::detail::describe(operand));
  int64_t points = getTile() + 2;
  return operand.clone(
      {points * points, operand.getDimSize(1), operand.getDimSize(0)});
}

int64_t WinogradAttr::getNumUnits(RankedTensorType operand) const {
  return llvm::divideCeil(operand.getDimSize(1), channelBlock);
}

/// `out`, `points` x `points`, becomes G g G^T.
static void transformFilter(ArrayRef<double> matrix, int64_t points,
                            const double (&filter)[9], double *out) {
  double half[maxPoints * 3];
  for (int64_t i = 0; i < points; ++i)
    for (int64_t b = 0; b < 3; ++b)
      half[i * 3 + b] = matrix[i * 3] * filter[b] +
                        matrix[i * 3 + 1] * filter[3 + b] +
                        matrix[i * 3 + 2] * filter[6 + b];
  for (int64_t i = 0; i < points; ++i)
    for (int64_t j = 0; j < points; ++j)
      out[i * points + j] = half[i * 3] * matrix[j * 3] +
                            half[i * 3 + 1] * matrix[j * 3 + 1] +
                            half[i * 3 + 2] * matrix[j * 3 + 2];
}

namespace {
template <typename T>
struct Plain {
  using Storage = T;
  static double decode(T value) { return value; }
  static T encode(double value) { return T(value); }
};
/// Rounds twice, as all conversions of doubles to the 16-bit floats here do.
struct Half {
  using Storage = uint16_t;
  static double decode(uint16_t bits) { return nncio::halfToFloat(bits); }
  static uint16_t encode(double value) {
    return nncio::floatToHalf(float(value));
  }
};
struct BFloat {
  using Storage = uint16_t;
  static double decode(uint16_t bits) { return nncio::bfloatToFloat(bits); }
  static uint16_t encode(double value) {
    return nncio::floatToBFloat(float(value));
  }
};

struct FilterShape {
  int64_t filters, channels, tile;
};
} // namespace

/// Channels [begin, end) of all filters.
template <typename Type>
static void transformChannels(FilterShape shape, const uint8_t *data,
                              uint8_t *result, int64_t begin, int64_t end) {
  using Storage = typename Type::Storage;
  int64_t points = shape.tile + 2, positions = points * points;
  ArrayRef<double> matrix = getFilterMatrix(shape.tile);
  Storage block[maxPoints * maxPoints][filterBlock];
  for (int64_t c = begin; c < end; ++c)
    for (int64_t f0 = 0; f0 < shape.filters; f0 += filterBlock) {
      int64_t count = std::min(filterBlock, shape.filters - f0);
      for (int64_t f = 0; f < count; ++f) {
        Storage stored[9];
        double filter[9], out[maxPoints * maxPoints];
        std::memcpy(stored,
                    data + ((f0 + f) * shape.channels + c) * sizeof stored,
                    sizeof stored);
        for (int64_t i = 0; i < 9; ++i)
          filter[i] = Type::decode(stored[i]);
        transformFilter(matrix, points, filter, out);
        for (int64_t p = 0; p < positions; ++p)
          block[p][f] = Type::encode(out[p]);
      }
      for (int64_t p = 0; p < positions; ++p)
        std::memcpy(result + ((p * shape.channels + c) * shape.filters + f0) *
                                 sizeof(Storage),
                    block[p], count * sizeof(Storage));
    }
}

void WinogradAttr::applyUnits(RankedTensorType operand, const uint8_t *data,
                              uint8_t *result, int64_t begin,
                              int64_t end) const {
  FilterShape shape = {operand.getDimSize(0), operand.getDimSize(1), getTile()};
  begin *= channelBlock;
  end = std::min(end * channelBlock, shape.channels);
  Type element = operand.getElementType();
  if (element.isF32())
    transformChannels<Plain<float>>(shape, data, result, begin, end);
  else if (element.isF64())
    transformChannels<Plain<double>>(shape, data, result, begin, end);
  else if (element.isF16())
    transformChannels<Half>(shape, data, result, begin, end);
  else
    transformChannels<BFloat>(shape, data, result, begin, end);
}
