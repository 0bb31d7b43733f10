//===----------------------------------------------------------------------===//
// How good a model is on data, and by how much another one is worse.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COMPRESSION_EVALUATE_H
#define NNC_COMPRESSION_EVALUATE_H

#include "nnc/Compression/Observe.h"
#include "nnc/Runner/Metrics.h"

namespace mlir::nnc {

/// What a model is judged by.
struct Evaluation {
  DataSet data;
  nncrun::Metric metric = nncrun::Metric::Agreement;
  /// The right class of each row of all sets in order; only for metrics by
  /// labels.
  std::vector<int64_t> labels;
  /// The output that is judged.
  size_t output = 0;
};

/// One metric of outputs, one tensor a set, by labels or by what the original
/// model gives, as the metric asks for. Errors: numbers or shapes that do not
/// fit.
llvm::Expected<nncrun::MetricSum>
scoreOutputs(nncrun::Metric metric, llvm::ArrayRef<nncio::Tensor> outputs,
             llvm::ArrayRef<nncio::Tensor> expected,
             llvm::ArrayRef<int64_t> labels);

/// The judged output of `module` (imported, or of the graph phase), compiled
/// for this machine, for each set.
llvm::Expected<std::vector<nncio::Tensor>>
computeOutputs(ModuleOp module, const Evaluation &evaluation);

/// What a metric says of an original model and of what became of it.
struct Comparison {
  double original = 0, changed = 0;
  double loss = 0; ///< nncrun::getLoss
};

/// Judges modules against one original: its outputs are computed once, from
/// the data's files where these hold what it gives.
class Judge {
public:
  static llvm::Expected<Judge> create(ModuleOp original, Evaluation evaluation);

  llvm::Expected<Comparison> judge(ModuleOp changed) const;
  const Evaluation &getEvaluation() const { return evaluation; }

private:
  Evaluation evaluation;
  std::vector<nncio::Tensor> expected;
  double original = 0;
};

} // namespace mlir::nnc

#endif // NNC_COMPRESSION_EVALUATE_H
