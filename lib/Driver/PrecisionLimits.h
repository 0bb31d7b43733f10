//===----------------------------------------------------------------------===//
// What quantization may cost, and must bring: limits of nnc compile.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DRIVER_PRECISIONLIMITS_H
#define NNC_LIB_DRIVER_PRECISIONLIMITS_H

#include "Compile.h"
#include "JudgeOptions.h"
#include "nnc/Compression/MixedPrecision.h"
#include "nnc/Runner/Metrics.h"

namespace mlir::nnc::driver {

/// Options that set limits.
const std::vector<nncrun::OptionSpec> &precisionLimitOptions();

struct PrecisionLimits {
  JudgeRequest judge;
  /// Microseconds of a run, and bytes of weights, as predicted.
  std::optional<double> maxUs, maxBytes;

  bool any() const { return judge.maxLoss || maxUs || maxBytes; }
};

/// Reads --max-latency, --max-size and how to judge; without --quantize the
/// first two are wrong usage. Returns an exit code.
int readPrecisionLimits(const Arguments &arguments, bool quantizes,
                        PrecisionLimits &limits);

/// Finds the products that have to stay float for the limits to be met and adds
/// them to `options.keep`. `module` is of the graph phase and stays as it is.
/// Exit code 4 if the limits can't be met.
int meetLimits(const PrecisionLimits &limits, const CompileRequest &compile,
               ModuleOp module, QuantizationOptions &options);

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_PRECISIONLIMITS_H
