//===----------------------------------------------------------------------===//
// The values that a weight of few bits may take.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/WeightGrid.h"

#include "mlir/IR/Threading.h"
#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::nnc;
using nncio::ElementType;

//===----------------------------------------------------------------------===//
// Formats
//===----------------------------------------------------------------------===//

ElementType WeightFormat::getElementType() const {
  switch (kind) {
  case Kind::Float8:
    return ElementType::F8E4M3FN;
  case Kind::Float16:
    return ElementType::F16;
  case Kind::BFloat16:
    return ElementType::BF16;
  case Kind::Integer:
    break;
  }
  if (bits == 2)
    return hasZeroPoints ? ElementType::U2 : ElementType::I2;
  if (bits <= 4)
    return hasZeroPoints ? ElementType::U4 : ElementType::I4;
  return hasZeroPoints ? ElementType::U8 : ElementType::I8;
}

std::string WeightFormat::describe() const {
  switch (kind) {
  case Kind::Float16:
    return "f16";
  case Kind::BFloat16:
    return "bf16";
  case Kind::Float8:
  case Kind::Integer:
    break;
  }
  std::string text =
      kind == Kind::Float8 ? "f8E4M3FN" : "int" + std::to_string(bits);
  text += group ? ", groups of " + std::to_string(group) : ", a scale a column";
  return hasZeroPoints ? text + ", zero points" : text;
}

double WeightFormat::countBits(int64_t depth) const {
  double own = nncio::elementBits(getElementType());
  if (!hasScales())
    return own;
  double shared = 16 + (hasZeroPoints ? 8 : 0);
  return own + shared / double(group ? group : depth);
}

//===----------------------------------------------------------------------===//
// Codes
//===----------------------------------------------------------------------===//

/// Largest number of f8E4M3FN.
static constexpr double largestFloat8 = 448;

WeightGrid::WeightGrid(const WeightFormat &format, int64_t depth,
                       int64_t columns)
    : format(format), depth(depth), columns(columns),
      group(format.group ? std::min(format.group, depth) : depth),
      groups((depth + group - 1) / group),
      parameters(groups * columns, Column{1, 0}) {
  int64_t values = int64_t(1) << format.bits;
  lowest = format.hasZeroPoints ? 0 : -values / 2;
  highest = lowest + values - 1;
}

/// A scale as kernels keep it.
static float roundScale(double scale) {
  // Below, f16 has fewer digits.
  constexpr double leastHalf = 6.1035156e-05, mostHalf = 65504;
  double size = std::fabs(scale);
  if (size < leastHalf || size > mostHalf)
    return float(scale);
  return nncio::halfToFloat(nncio::floatToHalf(float(scale)));
}

int64_t WeightGrid::encode(float value, const Column &column) const {
  switch (format.kind) {
  case WeightFormat::Kind::Float8:
    return nncio::encodeNarrow(ElementType::F8E4M3FN, value / column.scale);
  case WeightFormat::Kind::Float16:
    return nncio::floatToHalf(value);
  case WeightFormat::Kind::BFloat16:
    return nncio::floatToBFloat(value);
  case WeightFormat::Kind::Integer:
    break;
  }
  double code = std::nearbyint(double(value) / double(column.scale)) +
                double(column.zeroPoint);
  return int64_t(std::clamp(code, double(lowest), double(highest)));
}

float WeightGrid::decode(int64_t code, const Column &column) const {
  switch (format.kind) {
  case WeightFormat::Kind::Float8:
    return float(nncio::decodeNarrow(ElementType::F8E4M3FN, uint8_t(code))) *
           column.scale;
  case WeightFormat::Kind::Float16:
    return nncio::halfToFloat(uint16_t(code));
  case WeightFormat::Kind::BFloat16:
    return nncio::bfloatToFloat(uint16_t(code));
  case WeightFormat::Kind::Integer:
    break;
  }
  return float(code - column.zeroPoint) * column.scale;
}

float WeightGrid::choose(int64_t input, int64_t column, float wanted) const {
  const Column &own = at(input, column);
  return decode(encode(wanted, own), own);
}

//===----------------------------------------------------------------------===//
// Fitting
//===----------------------------------------------------------------------===//

/// Columns side by side, so that an instruction works on several.
struct WeightGrid::ColumnBlock {
  static constexpr int64_t lanes = 8;
  using Numbers = std::array<double, lanes>;

