//===----------------------------------------------------------------------===//
// A compiled model in the memory of this process.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TARGET_CPU_JITMODEL_H
#define NNC_TARGET_CPU_JITMODEL_H

#include "nnc/Target/CPU/Artifact.h"
#include "nnc/Target/CPU/TargetOptions.h"

#include <memory>

namespace mlir::nnc {

/// Owns code, tables and weights; its runtime is the one that this program
/// links. Contexts on the model must be destroyed before it is.
class JITModel {
public:
  /// Compiles a lowered module (LLVM dialect and `nn.artifact`) and loads it.
  /// Fails for a target that this machine is not.
  static llvm::Expected<std::unique_ptr<JITModel>>
  create(ModuleOp module, const TargetOptions &options);

  ~JITModel();
  JITModel(const JITModel &) = delete;
  JITModel &operator=(const JITModel &) = delete;

  /// The root of the tables: for nncrt_context_create, or nncrt_model_wrap.
  const nncrt_model *tables() const;

  /// Bytes of the object file of the code, without weights.
  uint64_t codeBytes() const;

private:
  struct State;
  explicit JITModel(std::unique_ptr<State> state);

  std::unique_ptr<State> state;
};

} // namespace mlir::nnc

#endif // NNC_TARGET_CPU_JITMODEL_H
