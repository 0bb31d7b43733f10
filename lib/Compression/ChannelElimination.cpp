//===----------------------------------------------------------------------===//
// A layer that loses inputs, with the others making up for them.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#include "nnc/Compression/ChannelElimination.h"

#include "mlir/IR/Threading.h"

#include <numeric>

using namespace mlir;
using namespace mlir::nnc;

/// U^T U of an upper U [size, size].
static std::vector<double> squareUpper(MLIRContext *context, int64_t size,
                                       ArrayRef<double> upper) {
  std::vector<double> result(size * size);
  parallelFor(context, 0, size, [&](size_t i) {
    double *own = result.data() + i * size;
    for (int64_t k = 0; k <= int64_t(i); ++k) {
      const double *row = upper.data() + k * size;
      double factor = row[i];
      for (int64_t j = k; factor != 0 && j < size; ++j)
        own[j] += factor * row[j];
    }
  });
  return result;
}

std::optional<ChannelElimination>
ChannelElimination::create(MLIRContext *context, const Hessian &hessian,
                           bool centers, int64_t outputs,
                           ArrayRef<float> weight) {
  ChannelElimination made;
  made.context = context;
  made.outputs = outputs;
  int64_t size = made.size = hessian.getSize();
  made.weight.assign(weight.begin(), weight.end());
  std::vector<double> products(size * size);
  double mean = 0;
  for (int64_t i = 0; i < size; ++i) {
    for (int64_t j = 0; j < size; ++j)
      products[i * size + j] =
          centers ? hessian.getCentered(i, j) : hessian.get(i, j);
    mean += products[i * size + i] / double(size);
  }
  std::vector<double> energies(outputs);
  parallelFor(context, 0, outputs, [&](size_t f) {
    const double *row = made.weight.data() + f * size;
    for (int64_t i = 0; i < size; ++i)
      energies[f] +=
          row[i] *
          std::inner_product(row, row + size, products.data() + i * size, 0.0);
  });
  made.energy = std::accumulate(energies.begin(), energies.end(), 0.0);
  // A tenth of GPTQ's: weights are free here, so that noise costs less.
  constexpr double damping = 1e-3;
  for (int64_t i = 0; i < size; ++i)
    products[i * size + i] += mean > 0 ? damping * mean : 1;
  if (!factorInverse(context, size, products))
    return std::nullopt;
  made.inverse = squareUpper(context, size, products);
  return made;
}

/// The upper U of the inverse U^T U of the part of a symmetric matrix [size,
/// size] that belongs to `inputs`; empty if it is not positive.
static std::vector<double> factorPart(MLIRContext *context,
                                      ArrayRef<double> matrix, int64_t size,
                                      ArrayRef<int64_t> inputs) {
  std::vector<double> part;
  for (int64_t i : inputs)
    for (int64_t j : inputs)
      part.push_back(matrix[i * size + j]);
  if (!factorInverse(context, inputs.size(), part))
    return {};
  return part;
}

double ChannelElimination::getLoss(ArrayRef<int64_t> inputs) const {
  int64_t count = inputs.size();
  std::vector<double> upper = factorPart(context, inverse, size, inputs);
  if (upper.empty() || energy <= 0)
    return 0;
  double loss = 0;
  for (int64_t f = 0; f < outputs; ++f) {
    const double *row = weight.data() + f * size;
    for (int64_t i = 0; i < count; ++i) {
      double sum = 0;
      for (int64_t j = i; j < count; ++j)
        sum += upper[i * count + j] * row[inputs[j]];
      loss += sum * sum;
    }
  }
  return loss / energy;
}

void ChannelElimination::remove(ArrayRef<int64_t> inputs) {
  int64_t count = inputs.size();
  std::vector<double> upper = factorPart(context, inverse, size, inputs);
  if (!upper.empty()) {
    // What one unit of each of the inputs is worth of all others.
    std::vector<double> square = squareUpper(context, count, upper);
    std::vector<double> worth(count * size);
    for (int64_t i = 0; i < count; ++i)
      for (int64_t j = 0; j < count; ++j) {
        double factor = square[i * count + j];
        const double *row = inverse.data() + inputs[j] * size;
        for (int64_t k = 0; k < size; ++k)
          worth[i * size + k] += factor * row[k];
      }
    auto take = [&](double *row) {
      SmallVector<double> own;
      for (int64_t input : inputs)
        own.push_back(row[input]);
      for (int64_t i = 0; i < count; ++i)
        for (int64_t k = 0; k < size; ++k)
          row[k] -= own[i] * worth[i * size + k];
    };
    parallelFor(context, 0, size,
                [&](size_t i) { take(inverse.data() + i * size); });
    parallelFor(context, 0, outputs,
                [&](size_t f) { take(weight.data() + f * size); });
  }
  for (int64_t input : inputs) {
    for (int64_t f = 0; f < outputs; ++f)
      weight[f * size + input] = 0;
    for (int64_t k = 0; k < size; ++k)
      inverse[input * size + k] = inverse[k * size + input] = 0;
    inverse[input * size + input] = 1;
  }
}
