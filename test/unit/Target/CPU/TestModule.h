//===----------------------------------------------------------------------===//
// A lowered module by hand, and helpers of the tests of the CPU target:
//
//   entry 0 "main"  z[5] = x[5] + y[5] + w[5], w a weight
//   entry 1 "exp"   e[n] = exp(x[n]), with expf of libm
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_TEST_UNIT_TARGET_CPU_TESTMODULE_H
#define NNC_TEST_UNIT_TARGET_CPU_TESTMODULE_H

#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "nnc/Target/CPU/Artifact.h"
#include "nnc/Target/CPU/TargetOptions.h"

#include <gtest/gtest.h>

#include <string>

namespace nnctest {

/// The module as text; `weights` and `weightsBytes` replace those of the
/// attribute.
std::string moduleText(const std::string &weights, int64_t weightsBytes);
std::string moduleText();

/// The module with every `from` in it replaced; there must be one.
std::string moduleTextWith(const std::string &from, const std::string &to);

/// A context with the dialects, and a module parsed in it.
class TestModule {
public:
  explicit TestModule(const std::string &text = moduleText());

  mlir::ModuleOp operator*() { return *module; }
  mlir::nnc::ArtifactInfo info();

private:
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

/// The target with the archive of this build.
mlir::nnc::TargetOptions target(llvm::StringRef name = "host");

/// A new folder, removed with all in it.
class Folder {
public:
  Folder();
  ~Folder();
  Folder(const Folder &) = delete;
  Folder &operator=(const Folder &) = delete;

  std::string file(const std::string &name) const { return path + "/" + name; }
  std::vector<std::string> list() const;
  const std::string path;
};

std::string readFile(const std::string &path);

/// Expects both entries of a model to compute what they should; takes any
/// model that the C interface gives.
void expectGoodResults(const nnc_model *model, int32_t threads);

/// The message of an error, "" for success.
std::string messageOf(llvm::Error error);
template <typename T>
std::string messageOf(llvm::Expected<T> value) {
  return messageOf(value.takeError());
}

} // namespace nnctest

#endif // NNC_TEST_UNIT_TARGET_CPU_TESTMODULE_H
