//===----------------------------------------------------------------------===//
// What sub-commands share: the table of them, models, executables.
//
// Part of nnc, under the Apache License v2.0 with LLVM Exceptions.
//===----------------------------------------------------------------------===//
#ifndef NNC_LIB_DRIVER_COMMANDS_H
#define NNC_LIB_DRIVER_COMMANDS_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "nnc/Import/ONNX/Importer.h"
#include "nnc/Runner/CommandLine.h"
#include "nnc/Runner/Executable.h"

namespace mlir::nnc::driver {

using nncrun::Arguments;
using nncrun::CommandSpec;
using nncrun::reportError;

/// One sub-command, in a file of its own.
struct Command {
  const CommandSpec *spec;
  int (*run)(const Arguments &arguments);
};
Command getBenchCommand();
Command getCheckCommand();
Command getCalibrateCommand();
Command getCalibrateTargetCommand();
Command getCompareCommand();
Command getCompileCommand();
Command getCompletionCommand();
Command getCostCommand();
Command getEvalCommand();
Command getImportCommand();
Command getReportCommand();
Command getRunCommand();
Command getSensitivityCommand();
Command getSolveCommand();
Command getTestCommand();

/// All sub-commands, by name.
std::vector<Command> listCommands();

/// The program's version with that of LLVM.
std::string versionText();

/// Writes a file, whole or not at all; "-" is stdout. The exit code: 0, or 3
/// after a message.
int writeText(const std::string &path, const std::string &text);

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

enum class ModelKind { ONNX, MLIR, Library };

struct ModelPath {
  std::string path;
  ModelKind kind = ModelKind::ONNX;
  /// The folder with test_data_set_N; empty if the model is no folder.
  std::string folder;
};

/// Tells the form of a model by its path. Fails if there is nothing there.
nncio::Result<ModelPath> findModel(const std::string &path);

/// A context with all dialects, whose diagnostics go to stderr, or are kept, as
/// "error: node 'conv1' (Conv): ...".
class Session {
public:
  /// With `quiet`, messages are kept and not printed.
  explicit Session(bool quiet = false, bool threads = true);

  /// Reads a model that is not compiled. Null after errors.
  OwningOpRef<ModuleOp> load(const ModelPath &model,
                             const ImportOptions &options);

  MLIRContext &getContext() { return context; }
  /// What was reported as errors so far, without "error: ".
  ArrayRef<std::string> getErrors() const { return errors; }

private:
  MLIRContext context;
  bool quiet;
  std::vector<std::string> errors;
};

/// The options --dim and --shape, which several commands take.
extern const nncrun::OptionSpec dimOption;
extern const nncrun::OptionSpec shapeOption;

/// Reads them. Returns an exit code, after reporting what is wrong.
int readImportOptions(const Arguments &arguments, ImportOptions &options);

/// Names in `options` that `module` does not have are wrong usage.
int checkImportOptions(ModuleOp module, const ImportOptions &options);

/// findModel, readImportOptions, load and checkImportOptions in one. Returns an
/// exit code; refuses compiled libraries.
int loadModule(Session &session, const std::string &path,
               const Arguments &arguments, OwningOpRef<ModuleOp> &module);

/// loadModule of the first operand, for commands that need the ops of the
/// graph: exit code 2 for the schedule or code of a model.
int loadGraphModel(Session &session, const Arguments &arguments,
                   llvm::StringRef command, OwningOpRef<ModuleOp> &module);

//===----------------------------------------------------------------------===//
// Executables
//===----------------------------------------------------------------------===//

/// The entry point of `module`, run by the reference interpreter. The module
/// must live as long.
nncio::Result<std::shared_ptr<nncrun::Executable>>
makeReferenceExecutable(ModuleOp module);

/// Any MODEL as something that runs, with what it needs to live.
struct OpenedModel {
  std::unique_ptr<Session> session;
  OwningOpRef<ModuleOp> module;
  std::shared_ptr<nncrun::Executable> executable;
  ModelPath path;
};

/// Opens a library, or imports a model and gives it to the interpreter
/// (--reference) or compiles it in memory. Returns an exit code.
int openModel(const std::string &path, const Arguments &arguments,
              OpenedModel &opened);

} // namespace mlir::nnc::driver

#endif // NNC_LIB_DRIVER_COMMANDS_H
