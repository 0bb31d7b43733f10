//===----------------------------------------------------------------------===//
// Random models that are valid, with inputs to run them on, made from a seed.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_SMITH_GENERATOR_H
#define NNC_SMITH_GENERATOR_H

#include "nnc/DataIO/FileBytes.h"
#include "nnc/Smith/Engine.h"

namespace nncsmith {

struct SmithModel {
  onnx::ModelProto proto;
  Tensors inputs;
};

struct GeneratorOptions {
  /// Steps that a model has at most; each adds an operator or a part of a
  /// network.
  int64_t maxSteps = 8;
};

/// The model of `seed`; the same on every machine.
SmithModel generate(uint64_t seed, const GeneratorOptions &options = {});

/// Changes a few fields of a model so that it may mean anything, or nothing.
void mutate(onnx::ModelProto &model, Random &random);

/// Writes a folder in the form of `nnc test`, without outputs.
nncio::Status saveModel(const SmithModel &model, const std::string &folder);

/// Reads what saveModel writes.
nncio::Result<SmithModel> loadModel(const std::string &folder);

/// The model with the sizes of its inputs in place of free dimensions.
onnx::ModelProto makeStatic(const SmithModel &model);

} // namespace nncsmith

#endif // NNC_SMITH_GENERATOR_H
