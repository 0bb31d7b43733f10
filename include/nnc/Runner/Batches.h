//===----------------------------------------------------------------------===//
// Runs a model over samples, in batches of the size that it takes.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_RUNNER_BATCHES_H
#define NNC_RUNNER_BATCHES_H

#include "nnc/DataIO/FileBytes.h"
#include "nnc/Runner/Executable.h"

#include <functional>

namespace nncrun {

/// Samples along the first axis of the inputs, and where it is known what the
/// original model gives for them.
struct SampleSet {
  Tensors inputs;
  /// Empty if not known.
  Tensors expected;
};

/// The data sets of a folder, or "INPUT=@FILE" for each input.
nncio::Result<std::vector<SampleSet>>
loadSamples(const std::vector<std::string> &specs, const Signature &signature);

struct BatchRun {
  /// The outputs of all samples, joined along their first axis.
  Tensors outputs;
  /// Of each run.
  std::vector<double> milliseconds;
  int64_t batch = 0;
};

/// What one batch gives. A failure ends the run.
struct BatchOutputs {
  Tensors outputs;
  int64_t batch = 0;
  double milliseconds = 0;
};
using BatchVisitor = std::function<nncio::Status(BatchOutputs &)>;

/// Splits the inputs along their first axis into batches: of the size that the
/// signature fixes, the last one filled up with copies of the last sample, or
/// of at most `limit` samples. An input whose first dimension is not the number
/// of samples goes to each run as it is. `visit` gets the outputs of each
/// batch, in order, without what copies have given.
nncio::Status visitBatches(Executable &executable, const Tensors &inputs,
                           int64_t limit, const BatchVisitor &visit);

/// The same, with the outputs of all batches joined.
nncio::Result<BatchRun> runBatches(Executable &executable,
                                   const Tensors &inputs, int64_t limit);

/// The middle one; 0 without any.
double median(std::vector<double> values);

} // namespace nncrun

#endif // NNC_RUNNER_BATCHES_H
