//===----------------------------------------------------------------------===//
// What values of a model hold when it runs on data: the one way in which
// compression looks at activations.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_COMPRESSION_OBSERVE_H
#define NNC_COMPRESSION_OBSERVE_H

#include "mlir/IR/BuiltinOps.h"
#include "nnc/Runner/Batches.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"

namespace mlir::nnc {

/// Samples that a model is run on.
struct DataSet {
  /// With what the original model gives, where files say it.
  std::vector<nncrun::SampleSet> sets;
  /// Samples a run where the model takes any number.
  int64_t batch = 8;

  /// Samples in all, by the first axis of the first input; a model without one
  /// has a sample a set.
  int64_t countSamples() const;
  /// The first `samples` of each set.
  DataSet take(int64_t samples) const;
};

/// Reads the data for the main function of `module`: a folder of
/// test_data_set_N, or "INPUT=@FILE" for each input. At most `limit` samples of
/// each set are kept. An error for what can't be read, has no samples, does not
/// fit the inputs, or holds a number that is not finite; the message names the
/// input.
llvm::Expected<DataSet> loadDataSet(llvm::ArrayRef<std::string> specs,
                                    ModuleOp module, int64_t limit = INT64_MAX);

/// Compiles `module` (imported, or of the graph phase) for this machine and
/// loads it, to run on all cores. The module is lowered in place.
llvm::Expected<std::shared_ptr<nncrun::Executable>>
compileHere(ModuleOp module);

/// The main function of `module` (imported, or of the graph phase) compiled for
/// this machine, with values of it as further results. Observing a value keeps
/// it from being fused away and changes nothing else.
class Observer {
public:
  /// Each value must be a tensor in the main function's own block, no matter
  /// which op gives it; those of branches and loops are an error. `module` is
  /// copied.
  static llvm::Expected<Observer> create(ModuleOp module,
                                         llvm::ArrayRef<Value> values);

  /// Calls `visit(index of value, tensor)` for each value of each batch;
  /// samples lie along the first axis. Batches come in order, the values of one
  /// at the same time, by the threads of the module's context. An error of
  /// `visit` ends the run after its batch.
  llvm::Error
  run(const DataSet &data,
      llvm::function_ref<llvm::Error(size_t, const nncio::Tensor &)> visit);

  /// The results of the main function itself for all samples of one set, joined
  /// along their first axis.
  llvm::Expected<nncrun::Tensors> compute(const nncrun::SampleSet &set,
                                          int64_t batch);

private:
  MLIRContext *context = nullptr;
  std::shared_ptr<nncrun::Executable> executable;
  /// The result that each value is, and of how many of the function's own.
  std::vector<size_t> places;
  size_t ownResults = 0;
};

/// Runs `module` (graph phase) compiled, with the given values of its main
/// function as further results, over the samples of `data`; calls `visit` as
/// Observer::run does. Errors: a message.
llvm::Error
observe(ModuleOp module, llvm::ArrayRef<Value> values, const DataSet &data,
        llvm::function_ref<llvm::Error(size_t, const nncio::Tensor &)> visit);

} // namespace mlir::nnc

#endif // NNC_COMPRESSION_OBSERVE_H
