//===----------------------------------------------------------------------===//
// Options for data that compression is guided and judged by.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DRIVER_JUDGEOPTIONS_H
#define NNC_LIB_DRIVER_JUDGEOPTIONS_H

#include "Commands.h"
#include "nnc/Compression/Evaluate.h"

namespace mlir::nnc::driver {

extern const nncrun::OptionSpec calibrationOption;

/// --eval, --eval-labels, --metric and --max-accuracy-drop.
const std::vector<nncrun::OptionSpec> &judgeOptions();

/// How the result of a compression is judged.
struct JudgeRequest {
  std::vector<std::string> eval; ///< Empty: it is not.
  std::vector<int64_t> labels;
  nncrun::Metric metric = nncrun::Metric::Agreement;
  /// The most that the metric may lose: points, percent of perplexity, nats or
  /// dB.
  std::optional<double> maxLoss;
};

/// Reads judgeOptions; `isLimited` asks for data to judge by,
/// as --max-accuracy-drop does. Returns an exit code.
int readJudge(const Arguments &arguments, bool isLimited,
              JudgeRequest &request);

/// A judge of what becomes of `module`, if there is data for one. Returns an
/// exit code.
int createJudge(const JudgeRequest &request, ModuleOp module,
                std::optional<Judge> &judge);

/// Exit code 4 if `changed` loses more than `request` allows.
int checkLoss(const JudgeRequest &request, const Judge &judge,
              ModuleOp changed);

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_JUDGEOPTIONS_H
