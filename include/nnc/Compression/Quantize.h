//===----------------------------------------------------------------------===//
// Products in fewer bits: what is decided for each, and why.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COMPRESSION_QUANTIZE_H
#define NNC_COMPRESSION_QUANTIZE_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "nnc/Compression/Calibration.h"
#include "llvm/ADT/StringSet.h"

namespace mlir::nnc {

enum class QuantizationScheme {
  Int8,        ///< bytes, ranges of data from a calibration
  Int8Dynamic, ///< bytes, ranges of data found in each run
  BF16,        ///< data and weights of products as bf16, sums in f32
  F16,         ///< the same with f16
};

/// "int8", "int8-dynamic", "bf16", "f16" ("fp16" too); nullopt for other names.
std::optional<QuantizationScheme> parseScheme(StringRef name);
StringRef stringifyScheme(QuantizationScheme scheme);

struct QuantizationOptions {
  QuantizationScheme scheme = QuantizationScheme::Int8;
  /// Needed for Int8 alone; others take what it says if it is there.
  const CalibrationData *calibration = nullptr;
  /// A machine as CompilerOptions::target has it, for which gains are
  /// predicted.
  std::string target = "x86-64-v3";
  int64_t threads = 1;
  /// Quantize also what is not predicted to be faster.
  bool always = false;
  /// Move ranges of channels from the data into the weights where that makes
  /// less noise (SmoothQuant, Xiao et al. 2022).
  bool smooth = true;
  /// Give back the mean that rounding of weights takes (DFQ, Nagel et al.
  /// 2019).
  bool correctBias = true;
  /// Names of products that stay as they are.
  llvm::StringSet<> keep;
  /// No remarks, for trials.
  bool isSilent = false;
};

/// What has become of one product.
struct QuantizedLayer {
  /// By ValueNames, and the ONNX nodes of the product.
  std::string name;
  std::vector<std::string> nodes;
  bool isQuantized = false;
  /// Why not, for people; empty if it is.
  std::string reason;
  /// Of data and weights, before where it has stayed float.
  unsigned bits = 32;
  /// By the cost model, alone; negative if not known.
  double floatUs = -1, quantizedUs = -1;
  /// Of the weights, before and after.
  int64_t floatBytes = 0, quantizedBytes = 0;
  /// Where bytes of data are static: what they stand for, and the share of the
  /// calibration's numbers that lies outside.
  RealRange range;
  double saturation = 0;
  /// Means of the data's channels on the calibration's samples.
  std::vector<double> channelMean;
  /// dB of the weights; 200 if nothing is lost.
  double weightSqnr = 200;
  /// 0 to 1; negative if the data is as it was.
  double smoothAlpha = -1;
  /// What channels of the data are divided by then; `range` is of the rest.
  std::vector<double> smoothFactors;
};

/// What would become of each product, without doing it: everything but bits,
/// weightSqnr and smoothAlpha.
llvm::Expected<std::vector<QuantizedLayer>>
planQuantization(func::FuncOp function, const QuantizationOptions &options);

/// Inserts conversions around products, of which nnc-form-quantized and the
/// rest of the graph phase make exact ones of integers. The function is of the
/// graph phase. Each decision is a remark, too. An error for a calibration that
/// names no tensor of the function; a product whose tensor it lacks stays
/// float.
llvm::Expected<std::vector<QuantizedLayer>>
quantize(func::FuncOp function, const QuantizationOptions &options);

} // namespace mlir::nnc

#endif // NNC_COMPRESSION_QUANTIZE_H
