//===----------------------------------------------------------------------===//
// What each product loses in 8 bits, and which ones to leave as they are.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COMPRESSION_MIXEDPRECISION_H
#define NNC_COMPRESSION_MIXEDPRECISION_H

#include "nnc/Compression/Quantize.h"

namespace mlir::nnc {

/// What the model's outputs lose when one product alone is of bytes.
struct LayerSensitivity {
  std::string name;
  /// Noise of the outputs by their signal, and dB of that.
  double noise = 0, sqnr = 200;
  /// Mean divergence of the first output's softmax, in nats.
  double kl = 0;
  /// dB of the product's own outputs, on data that is right.
  double layerSqnr = 200;
};

/// Of all products that `plans` quantize, by the calibration's ranges: one
/// compiled module holds each product in both forms and a switch for each.
llvm::Expected<std::vector<LayerSensitivity>>
measureSensitivity(ModuleOp module, ArrayRef<QuantizedLayer> plans,
                   const DataSet &data);

/// What is asked of a choice of products.
struct MixedPrecisionGoal {
  /// Microseconds, and bytes of weights, that quantization must save.
  double neededUs = 0, neededBytes = 0;
  /// The most that the model may lose; nullopt: no limit. `judge` tells the
  /// loss with these products left as they are.
  std::optional<double> maxLoss;
  std::function<llvm::Expected<double>(const llvm::StringSet<> &kept)> judge;
};

/// The products to leave as they are. Savings come from a knapsack over losses
/// (of both needs the one that is harder to meet decides, the other one is
/// filled up by what loses least for it). Without needs as much as possible is
/// quantized, and products are given back, those first that lose most for a
/// microsecond, until the loss is met, as few as that takes. nullopt, with
/// `why`, where no choice meets the goal or nothing would be quantized.
llvm::Expected<std::optional<llvm::StringSet<>>>
chooseKept(ArrayRef<QuantizedLayer> plans,
           ArrayRef<LayerSensitivity> sensitivities,
           const MixedPrecisionGoal &goal, std::string &why);

} // namespace mlir::nnc

#endif // NNC_COMPRESSION_MIXEDPRECISION_H
