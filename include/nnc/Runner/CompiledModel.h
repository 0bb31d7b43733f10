//===----------------------------------------------------------------------===//
// A compiled model run through the C interface.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_RUNNER_COMPILEDMODEL_H
#define NNC_RUNNER_COMPILEDMODEL_H

#include "nnc/Runner/Executable.h"
#include "nnc/Runtime/nncrt.h"

namespace nncrun {

/// Inputs as the C interface takes them. Moving keeps what points inside.
struct InputViews {
  std::vector<nnc_value> values;
  /// What values that are sequences point to.
  std::vector<std::vector<nnc_value>> elements;
  /// What values that are strings point to.
  std::vector<nncio::Tensor> packed;
};

/// The tensors as the C interface takes them. What is not aligned to its
/// elements is copied first: `inputs` is changed and must live as long.
nncio::Result<InputViews> viewInputs(Tensors &inputs);

class CompiledModel : public Executable {
public:
  /// Opens a shared library: of its variants the one for the target `variant`,
  /// or without a name the first that this machine runs. Weights that are in a
  /// file of their own come from `weightsPath`, or without one from beside it.
  static nncio::Result<std::shared_ptr<CompiledModel>>
  open(const std::string &path, int threads, const std::string &variant = "",
       const std::string &weightsPath = "");
  /// On tables in this process, which `owner` keeps alive.
  static nncio::Result<std::shared_ptr<CompiledModel>>
  wrap(const nncrt_model *tables, std::shared_ptr<void> owner, int threads);

  ~CompiledModel() override;

  const Signature &signature() const override { return description; }
  nncio::Result<Tensors> run(const Tensors &inputs) override;
  void setProfile(std::vector<KernelEvent> *events) override;
  int64_t workspaceBytes() const override;
  nnc_context *getContext() { return context; }
  /// {"version": 1, "target": …, "signature": …}: what the chosen variant is
  /// compiled for, and the C interface's JSON.
  std::string infoText() const;

private:
  CompiledModel() = default;
  static nncio::Result<std::shared_ptr<CompiledModel>>
  create(nnc_model *model, std::shared_ptr<void> owner, int threads);

  std::shared_ptr<void> keep;
  nnc_model *model = nullptr;
  nnc_context *context = nullptr;
  Signature description;
};

} // namespace nncrun

#endif // NNC_RUNNER_COMPILEDMODEL_H
