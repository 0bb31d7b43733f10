//===----------------------------------------------------------------------===//
// What activations hold on data, and the ranges that follow: calibration files.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COMPRESSION_CALIBRATION_H
#define NNC_COMPRESSION_CALIBRATION_H

#include "nnc/Compression/Calibrators.h"
#include "nnc/Compression/Observe.h"

#include <map>

namespace mlir::nnc {

/// What one tensor holds over all samples.
struct TensorStatistics {
  Histogram histogram;
  /// Of each channel: the largest magnitude and the mean. Empty where the
  /// tensor has no channels.
  std::vector<double> channelAbsMax, channelMean;
  /// What 8 bits shall stand for, and which calibrator has said so.
  RealRange range;
  std::string chosenBy;
  /// dB of the outputs of the products that read the tensor, by calibrator;
  /// empty unless several were tried.
  std::map<std::string, double> trials;
};

/// What `nnc calibrate` writes: version 1 of the format in
/// docs/Quantization.md.
struct CalibrationData {
  int64_t samples = 0;
  /// By ValueNames.
  std::map<std::string, TensorStatistics> tensors;

  std::string toJson() const;
  /// The message of an error says what was expected.
  static llvm::Expected<CalibrationData> parse(StringRef text);
  static llvm::Expected<CalibrationData> read(StringRef path);
};

struct CalibrationOptions {
  /// nullopt: of each tensor the one with which the products that read it have
  /// the best signal to noise ratio.
  std::optional<Calibrator> calibrator;
  /// Of the numbers that Calibrator::Percentile keeps, at each side.
  double share = 0.9999;
  /// Samples on which calibrators are tried.
  int64_t trialSamples = 16;
  /// Called with what is done next; may be empty.
  std::function<void(const char *)> progress;
};

/// Runs the main function of `module`, of the graph phase, on the data and
/// collects what products read and give. An error for tensors that are not
/// finite, and if there is no product that could be quantized.
llvm::Expected<CalibrationData> calibrate(ModuleOp module, const DataSet &data,
                                          const CalibrationOptions &options);

} // namespace mlir::nnc

#endif // NNC_COMPRESSION_CALIBRATION_H