  std::vector<Numbers> weights; ///< An input's.
  std::vector<double> factors;  ///< An input's.
  Numbers low{}, high{};
};

/// What one column for each lane makes of the weights: squares of the misses,
/// and what the scale that is best for the same codes is made of.
struct WeightGrid::BlockSums {
  ColumnBlock::Numbers errors{}, products{}, squares{};
};

/// `share` of the largest weight, or of the range with zero points, is the end
/// of what codes reach. Without zero points there is one code more below 0 than
/// above: if it `flips`, the largest weight gets it, by a scale below 0 if need
/// be.
WeightGrid::Column WeightGrid::fitPlain(double low, double high, double share,
                                        bool flips) const {
  double largest = std::max(high, -low) * share;
  if (largest == 0)
    return {1, format.hasZeroPoints ? (lowest + highest + 1) / 2 : 0};
  if (format.kind == WeightFormat::Kind::Float8)
    return {roundScale(largest / largestFloat8), 0};
  if (format.hasZeroPoints) {
    float scale = roundScale((high - low) * share / double(highest - lowest));
    double point = double(lowest) - std::nearbyint(low * share / scale);
    return {scale, int64_t(std::clamp(point, double(lowest), double(highest)))};
  }
  double scale = flips ? largest / double(-lowest) : largest / double(highest);
  if (flips && high > -low)
    scale = -scale;
  return {roundScale(scale), 0};
}

WeightGrid::BlockSums WeightGrid::measure(const ColumnBlock &block,
                                          const BlockColumns &columns) const {
  constexpr int64_t lanes = ColumnBlock::lanes;
  BlockSums sums;
  if (format.kind != WeightFormat::Kind::Integer) {
    for (auto [weights, factor] : llvm::zip(block.weights, block.factors))
      for (int64_t lane = 0; lane < lanes; ++lane) {
        const Column &own = columns[lane];
        double miss =
            decode(encode(float(weights[lane]), own), own) - weights[lane];
        sums.errors[lane] += factor * miss * miss;
      }
    return sums;
  }
  ColumnBlock::Numbers scales, points;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    scales[lane] = double(columns[lane].scale);
    points[lane] = double(columns[lane].zeroPoint);
  }
  // Adding and taking away rounds to the nearest without a call: encode().
  constexpr double rounder = 0x1.8p52, most = 0x1p30;
  double first = double(lowest), last = double(highest);
  for (auto [weights, factor] : llvm::zip(block.weights, block.factors))
    for (int64_t lane = 0; lane < lanes; ++lane) {
      double weight = weights[lane], code = weight / scales[lane];
      code = code < -most ? -most : code > most ? most : code;
      code = (code + rounder) - rounder + points[lane];
      code = code < first ? first : code > last ? last : code;
      code -= points[lane];
      double miss = code * scales[lane] - weight;
      sums.errors[lane] += factor * miss * miss;
      sums.products[lane] += factor * code * weight;
      sums.squares[lane] += factor * code * code;
    }
  return sums;
}

/// From ranges that are cut by more and more: the codes that a scale gives, the
/// scale that is best for these (by least squares), and again.
WeightGrid::BlockColumns WeightGrid::search(const ColumnBlock &block) const {
  constexpr double shares[] = {1, 0.95, 0.9, 0.85, 0.8, 0.7, 0.6};
  constexpr int rounds = 2;
  bool isInteger = format.kind == WeightFormat::Kind::Integer;
  BlockColumns best = fitPlain(block, 1, false);
  ColumnBlock::Numbers least = measure(block, best).errors;
  auto consider = [&](const BlockColumns &columns) {
    BlockSums sums = measure(block, columns);
    for (size_t lane = 0; lane < columns.size(); ++lane)
      if (sums.errors[lane] < least[lane]) {
        least[lane] = sums.errors[lane];
        best[lane] = columns[lane];
      }
    return sums;
  };
  for (double share : shares)
    for (bool flips : {false, true}) {
      if (flips && (format.hasZeroPoints || !isInteger))
        continue;
      BlockColumns columns = fitPlain(block, share, flips);
      BlockSums sums = consider(columns);
      for (int round = 0; isInteger && round < rounds; ++round) {
        for (size_t lane = 0; lane < columns.size(); ++lane) {
          // Codes of 0 alone have no scale.
          float scale =
              sums.squares[lane] > 0
                  ? roundScale(sums.products[lane] / sums.squares[lane])
                  : 0;
          if (scale != 0)
            columns[lane].scale = scale;
        }
        sums = consider(columns);
      }
    }
  return best;
}

