//===----------------------------------------------------------------------===//
// Anything that computes a model: a compiled one or the interpreter.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_RUNNER_EXECUTABLE_H
#define NNC_RUNNER_EXECUTABLE_H

#include "nnc/Runner/Signature.h"

namespace nncrun {

/// One kernel of one run, in the order of execution.
struct KernelEvent {
  std::string name;
  /// ONNX node names.
  std::vector<std::string> nodes;
  /// Nanoseconds of the monotonic clock.
  int64_t beginNs = 0;
  int64_t endNs = 0;
  /// Negative if unknown, as are the next two.
  double predictedUs = -1;
  int64_t flops = -1;
  int64_t bytes = -1;
};

using Tensors = std::vector<nncio::Tensor>;

class Executable {
public:
  virtual ~Executable() = default;

  virtual const Signature &signature() const = 0;
  /// Computes the outputs. The message of a failure tells what does not fit or
  /// went wrong.
  virtual nncio::Result<Tensors> run(const Tensors &inputs) = 0;
  /// While set, runs append what they execute; null switches it off.
  virtual void setProfile(std::vector<KernelEvent> *events) = 0;
  /// Bytes of workspace held now; -1 if unknown.
  virtual int64_t workspaceBytes() const { return -1; }
};

/// Splits names that are separated by newlines.
std::vector<std::string> splitLines(const std::string &text);

} // namespace nncrun

#endif // NNC_RUNNER_EXECUTABLE_H
