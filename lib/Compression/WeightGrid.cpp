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

/// `share` of the largest weight, or of the range with zero points, is the end
/// of what codes reach. Without zero points there is one code more below 0 than
/// above: if it `flips`, the largest weight gets it, by a scale below 0 if need
/// be.
WeightGrid::Column WeightGrid::fitPlain(llvm::ArrayRef<float> weights,
                                        double share, bool flips) const {
  double low = 0, high = 0;
  for (float weight : weights) {
    low = std::min(low, double(weight));
    high = std::max(high, double(weight));
  }
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

/// From ranges that are cut by more and more: the codes that a scale gives, the
/// scale that is best for these (by least squares), and again.
WeightGrid::Column WeightGrid::search(llvm::ArrayRef<float> weights,
                                      llvm::ArrayRef<float> importance) const {
  constexpr double shares[] = {1, 0.95, 0.9, 0.85, 0.8, 0.7, 0.6};
  constexpr int rounds = 2;
  auto factor = [&](size_t i) {
    return importance.empty() ? 1.0 : double(importance[i]);
  };
  auto measure = [&](const Column &column) {
    double error = 0;
    for (auto [i, weight] : llvm::enumerate(weights)) {
      double miss = decode(encode(weight, column), column) - weight;
      error += factor(i) * miss * miss;
    }
    return error;
  };
  Column best = fitPlain(weights, 1, false);
  double least = measure(best);
  auto consider = [&](const Column &column) {
    double error = measure(column);
    if (error < least) {
      least = error;
      best = column;
    }
  };
  auto refine = [&](Column column) {
    for (int round = 0; round < rounds; ++round) {
      double products = 0, squares = 0;
      for (auto [i, weight] : llvm::enumerate(weights)) {
        double code = double(encode(weight, column) - column.zeroPoint);
        products += factor(i) * code * weight;
        squares += factor(i) * code * code;
      }
      if (!(squares > 0) || products == 0)
        return;
      column.scale = roundScale(products / squares);
      if (column.scale == 0)
        return;
      consider(column);
    }
  };
  bool isInteger = format.kind == WeightFormat::Kind::Integer;
  for (double share : shares)
    for (bool flips : {false, true}) {
      if (flips && (format.hasZeroPoints || !isInteger))
        continue;
      Column column = fitPlain(weights, share, flips);
      consider(column);
      if (isInteger)
        refine(column);
    }
  return best;
}

void WeightGrid::fit(int64_t number, llvm::ArrayRef<float> weight,
                     llvm::ArrayRef<float> importance, bool searches) {
  if (!format.hasScales())
    return;
  int64_t begin = number * group, end = std::min(begin + group, depth);
  std::vector<float> own(end - begin);
  if (!importance.empty())
    importance = importance.slice(begin, end - begin);
  for (int64_t column = 0; column < columns; ++column) {
    for (int64_t input = begin; input < end; ++input)
      own[input - begin] = weight[input * columns + column];
    parameters[number * columns + column] =
        searches ? search(own, importance) : fitPlain(own, 1, false);
  }
}

void WeightGrid::fitAll(MLIRContext *context, llvm::ArrayRef<float> weight,
                        llvm::ArrayRef<float> importance, bool searches) {
  parallelFor(context, 0, groups, [&](size_t number) {
    fit(int64_t(number), weight, importance, searches);
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
