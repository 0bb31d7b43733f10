//===----------------------------------------------------------------------===//
// --quantize for data and weights of products.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DRIVER_QUANTIZATION_H
#define NNC_LIB_DRIVER_QUANTIZATION_H

#include "Compile.h"
#include "nnc/Compression/Quantize.h"

namespace mlir::nnc::driver {

/// Options of commands that quantize.
const std::vector<nncrun::OptionSpec> &quantizationOptions();

/// What the options ask for.
struct QuantizationRequest {
  QuantizationOptions options;
  /// From a file, or made of `calibrationData` when the module is there.
  std::optional<CalibrationData> calibration;
  std::vector<std::string> calibrationData;
};

/// Says which forms there are in place of `name`, an answer of `option`.
/// Returns ExitUsage.
int reportScheme(const std::string &option, const std::string &name);

/// Reads --quantize and what belongs to it; nullopt without. `target` is that
/// of the predictions. Returns an exit code.
int readQuantization(const Arguments &arguments, const std::string &target,
                     std::optional<QuantizationRequest> &request);

/// Runs `module`, of the graph phase, on the data of --calibration, unless
/// there is a file, or none is needed. Returns an exit code.
int findCalibration(QuantizationRequest &request, ModuleOp module);

/// Lets the graph phase of `request` quantize what it is given, as the options
/// say; within the limits that they set. Returns an exit code.
int addQuantization(const Arguments &arguments, CompileRequest &request);

/// Writes the model at `path`, which `module` is imported from, to `output` as
/// an ONNX file with conversions to bytes where --quantize=int8 decides for
/// them. Returns an exit code.
int writeQdqModel(const Arguments &arguments, const ModelPath &path,
                  ModuleOp module, CompileRequest &request,
                  const std::string &output);

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_QUANTIZATION_H