WeightGrid::BlockColumns WeightGrid::fitPlain(const ColumnBlock &block,
                                              double share, bool flips) const {
  BlockColumns columns;
  for (size_t lane = 0; lane < columns.size(); ++lane)
    columns[lane] = fitPlain(block.low[lane], block.high[lane], share, flips);
  return columns;
}

/// Some columns of a group, from `column`.
void WeightGrid::fitBlock(int64_t number, int64_t column,
                          llvm::ArrayRef<float> weight,
                          llvm::ArrayRef<float> importance, bool searches) {
  int64_t begin = number * group, end = std::min(begin + group, depth);
  int64_t count = std::min(ColumnBlock::lanes, columns - column);
  ColumnBlock block;
  for (int64_t input = begin; input < end; ++input) {
    ColumnBlock::Numbers own{};
    for (int64_t lane = 0; lane < count; ++lane) {
      own[lane] = double(weight[input * columns + column + lane]);
      block.low[lane] = std::min(block.low[lane], own[lane]);
      block.high[lane] = std::max(block.high[lane], own[lane]);
    }
    block.weights.push_back(own);
    block.factors.push_back(importance.empty() ? 1 : double(importance[input]));
  }
  BlockColumns found = searches ? search(block) : fitPlain(block, 1, false);
  std::copy_n(found.begin(), count,
              parameters.begin() + number * columns + column);
}

void WeightGrid::fit(MLIRContext *context, int64_t number,
                     llvm::ArrayRef<float> weight,
                     llvm::ArrayRef<float> importance, bool searches) {
  fitGroups(context, number, number + 1, weight, importance, searches);
}

void WeightGrid::fitAll(MLIRContext *context, llvm::ArrayRef<float> weight,
                        llvm::ArrayRef<float> importance, bool searches) {
  fitGroups(context, 0, groups, weight, importance, searches);
}

void WeightGrid::fitGroups(MLIRContext *context, int64_t from, int64_t to,
                           llvm::ArrayRef<float> weight,
                           llvm::ArrayRef<float> importance, bool searches) {
  if (!format.hasScales())
    return;
  // Enough for a task to be worth its start.
  constexpr int64_t blocksOfTask = 8;
  constexpr int64_t columnsOfTask = ColumnBlock::lanes * blocksOfTask;
  int64_t tasks = (columns + columnsOfTask - 1) / columnsOfTask;
  parallelFor(context, from * tasks, to * tasks, [&](size_t task) {
    int64_t first = int64_t(task) % tasks * columnsOfTask;
    int64_t last = std::min(first + columnsOfTask, columns);
    for (int64_t column = first; column < last; column += ColumnBlock::lanes)
      fitBlock(int64_t(task) / tasks, column, weight, importance, searches);
  });
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

nncio::Tensor WeightGrid::makeCodes(llvm::ArrayRef<float> weight) const {
  std::vector<int64_t> shape{groups, group, columns};
  if (groups == 1)
    shape = {depth, columns};
  nncio::Tensor codes(format.getElementType(), shape);
  size_t width = nncio::elementBytes(codes.type());
  uint8_t *data = codes.mutableData();
  for (int64_t i = 0; i < depth * columns; ++i) {
    const Column &own = at(i / columns, i % columns);
    // Little-endian, with the low bits of a byte for what is less.
    uint16_t code = uint16_t(encode(weight[i], own));
    data[i * width] = uint8_t(code);
    if (width == 2)
      data[i * width + 1] = uint8_t(code >> 8);
  }
  return codes;
}

nncio::Tensor WeightGrid::makeScales() const {
  std::vector<int64_t> shape{groups, 1, columns};
  if (groups == 1)
    shape = {columns};
  nncio::Tensor scales(ElementType::F32, shape);
  for (size_t i = 0; i < parameters.size(); ++i)
    scales.setDouble(int64_t(i), parameters[i].scale);
  return scales;
}

nncio::Tensor WeightGrid::makeZeroPoints() const {
  std::vector<int64_t> shape{groups, 1, columns};
  if (groups == 1)
    shape = {columns};
  nncio::Tensor points(format.getElementType(), shape);
  for (size_t i = 0; i < parameters.size(); ++i)
    points.setInt(int64_t(i), parameters[i].zeroPoint);
  return points;
}
