//===----------------------------------------------------------------------===//
// From a model to machine code: what compile, run and test share.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DRIVER_COMPILE_H
#define NNC_LIB_DRIVER_COMPILE_H

#include "Commands.h"
#include "nnc/Pipelines/Compiler.h"
#include "nnc/Target/CPU/Artifact.h"
#include "nnc/Target/CPU/TargetOptions.h"

namespace mlir::nnc::driver {

/// What to compile for, and how.
struct CompileRequest {
  TargetOptions target;
  CompilerOptions compiler;
  /// Changes a module at the end of the graph phase, which cleans up after it;
  /// returns an exit code. May be empty.
  std::function<int(ModuleOp)> compress;
  /// Milliseconds of each phase so far, by name.
  std::vector<std::pair<std::string, double>> times;
};

/// Options of every command that compiles: --target and -O.
const std::vector<nncrun::OptionSpec> &targetOptions();

/// Reads --target and -O; what `arguments` lacks is the host and 3. Returns an
/// exit code.
int readCompileRequest(const Arguments &arguments, CompileRequest &request);

/// The same for each target of a list by comma, the most demanding first. Wrong
/// usage: a target twice, or targets of several architectures.
int readCompileRequests(const Arguments &arguments,
                        std::vector<CompileRequest> &requests);

/// Runs the phases that are left up to and with `to`, from whatever phase the
/// module is in. Returns an exit code; failures have been reported.
int lowerModule(ModuleOp module, Phase to, CompileRequest &request);

/// Lowers `module` as far as memory is decided, and not to code, and reads what
/// the artifact would say. Returns an exit code.
int predictArtifact(ModuleOp module, CompileRequest &request,
                    ArtifactInfo &info);

/// Lowers `module` and loads it into this process.
nncio::Result<std::shared_ptr<nncrun::Executable>>
makeCompiledExecutable(ModuleOp module, CompileRequest &request, int threads);

/// Lowers `module`, writes a shared library to `path` and opens it.
nncio::Result<std::shared_ptr<nncrun::Executable>>
makeLibraryExecutable(ModuleOp module, CompileRequest &request,
                      const std::string &path, int threads);

/// A module's text with the locations that later phases report.
std::string printModule(ModuleOp module);

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_COMPILE_H
