//===----------------------------------------------------------------------===//
// What a model takes and gives, whoever runs it.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_RUNNER_SIGNATURE_H
#define NNC_RUNNER_SIGNATURE_H

#include "nnc/DataIO/Tensor.h"
#include "nnc/Runtime/nnc.h"

namespace nncrun {

/// One input or output.
struct ValueInfo {
  std::string name;
  nncio::ElementType type = nncio::ElementType::Undefined;
  /// -1 where the dimension is not fixed.
  std::vector<int64_t> dims;
  /// The symbolic name of each dimension, empty where it has none.
  std::vector<std::string> dimNames;
  /// A sequence of such tensors; with `anyRank` of whatever rank.
  bool isSequence = false;
  bool anyRank = false;
  bool isOptional = false; ///< May be absent.

  /// For people: "x: f32[1,3,height,?]".
  std::string text() const;
};

/// One entry point.
struct Signature {
  std::string name;
  std::vector<ValueInfo> inputs;
  std::vector<ValueInfo> outputs;

  /// The number of an input or output; -1 if there is none of that name.
  int findInput(const std::string &name) const;
  int findOutput(const std::string &name) const;
};

/// "[1,3,?]"; -1 prints as '?'.
std::string shapeText(const std::vector<int64_t> &dims);

/// Why `inputs` do not fit: their number, types, ranks, dimensions, and that
/// dimensions of one symbolic name are equal. Empty if they fit.
std::string checkInputs(const Signature &signature,
                        const std::vector<nncio::Tensor> &inputs);

/// The same signature as the C interface gives it.
Signature convertSignature(const nnc_signature &signature);

} // namespace nncrun

#endif // NNC_RUNNER_SIGNATURE_H
